"""A scenario applied: base, scenario, difference, and the petitions that make it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics import measures, programme
from analytics.dataset import Dataset
from analytics.measures import RATES, REGISTRY, Evaluation
from analytics.review import Review, review
from analytics.rollup import POSITION
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS
from analytics.whatif.difference import difference
from analytics.whatif.lifting import Lift, lift, show_lifts
from analytics.whatif.moving import moved, records
from analytics.whatif.reading import to_address
from analytics.whatif.scenario import Scenario
from analytics.whatif.stage import NO_PLACE, Stage, merged_places, parts, stage


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What would change. ``base`` and ``review`` are reviews of the same scope without and with the scenario.

    ``moved``: see :func:`analytics.whatif.moving.moved`, positions in the rows of the base's dataset; ``lifts``: one per
    lifted place and clock; ``merged``: new place → table of :func:`analytics.measures.table`, a row per part
    and the new place last; ``stage``: dataset and scope of the scenario before lifting, for charts;
    ``indicators``: one row per measure of the registry, see :func:`_indicators`.
    """

    scenario: Scenario
    base: dict[str, Any] = field(repr=False)
    review: dict[str, Any] = field(repr=False)
    moved: pd.DataFrame = field(repr=False)
    lifts: tuple[Lift, ...]
    merged: dict[str, pd.DataFrame] = field(repr=False)
    indicators: pd.DataFrame = field(repr=False)
    stage: Stage = field(repr=False)
    notes: tuple[str, ...]

    @cached_property
    def difference(self) -> dict[str, Any]:
        """See :func:`analytics.whatif.difference.difference`; made for who asks, which no page does."""
        return difference(self.base, self.review)


def apply(dataset: Dataset, scope: Scope, scenario: Scenario, base: dict[str, Any] | None = None) -> WhatIf:
    """The review of ``scope`` as it is and as it would be; raises ScenarioError for what cannot be supposed.

    Order: the scope as it stands, leave out, change limits, merge, lift. ``base``: the review of ``scope`` where
    it is at hand already.
    """
    staged = stage(dataset, scope, scenario)
    base = review(dataset, scope) if base is None else base
    supposed = _review(staged, base, scenario) | {"scope": scope.to_dict()}
    events = programme.of_scope(dataset.events, _today(scope, scenario, staged))
    supposed["complaints"] = {**supposed["complaints"], "events": events}
    evaluation = measures.evaluate(staged.data.rollup, staged.scope)
    places, counters = evaluation.by_place()
    lifted, lifts, notes = lift(places, counters, scenario.lift, staged.data.policy)
    if any(one.more for one in lifts):
        show_lifts(supposed, places, lifted, lifts, _months_with_misses(evaluation, lifts))
    before = measures.evaluate(dataset.rollup, scope).totals
    return WhatIf(
        scenario=scenario,
        base=base,
        review=supposed,
        moved=moved(dataset.rows, staged, lifts),
        lifts=lifts,
        merged=_merged(dataset, staged),
        indicators=_indicators(before, lifted.sum(axis=0), staged),
        stage=staged,
        notes=(*staged.notes, *notes),
    )


#: Parts of a review that know nothing of the limit or the calendar of a clock.
_CLOCKLESS: Final = (
    "counts",
    "colours",
    "resolution",
    "feedback",
    "satisfaction",
    "repeats",
    "density",
    "complaints",
)


def _review(staged: Stage, base: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    """The review of what is supposed; where clocks alone differ, the other parts are those of ``base``."""
    fresh = Review(staged.data, staged.scope)
    if scenario.leave_out or scenario.merge or scenario.colour_limits:
        return dict(fresh)
    return {part: base[part] if part in _CLOCKLESS else fresh[part] for part in fresh}


def _today(scope: Scope, scenario: Scenario, staged: Stage) -> Scope:
    """The places that stay, by today's names, under which events are recorded."""
    if not scenario.left_out("courtyard"):
        return scope
    return replace(scope, courtyards=tuple(staged.names) or NO_PLACE)


def to_dict(what_if: WhatIf, dataset: Dataset) -> dict[str, Any]:
    """The answer as plain JSON: the contract's four parts first, then what explains them."""
    return {
        "base": what_if.base,
        "scenario": what_if.review,
        "difference": what_if.difference,
        "moved": records(dataset.rows, what_if.moved),
        "asked": what_if.scenario.to_dict() | {"address": to_address(what_if.scenario)},
        "lifts": [vars(one) for one in what_if.lifts],
        "merged": [
            {"place": new, "parts": _plain(table.iloc[:-1]), "whole": _plain(table.iloc[-1:])[0]}
            for new, table in what_if.merged.items()
        ],
        "notes": list(what_if.notes),
    }


def _months_with_misses(evaluation: Evaluation, lifts: tuple[Lift, ...]) -> dict[str, list[str]]:
    """Months in which a lifted place missed a clock: how many of them would remain nobody knows."""
    months = evaluation.rollup.months
    found: dict[str, list[str]] = {clock: [] for clock in CLOCKS}
    for one in lifts:
        if one.more:
            table = evaluation.table[evaluation.rollup.places.index(one.place)]
            misses = sum(table[:, POSITION[f"{one.clock}_{s}"]] for s in ("missed", "unrecorded"))
            found[one.clock] += [month for month, n in zip(months, misses, strict=True) if n]
    return found


def _merged(dataset: Dataset, staged: Stage) -> dict[str, pd.DataFrame]:
    """Parts and whole of every merged place under the limits of the scenario: the intervals narrow."""
    merged = merged_places(staged.names)
    if not merged:
        return {}
    keys, counters = parts(dataset, staged)
    found = {}
    for new, own in merged.items():
        at = [keys.index(key) for key in own if key in keys]
        own_counters = counters[at]
        whole = own_counters.sum(axis=0, keepdims=True)
        found[new] = measures.table([*(keys[i] for i in at), new], np.concatenate([own_counters, whole]))
    return found


def _indicators(before: np.ndarray, after: np.ndarray, staged: Stage) -> pd.DataFrame:
    """Every measure of the registry in base and scenario, one row each, index its name.

    Columns ``base_…`` and ``scenario_…`` of numerator, denominator, rate, lower, upper (NaN unknown; a count
    has only a numerator), ``change`` (of a count its number, of a rate percentage points, NaN unknown),
    ``is_rate``, ``target`` (under the scenario's policy; NaN none).
    """
    both = np.stack([before, after])
    rates = measures.rates(both)
    table = pd.DataFrame(
        {
            f"{side}_{part}": getattr(rates, part)[at].astype(float)
            for at, side in enumerate(("base", "scenario"))
            for part in ("numerator", "denominator", "rate", "lower", "upper")
        },
        index=list(RATES),
    )
    table["change"] = 100 * (table["scenario_rate"] - table["base_rate"])
    counts = measures.petitions(both)
    table.loc["petitions", ["base_numerator", "scenario_numerator"]] = counts
    table.loc["petitions", "change"] = counts[1] - counts[0]
    table = table.loc[list(REGISTRY)]
    targets = [_target(staged, measure) for measure in REGISTRY.values()]
    return table.assign(is_rate=[m.is_rate for m in REGISTRY.values()], target=np.array(targets, dtype=float))


def _target(staged: Stage, measure: measures.Measure) -> float | None:
    policy = staged.data.policy
    if measure.name in CLOCKS:
        return policy.clock(measure.name).target
    return policy.target(measure.target) if measure.target else None


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain numbers, unknown None, each with its place."""
    lines = table.astype(object).where(table.notna(), None).rename_axis("place").reset_index()
    return [{str(name): value for name, value in line.items()} for line in lines.to_dict("records")]
