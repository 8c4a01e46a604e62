"""The review that every engine computes, as numbers that can be compared one by one.

Counts by month and by courtyard of expected × actual colour, of the four clocks × six states, of the on-time
states, of open and closed, and of what follow-ups said; all rates of them with their intervals; and of the
recorded times of each clock the number, the median and the 90th percentile.

Not in it, because neither Polars nor DuckDB has them ready: repeats, progress reports, Kaplan-Meier, funnel
limits and the launch effect. They are timed apart, as part of the product's own review.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics import measures
from analytics.clocks import RESOLUTION_STATES
from analytics.frame import DAY
from analytics.rollup import COUNTERS, EXPECTED
from analytics.vocabulary import CLOCKS, OUTCOMES, STATES

Names = tuple[tuple[str, ...], ...]

SHARES: Final = (0.5, 0.9)
FLAGS: Final = ("is_open", "is_closed", "followed_up", "rated", "satisfied", "answered", "confirmed")

#: The two codes into which Polars and DuckDB pack what they count, the first part the most significant.
CLOCK_CODE: Final[Names] = tuple(tuple(f"{clock}_{state}" for state in STATES) for clock in CLOCKS)
OTHER_CODE: Final[Names] = (
    COUNTERS[: len(EXPECTED) * len(OUTCOMES)],
    tuple(f"resolution_{state}" for state in RESOLUTION_STATES),
    *((flag,) for flag in FLAGS),
)


@dataclass(frozen=True)
class Span:
    """What the tables of an answer range over: days since 1970, months since year 0, courtyards by code."""

    first_day: int
    last_day: int
    first_month: int
    months: int
    places: int

    @classmethod
    def of(cls, petitions: pd.DataFrame) -> Span:
        """The span of a typed frame."""
        first, last = (int(day) // DAY for day in (petitions["reported"].min(), petitions["reported"].max()))
        months = [int(np.datetime64(day, "D").astype("datetime64[M]").astype(int)) for day in (first, last)]
        places = len(petitions["place"].cat.categories)
        return cls(first, last, months[0] + 1970 * 12, months[1] - months[0] + 1, places)


@dataclass(frozen=True, eq=False)
class Answer:
    """Counters by month of the span and of the courtyards, by code, that have petitions; a row of ``times`` per
    clock: number recorded, median and 90th percentile in seconds."""

    by_month: np.ndarray
    places: np.ndarray
    by_place: np.ndarray
    times: np.ndarray

    def __post_init__(self) -> None:
        # The rates belong to the review, and every engine pays for them alike.
        measures.rates(
            np.concatenate([self.by_month.sum(axis=0, keepdims=True), self.by_month, self.by_place])
        )

    @classmethod
    def of_all(cls, by_month: np.ndarray, by_place: np.ndarray, times: np.ndarray) -> Answer:
        """From a table with a row for every courtyard of the span."""
        places = np.flatnonzero(by_place.any(axis=1))
        return cls(by_month, places, by_place[places], times)


def differences(first: Answer, second: Answer) -> list[str]:
    """What two engines do not agree on; empty when they give the same review."""
    found = [
        name
        for name in ("by_month", "places", "by_place")
        if not np.array_equal(getattr(first, name), getattr(second, name))
    ]
    same_times = np.allclose(first.times, second.times, rtol=0, atol=1e-6, equal_nan=True)
    return found if same_times else [*found, "times"]


def unpack(table: np.ndarray, row: np.ndarray, code: np.ndarray, count: np.ndarray, names: Names) -> None:
    """Writes counters of petitions that were counted by ``row`` of ``table`` and a packed ``code``.

    ``names``: the parts of the code, each a group of counters (states) or one alone (a flag, 0 or 1).
    """
    for part in reversed(names):
        width = max(len(part), 2)
        code, digit = np.divmod(code, width)
        counted = np.bincount(row * width + digit, weights=count, minlength=len(table) * width)
        begin = COUNTERS.index(part[0])
        table[:, begin : begin + len(part)] = counted.reshape(-1, width)[:, -len(part) :]
