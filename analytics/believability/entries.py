"""How times were entered: on round minutes, two at the same second, several within a minute, long afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.believability import tails
from analytics.believability.finding import MIN_N, Finding, too_few, too_many
from analytics.frame import BIT, DAY, LAGS, NA
from analytics.vocabulary import COLUMN_LABELS, MILESTONE_OF_CLOCK, MILESTONES

_ROUNDED: Final = ("reported_at", "responded_at", "arrived_at", "planned_at")
#: A fifth of all minutes end in 0 or 5; up to a quarter is not asked about.
_ROUND_SHARE, _ROUND_TOLERATED = 0.2, 0.25
_PAIRS: Final = (
    ("reported_at", "responded_at"), ("responded_at", "arrived_at"), ("arrived_at", "planned_at"),
    ("resolved_at", "followed_up_at"),
)  # fmt: skip
#: Of pairs less than four seconds (or minutes) apart, up to this share may be at the very same one.
_SAME_TOLERATED: Final = 0.5
#: Of closings by one handler less than three minutes apart, up to this share may be within one minute.
_TOGETHER_TOLERATED: Final = 0.5
_WITHIN: Final = 60
_LATE: Final = DAY
#: A weekend day may see as little as this share of a weekday's life.
_WEEKEND_SHARE: Final = 0.25
_WEEKDAYS_BESIDE: Final = (-5, -4, -3, -2, -1, 2, 3, 4, 5, 6)


def moments(rows: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A time of each row as seconds of China time since 1970, and whether it is known to the time of day."""
    reported = rows["reported"].to_numpy()
    dated = rows["date_only"].to_numpy() & BIT[name] != 0
    if name == "reported_at":
        return reported, ~dated
    lag = rows[LAGS[name]].to_numpy()
    return reported + np.where(lag == NA, 0, lag), (lag != NA) & ~dated


def ids(rows: pd.DataFrame, chosen: np.ndarray) -> dict[str, Any]:
    """The way to some petitions, by their ids."""
    return {"case": tuple(rows["case_id"].to_numpy()[chosen].tolist())}


def examined(rows: pd.DataFrame) -> Iterator[Finding]:
    """All tests of this kind on the clocked petitions of a scope."""
    for name in _ROUNDED:
        yield from _round_minutes(rows, name)
    for pair in _PAIRS:
        yield from _same_second(rows, *pair)
    yield from _closed_together(rows)
    for clock in ("response", "arrival", "plan"):
        yield from _late_entry(rows, clock)
    yield from _empty_weekends(rows)


def _round_minutes(rows: pd.DataFrame, name: str) -> Iterator[Finding]:
    """Minutes of the hour that end in 0 or 5: a fifth of them, if they are noted when it happens."""
    seconds, known = moments(rows, name)
    rounded = known & (seconds // 60 % 5 == 0)
    n, seen = (int(np.count_nonzero(which)) for which in (known, rounded))
    if n < MIN_N:
        return
    p_value = too_many(seen, n * _ROUND_SHARE, tails.at_least(seen, n, _ROUND_TOLERATED))
    label = {"label": COLUMN_LABELS[name]}
    yield Finding("round_minutes", name, n, seen, n * _ROUND_SHARE, p_value, ids(rows, rounded), label)


def _same_second(rows: pd.DataFrame, first: str, second: str) -> Iterator[Finding]:
    """Two times of one petition that are the same, among those that differ by less than four units."""
    (begin, begin_known), (end, end_known) = moments(rows, first), moments(rows, second)
    both = begin_known & end_known
    # Where times are noted to the minute, only minutes can be told apart.
    unit = 60 if _to_the_minute(begin[both]) and _to_the_minute(end[both]) else 1
    gap = end - begin
    near, same = both & (gap >= 0) & (gap < 4 * unit), both & (gap == 0)
    n, seen = (int(np.count_nonzero(which)) for which in (near, same))
    if n < MIN_N:
        return
    expected = n * _SAME_TOLERATED
    p_value = too_many(seen, expected, tails.at_least(seen, n, _SAME_TOLERATED))
    labels = {"first": COLUMN_LABELS[first], "second": COLUMN_LABELS[second]}
    yield Finding("same_second", second, n, seen, expected, p_value, ids(rows, same), labels)


def _to_the_minute(seconds: np.ndarray) -> bool:
    return len(seconds) > 0 and bool(np.mean(seconds % 60 == 0) > 0.95)


def _closed_together(rows: pd.DataFrame) -> Iterator[Finding]:
    """Closings of one handler within a minute of the one before, among those within three."""
    closed, timed = moments(rows, "resolved_at")
    handler = rows["handler"].cat.codes.to_numpy()
    which = np.flatnonzero(timed & rows["is_closed"].to_numpy() & (handler >= 0))
    which = which[np.lexsort((closed[which], handler[which]))]
    gap = np.where(np.diff(handler[which]) == 0, np.diff(closed[which]), NA)
    near, together = gap < 3 * _WITHIN, gap < _WITHIN
    n, seen = (int(np.count_nonzero(mask)) for mask in (near, together))
    if n < MIN_N:
        return
    expected = n * _TOGETHER_TOLERATED
    p_value = too_many(seen, expected, tails.at_least(seen, n, _TOGETHER_TOLERATED))
    pairs = np.flatnonzero(together)
    chosen = np.sort(which[np.union1d(pairs, pairs + 1)])
    yield Finding("closed_together", "", n, seen, expected, p_value, ids(rows, chosen))


def _late_entry(rows: pd.DataFrame, clock: str) -> Iterator[Finding]:
    """Misses among times entered a day or more afterwards, against those entered at once."""
    milestone = MILESTONE_OF_CLOCK[clock]
    (happened, known), (entered, entry_known) = moments(rows, milestone), moments(rows, "entered_at")
    state = rows[f"{clock}_state"]
    missed = (state == "missed").to_numpy()
    judged = known & entry_known & (missed | (state == "met").to_numpy())
    late = judged & (entered - happened > _LATE)
    n, drawn = int(np.count_nonzero(judged)), int(np.count_nonzero(late))
    if drawn < MIN_N or n - drawn < MIN_N:
        return
    seen, marked = (int(np.count_nonzero(which & missed)) for which in (late, judged))
    expected = (marked - seen) / (n - drawn) * drawn
    p_value = too_few(seen, expected, tails.at_most_drawn(seen, marked, drawn, n))
    words = {"label": COLUMN_LABELS[milestone], "late": drawn}
    yield Finding("late_entry", clock, n, seen, expected, p_value, ids(rows, late), words)


def _empty_weekends(rows: pd.DataFrame) -> Iterator[Finding]:
    """Weekends on which nothing at all is recorded though the weekdays on either side are alive.

    Days with any record are counted, not records, so that one burst cannot make a quiet place look busy.
    """
    if len(rows) < MIN_N:
        return
    alive = _days_alive(rows)
    reported = rows["reported"].to_numpy() // DAY
    days = np.arange(reported.min(), reported.max() + 1)
    saturdays = days[((days + 3) % 7 == 5) & (days < reported.max())]
    saturdays = saturdays[saturdays - 5 >= reported.min()]
    if not len(saturdays):
        return
    beside = saturdays[:, None] + np.array(_WEEKDAYS_BESIDE)
    inside = beside <= reported.max()
    # The rate of a day with a share of days alive, one dead day added so that it stays finite.
    share = (np.isin(beside, alive) & inside).sum(axis=1) / (inside.sum(axis=1) + 1)
    chances = np.exp(2 * _WEEKEND_SHARE * np.log1p(-share))
    empty = saturdays[~(np.isin(saturdays, alive) | np.isin(saturdays + 1, alive))]
    expected = float(chances.sum())
    p_value = too_many(len(empty), expected, tails.at_least_of(len(empty), chances))
    example = str(empty[-1].astype("datetime64[D]")) if len(empty) else ""
    words = {"weekends": len(saturdays), "example": example}
    beside_them = {"weekday": (5, 6)}
    yield Finding("empty_weekends", "", len(rows), len(empty), expected, p_value, beside_them, words)


def _days_alive(rows: pd.DataFrame) -> np.ndarray:
    """Days since 1970 on which anything was recorded."""
    found = [rows["reported"].to_numpy() // DAY]
    for name in (*MILESTONES, "reopened_at"):
        lag = rows[LAGS[name]].to_numpy()
        found.append(((rows["reported"].to_numpy() + lag) // DAY)[lag != NA])
    return np.unique(np.concatenate(found))
