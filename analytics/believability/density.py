"""Too many just under a limit: the neighbourhood says how many there would be (bunching).

The density around the limit is fitted without the bins next to it (a donut), so that what was moved cannot
hide itself (Saez 2010, Am Econ J Policy 2:180-212; Kleven 2016, Annu Rev Econ 8:435-464). Its curve, a log
density of 1, log x, log² x and x, holds exponential, gamma and log-normal times exactly; whatever it fits
badly widens the error through the dispersion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.believability import tails
from analytics.believability.finding import MIN_N, too_many
from analytics.evaluation.quasi_poisson import fit
from analytics.frame import DAY

MINUTE: Final = 60
FIVE: Final = 5 * MINUTE
QUARTER: Final = 15 * MINUTE

#: Bins of the neighbourhood per limit, and how many on either side of it are under question.
_BINS: Final = 15
_REACH: Final = 2
#: The neighbourhood in limits.
_FROM, _TO = 0.2, 1.8
_PARAMETERS: Final = 4
#: A share of exact multiples up to this is no habit at all; and a limit may draw this much more than others.
_NO_HABIT: Final = 0.02
_TOLERATED: Final = 1.2
#: Multiples with fewer around them cannot tell a habit.
_ENOUGH: Final = 20


@dataclass(frozen=True)
class Excess:
    """How many took (``low``, ``high``] seconds, and how many were to be expected of the ``n`` around."""

    n: int
    seen: int
    expected: float
    p_value: float
    low: int
    high: int


def neighbourhood(limit: int) -> int:
    """Seconds up to which times are compared with those around ``limit``; younger records cannot have them."""
    return _day_last(limit) * DAY if limit % DAY == 0 else max(int(_TO * limit), limit + 10 * MINUTE)


def just_under(seconds: np.ndarray, limit: int) -> Excess | None:
    """Whether too many took just less than ``limit`` and too few just more; None where nothing can be said.

    ``seconds``: times taken, 0 or more. Exact multiples of a minute may be rounded, so they are left out; where
    most are such, whole minutes are compared, without the multiples of five. A limit of days is compared by day.
    """
    if limit % DAY == 0:
        return _by_day(seconds, limit)
    near = seconds[(seconds > _FROM * limit) & (seconds <= neighbourhood(limit))]
    whole = near % MINUTE == 0
    if np.count_nonzero(whole) * 2 >= len(near):
        return _by_minute(near[whole], limit)
    return _by_bin(near[~whole], limit)


def exactly_at(seconds: np.ndarray, limit: int) -> Excess | None:
    """Whether ``limit`` itself draws more times than other multiples of five minutes do; None if unknown.

    People round, and like quarters of an hour best: such a limit is compared with other quarters too.
    """
    if limit % FIVE or limit > 6 * QUARTER:
        return None
    found = [_drawn(seconds, limit, FIVE, 60 * MINUTE, others=3)]
    if limit % QUARTER == 0:
        found.append(_drawn(seconds, limit, QUARTER, 120 * MINUTE, others=2))
    known = [excess for excess in found if excess is not None]
    return max(known, key=lambda excess: excess.p_value) if len(known) == len(found) else None


def _by_bin(seconds: np.ndarray, limit: int) -> Excess | None:
    width = limit / _BINS
    bins = np.arange(int(_FROM * _BINS) + 1, round(_TO * _BINS) + 1)
    counts = _counted(np.ceil(seconds / width), bins)
    side = _side(bins, _BINS, _BINS + 1, _REACH)
    low = limit - round(_REACH * width)
    return _excess(counts, (bins - 0.5) / _BINS, side, (low, limit))


def _by_minute(seconds: np.ndarray, limit: int) -> Excess | None:
    last = neighbourhood(limit) // MINUTE
    bins = np.arange(max(1, int(_FROM * limit) // MINUTE), last + 1)
    bins = bins[bins % 5 != 0]
    at = limit // MINUTE
    counts = _counted(seconds // MINUTE, bins)
    side = _side(bins, at - (at % 5 == 0), at + 1, _REACH)
    high = limit if at % 5 else limit - MINUTE
    return _excess(counts, bins * MINUTE / limit, side, (high - _REACH * MINUTE, high))


def _by_day(seconds: np.ndarray, limit: int) -> Excess | None:
    days = limit // DAY
    bins = np.arange(1, _day_last(limit) + 1)
    counts = _counted(np.ceil(seconds / DAY), bins)
    side = _side(bins, days, days + 1, 1)
    return _excess(counts, (bins - 0.5) / days, side, (limit - DAY, limit))


def _day_last(limit: int) -> int:
    return max(3 * (limit // DAY) + 1, limit // DAY + 7)


def _counted(numbers: np.ndarray, bins: np.ndarray) -> np.ndarray:
    inside = numbers[(numbers >= bins[0]) & (numbers <= bins[-1])].astype(np.int64)
    return np.bincount(inside, minlength=int(bins[-1]) + 1)[bins]


def _side(bins: np.ndarray, last_below: int, first_above: int, reach: int) -> np.ndarray:
    """+1 for the bins just below the limit, -1 for those just above, 0 elsewhere."""
    below = (bins <= last_below) & (bins > last_below - reach)
    above = (bins >= first_above) & (bins < first_above + reach)
    return below.astype(float) - above.astype(float)


def _excess(counts: np.ndarray, x: np.ndarray, side: np.ndarray, span: tuple[int, int]) -> Excess | None:
    """Below minus above against the curve through the other bins, with quasi-Poisson errors."""
    outside = side == 0
    freedom = int(np.count_nonzero(outside)) - _PARAMETERS
    if counts.sum() < MIN_N or freedom < 1 or np.count_nonzero(counts[outside]) < _PARAMETERS:
        return None
    basis = np.column_stack([np.ones_like(x), np.log(x), np.log(x) ** 2, x - 1])
    around = fit(counts[outside], basis[outside])
    if around is None:
        return None
    mean = np.exp(np.clip(basis @ around.params, -30, 30))
    gradient = (basis * mean[:, None]).T @ side
    variance = (mean * side**2).sum() + gradient @ around.unscaled @ gradient
    t = (side * (counts - mean)).sum() / np.sqrt(max(1.0, around.dispersion) * variance)
    seen, expected = int(counts[side > 0].sum()), float(mean[side > 0].sum())
    p_value = too_many(seen, expected, tails.beyond_t(t, freedom))
    return Excess(int(counts.sum()), seen, expected, p_value, *span)


def _drawn(seconds: np.ndarray, limit: int, step: int, most: int, others: int) -> Excess | None:
    """Exact times at ``limit`` beyond the plain whole minutes, against other multiples of ``step``.

    Rounding to the nearest multiple keeps a time within half a step of it, so the share that a multiple
    draws from its surroundings is the habit, whatever the density.
    """
    multiples = np.arange(step, most + 1, step)
    exact, plain = _exact(seconds, multiples)
    nearest = np.minimum((seconds + step // 2) // step, len(multiples) + 1).astype(np.int64)
    around = np.bincount(nearest, minlength=len(multiples) + 2)[1:-1].astype(float)
    here = multiples == limit
    other = ~here & (around >= _ENOUGH)
    if around[here][0] < MIN_N or np.count_nonzero(other) < others or around[other].sum() < MIN_N:
        return None
    habit = (exact - plain)[other].sum() / around[other].sum()
    habit = min(max(habit, _NO_HABIT), 0.9)
    spread = habit * (1 - habit) * around + 2 * plain
    freedom = int(np.count_nonzero(other)) - 1
    misfit = ((exact - plain - habit * around)[other] ** 2 / spread[other]).sum() / freedom
    tolerated = min(_TOLERATED * habit, 0.95)
    seen, size, base = (values[here][0] for values in (exact, around, plain))
    error = spread[here][0] + size**2 * spread[other].sum() / around[other].sum() ** 2
    t = (seen - base - tolerated * size) / np.sqrt(max(1.0, misfit) * error)
    # A few petitions are not normal: the exact binomial tail must agree.
    chance = tails.at_least(seen, size, min(tolerated + base / size, 1.0))
    expected = float(habit * size + base)
    p_value = too_many(seen, expected, max(tails.beyond_t(t, freedom), chance))
    return Excess(int(size + around[other].sum()), int(seen), expected, p_value, limit - 1, limit)


def _exact(seconds: np.ndarray, multiples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many took exactly each multiple, and how many would if whole minutes ran on smoothly through it."""
    whole = (seconds[seconds % MINUTE == 0] // MINUTE).astype(np.int64)
    minutes = multiples // MINUTE
    counts = np.bincount(whole[whole <= minutes[-1] + 2], minlength=int(minutes[-1]) + 3).astype(float)
    next_to = counts[minutes - 1] + counts[minutes + 1]
    further = counts[minutes - 2] + counts[minutes + 2]
    return counts[minutes], np.maximum((4 * next_to - further) / 6, 0)
