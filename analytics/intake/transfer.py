"""How the child process hands a grid back: lines of JSON, so that its answer is data and never code.

The first line describes the table, each further line is one column: its values, and where JSON has no
such type one letter per cell that says what the text or number stands for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import orjson

from analytics.intake.cells import Cell, CellError, SheetInfo
from analytics.intake.grid import Grid
from analytics.intake.limits import MAX_ANSWER_BYTES
from analytics.intake.refusals import Note, Unreadable

_PLAIN: Final = "_"
_CLOCK: Final = "c"
_LETTERS: Final = {
    dt.datetime: "t", dt.date: "d", dt.time: _CLOCK, dt.timedelta: "e", CellError: "x",
}  # fmt: skip
_MAKERS: Final[dict[str, Callable[[Any], Cell]]] = {
    "t": dt.datetime.fromisoformat,
    "d": dt.date.fromisoformat,
    _CLOCK: dt.time.fromisoformat,
    "e": lambda seconds: dt.timedelta(seconds=seconds),
    "x": CellError,
}


def encode(grid: Grid) -> Iterator[bytes]:
    """The lines of ``grid``; raises :class:`Unreadable` when they exceed what may be handed back."""
    head = {
        "rows": grid.rows,
        "source": grid.source,
        "sheet": grid.sheet,
        "sheets": [(sheet.name, sheet.visible, sheet.rows) for sheet in grid.sheets],
        "notes": [(note.code, note.rows, note.details) for note in grid.notes],
        "encoding": grid.encoding,
    }
    size = 0
    yield orjson.dumps(head)
    for column in grid.columns:
        kinds = _kinds(column)
        if _CLOCK in kinds:  # orjson drops leading zeros of a time's microseconds
            column = [value.isoformat() if isinstance(value, dt.time) else value for value in column]
        line = orjson.dumps({"values": column, "kinds": kinds}, default=dt.timedelta.total_seconds)
        size += len(line)
        if size > MAX_ANSWER_BYTES:
            raise Unreadable("unpacked_too_big", limit=MAX_ANSWER_BYTES >> 20)
        yield line


def decode(lines: Iterable[bytes]) -> Grid:
    """The grid of :func:`encode`'s lines; raises :class:`Unreadable` if one of them is a refusal."""
    answers = map(_answer, lines)
    head = next(answers)
    return Grid(
        [_column(**answer) for answer in answers],
        head["rows"],
        head["source"],
        head["sheet"],
        [SheetInfo(*sheet) for sheet in head["sheets"]],
        [Note(code, tuple(rows), details) for code, rows, details in head["notes"]],
        head["encoding"],
    )


def _answer(line: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = orjson.loads(line)
    if "refused" in answer:
        raise Unreadable(answer["refused"], **answer["details"])
    return answer


def encode_progress(percent: int) -> bytes:
    """The line that says how much of the reading is done; such lines come before all others."""
    return b"%d" % percent


def progress(line: bytes) -> float | None:
    """The share that a line of :func:`encode_progress` tells, None for any other line."""
    return min(int(line), 100) / 100 if len(line) <= 4 and line.strip().isdigit() else None


def encode_refusal(reason: Unreadable) -> bytes:
    """The line of a refusal, which may follow other lines; :func:`decode` raises it again."""
    return orjson.dumps({"refused": reason.code, "details": reason.details})


def _kinds(column: list[Cell]) -> str:
    types = [type(value) for value in column]
    if not set(types) & set(_LETTERS):
        return ""
    return "".join([_LETTERS.get(kind, _PLAIN) for kind in types])


def _column(values: list[Any], kinds: str) -> list[Cell]:
    if not kinds:
        return values
    return [
        value if kind == _PLAIN else _MAKERS[kind](value) for value, kind in zip(values, kinds, strict=True)
    ]
