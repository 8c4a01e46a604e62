"""The petitions behind a figure: which ones, in what order, and one petition's course."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics import narrowing as narrowings
from analytics.dataset import Dataset
from analytics.frame import LAGS, NA
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS, PETITION_TIMES, place_label

#: Petitions on one page of the list.
PER_PAGE: Final = 100
#: Columns of :func:`table` in which a list can be put in order.
SORTABLE: Final = (
    "case_id",
    "reported_at",
    "place",
    "category",
    "channel",
    "handler",
    "outcome",
    "expected",
    *(f"{clock}_state" for clock in CLOCKS),
    *(f"{clock}_minutes" for clock in CLOCKS),
    "resolution_state",
    "resolved_at",
    "days",
)
#: Columns of the table of cases that are codes or text as they are in the rows.
_PLAIN: Final = (
    "case_id",
    "place",
    "building",
    "unit",
    "category",
    "channel",
    "handler",
    "expected",
    "outcome",
)
#: Columns whose values lie as their names do; the others have an order of their own.
_WORDED: Final = ("place", "category", "channel", "handler")


def select(dataset: Dataset, scope: Scope, narrowing: narrowings.Narrowing | None = None) -> np.ndarray:
    """Positions in ``dataset.rows`` of the petitions in ``scope`` that meet ``narrowing``, newest first."""
    inside = dataset.rollup.mask(scope)
    if narrowing:
        inside &= narrowings.mask(dataset.rows, narrowing)
    positions = np.flatnonzero(inside)
    newest = np.argsort(-dataset.rows["reported"].to_numpy()[positions], kind="stable")
    return positions[newest]


def named(dataset: Dataset, case_ids: Collection[str]) -> np.ndarray:
    """Which rows of the dataset are one of these petitions (bool array)."""
    return dataset.rows["case_id"].isin(list(case_ids)).to_numpy()


def arranged(dataset: Dataset, positions: np.ndarray, column: str, descending: bool) -> np.ndarray:
    """``positions`` by a column of :data:`SORTABLE`; blanks last either way, ties in the order they had."""
    values = _ranks(dataset.rows, column)[positions]
    return positions[np.argsort(-values if descending else values, kind="stable")]


def pages(count: int) -> int:
    """How many pages a list of ``count`` petitions has; an empty one has one."""
    return max(-(-count // PER_PAGE), 1)


def page(positions: np.ndarray, number: int) -> np.ndarray:
    """The petitions of one page; the first is 1.

    What the list shows of them besides their texts stands in the rows in memory, which every figure needs
    anyway; only the texts, long and personal, are read from the database, by id and for this page alone.
    """
    return positions[(number - 1) * PER_PAGE : number * PER_PAGE]


@dataclass(frozen=True)
class Standing:
    """Where one petition stands in a list: its number from 1, of how many, the ids before and after it."""

    number: int
    count: int
    previous: str | None
    next: str | None

    @property
    def page(self) -> int:
        """The page of the list on which it is."""
        return pages(self.number)


def standing(dataset: Dataset, positions: np.ndarray, position: int) -> Standing | None:
    """Where the petition at ``position`` of the rows stands in a list, or None if it is not in it."""
    found = np.flatnonzero(positions == position)
    if not len(found):
        return None
    at, ids = int(found[0]), dataset.rows["case_id"]
    before = str(ids.iloc[positions[at - 1]]) if at else None
    after = str(ids.iloc[positions[at + 1]]) if at + 1 < len(positions) else None
    return Standing(at + 1, len(positions), before, after)


def table(dataset: Dataset, positions: np.ndarray) -> pd.DataFrame:
    """One row per petition for reading: times as datetimes, states and colours as codes, no resident data.

    Columns: ``case_id``, ``reported_at``, place and category columns, ``expected``, ``outcome``, the four
    ``<clock>_state`` and ``<clock>_minutes`` (NaN = none), ``resolved_at``, ``days`` (to closing or as-of).
    """
    rows = dataset.rows.iloc[positions]
    columns: dict[str, Any] = {name: rows[name].array for name in _PLAIN}
    columns["reported_at"] = moment(rows, "reported_at")
    columns["resolved_at"] = moment(rows, "resolved_at")
    duration = rows["duration"].to_numpy()
    columns["days"] = np.where(duration == NA, np.nan, duration / 86_400)
    columns["resolution_state"] = rows["resolution_state"].array
    for clock in CLOCKS:
        seconds = rows[f"{clock}_seconds"].to_numpy()
        columns[f"{clock}_state"] = rows[f"{clock}_state"].array
        columns[f"{clock}_minutes"] = np.where(seconds == NA, np.nan, seconds / 60)
    return pd.DataFrame(columns)


def moment(rows: pd.DataFrame, name: str) -> np.ndarray:
    """A time column of the rows as datetime64[s], China time, NaT where blank."""
    reported = rows["reported"].to_numpy()
    if name == "reported_at":
        return reported.astype("datetime64[s]")
    lag = rows[LAGS[name]].to_numpy()
    return np.where(lag == NA, np.datetime64("NaT"), (reported + lag).astype("datetime64[s]"))


def _ranks(rows: pd.DataFrame, column: str) -> np.ndarray:
    """A column of :func:`table` as numbers that lie as its values do, NaN = blank."""
    if column.endswith("_minutes") or column == "days":
        lag = rows["duration" if column == "days" else column.replace("_minutes", "_seconds")].to_numpy()
        return np.where(lag == NA, np.nan, lag)
    if column.endswith("_at"):
        times = moment(rows, column)
        return np.where(np.isnat(times), np.nan, times.astype("int64"))
    if column == "case_id":
        return rows[column].rank(method="dense").to_numpy(dtype="float64", na_value=np.nan)
    codes, names = rows[column].cat.codes.to_numpy(), rows[column].cat.categories
    if column in _WORDED:
        names = [_as_read(place_label(n) if column == "place" else n) for n in names]
        codes = np.append(pd.Index(names).argsort().argsort(), -1)[codes]
    return np.where(codes < 0, np.nan, codes)


def _as_read(name: str) -> str:
    """2号院 lies before 10号院."""
    return re.sub(r"\d+", lambda number: number.group().zfill(9), name)


def find(dataset: Dataset, case_id: str) -> int | None:
    """Position of a petition in ``dataset.rows``, or None."""
    hits = np.flatnonzero((dataset.rows["case_id"] == case_id).to_numpy())
    return int(hits[0]) if len(hits) else None


def course(dataset: Dataset, position: int) -> dict[str, Any]:
    """One petition's milestones and clocks as known at as-of, for its timeline.

    ``milestones``: name → naive China time; ``clocks``: name → state, due time, seconds taken or None;
    ``date_only``: names of times without a time of day; ``outcome``, ``expected``, ``resolution_due``.
    """
    row = dataset.rows.iloc[[position]]
    times = {name: moment(row, name)[0] for name in PETITION_TIMES}
    reported = times["reported_at"]
    mask = int(row["date_only"].iloc[0])
    due = int(row["resolution_due"].iloc[0])
    return {
        "case_id": row["case_id"].iloc[0],
        "place": row["place"].iloc[0],
        "outcome": row["outcome"].iloc[0],
        "expected": _code(row["expected"].iloc[0]),
        "is_open": bool(row["is_open"].iloc[0]),
        "milestones": {n: pd.Timestamp(t) for n, t in times.items() if not np.isnat(t)},
        "date_only": [n for i, n in enumerate(PETITION_TIMES) if mask & 1 << i],
        "clocks": {clock: _clock(row, clock, reported) for clock in CLOCKS},
        "resolution_state": row["resolution_state"].iloc[0],
        "resolution_due": None if due == NA else pd.Timestamp(reported + np.timedelta64(due, "s")),
    }


def _clock(row: pd.DataFrame, clock: str, reported: np.datetime64) -> dict[str, Any]:
    seconds = int(row[f"{clock}_seconds"].iloc[0])
    due = reported + np.timedelta64(int(row[f"{clock}_due"].iloc[0]), "s")
    return {
        "state": row[f"{clock}_state"].iloc[0],
        "due": pd.Timestamp(due),
        "seconds": None if seconds == NA else seconds,
    }


def _code(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
