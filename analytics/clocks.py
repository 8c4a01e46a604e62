"""One row per petition: its lags, the state of each clock, its colour and its deadline as of a moment.

Definitions: the clocks 515303, the four colours and on-time resolution of the indicators. Whatever
happened after ``as_of`` is unknown here, so a review as of any past moment can be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.calendars import WorkCalendar
from analytics.calendars import build as build_calendar
from analytics.frame import BIT, DAY, EVENT_LAGS, LAGS, NA, add_months, china_time, coded, epoch, typed
from analytics.policy import Clock, Limit, Policy
from analytics.vocabulary import CLOCKS, COLOURS, MILESTONES, OUTCOMES, STATES

MET, MISSED, PENDING, UNRECORDED, EXEMPT, INVALID = range(len(STATES))
RESOLUTION_STATES: Final = ("met", "missed", "pending", "invalid", "no_deadline")
OPEN, UNKNOWN = OUTCOMES.index("open_green"), OUTCOMES.index("unknown")
GREY: Final = COLOURS.index("grey")
#: Columns that are codes while they are measured, and what the codes stand for.
_CODED: Final = {
    **{f"{clock}_state": pd.CategoricalDtype(list(STATES)) for clock in CLOCKS},
    "outcome": pd.CategoricalDtype(list(OUTCOMES)),
    "resolution_state": pd.CategoricalDtype(list(RESOLUTION_STATES)),
}

#: Columns of the typed frame that measuring reads, beside the expected colour.
_READ: Final = (
    "reported", *LAGS.values(), "latest_lag", "date_only", "recorded", "needs_visit", "unsolvable",
    "confirmed_solved", "satisfaction", "closed_untimed",
)  # fmt: skip

#: Petitions measured at a time.
_BLOCK: Final = 1 << 16


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
      ``confirmed`` (follow-ups at or after closing only).
    """
    frame = _reported_by(typed(petitions, courtyards), epoch(as_of))
    columns = _measured(frame, _rules(frame, epoch(as_of), policy))
    masked = {name: columns.pop(name) for name in list(columns) if name in frame}
    for name, dtype in _CODED.items():
        columns[name] = pd.Categorical.from_codes(columns[name], dtype=dtype, validate=False)
    # copy=False: moving fifty columns together would cost as much as measuring them.
    added = pd.DataFrame(columns, index=frame.index, copy=False)
    clocked = pd.concat([frame.assign(**masked) if masked else frame, added], axis=1)
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
    """``yes`` where ``chosen`` (booleans), else ``no``; all of one integer type.

    By bits, because ``np.where`` branches on every row, which in no order costs ten times as much.
    """
    bits = -chosen.astype(no.dtype)
    bits &= no ^ yes
    bits ^= no
    return bits


def calendar_years(reported: np.ndarray) -> tuple[int, ...]:
    """Years in which a working deadline of these reports can fall: theirs and the next."""
    if not len(reported):
        return ()
    first, last = (
        np.int64(v).astype("datetime64[s]").astype("datetime64[Y]").astype(int)
        for v in (reported.min(), reported.max())
    )
    return tuple(range(1970 + int(first), 1970 + int(last) + 2))


def _reported_by(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    reported = frame["reported"].to_numpy()
    if not len(reported) or reported.max() <= moment:
        return frame
    known = reported <= moment
    count = np.count_nonzero(known)
    return frame.iloc[:count] if known[:count].all() else frame[known]  # in order of time: no copy


@dataclass(frozen=True, eq=False)
class _Rules:
    """What all petitions share. Tables are by day, from ``first_day`` (since 1970) to the last report's:
    converting each row's date would be a hundred times slower.

    ``days``: how many those are; ``colours``: lags of the green, yellow and red limit, one number where all
    have the same; ``expected``: lags by expected colour (none, green, yellow, red, grey) and
    day, one after the other; ``dates``, ``recorded``: bits of ``date_only`` that occur at all, bits of
    ``recorded`` that all have.
    """

    moment: int
    policy: Policy
    first_day: int
    days: int
    colours: tuple[np.ndarray | np.int32, ...]
    expected: np.ndarray
    calendars: dict[str, WorkCalendar]
    dates: int
    recorded: int

    @property
    def wide(self) -> bool:
        """Whether the reports go back further than 32 bits of seconds reach (68 years)."""
        return self.moment - self.first_day * DAY >= int(NA)


def _rules(frame: pd.DataFrame, moment: int, policy: Policy) -> _Rules:
    reported = frame["reported"].to_numpy()
    first, last = (int(reported.min()) // DAY, int(reported.max()) // DAY) if len(reported) else (0, 0)
    days = np.arange(first, last + 1)
    lags = tuple(limit_lag(policy.colour_limit(name), days * DAY) for name in COLOURS[:3])
    used = {clock.calendar for clock in policy.clocks}
    years = calendar_years(reported)
    return _Rules(
        moment,
        policy,
        first,
        len(days),
        colours=lags,
        expected=np.concatenate([np.broadcast_to(lag, days.shape) for lag in (NA, *lags, NA)]),
        calendars={name: build_calendar(rule, years)[0] for name, rule in policy.calendars if name in used},
        dates=int(np.bitwise_or.reduce(frame["date_only"].to_numpy())),
        recorded=int(np.bitwise_and.reduce(frame["recorded"].to_numpy())),
    )


def _measured(frame: pd.DataFrame, rules: _Rules) -> dict[str, np.ndarray]:
    """The columns that measuring adds, and those of ``frame`` that hold something not yet known.

    Block by block, so that what the steps hand on stays in the processor's cache and no new memory is needed.
    """
    given = {name: frame[name].to_numpy() for name in _READ}
    given["expected"] = coded(frame["expected"])
    columns: dict[str, np.ndarray] = {}
    for begin in range(0, max(len(frame), 1), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        masked, found = _block({name: values[rows] for name, values in given.items()}, rules)
        columns = columns or _room(found, len(frame))
        for name, values in masked.items():
            columns[name] = columns[name] if name in columns else given[name].copy()
            columns[name][rows] = values
        for name, values in found.items():
            if values.ndim:
                columns[name][rows] = values
    return columns


def _room(found: dict[str, np.ndarray], size: int) -> dict[str, np.ndarray]:
    """Columns for ``size`` rows, of the types that one block has; one number stands for all rows.

    Those of one type lie in one piece, because large pieces are handed out in large pages, much faster.
    """
    room = {name: np.broadcast_to(value, size) for name, value in found.items() if not value.ndim}
    for dtype in {values.dtype for values in found.values()}:
        names = [name for name, values in found.items() if values.ndim and values.dtype == dtype]
        room |= dict(zip(names, np.empty((len(names), size), dtype), strict=True))
    return {name: room[name] for name in found}


def _block(
    given: dict[str, np.ndarray], rules: _Rules
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    since = rules.moment - given["reported"]
    horizon = (np.minimum(since, int(NA) - 1) if rules.wide else since).astype(np.int32)
    masked = _masked(given, horizon)
    known = _Known(given | masked, horizon, rules)
    later = _recorded_later(known)
    columns: dict[str, np.ndarray] = {}
    for clock in rules.policy.clocks:
        columns |= _clock_columns(known, clock, later[clock.end])
    closing, negative = _closing(known)
    columns |= _outcome(known, closing, negative)
    columns |= _resolution(known, columns)
    columns |= _follow_up(known, closing, columns)
    return masked, columns


def _masked(given: dict[str, np.ndarray], horizon: np.ndarray) -> dict[str, np.ndarray]:
    """Columns in which something is not known yet, with that blank."""
    masked: dict[str, np.ndarray] = {}
    if len(rows := np.flatnonzero(given["latest_lag"] > horizon)):
        masked["latest_lag"] = np.minimum(given["latest_lag"], horizon)
        masked["date_only"] = given["date_only"].copy()
        for name, lag in LAGS.items():
            late = rows[(given[lag][rows] > horizon[rows]) & (given[lag][rows] != NA)]
            if lag in EVENT_LAGS and len(late):
                masked[lag] = given[lag].copy()
                masked[lag][late] = NA
                masked["date_only"][late] &= ~BIT[name]
    # What residents said is known from the follow-up, without one from closing; never before either.
    followed, resolved = given["followed_up_lag"], given["resolved_lag"]
    silent = np.flatnonzero(select(followed == NA, resolved, followed) > horizon)
    for name, nothing in (("satisfaction", 0), ("confirmed_solved", -1)):
        if (given[name][silent] != nothing).any():
            masked[name] = given[name].copy()
            masked[name][silent] = nothing
    return masked


class _Known:
    """A block of petitions as known at the moment: columns by name, and what several steps need of them.

    ``horizon``: int32 seconds from the report to the moment; ``day``: days from the rules' first to the
    report; ``blank``: for each milestone, where it is not recorded.
    """

    def __init__(self, columns: dict[str, np.ndarray], horizon: np.ndarray, rules: _Rules) -> None:
        self.columns, self.horizon, self.rules = columns, horizon, rules
        self.youngest = horizon.min(initial=NA)
        since = columns["reported"] - rules.first_day * DAY
        day = (since if rules.wide else since.astype(np.int32)) // DAY
        self.day = day.astype(np.intp)  # what looking up in a table takes
        self.blank = {name: columns[LAGS[name]] == NA for name in MILESTONES}

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def dated(self, *names: str) -> np.ndarray:
        """Rows in which one of these times is a date without a time of day."""
        bits = sum({BIT[name] for name in names})
        if not self.rules.dates & bits:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(self["date_only"] & np.int32(bits) != 0)


def _recorded_later(known: _Known) -> dict[str, np.ndarray]:
    """For each milestone, whether one that comes after it is recorded."""
    later = {}
    found = np.zeros(len(known.horizon), dtype=bool)
    for name in reversed(MILESTONES):
        later[name] = found
        found = found | ~known.blank[name]
    return later


def _clock_columns(known: _Known, clock: Clock, later: np.ndarray) -> dict[str, np.ndarray]:
    """The first line of the state table that matches, from the last line up to the first."""
    end = known[LAGS[clock.end]]
    start = 0 if clock.start == "reported_at" else known[LAGS[clock.start]]
    due = _due(known, clock, start)
    blank = known.blank[clock.end]
    state = (end > due).view(np.int8)  # met or missed: a blank is later than any limit
    happened = later
    if not known.rules.recorded & BIT[clock.end]:
        happened = later | (known["recorded"] & np.int32(BIT[clock.end]) == 0)
    state += (blank & happened) * np.int8(UNRECORDED - MISSED)
    if due.ndim or known.youngest <= due:
        state[np.flatnonzero(blank & (known.horizon <= due))] = PENDING
    dated = known.dated(clock.start, clock.end)
    if clock.limit.is_minutes:
        state[dated] = np.where(known.horizon[dated] <= _at(due, dated), PENDING, UNRECORDED)
    negative = _before_start(known, clock, end, start)
    state[negative] = INVALID
    seconds = end if isinstance(start, int) else select(blank | (start == NA), NA, end - start)
    if len(dated) or len(negative):
        seconds = seconds.copy()
        seconds[dated] = NA
        seconds[negative] = NA
    if not isinstance(start, int):
        state[start == NA] = PENDING
    if clock.name == "arrival":
        exempt = known["needs_visit"] == 0
        state = select(exempt, np.int8(EXEMPT), state)
        seconds = select(exempt, NA, seconds)
    name = clock.name
    return {f"{name}_state": state, f"{name}_due": np.asarray(due), f"{name}_seconds": seconds}


def _at(values: np.ndarray | np.int32, rows: np.ndarray) -> np.ndarray | np.int32:
    return values[rows] if isinstance(values, np.ndarray) else values


def _due(known: _Known, clock: Clock, start: np.ndarray | int) -> np.ndarray | np.int32:
    """Lag of the deadline. A day limit from a date without time of day lasts to the end of its last day."""
    begun = start if isinstance(start, int) else select(start == NA, np.int32(0), start)
    if clock.calendar is None:
        due = limit_lag(clock.limit, known["reported"], begun)
    else:
        due = _working_due(known["reported"], begun, clock, known.rules.calendars[clock.calendar])
    if not clock.limit.is_minutes and known.rules.dates & BIT[clock.start]:
        due = np.array(np.broadcast_to(due, known.horizon.shape))
        due[known.dated(clock.start)] += DAY - 1
    return due


def _working_due(
    reported: np.ndarray, start: np.ndarray | int, clock: Clock, calendar: WorkCalendar
) -> np.ndarray:
    begin = pd.Series((reported + start).astype("datetime64[s]"))
    deadline = calendar.deadline(begin, clock.limit)
    return (deadline.to_numpy().astype("datetime64[s]").astype(np.int64) - reported).astype(np.int32)


def _before_start(known: _Known, clock: Clock, end: np.ndarray, start: np.ndarray | int) -> np.ndarray:
    """Rows whose milestone was recorded before the start; on the same day a date is not before."""
    early = end < start
    if not early.any():
        return np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(early)
    reported = known["reported"][rows]
    begin = reported if isinstance(start, int) else reported + start[rows]
    dated = known["date_only"][rows] & BIT[clock.end] != 0
    same_day = (reported + end[rows]) // DAY == begin // DAY
    return rows[~(dated & same_day)]


def _closing(known: _Known) -> tuple[np.ndarray, np.ndarray]:
    """Lag of closing (same-day dates at zero, blank before the report), and the rows closed before it."""
    resolved = known["resolved_lag"]
    rows = np.flatnonzero(resolved < 0)
    dated = known["date_only"][rows] & BIT["resolved_at"] != 0
    reported = known["reported"][rows]
    same_day = dated & ((reported + resolved[rows]) // DAY == reported // DAY)
    closing = resolved.copy()
    closing[rows] = np.where(same_day, 0, NA)
    return closing, rows[~same_day]


def _outcome(known: _Known, closing: np.ndarray, negative: np.ndarray) -> dict[str, np.ndarray]:
    unsolvable = known["unsolvable"] == 1
    closed = closing != NA
    unknown = known["closed_untimed"].copy()
    unknown[negative] = True
    unknown &= ~unsolvable
    is_open = ~(closed | unknown)
    # A blank is later than any moment, so what is not closed has the age it has reached.
    age = np.minimum(closing, known.horizon)
    outcome = _colour(known, age)
    outcome = select(unsolvable, np.int8(GREY), outcome + is_open * np.int8(OPEN))
    rows = np.flatnonzero(unknown)
    outcome[rows] = UNKNOWN
    age[rows] = NA
    return {"outcome": outcome, "is_open": is_open, "is_closed": closed, "duration": age}


def _colour(known: _Known, age: np.ndarray) -> np.ndarray:
    """Colour code by elapsed seconds; a report without time of day lasts to the end of the limit's day."""
    lasting = age
    if len(dated := known.dated("reported_at")):
        lasting = age.copy()
        lasting[dated] -= DAY - 1
    colour = np.zeros(len(age), dtype=np.int8)
    beyond = np.ones(len(age), dtype=bool)
    for lags in known.rules.colours:
        beyond &= lasting > (lags.take(known.day) if lags.ndim else lags)
        colour += beyond.view(np.int8)
    return colour


def _resolution(known: _Known, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Closed within the promise, or without one within the limit of the expected colour."""
    due = _resolution_due(known)
    late, is_open = columns["duration"] > due, columns["is_open"]
    # Closed ones are met (0) or missed (1), open ones pending (2) or missed (1).
    state = (late ^ is_open).view(np.int8) + is_open
    state[np.flatnonzero(columns["duration"] == NA)] = RESOLUTION_STATES.index("invalid")
    state[np.flatnonzero(due == NA)] = RESOLUTION_STATES.index("no_deadline")
    return {"resolution_state": state, "resolution_due": due}


def _resolution_due(known: _Known) -> np.ndarray:
    """Lag of the promise, if it is none before the report, else of the expected colour's limit."""
    rules = known.rules
    due = rules.expected.take((known["expected"].astype(np.intp) + 1) * rules.days + known.day)
    dated = known.dated("reported_at")
    due[dated] += np.where(due[dated] == NA, 0, DAY - 1).astype(np.int32)
    rows = np.flatnonzero(known["promised_lag"] != NA)
    promise = np.minimum(known["promised_lag"][rows], NA - np.int32(DAY))
    promise += (known["date_only"][rows] & np.int32(BIT["promised_at"]) != 0) * np.int32(DAY - 1)
    kept = promise >= 0
    due[rows[kept]] = promise[kept]
    return due


def _follow_up(known: _Known, closing: np.ndarray, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What follow-ups at or after closing said; an earlier one satisfies only the clock."""
    followed = known["followed_up_lag"]
    latest = followed
    if len(dated := known.dated("followed_up_at")):
        # A date is any moment of its day, so that closing and follow-up on one day are in order.
        latest = followed.copy()
        latest[dated] = np.minimum(latest[dated], NA - np.int32(DAY)) + np.int32(DAY - 1)
    after = columns["is_closed"] & (latest >= closing)
    state = columns["follow_up_state"]
    due = (state == MET) | (state == MISSED) | (state == UNRECORDED)
    satisfaction, solved = known["satisfaction"], known["confirmed_solved"]
    return {
        "followed_up": due & ~known.blank["followed_up_at"],
        "rated": after & (satisfaction > 0),
        "satisfied": after & (satisfaction >= 4),
        "answered": after & (solved >= 0),
        "confirmed": after & (solved == 1),
    }
