"""A table or a query of another database as one raw table, whole or from a watermark on.

Whatever the other database is, nothing is written to it. Addresses are shown without their passwords.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
from pandas import DataFrame
from sqlalchemy import Engine, Select, TextClause, column, create_engine, inspect, or_, select, table, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.sql.expression import ColumnClause, FromClause

from analytics.intake.cells import Cell
from analytics.intake.limits import MAX_CELL_CHARACTERS, MAX_SHEET_CELLS
from analytics.intake.refusals import Unreadable, refuse
from analytics.intake.result import IntakeRefused
from analytics.intake.tables import RawTable, as_cells

SOURCE: Final = "database"
_AT_A_TIME: Final = 10_000
#: Rejections that no correction at the source would turn into a record.
_SETTLED: Final = ("duplicate", "not_a_case")
_KINDS: Final[dict[str, Any]] = {"datetime": dt.datetime, "date": dt.date, "time": dt.time}


@dataclass(frozen=True)
class Origin:
    """Where records come from: an address, and either a table or a query there.

    ``watermark``: a column of the result that grows with every change (更新时间, a number).
    """

    url: str = field(repr=False)
    table: str | None = None
    query: str | None = None
    watermark: str | None = None

    @property
    def address(self) -> URL:
        """The address; raises IntakeRefused when it cannot be understood."""
        try:
            return make_url(self.url)
        except (ArgumentError, ValueError):
            raise refuse(Unreadable("database_address"), "") from None

    @property
    def name(self) -> str:
        """How messages and the import history call it, without a password."""
        where = self.address.render_as_string(hide_password=True)
        return f"{where} [{self.table or 'query ' + self.fingerprint[:8]}]"

    @property
    def fingerprint(self) -> str:
        """What tells this source from others, whatever the password: 64 hexadecimal digits."""
        where = self.address.set(password=None).render_as_string()
        parts = (where, self.table, self.query, self.watermark)
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Reading:
    """The rows, the hash of all they say, and for each row its value of the watermark (None: blank or none)."""

    table: RawTable = field(repr=False)
    sha256: str
    marks: Sequence[Any] = field(repr=False)

    def progress(self, rejected: DataFrame, since: str | None) -> str | None:
        """Up to where everything is in, as JSON; where the next reading begins, which reads that value again.

        A rejected row holds it back, so that the row is read again once it is corrected at the source.
        """
        held = set(rejected.loc[~rejected["code"].isin(_SETTLED), "row"])
        marks = [(mark, row in held) for row, mark in enumerate(self.marks, start=2) if mark is not None]
        waiting = [mark for mark, is_held in marks if is_held]
        try:
            reached = min(waiting) if waiting else max((mark for mark, _held in marks), default=None)
        except TypeError:
            raise refuse(Unreadable("database_watermark"), "") from None
        return since if reached is None else _encode(reached)


def read_database(origin: Origin, since: str | None = None) -> Reading:
    """Read the rows of ``origin``: all, or with a watermark those at or after ``since`` and those without one.

    The first line is the names of the columns. Raises IntakeRefused, never naming a password.
    """
    try:
        engine = _engine(origin)
        try:
            return _read(engine, origin, since)
        finally:
            engine.dispose()
    except Unreadable as reason:
        raise refuse(reason, origin.name) from None
    except IntakeRefused:
        raise
    except (NoSuchModuleError, ImportError):
        kind = origin.address.get_backend_name()
        raise refuse(Unreadable("database_driver", database=kind), origin.name) from None
    except (SQLAlchemyError, ValueError) as error:
        why = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        raise refuse(Unreadable("database_failed", why=why[:200]), origin.name) from None


def _engine(origin: Origin) -> Engine:
    """An engine that only reads: SQLite by its open mode, others in a read-only transaction where they can."""
    address = origin.address
    if address.get_backend_name() == "sqlite" and address.database:
        path = Path(address.database).resolve().as_uri()
        address = address.set(database=path, query={"mode": "ro", "uri": "true"})
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address, hide_parameters=True)
    return engine.execution_options(postgresql_readonly=True) if engine.name == "postgresql" else engine


def _read(engine: Engine, origin: Origin, since: str | None) -> Reading:
    if origin.table and not inspect(engine).has_table(*_table_and_schema(origin.table)):
        raise Unreadable("database_table", table=origin.table)
    with engine.connect() as connection:
        result = connection.execution_options(stream_results=True).execute(_statement(origin, since))
        names = list(result.keys())
        place = _place(names, origin.watermark)
        columns: list[list[Cell]] = [[name] for name in names]
        marks: list[Any] = []
        digest = hashlib.sha256(repr(names).encode())
        for row in _rows(result, len(names)):
            digest.update(repr(tuple(row)).encode())
            marks.append(None if place is None else row[place])
            for values, value in zip(columns, row, strict=True):
                values.append(_cell(value))
        connection.rollback()
    lines = np.arange(1, len(marks) + 2, dtype=np.int64)
    raw = RawTable(as_cells(columns), lines, SOURCE, None, None, (), ())
    return Reading(raw, digest.hexdigest(), marks)


def _rows(result: Any, width: int) -> Iterator[Any]:
    read = 0
    for part in result.partitions(_AT_A_TIME):
        read += len(part)
        if read * width > MAX_SHEET_CELLS:
            raise Unreadable("database_too_many", limit=MAX_SHEET_CELLS)
        yield from part


def _statement(origin: Origin, since: str | None) -> Select | TextClause:
    source: FromClause
    if origin.table:
        name, schema = _table_and_schema(origin.table)
        source = table(name, schema=schema)
    else:
        query = (origin.query or "").strip().rstrip(";")
        if not query.lower().startswith(("select", "with")):
            raise Unreadable("database_query")
        # A colon is part of the query (08:05, ::date), not a parameter.
        plain = text(query.replace(":", r"\:"))
        if not (origin.watermark and since):
            return plain
        source = plain.columns(column(origin.watermark)).subquery("source")
    chosen = select(text("*")).select_from(source)
    if origin.watermark and since:
        mark: ColumnClause[Any] = column(origin.watermark)
        chosen = chosen.where(or_(mark >= _decode(since), mark.is_(None)))
    return chosen


def _table_and_schema(name: str) -> tuple[str, str | None]:
    schema, _dot, own = name.rpartition(".")
    return own, schema or None


def _place(names: list[str], watermark: str | None) -> int | None:
    if watermark is None:
        return None
    if watermark not in names:
        raise Unreadable("database_column", column=watermark, columns="、".join(names[:40]))
    return names.index(watermark)


def _cell(value: Any) -> Cell:
    """Numbers of a database are exact, so ids are told as text; a time with an offset keeps it."""
    if value is None or isinstance(value, (bool, float, dt.timedelta)):
        return value
    if isinstance(value, dt.datetime):
        return value if value.tzinfo is None else value.isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value
    if isinstance(value, Decimal):
        value = value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
        return f"{value:f}"
    if isinstance(value, (bytes, memoryview)):
        value = bytes(value).decode("utf-8", "replace")
    written = str(value)
    if len(written) > MAX_CELL_CHARACTERS:
        raise Unreadable("database_too_many", limit=MAX_CELL_CHARACTERS)
    return written


def _encode(mark: Any) -> str:
    if isinstance(mark, Decimal):
        return json.dumps(["decimal", str(mark)])
    for kind, python in _KINDS.items():
        if isinstance(mark, python):
            return json.dumps([kind, mark.isoformat()])
    return json.dumps(["plain", mark], ensure_ascii=False)


def _decode(written: str) -> Any:
    kind, value = json.loads(written)
    if kind == "decimal":
        return Decimal(value)
    return _KINDS[kind].fromisoformat(value) if kind in _KINDS else value
