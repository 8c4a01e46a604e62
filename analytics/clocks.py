"""One row per petition: its lags, the state of each clock, its colour and its deadline as of a moment.

Definitions: the clocks 515303, the four colours and on-time resolution of the indicators. Whatever
happened after ``as_of`` is unknown here, so a review as of any past moment can be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.calendars import build as build_calendar
from analytics.frame import BIT, DAY, LAGS, NA, add_months, china_time, epoch, typed
from analytics.policy import Clock, Limit, Policy
from analytics.vocabulary import COLOURS, MILESTONES, OUTCOMES, STATES

MET, MISSED, PENDING, UNRECORDED, EXEMPT, INVALID = range(len(STATES))
RESOLUTION_STATES: Final = ("met", "missed", "pending", "invalid", "no_deadline")
OPEN, UNKNOWN = OUTCOMES.index("open_green"), OUTCOMES.index("unknown")
GREY: Final = COLOURS.index("grey")
_STATE_TYPE: Final = pd.CategoricalDtype(list(STATES))
_OUTCOME_TYPE: Final = pd.CategoricalDtype(list(OUTCOMES))
_RESOLUTION_TYPE: Final = pd.CategoricalDtype(list(RESOLUTION_STATES))


def measure(
    petitions: pd.DataFrame, as_of: object, policy: Policy, courtyards: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row per petition reported by ``as_of``; index and order are those of ``petitions``.

    ``petitions`` is a typed frame (:func:`analytics.frame.typed`) or plain canonical records;
    ``as_of`` without an offset is China time. Columns: the typed frame's, masked, and

    - ``<clock>_state`` (categorical of the six states), ``<clock>_due`` (lag in seconds) and
      ``<clock>_seconds`` (recorded valid time with a time of day, else :data:`analytics.frame.NA`);
    - ``outcome`` (closed or open by colour, or unknown), ``is_open``, ``is_closed``;
    - ``resolution_state`` and ``resolution_due``; ``duration`` (seconds to closing or to ``as_of``);
    - ``followed_up`` (of those whose follow-up is due), ``rated``, ``satisfied``, ``answered``,
      ``confirmed`` (follow-ups at or after closing only);
    - ``month`` (months since year 0), ``weekday`` (Monday 0), ``hour`` (-1 for a date without time).
    """
    known = _known(typed(petitions, courtyards), epoch(as_of))
    columns: dict[str, Any] = _calendar_position(known)
    later = _recorded_later(known)
    for clock in policy.clocks:
        columns |= _clock_columns(known, clock, later[clock.end], policy)
    closing, negative = _closing(known)
    columns |= _outcome(known, closing, negative, policy)
    columns |= _resolution(known, closing, columns, policy)
    columns |= _follow_up(known, closing, columns)
    # The new columns stay as they are (copy=False): moving fifty columns together would cost as much again.
    measured = pd.DataFrame(columns, index=known.frame.index, copy=False)
    clocked = pd.concat([known.frame, measured], axis=1)
    clocked.attrs = {"as_of": china_time(as_of), "policy": policy.digest}
    return clocked


def limit_lag(limit: Limit, reported: np.ndarray, start: np.ndarray | int = 0) -> np.ndarray | np.int32:
    """Lag of the moment ``limit`` after ``reported + start``; one number where it is the same for all."""
    fixed = limit.fixed_seconds
    if fixed is not None:
        return np.int32(fixed) if isinstance(start, int) else (start + np.int32(fixed))
    begin = reported + start
    day = begin // DAY
    moved = add_months(day, limit.months) + limit.days
    return ((moved - day) * DAY + limit.seconds + start).astype(np.int32)


def select(chosen: np.ndarray, yes: Any, no: Any) -> np.ndarray:
    """``yes`` where ``chosen`` (booleans), else ``no``; both of one integer type.

    By bits, because ``np.where`` branches on every row, which in no order costs five times as much.
    """
    mask = -chosen.astype(no.dtype)
    return no ^ ((no ^ yes) & mask)


@dataclass(frozen=True, eq=False)
class _Known:
    """Petitions as they were known at a moment, and what several steps need of them, as arrays.

    ``horizon``: int32 seconds from the report to the moment; ``first_day``: days since 1970 of the first
    report; ``day``: days from then to each report; ``seconds``: seconds from the start of ``first_day``.
    """

    frame: pd.DataFrame
    horizon: np.ndarray
    first_day: int
    seconds: np.ndarray
    day: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        return self.frame[name].to_numpy()

    @cached_property
    def dates(self) -> np.ndarray:
        """Bit mask of the times that are dates without a time of day."""
        return self["date_only"]

    @cached_property
    def any_dates(self) -> int:
        """Bits that occur in :attr:`dates` at all, to pass over what no row needs."""
        return int(np.bitwise_or.reduce(self.dates))

    def dated(self, *names: str) -> np.ndarray:
        """Rows in which one of these times is a date without a time of day."""
        bits = sum({BIT[name] for name in names})
        if not self.any_dates & bits:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(self.dates & np.int32(bits))

    def by_day(self, limit: Limit) -> np.ndarray:
        """Lag of the moment ``limit`` after a report, for each day from the first to the last."""
        days = np.arange(int(self.day.max()) + 1 if len(self.day) else 0)
        lags = limit_lag(limit, (self.first_day + days) * DAY)
        return np.broadcast_to(lags, len(days)).astype(np.int32)

    def after(self, limit: Limit) -> np.ndarray | np.int32:
        """Lag of the moment ``limit`` after each report; one number where it is the same for all."""
        fixed = limit.fixed_seconds
        return self.by_day(limit).take(self.day) if fixed is None else np.int32(fixed)


def _known(frame: pd.DataFrame, moment: int) -> _Known:
    """The petitions as known at ``moment``: later reports gone, later events blank."""
    frame = _reported_by(frame, moment)
    reported = frame["reported"].to_numpy()
    horizon = np.minimum(moment - reported, int(NA) - 1).astype(np.int32)
    masked: dict[str, np.ndarray] = {}
    for name, lag in LAGS.items():
        values = frame[lag].to_numpy()
        if name != "promised_at" and (late := (values > horizon) & (values != NA)).any():
            masked[lag] = np.where(late, NA, values)
            dates = masked.get("date_only", frame["date_only"].to_numpy())
            masked["date_only"] = np.where(late, dates & ~BIT[name], dates)
    frame = frame.assign(**masked) if masked else frame
    frame = _answers_known(frame)
    first_day = int(reported.min()) // DAY if len(reported) else 0
    seconds = reported - first_day * DAY
    if len(seconds) and seconds.max() < NA:
        seconds = seconds.astype(np.int32)  # half the width, three times the speed
    return _Known(frame, horizon, first_day, seconds, seconds // DAY)


def _reported_by(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    known = frame["reported"].to_numpy() <= moment
    if known.all():
        return frame
    count = np.count_nonzero(known)
    return frame.iloc[:count] if known[:count].all() else frame[known]  # in order of time: no copy


def _answers_known(frame: pd.DataFrame) -> pd.DataFrame:
    """What residents said is known from the follow-up, without one from closing."""
    silent = (frame["followed_up_lag"].to_numpy() == NA) & (frame["resolved_lag"].to_numpy() == NA)
    masked = {}
    for name, blank in (("satisfaction", 0), ("confirmed_solved", -1)):
        values = frame[name].to_numpy()
        if (early := silent & (values != blank)).any():
            masked[name] = np.where(early, values.dtype.type(blank), values)
    return frame.assign(**masked) if masked else frame


def _calendar_position(known: _Known) -> dict[str, Any]:
    """Month, weekday and hour. Tables by day: converting each row's date would be a hundred times slower."""
    days = np.arange(int(known.day.max()) + 1 if len(known.day) else 0) + known.first_day
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32) + np.int32(1970 * 12)
    weekday = ((days + 3) % 7).astype(np.int8)
    hour = ((known.seconds - known.day * DAY) // 3600).astype(np.int8)
    hour[known.dated("reported_at")] = -1
    return {"month": month.take(known.day), "weekday": weekday.take(known.day), "hour": hour}


def _recorded_later(known: _Known) -> dict[str, np.ndarray]:
    """For each milestone, whether one that comes after it is recorded."""
    later = {}
    found = np.zeros(len(known.day), dtype=bool)
    for name in reversed(MILESTONES):
        later[name] = found
        found = found | (known[LAGS[name]] != NA)
    return later


def _clock_columns(known: _Known, clock: Clock, later: np.ndarray, policy: Policy) -> dict[str, Any]:
    """The first line of the state table that matches, from the last line up to the first."""
    end = known[LAGS[clock.end]]
    start = _start(known, clock)
    due = _due(known, clock, start, policy)
    blank = end == NA
    state = (end > due).view(np.int8)  # met or missed: a blank is later than any limit
    happened = later | (known["recorded"] & np.int32(BIT[clock.end]) == 0)
    state += (blank & happened).view(np.int8) * np.int8(UNRECORDED - MISSED)
    state[np.flatnonzero(blank & (known.horizon <= due))] = PENDING
    dated = known.dated(clock.start, clock.end)
    if clock.limit.is_minutes:
        state[dated] = np.where(known.horizon[dated] <= _at(due, dated), PENDING, UNRECORDED)
    negative = _before_start(known, clock, end, start)
    state[negative] = INVALID
    seconds = end.copy() if isinstance(start, int) else select(blank, NA, end - start)
    seconds[dated] = NA
    seconds[negative] = NA
    if not isinstance(start, int):
        state[start == NA] = PENDING
        seconds[start == NA] = NA
    if clock.name == "arrival":
        exempt = known["needs_visit"] == 0
        state = select(exempt, np.int8(EXEMPT), state)
        seconds = select(exempt, NA, seconds)
    return {
        f"{clock.name}_state": pd.Categorical.from_codes(state, dtype=_STATE_TYPE, validate=False),
        f"{clock.name}_due": np.broadcast_to(due, len(end)),
        f"{clock.name}_seconds": seconds,
    }


def _at(values: np.ndarray | np.int32, rows: np.ndarray) -> np.ndarray | np.int32:
    return values[rows] if isinstance(values, np.ndarray) else values


def _start(known: _Known, clock: Clock) -> np.ndarray | int:
    return 0 if clock.start == "reported_at" else known[LAGS[clock.start]]


def _due(known: _Known, clock: Clock, start: np.ndarray | int, policy: Policy) -> np.ndarray | np.int32:
    """Lag of the deadline. A day limit from a date without time of day lasts to the end of its last day."""
    begun = start if isinstance(start, int) else select(start == NA, np.int32(0), start)
    if clock.calendar is not None:
        due: np.ndarray | np.int32 = _working_due(known["reported"], begun, clock, policy)
    elif isinstance(begun, int):
        due = known.after(clock.limit)
    else:
        due = limit_lag(clock.limit, known["reported"], begun)
    dated = known.dated(clock.start)
    if not clock.limit.is_minutes and len(dated):
        due = np.array(np.broadcast_to(due, len(known.day)))
        due[dated] += DAY - 1
    return due


def _working_due(reported: np.ndarray, start: np.ndarray | int, clock: Clock, policy: Policy) -> np.ndarray:
    begin = pd.Series((reported + start).astype("datetime64[s]"))
    rule = dict(policy.calendars)[clock.calendar or ""]
    calendar, _warnings = build_calendar(rule, calendar_years(reported))
    deadline = calendar.deadline(begin, clock.limit)
    return (deadline.to_numpy().astype("datetime64[s]").astype(np.int64) - reported).astype(np.int32)


def calendar_years(reported: np.ndarray) -> tuple[int, ...]:
    """Years in which a working deadline of these reports can fall: theirs and the next."""
    if not len(reported):
        return ()
    first, last = (
        np.int64(v).astype("datetime64[s]").astype("datetime64[Y]").astype(int)
        for v in (reported.min(), reported.max())
    )
    return tuple(range(1970 + int(first), 1970 + int(last) + 2))


def _before_start(known: _Known, clock: Clock, end: np.ndarray, start: np.ndarray | int) -> np.ndarray:
    """Rows whose milestone was recorded before the start; on the same day a date is not before."""
    rows = np.flatnonzero(end < start)
    reported = known["reported"][rows]
    begin = reported if isinstance(start, int) else reported + start[rows]
    dated = known.dates[rows] & BIT[clock.end] != 0
    same_day = (reported + end[rows]) // DAY == begin // DAY
    return rows[~(dated & same_day)]


def _closing(known: _Known) -> tuple[np.ndarray, np.ndarray]:
    """Lag of closing (same-day dates at zero, blank before the report), and the rows closed before it."""
    resolved = known["resolved_lag"]
    rows = np.flatnonzero(resolved < 0)
    dated = known.dates[rows] & BIT["resolved_at"] != 0
    reported = known["reported"][rows]
    same_day = dated & ((reported + resolved[rows]) // DAY == reported // DAY)
    closing = resolved.copy()
    closing[rows] = np.where(same_day, 0, NA)
    return closing, rows[~same_day]


def _outcome(known: _Known, closing: np.ndarray, negative: np.ndarray, policy: Policy) -> dict[str, Any]:
    unsolvable = known["unsolvable"] == 1
    closed = closing != NA
    unknown = known["closed_untimed"].copy()
    unknown[negative] = True
    unknown &= ~unsolvable
    is_open = ~(closed | unknown)
    # A blank is later than any moment, so what is not closed has the age it has reached.
    age = np.minimum(closing, known.horizon)
    outcome = _colour(known, age, policy)
    outcome = select(unsolvable, np.int8(GREY), outcome + is_open.view(np.int8) * np.int8(OPEN))
    rows = np.flatnonzero(unknown)
    outcome[rows] = UNKNOWN
    age[rows] = NA
    return {
        "outcome": pd.Categorical.from_codes(outcome, dtype=_OUTCOME_TYPE, validate=False),
        "is_open": is_open,
        "is_closed": closed,
        "duration": age,
    }


def _colour(known: _Known, age: np.ndarray, policy: Policy) -> np.ndarray:
    """Colour code by elapsed seconds; a report without time of day lasts to the end of the limit's day."""
    lasting = age
    if len(dated := known.dated("reported_at")):
        lasting = age.copy()
        lasting[dated] -= DAY - 1
    colour = np.zeros(len(age), dtype=np.int8)
    beyond = np.ones(len(age), dtype=bool)
    for name in COLOURS[:3]:
        beyond &= lasting > known.after(policy.colour_limit(name))
        colour += beyond.view(np.int8)
    return colour


def _resolution(
    known: _Known, closing: np.ndarray, columns: dict[str, Any], policy: Policy
) -> dict[str, Any]:
    """Closed within the promise, or without one within the limit of the expected colour."""
    due = _resolution_due(known, policy)
    met, missed, pending, invalid, no_deadline = np.arange(len(RESOLUTION_STATES), dtype=np.int8)
    state = select(known.horizon > due, missed, pending)
    state = select(columns["is_open"], state, invalid)
    state = select(columns["is_closed"], select(closing > due, missed, met), state)
    state = select(due == NA, no_deadline, state)
    return {
        "resolution_state": pd.Categorical.from_codes(state, dtype=_RESOLUTION_TYPE, validate=False),
        "resolution_due": due,
    }


def _resolution_due(known: _Known, policy: Policy) -> np.ndarray:
    """Lag of the promise, if it is none before the report, else of the expected colour's limit."""
    limits = [known.by_day(policy.colour_limit(name)) for name in COLOURS[:3]]
    none = np.full(limits[0].shape, NA)
    table = np.concatenate([none, *limits, none])  # no colour expected, green, yellow, red, grey
    expected = known.frame["expected"].cat.codes.to_numpy().astype(np.int32)
    due = table.take((expected + 1) * len(none) + known.day)
    dated = known.dated("reported_at")
    due[dated] += np.where(due[dated] == NA, 0, DAY - 1).astype(np.int32)
    promise = known["promised_lag"]
    given = promise != NA
    end_of_day = (known.dates & np.int32(BIT["promised_at"]) != 0) * np.int32(DAY - 1)
    promise = np.minimum(promise, NA - np.int32(DAY)) + end_of_day
    return select(given & (promise >= 0), promise, due)


def _follow_up(known: _Known, closing: np.ndarray, columns: dict[str, Any]) -> dict[str, Any]:
    """What follow-ups at or after closing said; an earlier one satisfies only the clock."""
    followed = known["followed_up_lag"]
    recorded = followed != NA
    latest = followed
    if len(dated := known.dated("followed_up_at")):
        # A date is any moment of its day, so that closing and follow-up on one day are in order.
        latest = followed.copy()
        latest[dated] = np.minimum(latest[dated], NA - np.int32(DAY)) + np.int32(DAY - 1)
    after = columns["is_closed"] & (latest >= closing)
    state = columns["follow_up_state"].codes
    due = (state == MET) | (state == MISSED) | (state == UNRECORDED)
    satisfaction, solved = known["satisfaction"], known["confirmed_solved"]
    return {
        "followed_up": due & recorded,
        "rated": after & (satisfaction > 0),
        "satisfied": after & (satisfaction >= 4),
        "answered": after & (solved >= 0),
        "confirmed": after & (solved == 1),
    }
