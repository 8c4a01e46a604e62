"""A sheet gathered cell by cell, for formats that are read as a stream: ODS, XML spreadsheets, web pages."""

from __future__ import annotations

from analytics.intake.cells import FORMULA_WITHOUT_VALUE, Cell
from analytics.intake.grid import Facts, Grid, column_letters, lay_out
from analytics.intake.limits import MAX_SHEET_CELLS
from analytics.intake.refusals import Unreadable
from analytics.intake.sheet_choice import choose, describe, unknown_sheet


class SheetBuilder:
    """Cells by row and column, counted from 1, kept sparsely until the sheet is chosen."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.is_visible = True
        self.facts = Facts()
        self.cells: dict[int, dict[int, Cell]] = {}
        self.row_count = 0  # rows passed so far, blank ones as well, where a reader stacks tables

    def put(self, row: int, column: int, value: Cell) -> None:
        """Set one cell; a blank one is not kept. Raises :class:`Unreadable` beyond the limit of cells."""
        if value is None or value == "":
            return
        facts = self.facts
        self.expect(1)
        facts.cells += 1
        line = self.cells.setdefault(row, {})
        line[column] = value
        if value is FORMULA_WITHOUT_VALUE:
            facts.special[row, column] = FORMULA_WITHOUT_VALUE
        if row > facts.last_row or column > facts.last_column:
            facts.far_cell = f"{column_letters(column)}{row}"
            facts.last_row, facts.last_column = max(row, facts.last_row), max(column, facts.last_column)

    def expect(self, cells: int) -> None:
        """Refuse as many further cells, before they are made, if that is more than a sheet may have."""
        if self.facts.cells + cells > MAX_SHEET_CELLS:
            raise Unreadable("too_many_cells", limit=MAX_SHEET_CELLS)

    def finish(self) -> Facts:
        """What is known of the sheet once all its cells are in."""
        self.facts.rows = len(self.cells)
        self.facts.wide_rows = sum(len(line) > 1 for line in self.cells.values())
        return self.facts

    def grid(self, source: str) -> Grid:
        """The sheet laid out; raises :class:`Unreadable` if a cell lies too far away from the others."""
        self.facts.check_size()
        height = self.facts.last_row
        columns: list[list[Cell]] = [[None] * height for _ in range(self.facts.last_column)]
        for row, line in self.cells.items():
            for column, value in line.items():
                columns[column - 1][row - 1] = value
        return lay_out(columns, self.facts, source)


def pick_sheet(found: list[SheetBuilder], wanted: str | None, source: str, is_1904: bool = False) -> Grid:
    """The sheet called ``wanted``, or the first visible one with a table, laid out and described."""
    sheets = {sheet.name: sheet for sheet in found}
    visible = {name: sheet.is_visible for name, sheet in sheets.items()}
    if wanted is not None and wanted not in sheets:
        raise unknown_sheet(wanted, visible)
    facts = {name: sheet.finish() for name, sheet in sheets.items() if sheet.is_visible or name == wanted}
    chosen = wanted if wanted is not None else choose(facts)
    grid = sheets[chosen].grid(source)
    return describe(grid, chosen, visible, facts, was_named=wanted is not None, is_1904=is_1904)
