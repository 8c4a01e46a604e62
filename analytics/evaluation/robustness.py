"""What speaks against a launch effect: placebo dates, months left out, and the worst place chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.evaluation.fair_comparison import shrink_rates
from analytics.evaluation.launch_series import (
    MONTHS_EACH_SIDE,
    Estimate,
    Interval,
    estimate,
    reason_against,
    verdict,
)
from analytics.evaluation.monthly import Monthly
from analytics.i18n import mark

CHECK_LABELS: Final = {
    "placebo": mark("假设上线月"),
    "without_launch_month": mark("去掉上线当月"),
    "leave_one_out": mark("逐月去掉一个月"),
}
PLACES_TO_COMPARE: Final = 3


@dataclass(frozen=True, eq=False)
class Robustness:
    """The launch effect under other choices.

    ``table``: one row per check: ``check`` (a key of CHECK_LABELS), ``month`` (the pretended launch, or the
    month left out), ratio, lower, upper, ``verdict``. Months whose model cannot be estimated are not in it.
    """

    table: pd.DataFrame
    verdict: str

    def of(self, check: str) -> pd.DataFrame:
        """The rows of one check."""
        return self.table[self.table["check"] == check].reset_index(drop=True)

    @property
    def placebo_alarms(self) -> int:
        """Pretended launches that would have been called a fall or a rise; chance alone: 1 in 20."""
        return int(self.of("placebo")["verdict"].isin(["fell", "rose"]).sum())

    @property
    def leave_one_out_range(self) -> Interval | None:
        """Smallest and largest ratio when any one month is left out."""
        ratios = self.of("leave_one_out")["ratio"]
        return (float(ratios.min()), float(ratios.max())) if len(ratios) else None

    @property
    def holds(self) -> bool:
        """The verdict stays the same whichever single month is left out."""
        return bool((self.table.loc[self.table["check"] != "placebo", "verdict"] == self.verdict).all())


def check_launch(monthly: Monthly, launch: pd.Period, full: Estimate) -> Robustness:
    """Refit with pretended launches inside the before-period, and with months left out.

    A placebo date has at least 8 months on either side within the before-period, so that no real effect can
    reach it. ``full`` is the estimate from all months.
    """
    before = monthly.keep(~monthly.since(launch))
    pretended = before.months[MONTHS_EACH_SIDE : len(before.months) - MONTHS_EACH_SIDE + 1]
    rows = [
        _row("placebo", month, estimate(before, month))
        for month in pretended
        if reason_against(before, month) is None
    ]
    for month in monthly.months:
        left = estimate(monthly.keep(np.asarray(monthly.months != month)), launch, near=full)
        rows.append(_row("leave_one_out", month, left))
        if month == launch:
            rows.append(_row("without_launch_month", month, left))
    columns = ["check", "month", "ratio", "lower", "upper", "verdict"]
    table = pd.DataFrame([row for row in rows if row is not None], columns=columns)
    return Robustness(table, verdict(full))


def _row(check: str, month: pd.Period, found: Estimate | None) -> tuple[Any, ...] | None:
    return None if found is None else (check, month, found.ratio, *found.interval, verdict(found))


@dataclass(frozen=True)
class RegressionToMean:
    """What chance alone would show at a place picked from ``places`` for its many complaints.

    ``rate`` before the launch, ``expected_rate`` (shrunken to the overall rate), ``drop`` = 1 − expected /
    rate: the fall to be expected without any effect. ``worst``: it had the highest rate of all.
    """

    places: int
    worst: bool
    rate: float
    expected_rate: float
    drop: float


def regression_to_mean(
    before: pd.Series, exposure: pd.Series, place: Any, *, dispersion: float = 1.0
) -> RegressionToMean | None:
    """How far a place would come back by itself; None with fewer than 3 places or no complaint there.

    ``before``: complaints before the launch, per place; ``exposure``: place-days or household-days of the
    same time, same index. ``dispersion`` above 1 (that of the series) makes single rates less certain and
    the drop larger. Raises KeyError for an unknown place.
    """
    spread = max(dispersion, 1.0)
    counts, exposed = before.astype(float), exposure.astype(float).reindex(before.index)
    known = counts.notna() & (exposed > 0)
    if known.sum() < PLACES_TO_COMPARE or not known[place] or not counts[place] > 0:
        return None
    counts, exposed = counts[known], exposed[known]
    rates = counts / exposed
    # Dividing both by the dispersion keeps the rates and makes every place as uncertain as it is.
    shrunken = shrink_rates(counts / spread, exposed / spread, counts.sum() / exposed.sum())
    expected = float(shrunken[counts.index.get_loc(place)])
    rate = float(rates[place])
    return RegressionToMean(int(known.sum()), bool(rate >= rates.max()), rate, expected, 1 - expected / rate)
