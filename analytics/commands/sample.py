"""``sample``: synthetic records in the native layout, as many as asked for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from analytics.commands import common
from analytics.i18n import gettext as _
from sample_data import DEFAULT_SEED
from sample_data.large import Written, others_files, write_large


def register(subparsers: Any) -> None:
    """Add the ``sample`` command."""
    parser = subparsers.add_parser("sample", help=_("生成示例数据：诉求、投诉、院落、进度反馈四个 CSV 文件"))
    parser.add_argument(
        "--petitions", type=_count, required=True, metavar="N", help=_("诉求件数，正好这么多")
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help=_("写到哪个文件夹，没有就新建")
    )
    parser.add_argument(
        "--seed", type=_seed, default=DEFAULT_SEED, metavar="S", help=_("种子；种子相同，文件逐字节相同")
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the four files; exits 0, or 2 when the folder cannot take them."""
    try:
        if others := others_files(args.out):
            raise common.UsageError(
                _("{folder} 里的 {names} 不是示例文件，没有覆盖。请换一个文件夹。").format(
                    folder=args.out, names=_("、").join(others)
                )
            )
        written = write_large(args.out, args.petitions, args.seed)
    except OSError as error:
        raise common.UsageError(
            _("写不进文件夹 {folder}：{why}").format(folder=args.out, why=error.strerror)
        ) from error
    if args.json:
        common.print_json(_as_json(args, written))
    else:
        print(_sentence(args, written))
    return 0


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100_000_000:
        raise argparse.ArgumentTypeError(
            _("件数要写成 1 到 100000000 之间的整数，现在是「{text}」").format(text=text)
        )
    return int(text)


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(_("种子要写成 0 或正整数，现在是「{text}」").format(text=text))
    return int(text)


def _as_json(args: argparse.Namespace, written: Written) -> dict[str, Any]:
    return {
        "out": str(args.out),
        "seed": args.seed,
        "communities": written.communities,
        "rows": written.rows,
        "files": [f"{kind}.csv" for kind in written.rows],
    }


def _sentence(args: argparse.Namespace, written: Written) -> str:
    return _(
        "已写到 {folder}：诉求 {petitions} 件、投诉 {complaints} 件、院落 {courtyards} 个、进度反馈 {progress} 条（示例数据，人和事都是编的）。"
    ).format(folder=args.out, **written.rows)
