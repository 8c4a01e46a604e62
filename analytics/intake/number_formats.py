"""Whether a number format shows a date, a time of day, or both."""

from __future__ import annotations

import re
from typing import Final, Literal

Shows = Literal["date", "time", "both", "neither"]

#: What a format shows literally or as a condition, colour or locale, which are no date letters.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
#: Formats of Chinese Excel and WPS that a file names by number only, beside the common 14–22 and 45–47.
_BUILT_IN: Final[dict[int, Shows]] = {
    **dict.fromkeys((14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "date"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56), "time"),
    22: "both",
}
_NAMED: Final[dict[str, Shows]] = {
    "general date": "both", "long date": "date", "medium date": "date", "short date": "date",
    "long time": "time", "medium time": "time", "short time": "time",
}  # fmt: skip


def shows(number: int, code: str | None) -> Shows:
    """What the format of this number and, where the file defines it, this code shows.

    ``m`` is a month beside a year or day and minutes beside hours or seconds, as in the formats themselves.
    """
    if code is None:
        return _BUILT_IN.get(number, "neither")
    if code.strip().lower() in _NAMED:
        return _NAMED[code.strip().lower()]
    letters = _LITERAL.sub("", code.split(";")[0]).lower()
    if "general" in letters:
        return "neither"
    time = any(letter in letters for letter in "hs")
    date = any(letter in letters for letter in "yd") or ("m" in letters and not time)
    if date:
        return "both" if time else "date"
    return "time" if time else "neither"
