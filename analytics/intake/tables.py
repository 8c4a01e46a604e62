"""Any file as one raw table: every cell as the file has it, with the physical row numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pandas import DataFrame

from analytics.intake.cells import FORMULA_WITHOUT_VALUE, Cell, CellError, SheetInfo
from analytics.intake.encoding import SAMPLE_BYTES, examine, start_of_text
from analytics.intake.limits import MAX_SPREADSHEET_BYTES, MAX_TEXT_BYTES
from analytics.intake.progress import Tell, untold
from analytics.intake.refusals import Unreadable, refuse, warn
from analytics.intake.sandbox import read_in_child
from analytics.intake.sniff import Family, family, text_family
from analytics.intake.source import Source

if TYPE_CHECKING:
    import os

    from analytics.intake.result import IntakeWarning

__all__ = ["FORMULA_WITHOUT_VALUE", "Cell", "CellError", "RawTable", "SheetInfo", "read_tables"]


@dataclass(frozen=True)
class RawTable:
    """One sheet or file, heading and title rows included; wholly blank lines are left out.

    ``cells`` has columns 0..k-1 and index 0..n-1; from text files every column is ``str`` with ``""`` for
    blank, from spreadsheets ``object`` with one of :data:`Cell` (None for blank). k is the width of the
    longest line: a line longer than the heading has non-blank cells where the heading is blank.
    ``rows`` gives the physical row of each line, the first row of the file or sheet being 1, blank lines
    counted; a quoted cell over several lines is one row.
    """

    cells: DataFrame
    rows: np.ndarray
    source: str
    encoding: str | None
    sheet: str | None
    sheets: tuple[SheetInfo, ...]
    notes: tuple[IntakeWarning, ...]


def read_tables(
    source: str | os.PathLike[str] | bytes, name: str, sheet: str | None = None, tell: Tell = untold
) -> RawTable:
    """Read the file at ``source``, or its bytes, called ``name`` in messages; ``sheet`` names one sheet.

    ``tell`` hears how far it has come (:mod:`analytics.intake.progress`). Raises :class:`~analytics.intake.result.IntakeRefused` with a code and a sentence for anything that is
    not readable as a table or exceeds the limits.
    """
    try:
        return _read(Source(source), sheet, tell)
    except Unreadable as reason:
        raise refuse(reason, name) from reason


def _read(source: Source, sheet: str | None, tell: Tell) -> RawTable:
    head = source.head(SAMPLE_BYTES)
    if not head:
        raise Unreadable("empty")
    found = family(head)
    if found == "gzip":
        source = source.unpacked()
        found = family(source.head(SAMPLE_BYTES))
        if found == "gzip":
            raise Unreadable("archive")
    return _read_text(source, sheet, tell) if found is None else _read_sheet(found, source, sheet, tell)


def _read_text(source: Source, sheet: str | None, tell: Tell) -> RawTable:
    """Delimited text here; web pages and XML, which only begin as text, in the child process."""
    source.check_size(MAX_TEXT_BYTES)
    text = examine(source, tell)
    found = text_family(start_of_text(source, text.codec))
    if found != "text":
        return _read_sheet(found, source, sheet, tell, text.codec)
    if sheet is not None:
        raise Unreadable("no_sheets")
    from analytics.intake.text import read_text

    table = read_text(source, text, tell)
    notes = tuple(map(warn, table.notes))
    return RawTable(table.cells, table.rows, "csv", table.encoding, None, (), notes)


def _read_sheet(
    found: Family, source: Source, sheet: str | None, tell: Tell, codec: str = "utf-8"
) -> RawTable:
    source.check_size(MAX_SPREADSHEET_BYTES)
    grid = read_in_child(found, source.read(), sheet, codec, tell)
    if not grid.rows:
        raise Unreadable("no_table")
    return RawTable(
        as_cells(grid.columns),
        np.array(grid.rows, dtype=np.int64),
        grid.source,
        grid.encoding,
        grid.sheet,
        tuple(grid.sheets),
        tuple(map(warn, grid.notes)),
    )


def as_cells(columns: list[list[Cell]]) -> DataFrame:
    """Object columns whose cells keep their own types, which pandas would otherwise unify."""
    cells = {}
    for i, values in enumerate(columns):
        column = np.empty(len(values), dtype=object)
        column[:] = values
        cells[i] = column
    return DataFrame(cells, dtype=object)
