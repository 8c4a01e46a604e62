"""Tables of a web page, which many systems export under the name .xls: stacked in one sheet, as Excel does."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from analytics.intake.grid import Grid
from analytics.intake.limits import MAX_COLUMNS, MAX_SHEET_CELLS
from analytics.intake.refusals import Unreadable
from analytics.intake.sheet_builder import SheetBuilder

_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_MAIL: Final = re.compile(rb"\s*(?:MIME-Version:|From: <?Saved by)", re.IGNORECASE)
_NOT_SHOWN: Final = frozenset(("script", "style", "head", "title", "noscript", "template"))
_NEW_LINE: Final = frozenset(("br", "p", "div", "li"))
#: Put after the text: a parser that does not meet it stopped early, and rows would be missing.
_END: Final = "end-of-text"
_CHUNK: Final = 1 << 16


def read_html(data: bytes, codec: str) -> Grid:
    """All tables of the page, or of a page kept as one file (MHTML); ``codec`` as found, not as declared."""
    pages = _parts(data) if _MAIL.match(data) else [data.decode(codec, "replace")]
    tables = [table for page in pages for table in _tables(page)]
    if not any(table.rows for table in tables):
        raise Unreadable("web_page")
    sheet = SheetBuilder()
    for table in tables:
        table.add_to(sheet)
    sheet.finish()
    grid = sheet.grid("html")
    grid.encoding = codec
    return grid


def _parts(data: bytes) -> list[str]:
    """The pages in a multi-part mail, in their own encodings."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    return [part.get_content() for part in message.walk() if part.get_content_type() == "text/html"]


def _tables(page: str) -> list[_Table]:
    target = _Page()
    parser = etree.HTMLParser(target=target, huge_tree=True, no_network=True)
    text = page.replace("\0", "")
    for place in range(0, len(text), _CHUNK):
        parser.feed(text[place : place + _CHUNK])
    parser.feed(f'<p id="{_END}"></p>')
    parser.close()
    if not target.is_complete:
        raise Unreadable("damaged")
    return target.tables


@dataclass
class _CellText:
    rowspan: int
    colspan: int
    text: str = ""

    def settled(self) -> str:
        """The text with white space as a browser shows it; blanks that Unicode tells apart stay."""
        lines = [_SPACE.sub(" ", line).strip(" ") for line in self.text.split("\v")]
        return "\n".join(lines).strip("\n")


@dataclass
class _Table:
    rows: list[list[_CellText]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    is_layout: bool = False

    @property
    def is_trivial(self) -> bool:
        """One row or one column, as tables are that only arrange something inside a cell."""
        return len(self.rows) < 2 or max(map(len, self.rows)) < 2

    def add_to(self, sheet: SheetBuilder) -> None:
        """Put the rows below what ``sheet`` has; cells that span rows above push those below aside."""
        first = sheet.row_count
        occupied: dict[int, int] = {}
        for number, cells in enumerate(self.rows, start=first + 1):
            column = 1
            for cell in cells:
                while occupied.get(column, 0) >= number:
                    column += 1
                self._place(sheet, number, column, cell, occupied)
                column += cell.colspan
        sheet.row_count = first + len(self.rows)
        sheet.facts.hidden.extend(first + number for number in self.hidden)

    def _place(
        self, sheet: SheetBuilder, row: int, column: int, cell: _CellText, occupied: dict[int, int]
    ) -> None:
        sheet.put(row, column, cell.settled())
        last = row + cell.rowspan - 1
        if cell.rowspan > 1:
            sheet.facts.merges.append((row, column, last, column))
            occupied.update(dict.fromkeys(range(column, column + cell.colspan), last))


class _Page:
    """Receives the parser's events and keeps the tables; tables inside a layout table count by themselves."""

    def __init__(self) -> None:
        self.tables: list[_Table] = []
        self.open: list[_Table] = []
        self.cells: list[_CellText | None] = []
        self.not_shown = 0
        self.count = 0
        self.is_complete = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _NOT_SHOWN:
            self.not_shown += 1
        elif tag == "table":
            self._start_table()
        elif tag == "tr" and self.open:
            self._start_row(attributes)
        elif tag in ("td", "th") and self.open:
            self._start_cell(attributes)
        elif tag in _NEW_LINE:
            self._add("\v")
        if attributes.get("id") == _END:
            self.is_complete = True

    def end(self, tag: str) -> None:
        if tag in _NOT_SHOWN:
            self.not_shown = max(0, self.not_shown - 1)
        elif tag == "table" and self.open:
            self._end_table()
        elif tag in ("td", "th") and self.open:
            self.cells[-1] = None
        elif tag in ("p", "div", "li"):
            self._add("\v")

    def data(self, text: str) -> None:
        if not self.not_shown:
            self._add(text.replace("\v", " "))

    def comment(self, _text: str) -> None:
        """Comments, in which Office hides its own remarks, are no text."""

    def close(self) -> None:
        while self.open:
            self._end_table()

    def _add(self, text: str) -> None:
        for cell in self.cells:
            if cell is not None:
                cell.text += text

    def _start_table(self) -> None:
        table = _Table()
        self.tables.append(table)
        self.open.append(table)
        self.cells.append(None)

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        table = self.open[-1]
        table.rows.append([])
        self.cells[-1] = None
        if _HIDDEN.search(attributes.get("style", "")):
            table.hidden.append(len(table.rows))

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        table = self.open[-1]
        if not table.rows:
            table.rows.append([])
        self.count += 1
        if self.count > MAX_SHEET_CELLS:
            raise Unreadable("too_many_cells", limit=MAX_SHEET_CELLS)
        cell = _CellText(
            _span(attributes.get("rowspan"), 65_534), _span(attributes.get("colspan"), MAX_COLUMNS)
        )
        table.rows[-1].append(cell)
        self.cells[-1] = cell

    def _end_table(self) -> None:
        """A table with a real one inside is layout; a trivial one inside a cell is part of the cell."""
        table = self.open.pop()
        self.cells.pop()
        if table.is_layout or (self.open and table.is_trivial):
            self.tables.remove(table)
        if self.open and (table.is_layout or not table.is_trivial):
            self.open[-1].is_layout = True


def _span(written: str | None, most: int) -> int:
    """As browsers read it: at least 1, at most what the standard allows, 1 where it is no number."""
    return max(1, min(int(written), most)) if written and written.isascii() and written.isdigit() else 1
