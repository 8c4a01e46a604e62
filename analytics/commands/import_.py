"""``import``: one file into the database, with every rejected row and its reason."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from analytics import intake, store
from analytics.commands import common
from analytics.i18n import gettext as _
from analytics.intake import layouts
from analytics.vocabulary import COLUMN_LABELS, PETITION_TIMES

if TYPE_CHECKING:
    from pandas import DataFrame

KINDS: Final = ("petitions", "complaints", "courtyards", "progress", "events")
EXIT_CODES: Final = {"accepted": 0, "partial": 1, "refused": 2}

#: Faults listed for people; ``--json`` and the import page give all.
_SHOWN: Final = 20


def register(subparsers: Any) -> None:
    """Add the ``import`` command."""
    parser = subparsers.add_parser(
        "import",
        help=_("导入一个文件"),
        epilog=_("退出码：0 全部收下；1 有行未收，其余已收；2 整个文件未收，什么也没有写入。"),
    )
    parser.add_argument(
        "kind", choices=KINDS, metavar="KIND", help=_("种类：{kinds}").format(kinds=", ".join(KINDS))
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=_("文件：CSV、Excel、WPS、ODS、网页表格等"))
    parser.add_argument("--sheet", metavar="S", help=_("工作表的名字，默认第一张有内容的"))
    parser.add_argument("--layout", metavar="NAME_OR_FILE", help=_("版式：已保存的名字，或 TOML 文件"))
    parser.add_argument("--dry-run", action="store_true", help=_("只试，不写入；--json 时列出收下的记录"))
    parser.add_argument("--who", metavar="NAME", help=_("记在导入历史里的名字，默认当前登录的用户"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import the file and tell what became of it; exits 0, 1 or 2 as the contract says."""
    try:
        report = _import(args)
    except (intake.IntakeRefused, store.StoreError) as refusal:
        report = _refused(args, str(refusal))
    if args.json:
        common.print_json(report)
    elif report["status"] == "refused":
        print(report["message"], file=sys.stderr)
    else:
        _print(report)
    return EXIT_CODES[report["status"]]


def _import(args: argparse.Namespace) -> dict[str, Any]:
    now = common.now()
    engine = store.connect(args.db)
    layout = _layout(engine, args.layout) if args.layout else None
    read = intake.read(args.file, _name(args.file), args.kind, now=now, sheet=args.sheet, layout=layout)
    saved = store.save(engine, read, who=args.who or common.user(), now=now, dry_run=args.dry_run)
    rejected = int(read.rejected["row"].nunique())
    rows = {
        "read": read.rows_read,
        "inserted": saved.inserted,
        "updated": saved.updated,
        "unchanged": saved.unchanged,
        "rejected": rejected,
    }
    told = _("试导入 {file}，没有写入") if args.dry_run else _("已导入 {file}（第 {batch} 批）")
    counted = _(
        "读到 {read} 行，新增 {inserted}，更新 {updated}，未变 {unchanged}，未收 {rejected}。"
    ).format(**rows)
    report = {
        "kind": args.kind,
        "file": _name(args.file),
        "status": "partial" if rejected else "accepted",
        "encoding": read.encoding,
        "layout": read.layout,
        "batch": saved.batch,
        "rows": rows,
        "rejected": _plain(read.rejected),
        "warnings": [
            {"code": w.code, "message": w.message, "rows": list(w.rows)}
            for w in (*read.warnings, *saved.warnings)
        ],
        "message": _("{told}：{counted}").format(
            told=told.format(file=_name(args.file), batch=saved.batch), counted=counted
        ),
    }
    return report | ({"records": records(read)} if args.dry_run else {})


def _refused(args: argparse.Namespace, message: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("read", "inserted", "updated", "unchanged", "rejected"), 0)
    return {
        "kind": args.kind,
        "file": _name(args.file),
        "status": "refused",
        "encoding": None,
        "layout": args.layout,
        "batch": None,
        "rows": nothing,
        "rejected": [],
        "warnings": [],
        "message": message,
    }


def _name(path: Path) -> str:
    """A file's name as text, also where it was written in another encoding than this computer's."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _layout(engine: store.Engine, name: str) -> layouts.Layout:
    """A file, one saved under that name, or one that comes with the program."""
    text = None if Path(name).is_file() else store.saved_layout(engine, name)
    return layouts.load(name) if text is None else layouts.parse(text, name)


def records(read: intake.Intake) -> list[dict[str, Any]]:
    """The accepted rows under canonical names, times as ISO 8601 with offset, dates as ISO dates.

    ``date_only`` lists the petition's times that have no time of day.
    """
    frame = read.records.copy()
    for name in frame.columns:
        if name == "launched_on":
            frame[name] = frame[name].dt.strftime("%Y-%m-%d")
        elif frame[name].dtype.kind == "M":
            frame[name] = frame[name].dt.strftime("%Y-%m-%dT%H:%M:%S+08:00")
    if "date_only" in frame.columns:
        frame["date_only"] = [
            [name for i, name in enumerate(PETITION_TIMES) if mask >> i & 1] for mask in frame["date_only"]
        ]
    return _plain(frame)


def _plain(frame: DataFrame) -> list[dict[str, Any]]:
    objects = frame.astype("object")
    return objects.where(objects.notna(), None).to_dict("records")


def _print(report: dict[str, Any]) -> None:
    print(report["message"])
    for fault in report["rejected"][:_SHOWN]:
        column = _(COLUMN_LABELS.get(fault["column"], fault["column"] or ""))
        print(
            "  "
            + _("第 {row} 行 {column}：{reason}").format(
                row=fault["row"], column=column, reason=fault["reason"]
            )
        )
    if (more := len(report["rejected"]) - _SHOWN) > 0:
        print("  " + _("还有 {n} 处，加 --json 可看全部。").format(n=more))
    for warning in report["warnings"]:
        print(_("提示：{message}").format(message=warning["message"]))
