"""Additive counts of petitions: the figures of every page are sums of these, divided last.

Two things are kept. ``cells`` counts month × place × counter, so that another choice of courtyards or
months is a sum of a few thousand numbers whatever the number of petitions. ``rows`` keeps the coded
petitions (small integers, no text) for the rarer axes, for exact quantiles and for the drill-down.
Both add up: ``build(A) + build(B)`` equals ``build(A ∪ B)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.clocks import RESOLUTION_STATES
from analytics.durations import Durations, quantiles
from analytics.frame import NA, coded
from analytics.scope import Scope, month_number, month_text
from analytics.vocabulary import CLOCKS, COLOURS, OUTCOMES, STATES

EXPECTED: Final = (*COLOURS, "none")

#: Flags of one petition that are counted as they are: column → counter.
FLAGS: Final = (
    "is_open", "is_closed", "followed_up", "rated", "satisfied", "answered", "confirmed",
    "repeat_base", "repeated",
)  # fmt: skip
TALLIES: Final = ("feedback_met", "feedback_missed")
#: Flags counted in one pass: of n there are 2**n patterns, so all at once would cost more than it saves.
_TOGETHER: Final = 3

COUNTERS: Final = (
    *(f"{expected}>{outcome}" for expected in EXPECTED for outcome in OUTCOMES),
    *(f"{clock}_{state}" for clock in CLOCKS for state in STATES),
    *(f"resolution_{state}" for state in RESOLUTION_STATES),
    *FLAGS,
    *TALLIES,
)
POSITION: Final = {name: i for i, name in enumerate(COUNTERS)}

#: Rows counted at a time.
_STRETCH: Final = 1 << 17
#: Columns that are counted.
_COUNTED: Final = (
    "expected", "outcome", *(f"{clock}_state" for clock in CLOCKS), "resolution_state", *FLAGS, *TALLIES,
)  # fmt: skip


class RollupError(ValueError):
    """Two rollups of different moments or policies do not add up to anything."""


@dataclass(frozen=True, eq=False)
class Rollup:
    """Counts of petitions as of one moment under one policy.

    ``cells``: int32, shape (places, months, counters); ``places``: keys 「社区/院落」; ``first_month``:
    months since year 0 of the first month column; ``rows``: the clocked petitions it was built from.
    """

    as_of: pd.Timestamp
    policy_digest: str
    places: tuple[str, ...]
    first_month: int
    cells: np.ndarray
    rows: pd.DataFrame = field(repr=False)

    def __add__(self, other: Rollup) -> Rollup:
        if (self.as_of, self.policy_digest) != (other.as_of, other.policy_digest):
            raise RollupError("rollups of another as-of or policy cannot be added")
        rows = _joined(self.rows, other.rows)
        places = tuple(rows["place"].cat.categories)
        first = min(r.first_month for r in (self, other) if r.cells.shape[1]) if len(rows) else 0
        ends = [r.first_month + r.cells.shape[1] for r in (self, other) if r.cells.shape[1]]
        cells = np.zeros((len(places), max(ends, default=0) - first, len(COUNTERS)), dtype=np.int32)
        for part in (self, other):
            if part.cells.size:
                where = [places.index(key) for key in part.places]
                begin = part.first_month - first
                cells[where, begin : begin + part.cells.shape[1]] += part.cells
        return Rollup(self.as_of, self.policy_digest, places, first, cells, rows)

    @cached_property
    def months(self) -> list[str]:
        """All months from the first to the last, without gaps."""
        return [month_text(self.first_month + i) for i in range(self.cells.shape[1])]

    def slice(self, scope: Scope) -> Rollup:
        """The rollup of the petitions in ``scope`` alone."""
        return self.of(self.mask(scope))

    def of(self, chosen: np.ndarray) -> Rollup:
        """The rollup of the chosen rows (booleans) alone."""
        return self._of(self.rows[chosen])

    def mask(self, scope: Scope) -> np.ndarray:
        """Which rows are in ``scope``, as booleans."""
        rows = self.rows
        inside = np.ones(len(rows), dtype=bool)
        places = self._places(scope)
        if len(places) < len(self.places):
            chosen = np.zeros(len(self.places), dtype=bool)
            chosen[places] = True
            inside &= chosen.take(coded(rows["place"]))
        if scope.first_month:
            inside &= rows["month"].to_numpy() >= month_number(scope.first_month)
        if scope.last_month:
            inside &= rows["month"].to_numpy() <= month_number(scope.last_month)
        wanted = {"category": scope.categories, "channel": scope.channels, "handler": scope.handlers}
        for name, values in wanted.items():
            if values:
                inside &= rows[name].isin(values).to_numpy()
        if scope.colours:
            shown = [f"{kind}_{colour}" for kind in ("closed", "open") for colour in scope.colours]
            inside &= rows["outcome"].isin(shown).to_numpy()
        if scope.expected_colours:
            inside &= rows["expected"].isin(scope.expected_colours).to_numpy()
        return inside

    def narrowed(self, scope: Scope) -> Rollup:
        """This rollup with only the petitions that meet the rarer choices of ``scope``, for counting alone.

        It spans the same places and months; its rows have no other columns than counting needs.
        """
        if scope.by_place_and_month_only:
            return self
        wanted = [name for name in ("place", "month", *_COUNTED) if name in self.rows]
        rows = self.rows[wanted][self.mask(scope)]
        return replace(self, rows=rows, cells=_cells(rows, self.first_month, self.cells.shape[1]))

    def counts(self, scope: Scope) -> np.ndarray:
        """Counters by place and month of the petitions in ``scope``: shape (places, months, counters)."""
        places, first, last = self._chosen(scope)
        cells = np.zeros_like(self.cells)
        cells[places, first:last] = self.narrowed(scope).cells[places, first:last]
        return cells

    def totals(self, scope: Scope) -> np.ndarray:
        """Counters of the petitions in ``scope``, summed: shape (counters,), int64."""
        return self.added(scope)[1].sum(axis=0)

    def added(self, scope: Scope) -> tuple[list[str], np.ndarray, list[str], np.ndarray]:
        """Months of ``scope`` and their counters, then its places and their counters, of all petitions in it.

        Months are without gaps, places may be without petitions; counters are int64, a row each.
        """
        within = self.narrowed(scope)
        places, first, last = self._chosen(scope)
        every = len(places) == len(self.places)
        table = within.cells if every else within._narrow.take(places, axis=0)
        by_month = table[:, first:last].sum(axis=0, dtype=table.dtype).astype(np.int64)
        whole = (first, last) == (0, self.cells.shape[1])
        by_place = within._by_place[places] if whole else within.cells[places, first:last].sum(axis=1)
        return self.months[first:last], by_month, [self.places[i] for i in places], by_place

    @cached_property
    def _narrow(self) -> np.ndarray:
        """``cells`` in the narrowest integers that hold every sum over places: the less memory is read, the faster.

        Widening while adding up would take three times as long.
        """
        return self.cells.astype(np.min_scalar_type(self.cells.sum(axis=0).max(initial=0)))

    @cached_property
    def _by_place(self) -> np.ndarray:
        """Counters of all months by place, int64."""
        return self.cells.sum(axis=1, dtype=np.int64)

    def quantiles(self, shares: Sequence[float], scope: Scope) -> dict[str, tuple[int, np.ndarray]]:
        """For each clock: how many petitions of ``scope`` have a recorded time, and its quantiles in seconds.

        Exact; NaN where there is none. The first choice of places or months lays the petitions out for all
        later ones, see :mod:`analytics.durations`.
        """
        if not scope.by_place_and_month_only:
            inside = self.mask(scope)
            return {clock: quantiles(seconds[inside], shares) for clock, seconds in self._seconds.items()}
        places, first, last = self._chosen(scope)
        if (len(places), first, last) == (len(self.places), 0, self.cells.shape[1]):
            return {clock: quantiles(seconds, shares) for clock, seconds in self._seconds.items()}
        return self._durations.quantiles(shares, places, first, last)

    @cached_property
    def _durations(self) -> Durations:
        places, months = self.cells.shape[:2]
        cell = (self.rows["month"].to_numpy() - np.int32(self.first_month)) * np.int32(places)
        return Durations(self._seconds, cell + coded(self.rows["place"]), places, months)

    @property
    def _seconds(self) -> dict[str, np.ndarray]:
        return {clock: self.rows[f"{clock}_seconds"].to_numpy() for clock in CLOCKS}

    def by(self, axis: str, scope: Scope) -> tuple[list[str], np.ndarray]:
        """Values of one more column of the rows (``handler``, ``category``, …; blank: "") within ``scope``,
        and their counters: shape (values, counters)."""
        if axis == "place":  # already counted
            keys, counters = self.added(scope)[2:]
            some = np.flatnonzero(counters[:, : len(_PETITIONS)].any(axis=1))
            return [keys[i] for i in some], counters[some]
        rows = self.rows[self.mask(scope)]
        values = [*rows[axis].cat.categories, ""]
        codes = coded(rows[axis]).astype(np.int64)
        table = _count(_columns(rows), np.where(codes < 0, len(values) - 1, codes), len(values)).astype(
            np.int64
        )
        some = np.flatnonzero(table[:, : len(_PETITIONS)].any(axis=1))
        return [str(values[i]) for i in some], table[some]

    def _chosen(self, scope: Scope) -> tuple[np.ndarray, int, int]:
        """Positions of the places in ``scope``, of its first month, and of the month after its last."""
        places = self._places(scope)
        months = self.cells.shape[1]
        low = month_number(scope.first_month) - self.first_month if scope.first_month else 0
        high = month_number(scope.last_month) - self.first_month + 1 if scope.last_month else months
        first = min(max(low, 0), months)
        return places, first, max(min(high, months), first)

    def _places(self, scope: Scope) -> np.ndarray:
        if not scope.communities and not scope.courtyards:
            return np.arange(len(self.places))
        if not scope.communities:
            found = {self._positions[key] for key in scope.courtyards if key in self._positions}
            return np.array(sorted(found), dtype=np.int64)
        return np.flatnonzero([scope.includes_place(key) for key in self.places])

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {key: position for position, key in enumerate(self.places)}

    def _of(self, rows: pd.DataFrame) -> Rollup:
        return _counted(rows, self.as_of, self.policy_digest)


_PETITIONS: Final = COUNTERS[: len(EXPECTED) * len(OUTCOMES)]


def build(clocked: pd.DataFrame) -> Rollup:
    """Count what :func:`analytics.clocks.measure` returned; its ``attrs`` name the moment and the policy."""
    return _counted(clocked, clocked.attrs["as_of"], clocked.attrs["policy"])


def _counted(rows: pd.DataFrame, as_of: pd.Timestamp, digest: str) -> Rollup:
    places = tuple(str(key) for key in rows["place"].cat.categories)
    month = rows["month"].to_numpy()
    first = int(month.min()) if len(month) else 0
    months = int(month.max()) - first + 1 if len(month) else 0
    return Rollup(as_of, digest, places, first, _cells(rows, first, months), rows)


def _cells(rows: pd.DataFrame, first_month: int, months: int) -> np.ndarray:
    """Counters by place and month: int32, (places, months, counters)."""
    columns = _columns(rows)
    month, place = (coded(rows[name]) for name in ("month", "place"))
    places = len(rows["place"].cat.categories)
    cells = np.zeros((places, months, len(COUNTERS)), dtype=np.int32)
    for some in _stretches(month, months):
        part = month[some]
        first, last = (int(part.min()), int(part.max()) + 1) if len(part) else (0, 0)
        near = (part - np.int32(first)) * np.int32(places) + place[some]
        counted = _count({name: c[some] for name, c in columns.items()}, near, (last - first) * places)
        by_month = counted.reshape(last - first, places, len(COUNTERS))
        cells[:, first - first_month : last - first_month] += by_month.swapaxes(0, 1)
    return cells


def _stretches(month: np.ndarray, months: int) -> Iterator[slice]:
    """Rows to count at a time: in order of time so few that they stay in the processor's cache, else all."""
    starts = np.arange(0, max(len(month), 1), _STRETCH)
    if len(starts) > 1:
        spans = np.maximum.reduceat(month, starts) - np.minimum.reduceat(month, starts) + 1
        if spans.sum() > 2 * (months + len(starts)):
            starts = starts[:1]
    for begin, end in zip(starts, [*starts[1:], len(month)], strict=True):
        yield slice(begin, end)


def count(rows: pd.DataFrame, cell: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Every counter by cell: int32 of ``shape`` + (counters,). ``cell`` numbers each row's cell from 0."""
    return _count(_columns(rows), cell, int(np.prod(shape))).reshape(*shape, len(COUNTERS))


def _columns(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """What is counted, as numbers."""
    return {name: coded(rows[name]) for name in _COUNTED if name in rows}


def _count(columns: dict[str, np.ndarray], cell: np.ndarray, size: int) -> np.ndarray:
    """Every counter by cell: int32, shape (size, counters). ``cell`` numbers each row's cell from 0."""
    table = np.zeros((size, len(COUNTERS)), dtype=np.int32)
    for begin, codes, width in _fields(columns):
        table[:, begin : begin + width] = _count_codes(cell, codes, size, width)
    flags = [name for name in FLAGS if name in columns]
    for names in (flags[i : i + _TOGETHER] for i in range(0, len(flags), _TOGETHER)):
        table[:, [POSITION[name] for name in names]] = _count_flags(columns, cell, names, size)
    for name in TALLIES:
        if name in columns:
            several = np.flatnonzero(columns[name] != 0)
            table[:, POSITION[name]] = np.bincount(cell[several], columns[name][several], minlength=size)
    return table


def _count_codes(cell: np.ndarray, codes: np.ndarray, size: int, width: int) -> np.ndarray:
    """Rows by cell and code: shape (size, width). One pass over cell and code packed into one number."""
    packed = cell * _wide_enough(width, size * width)
    packed += codes
    return np.bincount(packed, minlength=size * width).reshape(size, width)


def _count_flags(
    columns: dict[str, np.ndarray], cell: np.ndarray, names: Sequence[str], size: int
) -> np.ndarray:
    """Rows by cell and flag: shape (size, flags). The pattern of flags is counted in one pass and unpacked."""
    pattern = columns[names[0]].astype(np.int8)
    for bit, name in enumerate(names[1:], 1):
        pattern |= columns[name].view(np.int8) << np.int8(bit)
    patterns = np.arange(1 << len(names))
    packed = pattern * _wide_enough(size, size * len(patterns))
    packed += cell
    counted = np.bincount(packed, minlength=size * len(patterns)).reshape(len(patterns), size)
    return np.array([counted[patterns >> bit & 1 == 1].sum(axis=0) for bit in range(len(names))]).T


def _wide_enough(number: int, largest: int) -> np.integer:
    """A number of a type that also holds ``largest``, narrow if that will do."""
    return np.int32(number) if largest < NA else np.int64(number)


def _fields(columns: dict[str, np.ndarray]) -> Iterator[tuple[int, np.ndarray, int]]:
    """Codes that fall into neighbouring counters: (first counter, code of each row, how many)."""
    expected = columns["expected"]
    expected = expected + (expected < 0) * np.int8(len(EXPECTED))  # none is the last
    yield 0, expected * np.int8(len(OUTCOMES)) + columns["outcome"], len(_PETITIONS)
    for clock in CLOCKS:
        yield POSITION[f"{clock}_met"], columns[f"{clock}_state"], len(STATES)
    yield POSITION["resolution_met"], columns["resolution_state"], len(RESOLUTION_STATES)


def _joined(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Both sets of rows under one sorted vocabulary, so that the order of adding does not matter."""
    columns: dict[str, Any] = {}
    for name in first.columns:
        parts = (first[name], second[name])
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            categories = list(parts[0].cat.categories)
            if list(parts[1].cat.categories) != categories:
                categories = sorted({*categories, *parts[1].cat.categories})
            parts = tuple(p.cat.set_categories(categories) for p in parts)
        columns[name] = pd.concat(parts)
    joined = pd.DataFrame(columns)
    joined.attrs = dict(first.attrs)
    return joined


def valid(seconds: np.ndarray) -> np.ndarray:
    """The recorded ones among lags."""
    return seconds[seconds != NA]
