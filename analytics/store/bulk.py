"""Many rows at a time: into a table as fast as the driver allows, out of one as Arrow columns."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
from pandas import DataFrame
from sqlalchemy import Connection, Engine, Select, Table, func, literal, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable

from analytics.store.engine import is_sqlite, reading
from analytics.store.values import arrow_type, to_database

#: Rows that are Python objects at one time.
CHUNK: Final = 50_000
#: From this many rows on a second process with ADBC is faster than the plain cursor.
_LARGE: Final = 50_000
_READER: Final = Path(__file__).with_name("adbc_reader.py")


def load(connection: Connection, table: Table, records: DataFrame, **constants: Any) -> None:
    """Insert ``records`` (columns named as the table's) in chunks, with ``constants`` in every row."""
    names = [name for name in records.columns if name in table.c]
    for start in range(0, len(records), CHUNK):
        part = records.iloc[start : start + CHUNK]
        columns = {name: to_database(part[name]) for name in names}
        insert(
            connection, table, columns | {k: np.full(len(part), v, "object") for k, v in constants.items()}
        )


def insert(connection: Connection, table: Table, columns: dict[str, np.ndarray]) -> None:
    """Insert rows given as columns of Python objects, None where missing."""
    if not is_sqlite(connection):
        _copy_in(connection, table, columns)
        return
    statement = str(table.insert().compile(connection, column_keys=list(columns)))
    order = [columns[name] for name in table.c.keys() if name in columns]  # noqa: SIM118 - as compiled
    connection.exec_driver_sql(statement, list(zip(*order, strict=True)))


def fetch(connection: Connection, query: Select) -> pa.Table:
    """The query's rows; every column's type follows from its name (:func:`arrow_type`)."""
    schema = pa.schema([(column.name, arrow_type(column)) for column in query.selected_columns])
    if not is_sqlite(connection):
        return _copy_out(connection, query, schema)
    batches = []
    result = connection.execute(query)
    while rows := result.fetchmany(CHUNK):
        arrays = [
            pa.array(values, field.type)
            for values, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        batches.append(pa.record_batch(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema=schema)


def fetch_all(engine: Engine, query: Select, table: Table) -> pa.Table:
    """As :func:`fetch`, in a view of its own, by the fastest way for a large ``table``."""
    with reading(engine) as connection:
        if not (is_sqlite(engine) and engine.url.database not in (None, "", ":memory:")):
            return fetch(connection, query)
        if connection.execute(select(func.count()).select_from(table)).scalar_one() < _LARGE:
            return fetch(connection, query)
    columns = _fetch_by_adbc(engine, query)
    if columns is not None:
        return columns
    with reading(engine) as connection:
        return fetch(connection, query)


def _fetch_by_adbc(engine: Engine, query: Select) -> pa.Table | None:
    """Read in a process of its own; None where that is not to be had.

    ADBC brings a second copy of SQLite. In one process, the second copy closing a file would release the
    first one's locks (POSIX drops all locks of a process on any close), in the middle of an import.
    """
    # The driver guesses types from the first rows, so a first row shows it every type.
    examples = {pa.string(): "", pa.int64(): 0, pa.float64(): 0.5}
    first = select(*(literal(examples[arrow_type(c)]).label(c.name) for c in query.selected_columns))
    statement = str(union_all(first, query).compile(engine, compile_kwargs={"literal_binds": True}))
    order = json.dumps({"file": str(Path(str(engine.url.database)).resolve()), "query": statement})
    with subprocess.Popen(
        [sys.executable, "-P", str(_READER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(order.encode())
            process.stdin.close()
            columns = pa.ipc.open_stream(process.stdout).read_all()
        except (OSError, pa.ArrowInvalid):
            columns = None
    return columns.slice(1) if columns is not None and process.returncode == 0 else None


class _CopyOut(Executable, ClauseElement):
    """``COPY (query) TO STDOUT``, PostgreSQL's fast way out."""

    inherit_cache = False

    def __init__(self, query: Select) -> None:
        self.query = query


class _CopyIn(Executable, ClauseElement):
    """``COPY table (columns) FROM STDIN``, PostgreSQL's fast way in."""

    inherit_cache = False

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        self.table = table
        self.names = names


@compiles(_CopyOut)
def _compile_copy_out(element: _CopyOut, compiler: Any, **_options: Any) -> str:
    query = compiler.process(element.query, literal_binds=True)
    return f"COPY ({query}) TO STDOUT WITH (FORMAT csv)"


@compiles(_CopyIn)
def _compile_copy_in(element: _CopyIn, compiler: Any, **_options: Any) -> str:
    table = compiler.preparer.format_table(element.table)
    names = ", ".join(compiler.preparer.quote(name) for name in element.names)
    return f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv)"


def _cursor(connection: Connection) -> Any:
    """psycopg's own cursor, in SQLAlchemy's transaction: COPY is not a statement that SQLAlchemy runs."""
    driver: Any = connection.connection.driver_connection
    return driver.cursor()


def _copy_in(connection: Connection, table: Table, columns: dict[str, np.ndarray]) -> None:
    lines = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid")  # null is unquoted
    arrow = pa.table({name: pa.array(values, arrow_type(table.c[name])) for name, values in columns.items()})
    pyarrow.csv.write_csv(arrow, lines, options)
    statement = str(_CopyIn(table, list(columns)).compile(connection))
    with _cursor(connection) as cursor, cursor.copy(statement) as copy:
        copy.write(lines.getvalue())


def _copy_out(connection: Connection, query: Select, schema: pa.Schema) -> pa.Table:
    statement = str(_CopyOut(query).compile(connection)).replace("%%", "%")
    lines = io.BytesIO()
    with _cursor(connection) as cursor, cursor.copy(statement) as copy:
        for block in copy:
            lines.write(block)
    if not lines.tell():
        return schema.empty_table()
    lines.seek(0)
    return pyarrow.csv.read_csv(
        lines,
        read_options=pyarrow.csv.ReadOptions(column_names=schema.names),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={field.name: field.type for field in schema},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
