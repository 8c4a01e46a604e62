"""The command line: ``python -m analytics COMMAND …``."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import Final

from analytics import i18n
from analytics.commands import COMMANDS
from analytics.commands.arguments import Parser
from analytics.i18n import gettext as _

#: Set to anything, it shows where an internal error came from (and may show data: not for log files).
DEBUG: Final = "ANALYTICS_DEBUG"

WRONG_USE: Final = 2
INTERNAL_ERROR: Final = 3
INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no traceback reaches the user."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    _use_language(words)
    try:
        options = _parser().parse_args(words)
        return int(options.run(options))
    except SystemExit as end:  # argparse has said what it had to say
        return int(end.code or 0)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain again while closing it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _complain(_("已中断。"), INTERRUPTED)
    except Exception as error:
        return _answer(error)


def _use_language(words: list[str]) -> None:
    """The help and the complaints about the options must be in the language that these ask for."""
    said = [following for word, following in pairwise(words) if word == "--lang"]
    said += [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    known = [language for language in said if language in i18n.LANGUAGES]
    if known:
        i18n.use(lambda: known[-1])


def _parser() -> Parser:
    parser = Parser(
        prog="python -m analytics",
        description=_("码上报 · 诉求成效看板：命令行。每个命令加 --help 看它的说明。"),
        epilog=_(
            "环境变量：DATABASE_URL 数据库地址，ANALYTICS_POLICY 口径文件，ANALYTICS_LANG 语言（zh 或 en）。"
        ),
    )
    parser.set_defaults(db=None, json=False, lang=None)
    commands = parser.add_subparsers(title=_("命令"), metavar=_("命令"), dest="command", required=True)
    for name in COMMANDS:
        import_module(f"analytics.commands.{name}").register(commands)
    return parser


def _answer(error: Exception) -> int:
    """Errors meant for people say so themselves; of any other only its kind and place are told."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    if isinstance(error, _expected()):
        return _complain(str(error), WRONG_USE)
    place = traceback.extract_tb(error.__traceback__)[-1]
    sentence = _("内部错误 {kind}（{file}:{line}）。设环境变量 {debug}=1 再运行一次可看到详情。")
    file = os.path.basename(place.filename)
    return _complain(
        sentence.format(kind=type(error).__name__, file=file, line=place.lineno, debug=DEBUG), INTERNAL_ERROR
    )


def _expected() -> tuple[type[Exception], ...]:
    from analytics.commands.common import UsageError
    from analytics.intake.result import IntakeRefused
    from analytics.policy import PolicyError
    from analytics.scope import ScopeError
    from analytics.store import StoreError

    return (UsageError, IntakeRefused, PolicyError, ScopeError, StoreError)


def _complain(line: str, code: int) -> int:
    print(" ".join(line.split()), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
