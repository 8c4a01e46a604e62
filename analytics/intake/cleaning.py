"""Cells as clean text, whole columns at a time.

A spreadsheet's typed cells become the text a person would read (a date 2024-06-03, a whole number 12),
so that every check works on text alone; what the cell was is kept beside it where that matters.
Only the few values that a pattern marks as unclean are touched one by one.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.intake.cells import FORMULA_WITHOUT_VALUE, CellError

#: Large strings without null, in one piece or in chunks.
Strings: TypeAlias = pa.LargeStringArray | pa.ChunkedArray


class Was(IntEnum):
    """What a cell was before it became text."""

    TEXT = 0
    NUMBER = 1
    DATE = 2
    CLOCK = 3
    ERROR = 4
    FORMULA = 5


@dataclass(frozen=True)
class Texts:
    """A column of n cells as text, "" for blank; ``was`` (n of :class:`Was`) is None when all were text.

    ``text`` stays in the chunks that the file was read in, so that a million rows need no second copy.
    """

    text: Strings
    was: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.text)

    def were(self, *kinds: Was) -> np.ndarray:
        """Which cells were of one of ``kinds``."""
        return np.zeros(len(self), bool) if self.was is None else np.isin(self.was, kinds)


#: Error values as a CSV saved by a spreadsheet carries them.
_ERROR_TEXTS: Final = pa.array(
    [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
    ],
    pa.large_string(),
)

_ZERO_WIDTH: Final = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F),
                                    *range(0x2061, 0x2070)))  # fmt: skip
_CONTROL: Final = dict.fromkeys((*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)))
_SPACES: Final = dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F), " ")
_CLEANED: Final = _ZERO_WIDTH | _CONTROL | _SPACES
_ESCAPED_CONTROL = re.compile(r"_x00(?:0[0-9A-Fa-f]|1[0-9A-Fa-f]|7[Ff])_")
_QUOTED_BY_EXCEL = re.compile(r'="(.*)"', re.DOTALL)
_UNCLEAN: Final = (
    r"[\x00-\x1f\x7f-\x{a0}\x{ad}\x{1680}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{206f}\x{feff}]"
    r"|^[\s\x{3000}'=]|[\s\x{3000}]$|_x00[017]"
)
_VISIBLE: Final = r"[^\x00-\x20\x7f-\x{a0}\x{ad}\x{1680}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{206f}\x{3000}\x{feff}]"
UNCLEAN_NAME: Final = _UNCLEAN + r"|\x{3000}|\x{200d}|  "
UNCLEAN_CODE: Final = UNCLEAN_NAME + r"|[\x{ff01}-\x{ff5e}]"


def texts_of(cells: pd.Series) -> Texts:
    """A column of a raw table as text; error texts of a CSV count as errors."""
    if cells.dtype == object:
        return _from_objects(cells.to_numpy())
    text = _arrow(cells)
    errors = np.asarray(pc.is_in(text, value_set=_ERROR_TEXTS))
    return Texts(text, np.where(errors, np.uint8(Was.ERROR), np.uint8(Was.TEXT)) if errors.any() else None)


def first_filled(columns: list[Texts]) -> Texts:
    """Row by row the first of several columns that is not blank."""
    first, *others = columns
    for other in others:
        empty = is_blank(first.text)
        if not empty.any():
            return first
        text = pc.if_else(pa.array(empty), other.text, first.text)
        was = np.where(empty, _was(other), _was(first))
        first = Texts(text, was)
    return first


def is_blank(text: Strings) -> np.ndarray:
    """Which values have nothing but spaces and invisible characters."""
    return ~np.asarray(pc.match_substring_regex(text, _VISIBLE))


def tidy(value: str) -> str:
    """A text as it is kept: lines end in \\n, no control or invisible characters, no space at its ends."""
    value = _ESCAPED_CONTROL.sub("", value).replace("\r\n", "\n").replace("\r", "\n")
    value = value.translate(_CLEANED).strip()
    if value[:1] == "=" and (quoted := _QUOTED_BY_EXCEL.fullmatch(value)):
        return quoted[1].strip()
    # A spreadsheet's mark of text, which safe exports also put before =, +, - and @.
    return value[1:] if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@") else value


def tidy_name(value: str) -> str:
    """A name: as :func:`tidy`, on one line, single spaces."""
    return " ".join(tidy(value).replace("\u200d", "").split())


def tidy_code(value: str) -> str:
    """An id, a time, a number: as :func:`tidy_name`, full-width letters and digits made half-width."""
    return tidy_name(unicodedata.normalize("NFKC", tidy_name(value).lstrip("'")))


def cleaned(text: Strings, unclean: str, clean: Callable[[str], str]) -> Strings:
    """``text`` with ``clean`` applied to the values that the RE2 pattern ``unclean`` finds something in."""
    marked = pc.match_substring_regex(text, unclean)
    if not pc.any(marked).as_py():
        return text
    text, marked = whole(text), whole(marked)
    values = pa.array([clean(value) for value in text.filter(marked).to_pylist()], pa.large_string())
    return pc.replace_with_mask(text, marked, values)


def whole(text: Strings) -> pa.Array:
    """Chunks in one piece; without a copy where there is but one."""
    if isinstance(text, pa.ChunkedArray):
        return text.chunk(0) if text.num_chunks == 1 else text.combine_chunks()
    return text


def clean_texts(text: Strings) -> Strings:
    """Long texts, cleaned."""
    return cleaned(text, _UNCLEAN, tidy)


def clean_names(text: Strings) -> Strings:
    """Names, cleaned."""
    return cleaned(text, UNCLEAN_NAME, tidy_name)


def clean_codes(text: Strings) -> Strings:
    """Ids, times and numbers, cleaned."""
    return cleaned(text, UNCLEAN_CODE, tidy_code)


def series_of(text: pa.Array) -> pd.Series:
    """Text as a column of a frame, ``str`` with missing for null and for ""."""
    blank = pc.equal(text, "")
    filled = pc.if_else(blank, pa.scalar(None, text.type), text) if pc.any(blank).as_py() else text
    return pd.Series(pd.array(filled, dtype=pd.StringDtype("pyarrow", na_value=np.nan)))


def _arrow(cells: pd.Series) -> Strings:
    array = pa.array(cells.astype("str"), pa.large_string())
    return array.fill_null("") if array.null_count else array


def _was(texts: Texts) -> np.ndarray:
    return np.zeros(len(texts), np.uint8) if texts.was is None else texts.was


def _from_objects(values: np.ndarray) -> Texts:
    texts = ["" if value is None else value for value in values]
    was = np.zeros(len(values), np.uint8)
    for i, value in enumerate(texts):
        if type(value) is not str:
            texts[i], was[i] = _read(value)
    return Texts(_encoded(texts), was if was.any() else None)


def _encoded(texts: list[str]) -> pa.LargeStringArray:
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError:  # half a character, as a broken program may write it
        whole = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        return pa.array(whole, pa.large_string())


def _read(value: Any) -> tuple[str, Was]:
    """A typed cell as text, and what it was; the types of large sheets first."""
    if isinstance(value, dt.datetime):
        return ("", Was.TEXT) if value is pd.NaT else (_moment(value), Was.DATE)
    if isinstance(value, bool | np.bool_):
        return ("TRUE" if value else "FALSE"), Was.TEXT
    if isinstance(value, float):
        return ("", Was.TEXT) if math.isnan(value) else (_number(value), Was.NUMBER)
    if isinstance(value, int | np.integer):
        return str(int(value)), Was.NUMBER
    if isinstance(value, CellError):
        return str(value), Was.FORMULA if value == FORMULA_WITHOUT_VALUE else Was.ERROR
    if isinstance(value, dt.date):
        return value.isoformat(), Was.DATE
    if isinstance(value, dt.time | dt.timedelta):
        return str(value), Was.CLOCK
    return ("" if value is pd.NA else str(value)), Was.TEXT


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(float(value))


def _moment(value: dt.datetime) -> str:
    """A date cell: spreadsheets keep days as fractions, so the nearest second is what was typed."""
    if value.microsecond:
        later = value.microsecond >= 500_000 and value.year < dt.MAXYEAR
        value = value.replace(microsecond=0) + dt.timedelta(seconds=later)
    if not (value.hour or value.minute or value.second) and value.tzinfo is None:
        return value.date().isoformat()
    return value.isoformat(" ")
