"""One row per petition: its lags, the state of each clock, its colour and its deadline as of a moment.

Definitions: the clocks 515303, the four colours and on-time resolution of the indicators. Whatever
happened after ``as_of`` is unknown here, so a review as of any past moment can be repeated.
"""

from __future__ import annotations

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
    frame = typed(petitions, courtyards)
    moment = epoch(as_of)
    frame = _known(frame, moment)
    horizon = np.minimum(moment - frame["reported"].to_numpy(), int(NA) - 1).astype(np.int32)
    columns: dict[str, Any] = _calendar_position(frame)
    resolved, negative = _resolved(frame)
    for clock in policy.clocks:
        columns |= _clock_columns(frame, horizon, clock, policy)
    columns |= _outcome(frame, horizon, resolved, negative, policy)
    columns |= _resolution(frame, horizon, resolved, columns, policy)
    columns |= _follow_up(frame, resolved, columns)
    clocked = pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)
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


def _known(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    """The frame as it was known at ``moment``: later reports gone, later events blank."""
    reported = frame["reported"].to_numpy()
    if len(reported) and reported.max() > moment:
        frame = frame[reported <= moment]
        reported = frame["reported"].to_numpy()
    horizon = np.minimum(moment - reported, int(NA) - 1).astype(np.int32)
    masked: dict[str, np.ndarray] = {}
    for name, lag in LAGS.items():
        values = frame[lag].to_numpy()
        if name != "promised_at" and (late := (values > horizon) & (values != NA)).any():
            masked[lag] = np.where(late, NA, values)
            dates = masked.get("date_only", frame["date_only"].to_numpy())
            masked["date_only"] = np.where(late, dates & ~BIT[name], dates)
    known = masked.get("followed_up_lag", frame["followed_up_lag"].to_numpy())
    known = np.where(known == NA, masked.get("resolved_lag", frame["resolved_lag"].to_numpy()), known)
    if len(unknown := np.flatnonzero(known == NA)):
        for name, blank in (("satisfaction", 0), ("confirmed_solved", -1)):
            values = frame[name].to_numpy(copy=True)
            values[unknown] = blank
            masked[name] = values
    return frame.assign(**masked) if masked else frame


def _calendar_position(frame: pd.DataFrame) -> dict[str, Any]:
    reported = frame["reported"].to_numpy()
    day = (reported // DAY).astype(np.int32)
    hour = ((reported - day.astype(np.int64) * DAY) // 3600).astype(np.int8)
    hour[frame["date_only"].to_numpy() & BIT["reported_at"] != 0] = -1
    return {"month": _month_of_day(day), "weekday": ((day + 3) % 7).astype(np.int8), "hour": hour}


def _month_of_day(day: np.ndarray) -> np.ndarray:
    """Months since year 0. A table by day: converting each row's date would be a hundred times slower."""
    if not len(day):
        return day.astype(np.int32)
    low = int(day.min())
    table = np.arange(low, int(day.max()) + 1).astype("datetime64[D]").astype("datetime64[M]")
    return (table.astype(np.int64) + 1970 * 12).astype(np.int32)[day - low]


def _clock_columns(frame: pd.DataFrame, horizon: np.ndarray, clock: Clock, policy: Policy) -> dict[str, Any]:
    """The first line of the state table that matches, from the last line up to the first."""
    end = frame[LAGS[clock.end]].to_numpy()
    start = _start(frame, clock)
    due = _due(frame, clock, start, policy)
    state = (end > due).astype(np.int8)
    blank = np.flatnonzero(end == NA)
    state[blank] = _unanswered(frame, clock, blank, horizon[blank], _at(due, blank))
    dated = _dated(frame, clock)
    if clock.limit.is_minutes and dated.any():
        rows = np.flatnonzero(dated)
        state[rows] = np.where(horizon[rows] <= _at(due, rows), PENDING, UNRECORDED)
    negative = _before_start(frame, clock, end, start)
    state[negative] = INVALID
    if not isinstance(start, int):
        state[start == NA] = PENDING
    timed = end != NA
    timed[negative] = False
    timed &= ~dated
    if clock.name == "arrival":
        exempt = frame["needs_visit"].to_numpy() == 0
        state[exempt] = EXEMPT
        timed &= ~exempt
    if not isinstance(start, int):
        timed &= start != NA
    seconds = np.where(timed, end - start, NA)
    return {
        f"{clock.name}_state": pd.Categorical.from_codes(state, dtype=_STATE_TYPE, validate=False),
        f"{clock.name}_due": np.broadcast_to(due, len(end)),
        f"{clock.name}_seconds": seconds.astype(np.int32, copy=False),
    }


def _at(values: np.ndarray | np.int32, rows: np.ndarray) -> np.ndarray | np.int32:
    return values[rows] if isinstance(values, np.ndarray) else values


def _start(frame: pd.DataFrame, clock: Clock) -> np.ndarray | int:
    return 0 if clock.start == "reported_at" else frame[LAGS[clock.start]].to_numpy()


def _due(frame: pd.DataFrame, clock: Clock, start: np.ndarray | int, policy: Policy) -> np.ndarray | np.int32:
    """Lag of the deadline. A day limit from a date without time of day lasts to the end of its last day."""
    reported = frame["reported"].to_numpy()
    begun = start if isinstance(start, int) else np.where(start == NA, np.int32(0), start)
    if clock.calendar is None:
        due = limit_lag(clock.limit, reported, begun)
    else:
        due = _working_due(reported, begun, clock, policy)
    dates = frame["date_only"].to_numpy() & BIT[clock.start] != 0
    if not clock.limit.is_minutes and dates.any():
        due = np.where(dates, due + np.int32(DAY - 1), due)
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


def _unanswered(
    frame: pd.DataFrame, clock: Clock, rows: np.ndarray, horizon: np.ndarray, due: np.ndarray | np.int32
) -> np.ndarray:
    """States of the petitions in ``rows``, whose milestone is not recorded."""
    state = np.full(len(rows), MISSED, dtype=np.int8)
    happened = frame["recorded"].to_numpy()[rows] & BIT[clock.end] == 0
    for name in MILESTONES[MILESTONES.index(clock.end) + 1 :]:
        happened |= frame[LAGS[name]].to_numpy()[rows] != NA
    state[happened] = UNRECORDED
    state[horizon <= due] = PENDING
    return state


def _dated(frame: pd.DataFrame, clock: Clock) -> np.ndarray:
    """Rows where the clock's start or end is a date without a time of day."""
    return frame["date_only"].to_numpy() & (BIT[clock.start] | BIT[clock.end]) != 0


def _before_start(frame: pd.DataFrame, clock: Clock, end: np.ndarray, start: np.ndarray | int) -> np.ndarray:
    """Positions of milestones recorded before the start; on the same day a date is not before."""
    rows = np.flatnonzero(end < start)
    if not len(rows):
        return rows
    reported = frame["reported"].to_numpy()[rows]
    begin = reported if isinstance(start, int) else reported + start[rows]
    dated = frame["date_only"].to_numpy()[rows] & BIT[clock.end] != 0
    same_day = (reported + end[rows]) // DAY == begin // DAY
    return rows[~(dated & same_day)]


def _resolved(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Lag of closing (same-day dates at zero) and which rows were closed before they were reported."""
    resolved = frame["resolved_lag"].to_numpy()
    rows = np.flatnonzero(resolved < 0)
    negative = np.zeros(len(resolved), dtype=bool)
    if not len(rows):
        return resolved, negative
    reported = frame["reported"].to_numpy()[rows]
    dated = frame["date_only"].to_numpy()[rows] & BIT["resolved_at"] != 0
    same_day = dated & ((reported + resolved[rows]) // DAY == reported // DAY)
    resolved = resolved.copy()
    resolved[rows[same_day]] = 0
    negative[rows[~same_day]] = True
    return resolved, negative


def _outcome(
    frame: pd.DataFrame, horizon: np.ndarray, resolved: np.ndarray, negative: np.ndarray, policy: Policy
) -> dict[str, Any]:
    unsolvable = frame["unsolvable"].to_numpy() == 1
    closed = (resolved != NA) & ~negative
    unknown = (negative | frame["closed_untimed"].to_numpy()) & ~unsolvable
    is_open = ~closed & ~unknown
    age = np.where(closed, resolved, horizon)
    outcome = _colour(frame, age, policy)
    outcome[unsolvable] = GREY
    outcome[is_open & ~unsolvable] += OPEN
    outcome[unknown] = UNKNOWN
    return {
        "outcome": pd.Categorical.from_codes(outcome, dtype=_OUTCOME_TYPE, validate=False),
        "is_open": is_open,
        "is_closed": closed,
        "duration": np.where(unknown, NA, age),
    }


def _colour(frame: pd.DataFrame, age: np.ndarray, policy: Policy) -> np.ndarray:
    """Colour code by elapsed seconds; a report without time of day lasts to the end of the limit's day."""
    reported = frame["reported"].to_numpy()
    dates = frame["date_only"].to_numpy() & BIT["reported_at"] != 0
    lasting = np.where(dates, age - np.int32(DAY - 1), age) if dates.any() else age
    colour = np.zeros(len(age), dtype=np.int8)
    beyond = np.arange(len(age))
    for name in COLOURS[:3]:
        limit = policy.colour_limit(name)
        beyond = beyond[lasting[beyond] > limit_lag(limit, reported[beyond])]
        colour[beyond] += 1
    return colour


def _resolution(
    frame: pd.DataFrame, horizon: np.ndarray, resolved: np.ndarray, known: dict[str, Any], policy: Policy
) -> dict[str, Any]:
    """Closed within the promise, or without one within the limit of the expected colour."""
    due = _resolution_due(frame, policy)
    closed, is_open = known["is_closed"], known["is_open"]
    state = np.full(len(due), RESOLUTION_STATES.index("invalid"), dtype=np.int8)
    state[closed] = (resolved > due)[closed]
    state[is_open] = np.where(horizon <= due, RESOLUTION_STATES.index("pending"), MISSED)[is_open]
    state[due == NA] = RESOLUTION_STATES.index("no_deadline")
    return {
        "resolution_state": pd.Categorical.from_codes(state, dtype=_RESOLUTION_TYPE, validate=False),
        "resolution_due": due,
    }


def _resolution_due(frame: pd.DataFrame, policy: Policy) -> np.ndarray:
    reported = frame["reported"].to_numpy()
    dates = frame["date_only"].to_numpy()
    expected = frame["expected"].cat.codes.to_numpy()
    due = np.full(len(frame), NA)
    for code, name in enumerate(COLOURS[:3]):
        rows = np.flatnonzero(expected == code)
        due[rows] = limit_lag(policy.colour_limit(name), reported[rows])
        late = dates[rows] & BIT["reported_at"] != 0
        due[rows[late]] += DAY - 1
    promised = frame["promised_lag"].to_numpy()
    rows = np.flatnonzero(promised != NA)
    promise = promised[rows].astype(np.int64)
    promise[dates[rows] & BIT["promised_at"] != 0] += DAY - 1
    kept = promise >= 0
    due[rows[kept]] = np.minimum(promise[kept], int(NA) - 1)
    return due


def _follow_up(frame: pd.DataFrame, resolved: np.ndarray, known: dict[str, Any]) -> dict[str, Any]:
    """What follow-ups at or after closing said; an earlier one satisfies only the clock."""
    followed = frame["followed_up_lag"].to_numpy()
    dated = frame["date_only"].to_numpy() & BIT["followed_up_at"] != 0
    # A date is any moment of its day, so that closing and follow-up on one day are in order.
    latest = np.where(dated & (followed != NA), followed + np.int32(DAY - 1), followed)
    after = known["is_closed"] & (latest >= resolved)
    due = np.isin(known["follow_up_state"].codes, (MET, MISSED, UNRECORDED))
    satisfaction = frame["satisfaction"].to_numpy()
    solved = frame["confirmed_solved"].to_numpy()
    return {
        "followed_up": due & (followed != NA),
        "rated": after & (satisfaction > 0),
        "satisfied": after & (satisfaction >= 4),
        "answered": after & (solved >= 0),
        "confirmed": after & (solved == 1),
    }
