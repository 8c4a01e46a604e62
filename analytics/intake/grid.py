"""A sheet on its way from a reader to a raw table: columns of cells, merges filled, blank rows left out."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from analytics.intake.cells import FORMULA_WITHOUT_VALUE, Cell, CellError, SheetInfo
from analytics.intake.limits import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_SHEET_CELLS
from analytics.intake.refusals import Note, Unreadable

#: First row, first column, last row, last column, counted from 1.
Merge = tuple[int, int, int, int]

#: A rectangle of which less than this share is filled has a cell far away from the others.
_SPARSE: Final = 0.01


@dataclass
class Facts:
    """What is known of a sheet beside its values; rows and columns are counted from 1.

    ``rows`` counts the rows with a value, ``wide_rows`` those with two or more, ``cells`` the values;
    ``special`` holds error values and formulas without a value by (row, column); ``date_only`` lists, by
    column, the rows whose number format shows a date without a time of day.
    """

    rows: int = 0
    wide_rows: int = 0
    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    far_cell: str = ""
    hidden: list[int] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    special: dict[tuple[int, int], CellError] = field(default_factory=dict)
    date_only: dict[int, array[int]] = field(default_factory=dict)

    def check_size(self) -> None:
        """Refuse a sheet whose rectangle is too large to hold, naming the cell that makes it so."""
        rectangle = self.last_row * self.last_column
        if rectangle <= MAX_SHEET_CELLS and self.last_column <= MAX_COLUMNS:
            return
        if self.cells < rectangle * _SPARSE:
            raise Unreadable("far_cell", cell=self.far_cell)
        if self.last_column > MAX_COLUMNS:
            raise Unreadable("too_many_columns", row=self.last_row, count=self.last_column, limit=MAX_COLUMNS)
        raise Unreadable("too_many_cells", limit=MAX_SHEET_CELLS)


@dataclass
class Grid:
    """What a reader hands over: columns of equal length and the physical row of each line."""

    columns: list[list[Cell]]
    rows: list[int]
    source: str
    sheet: str | None = None
    sheets: list[SheetInfo] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    encoding: str | None = None


def column_letters(column: int) -> str:
    """``1`` → ``A``, ``28`` → ``AB``."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """``A`` → 1, ``AB`` → 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def lay_out(columns: list[list[Cell]], facts: Facts, source: str) -> Grid:
    """Finish a sheet whose ``columns`` start at A1: special cells set, merges filled, blank rows left out."""
    for (row, column), value in facts.special.items():
        _set(columns, row, column, value)
    _check_lengths(columns)
    filled = _filled_rows(columns)
    notes = [note for note in (_fill_merges(columns, filled, facts.merges),) if note]
    rows = [i + 1 for i, is_filled in enumerate(filled) if is_filled]
    if len(rows) < len(filled):
        columns = [[column[row - 1] for row in rows] for column in columns]
    notes += _remarks(facts, set(rows))
    return Grid(_without_blank_tail(columns), rows, source, notes=notes)


def _set(columns: list[list[Cell]], row: int, column: int, value: Cell) -> None:
    height = max(len(columns[0]) if columns else 0, row)
    while len(columns) < column:
        columns.append([])
    for values in columns:
        values.extend([None] * (height - len(values)))
    columns[column - 1][row - 1] = value


def _check_lengths(columns: Sequence[Sequence[Cell]]) -> None:
    for column in columns:
        lengths = [len(value) if type(value) is str else 0 for value in column]
        if lengths and max(lengths) > MAX_CELL_CHARACTERS:
            row = lengths.index(max(lengths)) + 1
            raise Unreadable("cell_too_long", row=row, limit=MAX_CELL_CHARACTERS)


def _filled_rows(columns: Sequence[Sequence[Cell]]) -> bytearray:
    filled = bytearray(len(columns[0]) if columns else 0)
    for column in columns:
        if 0 not in filled:
            break
        for i, value in enumerate(column):
            if value is not None:
                filled[i] = 1
    return filled


def _fill_merges(columns: list[list[Cell]], filled: bytearray, merges: Iterable[Merge]) -> Note | None:
    """Repeat the value of a merge downwards in its first column, on rows that hold something else."""
    rows: set[int] = set()
    touched: set[int] = set()
    for top, left, bottom, _right in merges:
        if bottom == top or left > len(columns) or top > len(filled):
            continue
        column = columns[left - 1]
        for i in range(top, min(bottom, len(column))):
            if filled[i] and column[i] is None and column[top - 1] is not None:
                column[i] = column[top - 1]
                rows.add(i + 1)
                touched.add(left)
    if not rows:
        return None
    letters = [column_letters(column) for column in sorted(touched)]
    return Note("merged_filled", tuple(sorted(rows)), {"columns": letters})


def _remarks(facts: Facts, kept: set[int]) -> list[Note]:
    hidden = tuple(row for row in sorted(facts.hidden) if row in kept)
    uncalculated = sorted(
        {row for (row, _), value in facts.special.items() if value is FORMULA_WITHOUT_VALUE}
    )
    notes = [Note("hidden_rows", hidden)] if hidden else []
    return notes + ([Note("formula_without_value", tuple(uncalculated))] if uncalculated else [])


def _without_blank_tail(columns: list[list[Cell]]) -> list[list[Cell]]:
    width = len(columns)
    while width and all(value is None for value in columns[width - 1]):
        width -= 1
    return columns[:width]
