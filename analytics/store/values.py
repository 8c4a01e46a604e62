"""Between typed frames and what the database keeps: seconds since the epoch, 1/0/null, text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series, Timestamp
from sqlalchemy import ColumnElement, Float, Integer, Select

from analytics.store.schema import is_flag, is_number, is_time
from analytics.vocabulary import COLOURS

#: China Standard Time, the same all year since 1991.
UTC_OFFSET: Final = 8 * 3600

_NOT_A_TIME: Final = np.iinfo("int64").min
_CATEGORIES: Final = (
    "courtyard", "community", "building", "unit", "category", "channel", "handler", "status",
)  # fmt: skip
_CODED_NUMBERS: Final = {
    "satisfaction": (0, "int8"), "handovers": (-1, "int16"), "date_only": (0, "int32"), "recorded": (0, "int32"),
}  # fmt: skip


def to_epoch(moment: Timestamp) -> int:
    """Seconds since the epoch, UTC, of a naive China time."""
    return int(moment.timestamp()) - UTC_OFFSET


def from_epoch(seconds: float | None) -> Timestamp | None:
    """The naive China time of seconds since the epoch; None stays None."""
    return None if seconds is None else Timestamp(int(seconds) + UTC_OFFSET, unit="s").as_unit("s")


def arrow_type(column: ColumnElement) -> pa.DataType:
    """The type in which a column travels to and from the database."""
    if isinstance(column.type, Integer):
        return pa.int64()
    return pa.float64() if isinstance(column.type, Float) else pa.string()


def arrow_schema(query: Select) -> pa.Schema:
    """Names and types of a query's columns."""
    return pa.schema([(column.name, arrow_type(column)) for column in query.selected_columns])


def to_arrow(column: Series, kept_as: pa.DataType) -> pa.Array:
    """A frame's column as the database keeps it: times as epoch seconds, yes/no as 1/0, null where missing."""
    if pa.types.is_string(kept_as):
        texts = pa.array(column, from_pandas=True)
        return (texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).cast(kept_as)
    missing = np.asarray(column.isna())
    if column.dtype.kind == "M":
        seconds = column.to_numpy().astype("datetime64[s]").astype("int64")
        return pa.array(seconds - UTC_OFFSET, kept_as, mask=missing)
    plain = "float64" if pa.types.is_floating(kept_as) else "int64"
    return pa.array(column.to_numpy(dtype=plain, na_value=0), kept_as, mask=missing)


def to_objects(values: pa.Array) -> np.ndarray:
    """Python objects as a driver takes them, None where missing; a repeated text is one object."""
    if not pa.types.is_string(values.type):
        objects = _filled(values, 0).astype("object")
        objects[_missing(values)] = None
        return objects
    coded = values.dictionary_encode()
    if len(coded.dictionary) > len(values) // 2:
        return np.asarray(values.to_numpy(zero_copy_only=False), dtype="object")
    choices = np.array([*coded.dictionary.to_pylist(), None], dtype="object")
    return np.asarray(choices[_filled(coded.indices, -1)])


def plain_frame(table: pa.Table) -> DataFrame:
    """A table of :func:`arrow_type` columns as a typed frame; what is missing stays missing."""
    return DataFrame({name: _plain(name, table[name].combine_chunks()) for name in table.column_names})


def coded_frame(table: pa.Table) -> DataFrame:
    """The same for petitions by the million: repeated texts as categories, yes/no as 1, 0 or -1 (unknown),
    satisfaction 0 and handovers -1 where unknown."""
    return DataFrame({name: _coded(name, table[name].combine_chunks()) for name in table.column_names})


def _plain(name: str, values: pa.Array) -> Any:
    if is_time(name):
        seconds = _filled(values, _NOT_A_TIME)
        return np.where(_missing(values), _NOT_A_TIME, seconds + UTC_OFFSET).astype("datetime64[s]")
    if is_flag(name):
        return pd.arrays.BooleanArray(_filled(values, 0) == 1, _missing(values))
    if pa.types.is_integer(values.type):
        numbers = pd.arrays.IntegerArray(_filled(values, 0), _missing(values))
        return numbers if is_number(name) else numbers.to_numpy("int64")
    if pa.types.is_floating(values.type):
        return values.to_numpy(zero_copy_only=False)
    return pd.array(values.cast(pa.large_string()), dtype="str")


def _coded(name: str, values: pa.Array) -> Any:
    if name == "assigned_colour":
        return _categorical(values, COLOURS)
    if name in _CATEGORIES:
        return _categorical(values, sorted(values.unique().drop_null().to_pylist()))
    if is_flag(name):
        return _filled(values, -1).astype("int8")
    if name in _CODED_NUMBERS:
        unknown, dtype = _CODED_NUMBERS[name]
        return _filled(values, unknown).astype(dtype)
    return _plain(name, values)


def _missing(values: pa.Array) -> np.ndarray:
    return values.is_null().to_numpy(zero_copy_only=False)


def _filled(values: pa.Array, substitute: int) -> np.ndarray:
    filled = values.fill_null(substitute) if values.null_count else values
    return np.asarray(filled.to_numpy(zero_copy_only=False))


def _categorical(values: pa.Array, categories: Sequence[str]) -> pd.Categorical:
    coded = values.dictionary_encode()
    place = {name: i for i, name in enumerate(categories)}
    places = np.array([*(place.get(name, -1) for name in coded.dictionary.to_pylist()), -1], dtype="int32")
    codes = places[_filled(coded.indices, -1)]
    return pd.Categorical.from_codes(codes, categories=list(categories))
