"""Near duplicates: petitions that look entered twice, each known by the earlier one that it repeats.

Two of them: same place and category, at most :data:`WITHIN` apart, and the same reporter, or the same text
where the reporters are not known to be two. The first of such petitions is never called a duplicate, so what
is found as of a moment does not change with what came later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pandas as pd

from analytics.frame import BIT

#: Seconds between two reports of one thing.
WITHIN: Final = 10 * 60
NONE: Final = -1
#: A text of fewer characters (漏水) is written by many.
_TEXT_LENGTH: Final = 6

Texts = Callable[[list[str]], pd.Series]


def twins(petitions: pd.DataFrame, texts: Texts) -> np.ndarray:
    """For each row of a typed frame the position of the earlier petition it repeats, :data:`NONE` if none.

    ``texts``: ids → what these petitions say, indexed by id; asked only for those that could be meant.
    """
    found = np.full(len(petitions), NONE, dtype=np.int32)
    pairs = [*_neighbours(petitions)]
    if not pairs:
        return found
    earlier, later = (np.concatenate(side) for side in zip(*pairs, strict=True))
    same, different = _reporters(petitions, earlier, later)
    unsure = np.flatnonzero(~same & ~different)
    if len(unsure):
        same[unsure] = _same_text(petitions, earlier[unsure], later[unsure], texts)
    # The nearest earlier petition wins: pairs come with the nearest first.
    earlier, later = earlier[same][::-1], later[same][::-1]
    found[later] = earlier
    return found


def _neighbours(petitions: pd.DataFrame) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions (earlier, later) of all petitions of one place and category within reach, nearest first."""
    timed = np.flatnonzero(petitions["date_only"].to_numpy() & BIT["reported_at"] == 0)
    place = petitions["place"].cat.codes.to_numpy()[timed].astype(np.int64)
    category = petitions["category"].cat.codes.to_numpy()[timed].astype(np.int64)
    kinds = len(petitions["category"].cat.categories) + 1
    group = place * kinds + category
    if len(group) and group.max() < np.iinfo(np.int16).max:
        group = group.astype(np.int16)  # sorted by radix, ten times as fast
    reported = petitions["reported"].to_numpy()[timed]
    in_time = bool((np.diff(reported) >= 0).all())  # as the store gives them: one stable sort is enough
    order = np.argsort(group, kind="stable") if in_time else np.lexsort((timed, reported, group))
    group, reported, timed = group[order], reported[order], timed[order]
    first = np.arange(max(len(timed) - 1, 0))
    for step in range(1, len(timed)):
        near = (group[first] == group[first + step]) & (reported[first + step] - reported[first] <= WITHIN)
        first = first[near]
        if not len(first):
            return
        yield timed[first], timed[first + step]
        first = first[first + step + 1 < len(timed)]


def _reporters(
    petitions: pd.DataFrame, earlier: np.ndarray, later: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs have the same reporter, and which are known to have two: the telephone decides, else the name."""
    phone, name = (petitions[column].to_numpy() for column in ("phone_code", "resident_code"))
    told = {column: (codes[earlier], codes[later]) for column, codes in (("phone", phone), ("name", name))}
    known = {column: (one >= 0) & (other >= 0) for column, (one, other) in told.items()}
    equal = {column: known[column] & (one == other) for column, (one, other) in told.items()}
    same = np.where(known["phone"], equal["phone"], equal["name"])
    different = np.where(known["phone"], ~equal["phone"], known["name"] & ~equal["name"])
    return same.astype(bool), different.astype(bool)


def _same_text(petitions: pd.DataFrame, earlier: np.ndarray, later: np.ndarray, texts: Texts) -> np.ndarray:
    ids = petitions["case_id"].to_numpy()
    said = texts(ids[np.unique(np.concatenate([earlier, later]))].tolist())
    said = said.astype(object).where(said.notna(), "").astype(str).str.strip()
    one = said.reindex(ids[earlier]).fillna("").to_numpy(dtype=object)
    other = said.reindex(ids[later]).fillna("").to_numpy(dtype=object)
    long = np.fromiter((len(text) >= _TEXT_LENGTH for text in one), bool, len(one))
    return np.asarray(long & (one == other), dtype=bool)
