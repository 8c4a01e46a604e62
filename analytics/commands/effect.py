"""``effect``: did the launch work, who stands outside chance, and why a rate changed; for people or as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from analytics import change, comparison
from analytics.commands import common
from analytics.commands.evaluated import evaluation
from analytics.commands.review import add_scope_options, open_dataset, scope_of
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.policy import Policy
from analytics.present import sentences_courtyards, sentences_effect

_JSON = mark(
    """--json 的内容：
  effect      上线成效：verdict_code，launch（一次上线：plain、series、robustness），launches（各院落），
              pooled（先后上线的合并），peers（与未上线院落比），channels（两个渠道，从不相加），
              closing（办结快慢），events，support 与 doubts（支持与存疑，代码加数字）
  courtyards  院落对比：overall，limits，rows（rate、band_code、shrunken、trend）
  change      一个率比上月为什么变了：mix 与 performance 相加正好是 change"""
)


def register(subparsers: Any) -> None:
    """Add the ``effect`` command."""
    parser = subparsers.add_parser(
        "effect",
        help=_("上线成效的评估、院落对比、一个率为什么变了"),
        description=_(
            "上线有没有用、有多大把握；哪些院落不只是偶然；一个率比上月为什么变了。与看板的成效评估、院落两页相同。"
        ),
        epilog=_(_JSON),
    )
    add_scope_options(parser)
    parser.add_argument(
        "--measure", choices=comparison.CHOICES, default="response", help=_("院落按什么比，默认 response")
    )
    parser.add_argument("--adjusted", action="store_true", help=_("扣除来件难易（预期颜色、类别）的差别"))
    parser.add_argument(
        "--by", choices=change.AXES, default="place", help=_("变化分到 place、category、handler 或 channel")
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the three answers; always exits 0 when they could be measured."""
    data = open_dataset(args)
    scope = scope_of(args, data)
    found = evaluation(data, scope, measure=args.measure, adjusted=args.adjusted, by=args.by)
    if args.json:
        common.print_json(found)
    else:
        print("\n".join(_lines(found, data.policy)))
    return 0


def _lines(found: dict[str, Any], policy: Policy) -> Iterator[str]:
    effect = found["effect"]
    yield sentences_effect.verdict(effect)
    for heading, sentences in (
        (_("支持"), sentences_effect.evidence(effect["support"])),
        (_("存疑"), sentences_effect.evidence(effect["doubts"])),
        (_("不说明什么"), sentences_effect.says_not(effect)),
    ):
        if sentences:
            yield ""
            yield heading
            yield from (f"  - {sentence}" for sentence in sentences)
    yield ""
    yield sentences_courtyards.finding(found["courtyards"], policy)
    yield sentences_courtyards.change(found["change"], policy)
