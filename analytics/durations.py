"""Medians and other quantiles of recorded seconds: exact, whatever places and months are chosen.

Quantiles do not add up as counts do. So the petitions are laid out once in bins by length, and those of each
place and month are counted by bin: another choice adds up counts to find the bin that holds its quantile, and
looks at the petitions of that bin alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from analytics.frame import NA

#: From so many on, petitions are counted second by second instead of being put in order …
_MANY: Final = 1 << 18
#: … up to this second, which is a little over three days.
_FAR: Final = 1 << 18

#: Petitions in a bin: few enough to look at. With many places and months bins are larger, so that there are
#: at most two counts for each petition.
_IN_BIN: Final = 4096
_FEWEST_BINS: Final = 8


def quantiles(seconds: np.ndarray, shares: Sequence[float]) -> tuple[int, np.ndarray]:
    """How many of ``seconds`` (int32, none negative, NA = blank) are recorded, and their quantiles.

    Straight between neighbours, as :func:`numpy.quantile`; NaN where nothing is recorded.
    """
    recorded = int(np.count_nonzero(seconds != NA))
    if len(seconds) >= _MANY:
        upto = np.cumsum(np.bincount(np.minimum(seconds, _FAR), minlength=_FAR + 1)[:_FAR])
        if upto[-1] > max(shares) * recorded + 1:
            return recorded, _quantiles(recorded, shares, lambda n: np.searchsorted(upto, n, side="right"))
    return recorded, _quantiles(recorded, shares, lambda n: _nth(seconds, n))


def _quantiles(count: int, shares: Sequence[float], nth: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Quantiles of ``count`` numbers; ``nth`` gives those at some places in their order, from 0."""
    if not count:
        return np.full(len(shares), np.nan)
    place = np.asarray(shares) * (count - 1)
    below = place.astype(np.int64)
    low, high = nth(np.concatenate([below, np.minimum(below + 1, count - 1)])).reshape(2, -1)
    return low + (high - low) * (place - below)


def _nth(numbers: np.ndarray, places: np.ndarray) -> np.ndarray:
    return np.partition(numbers, np.unique(places))[places]  # blanks come last


class Durations:
    """The recorded seconds of one clock in bins, ready for any choice of places and months."""

    def __init__(self, seconds: np.ndarray, cell: np.ndarray, places: int, months: int) -> None:
        """``seconds``: int32, NA = blank; ``cell``: place × ``months`` + month of each petition, from 0."""
        recorded = seconds != NA
        seconds, cell = seconds.compress(recorded), cell.compress(recorded)
        edges = _edges(seconds, places * (months + 1))
        bins = np.searchsorted(edges, seconds).astype(np.uint16)
        order = np.argsort(bins, kind="stable")  # a radix sort, because of the 16 bits
        self._seconds, self._cell = seconds[order], cell[order]
        self._starts = np.searchsorted(bins[order], np.arange(len(edges) + 2))
        self._upto = _upto(bins, cell, (places, months, len(edges) + 1))

    def quantiles(
        self, shares: Sequence[float], places: np.ndarray, first: int, last: int
    ) -> tuple[int, np.ndarray]:
        """As :func:`quantiles`, of ``places`` (positions) in the months ``first`` … ``last`` - 1 alone."""
        months, size, _bins = self._upto.shape
        inside = np.zeros((size, months - 1), dtype=bool)
        inside[places, first:last] = True
        by_bin = (self._upto[last, places] - self._upto[first, places]).sum(axis=0)
        upto = np.append(0, np.cumsum(by_bin))

        def nth(wanted: np.ndarray) -> np.ndarray:
            found = np.empty(len(wanted), dtype=np.int64)
            numbers = np.searchsorted(upto, wanted, side="right") - 1
            for number in np.unique(numbers):
                here = numbers == number
                found[here] = _nth(self._in_bin(number, inside.ravel()), wanted[here] - upto[number])
            return found

        return int(upto[-1]), _quantiles(int(upto[-1]), shares, nth)

    def _in_bin(self, number: int, inside: np.ndarray) -> np.ndarray:
        rows = slice(self._starts[number], self._starts[number + 1])
        return self._seconds[rows].compress(inside.take(self._cell[rows]))


def _edges(seconds: np.ndarray, cells: int) -> np.ndarray:
    """Largest second of each bin but the last, by which bins hold about equally many of a sample."""
    count = len(seconds)
    if not count:
        return seconds
    bins = max(min(count // _IN_BIN, 2 * count // cells), _FEWEST_BINS)
    sample = np.sort(seconds[:: max(count // 100_000, 1)])
    return np.unique(sample[np.arange(1, bins) * len(sample) // bins])


def _upto(bins: np.ndarray, cell: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Petitions in the months before each month, by place and bin: int32, (months + 1, places, bins)."""
    places, months, width = shape
    counted = np.bincount(cell * np.int64(width) + bins, minlength=places * months * width)
    upto = np.zeros((months + 1, places, width), dtype=np.int32)
    np.cumsum(counted.reshape(shape).swapaxes(0, 1), axis=0, out=upto[1:])
    return upto
