"""Many rows at a time: into a table as fast as the driver allows, out of one as Arrow columns."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv
from pandas import DataFrame
from sqlalchemy import Connection, Engine, Select, Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable

from analytics.store.apart import ReaderFailed, batches_apart
from analytics.store.engine import is_sqlite, reading
from analytics.store.values import arrow_schema, arrow_type, to_arrow, to_objects

#: Rows that are Python objects at one time.
CHUNK: Final = 10_000
#: From this many rows on, a second process that reads in columns is faster than the plain cursor.
LARGE: Final = 50_000


def load(
    connection: Connection,
    table: Table,
    records: DataFrame,
    constants: Mapping[str, Any] | None = None,
    tell: Callable[[float], None] = lambda _share: None,
) -> None:
    """Insert ``records`` (columns named as the table's) in chunks, with ``constants`` in every row.

    ``tell`` hears the share of the rows that are in.
    """
    names = [name for name in records.columns if name in table.c]
    for start in range(0, len(records), CHUNK):
        tell(start / len(records))
        part = records.iloc[start : start + CHUNK]
        columns = {name: to_arrow(part[name], arrow_type(table.c[name])) for name in names}
        same = {name: pa.repeat(value, len(part)) for name, value in (constants or {}).items()}
        insert(connection, table, pa.table(columns | same))


def insert(connection: Connection, table: Table, rows: pa.Table) -> None:
    """Insert rows given as columns of :func:`arrow_type`."""
    if not is_sqlite(connection):
        _copy_in(connection, table, rows)
        return
    statement = str(table.insert().compile(connection, column_keys=rows.column_names))
    order = [name for name in table.c.keys() if name in rows.column_names]  # noqa: SIM118 - as compiled
    objects = (to_objects(rows[name].combine_chunks()) for name in order)
    connection.exec_driver_sql(statement, list(zip(*objects, strict=True)))


def batches(connection: Connection, query: Select) -> Iterator[pa.RecordBatch]:
    """The query's rows by the chunk, as this connection sees them, types as :func:`arrow_type`."""
    schema = arrow_schema(query)
    if not is_sqlite(connection):
        yield from _copy_out(connection, query, schema).to_batches()
        return
    result = connection.execute(query)
    while rows := result.fetchmany(CHUNK):
        columns = zip(*rows, strict=True)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
        yield pa.record_batch(arrays, schema=schema)


def fetch(connection: Connection, query: Select) -> pa.Table:
    """The query's rows, as this connection sees them, types as :func:`arrow_type`."""
    return pa.Table.from_batches(batches(connection, query), schema=arrow_schema(query))


def fetch_all(engine: Engine, query: Select, table: Table) -> pa.Table:
    """As :func:`fetch`, in a view of its own, by the fastest way for a large ``table``."""
    with reading(engine) as connection:
        if not is_large_file(connection, table):
            return fetch(connection, query)
    try:
        return pa.Table.from_batches(batches_apart(engine, query), schema=arrow_schema(query))
    except ReaderFailed:
        with reading(engine) as connection:
            return fetch(connection, query)


def is_large_file(connection: Connection, table: Table) -> bool:
    """Whether another process could read the table, and should."""
    if not is_sqlite(connection) or connection.engine.url.database in (None, "", ":memory:"):
        return False
    return connection.execute(select(func.count()).select_from(table)).scalar_one() >= LARGE


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


@contextmanager
def _copying(connection: Connection, statement: ClauseElement) -> Iterator[Any]:
    """psycopg's own COPY, in SQLAlchemy's transaction and with its errors: SQLAlchemy has no COPY."""
    driver: Any = connection.connection.driver_connection
    text = str(statement.compile(connection)).replace("%%", "%")
    try:
        with driver.cursor() as cursor, cursor.copy(text) as copy:
            yield copy
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(None, None, error) from None


def _copy_in(connection: Connection, table: Table, rows: pa.Table) -> None:
    lines = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid")  # null is unquoted
    pyarrow.csv.write_csv(rows, lines, options)
    with _copying(connection, _CopyIn(table, rows.column_names)) as copy:
        copy.write(lines.getvalue())


def _copy_out(connection: Connection, query: Select, schema: pa.Schema) -> pa.Table:
    lines = io.BytesIO()
    with _copying(connection, _CopyOut(query)) as copy:
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
