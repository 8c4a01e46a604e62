"""Saving one import: its rows, its rejected rows and its own record, in one transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, Timestamp
from sqlalchemy import Connection, Engine, exists, select

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.intake.progress import Tell, untold
from analytics.intake.result import Intake, IntakeWarning
from analytics.store import merging
from analytics.store.bulk import load
from analytics.store.engine import reading, writing
from analytics.store.errors import StoreError
from analytics.store.schema import (
    KINDS,
    TIME_BITS,
    Kind,
    imports,
    meta,
    rejected_rows,
    rejections,
    watermarks,
)
from analytics.store.unchanged import without_identical
from analytics.store.unplaced import find_unplaced
from analytics.store.values import to_epoch


@dataclass(frozen=True)
class Saved:
    """What an import did (or, in a dry run, would do: then ``batch`` is None)."""

    batch: int | None
    inserted: int
    updated: int
    unchanged: int
    warnings: tuple[IntakeWarning, ...] = ()


@dataclass(frozen=True)
class Watermark:
    """How far another database has been read: its fingerprint, and the value of a column as JSON."""

    source: str
    value: str


def save(
    engine: Engine,
    intake: Intake,
    *,
    who: str,
    now: Timestamp,
    sample: bool = False,
    dry_run: bool = False,
    watermark: Watermark | None = None,
    tell: Tell = untold,
) -> Saved:
    """Store one import, entirely or not at all; the same file again changes nothing.

    ``now`` is the China time of the import. Sample data go only into a database without real records, and
    the first real import takes them out. ``watermark``: how far a database has been read by this import. A
    dry run answers the same and writes nothing, and neither does a file without rows. ``tell`` hears how far
    it has come; when it raises, nothing is written. Raises :class:`StoreError`.
    """
    if not intake.rows_read:
        return Saved(None, 0, 0, 0)
    kind = KINDS[intake.kind]
    records = _keyed(intake.records, kind)
    recorded = sum(TIME_BITS[name] for name in intake.columns if name in TIME_BITS)
    with (reading if dry_run else writing)(engine) as connection:
        if sample:
            _refuse_beside_real_records(connection)
        samples = [] if sample or records.empty else live_samples(connection)
        fresh = bool(samples) or _is_empty(connection, kind)
        merge = None if fresh else _compare(connection, kind, records, recorded, tell)
        inserted, updated = (merge.inserted, merge.updated) if merge else (len(records), 0)
        unchanged = len(intake.records) - inserted - updated
        warnings = _warnings(merge, samples, dry_run) + find_unplaced(connection, kind, records, samples)
        if dry_run:
            return Saved(None, inserted, updated, unchanged, warnings)
        counts = {"inserted": inserted, "updated": updated, "unchanged": unchanged}
        batch = _log(connection, intake, counts, who=who, at=to_epoch(now), sample=int(sample))
        if samples:
            _remove_samples(connection, samples, batch)
        if merge:
            tell("write", 0.0)
            merging.apply(connection, kind, merge, recorded, batch)
        else:
            masks = {"recorded": recorded} if kind.masks else {}
            constants = {"first_batch": batch, "batch": batch, **masks}
            load(connection, kind.table, records, constants, lambda share: tell("write", share))
        _keep_rejected(connection, intake, batch)
        if watermark:
            connection.execute(watermarks.insert().values(batch=batch, **vars(watermark)))
        bump_data_version(connection)
        tell("write", 1.0)  # the last moment to give up: what follows is the commit
    return Saved(batch, warnings=warnings, **counts)


def bump_data_version(connection: Connection) -> None:
    """Tell every cache that what it holds is of yesterday."""
    connection.execute(meta.update().where(meta.c.name == "data_version").values(value=meta.c.value + 1))


def live_samples(connection: Connection) -> list[int]:
    """Batches of sample data whose rows are in the database."""
    living = imports.c.undone_at.is_(None) & imports.c.replaced_by.is_(None)
    return list(connection.execute(select(imports.c.batch).where(imports.c.sample == 1, living)).scalars())


def _keyed(records: DataFrame, kind: Kind) -> DataFrame:
    """The columns to store, with a complete key: a blank place is an empty text, since null equals nothing."""
    kept = [name for name in records.columns if name in (*kind.columns, "row", "date_only")]
    keyed = records[kept]
    for name in kind.key:
        if name == "fingerprint":
            keyed[name] = _fingerprints(records, kind)
        elif name in keyed.columns:
            keyed[name] = keyed[name].fillna("")
        else:
            keyed[name] = pd.Series("", index=keyed.index, dtype="str")
    if kind.masks and "date_only" not in keyed.columns:
        keyed["date_only"] = 0
    if "fingerprint" in kind.key:
        return keyed.drop_duplicates("fingerprint")
    if keyed.duplicated(list(kind.key)).any():
        raise ValueError("records of one import must have different keys")
    return keyed


def _fingerprints(records: DataFrame, kind: Kind) -> list[str]:
    texts = records.reindex(columns=list(kind.columns)).astype("object")
    lines = texts.where(texts.notna(), None).itertuples(index=False)
    return [hashlib.sha256(repr(tuple(map(str, line))).encode()).hexdigest()[:32] for line in lines]


def _compare(
    connection: Connection, kind: Kind, records: DataFrame, recorded: int, tell: Tell
) -> merging.Merge:
    news = without_identical(connection, kind, records, recorded, lambda share: tell("compare", share / 2))
    return merging.compare(connection, kind, news, recorded, lambda share: tell("compare", 0.5 + share / 2))


def _is_empty(connection: Connection, kind: Kind) -> bool:
    return not connection.execute(select(exists(select(kind.table.c.batch)))).scalar()


def _refuse_beside_real_records(connection: Connection) -> None:
    samples = live_samples(connection)
    for kind in KINDS.values():
        real = select(kind.table.c.batch).where(kind.table.c.first_batch.not_in(samples))
        if connection.execute(select(exists(real))).scalar():
            raise StoreError(_("库里已有真实数据，不能再装入示例数据。想看示例，请另用一个数据库。"))


def _remove_samples(connection: Connection, samples: list[int], batch: int) -> None:
    for kind in KINDS.values():
        of_samples = kind.table.c.first_batch.in_(samples)
        merging.keep_before(connection, kind, of_samples, batch)
        connection.execute(kind.table.delete().where(of_samples))
    connection.execute(imports.update().where(imports.c.batch.in_(samples)).values(replaced_by=batch))


def _warnings(merge: merging.Merge | None, samples: list[int], dry_run: bool) -> tuple[IntakeWarning, ...]:
    found = []
    if merge and merge.older_rows:
        sentence = _("{n} 行比库里的记录旧（缺少库里已有的办理时间），只用来补空白，没有改动已有内容。")
        found.append(IntakeWarning("older_row", sentence.format(n=len(merge.older_rows)), merge.older_rows))
    if samples:
        told = mark("这是第一次导入真实数据，示例数据已移出。")
        trial = mark("这是第一次导入真实数据，导入时将移出示例数据。")
        found.append(IntakeWarning("sample_removed", _(trial if dry_run else told)))
    return tuple(found)


def _log(connection: Connection, intake: Intake, counts: dict[str, int], **circumstances: object) -> int:
    """The import's own record; its number is the batch."""
    entry = imports.insert().values(
        kind=intake.kind,
        file=intake.file,
        sha256=intake.sha256,
        encoding=intake.encoding,
        sheet=intake.sheet,
        layout=intake.layout,
        rows_read=intake.rows_read,
        rejected=int(intake.rejected["row"].nunique()),
        **counts,
        **circumstances,
    )
    return int(connection.execute(entry.returning(imports.c.batch)).scalar_one())


def _keep_rejected(connection: Connection, intake: Intake, batch: int) -> None:
    faults = intake.rejected
    if len(faults):
        texts = {
            name: faults[name].map(_printable, na_action="ignore").astype("str")
            for name in ("column", "value", "code", "reason")
        }
        load(connection, rejections, DataFrame(texts).assign(row=faults["row"]), {"batch": batch})
    raw = intake.raw_rejected
    if len(raw):
        cells = raw.drop(columns="row").astype("object")
        lines = cells.where(cells.notna(), None).to_dict("records")
        objects = [json.dumps(line, ensure_ascii=False, default=str) for line in lines]
        rows = DataFrame({"row": raw["row"].to_numpy(), "cells": pd.Series(objects, dtype="str")})
        load(connection, rejected_rows, rows, {"batch": batch})


def _printable(value: object) -> str:
    return str(value).replace("\x00", "")  # PostgreSQL takes no NUL in a text
