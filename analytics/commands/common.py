"""What several commands share: moments of time, wrong use, results for people or as JSON."""

from __future__ import annotations

import getpass
import os
from typing import Any, Final

import orjson
import pandas as pd
from pandas import Timestamp

from analytics import policy
from analytics.i18n import gettext as _

CHINA: Final = "Asia/Shanghai"


class UsageError(Exception):
    """The command cannot do what its options say; the message is one translated line."""


def now() -> Timestamp:
    """The present, China time without offset, to the second. Only the command line's edge asks it."""
    return Timestamp.now(CHINA).tz_localize(None).floor("s").as_unit("s")


def policy_in_force(named: str | None) -> policy.Policy:
    """The policy of ``--policy``; without it that of ``ANALYTICS_POLICY``, as on the dashboard; else the one shipped.

    Raises :class:`analytics.policy.PolicyError` for a file that cannot be read or followed.
    """
    return policy.load(named or os.environ.get("ANALYTICS_POLICY") or None)


def moment(text: str | None) -> Timestamp:
    """The China time that an option says, or now; without offset it is China time already."""
    if text is None:
        return now()
    try:
        found = pd.to_datetime(text.strip(), format="ISO8601")
        if text.strip().lower() == "now" or not 2000 <= found.year < 2200:
            raise ValueError(text)
    except (ValueError, OverflowError):
        raise UsageError(
            _("「{text}」不是时间。例如 2024-07-01 或 2024-07-01T08:00。").format(text=text)
        ) from None
    if found.tzinfo is not None:
        found = found.tz_convert(CHINA).tz_localize(None)
    return found.as_unit("s")


def user() -> str:
    """Who is signed in on this computer, for the import history."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # some servers know no user names
        return _("命令行")


def print_json(result: Any) -> None:
    """One JSON object on the standard output."""
    print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())


def iso(time: Timestamp) -> str | None:
    """China time as ISO 8601 with its offset; None where there is none."""
    return None if pd.isna(time) else f"{time.isoformat()}+08:00"


def or_none(value: Any) -> Any:
    """``value``, or None where a frame has it missing."""
    return None if pd.isna(value) else value
