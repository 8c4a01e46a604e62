"""What an XLSX file says about its cells beside their values, which calamine does not tell.

Sheets are read as a stream in little memory, before calamine allocates anything: extent, hidden rows,
merges, error values, formulas without a value, and which dates have a format without a time of day.
"""

from __future__ import annotations

import posixpath
import zipfile
from array import array
from dataclasses import dataclass
from typing import IO, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from analytics.intake.cells import FORMULA_WITHOUT_VALUE, CellError
from analytics.intake.grid import Facts, Merge, column_letters, column_number
from analytics.intake.limits import MAX_PART_BYTES, MAX_SHEET_CELLS
from analytics.intake.number_formats import shows
from analytics.intake.refusals import Unreadable
from analytics.intake.xml_stream import feed, local, new_parser

_DIGITS: Final = "0123456789"
_TRUE: Final = ("1", "true")
#: Types of a cell that say more than calamine tells: an error, a date as ISO 8601 text.
_SPECIAL_KINDS: Final = ("e", "d")


@dataclass(frozen=True)
class Styles:
    """Style numbers, as cells write them, whose format shows a date with and without a time of day."""

    date_only: frozenset[str]
    with_time: frozenset[str]


@dataclass(frozen=True)
class Package:
    """The parts of a workbook: sheets by name with their path (None: not a worksheet), and its date system."""

    archive: zipfile.ZipFile
    sheets: dict[str, str | None]
    styles: Styles
    is_1904: bool

    def survey(self, sheet: str) -> Facts:
        """What sheet ``sheet`` says beside its values; raises :class:`Unreadable` if it is not to be found."""
        path = self.sheets.get(sheet)
        if path is None:
            raise Unreadable("damaged")
        with self.archive.open(path) as stream:
            return _SheetSurvey(self.styles).read(stream)


def open_package(archive: zipfile.ZipFile) -> Package:
    """Find the workbook, its sheets and its styles by their relations, wherever the writer put them."""
    root = _relations(archive, "")
    path = next((target for kind, target in root.values() if kind == "officeDocument"), "xl/workbook.xml")
    book = _part(archive, path)
    relations = _relations(archive, path)
    worksheets = {key: target for key, (kind, target) in relations.items() if kind == "worksheet"}
    sheets = {
        item.get("name", ""): worksheets.get(_attribute(item, "id") or "")
        for item in book.iter()
        if local_tag(item) == "sheet"
    }
    properties = next((item for item in book.iter() if local_tag(item) == "workbookPr"), None)
    is_1904 = properties is not None and properties.get("date1904") in _TRUE
    styles = next((target for kind, target in relations.values() if kind == "styles"), None)
    return Package(archive, sheets, _styles(archive, styles), is_1904)


def local_tag(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _attribute(element: Element, name: str) -> str | None:
    """An attribute by its local name, whichever namespace it is written in."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def _part(archive: zipfile.ZipFile, path: str) -> Element:
    """A small XML part; raises :class:`Unreadable` if it is absent, too large, broken or defines entities."""
    try:
        if archive.getinfo(path).file_size > MAX_PART_BYTES:
            raise Unreadable("unpacked_too_big", limit=MAX_PART_BYTES >> 20)
        element: Element = fromstring(archive.read(path), forbid_dtd=True)
        return element
    except DefusedXmlException as error:
        raise Unreadable("xml_entities") from error
    except (KeyError, ParseError, zipfile.BadZipFile) as error:
        raise Unreadable("damaged") from error


def _relations(archive: zipfile.ZipFile, path: str) -> dict[str, tuple[str, str]]:
    """Relations of a part: id → (last word of the type, path of the target as the zip spells it)."""
    folder, name = posixpath.split(path)
    source = posixpath.join(folder, "_rels", name + ".rels")
    spelled = {entry.lower().lstrip("/"): entry for entry in archive.namelist()}
    if source.lower() not in spelled:
        return {}
    found = {}
    for item in _part(archive, spelled[source.lower()]):
        if item.get("TargetMode") != "External":
            target = posixpath.normpath(
                posixpath.join("/" + folder, item.get("Target", "").replace("\\", "/"))
            )
            key = target.lstrip("/").lower()
            if key in spelled:
                found[item.get("Id", "")] = (item.get("Type", "").rpartition("/")[2], spelled[key])
    return found


def _styles(archive: zipfile.ZipFile, path: str | None) -> Styles:
    if path is None:
        return Styles(frozenset(), frozenset())
    sheet = _part(archive, path)
    codes = {e.get("numFmtId"): e.get("formatCode") for e in sheet.iter() if local_tag(e) == "numFmt"}
    formats = next((e for e in sheet if local_tag(e) == "cellXfs"), ())
    kinds = [_shows(item.get("numFmtId", "0"), codes) for item in formats]
    return Styles(
        frozenset(str(i) for i, kind in enumerate(kinds) if kind == "date"),
        frozenset(str(i) for i, kind in enumerate(kinds) if kind == "both"),
    )


def _shows(number: str, codes: dict[str | None, str | None]) -> str:
    return shows(int(number) if number.isdigit() else 0, codes.get(number))


class _SheetSurvey:
    """Reads one sheet's XML; the handlers run once per element, so they do as little as they can."""

    def __init__(self, styles: Styles) -> None:
        self.facts = Facts()
        self.styles = styles
        self.row = 0
        self.column = 0
        self.cell = ""
        self.kind: str | None = None
        self.style: str | None = None
        self.values = 0
        self.last_valued = ""
        self.is_open = False  # the cell is more than a plain value: its value and its end matter
        self.formula = False
        self.error_text: str | None = None
        self.parser = new_parser()

    def read(self, stream: IO[bytes]) -> Facts:
        self.parser.StartElementHandler = self._root
        feed(self.parser, stream)
        self._finish_cell()
        self._finish_row()
        return self.facts

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        """The root element tells the prefix that all the sheet's elements are written with."""
        prefix = name[: -len(local(name))]
        self.cell_name, self.value_name = prefix + "c", prefix + "v"
        self.handlers = {
            prefix + "is": self._start_inline,
            prefix + "f": self._start_formula,
            prefix + "row": self._start_row,
            prefix + "mergeCell": self._merge,
        }
        self.parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        """Cells and their values are nearly all there is, so they are dealt with here and first."""
        if name == self.value_name:
            self.values += 1
            self.last_valued = self.cell
            if self.is_open:
                self._open_value()
        elif name == self.cell_name:
            if self.is_open:
                self._finish_cell()
            self.cell = attributes.get("r") or self._next_cell()
            self.kind, self.style = attributes.get("t"), attributes.get("s")
            self.is_open = self.kind in _SPECIAL_KINDS or self.style in self.styles.date_only
        elif name in self.handlers:
            self.handlers[name](attributes)

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._finish_cell()
        self._finish_row()
        number = attributes.get("r", "")
        self.row = int(number) if number.isdecimal() else self.row + 1
        if attributes.get("hidden") in _TRUE:
            self.facts.hidden.append(self.row)

    def _start_inline(self, _attributes: dict[str, str]) -> None:
        self.values += 1
        self.last_valued = self.cell

    def _open_value(self) -> None:
        """The value of a cell that is a date without time of day, an error, or a formula's."""
        if self.style in self.styles.date_only or (
            self.kind == "d" and self.style not in self.styles.with_time
        ):
            row, column = self._place()
            self.facts.date_only.setdefault(column, array("I")).append(row)
        if self.kind == "e":
            self.error_text = ""
            self.parser.CharacterDataHandler = self._error_characters
        elif self.kind == "str":
            self.formula = False
        elif self.formula:
            self.parser.CharacterDataHandler = self._formula_characters

    def _start_formula(self, _attributes: dict[str, str]) -> None:
        self.is_open = self.formula = True

    def _formula_characters(self, text: str) -> None:
        if text.strip():
            self.formula = False

    def _error_characters(self, text: str) -> None:
        self.error_text = (self.error_text or "") + text

    def _finish_cell(self) -> None:
        """An error value, or a formula that ended without a value, is remembered by its place."""
        self.parser.CharacterDataHandler = None
        if self.error_text is not None:
            self.facts.special[self._place()] = CellError(self.error_text.strip() or "#ERROR")
        elif self.formula:
            self.facts.special[self._place()] = FORMULA_WITHOUT_VALUE
            self.last_valued = self.cell
            self.values += 1
        self.is_open, self.formula, self.error_text = False, False, None

    def _finish_row(self) -> None:
        if not self.values:
            return
        facts = self.facts
        facts.rows += 1
        facts.cells += self.values
        facts.wide_rows += self.values > 1
        if facts.cells > MAX_SHEET_CELLS:
            raise Unreadable("too_many_cells", limit=MAX_SHEET_CELLS)
        column = column_number(self.last_valued.rstrip(_DIGITS))
        if column > facts.last_column or self.row > facts.last_row:
            facts.far_cell = self.last_valued
        facts.last_column = max(facts.last_column, column)
        facts.last_row = max(facts.last_row, self.row)
        self.values = 0

    def _place(self) -> tuple[int, int]:
        letters = self.cell.rstrip(_DIGITS)
        return int(self.cell[len(letters) :] or self.row), column_number(letters)

    def _next_cell(self) -> str:
        """The place of a cell that does not say it: right of the one before, in the same row."""
        before = self._place() if self.cell else (0, 0)
        column = before[1] + 1 if before[0] == self.row else 1
        return f"{column_letters(column)}{self.row}"

    def _merge(self, attributes: dict[str, str]) -> None:
        first, _colon, last = attributes.get("ref", "").partition(":")
        if last:
            self.facts.merges.append(_merge(first, last))


def _merge(first: str, last: str) -> Merge:
    (top, left), (bottom, right) = (_corner(corner) for corner in (first, last))
    return top, left, bottom, right


def _corner(cell: str) -> tuple[int, int]:
    letters = cell.rstrip(_DIGITS)
    return int(cell[len(letters) :] or 0), column_number(letters)
