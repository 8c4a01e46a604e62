"""A table's values in words: the same wording as the pages, chosen by the kind of the column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pandas import Timestamp

from analytics.present import what_if_text, wording
from analytics.report.model import Cell, Kind, Table
from analytics.report.plain import breadth

#: Bounds of a column's share of a table's width, in characters.
_LEAST, _MOST = 4, 44
_PADDING: Final = 2


def _rate(value: Any, _as_of: Timestamp | None) -> str:
    return wording.rate_with_counts(value[0], value[1])


def _moment(value: Any, as_of: Timestamp | None) -> str:
    return wording.moment(Timestamp(value), as_of, date_only=len(value) == 10)


def _plain(function: Callable[[Any], str]) -> Callable[[Any, Timestamp | None], str]:
    return lambda value, _as_of: function(value)


_WORDS: Final[dict[str, Callable[[Any, Timestamp | None], str]]] = {
    "text": _plain(str),
    "count": _plain(wording.count),
    "rate": _rate,
    "percent": _plain(wording.percent),
    "interval": _plain(wording.interval),
    "change": _plain(wording.change),
    "changes": _plain(wording.change_interval),
    "decimal": _plain(wording.decimal),
    "minutes": _plain(wording.minutes),
    "days": _plain(wording.days),
    "moment": _moment,
    "date": lambda value, as_of: wording.date(Timestamp(value), as_of),
    "month": _plain(wording.month),
    "points": _plain(what_if_text.points),
    "difference": _plain(what_if_text.difference),
}


def words(value: Cell, kind: Kind, as_of: Timestamp | None = None) -> str:
    """One value as people read it; unknown reads 「—」; a date of the year of ``as_of`` leaves the year out."""
    return wording.UNKNOWN if value is None else _WORDS[kind](value, as_of)


def texts(table: Table, as_of: Timestamp | None = None) -> list[list[str]]:
    """The rows of a table in words."""
    kinds = [column.kind for column in table.columns]
    return [[words(v, kind, as_of) for v, kind in zip(row, kinds, strict=True)] for row in table.rows]


def weights(table: Table, rows: list[list[str]]) -> list[float]:
    """How much of a table's width each column needs, as fractions that sum to 1; a heading may take two lines."""
    needed = _needed(table, rows)
    return [width / sum(needed) for width in needed]


def text_size(table: Table, rows: list[list[str]], width: float, size: float) -> float:
    """The size in points, up to ``size``, at which no line of a table ``width`` points wide has to be broken.

    Not below three quarters of it: long names are then broken instead.
    """
    fitting = 2 * width / sum(_needed(table, rows))
    return max(min(size, int(2 * fitting) / 2), 0.75 * size)


def _needed(table: Table, rows: list[list[str]]) -> list[int]:
    return [
        _PADDING + min(max([breadth(row[i]) for row in rows] + [breadth(column.name) // 2, _LEAST]), _MOST)
        for i, column in enumerate(table.columns)
    ]
