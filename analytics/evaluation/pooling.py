"""One figure from the launch effects of several places: random effects, by the Hartung-Knapp method.

Each place keeps its own trend and season; only the ratios are averaged (two-stage meta-analysis). The interval
allows for effects that differ between places, and never is narrower than if they were all the same (Knapp &
Hartung 2003, Stat Med 22:2693-2710, with the usual safeguard; between-place variance of DerSimonian & Laird 1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.evaluation.launch_series import InterruptedSeries, Interval

PLACES_TO_POOL = 2


@dataclass(frozen=True)
class Pooled:
    """The average ratio of after to no-launch over ``places``, with 95 % and 80 % intervals.

    ``tau2``: variance of the log ratios between places; ``differ_p``: Cochran's test that they are all the same.
    """

    ratio: float
    interval: Interval
    interval80: Interval
    places: int
    tau2: float
    differ_p: float


def pool(log_ratios: Any, errors: Any) -> Pooled | None:
    """The average of log ratios with their standard errors; None with fewer than two usable ones."""
    y, error = np.asarray(log_ratios, dtype=float), np.asarray(errors, dtype=float)
    usable = np.isfinite(y) & np.isfinite(error) & (error > 0)
    if usable.sum() < PLACES_TO_POOL:
        return None
    from scipy.special import chdtrc, stdtrit

    y, variance = y[usable], error[usable] ** 2
    free = len(y) - 1
    weight = 1 / variance
    scatter = float((weight * (y - np.average(y, weights=weight)) ** 2).sum())
    tau2 = max(0.0, float((scatter - free) / (weight.sum() - (weight**2).sum() / weight.sum())))
    weight = 1 / (variance + tau2)
    middle = float(np.average(y, weights=weight))
    stretch = max(1.0, float((weight * (y - middle) ** 2).sum()) / free)
    spread = np.sqrt(stretch / weight.sum())

    def around(level: float) -> Interval:
        reach = float(stdtrit(free, (1 + level) / 2)) * spread
        with np.errstate(over="ignore"):
            return float(np.exp(middle - reach)), float(np.exp(middle + reach))

    return Pooled(
        ratio=float(np.exp(middle)),
        interval=around(0.95),
        interval80=around(0.80),
        places=len(y),
        tau2=tau2,
        differ_p=float(chdtrc(free, scatter)),
    )


def pool_series(found: list[InterruptedSeries]) -> Pooled | None:
    """The average over the interrupted series of several places."""
    from scipy.special import stdtrit

    reach = [float(stdtrit(series.df, 0.975)) for series in found]
    with np.errstate(divide="ignore", invalid="ignore"):
        widths = [float(np.diff(np.log(series.interval))[0]) for series in found]
        middles = np.log([series.ratio for series in found])
    return pool(middles, [width / 2 / t for width, t in zip(widths, reach, strict=True)])
