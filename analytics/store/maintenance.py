"""Backup, restore and check: the database as a whole.

A backup is always one SQLite file with the same tables, whatever the database is, so it also carries the
records from one kind of database to the other.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import Connection, Engine, and_, func, select
from sqlalchemy.engine import URL

from analytics.i18n import gettext as _
from analytics.store.bulk import batches, insert
from analytics.store.engine import connect, is_sqlite, open_engine, reading, schema_version, writing
from analytics.store.errors import StoreError, busy, explained
from analytics.store.ledger import account
from analytics.store.schema import KINDS, imports, meta, metadata

_DATA_VERSION: Final = select(meta.c.value).where(meta.c.name == "data_version")
#: More imports than can be committed between looking at a database and replacing its pages.
_VERSIONS_MEANWHILE: Final = 1_000


@dataclass(frozen=True)
class Check:
    """What a check found: sentences on what is wrong (none: all is well), rows by kind, the latest import in force."""

    problems: tuple[str, ...]
    rows: dict[str, int]
    last_batch: int | None


def check(engine: Engine) -> Check:
    """Whether the file is intact and every import is in it wholly or not at all."""
    try:
        with reading(engine) as connection:
            # A damaged file answers anything, so nothing else is asked of it.
            return Check(damage, {}, None) if (damage := _damage(connection)) else _check(connection)
    except StoreError as error:
        return Check((str(error),), {}, None)


def _check(connection: Connection) -> Check:
    rows = {
        kind.name: connection.execute(select(func.count()).select_from(kind.table)).scalar_one()
        for kind in KINDS.values()
    }
    alive = and_(imports.c.undone_at.is_(None), imports.c.replaced_by.is_(None))
    last = connection.execute(select(func.max(imports.c.batch)).where(alive)).scalar()
    return Check(account(connection), rows, last)


def backup(engine: Engine, path: str | Path) -> None:
    """Write a consistent copy to a new file, also while others import; it is checked before it gets its name.

    Raises :class:`StoreError`, also when the file exists.
    """
    target = Path(path)
    if target.exists():
        raise StoreError(_("备份文件已存在，没有覆盖它。请换一个文件名：{path}").format(path=target))
    with explained(engine.url), _scratch(target.parent) as copy:
        if is_sqlite(engine):
            _vacuum_into(engine, copy)
        else:
            with reading(engine) as source, writing(connect(str(copy))) as connection:
                _copy_rows(source, connection)
        _refuse_damaged(copy)
        _seal(copy)
        os.replace(copy, target)


def restore(engine: Engine, path: str | Path) -> None:
    """Make the database what it was when the backup was made, in one transaction.

    Raises :class:`StoreError` when the file is no intact backup; then nothing has changed.
    """
    source = Path(path)
    if not source.is_file():
        raise StoreError(_("没有这个备份文件：{path}").format(path=source))
    with explained(_file(source)), _scratch(None) as copy:
        _vacuum_into(open_engine(_file(source, mode="ro")), copy)
        _refuse_damaged(copy)
        origin = connect(str(copy))
        with explained(engine.url):
            (_replace_pages if _have_like_pages(origin, engine) else _replace_rows)(origin, engine)


def _have_like_pages(origin: Engine, engine: Engine) -> bool:
    """Whether SQLite can copy page by page: it cannot change the size of pages under a write-ahead log."""
    if not is_sqlite(engine):
        return False
    sizes = []
    for one in (origin, engine):
        with reading(one) as connection:
            sizes.append(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    return sizes[0] == sizes[1]


def _replace_pages(origin: Engine, engine: Engine) -> None:
    """All pages in one transaction of SQLite's own; others read what was there before until it ends."""
    with reading(engine) as connection:
        theirs = connection.execute(_DATA_VERSION).scalar_one()
    with writing(origin) as connection:
        _outrun(connection, theirs + _VERSIONS_MEANWHILE)
    with (
        origin.connect().execution_options(begin=None) as source,
        engine.connect().execution_options(begin=None) as target,
    ):
        pages: Any = source.connection.driver_connection
        pages.backup(target.connection.driver_connection, progress=_refuse_when_busy(engine.url))


def _refuse_when_busy(url: URL) -> Callable[[int, int, int], None]:
    """SQLite has waited for its turn already when it says that it is busy; Python would ask for ever."""

    def look(status: int, _remaining: int, _pages: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise busy(url)

    return look


def _replace_rows(origin: Engine, engine: Engine) -> None:
    """Row by row, into any kind of database."""
    with reading(origin) as backup_file, writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not meta:
                connection.execute(table.delete())
        _copy_rows(backup_file, connection)
        _continue_numbering(connection)
        _outrun(connection, backup_file.execute(_DATA_VERSION).scalar_one() + 1)


def _file(path: Path, **query: str) -> URL:
    if query:
        return URL.create("sqlite", database=path.resolve().as_uri(), query={**query, "uri": "true"})
    return URL.create("sqlite", database=str(path))


@contextmanager
def _scratch(folder: Path | None) -> Iterator[Path]:
    """A file name in a folder of its own, which nobody else may open and which ends with the block."""
    try:
        with TemporaryDirectory(dir=folder, prefix=".backup-", ignore_cleanup_errors=True) as private:
            yield Path(private) / "copy.db"
    except FileNotFoundError:
        raise StoreError(_("没有这个文件夹：{path}").format(path=folder)) from None
    except OSError as error:
        raise StoreError(_("写不到 {path}：{why}").format(path=folder, why=error.strerror)) from None


def _vacuum_into(engine: Engine, copy: Path) -> None:
    with engine.connect().execution_options(begin=None) as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))


def _refuse_damaged(copy: Path) -> None:
    engine = open_engine(_file(copy))
    if schema_version(engine) is None:
        raise StoreError(_("这个文件不是本程序的备份。"))
    with reading(engine) as connection:
        if problems := _damage(connection):
            raise StoreError(_("备份不完整：{problem}").format(problem=problems[0]))


def _seal(copy: Path) -> None:
    """One plain file that can be read from a read-only disk, safely on the disk."""
    with open_engine(_file(copy)).connect().execution_options(begin=None) as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    with copy.open("rb+") as handle:
        os.fsync(handle.fileno())


def _damage(connection: Connection) -> tuple[str, ...]:
    if not is_sqlite(connection):
        return ()
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    if found != ["ok"]:
        return tuple(_("数据库文件已损坏：{detail}").format(detail=line) for line in found)
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return tuple(
        _("表 {table} 里有不属于任何导入的行。").format(table=name)
        for name in sorted({o[0] for o in orphans})
    )


def _copy_rows(source: Connection, target: Connection) -> None:
    for table in metadata.sorted_tables:
        if table is meta:
            continue
        for part in batches(source.execution_options(stream_results=True), select(table)):
            insert(target, table, pa.Table.from_batches([part]))


def _continue_numbering(connection: Connection) -> None:
    """PostgreSQL counts apart from the rows; SQLite goes on after the highest number by itself."""
    if is_sqlite(connection):
        return
    for table in metadata.sorted_tables:
        number = table.autoincrement_column
        if number is not None:
            sequence = func.pg_get_serial_sequence(table.name, number.name)
            following = select(func.coalesce(func.max(number), 0) + 1).scalar_subquery()
            connection.execute(select(func.setval(sequence, following, False)))


def _outrun(connection: Connection, at_least: int) -> None:
    """A data version that nobody has seen yet, so that no cache takes the restored state for another one."""
    version = max(connection.execute(_DATA_VERSION).scalar_one() + 1, at_least)
    connection.execute(meta.update().where(meta.c.name == "data_version").values(value=version))
