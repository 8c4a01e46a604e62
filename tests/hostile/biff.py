"""A writer of tiny XLS files (BIFF8 in an OLE container), enough for tests: no library writes them any more."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

SECTOR = 512


@dataclass
class Sheet:
    """Cells by (row, column) counted from 0: str, float, ("error", code) or (number, style)."""

    name: str
    cells: dict[tuple[int, int], object]
    state: int = 0  # 1 hidden, 2 very hidden
    hidden_rows: list[int] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(
        default_factory=list
    )  # first row, last row, first, last column


def workbook(
    sheets: list[Sheet], formats: Sequence[str] = (), *, password: bool = False, is_1904: bool = False
) -> bytes:
    """An XLS file; style 0 is General, style n the n-th of ``formats``."""
    strings = sorted({value for sheet in sheets for value in sheet.cells.values() if isinstance(value, str)})
    bodies = [_sheet(sheet, strings) for sheet in sheets]
    head = _globals(sheets, formats, strings, [0] * len(sheets), password, is_1904)
    offsets, place = [], len(head)
    for body in bodies:
        offsets.append(place)
        place += len(body)
    stream = _globals(sheets, formats, strings, offsets, password, is_1904) + b"".join(bodies)
    return container({"Workbook": stream})


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0x41, 6))


def _string(text: str, length: str = "<H") -> bytes:
    return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")


def _globals(
    sheets: list[Sheet],
    formats: Sequence[str],
    strings: list[str],
    offsets: list[int],
    password: bool,
    is_1904: bool,
) -> bytes:
    out = _bof(0x0005)
    if password:
        out += _record(0x002F, b"\x00" * 6)
    out += _record(0x0042, struct.pack("<H", 1200)) + _record(0x0022, struct.pack("<H", is_1904))
    for i, code in enumerate(formats):
        out += _record(0x041E, struct.pack("<H", 164 + i) + _string(code))
    for number in (0, *range(164, 164 + len(formats))):
        out += _record(0x00E0, struct.pack("<HH", 0, number) + b"\x00" * 16)
    for sheet, offset in zip(sheets, offsets, strict=True):
        out += _record(0x0085, struct.pack("<IBB", offset, sheet.state, 0) + _string(sheet.name, "<B"))
    texts = b"".join(_string(text) for text in strings)
    return out + _record(0x00FC, struct.pack("<II", len(strings), len(strings)) + texts) + _record(0x000A)


def _sheet(sheet: Sheet, strings: list[str]) -> bytes:
    out = _bof(0x0010)
    rows = [row for row, _ in sheet.cells] or [0]
    columns = [column for _, column in sheet.cells] or [0]
    out += _record(0x0200, struct.pack("<IIHHH", 0, max(rows) + 1, 0, max(columns) + 1, 0))
    for row in sorted(set(rows)):
        flags = 0x0120 if row in sheet.hidden_rows else 0x0100
        out += _record(0x0208, struct.pack("<HHHHHHHH", row, 0, max(columns) + 1, 255, 0, 0, flags, 15))
    for (row, column), value in sorted(sheet.cells.items()):
        out += _cell(row, column, value, strings)
    if sheet.merges:
        ranges = b"".join(struct.pack("<HHHH", *merge) for merge in sheet.merges)
        out += _record(0x00E5, struct.pack("<H", len(sheet.merges)) + ranges)
    return out + _record(0x000A)


def _cell(row: int, column: int, value: object, strings: list[str]) -> bytes:
    if isinstance(value, str):
        return _record(0x00FD, struct.pack("<HHHI", row, column, 0, strings.index(value)))
    if isinstance(value, tuple) and value[0] == "error":
        return _record(0x0205, struct.pack("<HHHBB", row, column, 0, value[1], 1))
    number, style = value if isinstance(value, tuple) else (value, 0)
    return _record(0x0203, struct.pack("<HHHd", row, column, style, number))


def container(streams: dict[str, bytes]) -> bytes:
    """An OLE compound file; every stream is padded beyond the size below which it would be stored apart."""
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    sectors, chains, place = b"", [], 2
    entries = [_entry("Root Entry", 5, child=1)]
    for i, (name, data) in enumerate(padded.items(), start=1):
        count = -(-len(data) // SECTOR)
        right = i + 1 if i < len(padded) else 0xFFFFFFFF
        entries.append(_entry(name, 2, right=right, start=place, size=len(data)))
        chains += [*range(place + 1, place + count), 0xFFFFFFFE]
        sectors += data.ljust(count * SECTOR, b"\0")
        place += count
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *chains]
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff")
    directory = b"".join(entries).ljust(SECTOR, b"\0")
    if len(table) > SECTOR or len(directory) > SECTOR:
        raise ValueError("too large for this writer")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += b"\0" * 6 + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<I", 0) + b"\xff" * (4 * 108)
    return head + table + directory + sectors


def _entry(
    name: str,
    kind: int,
    *,
    child: int = 0xFFFFFFFF,
    right: int = 0xFFFFFFFF,
    start: int = 0xFFFFFFFE,
    size: int = 0,
) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    out = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, 0xFFFFFFFF, right, child)
    return out + b"\0" * 36 + struct.pack("<IQ", start, size)
