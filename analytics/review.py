"""Every indicator of one scope as one plain dict: pages, reports and ``review --json`` all read this."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from analytics import complaints, faults, measures, programme
from analytics.clocks import RESOLUTION_STATES
from analytics.dataset import Dataset, launch_months
from analytics.density import days_observed, densities, density
from analytics.evaluation import fair_comparison, time_to_close
from analytics.evaluation.fair_comparison import BAND_LABELS
from analytics.frame import DAY, NA
from analytics.launches import launch_review
from analytics.measures import RATES, Evaluation, Value
from analytics.rollup import EXPECTED
from analytics.scope import Scope, month_text
from analytics.vocabulary import CLOCKS, CLOSED_BY_DAYS, COLOURS, OUTCOMES, STATES

_BANDED: Final = ("response_rate", "response_met", "response_due")
_launches: WeakKeyDictionary[Dataset, dict[tuple[str, ...], dict[str, Any]]] = WeakKeyDictionary()


def review(dataset: Dataset, scope: Scope | None = None) -> dict[str, Any]:
    """The review of ``scope`` as the contract of ``review --json`` has it; unknown is None, never 0."""
    return dict(Review(dataset, scope))


class Review(Mapping[str, Any]):
    """The same, each part computed when it is first asked for: a page pays for what it shows."""

    def __init__(self, dataset: Dataset, scope: Scope | None = None) -> None:
        self.dataset, self.scope = dataset, scope or Scope()
        self._known: dict[str, Any] = {}

    def __getitem__(self, part: str) -> Any:
        if part not in self._known:
            self._known[part] = _PARTS[part](self)
        return self._known[part]

    def __iter__(self) -> Iterator[str]:
        return iter(_PARTS)

    def __len__(self) -> int:
        return len(_PARTS)

    @cached_property
    def evaluation(self) -> Evaluation:
        """The indicators of the scope."""
        return measures.evaluate(self.dataset.rollup, self.scope)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The petitions of the scope."""
        mask = self.dataset.rollup.mask(self.scope)
        return self.dataset.rows if mask.all() else self.dataset.rows[mask]


def _number(value: float) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _pair(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else [float(interval[0]), float(interval[1])]


def _counts(evaluation: Evaluation) -> dict[str, int]:
    return {
        "petitions": evaluation.value("petitions").numerator,
        "resolved": evaluation.count("is_closed"),
        "open": evaluation.count("is_open"),
    }


def _colours(evaluation: Evaluation) -> dict[str, Any]:
    migration = measures.migration(evaluation.totals)
    outcome = dict(zip(OUTCOMES, migration.sum(axis=0).tolist(), strict=True))
    return {
        "actual": {c: outcome[f"closed_{c}"] for c in COLOURS},
        "open_by_age": {c: outcome[f"open_{c}"] for c in COLOURS},
        "unknown": outcome["unknown"],
        "assigned": dict(zip(EXPECTED, migration.sum(axis=1).tolist(), strict=True)),
        "migration": [
            {"assigned": EXPECTED[i], "actual": COLOURS[j], "count": int(migration[i, j])}
            for i, j in np.argwhere(migration[:, : len(COLOURS)])
        ],
    }


def _clock(dataset: Dataset, evaluation: Evaluation, name: str) -> dict[str, Any]:
    value, times = evaluation.value(name), evaluation.times[name]
    clock = dataset.policy.clock(name)
    return {
        "limit": clock.limit.iso,
        "target": clock.target,
        **{state: evaluation.count(f"{name}_{state}") for state in STATES},
        **_rate(value),
        "upper_bound": value.upper_bound,
        "median_minutes": _number(times.median / 60),
        "p90_minutes": _number(times.p90 / 60),
        "n_recorded": times.recorded,
    }


def _rate(value: Value) -> dict[str, Any]:
    return {"rate": value.rate, "interval": _pair(value.interval)}


def _share(value: Value, numerator: str, denominator: str) -> dict[str, Any]:
    return {numerator: value.numerator, denominator: value.denominator, **_rate(value)}


def _resolution(evaluation: Evaluation, rows: pd.DataFrame) -> dict[str, Any]:
    on_time = {state: evaluation.count(f"resolution_{state}") for state in RESOLUTION_STATES}
    return {
        "on_time": {**on_time, **_rate(evaluation.value("on_time"))},
        "share": _share(evaluation.value("resolved"), "resolved", "petitions"),
        **_time_to_close(rows),
    }


def _time_to_close(rows: pd.DataFrame) -> dict[str, Any]:
    """Kaplan-Meier over closed and open petitions; those with an unknown outcome have no duration."""
    duration = rows["duration"].to_numpy()
    known = duration != NA
    curve = time_to_close.curve(duration[known], rows["is_closed"].to_numpy()[known])
    by_day = curve.at([day * DAY for day in CLOSED_BY_DAYS])
    by_day.index = pd.Index([str(day) for day in CLOSED_BY_DAYS])
    middle = curve.median()
    limits = zip(by_day["lower"], by_day["upper"], strict=True)
    return {
        "closed_by_day": {day: _number(share) for day, share in by_day["estimate"].items()},
        "closed_by_day_interval": {
            day: _known_pair(*pair) for day, pair in zip(by_day.index, limits, strict=True)
        },
        "median_days": _number(middle.estimate / DAY),
        "median_interval": [_number(middle.lower / DAY), _number(middle.upper / DAY)],
    }


def _known_pair(lower: float, upper: float) -> list[float] | None:
    return [float(lower), float(upper)] if np.isfinite(lower) and np.isfinite(upper) else None


def _feedback(evaluation: Evaluation, rows: pd.DataFrame) -> dict[str, Any]:
    value = evaluation.value("feedback")
    due = rows["feedback_due"].to_numpy()
    age = (rows.attrs["as_of"] - pd.Timestamp(0)) // pd.Timedelta(seconds=1) - rows["reported"].to_numpy()
    return {
        "met": value.numerator,
        "missed": value.denominator - value.numerator,
        **_rate(value),
        "overdue_now": int(((due != NA) & (due < age)).sum()),
        "owed_now": int((due != NA).sum()),
    }


def _follow_up(evaluation: Evaluation) -> dict[str, Any]:
    share = _share(evaluation.value("follow_up_share"), "followed_up", "due")
    return {
        **share,
        "on_time": _share(evaluation.value("follow_up"), "met", "due"),
        "solved": _share(evaluation.value("solved"), "confirmed", "answered"),
    }


def _satisfaction(evaluation: Evaluation) -> dict[str, Any]:
    value = evaluation.value("satisfaction")
    return {
        **_rate(value),
        "satisfied": value.numerator,
        "rated": value.denominator,
        "resolved": evaluation.count("is_closed"),
        "participation": evaluation.value("participation").rate,
    }


def _records(found: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """Columns as rows of plain numbers: unknown is None, the two ends of an interval stand together."""
    columns = {name: _plain(values) for name, values in found.items()}
    for name in RATES:
        ends = zip(columns.pop(f"{name}_lower"), columns.pop(f"{name}_upper"), strict=True)
        columns[f"{name}_interval"] = [None if None in pair else list(pair) for pair in ends]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(values: np.ndarray) -> list[Any]:
    if values.dtype.kind != "f":
        return values.tolist()
    return [None if value != value else value for value in values.tolist()]


def _months(evaluation: Evaluation) -> list[dict[str, Any]]:
    months, counters = evaluation.by_month()
    records = _records(measures.columns(counters))
    return [{"month": month, **record} for month, record in zip(months, records, strict=True)]


def _courtyards(dataset: Dataset, evaluation: Evaluation) -> list[dict[str, Any]]:
    keys, counters = evaluation.by_place()
    found = measures.columns(counters)
    codes = bands(pd.DataFrame({name: found[name] for name in _BANDED}, index=pd.Index(keys)))
    sizes = _sizes(dataset, keys)
    crowded = densities(found["petitions"].tolist(), sizes, days_observed(dataset, evaluation.scope))
    columns = (keys, sizes["households"], sizes["residents"], _records(found), crowded, codes)
    return [
        {
            **_place(key, households, residents),
            **record,
            **dense,
            "band": BAND_LABELS.get(code),
            "band_code": None if pd.isna(code) else code,
        }
        for key, households, residents, record, dense, code in zip(*columns, strict=True)
    ]


def bands(table: pd.DataFrame) -> pd.Series:
    """Where each courtyard stands with its response clock; 「未填院落」 is no courtyard and has no band."""
    named = table[~table.index.str.endswith("/") & table["response_rate"].notna()]
    return fair_comparison.funnel(named["response_met"], named["response_due"])["band"].reindex(table.index)


def _density(dataset: Dataset, evaluation: Evaluation) -> dict[str, Any]:
    """Of all places in the scope, those without a petition included: they are lived in too."""
    known = [key for key in dataset.choices["places"] if evaluation.scope.includes_place(key)]
    days = days_observed(dataset, evaluation.scope)
    return density(evaluation.value("petitions").numerator, _sizes(dataset, known), days)


def _sizes(dataset: Dataset, keys: list[str]) -> pd.DataFrame:
    return dataset.places[["households", "residents"]].reindex(keys)


def _place(key: str, households: Any, residents: Any) -> dict[str, Any]:
    community, _sep, courtyard = key.partition("/")
    return {
        "courtyard": courtyard,
        "community": community,
        "place": key,
        "households": _size(households),
        "residents": _size(residents),
    }


def _complaints(dataset: Dataset, scope: Scope) -> dict[str, Any]:
    """The trend of the scope's months; the launch effect always rests on all months known."""
    table = complaints.in_scope(dataset.complaints, scope)
    series = complaints.by_month(table)
    keys = sorted(table["place"].unique())
    launches = launch_months(dataset, keys)
    shared = set(launches.values())
    one = len(shared) == 1 and len(launches) == len(keys)
    return {
        "months": [
            {"month": month_text(month), "count": _whole(count), "incomplete": incomplete}
            for month, count, incomplete in zip(
                series.index.tolist(), series["count"].tolist(), series["incomplete"].tolist(), strict=True
            )
            if scope.includes_month(month)
        ],
        "launch": _launch(dataset, table, keys, shared.pop()) if one else None,
        "launches": [
            {"courtyard": key.partition("/")[2], "place": key} | _launch(dataset, table, [key], month)
            for key, month in sorted(launches.items())
        ],
        "events": programme.of_scope(dataset.events, scope),
    }


def _launch(dataset: Dataset, table: pd.DataFrame, keys: list[str], month: str) -> dict[str, Any]:
    """The launch of some places. It does not depend on the months or anything else that is chosen, and a fit
    takes some milliseconds: each is made once for the life of a dataset."""
    known = _launches.setdefault(dataset, {})
    places = tuple(keys)
    if places not in known:
        known[places] = launch_review(complaints.by_month(table[table["place"].isin(keys)]), month)
    return known[places]


def keep_launches(known: Dataset, dataset: Dataset, changed: Collection[str] = ()) -> None:
    """What was found out of ``known`` on launches holds in ``dataset`` too, but for the places ``changed``.

    For the one who made ``dataset`` out of ``known`` and knows that nothing else about complaints differs.
    """
    fitted = _launches.get(known, {}).copy()  # another thread may be adding
    kept = {keys: found for keys, found in fitted.items() if not set(changed) & set(keys)}
    _launches.setdefault(dataset, {}).update(kept)


def _size(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)


_PARTS: Final[Mapping[str, Callable[[Review], Any]]] = {
    "as_of": lambda r: f"{r.dataset.as_of.isoformat()}+08:00",
    "scope": lambda r: r.scope.to_dict(),
    "counts": lambda r: _counts(r.evaluation),
    "colours": lambda r: _colours(r.evaluation),
    "clocks": lambda r: {name: _clock(r.dataset, r.evaluation, name) for name in CLOCKS},
    "resolution": lambda r: _resolution(r.evaluation, r.rows),
    "feedback": lambda r: _feedback(r.evaluation, r.rows),
    "follow_up": lambda r: _follow_up(r.evaluation),
    "satisfaction": lambda r: _satisfaction(r.evaluation),
    "repeats": lambda r: _share(r.evaluation.value("repeats"), "repeated", "resolved"),
    "months": lambda r: _months(r.evaluation),
    "density": lambda r: _density(r.dataset, r.evaluation),
    "courtyards": lambda r: _courtyards(r.dataset, r.evaluation),
    "complaints": lambda r: _complaints(r.dataset, r.scope),
    "data_quality": lambda r: {"faults": faults.counts(r.rows), "warnings": list(r.dataset.warnings)},
}
