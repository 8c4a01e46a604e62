"""Beyond the review: the petitions of a scope counted along one or two axes, for one chart or list each.

Every function takes a dataset and a scope and returns plain lists and numbers; unknown is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import Timestamp

from analytics import cases, complaints, measures, rollup
from analytics.clocks import limit_lag
from analytics.dataset import Dataset, launch_months
from analytics.evaluation import control_limits, time_to_close
from analytics.frame import DAY, NA
from analytics.scope import Scope, month_number, month_text
from analytics.vocabulary import STATES

#: Bars of the distribution of minutes (or days); the last one holds all longer ones.
BARS: Final = {"PT5M": 21, "PT15M": 46, "PT30M": 61}


def columns(dataset: Dataset, scope: Scope, *names: str) -> list[np.ndarray]:
    """Columns of the clocked petitions of a scope; a categorical one as its codes."""
    inside = dataset.rollup.mask(scope)
    series = (dataset.rows[name] for name in names)
    return [
        (s.cat.codes if isinstance(s.dtype, pd.CategoricalDtype) else s).to_numpy()[inside] for s in series
    ]


def time_taken(dataset: Dataset, scope: Scope, clock: str) -> tuple[list[int], float | None]:
    """Petitions by whole units taken, right-closed, the last bar holding the rest; and the median in units.

    The unit is a minute for a limit of minutes and a day otherwise.
    """
    limit = dataset.policy.clock(clock).limit
    unit = 60 if limit.is_minutes else DAY
    (recorded,) = columns(dataset, scope, f"{clock}_seconds")
    seconds = rollup.valid(recorded)
    bars = BARS.get(limit.iso, 15)
    bins = np.minimum(np.maximum(-(-seconds.astype(np.int64) // unit) - 1, 0), bars - 1)
    median = float(np.median(seconds)) / unit if len(seconds) else None
    return np.bincount(bins, minlength=bars).tolist(), median


def week(dataset: Dataset, scope: Scope, clock: str) -> tuple[list[list[int]], list[list[int]]]:
    """Missed (or unrecorded) and due petitions by weekday (Monday first) and hour of the report."""
    state, weekday, hour = columns(dataset, scope, f"{clock}_state", "weekday", "hour")
    timed = hour >= 0
    cell = weekday.astype(np.int64) * 24 + hour
    lost = timed & ((state == STATES.index("missed")) | (state == STATES.index("unrecorded")))
    due = lost | (timed & (state == STATES.index("met")))
    missed_cells, due_cells = (
        np.bincount(cell[chosen], minlength=7 * 24).reshape(7, 24) for chosen in (lost, due)
    )
    return missed_cells.tolist(), due_cells.tolist()


def rates_by(dataset: Dataset, scope: Scope, axis: str, measure: str) -> list[dict[str, Any]]:
    """A rate by ``handler``, ``place``, ``category`` or ``channel`` (blank: ""), most petitions due first.

    Rows: key, hits, due, rate and interval (None = unknown), narrowing to the petitions that missed.
    """
    keys, counters = dataset.rollup.by(axis, scope)
    table = measures.table(keys, counters).sort_values(f"{measure}_due", ascending=False, kind="stable")
    base = dict(measures.REGISTRY[measure].misses)
    return [
        {**_rate(row, measure), "key": str(key), "narrowing": {**base, axis: str(key)}}
        for key, row in table.iterrows()
    ]


def rates_by_hour(
    dataset: Dataset, scope: Scope, measure: str, begins: Sequence[int]
) -> list[dict[str, Any]]:
    """A rate by part of the day of the report: from each of the hours ``begins`` (the first 0) to the next.

    Rows in the order of ``begins``: hits, due, rate and interval. Reports without a time of day are in none.
    """
    rows = dataset.rows[dataset.rollup.mask(scope)]
    rows = rows[rows["hour"].to_numpy() >= 0]
    part = (np.searchsorted(begins, rows["hour"].to_numpy(), side="right") - 1).astype(np.int32)
    table = measures.table(list(map(str, begins)), rollup.count(rows, part, (len(begins),)).astype(np.int64))
    return [_rate(row, measure) for _begin, row in table.iterrows()]


def _rate(row: Mapping[str, Any], measure: str) -> dict[str, Any]:
    return {
        "hits": int(row[f"{measure}_met"]),
        "due": int(row[f"{measure}_due"]),
        "rate": _known(row[f"{measure}_rate"]),
        "interval": _known_pair(row[f"{measure}_lower"], row[f"{measure}_upper"]),
    }


def closing_curve(dataset: Dataset, scope: Scope) -> list[dict[str, float]]:
    """Share closed by day with its band (Kaplan-Meier over closed and open petitions)."""
    duration, closed = columns(dataset, scope, "duration", "is_closed")
    known = duration != NA
    if not known.any():
        return []
    steps = time_to_close.curve(duration[known], closed[known]).steps(120).dropna()
    names = {"days": "day", "estimate": "share", "lower": "low", "upper": "high"}
    return steps.rename(columns=names).to_dict("records")


def slowest(dataset: Dataset, scope: Scope, clock: str) -> np.ndarray:
    """Positions of the petitions that missed a clock, slowest first; those still waiting count until now.

    Unrecorded ones, whose time nobody knows, come last.
    """
    positions = cases.select(dataset, scope, measures.REGISTRY[clock].misses)
    taken, reported = (dataset.rows[name].to_numpy()[positions] for name in (f"{clock}_seconds", "reported"))
    lapse = np.where(taken == NA, int(dataset.as_of.timestamp()) - reported, taken)
    unknown = (dataset.rows[f"{clock}_state"].cat.codes.to_numpy() == STATES.index("unrecorded"))[positions]
    return positions[np.lexsort((-lapse, unknown))]


def unsettled_months(dataset: Dataset, scope: Scope) -> list[str]:
    """Months of the scope with petitions younger than the red limit, whose colours may still change."""
    reported, month = columns(dataset, scope, "reported", "month")
    young = reported + limit_lag(dataset.policy.colour_limit("red"), reported) > dataset.as_of.timestamp()
    return [month_text(int(number)) for number in np.unique(month[young])]


def trend(
    months: Sequence[Mapping[str, Any]],
    measure: str,
    as_of: Timestamp,
    *,
    events: Sequence[str] = (),
    target: float | None = None,
) -> dict[str, Any]:
    """A measure's last 12 complete months: months, values, the band of normal variation, and the word for it.

    Band and word are None under 12 months with a rate; the month that contains ``as_of`` is left out. A month
    whose rate is unknown (nothing due, or nobody wrote anything down) is a gap. ``assurance``: whether
    ``target`` is met reliably, by luck or never (a key of ASSURANCE_LABELS). ``events``: months that may explain
    a change, see :func:`control_limits.rebased`. ``chart``: the frame of :func:`control_limits.p_chart` over all
    complete months.
    """
    complete = [row for row in months if row["month"] < f"{as_of:%Y-%m}"]
    known = [row[f"{measure}_rate"] is not None for row in complete]
    met, due = (
        [row[f"{measure}_{part}"] if told else 0 for row, told in zip(complete, known, strict=True)]
        for part in ("met", "due")
    )
    labels = pd.Index([row["month"] for row in complete], dtype=object)  # made faster than one of text
    parts = (pd.Series(part, index=labels, dtype=float) for part in (met, due))
    chart = control_limits.rebased(partial(control_limits.p_chart, *parts), events)
    better: control_limits.Better = "down" if measures.REGISTRY[measure].better == "down" else "up"
    last = {name: chart[name].to_numpy()[-12:] for name in ("value", "lower", "upper")}
    word = control_limits.word(chart, better) if complete else None
    return {
        "chart": chart,
        "months": [row["month"] for row in complete[-12:]],
        "values": [_known(v) for v in last["value"]],
        "band": (float(np.nanmean(last["lower"])), float(np.nanmean(last["upper"]))) if word else None,
        "word": word,
        "assurance": control_limits.target_assurance(chart, target, better) if word and target else None,
    }


def complaint_table(dataset: Dataset, scope: Scope) -> pd.DataFrame:
    """Complaints by courtyard (rows) and month (columns "YYYY-MM"), Int64; <NA> is unknown."""
    table = _complaints(dataset, scope)
    wide = table.pivot(index="place", columns="month", values="count")
    return wide.astype("Int64").rename(columns=month_text)


def complaints_by_place(dataset: Dataset, scope: Scope) -> dict[str, int]:
    """Known complaints of each courtyard in the months of a scope."""
    sums = complaint_table(dataset, scope).sum(axis=1)
    return {str(place): int(number) for place, number in sums.items()}


def complaint_categories(dataset: Dataset, scope: Scope) -> list[dict[str, Any]] | None:
    """Complaints per month by category before and after the launch, all months; see :func:`complaints.by_category`."""
    table = complaints.in_scope(dataset.complaints, scope)
    launches = launch_months(dataset, sorted(table["place"].unique()))
    times = dataset.complaint_times
    return complaints.by_category(times[times["place"].isin(launches)], table, launches)


def complaint_list(dataset: Dataset, scope: Scope) -> pd.DataFrame:
    """The single complaints of the scope's places and months, newest first (:func:`complaints.dated`)."""
    times = dataset.complaint_times
    chosen = times["place"].isin([key for key in times["place"].unique() if scope.includes_place(key)])
    month = times["received_at"].to_numpy().astype("datetime64[M]").astype(np.int64) + 1970 * 12
    if scope.first_month:
        chosen &= month >= month_number(scope.first_month)
    if scope.last_month:
        chosen &= month <= month_number(scope.last_month)
    return times[chosen].iloc[::-1].reset_index(drop=True)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _known_pair(low: float, high: float) -> tuple[float, float] | None:
    return None if np.isnan(low) or np.isnan(high) else (float(low), float(high))


def _complaints(dataset: Dataset, scope: Scope) -> pd.DataFrame:
    table = complaints.in_scope(dataset.complaints, scope)
    return table[[scope.includes_month(int(m)) for m in table["month"]]]
