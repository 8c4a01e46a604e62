"""``import``: one file into the database, with every rejected row and its reason."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from analytics import intake, store
from analytics.commands import common
from analytics.commands.progress import Line
from analytics.i18n import gettext as _
from analytics.intake import layouts, mapping
from analytics.intake.headings import label
from analytics.vocabulary import PETITION_TIMES

if TYPE_CHECKING:
    from pandas import DataFrame, Timestamp

    from analytics.intake.progress import Tell

KINDS: Final = ("petitions", "complaints", "courtyards", "progress", "events")
EXIT_CODES: Final = {"accepted": 0, "partial": 1, "refused": 2}
INTERRUPTED: Final = 130

#: Faults listed for people; ``--json`` and the import page give all.
_SHOWN: Final = 20


def register(subparsers: Any) -> None:
    """Add the ``import`` command."""
    parser = subparsers.add_parser(
        "import",
        help=_("导入一个文件，或另一个数据库的表或查询"),
        epilog=_(
            "退出码：0 全部收下；1 有行未收，其余已收；2 整个文件未收，什么也没有写入；130 被中断（Ctrl-C），没有写入。"
        ),
    )
    parser.add_argument(
        "kind", choices=KINDS, metavar="KIND", help=_("种类：{kinds}").format(kinds=", ".join(KINDS))
    )
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        metavar="FILE",
        help=_("文件：CSV、Excel、WPS、ODS、网页表格、Open311 等"),
    )
    parser.add_argument("--from-db", metavar="URL", help=_("不读文件，读这个数据库（只读）"))
    parser.add_argument("--table", metavar="NAME", help=_("数据库里的表，可写成 模式.表"))
    parser.add_argument("--query", metavar="SQL", help=_("数据库里的查询（SELECT）"))
    parser.add_argument("--watermark", metavar="COLUMN", help=_("增量列，例如更新时间：下次只读上次以后的行"))
    parser.add_argument("--sheet", metavar="S", help=_("工作表的名字，默认第一张有内容的"))
    parser.add_argument("--layout", metavar="NAME_OR_FILE", help=_("版式：已保存的名字，或 TOML 文件"))
    parser.add_argument("--dry-run", action="store_true", help=_("只试，不写入；--json 时列出收下的记录"))
    parser.add_argument("--who", metavar="NAME", help=_("记在导入历史里的名字，默认当前登录的用户"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import the file and tell what became of it; exits 0, 1 or 2 as the contract says."""
    _refuse_wrong_use(args)
    now, line = common.now(), Line()
    try:
        report = _import(args, now, line)
    except KeyboardInterrupt:
        line.end()
        print(_interrupted(args, now), file=sys.stderr)
        return INTERRUPTED
    except (intake.IntakeRefused, store.StoreError) as refusal:
        report = _refused(args, str(refusal))
    finally:
        line.end()
    if args.json:
        common.print_json(report)
    elif report["status"] == "refused":
        print(report["message"], file=sys.stderr)
    else:
        _print(report)
    return EXIT_CODES[report["status"]]


def _import(args: argparse.Namespace, now: Timestamp, tell: Tell) -> dict[str, Any]:
    engine = store.connect(args.db)
    read, watermark = (_read_database if args.from_db else _read_file)(engine, args, now, tell)
    saved = store.save(
        engine,
        read,
        who=args.who or common.user(),
        now=now,
        dry_run=args.dry_run,
        watermark=watermark,
        tell=tell,
    )
    rejected = int(read.rejected["row"].nunique())
    rows = {
        "read": read.rows_read,
        "inserted": saved.inserted,
        "updated": saved.updated,
        "unchanged": saved.unchanged,
        "rejected": rejected,
    }
    told = _("已导入 {file}（第 {batch} 批）")
    if saved.batch is None:
        told = _("试导入 {file}，没有写入") if args.dry_run else _("{file} 里没有一行数据，没有写入")
    counted = _(
        "读到 {read} 行，新增 {inserted}，更新 {updated}，未变 {unchanged}，未收 {rejected}。"
    ).format(**rows)
    report = {
        "kind": args.kind,
        "file": read.file,
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
            told=told.format(file=read.file, batch=saved.batch), counted=counted
        ),
    }
    return report | ({"records": records(read)} if args.dry_run else {})


def _refuse_wrong_use(args: argparse.Namespace) -> None:
    if bool(args.file) == bool(args.from_db):
        raise common.UsageError(_("请给出一个文件，或者用 --from-db 给出数据库，二者取一。"))
    if args.from_db and bool(args.table) == bool(args.query):
        raise common.UsageError(_("用 --from-db 时，请用 --table 或 --query 说明读什么，二者取一。"))
    if not args.from_db and (args.table or args.query or args.watermark):
        raise common.UsageError(_("--table、--query、--watermark 只和 --from-db 一起用。"))
    if args.watermark and args.kind == "events":
        raise common.UsageError(_("流转记录不能增量导入：只有后来的环节，合不成完整的诉求。"))
    if args.from_db and args.sheet:
        raise common.UsageError(_("数据库没有工作表，请不要用 --sheet。"))


def _read_file(
    engine: store.Engine, args: argparse.Namespace, now: Timestamp, tell: Tell
) -> tuple[intake.Intake, store.Watermark | None]:
    name = _name(args.file)
    table = intake.read_tables(args.file, name, args.sheet, tell)
    layout = _layout(engine, args, table)
    sha256 = intake.file_hash(args.file)
    read = intake.read_table(table, name, args.kind, now=now, sha256=sha256, layout=layout, tell=tell)
    return read, None


def _read_database(
    engine: store.Engine, args: argparse.Namespace, now: Timestamp, tell: Tell
) -> tuple[intake.Intake, store.Watermark | None]:
    """The rows of another database; with a watermark those since the last import, and how far it goes now."""
    from analytics.intake.database import Origin, read_database

    origin = Origin(args.from_db, args.table, args.query, args.watermark)
    since = store.watermark(engine, origin.fingerprint) if args.watermark else None
    found = read_database(origin, since)
    read = intake.read_table(
        found.table,
        origin.name,
        args.kind,
        now=now,
        sha256=found.sha256,
        layout=_layout(engine, args, found.table),
        tell=tell,
    )
    reached = found.progress(read.rejected, since) if args.watermark else None
    return read, None if reached is None else store.Watermark(origin.fingerprint, reached)


def _refused(args: argparse.Namespace, message: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("read", "inserted", "updated", "unchanged", "rejected"), 0)
    return {
        "kind": args.kind,
        "file": _name(args.file) if args.file else "",
        "status": "refused",
        "encoding": None,
        "layout": args.layout,
        "batch": None,
        "rows": nothing,
        "rejected": [],
        "warnings": [],
        "message": message,
    }


def _interrupted(args: argparse.Namespace, now: Timestamp) -> str:
    """What an interrupt has come to: it may fall behind the commit."""
    found = store.imports(store.connect(args.db))
    mine = found[(found["at"] == now) & (found["file"] == (_name(args.file) if args.file else found["file"]))]
    if mine.empty:
        return _("已中断，没有写入任何内容，数据库和导入前一样。")
    return _("中断时已经写完：第 {batch} 批在库里，可用 imports undo {batch} 撤销。").format(
        batch=mine["batch"].iloc[0]
    )


def _name(path: Path) -> str:
    """A file's name as text, also where it was written in another encoding than this computer's."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _layout(engine: store.Engine, args: argparse.Namespace, table: intake.RawTable) -> layouts.Layout | None:
    """The layout asked for, else a saved one that knows the headings, as on the import page."""
    if args.layout:
        return _named(engine, args.layout)
    saved = store.saved_layouts(engine)
    mine = saved[saved["kind"] == args.kind]
    return mapping.recognise(
        table, [layouts.parse(text, name) for name, text in zip(mine["name"], mine["text"], strict=True)]
    )


def _named(engine: store.Engine, name: str) -> layouts.Layout:
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
        column = label(fault["column"]) if fault["column"] else ""
        told = _("第 {row} 行 {column}：{reason}") if column else _("第 {row} 行：{reason}")
        print("  " + told.format(row=fault["row"], column=column, reason=fault["reason"]))
    if (more := len(report["rejected"]) - _SHOWN) > 0:
        print("  " + _("还有 {n} 处，加 --json 可看全部。").format(n=more))
    for warning in report["warnings"]:
        print(_("提示：{message}").format(message=warning["message"]))
