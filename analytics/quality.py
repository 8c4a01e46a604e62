"""Can the data be trusted: faults by kind, import and courtyard, and what each kind does to the key rates.

A rate without the faulty petitions is had by subtracting their counts: nothing is measured anew.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics import faults, measures, rollup
from analytics.dataset import Dataset
from analytics.doubles import NONE
from analytics.measures import Value
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS, HANDLERS

#: The rates that a fault may move.
RATES: Final = (*CLOCKS, "on_time")
#: Endings that people leave out or add: 丽晶公馆 = 丽晶公馆小区.
_ENDINGS: Final = ("居民小区", "小区", "院落", "大院", "社区", "公司")


@dataclass(frozen=True)
class Effect:
    """One kind of fault: how many petitions have it, and each rate now and without them."""

    kind: str
    count: int
    now: dict[str, Value]
    without: dict[str, Value]

    def change(self, name: str) -> float | None:
        """By how much the rate would move; None where it is unknown with or without them."""
        before, after = self.now[name].rate, self.without[name].rate
        return None if before is None or after is None else after - before


def effects(dataset: Dataset, scope: Scope) -> list[Effect]:
    """Every kind of fault that occurs in ``scope``, most petitions first."""
    totals = dataset.rollup.totals(scope)
    now = _rates(totals)
    rows = _rows(dataset, scope)
    found = []
    for kind in faults.FAULTS:
        if (faulty := faults.find(rows, kind)).any():
            without = _rates(totals - _counted(rows[faulty]))
            found.append(Effect(kind, int(faulty.sum()), now, without))
    return sorted(found, key=lambda effect: -effect.count)


def petitions_with_a_fault(dataset: Dataset, scope: Scope) -> int:
    """How many petitions of ``scope`` have at least one fault of any kind."""
    rows = _rows(dataset, scope)
    return int(np.any([faults.find(rows, kind) for kind in faults.FAULTS], axis=0).sum())


def by_source(dataset: Dataset, scope: Scope, kind: str) -> pd.DataFrame:
    """Faults of a kind by the import that wrote the petition last: ``batch``, ``faults``, ``petitions``."""
    rows = _rows(dataset, scope)
    if "batch" not in rows:
        return pd.DataFrame({"batch": [], "faults": [], "petitions": []}, dtype="int64")
    batches, codes = np.unique(rows["batch"].to_numpy(), return_inverse=True)
    return _tallied(rows, kind, codes, batches.tolist()).rename(columns={"group": "batch"})


def by_place(dataset: Dataset, scope: Scope, kind: str) -> pd.DataFrame:
    """Faults of a kind by courtyard (key): ``place``, ``faults``, ``petitions``; most faults first."""
    rows = _rows(dataset, scope)
    codes, names = rows["place"].cat.codes.to_numpy(), rows["place"].cat.categories.tolist()
    return _tallied(rows, kind, codes, names).rename(columns={"group": "place"})


def pairs(dataset: Dataset, scope: Scope) -> pd.DataFrame:
    """Near duplicates: ``case_id`` and ``twin`` (the id of the earlier one), ``place``, ``category``,
    ``reported`` and ``apart``, in seconds; newest first."""
    rows = _rows(dataset, scope)
    again = rows[rows["twin"] != NONE] if "twin" in rows else rows.iloc[:0].assign(twin=NONE)
    earlier = dataset.rows.reindex(again["twin"])
    table = pd.DataFrame(
        {
            "case_id": again["case_id"].to_numpy(),
            "twin": earlier["case_id"].to_numpy(),
            "place": again["place"].to_numpy(),
            "category": again["category"].to_numpy(),
            "reported": again["reported"].to_numpy(),
            "apart": again["reported"].to_numpy() - earlier["reported"].to_numpy(),
        }
    )
    return table.sort_values("reported", ascending=False, kind="stable", ignore_index=True)


def unknown_courtyards(dataset: Dataset, scope: Scope) -> pd.DataFrame:
    """Courtyards that the registry does not have: ``name`` (key), ``petitions``, ``suggestion`` (a key or "")."""
    rows = _rows(dataset, scope)
    strangers = rows["place"][rows["unregistered"]] if "unregistered" in rows else rows["place"].iloc[:0]
    return _strangers(strangers, list(dataset.places.index))


def unknown_handlers(dataset: Dataset, scope: Scope) -> pd.DataFrame:
    """Handlers beside the four: ``name``, ``petitions``, ``suggestion`` (one of the four or "")."""
    handler = _rows(dataset, scope)["handler"].dropna()
    return _strangers(handler[~handler.isin(HANDLERS)], HANDLERS)


def suggestion(name: str, known: Iterable[str]) -> str:
    """The known name that ``name`` seems to mean: the same but for blanks, width of letters or an ending.

    Place keys match within their community, or from a blank one. "" where none or several fit.
    """
    community, _sep, own = name.rpartition("/")
    plain = _plain(own)
    found = []
    for other in known:
        theirs, _sep, candidate = other.rpartition("/")
        if other != name and community in ("", theirs) and plain and _plain(candidate) == plain:
            found.append(other)
    return found[0] if len(found) == 1 else ""


def _plain(name: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", name).split()).lower()
    for ending in _ENDINGS:
        if text.endswith(ending) and len(text) > len(ending):
            return text.removesuffix(ending)
    return text


def _strangers(names: pd.Series, known: Sequence[str]) -> pd.DataFrame:
    counted = names.astype(str).value_counts()
    found = [str(name) for name in counted.index]
    return pd.DataFrame(
        {
            "name": pd.Series(found, dtype=object),
            "petitions": counted.to_numpy(),
            "suggestion": pd.Series([suggestion(name, known) for name in found], dtype=object),
        }
    )


def _rows(dataset: Dataset, scope: Scope) -> pd.DataFrame:
    mask = dataset.rollup.mask(scope)
    return dataset.rows if mask.all() else dataset.rows[mask]


def _tallied(rows: pd.DataFrame, kind: str, codes: np.ndarray, names: list) -> pd.DataFrame:
    faulty = faults.find(rows, kind)
    table = pd.DataFrame(
        {
            "group": names,
            "faults": np.bincount(codes[faulty], minlength=len(names)),
            "petitions": np.bincount(codes, minlength=len(names)),
        }
    )
    return table[table["faults"] > 0].sort_values("faults", ascending=False, kind="stable", ignore_index=True)


def _counted(rows: pd.DataFrame) -> np.ndarray:
    return rollup.count(rows, np.zeros(len(rows), dtype=np.int32), (1,))[0].astype(np.int64)


def _rates(totals: np.ndarray) -> dict[str, Value]:
    found = measures.rates(totals[None, :])
    return {name: found.first(name) for name in RATES}
