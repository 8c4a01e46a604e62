"""A launched courtyard beside the others: layer 3 of the launch effect, and what chance alone would show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.dataset import Dataset
from analytics.evaluation.group_time import Comparison, Staggered
from analytics.evaluation.robustness import PLACES_TO_COMPARE, regression_to_mean
from analytics.scope import Scope, month_number, month_text

_COLUMNS = ("place", "month", "launch", "outcome")


def compare(dataset: Dataset, scope: Scope) -> dict[str, Any] | None:
    """Group-time effects of the launched courtyards in ``scope``; None where nothing can be compared.

    Courtyards outside ``scope`` serve as comparison only, and only until they launch themselves. Outcome:
    complaints per 30 days, of 100 households where all launched ones have households, else of a courtyard.
    ``unit``: per_100_households or per_courtyard; ``against``: never or not_yet launched courtyards;
    ``average``: effect, interval, places; ``event_study``: the same by month_since_launch; ``groups``: launch,
    month, effect, std_error. Unknown is None.
    """
    panel, unit, against = _panel(dataset, scope)
    if not (panel["month"] >= panel["launch"]).any():
        return None
    compared = Staggered(panel, *_COLUMNS, comparison=against)
    average = compared.average()
    if not np.isfinite(average["effect"]):
        return None
    return {
        "unit": unit,
        "against": against,
        "average": _figures(average),
        "event_study": [
            {"month_since_launch": int(row["event_time"]), **_figures(row)}
            for row in compared.event_study().to_dict("records")
            if np.isfinite(row["effect"])
        ],
        "groups": [
            {
                "launch": month_text(int(row["group"])),
                "month": month_text(int(row["period"])),
                "effect": _known(row["effect"]),
                "std_error": _known(row["std_error"]),
            }
            for row in compared.groups().to_dict("records")
        ],
    }


def regression(
    dataset: Dataset, launched: Mapping[str, tuple[str, float]]
) -> dict[str, dict[str, Any] | None]:
    """How far each courtyard would have come back by itself, had it been picked for its many complaints.

    ``launched``: launch month and dispersion of its series, per place. Each is compared with all courtyards
    by household-days (courtyard-days where fewer than three have households), over the months before either
    of the two launched: ``places``, ``worst`` (it had the highest rate), ``drop`` (the fall that chance alone
    would show); None with fewer than three courtyards or no complaint before.
    """
    table = _known_months(dataset)
    table = table[~(table["month"] >= table["launch"])]  # a blank launch is never reached
    found: dict[str, dict[str, Any] | None] = {}
    for place, (month, dispersion) in launched.items():
        earlier = table[table["month"] < month_number(month)]
        before, exposure = _summed(earlier)
        known = place in before.index
        answer = regression_to_mean(before, exposure, place, dispersion=dispersion) if known else None
        if answer:
            found[place] = {"places": answer.places, "worst": answer.worst, "drop": answer.drop}
        else:
            found[place] = None
    return found


def _summed(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Complaints per courtyard and what they are measured by."""
    codes, keys = pd.factorize(table["place"])
    sums = {
        name: pd.Series(np.bincount(codes, weights=table[name].to_numpy(), minlength=len(keys)), index=keys)
        for name in ("count", "days", "household_days")
    }
    sized = sums["household_days"].notna().sum() >= PLACES_TO_COMPARE
    return sums["count"], sums["household_days" if sized else "days"]


def _known_months(dataset: Dataset) -> pd.DataFrame:
    """Complete and known months of all courtyards: place, month, count, launch, days, household_days."""
    table = dataset.complaints
    whole = ~table["incomplete"].to_numpy(dtype=bool) & table["count"].notna().to_numpy()
    named = ~table["place"].str.endswith("/").to_numpy(dtype=bool)
    table = table.loc[whole & named, ["place", "month", "count"]]
    registry = dataset.places.reindex(table["place"])
    months = (table["month"].to_numpy() - 1970 * 12).astype("datetime64[M]")
    days = (months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")
    columns = {
        "launch": registry["launch"].to_numpy(dtype=float, na_value=np.nan),
        "days": days.astype(float),
    }
    households = registry["households"].to_numpy(dtype=float, na_value=np.nan)
    return table.assign(**columns, household_days=columns["days"] * households)


def _panel(dataset: Dataset, scope: Scope) -> tuple[pd.DataFrame, str, Comparison]:
    """One row per courtyard and month, the unit of ``outcome``, and whom to compare with."""
    table = _known_months(dataset)
    inside = table["place"].map({key: scope.includes_place(key) for key in table["place"].unique()})
    inside = inside.to_numpy(dtype=bool)
    never = table["launch"].isna().to_numpy()
    treated = inside & ~never
    if never.any():
        table, against = table[treated | never], "never"
    else:
        waiting = ~inside & (table["month"] < table["launch"]).to_numpy()
        table = table.assign(launch=table["launch"].where(treated))[treated | waiting]
        against = "not_yet"
    sized = table.loc[table["launch"].notna(), "household_days"].notna().all()
    exposure = table["household_days"] / 100 if sized else table["days"]
    panel = table.assign(outcome=table["count"] / exposure.where(exposure > 0) * 30)
    return panel, "per_100_households" if sized else "per_courtyard", against  # type: ignore[return-value]


def _figures(row: Any) -> dict[str, Any]:
    low, high = _known(row["lower"]), _known(row["upper"])
    interval = None if low is None or high is None else [low, high]
    return {"effect": _known(row["effect"]), "interval": interval, "places": int(row["units"])}


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
