"""百户诉求比: petitions per 100 households (and per 10,000 residents) per 30 days, with exact intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.complaints import month_of
from analytics.dataset import Dataset
from analytics.intervals import poisson_exact
from analytics.scope import Scope, month_number

_PER: Final = {"households": ("per_100_households", 100), "residents": ("per_10000_residents", 10_000)}


def days_observed(dataset: Dataset, scope: Scope) -> float:
    """Days of the scope's months within the records, up to as-of; 0 when there are none."""
    counts = dataset.rollup
    if not counts.months:
        return 0.0
    first = max(counts.first_month, month_number(scope.first_month) if scope.first_month else 0)
    last = month_number(scope.last_month) if scope.last_month else month_of(dataset.as_of)
    begin = np.datetime64(first - 1970 * 12, "M").astype("datetime64[s]")
    end = np.datetime64(last + 1 - 1970 * 12, "M").astype("datetime64[s]")
    end = min(end, dataset.as_of.to_datetime64().astype("datetime64[s]"))
    return max(float((end - begin) / np.timedelta64(1, "D")), 0.0)


def density(petitions: int, sizes: pd.DataFrame, days: float) -> dict[str, Any]:
    """Petitions of some places against their size; ``sizes``: one row per place, its households and residents.

    Unknown (None) where a place of the scope has no figure, or there are no days.
    """
    return densities([petitions], pd.DataFrame([sizes.astype("Int64").sum(skipna=False)]), days)[0]


def densities(petitions: Sequence[int], sizes: pd.DataFrame, days: float) -> list[dict[str, Any]]:
    """:func:`density` of each place by itself: ``petitions`` and the rows of ``sizes`` belong together."""
    found: list[dict[str, Any]] = [{} for _place in petitions]
    for column, (name, per) in _PER.items():
        exposure = sizes[column].to_numpy(dtype=float, na_value=np.nan) / per * days / 30
        bounds = poisson_exact(petitions, exposure)
        for one, count, exposed, low, high in zip(found, petitions, exposure, *bounds, strict=True):
            one[name] = count / float(exposed) if exposed > 0 else None
            one[f"{name}_interval"] = [float(low), float(high)] if exposed > 0 else None
    return found
