"""Complaints to the city platform by place and month. They are never added to petitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.frame import epoch, places
from analytics.scope import Scope, month_number

COLUMNS: Final = ("place", "month", "count", "exposure", "incomplete", "single")


def monthly(
    singles: pd.DataFrame, counted: pd.DataFrame, courtyards: pd.DataFrame, as_of: pd.Timestamp
) -> tuple[pd.DataFrame, int]:
    """One row per place and month known by ``as_of``, and how many place-months stood in both shapes.

    Columns: ``place`` (key), ``month`` (months since year 0), ``count``, ``exposure`` (NaN = not given),
    ``incomplete`` (flagged, or the month that contains ``as_of``), ``single`` (counted from single
    complaints). A covered month without a single complaint is 0; a month absent from a monthly table is
    absent here. Where both shapes give a place-month, the monthly count holds.
    """
    today = month_of(as_of)
    from_table = _read_months(counted, courtyards)
    from_singles = _count_singles(singles, courtyards, as_of, set(from_table["place"]))
    both = from_singles.merge(from_table[["place", "month"]], on=["place", "month"])
    overlap = int((both["count"] > 0).sum())
    table = pd.concat([from_table, from_singles], ignore_index=True)
    table = table.drop_duplicates(["place", "month"], keep="first")
    table = table[table["month"] <= today].sort_values(["place", "month"], ignore_index=True)
    table["incomplete"] |= table["month"] == today
    # Each page asks several times for the places of a scope: of plain objects that takes a tenth of the time.
    return table.astype({"place": object}), overlap


def month_of(moment: pd.Timestamp) -> int:
    """The month that contains a moment, in months since year 0."""
    return moment.year * 12 + moment.month - 1


def in_scope(table: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """The place-months of the places in ``scope``, all months."""
    place = table["place"].to_numpy(dtype=object)
    chosen = {key: scope.includes_place(key) for key in dict.fromkeys(place)}
    return table[np.array([chosen[key] for key in place], dtype=bool)]


def by_month(table: pd.DataFrame) -> pd.DataFrame:
    """Sum over places per month, first to last without gaps; index months since year 0.

    ``count`` is NaN where any of the places is unknown in that month; ``exposure`` NaN unless every
    place gives one.
    """
    if not len(table):
        return pd.DataFrame(columns=["count", "exposure", "incomplete"], dtype=float)
    first = int(table["month"].min())
    at = table["month"].to_numpy() - first
    count = table["count"].to_numpy(dtype=float)
    known = ~np.isnan(count)
    rows = np.bincount(at)

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(at, weights=values, minlength=len(rows))

    everybody = summed(known) == table["place"].nunique()
    frame = {
        "count": np.where(everybody, summed(np.where(known, count, 0)), np.nan),
        "exposure": np.where(rows > 0, summed(table["exposure"].to_numpy(dtype=float)), np.nan),
        "incomplete": summed(table["incomplete"].to_numpy(dtype=bool)) > 0,
    }
    return pd.DataFrame(frame, index=pd.RangeIndex(first, first + len(rows), name="month"))


def dated(singles: pd.DataFrame, courtyards: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Every single complaint known by ``as_of``, oldest first: ``place``, ``received_at``, ``complaint_id``,
    ``category`` ("" where it is blank or was never given)."""
    known = singles[singles["received_at"] <= as_of]
    moments = known["received_at"].to_numpy().astype("datetime64[s]")
    keys = np.asarray(places(known, courtyards), dtype=object) if len(known) else np.array([], dtype=object)
    texts = {name: _text(known, name) for name in ("complaint_id", "category")}
    table = pd.DataFrame({"place": pd.Series(keys, dtype=object), "received_at": moments, **texts})
    return table.sort_values("received_at", kind="stable", ignore_index=True)


def _text(known: pd.DataFrame, name: str) -> np.ndarray:
    if name not in known:
        return np.full(len(known), "", dtype=object)
    return known[name].astype(object).where(known[name].notna(), "").to_numpy(dtype=object)


def by_category(
    times: pd.DataFrame, table: pd.DataFrame, launches: Mapping[str, str]
) -> list[dict[str, Any]] | None:
    """Complaints per month by category, before and after each place's own launch month, summed over places.

    ``times``: :func:`dated`; ``table``: :func:`monthly`; ``launches``: place → "YYYY-MM". Only complete months
    counted from single complaints take part, of places that have such months on both sides; None where there
    is no such place or no complaint has a category. Rows: ``category`` ("" = not given), ``before``, ``after``.
    """
    launched = {key: month_number(month) for key, month in launches.items()}
    usable = table[table["single"] & ~table["incomplete"] & table["place"].isin(launched)]
    after = usable["month"] >= usable["place"].map(launched)
    months = usable.groupby(["place", after.rename("after")]).size().unstack(fill_value=0)
    both = months.index[(months.reindex(columns=[False, True], fill_value=0) > 0).all(axis=1)]
    month = times["received_at"].to_numpy().astype("datetime64[M]").astype(np.int64) + 1970 * 12
    inside = pd.MultiIndex.from_arrays([times["place"], month]).isin(
        pd.MultiIndex.from_frame(usable.loc[usable["place"].isin(both), ["place", "month"]])
    )
    told = times[inside]
    if not (told["category"] != "").any():
        return None
    later = month[inside] >= told["place"].map(launched).to_numpy()
    weights = 1 / months.to_numpy()[months.index.get_indexer(told["place"]), later.astype(int)]
    sums = pd.Series(weights).groupby([told["category"].to_numpy(), later]).sum().unstack(fill_value=0.0)
    sums = sums.reindex(columns=[False, True], fill_value=0.0)
    rows = zip(sums.index, sums[False], sums[True], strict=True)
    return [{"category": str(c), "before": float(old), "after": float(new)} for c, old, new in rows]


def _count_singles(
    singles: pd.DataFrame, courtyards: pd.DataFrame, as_of: pd.Timestamp, tabled: set[str]
) -> pd.DataFrame:
    """Single complaints per place and covered month; covered: first to last month of the community.

    A registered courtyard without one had none, unless it is counted by month (``tabled``): then only its
    table says which of its months are known.
    """
    seconds = singles["received_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    known = singles[seconds <= epoch(as_of)]
    if not len(known):
        return _empty()
    moments = known["received_at"].to_numpy().astype("datetime64[M]").astype(np.int64) + 1970 * 12
    frame = pd.DataFrame({"place": np.asarray(places(known, courtyards)), "month": moments})
    counted = frame.groupby(["place", "month"]).size()
    community = frame["place"].str.partition("/")[0]
    span = frame.groupby(community)["month"].agg(["min", "max"])
    keys = sorted(
        {*frame["place"], *(key for key in _registered(courtyards, set(span.index)) if key not in tabled)}
    )
    months = {key: span.loc[key.partition("/")[0]] for key in keys}
    covered = [(key, m) for key, (first, last) in months.items() for m in range(first, last + 1)]
    index = pd.MultiIndex.from_tuples(covered, names=["place", "month"])
    counts = counted.reindex(index, fill_value=0).rename("count").reset_index()
    return counts.assign(exposure=np.nan, incomplete=False, single=True)


def _registered(courtyards: pd.DataFrame, communities: set[str]) -> list[str]:
    keys = [str(key) for key in places(courtyards)] if len(courtyards) else []
    return [key for key in keys if key.partition("/")[0] in communities]


def _read_months(counted: pd.DataFrame, courtyards: pd.DataFrame) -> pd.DataFrame:
    if not len(counted):
        return _empty()
    frame = pd.DataFrame(
        {
            "place": np.asarray(places(counted, courtyards)),
            "month": [month_number(str(m)) for m in counted["month"]],
            "count": counted["count"].to_numpy(dtype=float, na_value=np.nan),
            "exposure": _optional(counted, "exposure"),
            "incomplete": _optional(counted, "incomplete") == 1,
            "single": False,
        }
    )
    return frame


def _optional(counted: pd.DataFrame, name: str) -> np.ndarray:
    if name not in counted:
        return np.full(len(counted), np.nan)
    return pd.to_numeric(counted[name]).to_numpy(dtype=float, na_value=np.nan)


def _empty() -> pd.DataFrame:
    types = {"place": object, "month": np.int64, "count": float, "exposure": float}
    frame = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})
    return frame.assign(incomplete=pd.Series(dtype=bool), single=pd.Series(dtype=bool))
