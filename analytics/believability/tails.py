"""Tail probabilities of counts, and one false-discovery rate over many of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def at_least(count: float, trials: float, share: float) -> float:
    """P(X ≥ count) of a binomial count."""
    from scipy.special import betainc

    if count <= 0:
        return 1.0
    return float(betainc(count, trials - count + 1, share)) if count <= trials else 0.0


def at_most(count: float, trials: float, share: float) -> float:
    """P(X ≤ count) of a binomial count."""
    return 1.0 - at_least(count + 1, trials, share)


def at_most_drawn(count: int, marked: int, drawn: int, total: int) -> float:
    """P(X ≤ count) of the marked among ``drawn`` out of ``total`` (Fisher's exact test, one side)."""
    from scipy.special import gammaln

    def log_choose(size: int, part: np.ndarray | int) -> np.ndarray:
        return gammaln(size + 1) - gammaln(np.asarray(part) + 1) - gammaln(size - np.asarray(part) + 1)

    found = np.arange(max(0, drawn - (total - marked)), min(count, marked, drawn) + 1)
    logs = log_choose(marked, found) + log_choose(total - marked, drawn - found) - log_choose(total, drawn)
    return float(min(1.0, np.exp(logs).sum()))


def at_least_of(count: int, chances: Sequence[float] | np.ndarray) -> float:
    """P(at least ``count`` of independent events happen), each with its own chance."""
    distribution = np.ones(1)
    for chance in chances:
        distribution = np.convolve(distribution, (1 - chance, chance))
    return float(min(1.0, distribution[count:].sum()))


def beyond_t(t: float, freedom: float) -> float:
    """P(T > t) of Student's t."""
    from scipy.special import stdtr

    return float(stdtr(freedom, -t))


def adjusted(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg (1995): the least false-discovery rate at which each test would still be found."""
    p = np.asarray(p_values, dtype=float)
    if not len(p):
        return p
    order = np.argsort(p)
    stepped = p[order] * (len(p) / np.arange(1, len(p) + 1))
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return found
