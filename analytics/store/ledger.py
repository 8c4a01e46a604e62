"""Does the log of imports add up with the rows? Every import must be there wholly or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Row, Select, func, or_, select

from analytics.i18n import gettext as _
from analytics.store.schema import KINDS, Kind, imports, rejections


def account(connection: Connection) -> tuple[str, ...]:
    """One sentence for each import, or table, whose rows are not those that the log tells of."""
    log = connection.execute(select(imports).order_by(imports.c.batch)).all()
    problems = [*_wrong_sums(log), *_wrong_rejections(connection, log)]
    for kind in KINDS.values():
        problems += [*_wrong_rows(connection, kind, log), *_strangers(connection, kind, log)]
    return tuple(problems)


def _wrong_sums(log: Sequence[Row]) -> Iterator[str]:
    """Rows read that are neither stored nor rejected; several lines of an event log make one petition."""
    for entry in log:
        told = entry.inserted + entry.updated + entry.unchanged + entry.rejected
        if entry.rows_read < told or (entry.rows_read > told and entry.kind != "petitions"):
            yield _("第 {batch} 批导入的行数对不上。").format(batch=entry.batch)


def _wrong_rejections(connection: Connection, log: Sequence[Row]) -> Iterator[str]:
    kept = _counts(
        connection,
        select(rejections.c.batch, func.count(rejections.c.row.distinct())).group_by(rejections.c.batch),
    )
    for entry in log:
        if kept.get(entry.batch, 0) != (0 if entry.undone_at else entry.rejected):
            yield _("第 {batch} 批导入的未收行不全。").format(batch=entry.batch)


def _wrong_rows(connection: Connection, kind: Kind, log: Sequence[Row]) -> Iterator[str]:
    """Rows that came in with an import, and the before-images of those that it changed or took out."""
    stored, before = kind.table, kind.before
    present = _counts(connection, select(stored.c.first_batch, func.count()).group_by(stored.c.first_batch))
    images = _counts(connection, select(before.c.by_batch, func.count()).group_by(before.c.by_batch))
    for entry in log:
        own = entry.kind == kind.name and entry.undone_at is None
        inserted = entry.inserted if own and entry.replaced_by is None else 0
        taken_out = sum(e.inserted for e in log if e.kind == kind.name and e.replaced_by == entry.batch)
        changed = (entry.updated if own else 0) + taken_out
        if present.get(entry.batch, 0) != inserted or images.get(entry.batch, 0) != changed:
            yield _("第 {batch} 批导入的记录不全：{table}。").format(batch=entry.batch, table=kind.name)


def _strangers(connection: Connection, kind: Kind, log: Sequence[Row]) -> Iterator[str]:
    live = [entry.batch for entry in log if entry.undone_at is None and entry.replaced_by is None]
    stored = kind.table.c
    lost: Select = select(func.count()).where(or_(stored.first_batch.not_in(live), stored.batch.not_in(live)))
    if number := connection.execute(lost).scalar_one():
        yield _("表 {table} 里有 {n} 行不属于任何导入。").format(table=kind.name, n=number)


def _counts(connection: Connection, query: Select) -> dict[int, int]:
    return {int(batch): int(number) for batch, number in connection.execute(query)}
