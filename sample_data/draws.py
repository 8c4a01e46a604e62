"""Random draws that are the same on every machine and with every version of NumPy.

NumPy promises the raw bits of PCG64 and of SeedSequence for good, but not the streams of its
``Generator`` methods, and floating point may differ in the last digit between processors. So every
draw here is made of raw bits by integer arithmetic alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_BITS = 32


class Draws:
    """One stream of draws; the same ``seed`` numbers give the same stream."""

    def __init__(self, *seed: int) -> None:
        self._source = np.random.PCG64(np.random.SeedSequence(seed))

    def bits(self, count: int) -> Ints:
        """``count`` integers, uniform over 0 … 2**32 - 1."""
        raw = np.asarray(self._source.random_raw(count), dtype=np.uint64)
        return (raw >> np.uint64(64 - _BITS)).astype(np.int64)

    def below(self, bound: int | Ints, count: int) -> Ints:
        """Uniform over 0 … ``bound`` - 1; ``bound`` (under 2**31) may be one per draw."""
        return (self.bits(count) * bound) >> _BITS

    def chance(self, per_mille: int | Ints, count: int) -> NDArray[np.bool_]:
        """True with the given probability in thousandths, one for all or one per draw."""
        return self.below(1000, count) < per_mille

    def pick(self, weights: Sequence[int] | Ints, count: int) -> Ints:
        """Positions 0 … len(weights) - 1 with whole-number weights."""
        edges = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(edges, self.below(int(edges[-1]), count), side="right").astype(np.int64)

    def pick_each(self, weights: Ints) -> Ints:
        """One position per row of ``weights`` (rows × choices), each row with its own weights."""
        edges = np.cumsum(weights, axis=1)
        drawn = self.below(edges[:, -1], len(edges))
        return (edges <= drawn[:, None]).sum(axis=1).astype(np.int64)

    def spread(self, quantiles: Sequence[int], count: int) -> Ints:
        """Whole numbers with the given quantiles (2**k + 1 of them, equally apart), straight between them.

        This is how a skewed quantity, say lognormal minutes, is drawn without floating point.
        """
        table = np.asarray(quantiles, dtype=np.int64)
        shift = _BITS - (len(table) - 1).bit_length() + 1
        bits = self.bits(count)
        low = table[bits >> shift]
        high = table[(bits >> shift) + 1]
        return low + (((high - low) * (bits & ((1 << shift) - 1))) >> shift)
