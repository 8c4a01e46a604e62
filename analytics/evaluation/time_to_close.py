"""How long until a petition is closed: Kaplan-Meier over closed and open petitions.

An open petition counts for as long as it has been followed; closings come before open ends of the same
second. Limits are 95 %, on the log(-log) scale with Greenwood's variance (Kalbfleisch & Prentice, "exponential
Greenwood"), so they stay within 0–1; the median's are those of Brookmeyer & Crowley (1982) on the same scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analytics.i18n import gettext as _
from analytics.intervals import Z_95

DAY = 86_400
_TAIL = 0.025


class Estimate(NamedTuple):
    """A figure with its 95 % interval; NaN is unknown."""

    estimate: float
    lower: float
    upper: float


class LogRank(NamedTuple):
    """Do the groups close equally fast? NaN when there is nothing to compare."""

    chi2: float
    df: int
    p: float


@dataclass(frozen=True, eq=False)
class Curve:
    """One row per second at which a petition was closed, in order; ``follow_up``: all durations, in order."""

    seconds: np.ndarray
    at_risk: np.ndarray
    closed: np.ndarray
    survival: np.ndarray
    variance: np.ndarray  # Greenwood's sum
    follow_up: np.ndarray

    def at(self, seconds: Any) -> pd.DataFrame:
        """Share closed by each moment, that moment included: ``estimate, lower, upper, at_risk``.

        ``at_risk``: petitions still open and followed just before. All NaN after the last follow-up, unless
        everything is closed. Before the first closing the upper end is the exact binomial one of those
        followed so long; once everything is closed the lower end is the last one that was computed.
        """
        moments = np.atleast_1d(np.asarray(seconds, dtype=float))
        step = np.searchsorted(self.seconds, moments, side="right") - 1
        followed = len(self.follow_up) - np.searchsorted(self.follow_up, moments, side="left")
        started = step >= 0
        table = np.full((len(moments), 3), np.nan)
        table[started] = np.column_stack(self._limits(step[started]))
        with np.errstate(divide="ignore"):
            nothing_yet = np.column_stack([np.zeros((len(moments), 2)), 1 - _TAIL ** (1 / followed)])
        table[~started] = nothing_yet[~started]
        all_closed = started & (np.append(self.survival, 1.0)[step] == 0)
        table[(followed == 0) & ~all_closed] = np.nan
        return pd.DataFrame(table, columns=["estimate", "lower", "upper"]).assign(at_risk=followed)

    def median(self) -> Estimate:
        """Seconds by which half are closed: the first moment at which the estimate reaches one half.

        The interval holds the moments whose limits contain one half; an end that is not reached is NaN.
        """
        estimate, lower, upper = self._limits(np.arange(len(self.seconds)))
        return Estimate(*(self._first(share) for share in (estimate, upper, lower)))

    def steps(self, points: int = 400) -> pd.DataFrame:
        """The curve for a chart, in days: ``days, estimate, lower, upper``, at most ``points`` closings."""
        count = len(self.seconds)
        chosen = np.unique(np.linspace(0, count - 1, min(points, count)).astype(int))
        moments = np.unique(np.concatenate([[0], self.seconds[chosen], self.follow_up[-1:]]))
        return self.at(moments).assign(days=moments / DAY)[["days", "estimate", "lower", "upper"]]

    def _first(self, share: np.ndarray) -> float:
        reached = np.flatnonzero(share >= 0.5 - 1e-12)
        return float(self.seconds[reached[0]]) if len(reached) else np.nan

    def _limits(self, step: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Share closed after each step, with its limits."""
        survival = self.survival[step]
        done = survival == 0
        counted = np.where(done, step - 1, step)  # the last step of a complete curve has no variance
        with np.errstate(divide="ignore", invalid="ignore"):
            log_survival = np.log(self.survival[counted])
            half = Z_95 * np.sqrt(self.variance[counted]) / np.abs(log_survival)
            lower = -np.expm1(log_survival * np.exp(-half))
            upper = -np.expm1(log_survival * np.exp(half))
        at_once = done & (counted < 0)
        lower[at_once] = _TAIL ** (1 / self.at_risk[step[at_once]])
        return 1 - survival, lower, np.where(done, 1.0, upper)


def curve(seconds: np.ndarray, closed: np.ndarray) -> Curve:
    """Kaplan-Meier from whole seconds (integers) and whether each petition was closed then (booleans).

    Petitions that are not closed have been followed for their seconds. ValueError for negative seconds.
    """
    if len(seconds) != len(closed):
        raise ValueError(_("时长与是否办结的行数不同。"))
    if len(seconds) and seconds.min() < 0:
        raise ValueError(_("时长不能为负。"))
    wide = len(seconds) and seconds.max() >= 2**30
    whole: np.ndarray = seconds.astype(np.int64 if wide else np.int32)
    packed = np.sort((whole << 1) | ~closed)
    ordered = packed >> 1
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    closings = np.diff(np.append(0, np.cumsum(packed & 1 == 0))[np.append(first, len(packed))])
    happened = closings > 0
    first, closings = first[happened], closings[happened]
    at_risk = len(packed) - first
    left = at_risk - closings
    with np.errstate(divide="ignore"):
        variance = np.cumsum(closings / (at_risk * left.astype(float)))
    return Curve(ordered[first], at_risk, closings, np.cumprod(left / at_risk), variance, ordered)


def closed_by(durations: Any, closed: Any, days: Any) -> pd.DataFrame:
    """Share of petitions closed by day 3, 30, …: ``estimate, lower, upper, at_risk``, one row per day.

    ``durations``: days as numbers, or timedeltas; of an open petition, how long it has been followed.
    ``closed``: booleans. Day d includes exactly d days. NaN beyond the last follow-up. Raises ValueError for
    a duration that is negative or unknown.
    """
    days = np.atleast_1d(days)
    answers = curve(_seconds(durations), _closed(closed)).at(np.rint(days * float(DAY)))
    return answers.set_axis(pd.Index(days, name="day"))


def median(durations: Any, closed: Any) -> Estimate:
    """Median time to close in days with its interval; arguments as for :func:`closed_by`."""
    return Estimate(*(value / DAY for value in curve(_seconds(durations), _closed(closed)).median()))


def log_rank(durations: Any, closed: Any, group: Any) -> LogRank:
    """Log-rank test (Mantel 1966) that all groups close equally fast; any number of groups.

    Arguments as for :func:`closed_by`, and a label per petition; those without a label are left out.
    """
    from scipy.special import gammaincc

    codes, labels = pd.factorize(np.asarray(group))
    seconds, happened = _seconds(durations)[codes >= 0], _closed(closed)[codes >= 0]
    codes = codes[codes >= 0]
    moments = np.unique(seconds[happened])
    at_risk = np.array([_still_open(seconds[codes == g], moments) for g in range(len(labels))])
    closings = np.array(
        [
            np.bincount(np.searchsorted(moments, seconds[happened & (codes == g)]), minlength=len(moments))
            for g in range(len(labels))
        ]
    )
    if len(labels) < 2 or not len(moments):
        return LogRank(np.nan, max(len(labels) - 1, 0), np.nan)
    excess, covariance = _excess(at_risk, closings)
    chi2 = float(excess @ np.linalg.pinv(covariance, hermitian=True) @ excess)
    df = int(np.linalg.matrix_rank(covariance, hermitian=True))
    return LogRank(chi2, df, float(gammaincc(df / 2, chi2 / 2))) if df else LogRank(np.nan, 0, np.nan)


def _excess(at_risk: np.ndarray, closings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Closings of each group beyond expectation, and their covariance (hypergeometric)."""
    total, together = at_risk.sum(axis=0), closings.sum(axis=0)
    share = at_risk / total
    weight = together * (total - together) / np.maximum(total - 1, 1)
    covariance = np.diag((weight * share).sum(axis=1)) - (weight * share) @ share.T
    return (closings - together * share).sum(axis=1), covariance


def _still_open(seconds: np.ndarray, moments: np.ndarray) -> np.ndarray:
    return len(seconds) - np.searchsorted(np.sort(seconds), moments, side="left")


def _seconds(durations: Any) -> np.ndarray:
    """Durations as whole seconds."""
    values = np.asarray(durations)
    days = values / np.timedelta64(1, "D") if values.dtype.kind == "m" else values.astype(float)
    if np.isnan(days).any():
        raise ValueError(_("有的时长未知；未办结的请给出到截至时间为止的时长。"))
    return np.rint(days * DAY).astype(np.int64)


def _closed(closed: Any) -> np.ndarray:
    values = np.asarray(closed)
    if pd.isna(values).any():
        raise ValueError(_("有的诉求不知是否办结。"))
    return values.astype(bool)
