"""``events``: what happened in the programme beside the launch; ``events add`` and ``events remove`` keep the list."""

from __future__ import annotations

import argparse
from typing import Any

from analytics import dataset, policy, store
from analytics.commands import common
from analytics.commands.review import find_places
from analytics.i18n import gettext as _
from analytics.present.tables_effect import kind, where
from analytics.programme import KIND_LABELS


def register(subparsers: Any) -> None:
    """Add the ``events`` command."""
    parser = subparsers.add_parser(
        "events",
        help=_("同期事件：列出、登记、删除"),
        description=_("上线、合院、改造、高温、换人等事件，画在每一张走势图上，也是上线成效的其他可能原因。"),
    )
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(title=_("操作"))
    add = actions.add_parser("add", help=_("登记一件事"))
    add.add_argument("label", metavar="LABEL", help=_("什么事，例如「1、2号院合院」"))
    add.add_argument("--on", required=True, metavar="DATE", help=_("哪一天，例如 2024-03-05"))
    add.add_argument("--kind", choices=tuple(KIND_LABELS), default="other", help=_("类型，默认 other"))
    place = add.add_mutually_exclusive_group()
    place.add_argument("--community", metavar="NAME", help=_("整个社区；不写地点就是所有地方"))
    place.add_argument("--courtyard", metavar="NAME", help=_("院落名，或「社区/院落」"))
    add.add_argument("--note", metavar="TEXT", default="", help=_("备注"))
    add.set_defaults(run=run_add)
    remove = actions.add_parser("remove", help=_("删除登记错的事件"))
    remove.add_argument("event", type=int, metavar="EVENT", help=_("事件编号"))
    remove.set_defaults(run=run_remove)


def run(args: argparse.Namespace) -> int:
    """List the events by date; exits 0."""
    found = store.events(store.connect(args.db)).to_dict("records")
    if args.json:
        common.print_json({"events": [_entry(row) for row in found]})
    else:
        print("\n".join(map(_line, found)) or _("还没有登记事件。"))
    return 0


def run_add(args: argparse.Namespace) -> int:
    """Record one event; exits 0, or 2 when it has no name or no such place is known."""
    label = args.label.strip()
    if not label:
        raise common.UsageError(_("请写明是什么事、在哪一天。"))
    engine = store.connect(args.db)
    community, courtyard = _place(args, engine)
    on = common.moment(args.on).normalize()
    number = store.add_event(
        engine, label=label, kind=args.kind, on=on, community=community, courtyard=courtyard, note=args.note
    )
    _say({"event": number}, _("已登记「{label}」，编号 {event}。").format(label=label, event=number), args)
    return 0


def run_remove(args: argparse.Namespace) -> int:
    """Delete one event; exits 0, or 2 when there is none of that number."""
    store.remove_event(store.connect(args.db), args.event)
    _say({"removed": args.event}, _("已删除编号 {event} 的事件。").format(event=args.event), args)
    return 0


def _place(args: argparse.Namespace, engine: Any) -> tuple[str, str]:
    """Community and courtyard; both blank: everywhere. An unknown or ambiguous name is wrong use."""
    if not args.community and not args.courtyard:
        return "", ""
    choices = dataset.open(engine, common.now(), policy.load()).choices
    if args.community:
        keys = [f"{args.community}/"] if args.community in choices["communities"] else []
        known = choices["communities"]
    else:
        keys, known = find_places(args.courtyard, choices["places"]), choices["places"]
    if len(keys) != 1:
        text = _("「{name}」对应 {n} 个地方，有的是：{known}。")
        name = args.community or args.courtyard
        raise common.UsageError(
            text.format(name=name, n=len(keys), known=_("、").join((keys or known)[:20]) or _("（空）"))
        )
    community, _slash, courtyard = keys[0].partition("/")
    return community, courtyard


def _line(row: dict[str, Any]) -> str:
    place = f"{row['community']}/{row['courtyard']}" if row["community"] or row["courtyard"] else ""
    parts = (
        str(row["event"]),
        f"{row['on']:%Y-%m-%d}",
        kind(row["kind"]),
        row["label"],
        where(place),
        row["note"],
    )
    return "  ".join(part for part in parts if part)


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "on": f"{row['on']:%Y-%m-%d}"}


def _say(result: dict[str, Any], message: str, args: argparse.Namespace) -> None:
    if args.json:
        common.print_json({**result, "message": message})
    else:
        print(message)
