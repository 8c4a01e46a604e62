"""Every indicator of one scope as one plain dict: pages, reports and ``review --json`` all read this."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analytics import complaints, faults, measures, programme
from analytics.clocks import RESOLUTION_STATES
from analytics.dataset import Dataset, launch_months
from analytics.density import days_observed, density
from analytics.evaluation import fair_comparison, time_to_close
from analytics.evaluation.fair_comparison import BAND_LABELS
from analytics.frame import DAY, NA
from analytics.launches import launch_review
from analytics.measures import RATES, Evaluation, Value
from analytics.rollup import EXPECTED, valid
from analytics.scope import Scope, month_text
from analytics.vocabulary import CLOCKS, CLOSED_BY_DAYS, COLOURS, OUTCOMES, STATES


def review(dataset: Dataset, scope: Scope | None = None) -> dict[str, Any]:
    """The review of ``scope`` as the contract of ``review --json`` has it; unknown is None, never 0."""
    scope = scope or Scope()
    evaluation = measures.evaluate(dataset.rollup, scope)
    rows = _rows(dataset, scope)
    return {
        "as_of": f"{dataset.as_of.isoformat()}+08:00",
        "scope": scope.to_dict(),
        "counts": _counts(evaluation),
        "colours": _colours(evaluation),
        "clocks": {name: _clock(dataset, evaluation, rows, name) for name in CLOCKS},
        "resolution": _resolution(evaluation, rows),
        "feedback": _feedback(evaluation, rows),
        "follow_up": _follow_up(evaluation),
        "satisfaction": _satisfaction(evaluation),
        "repeats": _share(evaluation.value("repeats"), "repeated", "resolved"),
        "months": _months(evaluation),
        "density": _density(dataset, evaluation),
        "courtyards": _courtyards(dataset, evaluation),
        "complaints": _complaints(dataset, scope),
        "data_quality": {"faults": faults.counts(rows), "warnings": list(dataset.warnings)},
    }


def _rows(dataset: Dataset, scope: Scope) -> pd.DataFrame:
    mask = dataset.rollup.mask(scope)
    return dataset.rows if mask.all() else dataset.rows[mask]


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


def _clock(dataset: Dataset, evaluation: Evaluation, rows: pd.DataFrame, name: str) -> dict[str, Any]:
    value = evaluation.value(name)
    seconds = valid(rows[f"{name}_seconds"].to_numpy())
    median, p90 = np.quantile(seconds, (0.5, 0.9)) / 60 if len(seconds) else (np.nan, np.nan)
    clock = dataset.policy.clock(name)
    return {
        "limit": clock.limit.iso,
        "target": clock.target,
        **{state: evaluation.count(f"{name}_{state}") for state in STATES},
        **_rate(value),
        "upper_bound": value.upper_bound,
        "median_minutes": _number(median),
        "p90_minutes": _number(p90),
        "n_recorded": len(seconds),
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


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain numbers: unknown is None, the two ends of an interval stand together."""
    records = table.astype(object).where(table.notna(), None).to_dict("records")
    for record in records:
        for name in RATES:
            ends = [record.pop(f"{name}_lower"), record.pop(f"{name}_upper")]
            record[f"{name}_interval"] = None if None in ends else ends
    return records


def _months(evaluation: Evaluation) -> list[dict[str, Any]]:
    months, counters = evaluation.by_month()
    records = _records(measures.table(months, counters))
    return [{"month": month, **record} for month, record in zip(months, records, strict=True)]


def _courtyards(dataset: Dataset, evaluation: Evaluation) -> list[dict[str, Any]]:
    keys, counters = evaluation.by_place()
    table = measures.table(keys, counters)
    codes = bands(table)
    days = days_observed(dataset, evaluation.scope)
    return [
        {
            **_place(dataset, key),
            **record,
            **density(record["petitions"], _sizes(dataset, [key]), days),
            "band": BAND_LABELS.get(code),
            "band_code": None if pd.isna(code) else code,
        }
        for key, record, code in zip(keys, _records(table), codes, strict=True)
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


def _place(dataset: Dataset, key: str) -> dict[str, Any]:
    community, _sep, courtyard = key.partition("/")
    known = dataset.places.loc[key] if key in dataset.places.index else None
    sizes = {} if known is None else {n: _size(known[n]) for n in ("households", "residents")}
    return {
        "courtyard": courtyard,
        "community": community,
        "place": key,
        "households": sizes.get("households"),
        "residents": sizes.get("residents"),
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
            {
                "month": month_text(int(m)),
                "count": _whole(row["count"]),
                "incomplete": bool(row["incomplete"]),
            }
            for m, row in series.iterrows()
            if scope.includes_month(int(m))
        ],
        "launch": launch_review(series, shared.pop()) if one else None,
        "launches": [
            {"courtyard": key.partition("/")[2], "place": key}
            | launch_review(complaints.by_month(table[table["place"] == key]), month)
            for key, month in sorted(launches.items())
        ],
        "events": programme.of_scope(dataset.events, scope),
    }


def _size(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
