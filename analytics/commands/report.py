"""``report``: one month as Word, Excel, PDF, slides or JSON; a frozen month as it was frozen."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from pandas import DataFrame

from analytics import dataset, i18n, store, whatif
from analytics.commands import common
from analytics.commands.review import scope_of
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.privacy import without_name
from analytics.report import Content, ContentError, apply, content, from_json, public_content
from analytics.report.files import FORMATS, render
from analytics.report.footing import footing
from analytics.report.freezing import policy_of, scope_key
from analytics.report.gathered import Texts
from analytics.scope import Scope, ScopeError

_ABOUT = mark(
    """一个月的情况通报。冻结过的月份照冻结时的内容出，逐字节相同；要按现有记录重算，加 --current（或指定 --as-of、--policy）。
--public 是张贴用的公开版：没有个人信息，不足 3 件的不单列，也不能由相减推出。"""
)
_REPEATABLE = {
    "community": mark("社区，可重复"),
    "courtyard": mark("院落名，或「社区/院落」，可重复"),
}


def register(subparsers: Any) -> None:
    """Add the ``report`` command."""
    parser = subparsers.add_parser(
        "report", help=_("一个月的报告：Word、Excel、PDF、幻灯片或 JSON"), description=_(_ABOUT)
    )
    add_month_options(parser)
    parser.add_argument("--format", choices=FORMATS, required=True, help=_("文件格式"))
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=_("写到哪个文件"))
    parser.add_argument(
        "--save-template", type=Path, metavar="FILE.docx", help=_("另存自带的 Word 模板，供修改")
    )
    parser.add_argument("--template", type=Path, metavar="FILE.docx", help=_("自己的 Word 模板"))
    parser.add_argument(
        "--edits", type=Path, metavar="FILE.json", help=_("改写的文字：JSON 对象，编号 → 文字")
    )
    parser.add_argument("--fonts", type=Path, metavar="DIR", help=_("PDF 先用这个文件夹里的字体"))
    add_scenario_option(parser)
    parser.add_argument("--public", action="store_true", help=_("公开版"))
    parser.add_argument("--current", action="store_true", help=_("冻结过的月份也按现有记录重算"))
    parser.set_defaults(run=run)


def add_month_options(parser: argparse.ArgumentParser) -> None:
    """The month, its scope, the moment and the policy; shared by all commands about a month."""
    parser.add_argument("month", metavar="YYYY-MM", help=_("月份"))
    parser.add_argument("--as-of", metavar="T", help=_("截至时间，默认现在；不带时区按北京时间"))
    for option, text in _REPEATABLE.items():
        parser.add_argument(f"--{option}", action="append", default=[], help=_(text))
    parser.add_argument(
        "--policy", metavar="FILE", help=_("口径文件（TOML），默认用环境变量 ANALYTICS_POLICY 指定的或自带的")
    )
    # A month's scope is places only; the rest of the shared scope stays open.
    unset: dict[str, Any] = dict.fromkeys(("category", "channel", "handler", "colour", "expected_colour"), ())
    parser.set_defaults(first_month=None, last_month=None, **unset)


def add_scenario_option(parser: argparse.ArgumentParser) -> None:
    """``--scenario NAME``, repeatable."""
    parser.add_argument(
        "--scenario", action="append", default=[], metavar="NAME",
        help=_("附上存着的情景推演（what-if --save），可重复"),
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Write the file; exits 0, or 2 with one line and no file."""
    with said_plainly():
        made, version, listing = made_of(args)
        template = args.template.read_bytes() if args.template else None
        seal = footing(made, version)
        data = render(made, args.format, seal=seal, petitions=listing, template=template, fonts=args.fonts)
        _write(args.out, data)
        if args.save_template:
            from analytics.report.word import starter

            _write(args.save_template, starter(made))
    message = _("已写到 {file}：{title}（{seal}）。").format(
        file=args.out, title=made.heading.title, seal=seal
    )
    if args.json:
        common.print_json(
            {
                "file": str(args.out), "format": args.format, "month": made.month, "edition": made.edition,
                "as_of": made.as_of, "frozen": version, "fingerprint": made.fingerprint, "bytes": len(data),
                "message": message,
            }
        )  # fmt: skip
    else:
        print(message)
    return 0


@contextmanager
def said_plainly() -> Iterator[None]:
    """What a report cannot do, and files that cannot be read or written, as wrong use in one line."""
    try:
        yield
    except (ContentError, ScopeError) as error:
        raise common.UsageError(str(error)) from error
    except OSError as error:
        raise common.UsageError(
            _("读写不了文件 {file}：{why}").format(file=error.filename, why=error.strerror)
        ) from error


Listing = Callable[[], DataFrame]


def made_of(args: argparse.Namespace) -> tuple[Content, int | None, Listing | None]:
    """The content as frozen, with its version, else as the records say now; and how to list its petitions.

    What was frozen from the sample data stands only while these are in the store.
    """
    engine = store.connect(args.db)
    changes = edits_of(args.edits)
    data, scope = opened(engine, args)
    month = replace(scope, first_month=args.month, last_month=args.month)
    sample = store.sample_as_of(engine) is not None
    if not (args.current or args.as_of or args.policy):
        kept = store.frozen_month(engine, args.month, scope_key(scope))
        if kept is not None and (sample or not kept.sample):
            if args.scenario:
                text = _("{month} 已冻结，不能再附情景。加 --current 按现有记录出一份未冻结的。")
                raise ContentError(text.format(month=args.month))
            return (
                _frozen(kept, args.public, changes),
                kept.version,
                lambda: _listed_then(engine, kept, month),
            )
    if args.public:
        if args.scenario:
            raise ContentError(_("公开版不附情景推演。"))
        return public_content(data, args.month, scope, changes=changes, sample=sample), None, None
    scenarios = whatif.named(engine, args.scenario)
    made = content(
        data, args.month, scope, texts=texts_of(engine), changes=changes, scenarios=scenarios, sample=sample,
    )  # fmt: skip
    return made, None, lambda: _listed(data, month)


def _listed(data: dataset.Dataset, month: Scope) -> DataFrame:
    from analytics.report.excel import listed

    return listed(data, month)


def _listed_then(engine: store.Engine, kept: store.FrozenMonth, month: Scope) -> DataFrame:
    """The petitions of a frozen month: today's records as of then; ``restatements`` tells what differs."""
    return _listed(dataset.open(engine, kept.as_of, policy_of(kept.policy)), month)


def _write(path: Path, data: bytes) -> None:
    """The whole file or none: a half-written report must not be sent."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _frozen(kept: store.FrozenMonth, public: bool, changes: dict[str, str]) -> Content:
    made = from_json(kept.public if public else kept.content)
    if changes and not public:
        raise ContentError(
            _("{month} 已冻结，文字不能再改。加 --current 按现有记录出一份未冻结的。").format(
                month=kept.month
            )
        )
    if made.language != i18n.language():
        text = _(
            "{month} 是用另一种语言冻结的（{language}）。请加 --lang {language}，或加 --current 按现有记录重算。"
        )
        raise ContentError(text.format(month=kept.month, language=made.language))
    return apply(made, changes)


def opened(engine: store.Engine, args: argparse.Namespace) -> tuple[dataset.Dataset, Scope]:
    """The records as of the moment that the options name, and the scope."""
    data = dataset.open(engine, common.moment(args.as_of), common.policy_in_force(args.policy))
    return data, scope_of(args, data)


def texts_of(engine: store.Engine) -> Texts:
    """Reads what residents wrote of some petitions, their own names masked."""

    def read(case_ids: Any) -> dict[str, str]:
        found = store.petition_texts(engine, case_ids, ["content", "resident"])
        return {
            str(case): without_name(text, name)
            for case, text, name in zip(found["case_id"], found["content"], found["resident"], strict=True)
            if isinstance(text, str)
        }

    return read


def edits_of(path: Path | None) -> dict[str, str]:
    """Edited texts from a JSON file: an object of texts."""
    if path is None:
        return {}
    try:
        found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise ContentError(_("{file} 不是有效的 JSON。").format(file=path)) from error
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ContentError(_("{file} 应是一个 JSON 对象：编号 → 文字。").format(file=path))
    return found
