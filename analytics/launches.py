"""What the launch did to the complaints of some places, ready for JSON, pages and reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.evaluation.launch_effect import REASON_LABELS, VERDICT_LABELS, LaunchEffect, PlainRatio, assess
from analytics.evaluation.launch_series import InterruptedSeries, verdict
from analytics.evaluation.pooling import Pooled, pool_series
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
    """``complaints.launch`` of the review: plain ratio, interrupted series and verdict."""
    return as_dict(effect(series, launch), launch)


def as_dict(found: LaunchEffect, launch: str) -> dict[str, Any]:
    """A launch effect as plain values.

    ``verdict`` is the conformed Chinese term, None where the months do not allow one (``reason`` says why).
    """
    return {
        "month": launch,
        "plain": as_plain(found.plain),
        "series": _series(found.series),
        "verdict": VERDICT_LABELS[found.verdict] if found.series is not None else None,
        "verdict_code": found.verdict,
        "reason": REASON_LABELS[found.reason] if found.reason else None,
        "cautions": list(found.cautions),
    }


def robustness(found: LaunchEffect) -> dict[str, Any] | None:
    """The same effect under other choices: pretended launches, months left out; None without a series.

    Some hundred refits: for one launch at a time. ``checks``: check (a key of CHECK_LABELS), month, ratio,
    interval, verdict_code.
    """
    checks = found.robustness
    if checks is None:
        return None
    table = checks.table
    left_out = table["check"] == "leave_one_out"
    spread = checks.leave_one_out_range
    return {
        "holds": checks.holds,
        "turning_months": [
            str(month) for month in table.loc[left_out & (table["verdict"] != checks.verdict), "month"]
        ],
        "leave_one_out": None if spread is None else _pair(spread),
        "placebo_tried": int((table["check"] == "placebo").sum()),
        "placebo_alarms": checks.placebo_alarms,
        "checks": [
            {
                "check": row["check"],
                "month": str(row["month"]),
                "ratio": row["ratio"],
                "interval": _pair((row["lower"], row["upper"])),
                "verdict_code": row["verdict"],
            }
            for row in table.to_dict("records")
        ],
    }


def pooled(found: Mapping[str, LaunchEffect]) -> dict[str, Any] | None:
    """The average effect over the places whose series has a bounded interval; None with fewer than two.

    ``without``: the same with one place left out, per place. ``left_out``: places without a series.
    """
    series = {key: each.series for key, each in found.items() if each.series and _bounded(each.series)}
    whole = pool_series(list(series.values()))
    if whole is None:
        return None
    parts = {key: pool_series([s for k, s in series.items() if k != key]) for key in series}
    without = [{"place": key, **_average(part)} for key, part in parts.items() if part is not None]
    code = verdict(whole)
    return {
        **_average(whole),
        "verdict": VERDICT_LABELS[code],
        "places": list(series),
        "left_out": [key for key in found if key not in series],
        "below_one": sum(s.ratio < 1 for s in series.values()),
        "tau2": whole.tau2,
        "differ_p": whole.differ_p,
        "without": without,
        "holds": all(part["verdict_code"] == code for part in without),
    }


def _bounded(series: InterruptedSeries) -> bool:
    return series.interval[0] > 0 and bool(np.isfinite(series.interval[1]))


def _average(part: Pooled) -> dict[str, Any]:
    return {
        "ratio": part.ratio,
        "interval": _pair(part.interval),
        "interval80": _pair(part.interval80),
        "verdict_code": verdict(part),
    }


def as_plain(plain: PlainRatio | None) -> dict[str, Any] | None:
    """Layer 1 as plain values; None where a side has no months."""
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
        "p_value": series.p_value,
        "months_before": series.months_before,
        "months_after": series.months_after,
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
