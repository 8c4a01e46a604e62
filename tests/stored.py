"""Imports written in a test, and a database's content as plain lists, to compare."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas import DataFrame, Timestamp
from sqlalchemy import Engine, select

from analytics import store
from analytics.intake.result import Intake
from analytics.store.engine import reading
from analytics.store.schema import KINDS, TIME_BITS, imports, is_flag, is_number, is_time, meta, metadata

NOW = Timestamp("2024-07-01 12:00")


def intake(
    *rows: dict[str, Any],
    kind: str = "petitions",
    rejected: tuple[tuple[int, str, str], ...] = (),
    date_only: tuple[str, ...] = (),
    columns: tuple[str, ...] | None = None,
) -> Intake:
    """An accepted import of ``rows``; ``rejected``: (row, column, value); ``date_only``: times without clock."""
    names = columns or tuple(name for name in KINDS[kind].columns if any(name in row for row in rows))
    records = DataFrame({name: _typed(name, [row.get(name) for row in rows]) for name in names})
    records["row"] = pd.Series(range(2, len(rows) + 2), dtype="int64")
    if kind == "petitions":
        bits = [sum(TIME_BITS[n] for n in date_only if row.get(n) is not None) for row in rows]
        records["date_only"] = pd.Series(bits, dtype="int32")
    return whole(kind, records, rejected)


def whole(kind: str, records: DataFrame, rejected: tuple[tuple[int, str, str], ...] = ()) -> Intake:
    """The import of a ready frame."""
    faults = DataFrame(rejected, columns=["row", "column", "value"]).assign(code="bad", reason="不对")
    raw = DataFrame({"编号": faults["value"], "row": faults["row"]}).drop_duplicates("row")
    return Intake(
        kind=kind,
        file="表.csv",
        sha256="0" * 64,
        encoding="utf-8",
        sheet=None,
        layout=None,
        heading_row=1,
        rows_read=len(records) + faults["row"].nunique(),
        columns=tuple(name for name in records.columns if name in KINDS[kind].columns),
        records=records,
        rejected=faults,
        raw_rejected=raw,
        warnings=(),
    )


def save(engine: Engine, read: Intake, **options: Any) -> store.Saved:
    """Save with a name and a time that do not matter."""
    return store.save(engine, read, who="测试", now=NOW, **options)


def undo(engine: Engine, batch: int) -> None:
    """Undo with a name and a time that do not matter."""
    store.undo(engine, batch, who="测试", now=NOW)


def counts(saved: store.Saved) -> tuple[int, int, int]:
    """inserted, updated, unchanged."""
    return saved.inserted, saved.updated, saved.unchanged


def dump(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table except the log of imports and the version numbers, in a fixed order."""
    with reading(engine) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table not in (imports, meta)
        }


def _typed(name: str, values: list[Any]) -> pd.Series:
    if is_time(name):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype="object")), dtype="datetime64[s]")
    if is_flag(name):
        return pd.Series(values, dtype="boolean")
    if is_number(name):
        return pd.Series(values, dtype="Int64")
    return pd.Series(values, dtype="float64" if name == "exposure" else "str")
