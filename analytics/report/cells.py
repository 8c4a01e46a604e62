"""A table's values in words: the same wording as the pages, chosen by the kind of the column."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from pandas import Timestamp

from analytics.present import what_if_text, wording
from analytics.report.model import Cell, Kind, Table
from analytics.report.plain import breadth

#: Bounds of a column's share of a table's width, in characters.
_LEAST, _MOST = 4, 44
#: A column as wide as this is not narrowed further for the sake of others.
_USUAL: Final = 16
_PADDING: Final = 2
#: Where a Chinese sign meets a Latin letter or a figure.
_MEETINGS: Final = re.compile("(?<=[\u3400-\u9fff])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z])(?=[\u3400-\u9fff])")


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


def layout(table: Table, rows: list[list[str]], width: float, size: float) -> tuple[list[float], float]:
    """Each column's share of a table ``width`` points wide (they sum to 1), and the size of its letters in points.

    The size is the largest, up to ``size`` and not below three quarters of it, at which no line is broken (a
    heading may take two). Where even the smallest is too large, the longest texts are broken first.
    """
    smallest = 0.75 * size
    needed = _squeezed(_needed(table, rows), int(2 * width / smallest))
    fitting = 2 * width / sum(needed)
    return [one / sum(needed) for one in needed], max(min(size, int(2 * fitting) / 2), smallest)


def _squeezed(needed: list[int], room: int) -> list[int]:
    """Widths in characters that fit into ``room``: what is widest gives way, down to names of a usual length."""
    found = list(needed)
    while sum(found) > room and max(found) > _USUAL:
        found[found.index(max(found))] -= 1
    return found


def _room(text: str) -> int:
    """Half-width characters of a text with the quarter space that is set between Chinese and Latin letters."""
    return breadth(text) + -(-len(_MEETINGS.findall(text)) // 2)


def _needed(table: Table, rows: list[list[str]]) -> list[int]:
    return [
        _PADDING + min(max([_room(row[i]) for row in rows] + [breadth(column.name) // 2, _LEAST]), _MOST)
        for i, column in enumerate(table.columns)
    ]
