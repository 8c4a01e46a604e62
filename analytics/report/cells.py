"""A table's values in words: the same wording as the pages, chosen by the kind of the column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pandas import Timestamp

from analytics.present import wording
from analytics.report.model import Cell, Kind, Table


def _rate(value: Any) -> str:
    return wording.rate_with_counts(value[0], value[1])


def _moment(value: Any) -> str:
    return wording.moment(Timestamp(value), date_only=len(value) == 10)


_WORDS: Final[dict[str, Callable[[Any], str]]] = {
    "text": str,
    "count": wording.count,
    "rate": _rate,
    "percent": wording.percent,
    "interval": wording.interval,
    "change": wording.change,
    "changes": wording.change_interval,
    "decimal": wording.decimal,
    "minutes": wording.minutes,
    "days": wording.days,
    "moment": _moment,
    "date": lambda value: wording.date(Timestamp(value)),
    "month": wording.month,
}


def words(value: Cell, kind: Kind) -> str:
    """One value as people read it; unknown reads 「—」."""
    return wording.UNKNOWN if value is None else _WORDS[kind](value)


def texts(table: Table) -> list[list[str]]:
    """The rows of a table in words."""
    kinds = [column.kind for column in table.columns]
    return [[words(v, kind) for v, kind in zip(row, kinds, strict=True)] for row in table.rows]
