"""``freeze`` keeps a month as reported; ``restatements`` tells what has changed since."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from analytics import dataset, i18n, store, whatif
from analytics.commands import common
from analytics.commands.report import (
    add_month_options,
    add_scenario_option,
    edits_of,
    opened,
    said_plainly,
    texts_of,
)
from analytics.i18n import gettext as _
from analytics.report.freezing import freeze, policy_of, scope_key
from analytics.report.model import from_json
from analytics.report.restating import as_dict, lines, restate


def register(subparsers: Any) -> None:
    """Add the two commands."""
    parser = subparsers.add_parser("freeze", help=_("把一个月的数字和文字照报出的样子留存"))
    add_month_options(parser)
    parser.add_argument(
        "--edits", type=Path, metavar="FILE.json", help=_("改写的文字：JSON 对象，编号 → 文字")
    )
    add_scenario_option(parser)
    parser.add_argument("--again", action="store_true", help=_("冻结过的，按现有记录再留一版"))
    parser.add_argument("--who", metavar="NAME", help=_("记在历史里的名字，默认当前登录的用户"))
    parser.set_defaults(run=run_freeze)
    parser = subparsers.add_parser("restatements", help=_("冻结之后哪些数字变了，由哪些诉求引起"))
    add_month_options(parser)
    parser.add_argument("--version", type=int, metavar="N", help=_("与第几版相比，默认最后一版"))
    parser.set_defaults(run=run_restatements)


def run_freeze(args: argparse.Namespace) -> int:
    """Keep the month; exits 0, or 2 when it cannot be."""
    engine = store.connect(args.db)
    with said_plainly():
        seen = store.data_version(engine)
        data, scope = opened(engine, args)
        version = freeze(
            engine, data, args.month, scope, data_version=seen, texts=texts_of(engine), changes=edits_of(args.edits),
            scenarios=whatif.named(engine, args.scenario), who=args.who or common.user(), now=common.now(), again=args.again,
        )  # fmt: skip
    kept = store.frozen_month(engine, args.month, scope_key(scope), version)
    assert kept is not None
    fingerprint = from_json(kept.content).fingerprint
    message = _("已冻结 {month}，第 {n} 版，校验码 {fingerprint}。").format(
        month=args.month, n=version, fingerprint=fingerprint
    )
    if args.json:
        common.print_json(
            {
                "month": args.month, "version": version, "as_of": common.iso(kept.as_of), "sha256": kept.sha256,
                "fingerprint": fingerprint, "data_version": kept.data_version, "message": message,
            }
        )  # fmt: skip
    else:
        print(message)
    return 0


def run_restatements(args: argparse.Namespace) -> int:
    """Exits 0 when nothing has changed, 1 when something has, 2 when the month is not frozen."""
    engine = store.connect(args.db)
    with said_plainly():
        _data, scope = opened(engine, args)
        kept = store.frozen_month(engine, args.month, scope_key(scope), args.version)
        if kept is None:
            raise common.UsageError(_("{month} 在这个范围还没有冻结过这一版。").format(month=args.month))
        if kept.sample and store.sample_as_of(engine) is None:
            text = _("{month} 第 {n} 版是用示例数据冻结的，与真实记录没有可比之处。")
            raise common.UsageError(text.format(month=args.month, n=kept.version))
        # The comparison is word by word, in the language of what was printed.
        language = from_json(kept.content).language
        i18n.use(lambda: language)
        today = dataset.open(engine, kept.as_of, policy_of(kept.policy))
        found = restate(kept, today, texts=texts_of(engine))
    if args.json:
        common.print_json(as_dict(found))
    else:
        print("\n".join(lines(found)))
    return 0 if found.is_same else 1
