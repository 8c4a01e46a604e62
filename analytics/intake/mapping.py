"""Headings mapped by hand: what a file's headings seem to mean, offered for correction, kept as a layout.

A layout made so is recognised when another file has all its headings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from analytics.intake import cleaning
from analytics.intake.aliases import BUILDING_UNIT, COLUMNS
from analytics.intake.headings import Heading, assign, locate, shapes_of
from analytics.intake.layouts import Layout, load

if TYPE_CHECKING:
    from analytics.intake.tables import RawTable

#: The format, and the layout shipped for it.
OPEN311: Final = "open311"
_EXAMPLES: Final = 3
#: Lines below the heading in which examples are looked for.
_LOOKED_AT: Final = 50


def columns_of(kind: str) -> tuple[str, ...]:
    """The columns that a heading can be mapped to; ``kind`` as the command line names it."""
    known = dict.fromkeys(column for shape in shapes_of(kind) for column in COLUMNS[shape])
    if "building" in known:
        known[BUILDING_UNIT] = None
    return tuple(known)


def offers(table: RawTable, kind: str, layout: Layout | None = None) -> pd.DataFrame:
    """One row per heading of the file: ``heading``, ``examples`` (values below it), ``column`` (ours or "").

    A column claimed by several headings stands beside each, to be decided.
    """
    heading = best_heading(table, kind, layout)
    ours = {position: column for column, places in heading.columns.items() for position in places}
    doubled = heading.assignment.doubled
    rows = [
        {
            "heading": name,
            "examples": _examples(table, heading.line, position),
            "column": ours.get(position)
            or next((column for column, names in doubled.items() if name in names), ""),
        }
        for position, name in enumerate(heading.names)
        if name
    ]
    return pd.DataFrame(rows, columns=["heading", "examples", "column"])


def layout_of(
    kind: str, name: str, headings: Sequence[str], columns: Sequence[str], base: Layout | None = None
) -> Layout:
    """The layout by which ``headings`` mean ``columns`` ("" = not used); values and formats are those of ``base``.

    Several headings of one column are tried in order; a column without any is left out where one of the
    headings would be recognised as it.
    """
    chosen: dict[str, list[str]] = {}
    for heading, column in zip(headings, columns, strict=True):
        if column:
            chosen.setdefault(column, []).append(heading)
    usual = {column for shape in shapes_of(kind) for column in assign(headings, shape).columns}
    wanted = [column for column in columns_of(kind) if column in chosen or column in usual]
    pairs = tuple((column, tuple(chosen.get(column, ()))) for column in wanted)
    return replace(base or Layout(kind), kind=kind, name=name, columns=pairs)


def recognise(table: RawTable, layouts: Iterable[Layout]) -> Layout | None:
    """The layout all of whose columns ``table`` has; of several, the one with most columns."""
    best, most = None, 0
    for layout in layouts:
        named = [ours for ours, theirs in layout.columns if theirs]
        heading = best_heading(table, _kind_of(layout), layout) if len(named) > most else None
        if heading and not heading.missing and _has_all(heading, layout):
            best, most = layout, len(named)
    return best or next(iter(shipped_for(table)), None)


def shipped_for(table: RawTable) -> list[Layout]:
    """The layouts of this program for a format whose names are a standard."""
    return [load(OPEN311)] if table.source == OPEN311 else []


def best_heading(table: RawTable, kind: str, layout: Layout | None = None) -> Heading:
    """The heading row of ``table`` for records of ``kind``, complete or not."""
    return max((locate(table, shape, layout) for shape in shapes_of(kind)), key=lambda h: h.rank)


def _kind_of(layout: Layout) -> str:
    return layout.kind.replace("complaint_months", "complaints")


def _has_all(heading: Heading, layout: Layout) -> bool:
    """By its own headings: a column that only an alias fills is not what the layout describes."""
    names = {name for ours, places in heading.columns.items() for name in (heading.names[p] for p in places)}
    return all(names & set(theirs) for _ours, theirs in layout.columns if theirs)


def _examples(table: RawTable, line: int, position: int) -> list[str]:
    cells = table.cells[position].iloc[line + 1 : line + 1 + _LOOKED_AT]
    texts = (str(text).strip() for text in cleaning.texts_of(cells).text.to_pylist() if text)
    return [text for text in dict.fromkeys(texts) if text][:_EXAMPLES]
