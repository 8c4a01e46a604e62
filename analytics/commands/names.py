"""``names``: which names count as another one (丽晶公馆 → 丽晶公馆小区); add a rule, take one back."""

from __future__ import annotations

import argparse
from typing import Any, Final

from analytics import frame, store
from analytics.commands import common
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.store.renaming import AXES
from analytics.vocabulary import place_label

_AXES: Final = {"place": mark("院落"), "handler": mark("接单主体")}
#: Names listed in a complaint about an unknown one.
_SHOWN: Final = 20


def register(subparsers: Any) -> None:
    """Add the ``names`` command."""
    parser = subparsers.add_parser("names", help=_("合并规则：哪些写法算作同一个院落或接单主体"))
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(title=_("操作"))
    actions.add_parser("list", help=_("列出正在使用的规则")).set_defaults(run=run)
    add = actions.add_parser("add", help=_("从现在起 OLD 算作 NEW；记录本身不变，可以撤销"))
    remove = actions.add_parser("remove", help=_("撤销 OLD 的规则，恢复原来的名字"))
    for action, function in ((add, run_add), (remove, run_remove)):
        action.add_argument(
            "axis", choices=AXES, metavar="AXIS", help=_("place 院落（写作「社区/院落」）或 handler 接单主体")
        )
        action.add_argument("old", metavar="OLD", help=_("记录里的写法"))
        action.set_defaults(run=function)
    add.add_argument("new", metavar="NEW", help=_("算作哪个名字"))
    add.add_argument("--who", metavar="NAME", help=_("记在规则上的名字，默认当前登录的用户"))


def run(args: argparse.Namespace) -> int:
    """List the rules in force; exits 0."""
    rules = store.renamings(store.connect(args.db)).to_dict("records")
    if args.json:
        common.print_json({"rules": [{**rule, "at": common.iso(rule["at"])} for rule in rules]})
        return 0
    if not rules:
        print(_("没有合并规则。"))
    for rule in rules:
        told = _("{axis}：「{old}」算作「{new}」（{who}，{at:%Y-%m-%d %H:%M}）")
        print(told.format(**{**rule, "axis": _(_AXES[rule["axis"]])}))
    return 0


def run_add(args: argparse.Namespace) -> int:
    """Let a name count as another one; exits 0, or 2 when that cannot be."""
    engine = store.connect(args.db)
    known = _written(engine, args.axis)
    old, new = _found(args.axis, args.old, known), _meant(args.axis, args.new, known)
    store.rename(engine, args.axis, old, new, who=args.who or common.user(), now=common.now())
    return _done(args, old, new, _("「{old}」从现在起算作「{new}」。").format(old=old, new=new))


def run_remove(args: argparse.Namespace) -> int:
    """Take a rule back; exits 0, or 2 when there is none."""
    engine = store.connect(args.db)
    rules = store.renamings(engine)
    ruled = rules.loc[rules["axis"] == args.axis, "old"].tolist()
    old = next(iter(_hits(args.axis, args.old, ruled)), args.old)
    store.take_back(engine, args.axis, old)
    return _done(args, old, None, _("「{old}」恢复原来的名字。").format(old=old))


def _done(args: argparse.Namespace, old: str, new: str | None, message: str) -> int:
    if args.json:
        common.print_json({"axis": args.axis, "old": old, "new": new, "message": message})
    else:
        print(message)
    return 0


def _written(engine: store.Engine, axis: str) -> list[str]:
    """The names on an axis as the records have them: place keys 「社区/院落」, or handlers."""
    if axis == "handler":
        return store.petitions(engine, ["handler"])["handler"].dropna().unique().tolist()
    registry = store.courtyards(engine)
    tables = (
        registry,
        store.petitions(engine, ["community", "courtyard"]),
        store.complaints(engine),
        store.complaint_months(engine),
    )
    keys = {str(key) for table in tables if len(table) for key in frame.places(table, registry).unique()}
    return sorted(key for key in keys if key.strip("/"))


def _hits(axis: str, name: str, known: list[str]) -> list[str]:
    """The known names that ``name`` may stand for: a courtyard may be named without its community."""
    if name in known or axis == "handler":
        return [name] if name in known else []
    return [key for key in known if name in (key.rpartition("/")[2], place_label(key, True))]


def _found(axis: str, name: str, known: list[str]) -> str:
    hits = _hits(axis, name, known)
    if len(hits) == 1:
        return hits[0]
    wrong = _("有几个「{name}」，请写全：{known}。") if hits else _("数据里没有「{name}」，有的是：{known}。")
    listed = _("、").join((hits or known)[:_SHOWN]) or _("（空）")
    raise common.UsageError(wrong.format(name=name, known=listed))


def _meant(axis: str, name: str, known: list[str]) -> str:
    """What the other name shall count as: one that is known, or a new one written in full."""
    is_whole = axis == "handler" or "/" in name.strip("/")
    return name if is_whole and name.strip() and not _hits(axis, name, known) else _found(axis, name, known)
