"""How the hit rate of one clock depends on its limit, minute by minute, from one look at the petitions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analytics import clocks, measures
from analytics.calendars import build as build_calendar
from analytics.dataset import Dataset
from analytics.frame import LAGS, NA, epoch
from analytics.policy import Clock, Policy
from analytics.rollup import COUNTERS, POSITION
from analytics.scope import Scope
from analytics.whatif.limits import clock_rows

MINUTES = tuple(range(1, 61))


def sensitivity(dataset: Dataset, scope: Scope, clock: str, minutes: Iterable[int] = MINUTES) -> pd.DataFrame:
    """The clock's rate of ``scope`` under each limit, by the very rules of its own limit.

    Index ``minutes``; columns numerator, denominator, uncertain (unrecorded), rate, lower, upper (Wilson),
    upper_bound; NaN unknown. Petitions not yet due under a limit are outside its denominator. Raises
    ValueError for a limit below one minute.
    """
    index = pd.Index(minutes, name="minutes", dtype=np.int64)
    if (index < 1).any():
        raise ValueError("a limit must be at least one minute")
    # Under the shortest limit every petition that can ever be due is told apart: late, unrecorded, or not.
    shortest = dataset.policy.with_limit(clock, "PT1M")
    rows = clock_rows(dataset.rows[dataset.rollup.mask(scope)], dataset.as_of, shortest)
    limits = index.to_numpy() * 60
    table = np.zeros((len(index), len(COUNTERS)), dtype=np.int64)
    for state, counted in _states(rows, shortest, clock, limits).items():
        table[:, POSITION[f"{clock}_{state}"]] = counted
    return measures.rates(table).of(clock).set_axis(index)


def _states(rows: pd.DataFrame, policy: Policy, clock: str, limits: np.ndarray) -> dict[str, np.ndarray]:
    """How many petitions are met, missed and unrecorded under each limit (seconds)."""
    rule = policy.clock(clock)
    state = rows[f"{clock}_state"]
    seconds = rows[f"{clock}_seconds"].to_numpy()
    begin = rows["reported"].to_numpy()
    if rule.start != "reported_at":
        begin = begin + rows[LAGS[rule.start]].to_numpy()
    timed = seconds != NA
    taken = _needed(begin[timed], begin[timed] + seconds[timed], rule, policy)
    met = _at_most(taken, limits)
    found = {"met": met, "missed": len(taken) - met, "unrecorded": np.zeros(len(limits), dtype=np.int64)}
    as_of = epoch(rows.attrs["as_of"])
    for name in ("missed", "unrecorded"):
        open_ended = np.flatnonzero(~timed & (state == name).to_numpy())
        age = _needed(begin[open_ended], np.full(len(open_ended), as_of), rule, policy)
        found[name] = found[name] + len(age) - _at_most(age, limits)
    return found


def _needed(begin: np.ndarray, end: np.ndarray, rule: Clock, policy: Policy) -> np.ndarray:
    """The shortest limit in seconds whose deadline is not before ``end``.

    On a working calendar: one second more than was worked by the second before, so that a moment after
    closing needs more than one at closing although no work lies between them.
    """
    if rule.calendar is None or not len(begin):
        return end - begin
    calendar, _warnings = build_calendar(dict(policy.calendars)[rule.calendar], clocks.calendar_years(begin))
    starts, before = (pd.Series(t.astype("datetime64[s]")) for t in (begin, end - 1))
    return calendar.elapsed(starts, before).to_numpy().astype(np.int64) + 1


def _at_most(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(values), limits, side="right")
