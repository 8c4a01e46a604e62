"""How a file's records meet the stored ones: the rule of what may replace what, as SQL for all rows at once.

* a new key is inserted;
* a blank never erases, and neither does a date a clock time of that same day;
* a record without a milestone that the stored one has is an older state: it only fills blanks;
* otherwise what the file says replaces what is stored: a correction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pandas import DataFrame
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Insert,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.schema import DropTable

from analytics.store.bulk import load
from analytics.store.schema import TIME_BITS, Kind, column_type

_DAY: Final = 86_400


@dataclass(frozen=True)
class Merge:
    """What a file would do to the stored rows: ``changes`` holds the rows to be replaced, as they will be."""

    incoming: Table
    changes: Table
    inserted: int
    updated: int
    older_rows: tuple[int, ...]


def compare(
    connection: Connection, kind: Kind, records: DataFrame, recorded: int, tell: Callable[[float], None]
) -> Merge:
    """Find out what ``records`` would change; writes only temporary tables.

    ``recorded`` is the mask of the time columns that the file has; ``tell`` hears how far it has come.
    """
    columns = tuple(name for name in kind.columns if name in records.columns and name not in kind.key)
    incoming = _temporary(
        connection, kind, "incoming", (*kind.key, *columns, *_masks(kind, "date_only")), ("row",)
    )
    load(connection, incoming, records, tell=tell)
    changes = _temporary(
        connection, kind, "changes", (*kind.key, *columns, *kind.masks), ("row", "differs", "older")
    )
    connection.execute(_find_changes(kind, incoming, changes, columns, recorded))
    new = select(func.count()).select_from(incoming).where(~_known(kind, incoming))
    differing = select(func.count()).where(changes.c.differs == 1)
    older = select(changes.c.row).where(changes.c.older == 1).order_by(changes.c.row)
    return Merge(
        incoming,
        changes,
        inserted=connection.execute(new).scalar_one(),
        updated=connection.execute(differing).scalar_one(),
        older_rows=tuple(connection.execute(older).scalars()),
    )


def apply(connection: Connection, kind: Kind, merge: Merge, recorded: int, batch: int) -> None:
    """Carry out a merge, keeping the before-image of every row that it replaces."""
    if merge.inserted:
        _insert_new(connection, kind, merge.incoming, recorded, batch)
    if merge.updated:
        stored, changes = kind.table, merge.changes
        replaced = and_(_same_key(kind, stored, changes), changes.c.differs == 1)
        keep_before(connection, kind, exists().where(replaced), batch)
        values = {c.name: c for c in changes.c if c.name in stored.c and c.name not in kind.key}
        connection.execute(stored.update().where(replaced).values(**values, batch=batch))


def keep_before(connection: Connection, kind: Kind, which: ColumnElement[bool], batch: int) -> None:
    """Copy the stored rows that ``batch`` is about to change or take out into the before-images."""
    rows = select(literal(batch), *kind.table.c).where(which)
    connection.execute(kind.before.insert().from_select(["by_batch", *kind.table.c.keys()], rows))


def _masks(kind: Kind, *wanted: str) -> tuple[str, ...]:
    return tuple(name for name in kind.masks if name in wanted)


def _temporary(
    connection: Connection, kind: Kind, purpose: str, names: tuple[str, ...], extra: tuple[str, ...]
) -> Table:
    """An empty table that only this connection sees and that ends with it (PostgreSQL: with the transaction)."""
    indexed = kind.key if purpose == "changes" else ()
    columns = [Column(name, column_type(name), primary_key=name in indexed) for name in names]
    columns += [Column(name, Integer if name == "row" else SmallInteger) for name in extra]
    table = Table(
        f"{purpose}_{kind.name}", MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP"
    )
    connection.execute(DropTable(table, if_exists=True))
    table.create(connection, checkfirst=False)
    return table


def _same_key(kind: Kind, one: Table, other: Table) -> ColumnElement[bool]:
    return and_(*(one.c[name] == other.c[name] for name in kind.key))


def _known(kind: Kind, incoming: Table) -> ColumnElement[bool]:
    return exists().where(_same_key(kind, kind.table, incoming)).correlate(incoming)


def _find_changes(
    kind: Kind, incoming: Table, changes: Table, columns: tuple[str, ...], recorded: int
) -> Insert:
    """Fill ``changes`` with the merged rows that differ from the stored ones or are older than they."""
    stored = kind.table
    older = or_(
        literal(False),
        *(and_(incoming.c[m].is_(None), stored.c[m].is_not(None)) for m in kind.milestones if m in columns),
    )
    takes = {name: _takes(kind, incoming, name, older) for name in columns}
    differs = or_(literal(False), *takes.values())
    values: dict[str, ColumnElement] = {
        name: case((takes[name], incoming.c[name]), else_=stored.c[name]) for name in columns
    }
    if kind.masks:
        grown = stored.c.recorded.bitwise_or(recorded)
        differs = or_(differs, grown != stored.c.recorded)
        values |= {"date_only": _merged_bits(incoming, stored, takes), "recorded": grown}
    rows = select(
        *(incoming.c[name] for name in kind.key),
        *(values[column.name] for column in changes.c if column.name in values),
        incoming.c.row,
        case((differs, 1), else_=0),
        case((older, 1), else_=0),
    ).select_from(incoming.join(stored, _same_key(kind, stored, incoming)))
    return changes.insert().from_select(changes.c.keys(), rows.where(or_(differs, older)))


def _takes(kind: Kind, incoming: Table, name: str, older: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the file's value takes the place of the stored one."""
    new, old = incoming.c[name], kind.table.c[name]
    news = new.is_distinct_from(old)
    if kind.masks and name in TIME_BITS:
        news = _says_more(incoming, kind.table, name)
    return and_(new.is_not(None), news, or_(old.is_(None), ~older))


def _says_more(incoming: Table, stored: Table, name: str) -> ColumnElement[bool]:
    """A clock time says more than the date of its day, and never the other way round."""
    new, old = incoming.c[name], stored.c[name]
    new_is_date = _bit(incoming, name) != 0
    old_is_date = _bit(stored, name) != 0
    same_day = and_(old >= new, old < new + _DAY)
    return or_(
        and_(new_is_date, or_(old.is_(None), ~same_day)),
        and_(~new_is_date, or_(new.is_distinct_from(old), old_is_date)),
    )


def _bit(table: Table, name: str) -> ColumnElement[int]:
    return table.c.date_only.bitwise_and(TIME_BITS[name])


def _merged_bits(incoming: Table, stored: Table, takes: dict[str, ColumnElement[bool]]) -> ColumnElement[int]:
    """The date-only mask after the merge: each bit from where its time comes from."""
    bits: ColumnElement[int] = stored.c.date_only
    for name in TIME_BITS:
        if name in takes:
            bits = bits + case((takes[name], _bit(incoming, name) - _bit(stored, name)), else_=0)
    return bits


def _insert_new(connection: Connection, kind: Kind, incoming: Table, recorded: int, batch: int) -> None:
    names = [column.name for column in incoming.c if column.name != "row"]
    constants = {"first_batch": batch, "batch": batch} | ({"recorded": recorded} if kind.masks else {})
    rows = select(*(incoming.c[n] for n in names), *(literal(v) for v in constants.values()))
    new = rows.where(~_known(kind, incoming))
    connection.execute(kind.table.insert().from_select([*names, *constants], new))
