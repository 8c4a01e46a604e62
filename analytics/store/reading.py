"""The records as typed frames for the pipeline, and single petitions as people look them up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas import DataFrame, Timestamp
from sqlalchemy import Column, ColumnElement, Engine, Select, func, select

from analytics.store.bulk import fetch, fetch_all
from analytics.store.engine import reading
from analytics.store.schema import KINDS, Kind, imports, is_flag, is_time, meta
from analytics.store.values import coded_frame, from_epoch, plain_frame
from analytics.store.writing import live_samples
from analytics.vocabulary import PETITION_COLUMNS

#: Read only where they are shown: long, or about a person.
HEAVY_COLUMNS: Final = ("resident", "phone", "content", "follow_up_note")

#: Values in one ``IN (…)``: every database takes as many.
_AT_A_TIME: Final = 5_000

_petitions: Final = KINDS["petitions"].table


def data_version(engine: Engine) -> int:
    """A number that changes with every committed import, undo, restore or programme event."""
    with reading(engine) as connection:
        return int(connection.execute(select(meta.c.value).where(meta.c.name == "data_version")).scalar_one())


def sample_as_of(engine: Engine) -> Timestamp | None:
    """The moment for which the sample data were made; None unless they are in the database."""
    with reading(engine) as connection:
        at = func.max(imports.c.at)
        return from_epoch(
            connection.execute(select(at).where(imports.c.batch.in_(live_samples(connection)))).scalar()
        )


def petitions(engine: Engine, columns: Sequence[str] | None = None) -> DataFrame:
    """All petitions by ``reported_at, case_id``: canonical columns, then the masks ``date_only, recorded``.

    Times are China time (datetime64[s]); repeated texts categories; yes/no int8 1, 0, -1 (unknown);
    satisfaction int8, 0 unknown; handovers int16, -1 unknown. Default: all but :data:`HEAVY_COLUMNS`.
    """
    wanted = [n for n in PETITION_COLUMNS if n not in HEAVY_COLUMNS] if columns is None else list(columns)
    names = dict.fromkeys([*wanted, "date_only", "recorded", "reported_at", "case_id"])
    table = fetch_all(engine, select(*(_petitions.c[name] for name in names)), _petitions)
    table = table.sort_by([("reported_at", "ascending"), ("case_id", "ascending")])
    return coded_frame(table.select(list(dict.fromkeys([*wanted, "date_only", "recorded"]))))


def petition(engine: Engine, case_id: str) -> dict[str, Any] | None:
    """One whole petition by its id: canonical columns, the masks, and ``batch``, its latest import.

    Times are China time, yes/no is True, False or None; what is blank is None. None when there is no such id.
    """
    with reading(engine) as connection:
        row = (
            connection.execute(select(_petitions).where(_petitions.c.case_id == case_id))
            .mappings()
            .one_or_none()
        )
    return (
        None
        if row is None
        else {name: _value(name, value) for name, value in row.items() if name != "first_batch"}
    )


def petition_texts(engine: Engine, case_ids: Iterable[str], columns: Sequence[str]) -> DataFrame:
    """``case_id`` and ``columns`` of some petitions, in the order asked for; unknown ids are left out."""
    wanted = list(dict.fromkeys(case_ids))
    query = select(*(_petitions.c[name] for name in dict.fromkeys(["case_id", *columns])))
    found = plain_frame(_fetch_some(engine, query, _petitions.c.case_id, wanted))
    order = pd.Series(range(len(wanted)), index=pd.Index(wanted, dtype="str"), dtype="int64")
    return found.sort_values("case_id", key=lambda ids: ids.map(order), ignore_index=True)


def complaints(engine: Engine) -> DataFrame:
    """Single complaints to the city platform, canonical columns, by ``received_at, complaint_id``."""
    return _records(engine, KINDS["complaints"], "received_at", "complaint_id")


def complaint_months(engine: Engine) -> DataFrame:
    """Complaints counted by month, canonical columns, by ``community, courtyard, month``."""
    return _records(engine, KINDS["complaint_months"], "community", "courtyard", "month")


def courtyards(engine: Engine) -> DataFrame:
    """The courtyards known by name, canonical columns, by ``community, courtyard``."""
    return _records(engine, KINDS["courtyards"], "community", "courtyard")


def progress(engine: Engine, case_ids: Iterable[str] | None = None) -> DataFrame:
    """Progress reports (of some petitions), canonical columns, by ``case_id, reported_at``."""
    kind = KINDS["progress"]
    if case_ids is None:
        return _records(engine, kind, "case_id", "reported_at")
    found = _fetch_some(engine, _query(kind), kind.table.c.case_id, list(dict.fromkeys(case_ids)))
    return plain_frame(found.sort_by([("case_id", "ascending"), ("reported_at", "ascending")]))


def _query(kind: Kind) -> Select:
    return select(*(_shown(kind, kind.table.c[name]) for name in kind.columns))


def _shown(kind: Kind, column: Column) -> ColumnElement:
    """Part of a key that was blank is kept as an empty text and read as missing again."""
    blank_as_empty = column.name in kind.key and column.name in ("community", "courtyard")
    return func.nullif(column, "", type_=column.type).label(column.name) if blank_as_empty else column


def _records(engine: Engine, kind: Kind, *order: str) -> DataFrame:
    table = fetch_all(engine, _query(kind), kind.table)
    keys = [(name, "ascending", "at_start") for name in order]
    return plain_frame(table.take(pc.sort_indices(table, sort_keys=keys)))


def _fetch_some(engine: Engine, query: Select, column: Column, values: list[str]) -> pa.Table:
    with reading(engine) as connection:
        parts = [fetch(connection, query.where(column.in_(some))) for some in _portions(values)]
    return pa.concat_tables(parts)


def _portions(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, max(len(values), 1), _AT_A_TIME):
        yield values[start : start + _AT_A_TIME]


def _value(name: str, value: Any) -> Any:
    if is_time(name):
        return from_epoch(value)
    return bool(value) if is_flag(name) and value is not None else value
