"""Intervals for shares, rates and ratios of rates: what a figure of so few cases can and cannot say."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

Numbers: TypeAlias = Any  # a number or anything that becomes an array of numbers

#: Normal quantile of a 95 % interval; typed in so that the pages need no statistics library.
Z_95: Final = 1.959963984540054


class Interval(NamedTuple):
    """Both ends, as numbers for numbers and as arrays for arrays."""

    lower: Any
    upper: Any


class Ratio(NamedTuple):
    """A ratio of two rates with both ends of its interval."""

    ratio: Any
    lower: Any
    upper: Any


def z_value(level: float = 0.95) -> float:
    """Normal quantile of a two-sided interval; ValueError for a level outside 0–1."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    return Z_95 if level == 0.95 else NormalDist().inv_cdf((1 + level) / 2)


def wilson(successes: Numbers, trials: Numbers, level: float = 0.95) -> Interval:
    """Wilson score interval of a share (Wilson 1927; no continuity correction), as fractions in 0–1.

    NaN where there are no trials or either number is unknown. Raises ValueError for a count that is
    negative or exceeds its trials.
    """
    x, n = _counts(successes, trials)
    if (x > n).any():
        raise ValueError("more successes than trials")
    z2 = z_value(level) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (x + z2 / 2) / (n + z2)
        half = np.sqrt(z2 * (x * (n - x) / n + z2 / 4)) / (n + z2)
        lower = np.where(x == 0, 0.0, np.maximum(centre - half, 0))
        upper = np.where(x == n, 1.0, np.minimum(centre + half, 1))
    known = n > 0
    return Interval(_given(np.where(known, lower, np.nan)), _given(np.where(known, upper, np.nan)))


def poisson_exact(count: Numbers, exposure: Numbers = 1.0, level: float = 0.95) -> Interval:
    """Exact interval of a rate per unit of exposure (Garwood 1936); lower end 0 for no events.

    NaN where the exposure is not above zero or either number is unknown. ValueError for a negative count.
    """
    from scipy.special import gammaincinv

    z_value(level)
    x, exposed = _counts(count, exposure)
    exposed = np.where(exposed > 0, exposed, np.nan)
    tail = (1 - level) / 2
    lower = np.where(x == 0, 0.0, gammaincinv(np.maximum(x, 1), tail))
    lower = np.where(np.isnan(x), np.nan, lower)
    return Interval(_given(lower / exposed), _given(gammaincinv(x + 1, 1 - tail) / exposed))


def rate_ratio_exact(
    after: Numbers,
    before: Numbers,
    after_exposure: Numbers = 1.0,
    before_exposure: Numbers = 1.0,
    level: float = 0.95,
) -> Ratio:
    """Rate after / rate before with the exact conditional interval (Clopper-Pearson 1934 on the split).

    Given the total, the number after is binomial. Nothing before: the ratio is NaN and the upper end
    infinite; nothing after: ratio and lower end 0; nothing at all: NaN, 0 and infinite. All NaN where an
    exposure is not above zero or a number is unknown. ValueError for a negative count.
    """
    from scipy.special import betaincinv

    z_value(level)
    a, after_exposed = _counts(after, after_exposure)
    b, before_exposed = _counts(before, before_exposure)
    known = (after_exposed > 0) & (before_exposed > 0) & ~np.isnan(a + b)
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(known, before_exposed / after_exposed, np.nan)
        low = np.where(a == 0, 0.0, betaincinv(np.maximum(a, 1), b + 1, tail))
        high = np.where(b == 0, 1.0, betaincinv(a + 1, np.maximum(b, 1), 1 - tail))
        ratio = np.where(b == 0, np.nan, a / b) * scale
        return Ratio(_given(ratio), _given(low / (1 - low) * scale), _given(high / (1 - high) * scale))


def _counts(count: Numbers, of: Numbers) -> tuple[np.ndarray, np.ndarray]:
    """Both as float arrays of one shape; a count that cannot be is refused."""
    x, n = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(of, dtype=float))
    if (x < 0).any() or (n < 0).any():
        raise ValueError("counts and exposures cannot be negative")
    return x, n


def _given(values: np.ndarray) -> Any:
    """An array as it is, a single value as a plain float."""
    return values if values.ndim else float(values)
