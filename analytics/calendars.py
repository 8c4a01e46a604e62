"""Work calendars: when a limit that counts working time runs out, and how much of it has passed.

A clock that runs round the clock has no calendar (None). Times are naive local times throughout.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from analytics import holidays as public_holidays
from analytics.i18n import gettext as _
from analytics.policy import CalendarRule, Limit

Day: TypeAlias = dt.date | pd.Timestamp | str
Hours: TypeAlias = Sequence[tuple[str, str]]
Pauses: TypeAlias = Sequence[Any] | pd.Series
Spans: TypeAlias = tuple[tuple[int, int], ...]

_DAY: Final = 86_400
_TIME_OF_DAY: Final = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")
_NO_TIME: Final = re.compile(r"P(?=[0T])(0+[YMWD])*(T(0+[HMS])+)?")
_NO_LIMIT: Final = Limit("PT0S", 0, 0, 0)
_TICKS: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()


class WorkCalendar:
    """Opening hours of each weekday, with days that differ.

    ``hours``: weekday (0 = Monday … 6) to a list of ``("09:00", "12:00")``; ``("00:00", "00:00")`` is the
    whole day. ``holidays``: days without hours. ``workdays``: day to its own hours, before everything else.
    Raises ValueError for hours that overlap, run backwards or leave the whole week closed.
    """

    def __init__(
        self,
        hours: Mapping[int, Hours],
        holidays: Iterable[Day] = (),
        workdays: Mapping[Day, Hours] | None = None,
    ) -> None:
        if unknown := [day for day in hours if day not in range(7)]:
            raise ValueError(
                _("工作时间的星期要写 0（周一）到 6（周日），现在是「{day}」。").format(day=unknown[0])
            )
        self._week = tuple(_spans(hours.get(day, ())) for day in range(7))
        if not any(self._week):
            raise ValueError(_("工作日历一周之内没有任何工作时间，时限永远不会到期。"))
        closed = dict.fromkeys((_day_number(day) for day in holidays), ())
        opened = {_day_number(day): _spans(spans) for day, spans in (workdays or {}).items()}
        self._exceptions: dict[int, Spans] = closed | opened

    def deadline(self, starts: pd.Series, limit: str | Limit, pauses: Pauses | None = None) -> pd.Series:
        """The moment at which ``limit`` runs out for each start; NaT where the start is NaT.

        Hours, minutes and seconds count working time, and one that is used up exactly at closing ends at
        that closing time. Days are working days at the same clock time, from the first working moment at or
        after the start; where the last day does not work at that time, its next opening, or its closing.
        Months are calendar months (the 31st becomes the last of the month), then the first working moment.
        ``pauses``: per row a list of ``(from, to)`` or nothing; each moves the deadline by the working time
        that it took away before the deadline. Raises ValueError for a pause that runs backwards.
        """
        length = _as_limit(limit)
        values = _local_times(starts)
        known = ~np.isnat(values)
        begins = values[known].astype(np.int64)
        stops = _flat_pauses(pauses, starts, known, values.dtype)
        table = self._table(begins, stops, values.dtype, self._reach(length, bool(len(stops.row))))
        due = _due(table, begins, length)
        result = np.full(len(values), np.datetime64("NaT"), values.dtype)
        result[known] = _shifted(table, begins, due, stops).astype(values.dtype)
        return pd.Series(result, index=starts.index, name=starts.name)

    def elapsed(self, starts: pd.Series, ends: pd.Series, pauses: Pauses | None = None) -> pd.Series:
        """Working seconds (float) from each start to its end, pauses taken out.

        NaN where either is NaT; 0 where the end comes before the start. The two share one index.
        """
        if not starts.index.equals(ends.index):
            raise ValueError(_("开始与结束两列的行不对应。"))
        first, last = _local_times(starts), _local_times(ends)
        dtype = np.promote_types(first.dtype, last.dtype)
        known = ~(np.isnat(first) | np.isnat(last))
        begins, finishes = (side[known].astype(dtype).astype(np.int64) for side in (first, last))
        stops = _flat_pauses(pauses, starts, known, dtype)
        table = self._table(np.concatenate([begins, finishes]), stops, dtype, self._reach(_NO_LIMIT, False))
        worked = table.worked(finishes) - table.worked(begins) - _stood_still(table, begins, finishes, stops)
        result = np.full(len(first), np.nan)
        result[known] = np.maximum(worked, 0) / table.per
        return pd.Series(result, index=starts.index, name="elapsed")

    def _reach(self, limit: Limit, paused: bool) -> int:
        """Days after a start by which any such limit has certainly run out.

        Seven calendar days hold at least one working day and one week's work; each exceptional day can
        spoil one of those weeks.
        """
        week = sum(end - begin for spans in self._week for begin, end in spans)
        weeks = limit.days + -(-limit.seconds // week) + len(self._exceptions) + 3
        days = 31 * limit.months + 7 * weeks
        return days + 7 * -(-days * _DAY // week) if paused else days

    def _table(self, moments: np.ndarray, stops: _Stops, dtype: np.dtype, reach: int) -> _Table:
        """Every working interval from the day before the first moment to ``reach`` days after the last."""
        moments = np.concatenate([moments, stops.begin, stops.end])
        low, high = (int(moments.min()), int(moments.max())) if len(moments) else (0, 0)
        day = _DAY * _per(dtype)
        first, last = low // day - 1, high // day + reach + 1
        if not (
            dt.date.min.toordinal() <= first + _EPOCH and high // day + _EPOCH <= dt.date.max.toordinal()
        ):
            raise ValueError(_("有的时间超出了工作日历能计算的年份。"))
        return _Table.of(np.arange(first, last + 1), self._week, self._exceptions, dtype)


class _Table(NamedTuple):
    """Working intervals of a stretch of days, in order, in ticks since 1970 (one row per interval)."""

    open: np.ndarray
    close: np.ndarray
    before: np.ndarray  # working ticks of all earlier intervals
    rank: np.ndarray  # which working day of the stretch
    midnight: np.ndarray  # per working day: its first tick
    closing: np.ndarray  # per working day: its last closing
    per: int  # ticks in a second
    dtype: np.dtype  # what the ticks are

    @classmethod
    def of(
        cls, days: np.ndarray, week: tuple[Spans, ...], exceptions: dict[int, Spans], dtype: np.dtype
    ) -> _Table:
        per = _per(dtype)
        patterns = list(week)
        pattern = (days + 3) % 7  # 1970-01-01 was a Thursday
        for day, spans in exceptions.items():
            if days[0] <= day <= days[-1]:
                pattern[day - days[0]] = len(patterns)
                patterns.append(spans)
        counts = np.array([len(spans) for spans in patterns])
        flat = np.array([span for spans in patterns for span in spans], dtype=np.int64)
        offset = np.cumsum(counts) - counts
        repeats = counts[pattern]
        nth = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        spans = flat[np.repeat(offset[pattern], repeats) + nth]
        base = np.repeat(days, repeats) * _DAY
        opens, closes = (base + spans[:, 0]) * per, (base + spans[:, 1]) * per
        worked = np.cumsum(closes - opens)
        works = repeats > 0
        rank = np.repeat(np.cumsum(works) - 1, repeats)
        closing = closes[np.cumsum(repeats)[works] - 1]
        midnight = days[works] * _DAY * per
        return cls(opens, closes, worked - (closes - opens), rank, midnight, closing, per, dtype)

    def _opened(self, moments: np.ndarray) -> np.ndarray:
        """Row of the last interval that has opened by each moment (the first one if none has)."""
        return np.maximum(np.searchsorted(self.open, moments, side="right") - 1, 0)

    def interval(self, moments: np.ndarray) -> np.ndarray:
        """Row of the interval at or after each moment; a closing time still belongs to its interval."""
        row = self._opened(moments)
        return row + (moments > self.close[row])

    def next_moment(self, moments: np.ndarray) -> np.ndarray:
        """Each moment itself if it is working time, else the next opening."""
        return np.maximum(moments, self.open[self.interval(moments)])

    def worked(self, moments: np.ndarray) -> np.ndarray:
        """Working ticks from the beginning of the table to each moment."""
        row = self._opened(moments)
        return self.before[row] + np.clip(moments, self.open[row], self.close[row]) - self.open[row]

    def when_worked(self, ticks: np.ndarray) -> np.ndarray:
        """The first moment by which so many ticks have been worked: a closing time, not the next opening."""
        row = np.searchsorted(self.before, ticks, side="left") - 1
        return self.open[row] + ticks - self.before[row]

    def after_days(self, moments: np.ndarray, days: int) -> np.ndarray:
        """The same clock time ``days`` working days on, within the hours of that day."""
        row = self.interval(moments)
        begins = np.maximum(moments, self.open[row])
        target = self.rank[row] + days
        same_time = begins - self.midnight[self.rank[row]] + self.midnight[target]
        return np.minimum(self.next_moment(same_time), self.closing[target])


class _Stops(NamedTuple):
    """Pauses of all known rows, sorted by row and beginning; ``nth`` counts within a row."""

    row: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    nth: np.ndarray


def add_months(moments: np.ndarray, months: int) -> np.ndarray:
    """The same day and time ``months`` calendar months on; a day that month lacks becomes its last day.

    ``moments``: datetime64 array, NaT stays NaT.
    """
    month = moments.astype("datetime64[M]")
    day = moments.astype("datetime64[D]")
    time_of_day = moments - day
    target = month + np.timedelta64(months, "M")
    last_day = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    shifted = np.minimum(target.astype("datetime64[D]") + (day - month.astype("datetime64[D]")), last_day)
    return (shifted + time_of_day).astype(moments.dtype)


def build(
    rule: CalendarRule, years: Iterable[int], overrides: Path = public_holidays.OVERRIDES
) -> tuple[WorkCalendar, tuple[str, ...]]:
    """The calendar that a policy describes, and a sentence for each year whose holidays nobody knows.

    ``years``: all years that the times to be judged fall in. A make-up workday has the hours of the first
    weekday from Monday to Friday that has any. Raises ValueError for an override file that cannot be read.
    """
    hours = dict(rule.hours)
    if not rule.china_holidays:
        return WorkCalendar(hours), ()
    ordinary = next((hours[day] for day in range(5) if hours.get(day)), None)
    closed, makeup, unknown = public_holidays.china(sorted(set(years)), overrides)
    warnings = tuple(
        _(
            "工作日历没有 {year} 年的法定节假日和调休安排，这一年暂按平常的周末计算；请在 {file} 里补上。"
        ).format(year=year, file=overrides.name)
        for year in unknown
    )
    return WorkCalendar(hours, closed, dict.fromkeys(makeup, ordinary) if ordinary else None), warnings


def _spans(hours: Hours) -> Spans:
    """Hours as seconds of the day, in order; neighbours that touch stay apart, which changes nothing."""
    spans = sorted((_second(begin), _second(end) or _DAY) for begin, end in hours)
    for begin, end in spans:
        if end <= begin:
            raise ValueError(
                _("工作时间 {begin}–{end} 的结束不晚于开始；跨夜的请分成两段，分写在两天。").format(
                    begin=_clock(begin), end=_clock(end)
                )
            )
    for (_begin, end), (begin, _end) in pairwise(spans):
        if begin < end:
            raise ValueError(
                _("工作时间有重叠：{begin} 开始的一段在 {end} 之前。").format(
                    begin=_clock(begin), end=_clock(end)
                )
            )
    return tuple(spans)


def _second(written: str) -> int:
    match = _TIME_OF_DAY.fullmatch(str(written).strip())
    hour, minute, second = (int(part or 0) for part in match.groups()) if match else (99, 0, 0)
    value = hour * 3600 + minute * 60 + second
    if value > _DAY:
        raise ValueError(_("「{time}」不是一天里的时刻，例如 09:00。").format(time=written))
    return value


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}"


def _day_number(day: Day) -> int:
    moment = pd.Timestamp(day)
    if pd.isna(moment):
        raise ValueError(_("「{day}」不是日期。").format(day=day))
    return moment.toordinal() - _EPOCH


def _as_limit(limit: str | Limit) -> Limit:
    """A limit as the policy reads it; here zero is allowed too and means the next working moment."""
    if isinstance(limit, Limit):
        return limit
    text = str(limit).strip().upper()
    return _NO_LIMIT if _NO_TIME.fullmatch(text) else Limit.parse(text)


def _local_times(moments: pd.Series) -> np.ndarray:
    values = moments.to_numpy()
    if values.dtype.kind != "M" or isinstance(moments.dtype, pd.DatetimeTZDtype):
        raise TypeError(_("工作日历只认不带时区的时间列（datetime64）。"))
    return values


def _per(dtype: np.dtype) -> int:
    """How many ticks of a datetime64 type make a second."""
    return _TICKS[np.datetime_data(dtype)[0]]


def _flat_pauses(pauses: Pauses | None, starts: pd.Series, known: np.ndarray, dtype: np.dtype) -> _Stops:
    if pauses is None:
        nothing = np.zeros(0, dtype=np.int64)
        return _Stops(nothing, nothing, nothing, nothing)
    if len(pauses) != len(starts) or (
        isinstance(pauses, pd.Series) and not pauses.index.equals(starts.index)
    ):
        raise ValueError(_("暂停时段与各行不对应。"))
    place = np.cumsum(known) - 1
    flat = [
        (place[row], begin, end)
        for row, spans in enumerate(pauses)
        if known[row] and spans is not None and not (isinstance(spans, float) and np.isnan(spans))
        for begin, end in spans
    ]
    row = np.array([item[0] for item in flat], dtype=np.int64)
    begin, end = (_pause_ticks([item[side] for item in flat], dtype) for side in (1, 2))
    if (backwards := end < begin).any():
        first = flat[int(np.argmax(backwards))]
        raise ValueError(_("暂停的结束 {end} 早于开始 {begin}。").format(begin=first[1], end=first[2]))
    order = np.lexsort([begin, row])
    row, begin, end = row[order], begin[order], end[order]
    nth = np.arange(len(row)) - np.searchsorted(row, row, side="left")
    return _Stops(row, begin, end, nth)


def _pause_ticks(moments: list[Any], dtype: np.dtype) -> np.ndarray:
    stamps = [pd.Timestamp(moment) for moment in moments]
    if any(pd.isna(stamp) or stamp.tzinfo is not None for stamp in stamps):
        raise ValueError(_("暂停时段的开始和结束都要写，并且不带时区。"))
    return np.array([stamp.to_datetime64() for stamp in stamps], dtype).astype(np.int64)


def _in_turn(stops: _Stops, begins: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The first pause of every row, then the second, …, each without what came before it.

    Yields rows, beginnings and ends; an overlap is counted once, and an end may lie before its beginning
    when nothing is left.
    """
    counted_to = begins.copy()
    for nth in range(int(stops.nth.max()) + 1 if len(stops.nth) else 0):
        chosen = stops.nth == nth
        row, end = stops.row[chosen], stops.end[chosen]
        yield row, np.maximum(stops.begin[chosen], counted_to[row]), end
        counted_to[row] = np.maximum(counted_to[row], end)


def _due(table: _Table, begins: np.ndarray, limit: Limit) -> np.ndarray:
    moments = begins
    if limit.months:
        moments = add_months(moments.astype(table.dtype), limit.months).astype(np.int64)
    if limit.days:
        moments = table.after_days(moments, limit.days)
    elif not limit.seconds:
        moments = table.next_moment(moments)
    if limit.seconds:
        moments = table.when_worked(table.worked(moments) + limit.seconds * table.per)
    return moments


def _shifted(table: _Table, begins: np.ndarray, due: np.ndarray, stops: _Stops) -> np.ndarray:
    """Deadlines moved on by the working time of each pause that began before the deadline of then."""
    if not len(stops.row):
        return due
    planned = table.worked(due)
    target = planned.copy()
    for row, begin, end in _in_turn(stops, begins):
        lost = np.maximum(table.worked(end) - table.worked(begin), 0)
        target[row] += np.where(table.worked(begin) < target[row], lost, 0)
    return np.where(target > planned, table.when_worked(np.maximum(target, 1)), due)


def _stood_still(table: _Table, begins: np.ndarray, finishes: np.ndarray, stops: _Stops) -> np.ndarray:
    """Working ticks of each row that fell into its pauses."""
    lost = np.zeros(len(begins), dtype=np.int64)
    for row, begin, end in _in_turn(stops, begins):
        until = np.minimum(end, finishes[row])
        lost[row] += np.maximum(table.worked(until) - table.worked(begin), 0)
    return lost
