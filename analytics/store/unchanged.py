"""A file imported again: set aside, column by column, the rows that are stored exactly as they are.

Only a shortcut. What is left goes through :mod:`analytics.store.merging`, which decides alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas import DataFrame
from sqlalchemy import Connection, func, select

from analytics.store.apart import ReaderFailed, batches_apart
from analytics.store.bulk import LARGE, is_large_file
from analytics.store.schema import Kind
from analytics.store.values import arrow_type, to_arrow


def without_identical(
    connection: Connection, kind: Kind, records: DataFrame, recorded: int, tell: Callable[[float], None]
) -> DataFrame:
    """``records`` less those that are stored with the very same values; all of them when that would not pay.

    The other process that reads sees what was last committed; the writers' lock makes that what there is.
    """
    if len(kind.key) > 1 or len(records) < LARGE or not is_large_file(connection, kind.table):
        return records
    key = kind.key[0]
    stored, masks = kind.table.c, kind.masks
    names = [name for name in kind.columns if name in records.columns and name != key]
    query = select(stored[key], *(stored[name] for name in (*names, *masks)))
    places = pd.Index(records[key].astype("object"))
    identical = np.zeros(len(records), dtype=bool)
    stored_rows, seen = connection.execute(select(func.count()).select_from(kind.table)).scalar_one(), 0
    with suppress(ReaderFailed):
        for batch in batches_apart(connection.engine, query):
            tell(min(seen / stored_rows, 1.0))
            seen += len(batch)
            at = places.get_indexer(batch.column(key).to_numpy(zero_copy_only=False))
            old = pa.Table.from_batches([batch]).filter(pa.array(at >= 0))
            at = at[at >= 0]
            new = records.take(at)
            same = [_same(to_arrow(new[name], arrow_type(stored[name])), old[name]) for name in names]
            if masks:
                same.append(_same_masks(new["date_only"].to_numpy(), old, recorded))
            identical[at] = np.logical_and.reduce(same)
    return records[~identical] if identical.any() else records


def _same(new: pa.Array, old: pa.ChunkedArray) -> np.ndarray:
    both_blank = pc.and_(new.is_null(), old.is_null())
    return np.asarray(pc.or_(pc.fill_null(pc.equal(new, old), False), both_blank))


def _same_masks(date_only: np.ndarray, old: pa.Table, recorded: int) -> np.ndarray:
    of_file = old["date_only"].to_numpy() & recorded
    return np.asarray((of_file == date_only) & (old["recorded"].to_numpy() & recorded == recorded))
