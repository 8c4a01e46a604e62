"""What the launch did to the complaints of some places, ready for JSON, pages and reports."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analytics.evaluation.launch_effect import REASON_LABELS, VERDICT_LABELS, LaunchEffect, PlainRatio, assess
from analytics.evaluation.launch_series import InterruptedSeries
from analytics.scope import month_text


def effect(series: pd.DataFrame, launch: str | None) -> LaunchEffect:
    """The launch effect on a monthly series of :func:`analytics.complaints.by_month`.

    Months that are not complete (flagged, or the month that contains as-of) are left out of all layers.
    """
    months = pd.PeriodIndex([month_text(int(m)) for m in series.index], freq="M")
    exposure = series["exposure"].to_numpy()
    given = exposure if np.isfinite(exposure).any() else None
    incomplete = months[series["incomplete"].to_numpy(dtype=bool)]
    return assess(series["count"].to_numpy(), months, launch, exposure=given, exclude=incomplete)


def launch_review(series: pd.DataFrame, launch: str) -> dict[str, Any]:
    """``complaints.launch`` of the review: plain ratio, interrupted series and verdict.

    ``verdict`` is the conformed Chinese term, None where the months do not allow one (``reason`` says why).
    """
    found = effect(series, launch)
    return {
        "month": launch,
        "plain": _plain(found.plain),
        "series": _series(found.series),
        "verdict": VERDICT_LABELS[found.verdict] if found.series is not None else None,
        "verdict_code": found.verdict,
        "reason": REASON_LABELS[found.reason] if found.reason else None,
        "cautions": list(found.cautions),
    }


def _plain(plain: PlainRatio | None) -> dict[str, Any] | None:
    if plain is None:
        return None
    return {
        "before": plain.before,
        "after": plain.after,
        "before_mean": plain.before_mean,
        "after_mean": plain.after_mean,
        "ratio": plain.ratio,
        "interval": _pair(plain.interval),
    }


def _series(series: InterruptedSeries | None) -> dict[str, Any] | None:
    if series is None:
        return None
    line = series.counterfactual
    return {
        "ratio": series.ratio,
        "interval": _pair(series.interval),
        "interval80": _pair(series.interval80),
        "dispersion": series.dispersion,
        "slope_p": series.slope_p,
        "harmonics": series.harmonics,
        "autocorrelation": _finite(series.autocorrelation),
        "hac_interval": _pair(series.hac_interval),
        "counterfactual": [
            {"month": str(row["month"]), **{n: _finite(row[n]) for n in line.columns if n != "month"}}
            for row in line.to_dict("records")
        ],
        "avoided": series.avoided,
        "avoided_interval": _pair(series.avoided_interval),
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _pair(interval: tuple[float, float]) -> list[float | None]:
    """An interval; an end without bound is None."""
    return [_finite(interval[0]), _finite(interval[1])]
