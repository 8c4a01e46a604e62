"""``backup``, ``restore`` and ``check``: the database as a whole."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from analytics import store
from analytics.commands import common
from analytics.i18n import gettext as _


def register(subparsers: Any) -> None:
    """Add the three commands."""
    for name, run, text in (
        ("backup", run_backup, _("备份到一个新文件，导入进行中也可以")),
        ("restore", run_restore, _("用备份文件恢复，现有数据会被替换")),
    ):
        parser = subparsers.add_parser(name, help=text)
        parser.add_argument("file", type=Path, metavar="FILE", help=_("备份文件"))
        parser.set_defaults(run=run)
    check = subparsers.add_parser("check", help=_("检查数据库是否完好、每次导入是否完整"))
    check.set_defaults(run=run_check)


def run_backup(args: argparse.Namespace) -> int:
    """Write a backup; exits 0, or 2 when it could not be written."""
    store.backup(store.connect(args.db), args.file)
    return _done(args, _("已备份到 {file}。").format(file=args.file))


def run_restore(args: argparse.Namespace) -> int:
    """Restore a backup; exits 0, or 2 with the database as it was."""
    store.restore(store.connect(args.db), args.file)
    return _done(args, _("已恢复到 {file} 备份时的状态。").format(file=args.file))


def run_check(args: argparse.Namespace) -> int:
    """Exit 0 when the database is sound, else 1 with every problem named."""
    found = store.check(store.connect(args.db))
    if args.json:
        common.print_json(
            {
                "ok": not found.problems,
                "problems": found.problems,
                "rows": found.rows,
                "last_batch": found.last_batch,
            }
        )
    elif found.problems:
        print("\n".join(found.problems), file=sys.stderr)
    else:
        print(
            _(
                "数据库完好。诉求 {petitions} 件，逐件投诉 {complaints} 条、月度投诉 {complaint_months} 条。"
            ).format(**found.rows)
        )
        print(
            _("最近一次有效的导入是第 {batch} 批，完整。").format(batch=found.last_batch)
            if found.last_batch
            else _("没有有效的导入。")
        )
    return 1 if found.problems else 0


def _done(args: argparse.Namespace, message: str) -> int:
    if args.json:
        common.print_json({"file": str(args.file), "message": message})
    else:
        print(message)
    return 0
