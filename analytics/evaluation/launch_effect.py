"""Did complaints fall after the launch? Three layers, always in this order.

Plain ratio of daily rates; interrupted time series; other places as comparison. The verdict comes from the
second layer only. Nothing here knows the present time: months that are not complete are left out by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.evaluation.group_time import group_time_effects
from analytics.evaluation.launch_series import (
    REASON_LABELS,
    VERDICT_LABELS,
    Estimate,
    InterruptedSeries,
    Interval,
    fit_series,
    interrupted_series,
    verdict,
)
from analytics.evaluation.monthly import Monthly, as_month, tidy
from analytics.evaluation.robustness import (
    CHECK_LABELS,
    RegressionToMean,
    Robustness,
    check_launch,
    regression_to_mean,
)
from analytics.i18n import mark
from analytics.intervals import rate_ratio_exact

__all__ = [
    "CAUTION_LABELS",
    "CHECK_LABELS",
    "REASON_LABELS",
    "VERDICT_LABELS",
    "Estimate",
    "InterruptedSeries",
    "LaunchEffect",
    "PlainRatio",
    "RegressionToMean",
    "Robustness",
    "assess",
    "group_time_effects",
    "interrupted_series",
    "plain_ratio",
    "regression_to_mean",
    "verdict",
]

#: What a reader must be told beside a verdict; the key is what ``LaunchEffect.cautions`` holds.
CAUTION_LABELS: Final = {
    "slope_changes": mark("上线前后的趋势不同，单一的升降幅度说明不了全部"),
    "autocorrelated": mark("相邻月份互相牵连，可信范围可能偏窄"),
    "hac_disagrees": mark("考虑相邻月份的牵连之后，结论不再成立"),
    "no_variation": mark("各月数字几乎没有波动，请核对是否为实际统计"),
    "gaps": mark("中间有月份没有可用的数据"),
    "tail_low": mark("最近一个月明显偏少，可能还没有收齐"),
}


@dataclass(frozen=True)
class PlainRatio:
    """Layer 1: totals and monthly means before and after, ratio of the daily rates (None from zero).

    ``interval``: exact conditional 95 % interval of the ratio; its upper end is infinite from zero.
    """

    before: float
    after: float
    before_days: float
    after_days: float
    before_mean: float
    after_mean: float
    ratio: float | None
    interval: Interval

    @property
    def change(self) -> float | None:
        """Relative change of the daily rate: −0.5 is half; None from zero."""
        return None if self.ratio is None else self.ratio - 1


def plain_ratio(before: Any, after: Any, before_days: float, after_days: float) -> PlainRatio | None:
    """Ratio of daily rates; None where a side has no days.

    ``before`` and ``after``: the monthly counts (all known), or one total, which then is its own mean.
    Raises ValueError for a negative count.
    """
    if not (before_days > 0 and after_days > 0):
        return None
    sides = [np.atleast_1d(np.asarray(side, dtype=float)) for side in (before, after)]
    old, new = (float(side.sum()) for side in sides)
    found = rate_ratio_exact(new, old, after_days, before_days)
    return PlainRatio(
        before=old,
        after=new,
        before_days=float(before_days),
        after_days=float(after_days),
        before_mean=float(sides[0].mean()),
        after_mean=float(sides[1].mean()),
        ratio=None if np.isnan(found.ratio) else found.ratio,
        interval=(found.lower, found.upper),
    )


@dataclass(frozen=True, eq=False)
class LaunchEffect:
    """All that the data say about one launch at one place; page, report and JSON read it from here.

    ``reason``: why ``series`` is None (a key of REASON_LABELS). ``cautions``: keys of CAUTION_LABELS.
    ``used``: the months that all layers rest on.
    """

    launch: pd.Period | None
    plain: PlainRatio | None
    series: InterruptedSeries | None
    verdict: str
    reason: str | None
    cautions: tuple[str, ...]
    used: Monthly

    @cached_property
    def robustness(self) -> Robustness | None:
        """The robustness table, computed when first asked for (some hundred refits); None without series."""
        if self.series is None:
            return None
        return check_launch(self.used, self.series.launch, self.series)


def assess(
    counts: Any, months: Any, launch: Any, *, exposure: Any = None, exclude: Iterable[Any] = ()
) -> LaunchEffect:
    """The three-layer bundle of one place (the third layer needs many places: group_time_effects).

    ``counts`` per month (blank = unknown, not zero), ``months`` a PeriodIndex, ``launch`` the first month
    after the launch or None, ``exposure`` as in :func:`interrupted_series`, ``exclude`` the months that are
    not complete. Degenerate data give a reason in words, never an exception.
    """
    index = pd.PeriodIndex(months, freq="M")
    left_out = {as_month(month) for month in exclude}
    wanted = np.array([month not in left_out for month in index], dtype=bool)
    all_known = tidy(counts, index).keep_months(index[wanted])
    used = all_known if exposure is None else tidy(counts, index, exposure).keep_months(index[wanted])
    start = as_month(launch)
    found = fit_series(used, start)
    series = found if isinstance(found, InterruptedSeries) else None
    return LaunchEffect(
        launch=start,
        plain=_plain(all_known, start),
        series=series,
        verdict=verdict(found),
        reason=found if isinstance(found, str) else None,
        cautions=_cautions(used, start, series),
        used=used,
    )


def _plain(monthly: Monthly, launch: pd.Period | None) -> PlainRatio | None:
    """Layer 1 by days, whatever the exposure of the series."""
    if launch is None:
        return None
    after = monthly.since(launch)
    if after.all() or not after.any():
        return None
    counts, days = monthly.counts, monthly.exposure
    return plain_ratio(counts[~after], counts[after], days[~after].sum(), days[after].sum())


def _cautions(used: Monthly, launch: pd.Period | None, series: InterruptedSeries | None) -> tuple[str, ...]:
    if launch is None or not len(used.months):
        return ()
    after = used.keep(used.since(launch))
    found = {
        "gaps": bool((np.diff(used.calendar) > 1).any()),
        "tail_low": _tail_is_low(after),
        **(_doubts(series) if series else {}),
    }
    return tuple(code for code in CAUTION_LABELS if found.get(code))


def _doubts(series: InterruptedSeries) -> dict[str, bool]:
    months = series.months_before + series.months_after
    firm = verdict(series) in ("fell", "rose")
    low, high = series.hac_interval
    return {
        "slope_changes": series.slope_p is not None and series.slope_p < 0.05,
        "autocorrelated": abs(series.autocorrelation) > 1.96 / np.sqrt(months),
        "hac_disagrees": firm and low <= 1 <= high,
        "no_variation": series.dispersion < 0.05,
    }


def _tail_is_low(after: Monthly) -> bool:
    """The last month holds fewer than 1 in 100 such months would, given the six before it (binomial)."""
    from scipy.special import bdtr

    if len(after.months) <= 6:
        return False
    counts, exposure = after.counts[-7:], after.exposure[-7:]
    share = exposure[-1] / exposure.sum()
    return bool(bdtr(counts[-1], round(counts.sum()), share) < 0.01)
