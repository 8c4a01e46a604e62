"""The import history: what came in, what was rejected, and taking one import back exactly."""

from __future__ import annotations

import json

import pandas as pd
from pandas import DataFrame, Timestamp
from sqlalchemy import Connection, Engine, and_, exists, func, or_, select

from analytics.i18n import gettext as _
from analytics.intake.corrections import to_correct
from analytics.store.engine import reading, writing
from analytics.store.errors import StoreError
from analytics.store.schema import KINDS, Kind, imports, rejected_rows, rejections, watermarks
from analytics.store.values import UTC_OFFSET, to_epoch
from analytics.store.writing import bump_data_version


def undo(engine: Engine, batch: int, *, who: str, now: Timestamp) -> None:
    """Take one import back: every row is as it was before, also those that it had updated.

    Raises :class:`StoreError` when the import is unknown or already undone, when a later import (which it
    names) has changed its rows, or when sample data would come back beside later records.
    """
    with writing(engine) as connection:
        _refuse_unless_live(connection, batch)
        _refuse_if_changed_later(connection, batch)
        _refuse_samples_beside_later_records(connection, batch)
        for kind in KINDS.values():
            _restore(connection, kind, batch)
        for table in (rejections, rejected_rows):
            connection.execute(table.delete().where(table.c.batch == batch))
        connection.execute(imports.update().where(imports.c.replaced_by == batch).values(replaced_by=None))
        undone = {"undone_at": to_epoch(now), "undone_by": who}
        connection.execute(imports.update().where(imports.c.batch == batch).values(**undone))
        bump_data_version(connection)


def list_imports(engine: Engine) -> DataFrame:
    """One row per import, newest first, times in China time.

    Columns: ``batch, kind, file, sha256, encoding, sheet, layout, who, at, sample, rows_read, inserted,
    updated, unchanged, rejected, status, undone_at, undone_by, replaced_by``; ``status`` is ``accepted``,
    ``partial`` (rows were rejected), ``undone`` or ``replaced`` (samples that gave way to real records).
    """
    with reading(engine) as connection:
        rows = connection.execute(select(imports).order_by(imports.c.batch.desc())).mappings().all()
    found = DataFrame([dict(row) for row in rows], columns=list(imports.c.keys()))
    for name in ("at", "undone_at"):
        found[name] = pd.to_datetime(found[name].astype("Int64") + UTC_OFFSET, unit="s").astype(
            "datetime64[s]"
        )
    found["sample"] = found["sample"].astype(bool)
    found["replaced_by"] = found["replaced_by"].astype("Int64")
    status = (found["rejected"] > 0).map({True: "partial", False: "accepted"}).astype("str")
    status = status.mask(found["replaced_by"].notna(), "replaced").mask(found["undone_at"].notna(), "undone")
    found.insert(found.columns.get_loc("undone_at"), "status", status)
    return found


def rejected(engine: Engine, batch: int) -> DataFrame:
    """The faults of one import: ``row, column, value, code, reason``, by row."""
    names = ("row", "column", "value", "code", "reason")
    query = select(*(rejections.c[name] for name in names)).where(rejections.c.batch == batch)
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(rejections.c.row)).all()
    return DataFrame(rows, columns=list(names))


def rejected_records(engine: Engine, batch: int) -> DataFrame:
    """The rejected rows of one import as read, under the source's headings, after ``row`` and ``reason``.

    To be corrected and imported again; several faults of a row share one reason, joined by 「；」.
    """
    query = select(rejected_rows.c.row, rejected_rows.c.cells).where(rejected_rows.c.batch == batch)
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(rejected_rows.c.row)).all()
    cells = DataFrame([json.loads(row.cells) for row in rows])
    numbers = [row.row for row in rows]
    return to_correct(cells.assign(row=numbers), rejected(engine, batch))


def rejections_by_reason(engine: Engine) -> DataFrame:
    """Rejected rows of the imports in force by import, code and column, newest import first.

    Columns: ``batch, code, reason`` (of one of the rows), ``rows``.
    """
    alive = and_(imports.c.undone_at.is_(None), imports.c.replaced_by.is_(None))
    rows = func.count(rejections.c.row.distinct()).label("rows")
    example = func.min(rejections.c.reason).label("reason")
    keys = (rejections.c.batch, rejections.c.code, rejections.c.column)
    query = select(rejections.c.batch, rejections.c.code, example, rows).join(imports).where(alive)
    query = query.group_by(*keys)
    with reading(engine) as connection:
        found = connection.execute(query.order_by(rejections.c.batch.desc(), rows.desc())).all()
    return DataFrame(found, columns=["batch", "code", "reason", "rows"])


def watermark(engine: Engine, source: str) -> str | None:
    """How far the imports still in force have read the database ``source`` (JSON), None if not at all."""
    alive = and_(imports.c.undone_at.is_(None), imports.c.replaced_by.is_(None))
    query = select(watermarks.c.value).join(imports).where(watermarks.c.source == source, alive)
    with reading(engine) as connection:
        return connection.execute(query.order_by(watermarks.c.batch.desc()).limit(1)).scalar()


def _refuse_unless_live(connection: Connection, batch: int) -> None:
    found = connection.execute(select(imports).where(imports.c.batch == batch)).one_or_none()
    if found is None:
        raise StoreError(_("没有第 {batch} 批导入。").format(batch=batch))
    if found.undone_at is not None:
        raise StoreError(_("第 {batch} 批导入已经撤销过了。").format(batch=batch))
    if found.replaced_by is not None:
        raise StoreError(
            _("第 {batch} 批是示例数据，第 {later} 批导入真实数据时已移出。").format(
                batch=batch, later=found.replaced_by
            )
        )


def _refuse_if_changed_later(connection: Connection, batch: int) -> None:
    later = max((_last_change(connection, kind, batch) or 0 for kind in KINDS.values()), default=0)
    if later:
        raise StoreError(
            _("第 {later} 批导入改动了第 {batch} 批的记录。请先撤销第 {later} 批。").format(
                later=later, batch=batch
            )
        )


def _refuse_samples_beside_later_records(connection: Connection, batch: int) -> None:
    if not connection.execute(select(exists().where(imports.c.replaced_by == batch))).scalar():
        return
    wrote = and_(imports.c.undone_at.is_(None), imports.c.inserted + imports.c.updated > 0)
    later = select(imports.c.batch).where(imports.c.batch > batch, wrote).order_by(imports.c.batch.desc())
    if batches := connection.execute(later).scalars().all():
        raise StoreError(
            _(
                "撤销第 {batch} 批会让示例数据回来，与之后导入的真实记录混在一起；请先撤销之后的各批：{batches}。"
            ).format(batch=batch, batches=_("、").join(map(str, batches)))
        )


def _last_change(connection: Connection, kind: Kind, batch: int) -> int | None:
    """The latest other import that has updated a row which ``batch`` inserted or updated."""
    stored, before = kind.table, kind.before
    # Samples that the import took out are no rows of its own, though a later record may have their key.
    same = and_(
        before.c.by_batch == batch,
        before.c.first_batch == stored.c.first_batch,
        *(before.c[name] == stored.c[name] for name in kind.key),
    )
    touched = or_(stored.c.first_batch == batch, exists().where(same))
    return connection.execute(
        select(func.max(stored.c.batch)).where(stored.c.batch != batch, touched)
    ).scalar()


def _restore(connection: Connection, kind: Kind, batch: int) -> None:
    stored, before = kind.table, kind.before
    connection.execute(stored.delete().where(stored.c.batch == batch))
    kept = before.c.by_batch == batch
    names = stored.c.keys()
    rows = select(*(before.c[name] for name in names)).where(kept)
    connection.execute(stored.insert().from_select(names, rows))
    connection.execute(before.delete().where(kept))
