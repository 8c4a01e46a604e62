"""``imports``: the import history; ``imports undo BATCH`` takes one import back."""

from __future__ import annotations

import argparse
from typing import Any, Final

from pandas import DataFrame

from analytics import store
from analytics.commands import common
from analytics.i18n import gettext as _
from analytics.i18n import mark

STATUS_LABELS: Final = {
    "accepted": mark("全部收下"),
    "partial": mark("部分收下"),
    "undone": mark("已撤销"),
    "replaced": mark("示例，已移出"),
}


def register(subparsers: Any) -> None:
    """Add the ``imports`` command."""
    parser = subparsers.add_parser("imports", help=_("导入历史；撤销一次导入"))
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(title=_("操作"))
    undo = actions.add_parser("undo", help=_("撤销一次导入，恢复到它之前"))
    undo.add_argument("batch", type=int, metavar="BATCH", help=_("批号"))
    undo.add_argument("--who", metavar="NAME", help=_("记在导入历史里的名字，默认当前登录的用户"))
    undo.set_defaults(run=run_undo)


def run(args: argparse.Namespace) -> int:
    """List the imports, newest first; exits 0."""
    found = store.imports(store.connect(args.db))
    if args.json:
        common.print_json({"imports": [_entry(row) for row in found.to_dict("records")]})
    else:
        _print(found)
    return 0


def run_undo(args: argparse.Namespace) -> int:
    """Take one import back; exits 0, or 2 when that cannot be."""
    engine = store.connect(args.db)
    store.undo(engine, args.batch, who=args.who or common.user(), now=common.now())
    message = _("已撤销第 {batch} 批导入，数据恢复到它之前。").format(batch=args.batch)
    if args.json:
        common.print_json({"undone": args.batch, "message": message})
    else:
        print(message)
    return 0


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    counts = ("inserted", "updated", "unchanged", "rejected")
    names = ("batch", "kind", "file", "sha256", "status", "encoding", "sheet", "layout", "who")
    return {
        **{name: common.or_none(row[name]) for name in names},
        "at": common.iso(row["at"]),
        "sample": row["sample"],
        "rows": {"read": row["rows_read"], **{name: row[name] for name in counts}},
        "undone_at": common.iso(row["undone_at"]),
        "undone_by": common.or_none(row["undone_by"]),
    }


def _print(found: DataFrame) -> None:
    if found.empty:
        print(_("还没有导入过数据。"))
    line = _(
        "第 {batch} 批 {at:%Y-%m-%d %H:%M} {who} {file}：新增 {inserted}，更新 {updated}，未变 {unchanged}，未收 {rejected}（{label}）"
    )
    for row in found.to_dict("records"):
        print(line.format(label=_(STATUS_LABELS[row["status"]]), **row))
