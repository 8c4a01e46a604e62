"""OpenDocument spreadsheets (LibreOffice, WPS): values, dates and repeats as the XML itself gives them."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from typing import Final

from analytics.intake.cells import FORMULA_WITHOUT_VALUE, Cell, CellError
from analytics.intake.grid import Grid
from analytics.intake.refusals import Unreadable
from analytics.intake.sheet_builder import SheetBuilder, pick_sheet
from analytics.intake.xml_stream import feed, new_parser

_OFFICE: Final = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TABLE: Final = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_TEXT: Final = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_STYLE: Final = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
_NUMBER: Final = "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0 "
_CALC: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_DURATION: Final = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,](\d+))?S")
#: Elements of a cell whose text is not the cell's.
_ASIDE: Final = (_OFFICE + "annotation", _TABLE + "shapes")


def read_ods(archive: zipfile.ZipFile, sheet: str | None) -> Grid:
    """The chosen sheet of an ODS file; raises :class:`Unreadable` as the other readers do."""
    reader = _Content(sheet)
    for name in ("styles.xml", "content.xml"):
        if name in archive.namelist():
            with archive.open(name) as stream:
                parser = new_parser(namespaces=True)
                reader.attach(parser)
                feed(parser, stream)
    return pick_sheet(reader.sheets, sheet, "ods")


class _Content:
    """Handlers for content.xml (and styles.xml, whose date styles its cells may use)."""

    def __init__(self, wanted: str | None) -> None:
        self.wanted = wanted
        self.sheets: list[SheetBuilder] = []
        self.sheet: SheetBuilder | None = None
        self.hidden_styles: set[str] = set()
        self.timed: set[str] = set()  # data styles and cell styles that show a time of day
        self.style = ""
        self.row = self.column = 0
        self.row_repeat = 1
        self.is_hidden = False
        self.line: list[tuple[int, int, Cell]] = []
        self.column_styles: list[tuple[int, str]] = []
        self.cell: dict[str, str] | None = None
        self.paragraphs: list[str] = []
        self.aside = 0

    def attach(self, parser: object) -> None:
        """Let ``parser`` call the handlers."""
        parser.StartElementHandler = self.start  # type: ignore[attr-defined]
        parser.EndElementHandler = self.end  # type: ignore[attr-defined]
        parser.CharacterDataHandler = self.characters  # type: ignore[attr-defined]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
            self.cell, self.paragraphs = attributes, []
        elif self.cell is not None:
            self._start_in_cell(name, attributes)
        elif name == _TABLE + "table-row":
            self._start_row(attributes)
        elif name == _TABLE + "table-column":
            repeat = _count(attributes, "number-columns-repeated")
            self.column_styles.append((repeat, attributes.get(_TABLE + "default-cell-style-name", "")))
        elif name == _TABLE + "table":
            self._start_sheet(attributes)
        else:
            self._start_style(name, attributes)

    def _start_style(self, name: str, attributes: dict[str, str]) -> None:
        if name in (_STYLE + "style", _NUMBER + "date-style"):
            self.style = attributes.get(_STYLE + "name", "")
            if attributes.get(_STYLE + "data-style-name") in self.timed:
                self.timed.add(self.style)
        elif name == _NUMBER + "hours":
            self.timed.add(self.style)
        elif name == _STYLE + "table-properties" and attributes.get(_TABLE + "display") == "false":
            self.hidden_styles.add(self.style)

    def _start_sheet(self, attributes: dict[str, str]) -> None:
        self.sheet = SheetBuilder(attributes.get(_TABLE + "name", ""))
        self.sheet.is_visible = attributes.get(_TABLE + "style-name") not in self.hidden_styles
        self.sheets.append(self.sheet)
        self.row, self.column_styles = 0, []

    def _start_row(self, attributes: dict[str, str]) -> None:
        self.row_repeat = _count(attributes, "number-rows-repeated")
        self.column, self.line = 0, []
        self.is_hidden = attributes.get(_TABLE + "visibility") in ("collapse", "filter")

    def _start_in_cell(self, name: str, attributes: dict[str, str]) -> None:
        if name in _ASIDE or self.aside:
            self.aside += 1
        elif name == _TEXT + "p":
            self.paragraphs.append("")
        elif self.paragraphs and name == _TEXT + "s":
            self.paragraphs[-1] += " " * min(int(attributes.get(_TEXT + "c", "1")), 1000)
        elif self.paragraphs and name == _TEXT + "tab":
            self.paragraphs[-1] += "\t"
        elif self.paragraphs and name == _TEXT + "line-break":
            self.paragraphs[-1] += "\n"

    def characters(self, text: str) -> None:
        if self.cell is not None and self.paragraphs and not self.aside:
            self.paragraphs[-1] += text

    def end(self, name: str) -> None:
        if self.aside:
            self.aside -= 1
        elif self.cell is not None and name in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
            self._end_cell(self.cell)
            self.cell = None
        elif name == _TABLE + "table-row":
            self._end_row()
        elif name == _TABLE + "table":
            self.sheet = None

    def _end_cell(self, cell: dict[str, str]) -> None:
        repeat = _count(cell, "number-columns-repeated")
        value = self._value(cell)
        if value not in (None, ""):
            self.line.append((self.column + 1, repeat, value))
        rows_spanned = _count(cell, "number-rows-spanned")
        if rows_spanned > 1 and self.sheet is not None:
            top, left = self.row + 1, self.column + 1
            self.sheet.facts.merges.append((top, left, top + rows_spanned - 1, left))
        self.column += repeat

    def _end_row(self) -> None:
        """A row counts as often as it is repeated; rows of hidden sheets that nobody asked for do not."""
        sheet = self.sheet
        if sheet is not None and self.line and (sheet.is_visible or sheet.name == self.wanted):
            sheet.expect(self.row_repeat * sum(repeat for _first, repeat, _value in self.line))
            for row in range(self.row + 1, self.row + self.row_repeat + 1):
                if self.is_hidden:
                    sheet.facts.hidden.append(row)
                for first, repeat, value in self.line:
                    for column in range(first, first + repeat):
                        sheet.put(row, column, value)
        self.row += self.row_repeat

    def _value(self, cell: dict[str, str]) -> Cell:
        text = "\n".join(self.paragraphs)
        if cell.get(_CALC + "value-type") == "error":
            return CellError(text or "#ERROR")
        kind = cell.get(_OFFICE + "value-type")
        if kind is None:
            return FORMULA_WITHOUT_VALUE if cell.get(_TABLE + "formula") and not text else text
        if kind in ("float", "percentage", "currency"):
            return as_number(cell.get(_OFFICE + "value", text))
        if kind == "date":
            return self._date(cell.get(_OFFICE + "date-value", text), cell)
        if kind == "time":
            return _time(cell.get(_OFFICE + "time-value", text))
        if kind == "boolean":
            return cell.get(_OFFICE + "boolean-value") == "true"
        return cell.get(_OFFICE + "string-value", text)

    def _date(self, written: str, cell: dict[str, str]) -> Cell:
        """A date, with its time of day where it is written or where the cell's format shows one."""
        try:
            moment = dt.datetime.fromisoformat(written)
        except ValueError:
            return written
        style = cell.get(_TABLE + "style-name") or self._column_style()
        if moment.time() == dt.time() and style not in self.timed:
            return moment.date()
        return moment if moment.tzinfo is None else written

    def _column_style(self) -> str:
        place = self.column
        for repeat, style in self.column_styles:
            if place < repeat:
                return style
            place -= repeat
        return ""


def _count(attributes: dict[str, str], name: str) -> int:
    written = attributes.get(_TABLE + name, "1")
    if not written.isascii() or not written.isdigit() or len(written) > 9:
        raise Unreadable("damaged")
    return int(written)


def as_number(written: str) -> Cell:
    """``15`` and ``15.0`` as int, other numbers as float; what is no number stays text."""
    try:
        number = float(written)
    except ValueError:
        return written
    return int(number) if number.is_integer() and abs(number) < 2.0**63 else number


def _time(written: str) -> Cell:
    """``PT08H05M00S`` as a time of day, or as a length where it is a day or more."""
    match = _DURATION.fullmatch(written)
    if not match:
        return written
    hours, minutes, seconds = (int(part) for part in match.groups()[:3])
    micro = int((match.group(4) or "0")[:6].ljust(6, "0"))
    if hours < 24 and minutes < 60 and seconds < 60:
        return dt.time(hours, minutes, seconds, micro)
    return dt.timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micro)
