"""Why a rate changed since last month: what came in (mix), and who did better or worse (performance)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pandas as pd

from analytics import measures
from analytics.complaints import month_of
from analytics.dataset import Dataset
from analytics.evaluation.change_explained import ChangeExplained, explain_change
from analytics.intervals import wilson
from analytics.measures import REGISTRY
from analytics.scope import Scope, month_number, month_text

#: The groups over which a change can be split.
AXES: Final = ("place", "category", "handler", "channel")


def last_two_months(dataset: Dataset, scope: Scope) -> tuple[str, str]:
    """The month before, and the latest complete month of the scope (its last, if that is earlier)."""
    latest = month_of(dataset.as_of) - 1
    if scope.last_month:
        latest = min(latest, month_number(scope.last_month))
    return month_text(latest - 1), month_text(latest)


def explain(
    dataset: Dataset, scope: Scope, measure: str, axis: str, months: tuple[str, str] | None = None
) -> dict[str, Any]:
    """The change of a rate between two months of a scope, split over ``axis`` so that the parts add up.

    ``months``: (before, after), by default :func:`last_two_months`. Keys: ``measure``, ``axis``, ``months``,
    ``before``, ``after``, ``change``, ``mix``, ``performance`` (fractions; None where a month has nothing due),
    ``due`` (denominators of both months), ``intervals`` of both rates, ``parts`` (group, kind, effect, rates and denominators before and
    after, largest effect first) and ``largest`` (the three that matter most).
    """
    before, after = months or last_two_months(dataset, scope)
    sides = [_counts(dataset, scope, measure, axis, month) for month in (before, after)]
    return _whole(explain_change(*sides), sides, measure, axis, (before, after))


def _whole(
    found: ChangeExplained, sides: list[pd.DataFrame], measure: str, axis: str, months: tuple[str, str]
) -> dict[str, Any]:
    parts = [
        {
            "group": str(group),
            "kind": kind,
            "effect": float(row[kind]),
            "before": _side_of(sides[0], group),
            "after": _side_of(sides[1], group),
        }
        for group, row in found.parts.iterrows()
        for kind in ("mix", "performance")
        if abs(row[kind]) > 1e-12
    ]
    return {
        "measure": measure,
        "better": REGISTRY[measure].better,
        "axis": axis,
        "months": list(months),
        "before": found.before,
        "after": found.after,
        "change": found.change,
        "mix": found.mix,
        "performance": found.performance,
        "largest": [{"group": str(c.group), "kind": c.kind, "effect": c.effect} for c in found.largest],
        "due": [int(side["denominator"].sum()) for side in sides],
        "intervals": [_interval(side) for side in sides],
        "parts": sorted(parts, key=lambda part: -abs(part["effect"])),
    }


def _interval(side: pd.DataFrame) -> list[float] | None:
    hits, due = int(side["numerator"].sum()), int(side["denominator"].sum())
    return [float(bound) for bound in wilson(hits, due)] if due else None


def _counts(dataset: Dataset, scope: Scope, measure: str, axis: str, month: str) -> pd.DataFrame:
    """numerator and denominator per group of one month; all unrecorded ones count as due, as in the total."""
    inside = replace(scope, first_month=month, last_month=month)
    groups, counters = dataset.rollup.by(axis, inside)
    found, at = measures.rates(counters), measures.RATES.index(measure)
    frame = pd.DataFrame(
        {"numerator": found.numerator[:, at], "denominator": found.denominator[:, at]},
        index=pd.Index(groups, dtype=object),
    )
    whole = measures.rates(counters.sum(axis=0, keepdims=True)).trials[0, at]
    return frame[frame["denominator"] > 0] if whole else frame.iloc[:0]


def _side_of(side: pd.DataFrame, group: Any) -> list[int]:
    """[numerator, denominator] of one group in one month."""
    return [int(v) for v in side.loc[group]] if group in side.index else [0, 0]
