"""The parts of the page of courtyards: one courtyard's card, and why a rate changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from analytics import breakdown, dataset
from analytics.change import AXES
from analytics.comparison import CHOICES, COMPLAINTS
from analytics.i18n import gettext as _
from analytics.present import charts_courtyards, sentences_courtyards, ways
from analytics.scope import Scope
from analytics.vocabulary import place_label
from ui import cards, components, data, effect_data

_WIDTH = 320


def measure(label: str, view: Any, key: str, choices: tuple[str, ...] = CHOICES) -> str:
    """Choose what is compared."""
    return st.selectbox(
        label,
        choices,
        format_func=lambda name: sentences_courtyards.measure_title(name, view.policy),
        key=key,
        width=_WIDTH,
    )


def one_courtyard(found: Mapping[str, Any], view: Any) -> None:
    """One courtyard's card: its rate beside everybody's, its band and its own course."""
    components.section(_("看一个院落"))
    rows = {row["place"]: row for row in found["rows"]}
    place = st.selectbox(
        _("院落"), list(rows), format_func=lambda key: place_label(key, True), key="card-place", width=_WIDTH
    )
    row = rows[place]
    components.finding(sentences_courtyards.courtyard(row, found, view.policy))
    if row["against"]:
        label = sentences_courtyards.against(found["measure"], row["against"])
        components.link_to_cases(label, row["narrowing"])
    trend = effect_data.course(view.key, view.scope, found["measure"], place)
    if len(trend.chart):
        there = replace(view.scope, communities=(), courtyards=(place,))
        happened = dataset.happened(view.dataset, there)
        opens = _months(view, found["measure"], place, there) if trend.method == "month" else {}
        drawn = charts_courtyards.course(trend, found["measure"], view.policy, happened, opens, **view.look)
        channel = "complaints" if found["measure"] == COMPLAINTS else "petitions"
        name = f"{'by-month' if opens else 'course'}-{found['measure']}-{components.fingerprint(place)}"
        components.figure(cards.flagged(view, drawn, channel), name, view, leads=bool(opens))
        cards.unfinished(view, channel)


def _months(view: Any, measure: str, place: str, there: Scope) -> dict[str, ways.Way]:
    if measure == COMPLAINTS:
        return ways.complaint_course(breakdown.complaint_table(view.dataset, view.scope), place)
    return ways.course(data.review(view.key, there)["months"], measure, place=place)


@st.fragment
def change(view: Any) -> None:
    """Why a rate changed since the month before: what came in, and who did better or worse."""
    components.section(_("为什么变了？"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = measure(_("指标"), view, "changed", CHOICES[:-1])
        axis = st.segmented_control(
            _("分到"),
            AXES,
            default=AXES[0],
            required=True,
            format_func=sentences_courtyards.axis,
            key="changed-by",
        )
    found = effect_data.change(view.key, view.scope, name, axis)
    components.finding(sentences_courtyards.change(found, view.policy))
    if found["parts"]:
        drawn = charts_courtyards.change_parts(found, view.policy, **view.look)
        components.figure(drawn, f"change-{name}-{axis}", view)
        cards.unfinished(view, "petitions")
