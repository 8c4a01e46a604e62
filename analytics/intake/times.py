"""Times as people and programs write them, read whole columns at a time.

Every digit of a column is replaced by 0: what is left is the *shape* of a value, and a million values have
a handful of shapes. A shape is understood once (:mod:`analytics.intake.time_shapes`); then all its values
are read by arithmetic on their digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.intake.cleaning import Strings, cleaned, tidy_code, whole
from analytics.intake.time_shapes import AMBIGUOUS, BAD, CLOCK_CHANGE, IMPOSSIBLE, Reading, understand

DAY: Final = 86_400
CHINA: Final = "Asia/Shanghai"
_CHINA_OFFSET: Final = 8 * 3600
_EXCEL_EPOCH: Final = int((np.datetime64("1899-12-30") - np.datetime64("1970-01-01")).astype(int))
_SERIALS: Final = (36_526, 73_051)  # 2000-01-01 up to 2100-01-01
_UNUSUAL: Final = r"[^ -~年月日号时分秒点星期周一二三四五六天上下午]|^[ '=]| $|  |_x00"
_MARKS: Final = str.maketrans({"。": ".", "–": "-", "—": "-", "−": "-"})


@dataclass(frozen=True)
class Moments:
    """n values read: seconds since 1970 on China's wall clock, a fault of TIME_FAULTS, and date only."""

    seconds: np.ndarray
    fault: np.ndarray
    date_only: np.ndarray


def clean_times(text: Strings) -> Strings:
    """Texts of times without invisible characters, full-width digits and doubled spaces."""
    return cleaned(text, _UNUSUAL, lambda value: tidy_code(value).translate(_MARKS))


def parse(text: Strings, formats: Sequence[str] = (), timezone: str = CHINA) -> Moments:
    """Read cleaned texts; "" is read as nothing (0 seconds, no fault).

    Values without an offset are in ``timezone``. ``formats`` (strptime) decide what else is ambiguous. A
    date without a clock time is midnight, marked, and never shifted. Fractions of a second are cut off.
    """
    n = len(text)
    moments = Moments(np.zeros(n, np.int64), np.zeros(n, np.uint8), np.zeros(n, bool))
    local = np.zeros(n, bool)
    starts, data = _bytes_of(whole(text))
    for shape, rows in _groups(starts, data):
        readings, fault = understand(shape, tuple(formats))
        moments.fault[rows] = fault
        for reading in readings:
            todo = rows[moments.fault[rows] != 0]
            parts = {name: _number(data, starts[todo] + a, b - a) for name, a, b in reading.spans}
            seconds, faults, dated = (
                _serial(parts, reading) if "serial" in parts else _calendar(parts, reading)
            )
            moments.seconds[todo], moments.fault[todo] = np.where(faults == 0, seconds, 0), faults
            moments.date_only[todo] = dated & (faults == 0)
            local[todo] = not reading.has_offset
    if timezone != CHINA:
        _shift(moments, local & ~moments.date_only & (moments.fault == 0), timezone)
    return moments


def _bytes_of(text: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray]:
    """Where each text starts (and the last ends) in the bytes of all."""
    _valid, offsets, data = text.buffers()
    starts = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
    return starts, np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)


def _groups(starts: np.ndarray, data: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """(shape, the rows that have it), without the blank ones."""
    masked = data.copy()
    masked[(data >= ord("0")) & (data <= ord("9"))] = ord("0")
    buffers = pa.py_buffer(np.ascontiguousarray(starts)), pa.py_buffer(masked)
    coded = pa.LargeStringArray.from_buffers(len(starts) - 1, *buffers).dictionary_encode()
    codes = np.asarray(coded.indices)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(coded.dictionary)))
    for i, shape in enumerate(coded.dictionary.to_pylist()):
        if shape:
            yield shape, order[ends[i - 1] if i else 0 : ends[i]]


def _number(data: np.ndarray, starts: np.ndarray, width: int) -> np.ndarray:
    number = np.zeros(len(starts), np.int64)
    for i in range(width):
        number = number * 10 + (data[starts + i] - np.uint8(ord("0")))
    return number


_Read = tuple[np.ndarray, np.ndarray, np.ndarray]  # seconds, fault, date only


def _serial(parts: dict[str, np.ndarray], reading: Reading) -> _Read:
    """Excel's days since 1899-12-30, to the nearest second."""
    width = next((b - a for name, a, b in reading.spans if name == "part"), 0)
    part = parts.get("part", np.zeros_like(parts["serial"]))
    seconds = (parts["serial"] + _EXCEL_EPOCH) * DAY + np.rint(part / 10.0**width * DAY).astype(np.int64)
    plausible = (parts["serial"] >= _SERIALS[0]) & (parts["serial"] < _SERIALS[1])
    return seconds, np.where(plausible, 0, BAD), part == 0


def _calendar(parts: dict[str, np.ndarray], reading: Reading) -> _Read:
    n = len(next(iter(parts.values())))
    zero = np.zeros(n, np.int64)
    year = parts["Y"] if "Y" in parts else parts["y"] + 2000
    month, day, fault = _month_and_day(parts, reading, n)
    first = (np.where(fault == 0, year - 1970, 0) * 12 + month - 1).astype("datetime64[M]")
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(np.int64)
    days = first.astype("datetime64[D]").astype(np.int64) + day - 1
    minute, second = parts.get("M", zero + 30 * reading.half_past), parts.get("S", zero)
    hour = _hour(parts.get("H", zero), (minute == 0) & (second == 0), reading.half_day)
    wrong = (day < 1) | (day > length) | (year < 1) | (hour < 0) | (minute > 59) | (second > 59)
    seconds = days * DAY + hour * 3600 + minute * 60 + second
    if reading.has_offset:
        offset = reading.offset_sign * (parts.get("zh", zero) * 3600 + parts.get("zm", zero) * 60)
        seconds = seconds - offset + _CHINA_OFFSET
        wrong |= np.abs(offset) > 15 * 3600
    no_such_day = (day > length) & (day <= 31) & (year >= 1)  # such as 31 June, 29 February
    fault = np.where((fault == 0) & no_such_day, IMPOSSIBLE, fault)
    return seconds, np.where((fault == 0) & wrong, BAD, fault), np.full(n, "H" not in parts)


def _month_and_day(
    parts: dict[str, np.ndarray], reading: Reading, n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Month (1 where it is none), day and fault; without a format, 3/4/2024 is ambiguous and 13/4/2024 is not."""
    if "a" in parts:
        a, b = parts["a"], parts["b"]
        month, day = np.where(a > 12, b, a), np.where(a > 12, a, b)
        ambiguous = (a <= 12) & (b <= 12) & (a != b)
    else:
        month = parts["m"] if reading.month is None else np.full(n, reading.month)
        day, ambiguous = parts["d"], np.zeros(n, bool)
    is_month = (month >= 1) & (month <= 12)
    fault = np.where(is_month, np.where(ambiguous, AMBIGUOUS, 0), BAD)
    return np.where(is_month, month, 1), day, fault


def _hour(written: np.ndarray, on_the_hour: np.ndarray, half_day: str | None) -> np.ndarray:
    """The hour of the day, 24 only for 24:00, -1 where the hour and the word for it make no sense."""
    if half_day is not None:
        return _HOUR_OF[half_day][written]
    return np.where((written < 24) | ((written == 24) & on_the_hour), written, -1)


def _table(hours: dict[int, int]) -> np.ndarray:
    table = np.full(100, -1)
    table[list(hours)] = list(hours.values())
    return table


def _hour_tables() -> dict[str, np.ndarray]:
    """What 1 to 12, or an hour already counted to 24, means after each word for a part of the day."""
    morning = _table({hour: hour for hour in range(12)} | {12: 0})
    afternoon = _table({hour: hour + 12 for hour in range(1, 12)} | {h: h for h in range(12, 24)})
    night = _table({hour: hour for hour in range(7)} | {12: 0})
    noon = _table({11: 11, 12: 12, 13: 13, 14: 14, 1: 13, 2: 14})
    evening = _table({hour: hour + 12 for hour in range(5, 12)} | {h: h for h in range(17, 24)})
    early = _table({hour: hour for hour in range(4, 12)})
    return {
        "上午": morning, "am": morning, "下午": afternoon, "pm": afternoon, "凌晨": night, "中午": noon,
        "傍晚": evening, "晚上": evening, "晚间": evening, "早上": early, "早晨": early, "清晨": early,
    }  # fmt: skip


_HOUR_OF: Final = _hour_tables()


def _shift(moments: Moments, rows: np.ndarray, timezone: str) -> None:
    """From the layout's time zone to China's; an hour that a change of clocks skips or repeats is a fault."""
    naive = pd.DatetimeIndex(moments.seconds[rows].astype("datetime64[s]"))
    there = naive.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    utc = there.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")
    lost = np.isnat(utc)
    moments.seconds[rows] = np.where(lost, 0, utc.astype(np.int64) + _CHINA_OFFSET)
    moments.fault[rows] = np.where(lost, CLOCK_CHANGE, 0)
