"""CSV, TSV and their kin: all cells as text, blank as ``""``, ragged lines kept with their surplus cells.

A regular, well-quoted file goes through Arrow's reader, any other through the csv module record by
record; where both can read a file they agree, which a test holds.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import IO, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from analytics.intake.delimiters import guess_delimiter, hinted_delimiter
from analytics.intake.encoding import EXAMINED, REPLACEMENT, SAMPLE_BYTES, Text, examine, start_of_text
from analytics.intake.limits import (
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_TEXT_BYTES,
    MAX_TEXT_CELLS,
    MAX_TEXT_ROWS,
    MIB,
)
from analytics.intake.progress import Tell, untold
from analytics.intake.refusals import Note, Unreadable
from analytics.intake.source import Source

_STRING: Final = pa.large_string()
#: Few enough that the garbage collector never looks at them.
_CHUNK_ROWS: Final = 1_000
_CHUNKS_TOGETHER: Final = 64
_BLOCK: Final = 8 * MIB
#: Seconds between two looks at how far Arrow's reader is.
_PULSE: Final = 0.1
#: Encodings whose bytes below 0x30 are always the ASCII characters: quotes, commas, tabs, line ends.
#: Any name but its own for UTF-8 makes Arrow decode through Python.
_ARROW_NAMES: Final = {"utf-8": "utf8", "utf-8-sig": "utf8", "gb18030": "gb18030"}
_FAST_DELIMITERS: Final = (",", "\t")


@dataclass
class TextTable:
    """Cells (all ``str``), physical rows, and what is to be remarked."""

    cells: pd.DataFrame
    rows: np.ndarray
    encoding: str
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class _Dialect:
    delimiter: str
    skip: int  # first records that are a hint and no data


class _BrokenQuotes(Exception):  # noqa: N818 - caught where another reading is tried
    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


def read_text(source: Source, text: Text | None = None, tell: Tell = untold) -> TextTable:
    """Read the delimited text ``source``; raises :class:`Unreadable` with the row where it fails."""
    source.check_size(MAX_TEXT_BYTES)
    text = text or examine(source, tell)
    dialect = _dialect(source, text)
    notes: list[Note] = []
    table = _read_fast(source, text, dialect, tell)
    if table is None:
        table, notes = _read_carefully(source, text, dialect, tell)
    return _finish(*table, text, notes)


def _dialect(source: Source, text: Text) -> _Dialect:
    start = start_of_text(source, text.codec)
    lines = list(io.StringIO(start, newline=""))
    if len(lines) > 1 and source.size > SAMPLE_BYTES:
        lines.pop()  # perhaps only half of it
    hint = hinted_delimiter(lines[0])
    return _Dialect(hint, 1) if hint else _Dialect(guess_delimiter(lines), 0)


# --- the regular file, by Arrow -----------------------------------------------------------------------


Columns = list[pa.ChunkedArray]


def _read_fast(
    source: Source, text: Text, dialect: _Dialect, tell: Tell
) -> tuple[Columns, np.ndarray] | None:
    """The file by Arrow's reader, or None where it is not certain to read as the csv module would."""
    if text.has_nul or text.codec not in _ARROW_NAMES or dialect.delimiter not in _FAST_DELIMITERS:
        return None
    if dialect.skip or not _is_well_quoted(source, dialect.delimiter):
        return None
    width = _first_width(source, text, dialect)
    if width > MAX_COLUMNS:
        return None
    try:
        with source.open() as stream, _Watched(stream) as watched:
            table = _awaited(lambda: _read_regular(watched, width, text, dialect), watched, source.size, tell)
    except (pa.ArrowException, UnicodeError):
        return None
    finally:
        pa.default_memory_pool().release_unused()  # as much again as the table itself
    _check_count(table.num_rows, width)
    return table.columns, np.arange(1, table.num_rows + 1)


def _read_regular(stream: IO[bytes], width: int, text: Text, dialect: _Dialect) -> pa.Table:
    names = [str(i) for i in range(width)]
    return arrow_csv.read_csv(
        stream,
        arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK, encoding=_ARROW_NAMES[text.codec]),
        arrow_csv.ParseOptions(
            delimiter=dialect.delimiter, newlines_in_values=True, ignore_empty_lines=False
        ),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, _STRING),
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
        ),
    )


class _Watched(io.BufferedReader):
    """A stream that counts what is read from it and ends at once when told to."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream)  # type: ignore[arg-type]
        self.seen, self.given_up = 0, False

    def read(self, size: int | None = -1, /) -> bytes:
        found = b"" if self.given_up else super().read(size)
        self.seen += len(found)
        return found


def _awaited(work: Callable[[], pa.Table], watched: _Watched, size: int, tell: Tell) -> pa.Table:
    """``work`` done in another thread, so that this one can tell how far it is."""
    with ThreadPoolExecutor(1) as worker:
        result = worker.submit(work)
        try:
            while not wait([result], _PULSE).done:
                tell("read", EXAMINED + (1 - EXAMINED) * watched.seen / size)
        except BaseException:
            watched.given_up = True
            raise
        return result.result()


def _is_well_quoted(source: Source, delimiter: str) -> bool:
    """Whether every quote opens or closes a cell or is doubled inside one, in a file of bearable length.

    Counted from 0, quotes at even places must open a cell (or be the second of a doubled pair), those at
    odd places close one (or be the first of a pair); one that does neither makes the file ambiguous.
    """
    borders = np.zeros(256, dtype=bool)
    borders[[ord(delimiter), 10, 13]] = True
    quotes_before, line_ends, before = 0, 0, b"\n"
    with source.open() as stream:
        if stream.read(3) != b"\xef\xbb\xbf":
            stream.seek(0)
        block = stream.read(_BLOCK)
        while block:
            following = stream.read(_BLOCK)
            around = np.frombuffer(before + block + (following[:1] or b"\n"), dtype=np.uint8)
            places = np.flatnonzero(around[1:-1] == ord('"')) + 1
            if len(places) and not _alternate(around, places, quotes_before % 2, borders):
                return False
            quotes_before += len(places)
            line_ends += int(np.count_nonzero((around == 10) | (around == 13)))
            before, block = block[-1:], following
    return quotes_before % 2 == 0 and line_ends <= MAX_TEXT_ROWS


def _alternate(around: np.ndarray, places: np.ndarray, first: int, borders: np.ndarray) -> bool:
    opening = places[first::2]
    closing = places[1 - first :: 2]
    before, after = around[opening - 1], around[closing + 1]
    quote = ord('"')
    return bool((borders[before] | (before == quote)).all() and (borders[after] | (after == quote)).all())


def _first_width(source: Source, text: Text, dialect: _Dialect) -> int:
    start = io.StringIO(start_of_text(source, text.codec), newline="")
    return max(1, len(next(csv.reader(start, delimiter=dialect.delimiter))))


# --- any other file, by the csv module ----------------------------------------------------------------


def _read_carefully(
    source: Source, text: Text, dialect: _Dialect, tell: Tell
) -> tuple[tuple[Columns, np.ndarray], list[Note]]:
    """The file record by record; unpaired quotes are read literally where that gives a regular table."""
    notes: list[Note] = []
    try:
        reader = _Records(source, text, dialect, tell=tell)
        table = _collect(reader)
    except _BrokenQuotes as broken:
        if not _is_regular_unquoted(source, text, dialect):
            raise Unreadable("broken_quotes", row=broken.row) from broken
        reader = _Records(source, text, dialect, csv.QUOTE_NONE, tell)
        table = _collect(reader)
        notes.append(Note("quotes_literal"))
    if reader.nul_rows:
        notes.append(Note("nul_removed", tuple(reader.nul_rows)))
    return table, notes


class _Lines:
    """The text's lines, those of the present record at hand; NULs are taken out."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.record: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.record.append(line)
        return line


class _Records:
    """Iterates over (physical row, cells) of all records that are not blank."""

    def __init__(
        self,
        source: Source,
        text: Text,
        dialect: _Dialect,
        quoting: int = csv.QUOTE_MINIMAL,
        tell: Tell = untold,
    ) -> None:
        self.source, self.text, self.dialect, self.quoting, self.tell = source, text, dialect, quoting, tell
        self.nul_rows: list[int] = []

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        with (
            self.source.open() as stream,
            io.TextIOWrapper(stream, self.text.codec, errors="replace", newline="") as decoded,
        ):
            size = self.source.size
            for record in islice(self._records(_Lines(iter(decoded))), self.dialect.skip, None):
                if not record[0] % _CHUNK_ROWS:
                    self.tell("read", EXAMINED + (1 - EXAMINED) * stream.tell() / size)
                yield record

    def _records(self, lines: _Lines) -> Iterator[tuple[int, list[str]]]:
        clean = (line.replace("\0", "") for line in lines) if self.text.has_nul else lines
        reader = csv.reader(clean, delimiter=self.dialect.delimiter, quoting=self.quoting, strict=True)  # type: ignore[arg-type]
        row = 0
        while True:
            lines.record.clear()
            row += 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                record = self._leniently(lines.record, row, error)
            if self.text.has_nul and any("\0" in line for line in lines.record):
                self.nul_rows.append(row)
            if row > MAX_TEXT_ROWS:
                raise Unreadable("too_many_rows", limit=MAX_TEXT_ROWS)
            if any(record):
                yield row, record

    def _leniently(self, lines: Sequence[str], row: int, error: csv.Error) -> list[str]:
        """A record with a stray quote, if it is one line whose quotes end in it; the quotes may be lost."""
        if "limit" in str(error):
            raise Unreadable("cell_too_long", row=row, limit=MAX_CELL_CHARACTERS) from error
        line = "".join(lines).replace("\0", "")
        if len(lines) > 1 or not line:
            raise _BrokenQuotes(row) from error
        content = line.rstrip("\r\n")
        (record,) = csv.reader([content + self.dialect.delimiter], delimiter=self.dialect.delimiter)
        if record[-1]:
            raise _BrokenQuotes(row) from error
        return record[:-1]


def _is_regular_unquoted(source: Source, text: Text, dialect: _Dialect) -> bool:
    """Whether quotes taken literally leave lines of one width, and none encloses a cell as a whole."""
    widths: Counter[int] = Counter()
    for _row, record in _Records(source, text, dialect, quoting=csv.QUOTE_NONE):
        if any(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in record):
            return False
        widths[len(record)] += 1
    return len(widths) == 1 and next(iter(widths)) > 1


def _collect(records: _Records) -> tuple[Columns, np.ndarray]:
    """All records in columns; small chunks are gathered to large ones, which later steps like better."""
    large: list[list[pa.Array]] = []
    small: list[list[pa.Array]] = []
    rows: list[np.ndarray] = []
    numbered = iter(records)
    while chunk := list(islice(numbered, _CHUNK_ROWS)):
        rows.append(np.array([row for row, _ in chunk], dtype=np.int64))
        cells = [_bounded(row, record) for row, record in chunk]
        small.append([pa.array(column, _STRING) for column in zip_longest(*cells, fillvalue="")])
        _check_count(len(rows) * _CHUNK_ROWS, len(small[-1]))
        if len(small) == _CHUNKS_TOGETHER:
            large.append([pa.concat_arrays(parts) for parts in _aligned(small)])
            small = []
    columns = [pa.chunked_array(parts, type=_STRING) for parts in _aligned(large + small)]
    _check_count(sum(map(len, rows)), len(columns))
    return columns, np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)


def _aligned(chunks: list[list[pa.Array]]) -> Iterator[list[pa.Array]]:
    """For each column its parts, blank where a chunk has no such column."""
    for i in range(max((len(columns) for columns in chunks), default=0)):
        yield [
            columns[i] if i < len(columns) else pa.repeat(pa.scalar("", _STRING), len(columns[0]))
            for columns in chunks
        ]


def _bounded(row: int, record: list[str]) -> list[str]:
    """The record without trailing blanks where it is over-long; refused if it still is."""
    if len(record) <= MAX_COLUMNS:
        return record
    while record and not record[-1]:
        record.pop()
    if len(record) > MAX_COLUMNS:
        raise Unreadable("too_many_columns", row=row, count=len(record), limit=MAX_COLUMNS)
    return record


def _check_count(rows: int, columns: int) -> None:
    if rows > MAX_TEXT_ROWS:
        raise Unreadable("too_many_rows", limit=MAX_TEXT_ROWS)
    if columns > MAX_COLUMNS:
        raise Unreadable("too_many_columns", row=1, count=columns, limit=MAX_COLUMNS)
    if rows * columns > MAX_TEXT_CELLS:
        raise Unreadable("too_many_cells", limit=MAX_TEXT_CELLS)


# --- both ---------------------------------------------------------------------------------------------


def _finish(columns: Columns, rows: np.ndarray, text: Text, notes: list[Note]) -> TextTable:
    """Leave out blank lines and blank columns at the right, check lengths, and make the frame."""
    columns, rows = _without_blanks(columns, rows)
    if not columns:
        raise Unreadable("empty")
    _check_lengths(columns, rows)
    if text.is_damaged:
        notes = [*notes, *_damage(columns, rows)]
    cells = pd.DataFrame({i: pd.array(column, dtype="str") for i, column in enumerate(columns)})
    return TextTable(cells, rows, text.codec, notes)


def _without_blanks(columns: Columns, rows: np.ndarray) -> tuple[Columns, np.ndarray]:
    blank = np.ones(len(rows), dtype=bool)
    width = 0
    for i, column in enumerate(columns, start=1):
        is_blank = pc.equal(pc.binary_length(column), 0).to_numpy(zero_copy_only=False).astype(bool)
        if not is_blank.all():
            width = i
        blank &= is_blank
    columns = columns[:width]
    if not blank.any():
        return columns, rows
    kept = pa.array(~blank)
    return [column.filter(kept) for column in columns], rows[~blank]


def _check_lengths(columns: Columns, rows: np.ndarray) -> None:
    for column in columns:
        lengths = pc.utf8_length(column)
        if len(rows) and pc.max(lengths).as_py() > MAX_CELL_CHARACTERS:
            row = rows[int(np.argmax(lengths.to_numpy(zero_copy_only=False)))]
            raise Unreadable("cell_too_long", row=int(row), limit=MAX_CELL_CHARACTERS)


def _damage(columns: Columns, rows: np.ndarray) -> list[Note]:
    found = np.zeros(len(rows), dtype=bool)
    for column in columns:
        found |= pc.match_substring(column, REPLACEMENT).to_numpy(zero_copy_only=False).astype(bool)
    return [Note("damaged_text", tuple(rows[found].tolist()))] if found.any() else []
