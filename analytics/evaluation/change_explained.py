"""Why a rate changed from one month to the next: what came in (mix), and who did better or worse.

The parts add up to the change exactly (a symmetric form of the Kitagawa 1955 decomposition, JASA
50:1168-1194), so that nothing is left over as an unexplained remainder.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.i18n import mark

KIND_LABELS: Final = {"mix": mark("来件结构"), "performance": mark("办理表现")}


@dataclass(frozen=True)
class Contributor:
    """One group's share in the change: by its share of the petitions (mix) or by its own rate."""

    group: Any
    kind: str  # a key of KIND_LABELS
    effect: float  # part of the change of the rate, as a fraction


@dataclass(frozen=True, eq=False)
class ChangeExplained:
    """A rate before and after, and the change as mix + performance.

    ``parts``: one row per group: share_before, share_after, rate_before, rate_after (blank where the group
    had nothing), mix, performance, total. ``largest``: the three parts that matter most, largest first.
    Rates and parts are None, and ``parts`` empty, where one of the two months has no denominator.
    """

    before: float | None
    after: float | None
    change: float | None
    mix: float | None
    performance: float | None
    parts: pd.DataFrame
    largest: tuple[Contributor, ...]


def explain_change(before: pd.DataFrame, after: pd.DataFrame, *, name_most: int = 3) -> ChangeExplained:
    """Split the change of numerator / denominator between two months over the groups in the index.

    ``before`` and ``after``: one row per group with columns numerator and denominator; a group may be in only
    one of them. Raises ValueError when a group comes twice in a month.
    """
    counts = _align(before, after)
    rates = [
        _rate(counts[f"numerator_{when}"], counts[f"denominator_{when}"]) for when in ("before", "after")
    ]
    if None in rates:
        return ChangeExplained(rates[0], rates[1], None, None, None, _parts(counts.iloc[:0]), ())
    parts = _parts(counts)
    assert rates[0] is not None
    assert rates[1] is not None
    return ChangeExplained(
        before=rates[0],
        after=rates[1],
        change=rates[1] - rates[0],
        mix=math.fsum(parts["mix"]),
        performance=math.fsum(parts["performance"]),
        parts=parts,
        largest=_largest(parts, name_most),
    )


def _align(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    columns = ["numerator", "denominator"]
    if before.index.has_duplicates or after.index.has_duplicates:
        raise ValueError("a group comes twice in one month")
    index = before.index.union(after.index, sort=False)
    counts = {}
    for when, side in (("before", before), ("after", after)):
        at = index.get_indexer(side.index)
        for name in columns:
            counts[f"{name}_{when}"] = np.zeros(len(index))
            counts[f"{name}_{when}"][at] = side[name].to_numpy(dtype=float)
    return pd.DataFrame(counts, index=index)


def _rate(numerator: pd.Series, denominator: pd.Series) -> float | None:
    total = math.fsum(denominator)
    return math.fsum(numerator) / total if total > 0 else None


def _parts(counts: pd.DataFrame) -> pd.DataFrame:
    """Per group: change of share × (mean rate − overall mean rate), and mean share × change of rate.

    A group with nothing in one of the months has only a mix part: its rate cannot have changed.
    """
    hits, size = (
        {when: counts[f"{part}_{when}"].to_numpy() for when in ("before", "after")}
        for part in ("numerator", "denominator")
    )
    rate = {
        when: np.divide(hits[when], n, out=np.full(len(n), np.nan), where=n > 0) for when, n in size.items()
    }
    share = {when: n / n.sum() for when, n in size.items()}
    overall = [hits[when].sum() / max(n.sum(), 1e-300) for when, n in size.items()]
    old = np.nan_to_num(np.where(np.isnan(rate["before"]), rate["after"], rate["before"]))
    new = np.nan_to_num(np.where(np.isnan(rate["after"]), rate["before"], rate["after"]))
    # Measured from the overall rate: more petitions from a good group help, from a poor one hurt.
    mix = (share["after"] - share["before"]) * ((old + new) / 2 - sum(overall) / 2)
    performance = (share["before"] + share["after"]) / 2 * (new - old)
    return pd.DataFrame(
        {
            "share_before": share["before"],
            "share_after": share["after"],
            "rate_before": rate["before"],
            "rate_after": rate["after"],
            "mix": mix,
            "performance": performance,
            "total": mix + performance,
        },
        index=counts.index,
    )


def _largest(parts: pd.DataFrame, name_most: int) -> tuple[Contributor, ...]:
    """The parts by size, whatever their sign; nothing is named that adds nothing."""
    kinds = list(KIND_LABELS)
    effects = parts[kinds].to_numpy()
    order = np.argsort(-np.abs(effects), axis=None, kind="stable")[:name_most]
    named = [divmod(int(place), len(kinds)) for place in order]
    return tuple(
        Contributor(parts.index[row], kinds[column], float(effects[row, column]))
        for row, column in named
        if abs(effects[row, column]) > 1e-12
    )
