"""``send``: the month's report or the supervision list by e-mail or to a WeCom group, where that is set up."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from analytics import sending, store, supervision
from analytics.commands import common
from analytics.commands.report import add_month_options, made_of, said_plainly
from analytics.commands.review import add_scope_options, open_dataset, scope_of
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import messages, wording
from analytics.report.files import MEDIA_TYPES, file_name, render
from analytics.report.footing import footing
from analytics.report.freezing import scope_key
from analytics.sending import letters, telling

_ABOUT: Final = mark(
    """默认关闭，只在设好以后、运行这个命令时才联网；设法见 docs/sending.md。已收到同一份的不会再收到。
退出码：0 都已发出；1 有没有发出的（照原样再运行一次，只补发这些）；2 没有开启，或用法、设置不对，什么也没发。"""
)


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "send", help=_("发送月报或督办（邮件、企业微信群）"), description=_(_ABOUT)
    )
    papers = parser.add_subparsers(title=_("发什么"), metavar=_("发什么"), dest="paper", required=True)
    report = papers.add_parser("report", help=_("一个月的报告，附文件"))
    add_month_options(report)
    report.add_argument("--format", choices=("docx", "pdf"), default="docx", help=_("文件格式"))
    report.add_argument("--public", action="store_true", help=_("公开版"))
    report.add_argument("--current", action="store_true", help=_("冻结过的月份也按现有记录重算"))
    report.add_argument(
        "--edits", type=Path, metavar="FILE.json", help=_("改写的文字：JSON 对象，编号 → 文字")
    )
    report.set_defaults(scenario=[], letter_of=_report)
    supervise = papers.add_parser("supervise", help=_("督办清单的消息文字，一天一次"))
    add_scope_options(supervise)
    supervise.set_defaults(letter_of=_supervision)
    for each in (report, supervise):
        each.add_argument("--again", action="store_true", help=_("发过的也再发"))
        each.add_argument("--dry-run", action="store_true", help=_("只说会发给谁，不联网"))
        each.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Send; exits 0 when everybody has it, 1 when somebody has not, 2 when nothing was tried."""
    with _said_plainly():
        settings = sending.read(os.environ)
        if not settings.is_on:
            raise common.UsageError(_("发送没有开启，什么也没有发。设法见 docs/sending.md。"))
        letter = args.letter_of(args)
        if letter is None:
            return _say(args, {"status": "nothing"}, [_("没有到期或超期的事项，没有要发的。")])
        outbox = sending.beside(store.connect(args.db))
        if args.dry_run:
            planned = sending.plan(letter, settings, outbox, again=args.again)
            return _say(args, {"status": "planned", **_described(letter)}, letters.preview(letter, planned))
        results = sending.deliver(letter, settings, outbox, now=common.now, wait=time.sleep, again=args.again)
    status = telling.status(results)
    facts = {"status": status, **_described(letter), "recipients": telling.as_list(results)}
    _say(args, facts, [telling.sentence(letter, results), *telling.details(results)])
    return 0 if status in ("sent", "already") else 1


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        with said_plainly():
            yield
    except sending.SendingError as error:
        raise common.UsageError(str(error)) from None


def _report(args: argparse.Namespace) -> sending.Letter:
    """The month's report as ``report`` writes it."""
    made, version, _listing = made_of(args)
    data = render(made, args.format, seal=footing(made, version))
    file = sending.File(file_name(made, version, args.format), data, MEDIA_TYPES[args.format])
    return letters.report(made, version, file)


def _supervision(args: argparse.Namespace) -> sending.Letter | None:
    """The message of the page 督办; None when there is nothing to do."""
    data = open_dataset(args)
    scope = scope_of(args, data)
    found = supervision.items(data, scope)
    if not len(found):
        return None
    title, _end, text = messages.group_text(found, data.as_of).partition("\n")
    key = f"supervise {data.as_of:%Y-%m-%d} {scope_key(scope)}"
    return sending.letter(key, title, f"{wording.scope(scope, data.as_of)}\n{text}")


def _described(letter: sending.Letter) -> dict[str, Any]:
    file = letter.file
    return {
        "title": letter.title,
        "file": file.name if file else None,
        "bytes": len(file.data) if file else None,
        "digest": letter.digest,
    }


def _say(args: argparse.Namespace, facts: dict[str, Any], lines: list[str]) -> int:
    if args.json:
        common.print_json({**facts, "message": " ".join(lines)})
    else:
        print("\n".join(lines))
    return 0
