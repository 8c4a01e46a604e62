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

#: From so many on, petitions are counted by length instead of being put in order, in so many bits of bins …
_MANY: Final = 1 << 18
_BITS: Final = 13
#: … as far as a sample of so many tells that it is needed …
_SAMPLE: Final = 1 << 12
#: … and so many at a time, to stay in the processor's cache.
_STRETCH: Final = 1 << 16

#: Petitions in a bin: few enough to look at. With many places and months bins are larger, so that there are
#: not many more counts than petitions.
_IN_BIN: Final = 4096
_COUNTS_EACH: Final = 4
_FEWEST_BINS: Final = 8


def quantiles(seconds: np.ndarray, shares: Sequence[float]) -> tuple[int, np.ndarray]:
    """How many of ``seconds`` (int32, none negative, NA = blank) are recorded, and their quantiles.

    Straight between neighbours, as :func:`numpy.quantile`; NaN where nothing is recorded.
    """
    recorded = int(np.count_nonzero(seconds != NA))
    if len(seconds) >= _MANY:
        far = _far(seconds, max(shares))
        shift = max(far.bit_length() - _BITS, 0)
        upto = _counted(seconds, far >> shift, shift)
        if upto[-1] > max(shares) * recorded + 1:
            return recorded, _read(
                recorded, shares, lambda places: _nth_counted(seconds, places, upto, shift)
            )
    return recorded, _read(recorded, shares, lambda places: _nth(seconds, places))


def _far(seconds: np.ndarray, share: float) -> int:
    """A second beyond the quantile ``share``, judged by a sample."""
    sample = np.sort(seconds[:: len(seconds) // _SAMPLE])
    recorded = sample[sample != NA]
    return 2 * int(recorded[int(share * (len(recorded) - 1))]) + 60 if len(recorded) else 60


def _counted(seconds: np.ndarray, bins: int, shift: int) -> np.ndarray:
    """How many lie before each of so many bins of 2**shift seconds, and before their end."""
    table = np.zeros(bins + 1, dtype=np.int64)
    for begin in range(0, len(seconds), _STRETCH):
        some = seconds[begin : begin + _STRETCH] >> np.int32(shift)
        table += np.bincount(np.minimum(some, bins), minlength=bins + 1)
    return np.append(0, np.cumsum(table[:bins]))


def _nth_counted(seconds: np.ndarray, places: np.ndarray, upto: np.ndarray, shift: int) -> np.ndarray:
    if not shift:
        return np.searchsorted(upto, places, side="right") - 1
    return _look_up(places, upto, lambda number: seconds.compress(seconds >> np.int32(shift) == number))


def _look_up(places: np.ndarray, upto: np.ndarray, in_bin: Callable[[int], np.ndarray]) -> np.ndarray:
    """Numbers at some places in their order, by the bins that hold them; ``upto``: how many lie before each."""
    found = np.empty(places.shape, dtype=np.int64)
    numbers = np.searchsorted(upto, places, side="right") - 1
    for number in set(numbers.ravel().tolist()):
        here = numbers == number
        found[here] = _nth(in_bin(number), places[here] - upto[number])
    return found


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
        """``seconds``: int32 by clock, NA = blank; ``cell``: month × ``places`` + place of each petition."""
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
        inside = np.zeros((months - 1, size), dtype=bool)
        inside[first:last, places] = True
        by_bin = self._before(last, places) - self._before(first, places)
        # All clocks lie one after the other in one order, so one look finds the bins of all.
        upto = np.append(0, np.cumsum(by_bin))
        begin = upto[self._first_bin]

        def nth(wanted: np.ndarray) -> np.ndarray:
            wanted = np.minimum(wanted + begin[:-1, None], upto[-1] - 1)
            return _look_up(wanted, upto, lambda number: self._in_bin(number, inside.ravel()))

        counts = np.diff(begin)
        return dict(
            zip(self._clocks, zip(counts.tolist(), _read(counts, shares, nth), strict=True), strict=True)
        )

    def _before(self, month: int, places: np.ndarray) -> np.ndarray:
        """How many of ``places`` lie in each bin in the months before ``month``."""
        if not month:
            return np.zeros(self._upto.shape[2], dtype=np.int64)
        # No sum exceeds a whole bin, for which the type is wide enough.
        return self._upto[month].take(places, axis=0).sum(axis=0, dtype=self._upto.dtype).astype(np.int64)

    def _in_bin(self, number: int, inside: np.ndarray) -> np.ndarray:
        rows = slice(self._starts[number], self._starts[number + 1])
        return self._seconds[rows].compress(inside.take(self._cell[rows]))


def _binned(
    seconds: np.ndarray, cell: np.ndarray, places: int, months: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Recorded seconds and their cells, bin after bin; and how many lie in the months before each month.

    The last by place and bin: shape (months + 1, places, bins), as narrow integers as a whole bin needs.
    """
    recorded = seconds != NA
    seconds, cell = seconds.compress(recorded), cell.compress(recorded)
    edges = _edges(seconds, places * (months + 1))
    bins = np.searchsorted(edges, seconds).astype(np.uint16)
    order = np.argsort(bins, kind="stable")  # a radix sort, because of the 16 bits
    width = len(edges) + 1
    counted = np.bincount(cell * np.int64(width) + bins, minlength=months * places * width)
    narrow = np.min_scalar_type(np.bincount(bins, minlength=1).max())
    upto = np.zeros((months + 1, places, width), dtype=narrow)
    np.cumsum(counted.reshape(months, places, width), axis=0, dtype=narrow, out=upto[1:])
    return seconds[order], cell[order], upto


def _edges(seconds: np.ndarray, cells: int) -> np.ndarray:
    """Largest second of each bin but the last, by which bins hold about equally many of a sample."""
    count = len(seconds)
    if not count:
        return seconds
    bins = max(min(count // _IN_BIN, _COUNTS_EACH * count // cells), _FEWEST_BINS)
    sample = np.sort(seconds[:: max(count // 100_000, 1)])
    return np.unique(sample[np.arange(1, bins) * len(sample) // bins])
