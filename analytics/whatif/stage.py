"""The petitions of a scenario: who stays, under which limits, in which places.

Always in this order: the scope and what is left out are chosen as things stand today (by today's colours),
then limits change, then places are merged. So who is counted never depends on a supposed limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics import complaints, measures, rollup
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.narrowing import mask
from analytics.review import keep_launches
from analytics.scope import Scope
from analytics.vocabulary import place_label
from analytics.whatif.limits import changed_policy, measured_again
from analytics.whatif.scenario import Scenario, ScenarioError

#: The place of petitions that do not count in a scenario. A key has a slash, so that it is nobody's.
NOWHERE: Final = "∅"
#: What a scope chooses when no place is left; an empty choice would mean all.
NO_PLACE: Final = ("",)


@dataclass(frozen=True, eq=False)
class Stage:
    """A scenario as a dataset and a scope that every page can draw; lifts are not in it.

    ``data.rows`` has the petitions of the base in the same positions; ``kept`` and ``left_out`` (booleans by
    position) are disjoint and together the base's scope. ``names``: today's place key → the scenario's, for
    the places that stay.
    """

    data: Dataset
    scope: Scope
    kept: np.ndarray = field(repr=False)
    left_out: np.ndarray = field(repr=False)
    names: dict[str, str]
    notes: tuple[str, ...]


def stage(dataset: Dataset, scope: Scope, scenario: Scenario) -> Stage:
    """Leave out, change limits and merge; raises :class:`ScenarioError` for what the data contradict."""
    inside = dataset.rollup.mask(scope)
    left = inside & _left_out(dataset.rows, scenario)
    names = _names(dataset, scope, scenario)
    policy = changed_policy(dataset.policy, scenario)
    data = dataset if policy == dataset.policy else measured_again(dataset, policy)
    others = [axis for axis, _value in scenario.leave_out if axis != "courtyard"]
    if not (others or scenario.merge or scenario.colour_limits):
        # Nothing but courtyards left out: another choice of places, which the rollup answers at once.
        return Stage(
            data, replace(scope, courtyards=tuple(names) or NO_PLACE), inside & ~left, left, names, ()
        )
    data, notes = _regrouped(data, inside & ~left, names)
    keys = tuple(dict.fromkeys(names.values())) or NO_PLACE
    return Stage(
        data,
        Scope(courtyards=keys, first_month=scope.first_month, last_month=scope.last_month),
        inside & ~left,
        left,
        names,
        notes,
    )


def parts(dataset: Dataset, staged: Stage) -> tuple[list[str], np.ndarray]:
    """Today's places that have a petition in the scenario, and their counters under its limits."""
    rows = staged.data.rows[staged.kept].assign(place=dataset.rows["place"].array[staged.kept])
    rows.attrs = dict(staged.data.rows.attrs)
    return measures.evaluate(rollup.build(rows)).by_place()


def _left_out(rows: pd.DataFrame, scenario: Scenario) -> np.ndarray:
    found = np.zeros(len(rows), dtype=bool)
    for axis in ("category", "handler", "channel"):
        if values := scenario.left_out(axis):
            found |= mask(rows, {axis: values})
    if places := scenario.left_out("courtyard"):
        found |= mask(rows, {"place": places})
    if colours := scenario.left_out("colour"):
        found |= mask(rows, {"outcome": [f"{kind}_{c}" for kind in ("closed", "open") for c in colours]})
    return found


def _names(dataset: Dataset, scope: Scope, scenario: Scenario) -> dict[str, str]:
    """Every place that stays, and what it is called in the scenario."""
    known = dataset.choices["places"]
    new_of = {place: new for new, places in scenario.merge for place in places}
    for new, places in scenario.merge:
        if new in known and new not in places:
            raise ScenarioError(
                _("已有叫「{name}」的院落，合并请另起名字。").format(name=place_label(new, True))
            )
    gone = set(scenario.left_out("courtyard"))
    return {key: new_of.get(key, key) for key in known if scope.includes_place(key) and key not in gone}


def _regrouped(data: Dataset, kept: np.ndarray, names: dict[str, str]) -> tuple[Dataset, tuple[str, ...]]:
    """Petitions, complaints and registry under the names of the scenario; who is not kept is nowhere."""
    keys = sorted(set(names.values()))
    position = {key: i for i, key in enumerate(keys)}
    recode = [position.get(names.get(key, NOWHERE), len(keys)) for key in data.rollup.places]
    codes = np.asarray(recode, dtype=np.int32)[data.rows["place"].cat.codes.to_numpy()]
    codes = np.where(kept, codes, len(keys)).astype(np.int32)
    # Without anybody nowhere, the whole scope is the whole rollup, whose quantiles are known at once.
    places = keys if kept.all() else [*keys, NOWHERE]
    rows = data.rows.assign(place=pd.Categorical.from_codes(codes, categories=places))
    rows.attrs = dict(data.rows.attrs)
    merged = merged_places(names)
    registry, notes = _registry(data.places, merged)
    renamed = {key: new for key, new in names.items() if key != new}
    regrouped = replace(
        data,
        rollup=rollup.build(rows),
        complaints=_complaints(data.complaints, merged),
        places=registry,
        events=data.events.assign(place=data.events["place"].replace(renamed)),
        complaint_times=data.complaint_times.assign(place=data.complaint_times["place"].replace(renamed)),
    )
    keep_launches(data, regrouped, changed={*merged, *renamed})
    return regrouped, notes


def merged_places(names: dict[str, str]) -> dict[str, list[str]]:
    """The new places and those of their parts that stay."""
    found: dict[str, list[str]] = {}
    for key, new in names.items():
        found.setdefault(new, []).append(key)
    return {new: parts for new, parts in found.items() if parts != [new]}


def _complaints(table: pd.DataFrame, merged: dict[str, list[str]]) -> pd.DataFrame:
    """Merged places are the sum of their parts, unknown where one of them is."""
    tables = [table[~table["place"].isin([part for parts in merged.values() for part in parts])]]
    for new, parts in merged.items():
        own = table[table["place"].isin(parts)]
        if len(own):
            months = complaints.by_month(own).loc[sorted(own["month"].unique())]
            single = own.groupby("month")["single"].any()
            tables.append(
                months.rename_axis("month").reset_index().assign(place=new, single=single.to_numpy())
            )
    if len(tables) == 1:
        return table
    joined = pd.concat(tables, ignore_index=True)[list(table.columns)]
    return joined.sort_values(["place", "month"], ignore_index=True)


def _registry(places: pd.DataFrame, merged: dict[str, list[str]]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Households and residents are summed, unknown if any is; a launch stays only where all share it."""
    if not merged:
        return places, ()
    notes = []
    columns: dict[str, list[Any]] = {name: [] for name in places.columns}
    for new, parts in merged.items():
        own = places.reindex(parts)
        launches = own["launch"].unique()
        columns["launch"].append(launches[0] if len(launches) == 1 else pd.NA)
        for name in ("households", "residents"):
            columns[name].append(pd.NA if own[name].isna().any() else int(own[name].sum()))
        if len(launches) > 1:
            notes.append(
                _("「{name}」的各院落上线月份不同，合并后没有共同的上线月份。").format(
                    name=place_label(new, True)
                )
            )
    rest = places.drop(index=[k for parts in merged.values() for k in parts], errors="ignore")
    table = {name: [*rest[name], *columns[name]] for name in places.columns}
    registry = pd.DataFrame(table, index=pd.Index([*rest.index, *merged], name="place"))
    return registry.astype({"launch": "Int64"}), tuple(notes)
