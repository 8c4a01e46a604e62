"""One column of text → typed values and, row by row, the code of what is wrong with it.

A blank is missing and never a fault here; whether a column may be blank is :mod:`~analytics.intake.contract`'s
question. Nothing is repaired by guessing: what a list does not know is a fault that names itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.intake import cleaning, times
from analytics.intake.aliases import BUILDING_UNIT
from analytics.intake.cleaning import Strings, Texts, Was
from analytics.intake.time_shapes import TIME_FAULTS
from analytics.vocabulary import COLOUR_NAMES, PETITION_TIMES, SATISFACTION_LABELS

_IDS: Final = ("case_id", "complaint_id")
_LONG_TEXTS: Final = ("content", "follow_up_note", "note")
_TIMES: Final = (*PETITION_TIMES, "received_at", "at", "launched_on")
#: Plans, which may lie ahead of now.
_AHEAD: Final = ("promised_at", "launched_on")
_YES_NO: Final = ("needs_visit", "unsolvable", "confirmed_solved", "incomplete")
_COUNTS: Final = ("handovers", "units", "households", "residents", "count")
#: Names that a spreadsheet likes to turn into a date: 3-2 becomes 3月2日.
_LIKE_DATES: Final = ("building", "unit", BUILDING_UNIT)

#: Every fault that a value can have; its number in ``Coerced.fault`` is its place here.
VALUE_FAULTS: Final = (
    *TIME_FAULTS, "before_2000", "in_future", "too_late", "error_value", "formula_without_value", "spoiled_id",
    "date_for_name", "unknown_colour", "bad_yes_no", "bad_satisfaction", "bad_number", "bad_month",
)  # fmt: skip
_NUMBER_OF: Final = {code: number for number, code in enumerate(VALUE_FAULTS)}
_Y2000: Final = int(pd.Timestamp("2000-01-01").timestamp())
_Y2100: Final = int(pd.Timestamp("2100-01-01").timestamp())

#: How people and programs write "nothing" in a cell that should hold a value.
_NOTHING: Final = ("-", "--", "---", "/", "\\", "\\N", "NULL", "null", "Null", "None", "none", "NaN", "nan", "NaT",
                   "N/A", "n/a", "无", "暂无", "空")  # fmt: skip
_NO_NAME: Final = ("-", "--", "—", "——", "/", "\\", "\\N", "NULL", "null", "无", "暂无")


@dataclass(frozen=True)
class Circumstances:
    """What reading a column depends on: the present moment (China, naive), and the layout's word."""

    now: pd.Timestamp
    timezone: str = times.CHINA
    formats: tuple[str, ...] = ()
    date_only: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Coerced:
    """n values of one column with numbers of VALUE_FAULTS (0: none); a faulty value is missing."""

    values: pd.Series
    fault: np.ndarray
    date_only: np.ndarray | None = None


def coerce(column: str, cells: Texts, given: Circumstances) -> Coerced:
    """Read the cells of one of our columns."""
    cells = _translated(column, cells, given.values.get(column, {}))
    found = _reader(column)(column, cells, given)
    fault = found.fault.astype(np.uint8)
    if cells.was is not None:
        fault = np.where(cells.were(Was.ERROR), _NUMBER_OF["error_value"], fault)
        fault = np.where(cells.were(Was.FORMULA), _NUMBER_OF["formula_without_value"], fault).astype(np.uint8)
    return Coerced(found.values.mask(fault > 0) if fault.any() else found.values, fault, found.date_only)


def split_building(cells: Texts) -> tuple[Texts, Texts, np.ndarray]:
    """楼栋单元 as building and unit, and where a room number behind them is left out."""
    codes = cleaning.whole(cleaning.clean_names(cells.text)).dictionary_encode()
    parts = [_building_unit(value) for value in codes.dictionary.to_pylist()]
    building, unit = (
        pa.array([part[i] for part in parts], pa.large_string()).take(codes.indices) for i in (0, 1)
    )
    room = (
        np.array([part[2] for part in parts], bool)[np.asarray(codes.indices)] if parts else np.zeros(0, bool)
    )
    return Texts(building, cells.was), Texts(unit, cells.was), room


def _reader(column: str) -> Callable[[str, Texts, Circumstances], Coerced]:
    for names, reader in _READERS:
        if column in names:
            return reader
    return _names


def _translated(column: str, cells: Texts, mapping: Mapping[str, str]) -> Texts:
    """The layout's own words for values put in place of theirs."""
    if not mapping:
        return cells
    ours = {cleaning.tidy_code(theirs): value for theirs, value in mapping.items()}
    codes = cleaning.whole(cells.text).dictionary_encode()
    words = [ours.get(cleaning.tidy_code(value), value) for value in codes.dictionary.to_pylist()]
    text = pa.array(words, pa.large_string()).take(codes.indices)
    if cells.was is None:
        return Texts(text)
    changed = np.asarray(pc.not_equal(text, cells.text))
    return Texts(text, np.where(changed, np.uint8(Was.TEXT), cells.was))


def _without(text: Strings, words: tuple[str, ...]) -> Strings:
    nothing = pc.is_in(text, value_set=pa.array(words, pa.large_string()))
    return pc.if_else(nothing, pa.scalar("", pa.large_string()), text) if pc.any(nothing).as_py() else text


def _no_fault(n: int) -> np.ndarray:
    return np.zeros(n, np.uint8)


def _faults(where: np.ndarray, code: str) -> np.ndarray:
    return np.where(where, np.uint8(_NUMBER_OF[code]), np.uint8(0))


# Text ---------------------------------------------------------------------------------------------------


def _long_texts(column: str, cells: Texts, given: Circumstances) -> Coerced:
    return Coerced(cleaning.series_of(cleaning.clean_texts(cells.text)), _no_fault(len(cells)))


def _names(column: str, cells: Texts, given: Circumstances) -> Coerced:
    text = _without(cleaning.clean_names(cells.text), _NO_NAME)
    spoiled = cells.were(Was.DATE, Was.CLOCK) if column in _LIKE_DATES else np.zeros(len(cells), bool)
    return Coerced(cleaning.series_of(text), _faults(spoiled, "date_for_name"))


def _ids(column: str, cells: Texts, given: Circumstances) -> Coerced:
    """Ids as written; what a spreadsheet has rounded, shortened or turned into a date is not an id any more."""
    text = cleaning.clean_codes(cells.text)
    spoiled = np.asarray(pc.match_substring_regex(text, r"^[+-]?\d+(\.\d+)?[Ee]\+\d+$|^#+$"))
    if cells.was is not None:
        unlike = np.asarray(pc.match_substring_regex(text, r"\d{16}|[.eE]|inf"))
        spoiled |= (cells.were(Was.NUMBER) & unlike) | cells.were(Was.DATE, Was.CLOCK)
    return Coerced(cleaning.series_of(text), _faults(spoiled, "spoiled_id"))


_BUILDING_AND_UNIT = re.compile(
    r"(?P<building>[^\s,，、/—-]*?(?:号楼|楼栋|栋|幢|座|#|号))[\s,，、/—-]*(?P<unit>[0-9A-Za-z一二三四五六七八九十甲乙丙丁东西中]+单元)(?P<room>.*)"
)
_NUMBERS = re.compile(r"(?P<building>[0-9A-Za-z]+)\s*[-—/]\s*(?P<unit>[0-9A-Za-z]+)(?P<room>(?:\s*[-—/].*)?)")
_UNIT_ALONE = re.compile(r"(?P<building>)(?P<unit>[0-9A-Za-z一二三四五六七八九十]+单元)(?P<room>)")


def _building_unit(value: str) -> tuple[str, str, bool]:
    """Building, unit, and whether a room followed; what cannot be split stays whole as the building."""
    for pattern in (_BUILDING_AND_UNIT, _NUMBERS, _UNIT_ALONE):
        if found := pattern.fullmatch(value):
            return found["building"], found["unit"], bool(found["room"])
    return value, "", False


# Times --------------------------------------------------------------------------------------------------


def _times(column: str, cells: Texts, given: Circumstances) -> Coerced:
    text = _without(times.clean_times(cells.text), _NOTHING)
    only_date = column in given.date_only or column == "launched_on"
    # Where the clock time means nothing, a time zone must not move the date.
    zone = times.CHINA if only_date else given.timezone
    moments = times.parse(text, given.formats, zone)
    seconds = moments.seconds - moments.seconds % times.DAY if only_date else moments.seconds
    filled = np.asarray(pc.not_equal(text, ""))
    good = filled & (moments.fault == 0)
    fault = moments.fault.astype(np.uint8)
    fault[good & (seconds < _Y2000)] = _NUMBER_OF["before_2000"]
    if column in _AHEAD:
        fault[good & (seconds >= _Y2100)] = _NUMBER_OF["too_late"]
    else:
        fault[good & (seconds > given.now.timestamp())] = _NUMBER_OF["in_future"]
    values = seconds.astype("datetime64[s]")
    values[~filled | (fault > 0)] = np.datetime64("NaT")
    dated = (moments.date_only | only_date) & good & (fault == 0)
    return Coerced(pd.Series(values), fault, dated)


_MONTH = re.compile(r"(\d{4}) ?[-/.年] ?(\d{1,2}) ?月?(?:份)?|(\d{4})(\d{2})")


def _months(column: str, cells: Texts, given: Circumstances) -> Coerced:
    def month(value: str) -> str | None:
        if found := _MONTH.fullmatch(value):
            year, number = int(found[1] or found[3]), int(found[2] or found[4])
            return f"{year:04d}-{number:02d}" if 1 <= number <= 12 else None
        moment = times.parse(pa.array([value], pa.large_string()), given.formats)
        good = not moment.fault[0]
        return str(moment.seconds.astype("datetime64[s]").astype("datetime64[M]")[0]) if good else None

    text = _without(times.clean_times(cells.text), _NOTHING)
    found = _by_word(text, month, "bad_month")
    values = found.values
    filled = values.notna().to_numpy()
    early, late = (
        filled & (values < "2000-01").to_numpy(),
        filled & (values > f"{given.now:%Y-%m}").to_numpy(),
    )
    fault = found.fault + _faults(early, "before_2000") + _faults(late, "in_future")
    return Coerced(values.mask(fault > 0), fault)


# Words --------------------------------------------------------------------------------------------------


def _by_word(text: Strings, meaning: Callable[[str], Any], code: str, dtype: str = "str") -> Coerced:
    """Each different word understood once; None is the fault ``code``, "" is missing."""
    coded = cleaning.whole(text).dictionary_encode()
    words = coded.dictionary.to_pylist()
    meanings = [meaning(word) if word else None for word in words]
    wrong = np.array(
        [bool(word) and found is None for word, found in zip(words, meanings, strict=True)], bool
    )
    indices = np.asarray(coded.indices)
    values = pd.array([pd.NA if m is None or m == "" else m for m in meanings], dtype=dtype)
    fault = _faults(wrong[indices], code) if len(words) else _no_fault(len(text))
    return Coerced(pd.Series(values.take(indices)), fault)


_COLOUR = re.compile(r"[●▲■◆○△□◇🟢🟡🔴⚪ ]*([绿黄红灰])色?(?:灯|牌|单|标|码|类|级|诉求)?(?:\(.*\))?")


def _colours(column: str, cells: Texts, given: Circumstances) -> Coerced:
    def colour(word: str) -> str | None:
        found = _COLOUR.fullmatch(word)
        return COLOUR_NAMES.get(found[1] if found else word.lower())

    return _by_word(_words(cells), colour, "unknown_colour")


_YES: Final = frozenset(
    ["是", "有", "√", "✓", "✔", "☑", "对", "y", "yes", "true", "t", "1", "需要", "需", "要", "必须"]
)
_NO: Final = frozenset(
    [
        "否",
        "无",
        "没有",
        "×",
        "✗",
        "✘",
        "x",
        "☒",
        "错",
        "n",
        "no",
        "false",
        "f",
        "0",
        "不需要",
        "不需",
        "无需",
        "不",
        "不用",
        "不是",
        "非",
    ]
)
_MORE_YES: Final = {
    "needs_visit": {"需到场", "需要到场", "须到场", "需上门", "需要上门"},
    "unsolvable": {"无法解决", "不能解决", "不可解决", "解决不了"},
    "confirmed_solved": {"已解决", "解决", "解决了", "完全解决", "得到解决"},
    "incomplete": {"不完整", "未完"},
}
_MORE_NO: Final = {
    "needs_visit": {"无需到场", "不需到场", "不需要到场", "无须到场", "免到场", "无需上门", "不需要上门"},
    "unsolvable": {"能解决", "可以解决", "可解决"},
    "confirmed_solved": {"未解决", "没解决", "没有解决", "未得到解决"},
    "incomplete": {"完整"},
}


def answer(column: str, word: str) -> bool | None:
    """What a word says in a yes/no column; None when it says neither."""
    plain = word.lower()
    if plain in _YES or plain in _MORE_YES[column]:
        return True
    return False if plain in _NO or plain in _MORE_NO[column] else None


def _yes_no(column: str, cells: Texts, given: Circumstances) -> Coerced:
    words = _words(cells, no_is_blank=False)
    return _by_word(words, lambda word: answer(column, word), "bad_yes_no", "boolean")


_RATINGS: Final = {name: score for score, name in SATISFACTION_LABELS.items()} | {
    "很满意": 5, "十分满意": 5, "比较满意": 4, "较满意": 4, "基本满意": 4, "是": 4, "好评": 5, "中评": 3, "差评": 1,
    "中立": 3, "一般满意": 3, "较不满意": 2, "比较不满意": 2, "否": 2, "很不满意": 1, "十分不满意": 1,
}  # fmt: skip
_NOT_RATED: Final = frozenset(
    ["未评价", "未评", "未回访", "未表态", "无评价", "未反馈", "不评价", "拒绝评价"]
)
_SCORE = re.compile(r"([1-5])(?:\.0+)?(?:分|星|星级|级)?")


def rating(word: str) -> int | str | None:
    """The score a word gives, "" for no rating, None when it is neither."""
    if word in _NOT_RATED:
        return ""
    found = _SCORE.fullmatch(word)
    return int(found[1]) if found else _RATINGS.get(word)


def _satisfaction(column: str, cells: Texts, given: Circumstances) -> Coerced:
    return _by_word(_words(cells), rating, "bad_satisfaction", "Int8")


def _words(cells: Texts, no_is_blank: bool = True) -> Strings:
    """Cleaned short words; 无 is a blank unless it answers yes or no."""
    nothing = _NOTHING if no_is_blank else tuple(word for word in _NOTHING if word != "无")
    return _without(cleaning.clean_codes(cells.text), (*nothing, "—", "——"))


# Numbers ------------------------------------------------------------------------------------------------

_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.0+)?(?: ?(?:次|户|人|件|个|单元|栋))?")
_DECIMAL = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")


def _counts(column: str, cells: Texts, given: Circumstances) -> Coerced:
    def count(word: str) -> int | None:
        found = _COUNT.fullmatch(word)
        return int(found[1].replace(",", "")) if found else None

    return _by_word(_words(cells), count, "bad_number", "Int64")


def _exposures(column: str, cells: Texts, given: Circumstances) -> Coerced:
    def exposure(word: str) -> float | None:
        value = float(word.replace(",", "")) if _DECIMAL.fullmatch(word) else 0.0
        return value if value > 0 else None

    found = _by_word(_words(cells), exposure, "bad_number", "Float64")
    return Coerced(found.values.astype("float64"), found.fault)


_READERS: Final = (
    (_IDS, _ids),
    (_TIMES, _times),
    (_LONG_TEXTS, _long_texts),
    (("assigned_colour",), _colours),
    (_YES_NO, _yes_no),
    (("satisfaction",), _satisfaction),
    (_COUNTS, _counts),
    (("exposure",), _exposures),
    (("month",), _months),
)
