"""Records under the names that count: rules 「as written → as it counts」, applied before anything is typed.

The rules themselves are kept by :mod:`analytics.store.renaming`; without a rule every record is returned as
it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analytics.frame import places


@dataclass(frozen=True)
class Rules:
    """For each axis the name that counts in the place of another; chains already followed.

    ``places``: keys 「社区/院落」.
    """

    places: Mapping[str, str] = field(default_factory=dict)
    handlers: Mapping[str, str] = field(default_factory=dict)


def rules(table: pd.DataFrame) -> Rules:
    """The rules of a table with ``axis``, ``old``, ``new`` (:func:`analytics.store.renamings`)."""
    return Rules(*(_followed(table[table["axis"] == axis]) for axis in ("place", "handler")))


def petitions(records: pd.DataFrame, courtyards: pd.DataFrame, given: Rules) -> pd.DataFrame:
    """Petitions with their place and handler as they count; ``courtyards``: the registry as written."""
    renamed = placed(records, courtyards, given)
    if given.handlers and "handler" in renamed:
        codes, names = pd.factorize(renamed["handler"])
        meant = [given.handlers.get(str(name), str(name)) for name in names]
        renamed = renamed.assign(handler=_coded(codes, meant))
    return renamed


def placed(records: pd.DataFrame, courtyards: pd.DataFrame, given: Rules) -> pd.DataFrame:
    """Records with ``community`` and ``courtyard`` of the place that counts."""
    if not given.places or not len(records):
        return records
    keys = places(records, courtyards)
    parts = [given.places.get(str(key), str(key)).partition("/") for key in keys.categories]
    codes = np.asarray(keys.codes)
    return records.assign(
        community=_coded(codes, [community for community, _sep, _rest in parts]),
        courtyard=_coded(codes, [courtyard for _community, _sep, courtyard in parts]),
    )


def complaint_months(counted: pd.DataFrame, courtyards: pd.DataFrame, given: Rules) -> pd.DataFrame:
    """Monthly counts with those of one place and month added up; one of them unknown: the sum is unknown.

    The exposure is kept where all agree, since the homes are the same ones; else it is not given.
    """
    renamed = placed(counted, courtyards, given)
    keys = ["month", "community", "courtyard"]
    if renamed is counted or not renamed.duplicated(keys).any():
        return renamed
    renamed = renamed.astype({"community": "str", "courtyard": "str"})
    groups = renamed.groupby(keys, dropna=False, sort=False)
    summed = groups["count"].sum(min_count=1).where(groups["count"].count() == groups.size())
    merged = {"count": summed}
    if "exposure" in renamed:
        agreed = groups["exposure"].nunique(dropna=False) == 1
        merged["exposure"] = groups["exposure"].first().where(agreed)
    if "incomplete" in renamed:
        merged["incomplete"] = groups["incomplete"].max()
    return pd.DataFrame(merged).reset_index()[list(renamed.columns)]


def registry(courtyards: pd.DataFrame, given: Rules) -> pd.DataFrame:
    """The registry with one row per place that counts: what its own row leaves blank, the others fill."""
    renamed = placed(courtyards, courtyards, given)
    if renamed is courtyards:
        return courtyards
    own = [str(key) not in given.places for key in places(courtyards)]
    renamed = renamed.astype({"community": "str", "courtyard": "str"})
    order = renamed.assign(own=own).sort_values("own", ascending=False, kind="stable").drop(columns="own")
    merged = order.groupby(["community", "courtyard"], dropna=False, sort=False).first().reset_index()
    return merged[list(courtyards.columns)]


def _followed(table: pd.DataFrame) -> dict[str, str]:
    counts_as = {str(old): str(new) for old, new in zip(table["old"], table["new"], strict=True)}
    found = {}
    for old, new in counts_as.items():
        seen = {old}
        while new in counts_as and new not in seen:
            seen.add(new)
            new = counts_as[new]
        found[old] = new
    return found


def _coded(codes: np.ndarray, names: list[str]) -> pd.Categorical:
    """A category of ``names`` by code, several codes for one name allowed; a blank one is missing."""
    categories = sorted({name for name in names if name})
    position = {name: i for i, name in enumerate(categories)}
    recode = np.array([*(position.get(name, -1) for name in names), -1], dtype=np.int32)
    return pd.Categorical.from_codes(recode[codes], categories=categories)
