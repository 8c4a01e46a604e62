"""Lifting a courtyard: what its clocks would show had it kept them as well as asked.

met = max(met, ⌈goal × due⌉), so nothing is ever lowered. Which of its misses would have been in time nobody
knows, so all of them are candidates, and whatever depends on which (months, medians) becomes unknown.
Only the four clocks are lifted: on-time closing is bound up with colours and open petitions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics import measures
from analytics.evaluation.fair_comparison import BAND_LABELS
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import Value
from analytics.policy import Policy
from analytics.review import bands
from analytics.rollup import POSITION
from analytics.vocabulary import CLOCK_LABELS, CLOCKS, place_label

#: A courtyard is an example to others from so many petitions due on; a smaller one's rate is not even spoken
#: as a percentage.
COMPARABLE: Final = 10


@dataclass(frozen=True)
class Lift:
    """One clock of one lifted place: ``met`` of ``due`` today, ``more`` petitions in time at the goal.

    ``rate``: the goal as a fraction; ``example``: the place whose rate that is (goal best), else None.
    """

    place: str
    goal: str
    clock: str
    rate: float
    example: str | None
    met: int
    due: int
    more: int


def lift(
    places: Sequence[str], counters: np.ndarray, wanted: Sequence[tuple[str, str]], policy: Policy
) -> tuple[np.ndarray, tuple[Lift, ...], tuple[str, ...]]:
    """Counters by place, shape (places, counters), with the wanted lifts; each lift; what could not be done.

    A clock of a place that has no rate (nothing due, or nothing recorded) stays as it is. The average is the
    rate of all ``places`` together and the best is taken among them, both before lifting.
    """
    lifted = counters.copy()
    lifts: list[Lift] = []
    notes: list[str] = []
    for place, goal in wanted:
        if place not in places:
            text = _("「{place}」不在范围内或已剔除，没有可补的诉求。")
            notes.append(text.format(place=place_label(place, True)))
            continue
        excused: dict[str, list[str]] = {}
        for clock in CLOCKS:
            found = _lift_one(lifted, place, goal, clock, places, counters, policy)
            if isinstance(found, Lift):
                lifts.append(found)
            elif found:
                excused.setdefault(found, []).append(clock)
        notes += [_excuse(place, clocks, why) for why, clocks in excused.items()]
    return lifted, tuple(lifts), tuple(notes)


#: Why a clock of a place stays as it is.
_EXCUSES: Final = {
    "unknown": mark("「{place}」的{clocks}全部未记录，按时率未知，不作推算。"),
    "target": mark("{clocks}没有设目标，「{place}」不变。"),
    "average": mark("{clocks}在范围内没有按时率，「{place}」不变。"),
    "best": mark("{clocks}没有可比的院落（到期至少 {n} 件），「{place}」不变。"),
}


def _excuse(place: str, clocks: Sequence[str], why: str) -> str:
    return _(_EXCUSES[why]).format(
        clocks=_("、").join(_(CLOCK_LABELS[clock]) for clock in clocks),
        place=place_label(place, True),
        n=COMPARABLE,
    )


def _goal(
    goal: str, clock: str, at: int, places: Sequence[str], counters: np.ndarray, policy: Policy
) -> tuple[Fraction | None, str | None]:
    """The goal as an exact fraction: ⌈0.95 × 20⌉ must be 19 whatever floats think."""
    if goal == "target":
        target = policy.clock(clock).target
        return (None if target is None else Fraction(str(target))), None
    if goal == "average":
        return _rate(counters.sum(axis=0), clock), None
    rates = {
        place: rate
        for i, place in enumerate(places)
        if i != at and not place.endswith("/") and _due(counters[i], clock) >= COMPARABLE
        and (rate := _rate(counters[i], clock)) is not None
    }  # fmt: skip
    if not rates:
        return None, None
    best = max(rates, key=lambda place: (rates[place], _due(counters[list(places).index(place)], clock)))
    return rates[best], best


def _due(counters: np.ndarray, clock: str) -> int:
    return int(sum(counters[POSITION[f"{clock}_{state}"]] for state in ("met", "missed", "unrecorded")))


def _rate(counters: np.ndarray, clock: str) -> Fraction | None:
    if measures.rates(counters[None, :]).first(clock).rate is None:
        return None
    return Fraction(int(counters[POSITION[f"{clock}_met"]]), _due(counters, clock))


def _lift_one(
    lifted: np.ndarray,
    place: str,
    goal: str,
    clock: str,
    places: Sequence[str],
    counters: np.ndarray,
    policy: Policy,
) -> Lift | str | None:
    """Lift one clock of one place within ``lifted``; a key of :data:`_EXCUSES` or None where it cannot be."""
    at = list(places).index(place)
    due = _due(counters[at], clock)
    if _rate(counters[at], clock) is None:
        return "unknown" if due else None
    rate, example = _goal(goal, clock, at, places, counters, policy)
    if rate is None:
        return goal
    met = int(counters[at, POSITION[f"{clock}_met"]])
    more = max(0, -(-rate.numerator * due // rate.denominator) - met)
    _move(lifted[at], clock, more)
    return Lift(place, goal, clock, float(rate), example, met, due, more)


def _move(row: np.ndarray, clock: str, more: int) -> None:
    """Make misses of ``row`` met: those known to be late first, then the unrecorded."""
    met, missed, unrecorded = (POSITION[f"{clock}_{state}"] for state in ("met", "missed", "unrecorded"))
    known = min(more, int(row[missed]))
    row[met] += more
    row[missed] -= known
    row[unrecorded] -= more - known
    if clock == "follow_up":  # a follow-up in time is a follow-up
        row[POSITION["followed_up"]] = max(row[POSITION["followed_up"]], row[met])


def show_lifts(
    review: dict[str, Any],
    places: Sequence[str],
    counters: np.ndarray,
    lifts: Sequence[Lift],
    months: Mapping[str, Sequence[str]],
) -> None:
    """Write the lifted ``counters`` into a review of the same places, in place.

    ``months``: clock → months that have a miss of a lifted place, of which nobody can say how many remain.
    """
    total = measures.rates(counters.sum(axis=0)[None, :])
    summed = counters.sum(axis=0)
    table = measures.rates(counters)
    moved = [clock for clock in CLOCKS if any(one.more for one in lifts if one.clock == clock)]
    for clock in moved:
        _show_clock(review, clock, summed, total.first(clock))
        names = (clock, "follow_up_share") if clock == "follow_up" else (clock,)
        for record in review["courtyards"]:
            at = list(places).index(record["place"])
            for name in names:
                _show_rate(record, name, table, at)
        for record in review["months"]:
            if record["month"] in months[clock]:
                record |= {f"{n}_{part}": None for n in names for part in ("rate", "interval", "met")}
    if "follow_up" in moved:
        _show_follow_up(review, total)
    if "response" in moved:
        codes = bands(measures.table(list(places), counters))
        for record in review["courtyards"]:
            code = codes[record["place"]]
            record |= {"band": BAND_LABELS.get(code), "band_code": None if pd.isna(code) else code}


def _show_clock(review: dict[str, Any], clock: str, counters: np.ndarray, value: Value) -> None:
    found = review["clocks"][clock]
    found |= {s: int(counters[POSITION[f"{clock}_{s}"]]) for s in ("met", "missed", "unrecorded")}
    found |= {"rate": value.rate, "interval": _pair(value), "upper_bound": value.upper_bound}
    found |= dict.fromkeys(("median_minutes", "p90_minutes", "n_recorded"))
    review["data_quality"]["faults"][f"unrecorded_{clock}"] = found["unrecorded"]


def _show_rate(record: dict[str, Any], name: str, table: measures.Rates, row: int) -> None:
    at = (row, measures.RATES.index(name))
    known = not np.isnan(table.rate[at])
    record[f"{name}_met"] = int(table.numerator[at])
    record[f"{name}_rate"] = float(table.rate[at]) if known else None
    record[f"{name}_interval"] = [float(table.lower[at]), float(table.upper[at])] if known else None


def _show_follow_up(review: dict[str, Any], total: measures.Rates) -> None:
    share, clock = total.first("follow_up_share"), total.first("follow_up")
    found = review["follow_up"]
    found |= {"followed_up": share.numerator, "rate": share.rate, "interval": _pair(share)}
    found["on_time"] |= {"met": clock.numerator, "rate": clock.rate, "interval": _pair(clock)}


def _pair(value: Value) -> list[float] | None:
    return None if value.interval is None else list(value.interval)
