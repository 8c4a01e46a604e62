"""Connecting: which database, how safely it writes, and that its tables are those of this program."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import DDL, Connection, Engine, create_engine, event, func, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import NullPool, StaticPool
from sqlalchemy.schema import CreateColumn

from analytics.i18n import gettext as _
from analytics.store.errors import StoreError, explained, where
from analytics.store.schema import SCHEMA_VERSION, meta, metadata

DEFAULT_FOLDER: Final = Path(__file__).parents[2] / "data"
DEFAULT_FILE: Final = DEFAULT_FOLDER / "mashangbao.db"

#: Seconds that a writer waits for another one before it gives up.
_PATIENCE: Final = 60
#: Any number, the same in every copy of this program: writers on PostgreSQL queue up behind it.
_WRITERS_LOCK: Final = 515303


def connect(url: str | None = None) -> Engine:
    """Open the database, creating or upgrading its tables.

    ``url`` is an SQLAlchemy URL or the path of an SQLite file; None means ``$DATABASE_URL``, else
    ``data/mashangbao.db`` beside the program. Raises :class:`StoreError` in one sentence.
    """
    target = _target(url)
    engine = open_engine(target)
    with explained(target):
        _prepare(engine)
    return engine


def is_sqlite(engine: Engine | Connection) -> bool:
    """Whether the database is SQLite (else PostgreSQL)."""
    return engine.dialect.name == "sqlite"


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database; nothing done in it is kept."""
    with explained(engine.url), engine.connect() as connection:
        if not is_sqlite(engine):
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction, alone among all writers: everything in it happens, or nothing does."""
    engine = engine.execution_options(begin="BEGIN IMMEDIATE")
    with explained(engine.url), engine.begin() as connection:
        if not is_sqlite(engine):
            connection.execute(select(func.pg_advisory_xact_lock(_WRITERS_LOCK)))
        yield connection


def _target(url: str | None) -> URL:
    text = url or os.environ.get("DATABASE_URL")
    if not text:
        with suppress(OSError):  # connecting says it better
            DEFAULT_FOLDER.mkdir(exist_ok=True)
        return URL.create("sqlite", database=str(DEFAULT_FILE))
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        target = make_url(text)
    except (ArgumentError, ValueError):
        raise StoreError(_("数据库地址看不懂。例如 sqlite:///data/mashangbao.db")) from None
    if target.drivername in ("postgresql", "postgres"):
        target = target.set(drivername="postgresql+psycopg")
    if target.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(
            _("不支持这种数据库：{name}。可用 SQLite 或 PostgreSQL。").format(name=target.drivername)
        )
    return target


def open_engine(target: URL) -> Engine:
    """An engine that writes safely, without a look at what the database holds."""
    if target.get_backend_name() != "sqlite":
        try:
            return create_engine(target, hide_parameters=True, pool_pre_ping=True)
        except (ArgumentError, NoSuchModuleError, ImportError):
            raise StoreError(_("数据库地址看不懂：{where}").format(where=where(target))) from None
    # A connection per use: its temporary tables vanish with it, and no handle keeps a file busy on Windows.
    pool = NullPool if target.database and target.database != ":memory:" else StaticPool
    patience = {} if "timeout" in target.query else {"timeout": _PATIENCE}
    engine = create_engine(
        target, hide_parameters=True, poolclass=pool, connect_args={"check_same_thread": False, **patience}
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A plain BEGIN lets two writers read first and then refuses the second: a writer asks for the lock at once.
    if statement := connection.get_execution_options().get("begin", "BEGIN"):
        connection.exec_driver_sql(statement)


def _prepare(engine: Engine) -> None:
    """Create or upgrade the tables; refuse a database of a newer program or of another one."""
    version = schema_version(engine)
    if version is not None and version > SCHEMA_VERSION:
        raise StoreError(
            _("数据库是更新版本的程序建立的（{theirs}，本程序只认识到 {ours}）。请升级程序：{where}").format(
                theirs=version, ours=SCHEMA_VERSION, where=where(engine.url)
            )
        )
    if version == SCHEMA_VERSION:
        return
    if is_sqlite(engine):
        _use_write_ahead_log(engine)
    with writing(engine) as connection:
        _create_missing(connection)


def schema_version(engine: Engine) -> int | None:
    """The version of the tables found, or None in a database without any of them.

    Raises :class:`StoreError` when tables of the same names are another program's.
    """
    with reading(engine) as connection:
        inspector = inspect(connection)
        tables = set(inspector.get_table_names())
        ours = meta.name in tables and {c["name"] for c in inspector.get_columns(meta.name)} == set(
            meta.c.keys()
        )
        if ours:
            return connection.execute(
                select(meta.c.value).where(meta.c.name == "schema_version")
            ).scalar_one()
    if tables & set(metadata.tables):
        raise StoreError(
            _("这个数据库里已有别的程序的表，不能使用。请另选一个数据库：{where}").format(
                where=where(engine.url)
            )
        )
    return None


def _use_write_ahead_log(engine: Engine) -> None:
    """Readers go on while one writes. SQLite does not queue for this switch, so two starts may collide."""
    for wait in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, None):
        try:
            with engine.connect().execution_options(begin=None) as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            return
        except OperationalError as error:
            if wait is None or getattr(error.orig, "sqlite_errorname", "") != "SQLITE_BUSY":
                raise
            time.sleep(wait)


def _create_missing(connection: Connection) -> None:
    """Another process may have been faster, so only what is missing is made."""
    metadata.create_all(connection)
    _add_columns(connection)
    for name, value in (("schema_version", SCHEMA_VERSION), ("data_version", 0)):
        known = connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar()
        if known is None:
            connection.execute(meta.insert().values(name=name, value=value))
        elif name == "schema_version":
            connection.execute(meta.update().where(meta.c.name == name).values(value=value))


def _add_columns(connection: Connection) -> None:
    """Columns that a table of an older version lacks; their rows get the column's default."""
    inspector, names = inspect(connection), connection.dialect.identifier_preparer
    for table in metadata.sorted_tables:
        known = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                definition = CreateColumn(column).compile(dialect=connection.dialect)
                connection.execute(DDL(f"ALTER TABLE {names.format_table(table)} ADD COLUMN {definition}"))
