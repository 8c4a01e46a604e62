"""Between typed frames and what the database keeps: seconds since the epoch, 1/0/null, text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series, Timestamp
from sqlalchemy import ColumnElement, Float, Integer

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


def to_database(column: Series) -> np.ndarray:
    """Python objects as a driver takes them, None where missing; times as epoch seconds, yes/no as 1/0."""
    if isinstance(column.dtype, pd.StringDtype):
        return _texts(column)
    if column.dtype.kind == "M":
        seconds = column.to_numpy().astype("datetime64[s]").astype("int64")
        return _objects(seconds - UTC_OFFSET, seconds == _NOT_A_TIME)
    missing = np.asarray(column.isna())
    if column.dtype.kind in "iub":
        return _objects(column.to_numpy(dtype="int64", na_value=0), missing)
    if column.dtype.kind == "f":
        return _objects(column.to_numpy(dtype="float64", na_value=0.0), missing)
    return np.where(missing, None, column.astype("object").to_numpy())


def _objects(values: np.ndarray, missing: np.ndarray) -> np.ndarray:
    objects = values.astype("object")
    objects[missing] = None
    return objects


def _texts(column: Series) -> np.ndarray:
    """Repeated texts (a courtyard, a handler) become one Python object each."""
    texts = pa.array(column, from_pandas=True)
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    coded = texts.dictionary_encode()
    if len(coded.dictionary) > len(texts) // 2:
        return np.asarray(texts.to_numpy(zero_copy_only=False), dtype="object")
    choices = np.array([*coded.dictionary.to_pylist(), None], dtype="object")
    return choices[coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]


def arrow_type(column: ColumnElement) -> pa.DataType:
    """The type in which a column travels to and from the database."""
    if isinstance(column.type, Integer):
        return pa.int64()
    return pa.float64() if isinstance(column.type, Float) else pa.string()


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
    return filled.to_numpy(zero_copy_only=False).astype("int64")


def _categorical(values: pa.Array, categories: Sequence[str]) -> pd.Categorical:
    coded = values.dictionary_encode()
    place = {name: i for i, name in enumerate(categories)}
    places = np.array([*(place.get(name, -1) for name in coded.dictionary.to_pylist()), -1], dtype="int32")
    codes = places[_filled(coded.indices, -1)]
    return pd.Categorical.from_codes(codes, categories=list(categories))
