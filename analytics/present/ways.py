"""The way from a cell of a table to its petitions: per column, for each row, a narrowing and how many it opens.

They go beside the tables that :mod:`tables`, :mod:`tables_effect` and :mod:`tables_follow_up` make of the same
rows. A rate leads to the petitions it is about, whose number stands in it; a figure of complaints to these
complaints; a cell without either leads nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
from pandas import DataFrame

from analytics.comparison import COMPLAINTS
from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import sentences_courtyards, wording
from analytics.present.charts_style import COMPLAINED
from analytics.present.sentences_follow_up import title
from analytics.present.tables import RATES, flagged_month
from analytics.present.tables_follow_up import RATES as FOLLOWED
from analytics.scope import Scope, month_number, month_text
from analytics.vocabulary import CLOCKS, COLOURS, OUTCOMES, STATE_LABELS

#: A narrowing and the number of petitions (or complaints) that it opens.
Way = tuple[dict[str, Any], int]
#: Column → for each row its way.
Ways = dict[str, list[Way]]


def months(rows: Sequence[Mapping[str, Any]], policy: Policy) -> Ways:
    """The cells of :func:`tables.rated` by month."""
    counts = {_("受理"): ("petitions", {}), _("在办"): ("open", {"flag": "is_open"})}
    counts |= {wording.colour(c): (c, {"outcome": f"closed_{c}"}) for c in COLOURS}
    ways = {
        column: [({"month": row["month"], **more}, int(row[name])) for row in rows]
        for column, (name, more) in counts.items()
    }
    rates = {
        REGISTRY[name].titled(policy): [_about(name, row, {"month": row["month"]}) for row in rows]
        for name in RATES
    }
    return ways | rates


def course(rows: Sequence[Mapping[str, Any]], measure: str, **own: str) -> dict[str, Way]:
    """The months of a rate's course, from the review's ``months``: the petitions that the rate is about.

    ``own``: what else they have in common. A rate that counts other things than petitions leads nowhere.
    """
    if REGISTRY[measure].unit != REGISTRY["response"].unit:
        return {}
    return {row["month"]: _about(measure, row, {**own, "month": row["month"]}) for row in rows}


def complaint_course(wide: DataFrame, place: str) -> dict[str, Way]:
    """The months of a courtyard's complaints, from :func:`analytics.breakdown.complaint_table`."""
    counts = wide.loc[place].fillna(0).astype(int) if place in wide.index else pd.Series(dtype=int)
    return {str(month): ({COMPLAINED: str(month), "place": place}, int(n)) for month, n in counts.items()}


def followed(table: DataFrame, axis: str, policy: Policy) -> Ways:
    """The cells of :func:`tables_follow_up.groups` along ``axis``."""
    rows = table.sort_values("petitions", ascending=False, kind="stable")
    keyed = [({axis: str(key)}, row) for key, row in rows.iterrows()]
    ways: Ways = {_("受理"): [(own, int(row["petitions"])) for own, row in keyed]}
    return ways | {title(name, policy): [_about(name, row, own) for own, row in keyed] for name in FOLLOWED}


def clocks(review: Mapping[str, Any]) -> Ways:
    """The cells of :func:`tables.clocks`: each state, and the rate with all that are due."""
    found = review["clocks"]
    ways: Ways = {
        _(STATE_LABELS[state]): [
            ({"clock": name, "state": state}, int(found[name][state])) for name in CLOCKS
        ]
        for state in STATE_LABELS
    }
    due = ("met", "missed", "unrecorded")
    ways[_("按时率")] = [
        (
            dict(REGISTRY[name].base),
            sum(found[name][state] for state in due) if found[name]["rate"] is not None else 0,
        )
        for name in CLOCKS
    ]
    return ways


def courtyards(found: Mapping[str, Any], policy: Policy, complained: Mapping[str, int]) -> Ways:
    """The cells of :func:`tables_effect.courtyards`; ``complained``: complaints by place."""
    measure, rows = found["measure"], found["rows"]
    if measure == COMPLAINTS:
        ways = [complaints_at(row["place"], complained) for row in rows]
    else:
        base = REGISTRY[measure].base
        ways = [({**base, "place": row["place"]}, int(row["denominator"])) for row in rows]
    return {sentences_courtyards.measure_title(measure, policy): ways}


def with_complaints(found: Mapping[str, Any], complained: Mapping[str, int]) -> dict[str, Any]:
    """Courtyards compared by complaints, each with the way to its complaints (``complained``: number by place)."""
    rows = []
    for row in found["rows"]:
        narrowing, number = complaints_at(row["place"], complained)
        rows.append({**row, "narrowing": narrowing, "against": number})
    return {**found, "rows": rows}


def launches(rows: Sequence[Mapping[str, Any]], complained: Mapping[str, int]) -> Ways:
    """The cells of :func:`tables_effect.courtyards_effect` and :func:`complaint_text.launches`: a courtyard and its
    means lead to its complaints."""
    ways = [complaints_at(row["place"], complained) for row in rows]
    return dict.fromkeys((_("院落"), _("上线前月均"), _("上线后月均")), ways)


def effect_months(result: Mapping[str, Any], scope: Scope) -> Ways:
    """The cells of :func:`tables_effect.months`, where ``scope`` holds their month."""
    rows = list(reversed(result["months"]))
    petitions = [petitions_in(row, result, scope) for row in rows]
    return {
        _("平台投诉"): [complaints_in(row, result["places"], scope) for row in rows],
        _("码上报诉求"): petitions,
    }


def checks(result: Mapping[str, Any], scope: Scope) -> Ways:
    """The cells of :func:`tables_effect.checks`: the month that was tried or left out leads to its complaints."""
    months = {row["month"]: row for row in result["months"]}
    tried = [months[check["month"]] for check in result["launch"]["robustness"]["checks"]]
    return {_("月份"): [complaints_in(row, result["places"], scope) for row in tried]}


def closing(rows: Sequence[Mapping[str, Any]]) -> Ways:
    """The cells of :func:`tables_effect.closing`: petitions with a known time to close, by side of the launch."""
    known = [name for name in OUTCOMES if name != "unknown"]
    before = [
        {"place": row["place"], "month_upto": month_text(month_number(row["month"]) - 1), "outcome": known}
        for row in rows
    ]
    after = [{"place": row["place"], "month_from": row["month"], "outcome": known} for row in rows]
    return {
        _("上线前的诉求"): [(way, row["before"]) for way, row in zip(before, rows, strict=True)],
        _("上线后的诉求"): [(way, row["after"]) for way, row in zip(after, rows, strict=True)],
    }


def complaint_months(wide: DataFrame, incomplete: Collection[str] = ()) -> Ways:
    """The cells of :func:`tables.complaint_months`: a courtyard's complaints, of one month or of all."""
    sums = {str(place): int(n) for place, n in wide.sum(axis=1).items()}
    ways: Ways = {_("合计"): [complaints_at(place, sums) for place in sums]}
    for month in wide.columns:
        counts = wide[month].fillna(0).astype(int)
        ways[flagged_month(month, incomplete)] = [
            ({COMPLAINED: month, "place": str(place)}, int(n)) for place, n in counts.items()
        ]
    return ways


def complaints_at(place: str, complained: Mapping[str, int]) -> Way:
    """The way to all complaints of a courtyard; ``complained``: their number by place."""
    return {COMPLAINED: "", "place": place}, int(complained.get(place, 0))


def complaints_in(row: Mapping[str, Any], places: Sequence[str], scope: Scope) -> Way:
    """The way to a month's complaints; none where ``scope``, which the reader takes along, lacks the month."""
    where = {"place": places[0]} if len(places) == 1 else {}
    inside = scope.includes_month(month_number(row["month"]))
    return {COMPLAINED: row["month"], **where}, int(row["complaints"] or 0) if inside else 0


def petitions_in(row: Mapping[str, Any], result: Mapping[str, Any], scope: Scope) -> Way:
    """The way to a month's petitions but those that the city platform passed on; none outside ``scope``."""
    others = result["channels"]["other_channels"]
    inside = scope.includes_month(month_number(row["month"]))
    narrowing = {"month": row["month"], **({"channel": others} if others else {})}
    return narrowing, int(row["petitions"] or 0) if inside else 0


def _about(name: str, row: Any, own: dict[str, Any]) -> Way:
    known = row[f"{name}_rate"] is not None and not pd.isna(row[f"{name}_rate"])
    return {**REGISTRY[name].base, **own}, int(row[f"{name}_due"]) if known else 0
