"""Layer 2 of the launch effect: an interrupted time series over the monthly complaints of one place.

The model is chosen beforehand, never by looking at the result: log-linear quasi-Poisson with intercept,
month number, a step from the launch month on and, from 24 months, sine and cosine of 12 and of 6 months;
offset log(exposure); dispersion = Pearson chi2 / df, not floored; t quantiles (Lopez Bernal, Cummins &
Gasparrini 2017, Int J Epidemiol 46:348-355).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.evaluation.monthly import FloatArray, Monthly, as_month, tidy
from analytics.evaluation.quasi_poisson import Fit, fit
from analytics.i18n import mark

Interval = tuple[float, float]

MONTHS_EACH_SIDE: Final = 8
MONTHS_FOR_HARMONICS: Final = 24
_STEP: Final = 2  # its column in the design
_HALVINGS: Final = 60

#: Why there is no series, in words; the key is what :func:`fit_series` answers instead of a series.
REASON_LABELS: Final = {
    "no_launch": mark("没有上线月份，无法比较前后"),
    "no_before": mark("上线前没有可用的月份，无从比较"),
    "no_after": mark("上线后还没有完整的月份"),
    "few_before": mark("上线前可用的月份不足 8 个"),
    "few_after": mark("上线后可用的月份不足 8 个"),
    "no_complaints": mark("这段时间没有一件投诉"),
    "none_before": mark("上线前没有一件投诉，算不出比值"),
    "none_after": mark("上线后没有一件投诉，模型给不出可信范围，请看简单比值"),
    "too_few": mark("有投诉的月份太少，模型估不出来"),
    "singular": mark("这些月份的排列使模型无法估计"),
}
VERDICT_LABELS: Final = {
    "fell": mark("确有下降"),
    "perhaps_fell": mark("可能下降"),
    "rose": mark("上升"),
    "insufficient": mark("证据不足"),
    "too_early": mark("还太早"),
    "none_after": mark("上线后没有投诉"),
    "no_launch": mark("没有上线月份"),
}
_VERDICT_OF_REASON: Final = {
    "no_launch": "no_launch",
    "no_before": "too_early",
    "no_after": "too_early",
    "few_before": "too_early",
    "few_after": "too_early",
    "none_after": "none_after",
}


class HasIntervals(Protocol):
    """Whatever a verdict can be read from."""

    @property
    def interval(self) -> Interval: ...
    @property
    def interval80(self) -> Interval: ...


@dataclass(frozen=True)
class Estimate:
    """The launch effect as a ratio of after to no-launch, with 95 % and 80 % intervals."""

    ratio: float
    interval: Interval
    interval80: Interval
    p_value: float
    coefficients: tuple[float, ...]  # log scale: level at launch, trend per month, step, harmonics


@dataclass(frozen=True, eq=False)
class InterruptedSeries(Estimate):
    """What the interrupted time series says about one launch.

    ``counterfactual`` has one row per usable month: month (Period), observed, fitted, expected (without the
    launch; equal to fitted before it), lower and upper (95 % band of the expected line, not of single
    months). ``avoided`` = expected − observed, summed from the launch on; its interval lies wholly above 0
    exactly when ``interval`` lies wholly below 1. ``slope_p`` None: the slope change cannot be estimated.
    """

    launch: pd.Period
    months_before: int
    months_after: int
    dispersion: float
    df: int
    harmonics: bool
    slope_p: float | None
    autocorrelation: float
    hac_interval: Interval
    counterfactual: pd.DataFrame
    avoided: float
    avoided_interval: Interval


def interrupted_series(
    counts: Any, months: Any, launch: Any, exposure: Any = None
) -> InterruptedSeries | None:
    """Fit the series; None where it cannot be fitted (:func:`fit_series` says why).

    ``counts`` per month (blank = unknown), ``months`` a PeriodIndex of months in any order and with gaps,
    ``launch`` the first month after the launch, ``exposure`` used as given (None: days in month).
    """
    result = fit_series(tidy(counts, months, exposure), as_month(launch))
    return result if isinstance(result, InterruptedSeries) else None


def fit_series(monthly: Monthly, launch: pd.Period | None) -> InterruptedSeries | str:
    """The series, or the code of the reason (a key of REASON_LABELS) why there is none."""
    if reason := reason_against(monthly, launch):
        return reason
    assert launch is not None
    fit = _fit(monthly, _design(monthly, launch))
    if isinstance(fit, str):
        return fit
    after = monthly.since(launch)
    expected = _counterfactual(monthly, fit, after)
    avoided = float((expected["expected"] - expected["observed"])[after].sum())
    return InterruptedSeries(
        **vars(_estimate(fit)),
        launch=launch,
        months_before=int((~after).sum()),
        months_after=int(after.sum()),
        dispersion=fit.dispersion,
        df=fit.df,
        harmonics=len(fit.params) > _STEP + 1,
        slope_p=_slope_p(monthly, launch, fit),
        autocorrelation=_autocorrelation(monthly, fit),
        hac_interval=_hac_interval(monthly, fit),
        counterfactual=expected,
        avoided=avoided,
        avoided_interval=_avoided_interval(fit, after, monthly.counts[after].sum()),
    )


def reason_against(monthly: Monthly, launch: pd.Period | None) -> str | None:
    """Why these months cannot carry a series, seen before any fitting; None when they may."""
    if launch is None:
        return "no_launch"
    after = monthly.since(launch)
    for side, name in ((~after, "before"), (after, "after")):
        if not side.any():
            return f"no_{name}"
        if side.sum() < MONTHS_EACH_SIDE:
            return f"few_{name}"
    if not monthly.counts.any():
        return "no_complaints"
    if not monthly.counts[~after].any():
        return "none_before"
    return None if monthly.counts[after].any() else "none_after"


def estimate(monthly: Monthly, launch: pd.Period, near: Estimate | None = None) -> Estimate | None:
    """Only the ratio with its intervals, for checks that refit many times; None when not estimable.

    ``near``: an estimate from almost the same months. Its model is kept, so that one month fewer than
    24 does not drop the seasons, and the fit starts from it.
    """
    seasons = None if near is None else len(near.coefficients) > _STEP + 1
    fit = _fit(monthly, _design(monthly, launch, seasons), near)
    return None if isinstance(fit, str) else _estimate(fit)


def verdict(result: HasIntervals | str | None) -> str:
    """A key of VERDICT_LABELS for a series, an estimate, or the code of the reason why there is none.

    fell: the 95 % interval is wholly below 1; perhaps_fell: only the 80 % one is; rose: the 95 % interval is
    wholly above 1; else insufficient. None (no series, no reason given) reads too_early.
    """
    if result is None:
        return "too_early"
    if isinstance(result, str):
        return _VERDICT_OF_REASON.get(result, "insufficient")
    # A ratio of exactly 1 without any scatter must not fall on one side by rounding.
    below, above = 1 - 1e-9, 1 + 1e-9
    if result.interval[1] < below:
        return "fell"
    if result.interval[0] > above:
        return "rose"
    return "perhaps_fell" if result.interval80[1] < below else "insufficient"


def _design(monthly: Monthly, launch: pd.Period, seasons: bool | None = None) -> FloatArray:
    """Columns: 1, months since launch (an origin that leaves the step as it is), step, harmonics.

    ``seasons`` None: harmonics from 24 months on.
    """
    number = (monthly.months.asi8 - launch.ordinal).astype(float)
    columns = [np.ones(len(number)), number, (number >= 0).astype(float)]
    if len(number) >= MONTHS_FOR_HARMONICS if seasons is None else seasons:
        for period in (12, 6):
            angle = 2 * np.pi * number / period
            columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def _fit(monthly: Monthly, design: FloatArray, near: Estimate | None = None) -> Fit | str:
    """Quasi-Poisson fit, or the reason why its parameters are not determined."""
    size = design.shape[1]
    if len(design) <= size or np.linalg.matrix_rank(design) < size:
        return "singular"
    # Months with complaints must determine every term; else some estimate runs off to infinity.
    if np.linalg.matrix_rank(design[monthly.counts > 0]) < size:
        return "too_few"
    start = np.array(near.coefficients) if near and len(near.coefficients) == size else None
    return fit(monthly.counts, design, np.log(monthly.exposure), start) or "singular"


def _estimate(fit: Fit) -> Estimate:
    from scipy.special import stdtr

    step = float(fit.params[_STEP])
    error = float(np.sqrt(fit.covariance[_STEP, _STEP]))
    p_value = 2 * float(stdtr(fit.df, -abs(step) / error)) if error > 0 else float(step == 0)
    return Estimate(
        ratio=float(np.exp(step)),
        interval=_around(step, fit.t(0.95) * error),
        interval80=_around(step, fit.t(0.80) * error),
        p_value=p_value,
        coefficients=tuple(float(value) for value in fit.params),
    )


def _around(log_ratio: float, reach: float) -> Interval:
    with np.errstate(over="ignore"):
        return float(np.exp(log_ratio - reach)), float(np.exp(log_ratio + reach))


def _counterfactual(monthly: Monthly, fit: Fit, after: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """The line without the launch and its 95 % band, one row per usable month."""
    without = fit.design.copy()
    without[:, _STEP] = 0
    log_line = without @ fit.params + np.log(monthly.exposure)
    variance = np.einsum("ij,jk,ik->i", without, fit.covariance, without)
    reach = fit.t(0.95) * np.sqrt(variance)
    return pd.DataFrame(
        {
            "month": monthly.months,
            "observed": monthly.counts,
            "fitted": fit.fitted,
            "expected": np.where(after, np.exp(log_line), fit.fitted),
            "lower": np.exp(log_line - reach),
            "upper": np.exp(log_line + reach),
        }
    )


def _avoided_interval(fit: Fit, after: npt.NDArray[np.bool_], observed: float) -> Interval:
    """95 % interval of the complaints avoided, by inverting the test of every possible answer.

    A number avoided means a ratio r = observed / (observed + avoided) of the totals. It is in the interval
    when log r is within t standard errors of the estimated step; the error is that of step − (1 − r) ×
    log(total after), the delta method at that answer. At r = 1 this is the test of the ratio itself, so
    that the two intervals never contradict each other.
    """
    step, t = float(fit.params[_STEP]), fit.t(0.95)
    gradient = fit.fitted[after] @ fit.design[after] / fit.fitted[after].sum()
    covariance = fit.covariance
    of_step, of_total = float(covariance[_STEP, _STEP]), float(gradient @ covariance @ gradient)
    shared = float(covariance[_STEP] @ gradient)

    def excess(log_r: float, side: int) -> float:
        weight = 1 - math.exp(log_r)
        variance = of_step - 2 * weight * shared + weight**2 * of_total
        return log_r - step - side * t * math.sqrt(max(variance, 0.0))

    def bound(side: int) -> float:
        far = 0.0 if side * step < 0 else step  # from "none avoided" outward, if that is on the way
        while side * excess(far, side) < 0:
            far += side * 0.5
            if abs(far - step) > 50:
                return side * np.inf  # every ratio on this side is possible
        return _crossing(lambda log_r: side * excess(log_r, side), step, far) if far != step else step

    low, high = bound(-1), bound(+1)
    return float(observed * np.expm1(-high)), float(observed * np.expm1(-low))


def _crossing(function: Callable[[float], float], below: float, above: float) -> float:
    """Where a function that is negative (or 0) at ``below`` and not at ``above`` crosses zero, to the last digit."""
    for _half in range(_HALVINGS):
        middle = (below + above) / 2
        if function(middle) < 0:
            below = middle
        else:
            above = middle
    return (below + above) / 2


def _slope_p(monthly: Monthly, launch: pd.Period, fit: Fit) -> float | None:
    """p of a change of trend at the launch: one more term, months since launch, tested by t."""
    from scipy.special import stdtr

    since = np.maximum(fit.design[:, 1], 0)
    wider = _fit(monthly, np.column_stack([fit.design, since]))
    if isinstance(wider, str):
        return None
    error = float(np.sqrt(wider.covariance[-1, -1]))
    return 2 * float(stdtr(wider.df, -abs(wider.params[-1]) / error)) if error > 0 else None


def _autocorrelation(monthly: Monthly, fit: Fit) -> float:
    """Correlation of the Pearson residuals of neighbouring months (0 when there is no scatter)."""
    places = monthly.calendar
    residuals = np.zeros(places[-1] + 1)  # zero in the gaps, so that neighbours are neighbouring months
    residuals[places] = (monthly.counts - fit.fitted) / np.sqrt(fit.fitted)
    scatter = float(residuals @ residuals)
    return float(residuals[1:] @ residuals[:-1]) / scatter if scatter > 1e-12 else 0.0


def _hac_interval(monthly: Monthly, fit: Fit) -> Interval:
    """95 % interval of the ratio that allows for autocorrelation (HAC, Bartlett weights, 1.3 √n lags).

    The usual HAC error is far too small in short series (90 % coverage at 60 independent months). So it is
    divided by what it would be expected to show under the model, and judged by t with the degrees of freedom
    of that expectation (Satterthwaite, as Bell & McCaffrey 2002 do without lags; lags of Lazarus et al. 2018,
    J Bus Econ Stat 36:541-559). Lags are calendar months, also across gaps.
    """
    from scipy.special import stdtrit

    influence = fit.design @ fit.unscaled[:, _STEP]
    distance = np.abs(np.subtract.outer(monthly.calendar, monthly.calendar))
    lags = int(1.3 * np.sqrt(len(monthly.counts)))
    weights = np.clip(1 - distance / (lags + 1), 0, None) * np.outer(influence, influence)
    weighted = fit.design * fit.fitted[:, None]
    under_model = weights @ (np.diag(fit.fitted) - weighted @ fit.unscaled @ weighted.T)
    expected = np.trace(under_model)
    freedom = expected**2 / np.sum(under_model * under_model.T)
    residuals = monthly.counts - fit.fitted
    variance = fit.unscaled[_STEP, _STEP] * max(float(residuals @ weights @ residuals) / expected, 0.0)
    return _around(float(fit.params[_STEP]), float(stdtrit(freedom, 0.975)) * np.sqrt(variance))
