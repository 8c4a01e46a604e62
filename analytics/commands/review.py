"""``review``: every indicator for a scope, for people or as JSON."""

from __future__ import annotations

import argparse
from typing import Any

from analytics import dataset, store
from analytics.commands import common
from analytics.commands.evaluated import evaluation
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import review_text
from analytics.review import review
from analytics.scope import Scope
from analytics.vocabulary import BLANK_COURTYARD, COLOUR_NAMES


def register(subparsers: Any) -> None:
    """Add the ``review`` command."""
    parser = subparsers.add_parser("review", help=_("按范围算出全部指标"))
    add_scope_options(parser)
    parser.set_defaults(run=run)


def add_scope_options(parser: argparse.ArgumentParser) -> None:
    """The options that choose petitions, a moment and a policy; shared by every command that measures."""
    parser.add_argument("--as-of", metavar="T", help=_("截至时间，默认现在；不带时区按北京时间"))
    parser.add_argument("--from", dest="first_month", metavar="YYYY-MM", help=_("起始月份"))
    parser.add_argument("--to", dest="last_month", metavar="YYYY-MM", help=_("结束月份"))
    for option, text in _REPEATABLE.items():
        parser.add_argument(f"--{option}", action="append", default=[], help=_(text))
    parser.add_argument(
        "--policy", metavar="FILE", help=_("口径文件（TOML），默认用环境变量 ANALYTICS_POLICY 指定的或自带的")
    )


_REPEATABLE = {
    "community": mark("社区，可重复"),
    "courtyard": mark("院落名，或「社区/院落」，可重复"),
    "category": mark("诉求类别，可重复"),
    "channel": mark("来源渠道，可重复"),
    "handler": mark("接单主体，可重复"),
    "colour": mark("实际颜色：绿、黄、红、灰，可重复"),
    "expected-colour": mark("预期颜色，可重复"),
}


def open_dataset(args: argparse.Namespace) -> dataset.Dataset:
    """The data that the options name, as of the moment they name."""
    as_of = common.moment(args.as_of)
    return dataset.open(store.connect(args.db), as_of, common.policy_in_force(args.policy))


def scope_of(args: argparse.Namespace, data: dataset.Dataset) -> Scope:
    """The scope that the options name; an unknown courtyard or value is wrong use."""
    choices = data.choices
    return Scope(
        communities=_known("community", args.community, choices["communities"]),
        courtyards=_places(args.courtyard, choices["places"]),
        first_month=args.first_month,
        last_month=args.last_month,
        categories=_known("category", args.category, choices["categories"]),
        channels=_known("channel", args.channel, choices["channels"]),
        handlers=_known("handler", args.handler, choices["handlers"]),
        colours=_colours(args.colour),
        expected_colours=_colours(args.expected_colour),
    )


def _known(option: str, wanted: list[str], choices: list[str]) -> tuple[str, ...]:
    for value in wanted:
        if value not in choices:
            raise common.UsageError(
                _("--{option}：数据里没有「{value}」，有的是：{known}。").format(
                    option=option, value=value, known=_("、").join(choices[:20]) or _("（空）")
                )
            )
    return tuple(dict.fromkeys(wanted))


def _places(wanted: list[str], keys: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in wanted:
        hits = find_places(name, keys)
        if not hits:
            _known("courtyard", [name], [_spellings(key)[-1] for key in keys])
        found |= dict.fromkeys(hits)
    return tuple(found)


def find_places(name: str, keys: list[str]) -> list[str]:
    """The places that a name may mean: 「院落」 (of several communities, perhaps), 「社区/院落」 or the key itself."""
    return [key for key in keys if name and name in _spellings(key)]


def _spellings(key: str) -> tuple[str, str, str]:
    """How a place may be named: 「院落」, the key itself, 「社区/院落」; a blank courtyard reads 「未填院落」."""
    community, _slash, courtyard = key.partition("/")
    name = courtyard or _(BLANK_COURTYARD)
    return name, key, f"{community}/{name}" if community else name


def _colours(wanted: list[str]) -> tuple[str, ...]:
    for value in wanted:
        if value.lower() not in COLOUR_NAMES:
            raise common.UsageError(_("没有「{value}」这种颜色。").format(value=value))
    return tuple(dict.fromkeys(COLOUR_NAMES[value.lower()] for value in wanted))


def run(args: argparse.Namespace) -> int:
    """Print the review; always exits 0 when it could be measured."""
    data = open_dataset(args)
    scope = scope_of(args, data)
    result = review(data, scope)
    if args.json:
        common.print_json({**result, "evaluation": evaluation(data, scope)})
    else:
        print(review_text.lines(result, data.policy))
    return 0
