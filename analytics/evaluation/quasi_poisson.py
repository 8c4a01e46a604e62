"""Quasi-Poisson regression with log link: counts whose scatter may exceed their mean.

Steps, start and tolerance are those of statsmodels' GLM, which a test holds this to. Importing that takes most of
a second and a page refits a hundred times, so it is kept to the test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.evaluation.monthly import FloatArray

_MOST_STEPS: Final = 100
_TOLERANCE: Final = 1e-8  # in deviance


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients of the columns of ``design``, means of its rows; ``unscaled``: covariance at dispersion 1.

    ``dispersion``: Pearson chi2 / ``df``, not floored.
    """

    design: FloatArray
    params: FloatArray
    fitted: FloatArray
    unscaled: FloatArray
    dispersion: float
    df: int

    @property
    def covariance(self) -> FloatArray:
        """Of the coefficients, with the dispersion."""
        return self.unscaled * self.dispersion

    def t(self, level: float) -> float:
        """Quantile of Student's t for a two-sided interval."""
        from scipy.special import stdtrit

        return float(stdtrit(self.df, (1 + level) / 2))


def fit(
    counts: FloatArray, design: FloatArray, offset: FloatArray | float = 0.0, start: FloatArray | None = None
) -> Fit | None:
    """The fit of ``counts`` on the columns of ``design`` (fewer than rows); None: the likelihood has no maximum.

    ``offset``: log of the exposure; ``start``: coefficients near the answer.
    """
    params = _maximise(counts, design, offset, start)
    if params is None:
        return None
    fitted = np.exp(design @ params + offset)
    try:
        unscaled = np.linalg.inv(design.T @ (fitted[:, None] * design))
    except np.linalg.LinAlgError:
        return None
    df = len(design) - design.shape[1]
    return Fit(
        design=design,
        params=params,
        fitted=fitted,
        unscaled=np.asarray(unscaled, dtype=np.float64),
        dispersion=float(((counts - fitted) ** 2 / fitted).sum() / df),
        df=df,
    )


def _maximise(
    counts: FloatArray, design: FloatArray, offset: FloatArray | float, start: FloatArray | None
) -> FloatArray | None:
    """Coefficients by iteratively reweighted least squares."""
    line = np.log((counts + counts.mean()) / 2) if start is None else design @ start + offset
    before = np.inf
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _step in range(_MOST_STEPS):
            mean = np.exp(line)
            weighted = design * mean[:, None]
            try:
                params = np.linalg.solve(
                    weighted.T @ design, weighted.T @ (line - offset + counts / mean - 1)
                )
            except np.linalg.LinAlgError:
                return None
            line = design @ params + offset
            deviance = _deviance(counts, line)
            if abs(deviance - before) <= _TOLERANCE:
                return np.asarray(params)
            before = deviance
    return None


def _deviance(counts: FloatArray, line: FloatArray) -> float:
    """Twice what the log-likelihood falls short of a perfect fit."""
    logs = np.log(counts, out=np.array(line), where=counts > 0)  # no complaint contributes its mean alone
    return float(2 * (counts * (logs - line) - counts + np.exp(line)).sum())
