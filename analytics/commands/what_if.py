"""``what-if``: base, scenario and difference for a scope, and the petitions that make it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from analytics import store, whatif
from analytics.commands import common, kept_scenarios
from analytics.commands.evaluated import evaluation
from analytics.commands.review import add_scope_options, open_dataset, scope_of
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import what_if_text
from analytics.scope import Scope

_ABOUT = mark(
    """如果……会怎样：在同一范围内，现状、情景和两者之差，以及是哪些诉求造成的差别。

次序：先按范围取诉求（颜色按现状），再剔除、改时限、合并、补到位。补到位：按时件数 = max(现有, ⌈目标率 × 到期件数⌉)，
从不降低；平均 = 范围内合计的按时率，最好 = 范围内到期至少 {n} 件的其他院落中最高的；只补四个时钟，其他指标不随之变（回访率至少等于按时回访的）。"""
)
_JSON = mark(
    """--json 的内容：
  base        现状，与 review --json 相同
  scenario    情景，形状相同；补到位后无法确定的（涉及的月份、中位数）为 null；evaluation 是补到位以前的
  difference  情景减现状，键与 review 相同（evaluation 不求差）：件数之差；rate 是小数之差，旁边的 points 是百分点；任一方未知则为 null。
              months、courtyards 按月份、院落对齐，一方没有的件数按 0；complaints.months 一方没有则为 null
  moved       [{"case_id","place","change","clock","before","after"}]，change：left_out 不计入，state 时钟状态改变，
              colour 颜色改变，resolution 是否按期办结改变，feedback 应反馈次数改变（及时/未及时），candidate 补到位的候选
  asked       假设本身，address 是放进网址的写法
  lifts       [{"place","goal","clock","rate","example","met","due","more"}]，more = 要再有几件按时
  merged      [{"place","parts":[…],"whole":{…}}]，合并前后各率和 95 % 区间（<指标>_rate、_lower、_upper、_met、_due）
  notes       做不到或要注意的；存着的情景里数据已没有的排在最前
  saved       用 --save、--saved 时才有：{"name","asked","address","scope","note","who","at"}
--list 的内容：{"scenarios":[与 saved 相同，新的在前]}；--delete 的：{"deleted","message"}"""
)


def register(subparsers: Any) -> None:
    """Add the ``what-if`` command."""
    parser = subparsers.add_parser(
        "what-if",
        help=_("如果……会怎样：剔除、合并、改时限、补到位"),
        description=_(_ABOUT).format(n=whatif.COMPARABLE),
        epilog=_(_JSON),
    )
    add_scope_options(parser)
    for option, metavar, text in _OPTIONS:
        parser.add_argument(f"--{option}", action="append", default=[], metavar=_(metavar), help=_(text))
    kept_scenarios.add_options(parser)
    parser.set_defaults(run=run)


_OPTIONS = (
    ("leave-out", mark("什么:哪个"), mark(
        "剔除 courtyard:院落、category:类别、handler:接单主体、channel:渠道 或 colour:实际颜色；冒号后空着表示未填的；可重复"
    )),
    ("merge", mark("新名=甲,乙"), mark("把几个院落当作一个；可重复")),
    ("limit", mark("时钟=时限"), mark(
        "改时限：response、arrival、plan、follow_up 或 green、yellow、red，例如 response=PT10M、green=P5D；可重复"
    )),
    ("calendar", mark("时钟=日历"), mark("时钟改按口径文件里的工作日历计时，例如 plan=office；24h 表示全天；可重复")),
    ("lift", mark("院落=到哪里"), mark("把一个院落补到 target（目标）、average（范围平均）或 best（最好的可比院落）；可重复")),
)  # fmt: skip


def _whole(found: whatif.WhatIf, data: Dataset, scope: Scope) -> dict[str, Any]:
    """The answer with both sides as ``review --json`` has them; the scenario's evaluation is that before lifting."""
    answer = whatif.to_dict(found, data)
    ours = evaluation(data, scope)
    staged = found.stage
    theirs = ours if found.scenario.changes_nothing else evaluation(staged.data, staged.scope)
    sides = {"base": ours, "scenario": theirs}
    return answer | {side: {**answer[side], "evaluation": part} for side, part in sides.items()}


def run(args: argparse.Namespace) -> int:
    """Print the answer; exits 0 when it could be measured, 2 for what cannot be supposed."""
    if args.list:
        return kept_scenarios.show(args)
    if args.delete is not None:
        return kept_scenarios.delete(args)
    data = open_dataset(args)
    kept = store.scenario(store.connect(args.db), args.saved) if args.saved is not None else None
    try:
        scenario, scope, missing = _asked(args, data, kept)
        found = whatif.apply(data, scope, scenario)
    except whatif.ScenarioError as error:
        raise common.UsageError(str(error)) from error
    found = replace(found, notes=(*missing, *found.notes))
    if args.save is not None:
        kept = kept_scenarios.save(args, scenario, scope)
    if args.json:
        saved = {"saved": kept_scenarios.as_dict(kept)} if kept else {}
        common.print_json(_whole(found, data, scope) | saved)
    else:
        print(what_if_text.lines(found))
        if args.save is not None and kept:
            print(_("已存为情景「{name}」。").format(name=kept.name))
    return 0


def _asked(
    args: argparse.Namespace, data: Dataset, kept: store.SavedScenario | None
) -> tuple[whatif.Scenario, Scope, tuple[str, ...]]:
    """Scenario and scope of the options or of ``kept``, and what of it the data do not have."""
    scenario = whatif.parse(
        data.choices,
        leave_out=args.leave_out, merge=args.merge, limit=args.limit, calendar=args.calendar, lift=args.lift,
    )  # fmt: skip
    if kept is None:
        return scenario, scope_of(args, data), ()
    if not scenario.changes_nothing:
        raise common.UsageError(_("--saved 不能和其他假设一起用。"))
    return kept_scenarios.opened(kept, data, scope_of(args, data))
