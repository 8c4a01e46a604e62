"""The grammar of written times: what each *shape* (a time with every digit replaced by 0) says.

Year first in any punctuation, Chinese or compact; year last only where day and month cannot be confused;
clock times with 上午/下午, AM/PM, 24:00, an offset; Excel's serial days; and strptime formats of a layout.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from analytics.i18n import gettext as _

#: Fault codes in the order of their numbers; 0 is no fault.
TIME_FAULTS: Final = ("", "bad_time", "ambiguous_date", "no_year", "clock_change", "impossible_date")
BAD, AMBIGUOUS, NO_YEAR, CLOCK_CHANGE, IMPOSSIBLE = range(1, 6)

_LONGEST: Final = 80
_YEAR_FIRST = r"(?P<Y>0000) ?[-/.年] ?(?P<m>00?) ?[-/.月] ?(?P<d>00?)(?: ?[日号])?"
_COMPACT = r"(?P<Y>0000)(?P<m>00)(?P<d>00)"
_YEAR_LAST = r"(?P<a>00?)[-/.](?P<b>00?)[-/.](?P<Y>0000)"
_WEEKDAY = r"(?:[, ]{0,2}\(?(?:星期|周|礼拜)[一二三四五六日天]\)?)?"
_BETWEEN = r"(?:(?<=[日号一二三四五六天)]) ?| ?[Tt] ?|,? |(?=[上下凌早清中傍晚]))"
_AM_PM = r"[AaPp]\.?[Mm]\.?"
_HALF = rf"(?:(?P<p>上午|下午|凌晨|早上|早晨|清晨|中午|傍晚|晚上|晚间|{_AM_PM}) ?)?"
_HALF_AFTER = rf"(?: ?(?P<q>{_AM_PM}))?"
_SECONDS = r"(?: ?[:分] ?(?P<S>00?)(?:[.,]0{1,9})? ?秒?| ?分)?"
_CLOCK = rf"{_HALF}(?P<H>00?) ?[:时点] ?(?P<M>00?){_SECONDS}{_HALF_AFTER}"
_HOUR = rf"{_HALF}(?P<H>00?) ?[时点](?P<half>半)?[整钟]?{_HALF_AFTER}"
_COMPACT_CLOCK = r"(?P<H>00)(?P<M>00)(?P<S>00)?(?:[.,]0{1,9})?"
_OFFSET = r"(?P<z>[Zz]|UTC|GMT|(?:UTC|GMT)?(?P<sign>[+-])(?P<zh>00?)(?::?(?P<zm>00))?)"
_ZONE = rf"(?: ?{_OFFSET}(?:\[[A-Za-z/_+-]+\])?)?"

_GRAMMAR: Final = tuple(
    re.compile(date + rest)
    for date in (_YEAR_FIRST, _COMPACT, _YEAR_LAST)
    for rest in (
        _WEEKDAY,
        _WEEKDAY + _BETWEEN + _CLOCK + _ZONE,
        _WEEKDAY + _BETWEEN + _HOUR,
        ("[Tt ]?" if date == _COMPACT else "[Tt]") + _COMPACT_CLOCK + _ZONE,
    )
)
_SERIAL: Final = re.compile(r"(?P<serial>00000)(?:\.(?P<part>0{1,17}))?")
_REST = rf"{_WEEKDAY}(?:{_BETWEEN}.*)?"
_SHORT_YEAR: Final = re.compile(rf"(?:00 ?[-/.年] ?00? ?[-/.月] ?00?[日号]?|00?[-/.]00?[-/.]00){_REST}")
_WITHOUT_YEAR: Final = re.compile(
    rf"(?:00?[-/.]00?|00? ?月 ?00? ?[日号]?){_REST}|{_HALF}00? ?[:时点].*|0\.0+"
)

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = r"(?P<month>(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[A-Za-z]*)"
_DIRECTIVES: Final = {
    "Y": r"(?P<Y>0000)", "y": r"(?P<y>00)", "m": r"(?P<m>00?)", "d": r"(?P<d>00?)", "H": r"(?P<H>00?)",
    "I": r"(?P<H>00?)", "M": r"(?P<M>00?)", "S": r"(?P<S>00?)", "f": "0{1,9}", "p": rf"(?P<p>{_AM_PM}|上午|下午)",
    "b": _MONTH_NAME, "B": _MONTH_NAME, "a": "[A-Za-z]{3,9}", "A": "[A-Za-z]{3,9}", "z": _OFFSET, "%": "%",
    "F": r"(?P<Y>0000)-(?P<m>00?)-(?P<d>00?)", "T": r"(?P<H>00?):(?P<M>00?):(?P<S>00?)",
}  # fmt: skip


class UnknownFormat(ValueError):  # noqa: N818 - the message says what is unknown
    """A time format has something that is not understood."""


@dataclass(frozen=True)
class Reading:
    """Where the digits of each part stand in a shape (bytes from, to), and what its words say."""

    spans: tuple[tuple[str, int, int], ...]
    half_day: str | None = None
    month: int | None = None
    half_past: bool = False
    offset_sign: int = 0
    has_offset: bool = False


@lru_cache(maxsize=20_000)
def understand(shape: str, formats: tuple[str, ...]) -> tuple[tuple[Reading, ...], int]:
    """How a shape can be read, in order of preference, and the fault when none of these will do.

    Where a format of the layout fits, it alone decides: 13/04/2024 is no April under %m/%d/%Y.
    """
    if len(shape) > _LONGEST:
        return (), BAD
    for patterns in ([compiled(text) for text in formats], [_SERIAL, *_GRAMMAR]):
        matches = [match for pattern in patterns if (match := pattern.fullmatch(shape))]
        if matches:
            return tuple(_reading(match) for match in matches), BAD
    if _SHORT_YEAR.fullmatch(shape):
        return (), AMBIGUOUS
    return (), NO_YEAR if _WITHOUT_YEAR.fullmatch(shape) else BAD


@lru_cache(maxsize=200)
def compiled(text: str) -> re.Pattern[str]:
    """The pattern of shapes for a strptime format; raises UnknownFormat saying what is not understood."""
    pattern = ""
    for directive, literal in re.findall(r"%(.?)|([^%])", " ".join(text.split())):
        if literal.isdigit():
            raise UnknownFormat(_("格式里不能有固定的数字「{digit}」").format(digit=literal))
        if not literal and directive not in _DIRECTIVES:
            raise UnknownFormat(_("不认识「%{directive}」").format(directive=directive))
        pattern += re.escape(literal) if literal else _DIRECTIVES[directive]
    for names in (("Y", "y"), ("m", "month"), ("d",)):
        if not any(f"?P<{name}>" in pattern for name in names):
            raise UnknownFormat(_("格式里要有年、月、日"))
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UnknownFormat(_("同一部分出现了两次")) from error


def _reading(match: re.Match[str]) -> Reading:
    words = {name: value for name, value in match.groupdict().items() if value is not None}
    spans = tuple(
        (name, len(match.string[: match.start(name)].encode()), len(match.string[: match.end(name)].encode()))
        for name, value in words.items()
        if not value.strip("0")
    )
    half_day = words.get("p") or words.get("q")
    month = words.get("month")
    return Reading(
        spans,
        half_day=half_day.replace(".", "").lower() if half_day else None,
        month=_MONTHS.index(month[:3].lower()) + 1 if month else None,
        half_past="half" in words,
        offset_sign={"+": 1, "-": -1}.get(words.get("sign", ""), 0),
        has_offset="z" in words,
    )
