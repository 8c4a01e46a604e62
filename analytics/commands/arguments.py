"""argparse in our languages: help and complaints translated, common options before or after the command."""

from __future__ import annotations

import argparse
import re
from typing import Any, Final, NoReturn

from analytics.i18n import LANGUAGES, mark
from analytics.i18n import gettext as _

#: What argparse says, and what we say; later patterns are tried only when no earlier one fits.
_COMPLAINTS: Final = (
    (r"the following arguments are required: (?P<names>.+)", mark("缺少参数：{names}")),
    (r"unrecognized arguments: (?P<names>.+)", mark("不认识的参数：{names}")),
    (
        r"argument (?P<name>.+): invalid choice: '(?P<value>.*)' \(choose from (?P<known>.*)\)",
        mark("{name} 不能是「{value}」，可选：{known}"),
    ),
    (r"argument (?P<name>.+): expected one argument", mark("{name} 后面要有一个值")),
    (r"argument (?P<name>.+): expected at least one argument", mark("{name} 后面至少要有一个值")),
    (r"argument (?P<name>.+): expected (?P<n>\d+) arguments", mark("{name} 后面要有 {n} 个值")),
    (r"argument (?P<name>.+): invalid \w+ value: '(?P<value>.*)'", mark("{name} 的值「{value}」不对")),
    (r"argument (?P<name>.+): not allowed with argument (?P<other>.+)", mark("{name} 不能和 {other} 一起用")),
    (r"argument (?P<name>.+): ignored explicit argument '(?P<value>.*)'", mark("{name} 后面不能有值")),
    (r"ambiguous option: (?P<name>.+) could match (?P<known>.+)", mark("{name} 不完整，可能是 {known}")),
    (r"argument (?P<name>[^:]+): (?P<why>.+)", mark("{name}：{why}")),
)


class Parser(argparse.ArgumentParser):
    """A parser whose sub-parsers are of its kind; options after a command win over those before it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, add_help=False, allow_abbrev=False, formatter_class=_Help)
        self._positionals.title = _("参数")
        self._optionals.title = _("选项")
        self.add_argument("-h", "--help", action="help", help=_("显示这份说明"))
        # Without a default of its own, a command does not undo what was said before it.
        unset = argparse.SUPPRESS
        self.add_argument("--db", metavar="URL", default=unset, help=_("数据库地址或 SQLite 文件"))
        self.add_argument("--json", action="store_true", default=unset, help=_("输出一个 JSON 对象"))
        self.add_argument("--lang", choices=list(LANGUAGES), default=unset, help=_("语言：zh 或 en"))

    def error(self, message: str) -> NoReturn:
        """One line on the standard error, exit 2."""
        self.exit(
            2,
            _("{command}：{why}。--help 有说明。").format(command=self.prog, why=translated(message)) + "\n",
        )


class _Help(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, _("用法：") if prefix is None else prefix)


def translated(message: str) -> str:
    """argparse's own complaint in the language of the moment; one that is not known stays as it is."""
    for pattern, ours in _COMPLAINTS:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            parts = {name: text.replace("'", "") for name, text in found.groupdict().items()}
            return _(ours).format(**parts)
    return message
