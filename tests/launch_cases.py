"""Made-up months for the tests of the launch effect."""

from __future__ import annotations

import numpy as np
import pandas as pd


def months(number: int, first: str = "2022-01") -> pd.PeriodIndex:
    return pd.period_range(first, periods=number, freq="M")


def noisy(before: int, after: int, ratio: float = 0.5, mean: float = 12, seed: int = 1):
    """Poisson months, with a step of ``ratio``: counts, months, launch."""
    index = months(before + after)
    step = np.where(np.arange(before + after) < before, 1.0, ratio)
    return np.random.default_rng(seed).poisson(mean * step), index, index[before]


def within(low, truth, high):
    return bool(low <= truth <= high)
