"""Last months that look incomplete: records come with a delay, and a low last month may only be a late one.

Three signs, each a hint and never a reason to leave a month out: nothing at all for longer than chance allows
(``silent``), a month far below those before it (``low``), a month for which a place has no figure (``absent``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from analytics import complaints as by_complaints
from analytics import measures
from analytics.complaints import month_of
from analytics.dataset import Dataset, launch_months
from analytics.frame import DAY, epoch
from analytics.scope import Scope, month_number, month_text

#: A silence, or a low month, is remarked on when chance makes it less often than this.
CHANCE: Final = 0.01
#: A month is low only below this share of the months before it.
LOW: Final = 0.6
#: A shorter silence is a holiday.
_DAYS: Final = 7
_FEWEST_MONTHS, _MOST_MONTHS = 6, 12


@dataclass(frozen=True)
class Unfinished:
    """Months ("YYYY-MM") at the end that look incomplete, why (``silent``, ``low``, ``absent``), and since when.

    ``last``: the moment of the last record, for ``silent``; ``count`` and ``usual``: the low month and the
    mean of those before it.
    """

    months: tuple[str, ...]
    reason: str
    last: pd.Timestamp | None = None
    count: int | None = None
    usual: float | None = None


def petitions(dataset: Dataset, scope: Scope) -> Unfinished | None:
    """Whether the last complete months of the petitions in ``scope`` look incomplete; None: they do not."""
    end = _end(dataset, scope)
    wide = replace(scope, first_month=None, last_month=month_text(end - 1))
    rollup = dataset.rollup
    reported = rollup.rows["reported"].to_numpy()[rollup.mask(replace(wide, last_month=None))]
    if found := _silent(reported, end, dataset):
        return found
    months, counters = measures.evaluate(rollup, wide).by_month()
    counts = pd.Series(measures.petitions(counters), index=[month_number(m) for m in months], dtype=float)
    return _low(counts, end, _launch(dataset, scope))


def complaints(dataset: Dataset, scope: Scope) -> Unfinished | None:
    """The same for complaints to the city platform."""
    end = _end(dataset, scope)
    table = by_complaints.in_scope(dataset.complaints, scope)
    table = table[table["month"] < end]
    if not len(table):
        return None
    if table["single"].all():
        times = dataset.complaint_times
        inside = times["place"].isin(table["place"].unique())
        moments = times.loc[inside, "received_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
        if found := _silent(moments, end, dataset):
            return found
    counts = by_complaints.by_month(table)["count"]
    if found := _absent(counts, end):
        return found
    flagged = table.loc[table["incomplete"].to_numpy(dtype=bool), "month"]
    return _low(counts.drop(flagged.unique(), errors="ignore"), end, _launch(dataset, scope))


def channels(dataset: Dataset, scope: Scope) -> dict[str, Unfinished | None]:
    """Both, by channel: ``petitions``, ``complaints``."""
    return {"petitions": petitions(dataset, scope), "complaints": complaints(dataset, scope)}


def flagged(found: Unfinished | None, as_of: pd.Timestamp) -> frozenset[str]:
    """Months that a trend must flag: those at the end that look incomplete, and the one that has not ended."""
    return frozenset((*(found.months if found else ()), month_text(month_of(as_of))))


def _end(dataset: Dataset, scope: Scope) -> int:
    """The month after the last complete one that the scope shows."""
    running = month_of(dataset.as_of)
    return min(running, month_number(scope.last_month) + 1) if scope.last_month else running


def _start(dataset: Dataset, month: int) -> int:
    """Seconds at which a month begins, or at which knowledge ends, if that is earlier."""
    return min(epoch(pd.Timestamp(f"{month_text(month)}-01")), epoch(dataset.as_of))


def _launch(dataset: Dataset, scope: Scope) -> int | None:
    """The month of the latest launch in ``scope``: months before it are no measure for those after it."""
    places = [key for key in dataset.choices["places"] if scope.includes_place(key)]
    launches = launch_months(dataset, places).values()
    return month_number(max(launches)) if launches else None


def _silent(moments: np.ndarray, end: int, dataset: Dataset) -> Unfinished | None:
    if not len(moments):
        return None
    last, begin = int(moments.max()), int(moments.min())
    until = epoch(dataset.as_of)
    since = max(begin, last - 365 * DAY)
    days = (last - since) / DAY
    pace = (moments >= since).sum() / days if days >= _DAYS else 0.0
    quiet = (until - last) / DAY
    if quiet < _DAYS or np.exp(-pace * quiet) >= CHANCE:
        return None
    moment = pd.Timestamp(last, unit="s").as_unit("s")
    first = month_of(moment)
    rest_of_month = (_start(dataset, first + 1) - last) / DAY
    first += pace * rest_of_month < 1  # the month of the last record is complete but for chance
    months = tuple(month_text(m) for m in range(first, end))
    return Unfinished(months, "silent", last=moment) if months else None


def _absent(counts: pd.Series, end: int) -> Unfinished | None:
    """Months at the end without a figure, or without one of every place that reported before."""
    known = counts.dropna()
    if not len(known):
        return None
    months = tuple(month_text(m) for m in range(int(known.index.max()) + 1, end))
    return Unfinished(months, "absent") if months else None


def _low(counts: pd.Series, end: int, launch: int | None) -> Unfinished | None:
    """The last complete month, against up to twelve before it (since the launch, if there was one)."""
    month = end - 1
    begin = max(month - _MOST_MONTHS, -1 if launch is None or launch > month else launch + 1)
    before = counts[(counts.index >= begin) & (counts.index < month)].dropna()
    if month not in counts.index or pd.isna(counts[month]) or len(before) < _FEWEST_MONTHS:
        return None
    usual, count = float(before.mean()), float(counts[month])
    if count >= LOW * usual or _chance_of_at_most(count, before) >= CHANCE:
        return None
    return Unfinished((month_text(month),), "low", count=int(count), usual=usual)


def _chance_of_at_most(count: float, before: pd.Series) -> float:
    """How often a month brings so few, with the scatter that the months before had (not below Poisson)."""
    from scipy import special  # scipy.stats would take half a second to import

    mean = float(before.mean())
    dispersion = float(before.var(ddof=1)) / mean
    if dispersion <= 1.001:
        return float(special.pdtr(count, mean))
    return float(special.betainc(mean / (dispersion - 1), count + 1, 1 / dispersion))
