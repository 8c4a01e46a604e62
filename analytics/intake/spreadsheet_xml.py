"""XML Spreadsheet 2003, which many systems export under the name .xls."""

from __future__ import annotations

import datetime as dt
import io
from typing import Final

from analytics.intake.cells import FORMULA_WITHOUT_VALUE, Cell, CellError
from analytics.intake.grid import Grid
from analytics.intake.number_formats import shows
from analytics.intake.ods import as_number
from analytics.intake.sheet_builder import SheetBuilder, pick_sheet
from analytics.intake.xml_stream import feed, new_parser, without_declaration

_SS: Final = "urn:schemas-microsoft-com:office:spreadsheet "
_X: Final = "urn:schemas-microsoft-com:office:excel "


def read_spreadsheet_xml(data: bytes, sheet: str | None, codec: str) -> Grid:
    """The chosen sheet; ``codec`` is the encoding the text was found to be in, whatever it declares."""
    reader = _Workbook()
    parser = new_parser(namespaces=True)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    text = data.decode(codec, "replace").lstrip("\ufeff \t\r\n")
    feed(parser, io.BytesIO(without_declaration(text).encode("utf-8")))
    grid = pick_sheet(reader.sheets, sheet, "xml", reader.is_1904)
    grid.encoding = codec
    return grid


class _Workbook:
    """Handlers for the elements of the format; all names carry their namespace."""

    def __init__(self) -> None:
        self.sheets: list[SheetBuilder] = []
        self.is_1904 = False
        self.date_only: set[str] = set()
        self.style = ""
        self.row = self.column = 0
        self.cell: dict[str, str] | None = None
        self.kind = ""
        self.is_aside = False  # inside a remark on a cell
        self.text: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _SS + "Cell":
            self._start_cell(attributes)
        elif name == _SS + "Comment":
            self.is_aside = True
        elif name == _SS + "Data" and self.cell is not None and not self.is_aside:
            self.kind, self.text = attributes.get(_SS + "Type", "String"), []
        elif name == _SS + "Row":
            self._start_row(attributes)
        elif name == _SS + "Worksheet":
            self.sheets.append(SheetBuilder(attributes.get(_SS + "Name", "")))
            self.row = 0
        elif name == _SS + "Style":
            self.style = attributes.get(_SS + "ID", "")
        elif name == _SS + "NumberFormat" and shows(0, attributes.get(_SS + "Format")) == "date":
            self.date_only.add(self.style)
        elif name in (_X + "Visible", _X + "Date1904"):
            self.text = []

    def _start_row(self, attributes: dict[str, str]) -> None:
        self.row = int(attributes.get(_SS + "Index", self.row + 1))
        self.column = 0
        if attributes.get(_SS + "Hidden") == "1":
            self.sheets[-1].facts.hidden.append(self.row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.column = int(attributes.get(_SS + "Index", self.column + 1))
        self.cell, self.kind = attributes, ""
        down = int(attributes.get(_SS + "MergeDown", 0))
        if down:
            self.sheets[-1].facts.merges.append((self.row, self.column, self.row + down, self.column))

    def characters(self, text: str) -> None:
        if self.text is not None and not self.is_aside:
            self.text.append(text)

    def end(self, name: str) -> None:
        if name == _SS + "Cell" and self.cell is not None:
            self._end_cell(self.cell)
        elif name == _SS + "Comment":
            self.is_aside = False
        elif name == _X + "Visible":
            self.sheets[-1].is_visible = "".join(self.text or ()).strip() == "SheetVisible"
            self.text = None
        elif name == _X + "Date1904":
            self.is_1904, self.text = True, None

    def _end_cell(self, cell: dict[str, str]) -> None:
        text = "".join(self.text or ())
        value: Cell = self._value(text, cell)
        if not self.kind and cell.get(_SS + "Formula"):
            value = FORMULA_WITHOUT_VALUE
        self.sheets[-1].put(self.row, self.column, value)
        self.column += int(cell.get(_SS + "MergeAcross", 0))
        self.cell = self.text = None

    def _value(self, text: str, cell: dict[str, str]) -> Cell:
        if self.kind == "Number":
            return as_number(text)
        if self.kind == "Boolean":
            return text.strip() == "1"
        if self.kind == "Error":
            return CellError(text)
        if self.kind == "DateTime":
            return _moment(text, cell.get(_SS + "StyleID") in self.date_only)
        return text


def _moment(written: str, is_date_only: bool) -> Cell:
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        return written
    return moment.date() if is_date_only and moment.time() == dt.time() else moment
