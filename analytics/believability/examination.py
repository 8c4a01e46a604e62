"""All tests on the petitions of a scope, under one false-discovery rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.believability import answers, density, entries
from analytics.believability.finding import Examination, Finding, collected
from analytics.dataset import Dataset
from analytics.frame import DAY, LAGS, NA, epoch
from analytics.i18n import mark
from analytics.policy import Clock, Limit
from analytics.scope import Scope
from analytics.vocabulary import CLOCK_LABELS


def examine(dataset: Dataset, scope: Scope, notes: pd.Series | None = None) -> Examination:
    """Every test that the records of ``scope`` allow, adjusted together.

    ``notes``: follow-up notes by ``case_id``, of the scope's petitions or more; None leaves that test out.
    """
    inside = dataset.rollup.mask(scope)
    rows = dataset.rows if inside.all() else dataset.rows[inside]
    found = [*_limits(rows, dataset), *entries.examined(rows)]
    found += answers.came_back(dataset.rows, inside, dataset.policy)
    found += answers.satisfied_only(rows)
    if notes is not None:
        found += answers.identical_notes(notes.reindex(pd.Index(rows["case_id"])))
    return collected(found)


def _limits(rows: pd.DataFrame, dataset: Dataset) -> Iterator[Finding]:
    """Times taken around every clock's limit, and days to closing around green's."""
    now = epoch(dataset.as_of)
    for clock in dataset.policy.clocks:
        limit = clock.limit.fixed_seconds
        # On a work calendar the same limit ends at many different lapses.
        if limit is not None and clock.calendar is None:
            yield from _clock_limit(rows, clock, limit, now)
    green = dataset.policy.colour_limit("green")
    if green.fixed_seconds is not None:
        yield from _closing_limit(rows, green, green.fixed_seconds, now)


def _clock_limit(rows: pd.DataFrame, clock: Clock, limit: int, now: int) -> Iterator[Finding]:
    taken = rows[f"{clock.name}_seconds"].to_numpy()
    start = 0 if clock.start == "reported_at" else rows[LAGS[clock.start]].to_numpy()
    old = _old_enough(rows, start, limit, now)
    seconds = taken[old & (taken != NA) & (taken >= 0)].astype(np.int64)

    def narrowing(excess: density.Excess) -> Mapping[str, Any]:
        return {"clock": clock.name, "above": excess.low, "upto": excess.high}

    label = CLOCK_LABELS[clock.name]
    yield from _asked(
        "just_under", clock.name, label, clock.limit, density.just_under(seconds, limit), narrowing
    )
    yield from _asked(
        "exactly_at", clock.name, label, clock.limit, density.exactly_at(seconds, limit), narrowing
    )


def _closing_limit(rows: pd.DataFrame, green: Limit, limit: int, now: int) -> Iterator[Finding]:
    if limit % DAY:
        return
    duration = rows["duration"].to_numpy()
    _moments, timed = entries.moments(rows, "resolved_at")
    _reports, exact = entries.moments(rows, "reported_at")
    chosen = rows["is_closed"].to_numpy() & timed & exact & _old_enough(rows, 0, limit, now)
    excess = density.just_under(duration[chosen].astype(np.int64), limit)

    def narrowing(excess: density.Excess) -> Mapping[str, Any]:
        return entries.ids(rows, chosen & (duration > excess.low) & (duration <= excess.high))

    yield from _asked("just_under", "closing", mark("办结"), green, excess, narrowing)


def _old_enough(rows: pd.DataFrame, start: np.ndarray | int, limit: int, now: int) -> np.ndarray:
    """Petitions that could have taken as long as any they are compared with; younger ones only fast."""
    begun = rows["reported"].to_numpy() + start
    return begun <= now - density.neighbourhood(limit)


def _asked(
    test: str,
    subject: str,
    label: str,
    limit: Limit,
    excess: density.Excess | None,
    narrowing: Callable[[density.Excess], Mapping[str, Any]],
) -> Iterator[Finding]:
    if excess is None:
        return
    words = {
        "label": label,
        "limit": limit,
        "low": _lapse(excess.low),
        "high": _lapse(excess.high),
    }
    numbers = (excess.n, excess.seen, excess.expected, excess.p_value)
    yield Finding(test, subject, *numbers, narrowing(excess), words)


def _lapse(seconds: int) -> Limit:
    """A lapse that reads itself out in the reader's language."""
    days, rest = divmod(seconds, DAY)
    return Limit(f"P{days}DT{rest}S", 0, days, rest)
