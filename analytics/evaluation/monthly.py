"""The months of one place that a launch effect may use: sorted, unique, without what is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Monthly:
    """One element per usable month, oldest first; months may have gaps, counts and exposure are known."""

    months: pd.PeriodIndex
    counts: FloatArray
    exposure: FloatArray

    def keep(self, wanted: npt.NDArray[np.bool_]) -> Monthly:
        """The months for which ``wanted`` holds."""
        return Monthly(self.months[wanted], self.counts[wanted], self.exposure[wanted])

    def keep_months(self, wanted: pd.PeriodIndex) -> Monthly:
        """Those of its months that are among ``wanted``."""
        return self.keep(np.asarray(self.months.isin(wanted)))

    def since(self, launch: pd.Period) -> npt.NDArray[np.bool_]:
        """True from the launch month on."""
        return np.asarray(self.months >= launch)

    @property
    def calendar(self) -> npt.NDArray[np.int64]:
        """Position of every month on a calendar without gaps that starts at the first month."""
        numbers = self.months.asi8
        return numbers - numbers[0] if len(numbers) else numbers


def tidy(counts: Any, months: Any, exposure: Any = None) -> Monthly:
    """Sort by month and leave out what is unknown: blank counts, blank or non-positive exposure.

    ``exposure`` None means the days of each month. Raises ValueError when lengths differ, a month comes
    twice or a count is negative: those are faults of the caller, not of the data.
    """
    index = pd.PeriodIndex(months, freq="M")
    values = pd.Series(counts).to_numpy(dtype=float, na_value=np.nan)
    given = index.days_in_month if exposure is None else exposure
    base = pd.Series(given).to_numpy(dtype=float, na_value=np.nan)
    if not len(index) == len(values) == len(base):
        raise ValueError(f"{len(values)} counts, {len(index)} months, {len(base)} exposures: lengths differ")
    if index.has_duplicates or (values < 0).any():
        raise ValueError("a month comes twice or a count is negative")
    known = np.isfinite(values) & np.isfinite(base) & (base > 0)
    order = np.argsort(index.asi8, kind="stable")
    order = order[known[order]]
    return Monthly(index[order], values[order], base[order])


def as_month(launch: Any) -> pd.Period | None:
    """The month of a Period, a date or a text like 2024-03; None when blank."""
    if launch is None or pd.isna(launch):
        return None
    return launch.asfreq("M") if isinstance(launch, pd.Period) else pd.Period(launch, freq="M")
