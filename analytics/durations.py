"""Medians and other quantiles of recorded seconds: exact, whatever places and months are chosen.

Quantiles do not add up as counts do. So the petitions are laid out once in bins by length, and those of each
place and month are counted by bin: another choice adds up counts to find the bin that holds its quantile, and
looks at the petitions of that bin alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
            return recorded, _read(recorded, shares, lambda places: np.searchsorted(upto, places, "right"))
    return recorded, _read(recorded, shares, lambda places: _nth(seconds, places))


def _read(
    counts: np.ndarray | int, shares: Sequence[float], nth: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Quantiles of one or more sets of ``counts`` numbers: shape of counts + (shares,).

    ``nth`` gives the numbers at some places in their order, from 0: shape of counts + (any number).
    """
    counts = np.asarray(counts)[..., None]
    place = np.asarray(shares) * np.maximum(counts - 1, 0)
    below = place.astype(np.int64)
    above = np.minimum(below + 1, np.maximum(counts - 1, 0))
    if not counts.any():
        return np.full(place.shape, np.nan)
    low, high = np.split(nth(np.concatenate([below, above], axis=-1)), 2, axis=-1)
    return np.where(counts > 0, low + (high - low) * (place - below), np.nan)


def _nth(numbers: np.ndarray, places: np.ndarray) -> np.ndarray:
    return np.partition(numbers, places)[places]  # blanks come last


class Durations:
    """The recorded seconds of several clocks in bins, ready for any choice of places and months."""

    def __init__(self, seconds: Mapping[str, np.ndarray], cell: np.ndarray, places: int, months: int) -> None:
        """``seconds``: int32 by clock, NA = blank; ``cell``: place × ``months`` + month of each petition."""
        parts = [_binned(values, cell, places, months) for values in seconds.values()]
        self._clocks = tuple(seconds)
        self._seconds, self._cell = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        self._upto = np.concatenate([part[2] for part in parts], axis=2)
        self._first_bin = np.cumsum([0, *(part[2].shape[2] for part in parts)])
        self._starts = np.append(0, np.cumsum(self._upto[-1].sum(axis=0, dtype=np.int64)))

    def quantiles(
        self, shares: Sequence[float], places: np.ndarray, first: int, last: int
    ) -> dict[str, tuple[int, np.ndarray]]:
        """By clock as :func:`quantiles`, of ``places`` (positions) in the months ``first`` … ``last`` - 1."""
        months, size, _bins = self._upto.shape
        inside = np.zeros((size, months - 1), dtype=bool)
        inside[places, first:last] = True
        by_bin = (self._upto[last, places] - self._upto[first, places]).sum(axis=0)
        # All clocks lie one after the other in one order, so one look finds the bins of all.
        upto = np.append(0, np.cumsum(by_bin))
        begin = upto[self._first_bin]

        def nth(wanted: np.ndarray) -> np.ndarray:
            wanted = np.minimum(wanted + begin[:-1, None], upto[-1] - 1)
            found = np.empty(wanted.shape, dtype=np.int64)
            numbers = np.searchsorted(upto, wanted, side="right") - 1
            for number in set(numbers.ravel().tolist()):
                here = numbers == number
                found[here] = _nth(self._in_bin(number, inside.ravel()), wanted[here] - upto[number])
            return found

        counts = np.diff(begin)
        return dict(
            zip(self._clocks, zip(counts.tolist(), _read(counts, shares, nth), strict=True), strict=True)
        )

    def _in_bin(self, number: int, inside: np.ndarray) -> np.ndarray:
        rows = slice(self._starts[number], self._starts[number + 1])
        return self._seconds[rows].compress(inside.take(self._cell[rows]))


def _binned(
    seconds: np.ndarray, cell: np.ndarray, places: int, months: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Recorded seconds and their cells, bin after bin; and how many lie in the months before each month.

    The last by place and bin: int32, shape (months + 1, places, bins).
    """
    recorded = seconds != NA
    seconds, cell = seconds.compress(recorded), cell.compress(recorded)
    edges = _edges(seconds, places * (months + 1))
    bins = np.searchsorted(edges, seconds).astype(np.uint16)
    order = np.argsort(bins, kind="stable")  # a radix sort, because of the 16 bits
    width = len(edges) + 1
    counted = np.bincount(cell * np.int64(width) + bins, minlength=places * months * width)
    upto = np.zeros((months + 1, places, width), dtype=np.int32)
    np.cumsum(counted.reshape(places, months, width).swapaxes(0, 1), axis=0, out=upto[1:])
    return seconds[order], cell[order], upto


def _edges(seconds: np.ndarray, cells: int) -> np.ndarray:
    """Largest second of each bin but the last, by which bins hold about equally many of a sample."""
    count = len(seconds)
    if not count:
        return seconds
    bins = max(min(count // _IN_BIN, 2 * count // cells), _FEWEST_BINS)
    sample = np.sort(seconds[:: max(count // 100_000, 1)])
    return np.unique(sample[np.arange(1, bins) * len(sample) // bins])
