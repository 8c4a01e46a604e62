"""What a report says, as plain frozen data that every format (Word, Excel, PDF, slides, JSON) renders.

Numbers stay numbers here: a table's column names its kind, and :mod:`analytics.report.cells` turns a value
into words. A chart is categories and series, whatever draws it.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

import orjson

Kind = Literal[
    "text", "count", "rate", "percent", "interval", "change", "changes", "decimal", "minutes", "days",
    "moment", "date", "month", "points", "difference",
]  # fmt: skip
ChartKind = Literal["stacked_bars", "columns", "lines"]

#: None is unknown; a rate is its two counts, an interval or a pair of changes its two ends.
Cell = str | int | float | None | tuple[float | None, float | None]

FORMAT_VERSION: Final = 1


@dataclass(frozen=True)
class Column:
    """A column of a table. ``wide`` columns hold text that needs room."""

    name: str
    kind: Kind = "text"
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of plain values under columns; ``note`` stands below it. ``shades``: a colour code per row."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    shades: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Series:
    """One series of a chart. ``ink`` names its role: a colour code, or volume, strong, pale, target, launch."""

    name: str
    values: tuple[float | None, ...]
    ink: str
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart without a renderer: categories and series; ``alt`` says in words what it shows."""

    id: str
    title: str
    alt: str
    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Literal["count", "percent"] = "count"


@dataclass(frozen=True)
class Sentence:
    """One statement under a stable id, by which it can be overridden; ``edited``: somebody did."""

    id: str
    text: str
    edited: bool = False


@dataclass(frozen=True)
class Section:
    """A numbered part of the report; ``numbered``: its sentences are points of a list."""

    id: str
    title: str
    sentences: tuple[Sentence, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    numbered: bool = False


@dataclass(frozen=True)
class Heading:
    """What stands around the body: title, addressee, signature; each can be overridden by its name."""

    title: str
    addressee: str
    signature: str


@dataclass(frozen=True)
class Content:
    """The whole report of one month.

    ``scope``: the choices as plain lists; ``place`` and ``period`` in words; ``as_of`` ISO 8601 China time;
    ``figures``: the review it was made from (empty in the public edition).
    """

    month: str
    edition: Literal["internal", "public"]
    language: str
    heading: Heading
    place: str
    period: str
    as_of: str
    policy: str
    sample: bool
    scope: dict[str, Any]
    sections: tuple[Section, ...]
    annexes: tuple[Section, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """Canonical JSON: the same content is the same bytes."""
        return orjson.dumps({"format": FORMAT_VERSION, **asdict(self)}, option=orjson.OPT_SORT_KEYS)

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of :meth:`to_json`: what the footer prints."""
        return hashlib.sha256(self.to_json()).hexdigest()[:16]

    def section(self, name: str) -> Section:
        """The section or annex called ``name``; KeyError when there is none."""
        for part in (*self.sections, *self.annexes):
            if part.id == name:
                return part
        raise KeyError(name)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table of the body and the annexes, in order."""
        return tuple(table for part in (*self.sections, *self.annexes) for table in part.tables)


def from_json(data: bytes | str) -> Content:
    """The content that :meth:`Content.to_json` wrote; ValueError for another format."""
    plain = orjson.loads(data)
    if plain.pop("format", None) != FORMAT_VERSION:
        raise ValueError("content of another format")
    plain["heading"] = Heading(**plain["heading"])
    for name in ("sections", "annexes"):
        plain[name] = tuple(_section(part) for part in plain[name])
    return Content(**plain)


def _section(plain: dict[str, Any]) -> Section:
    plain["sentences"] = tuple(Sentence(**s) for s in plain["sentences"])
    plain["tables"] = tuple(_table(t) for t in plain["tables"])
    plain["charts"] = tuple(_chart(c) for c in plain["charts"])
    return Section(**plain)


def _table(plain: dict[str, Any]) -> Table:
    plain["columns"] = tuple(Column(**c) for c in plain["columns"])
    plain["rows"] = tuple(tuple(_cell(value) for value in row) for row in plain["rows"])
    return Table(**{**plain, "shades": tuple(plain["shades"])})


def _cell(value: Any) -> Cell:
    return (value[0], value[1]) if isinstance(value, list) else value


def _chart(plain: dict[str, Any]) -> Chart:
    plain["series"] = tuple(Series(**{**s, "values": tuple(s["values"])}) for s in plain["series"])
    return Chart(**{**plain, "categories": tuple(plain["categories"])})
