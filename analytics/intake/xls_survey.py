"""What an XLS file (BIFF) says about its cells beside their values, which calamine does not tell.

The records are those of Microsoft's [MS-XLS]; only the few that carry facts are looked at.
"""

from __future__ import annotations

import io
import struct
from array import array
from collections.abc import Iterator
from typing import Final

import olefile

from analytics.intake.cells import CellError
from analytics.intake.grid import Facts, column_letters
from analytics.intake.limits import MAX_SHEET_CELLS
from analytics.intake.number_formats import shows
from analytics.intake.refusals import Unreadable

_BOF, _EOF, _FILEPASS, _DATEMODE, _BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0022, 0x0085
_FORMAT, _XF, _ROW, _MERGED = 0x041E, 0x00E0, 0x0208, 0x00E5
_FORMULA, _BOOLERR, _MULRK = 0x0006, 0x0205, 0x00BD
#: Records of one cell with a number or a text: NUMBER, RK, LABELSST, LABEL, RSTRING.
_PLAIN_CELLS: Final = frozenset((0x0203, 0x027E, 0x00FD, 0x0204, 0x00D6))
_HIDDEN_ROW: Final = 0x20
_ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!",
    0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip

Record = tuple[int, bytes]


class Workbook:
    """The workbook stream of an XLS file: where its sheets begin, its date formats and date system."""

    def __init__(self, stream: bytes) -> None:
        self.stream = stream
        self.is_1904 = False
        self.offsets: list[int] = []
        self.date_only: frozenset[int] = frozenset()
        self._read_globals()

    def _read_globals(self) -> None:
        codes: dict[int, str] = {}
        formats: list[int] = []
        for kind, body in _records(self.stream, 0):
            if kind == _FILEPASS:
                raise Unreadable("password")
            if kind == _DATEMODE:
                self.is_1904 = body[:1] == b"\x01"
            elif kind == _BOUNDSHEET:
                self.offsets.append(struct.unpack_from("<I", body)[0])
            elif kind == _FORMAT:
                codes[struct.unpack_from("<H", body)[0]] = _format_code(body)
            elif kind == _XF:
                formats.append(struct.unpack_from("<H", body, 2)[0])
        self.date_only = frozenset(
            i for i, number in enumerate(formats) if shows(number, codes.get(number)) == "date"
        )

    def survey(self, index: int) -> Facts:
        """What the sheet at ``index``, counted from 0, says beside its values."""
        return _SheetSurvey(self.date_only).read(_records(self.stream, self.offsets[index]))


def open_workbook(data: bytes) -> Workbook:
    """The workbook in an OLE file; raises :class:`Unreadable` naming what it is instead."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            streams = {"/".join(path).lower(): path for path in container.listdir()}
            name = next((streams[key] for key in ("workbook", "book") if key in streams), None)
            if name is None:
                raise _not_a_workbook(set(streams))
            return Workbook(container.openstream(name).read())
    except (OSError, struct.error, IndexError) as error:
        raise Unreadable("damaged") from error


def _not_a_workbook(streams: set[str]) -> Unreadable:
    if "encryptedpackage" in streams or "encryptioninfo" in streams:
        return Unreadable("password")
    if "worddocument" in streams:
        return Unreadable("not_a_table", kind="word")
    if "powerpoint document" in streams:
        return Unreadable("not_a_table", kind="slides")
    return Unreadable("not_a_table", kind="binary")


def _records(stream: bytes, start: int) -> Iterator[Record]:
    """Records of one substream; those of an embedded one, such as a chart, are left out."""
    depth = 0
    end = len(stream)
    while start + 4 <= end:
        kind, length = struct.unpack_from("<HH", stream, start)
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, stream[start + 4 : start + 4 + length]
        start += 4 + length


def _format_code(body: bytes) -> str:
    """The code of a FORMAT record; Chinese or other literal letters in it do not matter here."""
    is_wide = len(body) > 4 and body[4] & 1
    return body[5:].decode("utf-16-le" if is_wide else "latin-1", errors="replace")


class _SheetSurvey:
    def __init__(self, date_only: frozenset[int]) -> None:
        self.date_only = date_only
        self.facts = Facts()
        self.counts: dict[int, int] = {}

    def read(self, records: Iterator[Record]) -> Facts:
        for kind, body in records:
            if kind in _PLAIN_CELLS:
                self._cell(*struct.unpack_from("<HHH", body))
            elif kind == _MULRK:
                self._cells(body)
            elif kind == _FORMULA:
                self._formula(body)
            elif kind == _BOOLERR:
                self._boolean_or_error(body)
            elif kind == _ROW:
                row, flags = struct.unpack_from("<H10xH", body)
                if flags & _HIDDEN_ROW:
                    self.facts.hidden.append(row + 1)
            elif kind == _MERGED:
                self._merges(body)
        self._count_rows()
        return self.facts

    def _cell(self, row: int, column: int, style: int) -> None:
        facts = self.facts
        facts.cells += 1
        if facts.cells > MAX_SHEET_CELLS:
            raise Unreadable("too_many_cells", limit=MAX_SHEET_CELLS)
        self.counts[row] = self.counts.get(row, 0) + 1
        if row >= facts.last_row or column >= facts.last_column:
            facts.far_cell = f"{column_letters(column + 1)}{row + 1}"
            facts.last_row = max(facts.last_row, row + 1)
            facts.last_column = max(facts.last_column, column + 1)
        if style in self.date_only:
            facts.date_only.setdefault(column + 1, array("I")).append(row + 1)

    def _cells(self, body: bytes) -> None:
        row, first = struct.unpack_from("<HH", body)
        for i, place in enumerate(range(4, len(body) - 2, 6)):
            self._cell(row, first + i, struct.unpack_from("<H", body, place)[0])

    def _formula(self, body: bytes) -> None:
        row, column, style = struct.unpack_from("<HHH", body)
        self._cell(row, column, style)
        if body[12:14] == b"\xff\xff" and body[6] == 2:
            self._error(row, column, body[8])

    def _boolean_or_error(self, body: bytes) -> None:
        row, column, style, value, is_error = struct.unpack_from("<HHHBB", body)
        self._cell(row, column, style)
        if is_error:
            self._error(row, column, value)

    def _error(self, row: int, column: int, code: int) -> None:
        self.facts.special[row + 1, column + 1] = CellError(_ERRORS.get(code, "#ERROR"))

    def _merges(self, body: bytes) -> None:
        (count,) = struct.unpack_from("<H", body)
        for i in range(count):
            top, bottom, left, right = struct.unpack_from("<HHHH", body, 2 + 8 * i)
            self.facts.merges.append((top + 1, left + 1, bottom + 1, right + 1))

    def _count_rows(self) -> None:
        self.facts.rows = len(self.counts)
        self.facts.wide_rows = sum(count > 1 for count in self.counts.values())
