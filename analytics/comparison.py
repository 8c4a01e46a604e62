"""Courtyards side by side without ranks: who is outside what chance alone would show, and how they run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics import complaints, measures, trends
from analytics.dataset import Dataset
from analytics.density import days_observed, density
from analytics.evaluation import control_limits, fair_comparison
from analytics.evaluation.fair_comparison import BAND_LABELS
from analytics.intervals import poisson_exact
from analytics.measures import REGISTRY
from analytics.rollup import Rollup, count
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS

#: Complaints to the city platform per 100 households and 30 days; all others are rates of the registry.
COMPLAINTS: Final = "complaints"
#: What courtyards can be compared by. Young petitions are outside all of these until they are due.
CHOICES: Final = (*CLOCKS, "on_time", "satisfaction", "solved", "repeats", COMPLAINTS)
#: The case-mix that can be allowed for: how hard the petitions were, and of what kind.
STRATA: Final = ("expected", "category")
_LEVELS: Final = ("lower_95", "upper_95", "lower_998", "upper_998")


def compare(dataset: Dataset, scope: Scope, measure: str, *, adjusted: bool = False) -> dict[str, Any]:
    """The courtyards of ``scope`` by one of :data:`CHOICES`; petitions without a courtyard are left out.

    ``adjusted``: each courtyard is compared with what everybody's rate per expected colour and category would
    give for its own petitions (not for complaints). Keys: ``measure``, ``better``, ``target``, ``adjusted``,
    ``overall``, ``phi``, ``tau2``, ``adjustment`` (a key of ADJUSTMENT_LABELS), ``left_out`` (petitions without
    a courtyard), ``limits`` (the funnel's lines by denominator) and ``rows``, in the order of names: place,
    numerator, denominator, rate, interval, expected (rate), shown (the rate at its place in the funnel), band
    and band_code, shrunken, trend (word_code, reason, method, points, assurance), per_100_households, narrowing (to the
    petitions that count against it) and against (how many these are). A measure not in CHOICES raises KeyError.
    """
    if measure not in CHOICES:
        raise KeyError(measure)
    is_rate = measure == COMPLAINTS
    counted = _complaints(dataset, scope) if is_rate else _petitions(dataset, scope, measure)
    expected = _expected(dataset, scope, measure, counted.index) if adjusted and not is_rate else None
    better: Any = "down" if is_rate else REGISTRY[measure].better
    judge = fair_comparison.funnel_rates if is_rate else fair_comparison.funnel
    table = judge(counted["numerator"], counted["denominator"], better=better, expected=expected)
    overall = _ratio(table["numerator"].sum(), table["denominator"].sum())
    shared = table.iloc[0] if len(table) else None
    tau2 = float(shared["tau2"]) if shared is not None and np.isfinite(shared["tau2"]) else 0.0
    return {
        "measure": measure,
        "better": better,
        "target": None if is_rate else _target(dataset, measure),
        "adjusted": expected is not None,
        "overall": overall,
        "phi": None if shared is None else _known(shared["phi"]),
        "tau2": tau2,
        "adjustment": None if shared is None else str(shared["adjustment"]),
        "left_out": _left_out(dataset, scope),
        "limits": _limits(overall, table["denominator"], tau2, is_rate),
        "rows": _rows(dataset, scope, measure, table, overall),
    }


def card(dataset: Dataset, scope: Scope, measure: str, place: str) -> trends.Trend:
    """The course of one courtyard behind its trend word."""
    if measure == COMPLAINTS:
        return trends.of_complaints(dataset, scope, place)
    return trends.Courses(dataset, scope, measure).at(place)


def _petitions(dataset: Dataset, scope: Scope, measure: str) -> pd.DataFrame:
    """numerator and denominator per courtyard; where everything due is unrecorded there is no denominator."""
    keys, counters = measures.evaluate(dataset.rollup, scope).by_place()
    return _trials(measures.rates(counters), measure, pd.Index(keys, dtype=object), named=True)


def _trials(found: measures.Rates, measure: str, index: pd.Index, named: bool = False) -> pd.DataFrame:
    at = measures.RATES.index(measure)
    due = found.trials[:, at].astype(float)
    frame = pd.DataFrame(
        {"numerator": np.where(due > 0, found.numerator[:, at], 0.0), "denominator": due}, index
    )
    return frame[~frame.index.str.endswith("/")] if named and len(frame) else frame


def _complaints(dataset: Dataset, scope: Scope) -> pd.DataFrame:
    """Complaints, and hundreds of households × 30 days of the complete months that are known."""
    table = complaints.in_scope(dataset.complaints, scope)
    inside = [scope.includes_month(int(m)) for m in table["month"]]
    whole = ~table["incomplete"].to_numpy(dtype=bool) & table["count"].notna().to_numpy()
    table = table[np.array(inside, dtype=bool) & whole]
    table = table[~table["place"].str.endswith("/")]
    months = (table["month"].to_numpy() - 1970 * 12).astype("datetime64[M]")
    days = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(float)
    sums = table.assign(days=days).groupby("place")[["count", "days"]].sum()
    households = dataset.places["households"].reindex(sums.index).to_numpy(dtype=float, na_value=np.nan)
    exposure = np.nan_to_num(sums["days"].to_numpy(dtype=float) / 30 * households / 100)
    return pd.DataFrame({"numerator": sums["count"], "denominator": exposure}, index=sums.index)


def _expected(dataset: Dataset, scope: Scope, measure: str, places: pd.Index) -> pd.Series:
    """What each courtyard would have with everybody's rate for petitions of the same colour and kind."""
    rows = dataset.rows[dataset.rollup.mask(scope)]
    names = ("place", *STRATA)
    codes = [rows[name].cat.codes.to_numpy().astype(np.int64) + 1 for name in names]
    sizes = [len(rows[name].cat.categories) + 1 for name in names]
    cell, at = np.unique(np.ravel_multi_index(codes, sizes), return_inverse=True)
    found = _trials(
        measures.rates(count(rows, at, (len(cell),)).astype(np.int64)), measure, pd.RangeIndex(len(cell))
    )
    place, *strata = np.unravel_index(cell, sizes)
    labels = rows["place"].cat.categories.to_numpy(dtype=object)[place - 1]
    cells = found.assign(place=labels, **dict(zip(STRATA, strata, strict=True)))
    cells = cells[cells["place"].isin(places)]
    table = fair_comparison.standardise(cells, "place", list(STRATA), "numerator", "denominator")
    return table["expected"].reindex(places)


def _rows(
    dataset: Dataset, scope: Scope, measure: str, table: pd.DataFrame, overall: float | None
) -> list[dict[str, Any]]:
    days = days_observed(dataset, scope)
    sizes = dataset.places[["households", "residents"]].reindex(table.index)
    petitions = dict(zip(*_sizes(dataset.rollup, scope), strict=True))
    shown = _shown(table, overall, measure == COMPLAINTS)
    target = None if measure == COMPLAINTS else _target(dataset, measure)
    better: control_limits.Better = (
        "down" if measure == COMPLAINTS or REGISTRY[measure].better == "down" else "up"
    )
    course = (
        partial(trends.of_complaints, dataset, scope)
        if measure == COMPLAINTS
        else trends.Courses(dataset, scope, measure).at
    )
    return [
        {
            "place": str(key),
            "numerator": int(row["numerator"]),
            "denominator": float(row["denominator"]) if measure == COMPLAINTS else int(row["denominator"]),
            "rate": _known(row["rate"]),
            "interval": _interval(row, measure),
            "expected": _known(row["centre"]),
            "shown": _known(shown[key]),
            "band": BAND_LABELS.get(row["band"]),
            "band_code": None if pd.isna(row["band"]) else str(row["band"]),
            "side": None
            if not np.isfinite(row["z_adjusted"])
            else "above"
            if row["z_adjusted"] > 0
            else "below",
            "shrunken": _known(row["shrunken"]),
            "trend": _trend(course(str(key)), target, better),
            "petitions": petitions.get(str(key), 0),
            "per_100_households": density(petitions.get(str(key), 0), sizes.reindex([key]), days)[
                "per_100_households"
            ],
            **_against(measure, str(key), row["numerator"], row["denominator"]),
        }
        for at, (key, row) in enumerate(table.iterrows())
    ]


def _sizes(rollup: Rollup, scope: Scope) -> tuple[list[str], list[int]]:
    keys, counters = measures.evaluate(rollup, scope).by_place()
    return keys, measures.petitions(counters).tolist()


def _shown(table: pd.DataFrame, overall: float | None, is_rate: bool) -> pd.Series:
    """Each rate as far from the overall rate as it is from its own centre, on the scale of the limits.

    Without case-mix this is the rate itself; with it a point is outside the drawn limits exactly when its
    courtyard is.
    """
    if overall is None:
        return table["rate"]
    forward, back, top = (
        (np.sqrt, np.square, np.inf)
        if is_rate
        else (lambda p: np.arcsin(np.sqrt(p)), lambda y: np.sin(y) ** 2, np.pi / 2)
    )
    moved = (
        forward(table["rate"])
        - forward(table["centre"].clip(upper=1.0 if not is_rate else None))
        + forward(overall)
    )
    return back(moved.clip(0, top))


def _interval(row: Mapping[Any, Any], measure: str) -> list[float] | None:
    if not np.isfinite(row["rate"]):
        return None
    if measure == COMPLAINTS:
        low, high = poisson_exact(row["numerator"], row["denominator"])
    else:
        low, high = measures.wilson(row["numerator"], row["denominator"])
    return [float(low), float(high)]


def _limits(
    overall: float | None, denominators: pd.Series, tau2: float, is_rate: bool
) -> list[dict[str, float]]:
    largest = float(denominators.max()) if len(denominators) else 0.0
    if overall is None or not largest > 0:
        return []
    steps = largest * 1.1 * np.linspace(0.02, 1, 60) ** 2
    lines = fair_comparison.funnel_limits(overall, steps[steps > 0], tau2=tau2, rates=is_rate)
    return [
        {name: float(row[name]) for name in ("denominator", *_LEVELS)} for row in lines.to_dict("records")
    ]


def _trend(found: trends.Trend, target: float | None, better: control_limits.Better) -> dict[str, Any]:
    """``assurance``: a key of ASSURANCE_LABELS; None without a target, by days, or where there is no word."""
    points = int(found.chart["value"].notna().sum()) if len(found.chart) else 0
    assurance = None
    if target is not None and found.word and found.method == "month":
        assurance = control_limits.target_assurance(found.chart, target, better)
    return {
        "word_code": found.word,
        "reason": found.reason,
        "method": found.method,
        "points": points,
        "assurance": assurance,
    }


def against(measure: str, numerator: float, denominator: float) -> tuple[dict[str, Any], int]:
    """The way to the petitions that count against somebody (misses; repeats), else to all that a rate is about.

    The second is how many they are.
    """
    found = REGISTRY[measure]
    if found.misses:
        return dict(found.misses), int(denominator - numerator)
    if found.better == "down":
        return dict(found.narrowing), int(numerator)
    return dict(found.base), int(denominator)


def _against(measure: str, place: str, numerator: float, denominator: float) -> dict[str, Any]:
    """The same of a courtyard; complaints have no petitions."""
    if measure == COMPLAINTS:
        return {"narrowing": {}, "against": 0}
    narrowing, count = against(measure, numerator, denominator)
    return {"narrowing": {**narrowing, "place": place}, "against": count}


def _left_out(dataset: Dataset, scope: Scope) -> int:
    keys, sizes = _sizes(dataset.rollup, scope)
    return sum(n for key, n in zip(keys, sizes, strict=True) if key.endswith("/"))


def _target(dataset: Dataset, measure: str) -> float | None:
    name = REGISTRY[measure].target
    if measure in CLOCKS:
        return dataset.policy.clock(measure).target
    return None if name is None else dataset.policy.target(name)


def _ratio(top: float, bottom: float) -> float | None:
    return float(top) / float(bottom) if bottom > 0 else None


def _known(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
