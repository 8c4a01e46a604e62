"""Is a courtyard getting better: control charts by month, or by the days between misses where those are rare.

A month with two petitions is nearly always 100 % or 50 %, so a chart by month would see runs where there is
only smallness. Where fewer than :data:`PER_MONTH` misses (or hits) are expected a month, the days between
misses are charted instead, if petitions came at a steady pace.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final

import numpy as np
import pandas as pd

from analytics import measures, narrowing
from analytics.complaints import month_of
from analytics.dataset import Dataset, event_months
from analytics.evaluation import control_limits
from analytics.intervals import rate_ratio_exact
from analytics.measures import REGISTRY
from analytics.scope import Scope, month_number, month_text

#: Fewer expected misses (or hits) a month make a chart by month a chart of chance.
PER_MONTH: Final = 3.0


@dataclass(frozen=True, eq=False)
class Trend:
    """How a rate runs at one place.

    ``method``: ``month`` or ``days`` (between misses); ``chart``: the frame of :mod:`control_limits`, under
    months "YYYY-MM" or dates; ``word``: a key of WORD_LABELS, or None and ``reason`` says why: ``few`` (under
    12 points, or too few cases in each) or ``pace`` (the number of petitions itself changed). By month the
    limits are computed anew where a recorded event explains a change.
    """

    method: str
    chart: pd.DataFrame
    word: str | None
    reason: str | None


@dataclass(frozen=True, eq=False)
class Courses:
    """The trends of one rate at the places of a scope, over all complete months up to the scope's last.

    What all places share is measured once.
    """

    dataset: Dataset
    scope: Scope
    measure: str

    def at(self, place: str) -> Trend:
        """The trend at one place (a key)."""
        months, hits, trials = self._by_month(place)
        lower_is_better = REGISTRY[self.measure].better == "down"
        against = hits if lower_is_better else trials - hits
        if _is_rare(against, trials):
            return self._between_misses(place)
        parts = (pd.Series(hits, index=months), pd.Series(trials, index=months))
        chart = control_limits.rebased(partial(control_limits.p_chart, *parts), _events(self.dataset, place))
        better: control_limits.Better = "down" if lower_is_better else "up"
        word = None if _is_rare(trials - against, trials) else control_limits.word(chart, better)
        return Trend("month", chart, word, None if word else "few")

    @cached_property
    def _last(self) -> int:
        return _last_complete(self.dataset, self.scope)

    @cached_property
    def _everywhere(self) -> measures.Evaluation:
        inside = replace(self.scope, first_month=None, last_month=month_text(self._last))
        return measures.evaluate(self.dataset.rollup, inside)

    @cached_property
    def _due(self) -> pd.DataFrame:
        """The petitions that the rate is about: place code, seconds of the report, counted against or not."""
        rows = self.dataset.rows[self.dataset.rollup.mask(self._everywhere.scope)]
        due, against = narrowed(rows, self.measure)
        columns = {
            "place": rows["place"].cat.codes.to_numpy(),
            "reported": rows["reported"].to_numpy(),
            "against": against,
        }
        return pd.DataFrame(columns)[due]

    def _by_month(self, place: str) -> tuple[list[str], np.ndarray, np.ndarray]:
        """Months from the place's first petition on, hits and trials (0 where everything is unrecorded)."""
        rollup = self.dataset.rollup
        if place not in rollup.places:
            return [], np.zeros(0), np.zeros(0)
        counters = self._everywhere.table[rollup.places.index(place)].astype(np.int64)
        some = np.flatnonzero(measures.petitions(counters) > 0)
        begin = int(some[0]) if len(some) else len(counters)
        kept = slice(begin, max(self._last - rollup.first_month + 1, 0))
        found, at = measures.rates(counters[kept]), measures.RATES.index(self.measure)
        trials = found.trials[:, at].astype(float)
        return rollup.months[kept], np.where(trials > 0, found.numerator[:, at], 0).astype(float), trials

    def _between_misses(self, place: str) -> Trend:
        """Days between the petitions that count against the place; longer is better."""
        places = self.dataset.rollup.places
        code = places.index(place) if place in places else -1
        own = self._due[self._due["place"].to_numpy() == code]
        reported = own["reported"].to_numpy()
        chart = control_limits.days_between(reported[own["against"].to_numpy()].astype("datetime64[s]"))
        word = control_limits.word(chart, "up")
        if word is None:
            return Trend("days", chart, None, "few")
        return (
            Trend("days", chart, None, "pace")
            if _pace_changed(reported)
            else Trend("days", chart, word, None)
        )


def of_complaints(dataset: Dataset, scope: Scope, place: str) -> Trend:
    """The trend of a place's complaints per day: by month, or by the days between them where they are rare."""
    last = _last_complete(dataset, scope)
    table = dataset.complaints[(dataset.complaints["place"] == place) & (dataset.complaints["month"] <= last)]
    table = table[~table["incomplete"].to_numpy(dtype=bool)]
    rare = not len(table) or table["count"].mean() < PER_MONTH
    if rare and table["single"].all():
        times = dataset.complaint_times
        moments = times.loc[times["place"] == place, "received_at"]
        chart = control_limits.days_between(moments[moments < _end_of(last)])
        word = control_limits.word(chart, "up")
        return Trend("days", chart, word, None if word else "few")
    months = pd.PeriodIndex([month_text(int(m)) for m in table["month"]], freq="M")
    counts = pd.Series(table["count"].to_numpy(dtype=float), index=months.astype(str))
    days = pd.Series(months.days_in_month.astype(float), index=counts.index).where(counts.notna(), 0)
    chart = control_limits.rebased(
        partial(control_limits.u_chart, counts.fillna(0), days), _events(dataset, place)
    )
    word = None if rare else control_limits.word(chart, "down")
    return Trend("month", chart, word, None if word else "few")


def narrowed(rows: pd.DataFrame, measure: str) -> tuple[np.ndarray, np.ndarray]:
    """Which petitions a rate is about, and which of them count against the place, as booleans."""
    found = REGISTRY[measure]
    due = narrowing.mask(rows, found.base) if found.base else np.ones(len(rows), dtype=bool)
    hit = narrowing.mask(rows, found.narrowing) & due
    return due, hit if found.better == "down" else due & ~hit


def _events(dataset: Dataset, place: str) -> list[str]:
    """The months whose events may explain a change at a place."""
    return event_months(dataset, Scope(courtyards=(place,)))


def _last_complete(dataset: Dataset, scope: Scope) -> int:
    complete = month_of(dataset.as_of) - 1
    return min(complete, month_number(scope.last_month)) if scope.last_month else complete


def _end_of(month: int) -> pd.Timestamp:
    """The first moment after a month."""
    return pd.Timestamp(f"{month_text(month + 1)}-01")


def _is_rare(events: np.ndarray, trials: np.ndarray) -> bool:
    months = int((trials > 0).sum())
    return not months or bool(events.sum() / months < PER_MONTH)


def _pace_changed(reported: np.ndarray) -> bool:
    """Whether the later half of the time brought more (or fewer) petitions than chance makes of the earlier.

    Then the days between misses change although the rate does not.
    """
    middle = (int(reported.min()) + int(reported.max())) / 2
    later = int((reported > middle).sum())
    found = rate_ratio_exact(later, len(reported) - later)
    return bool(found.lower > 1 or found.upper < 1)
