"""The way from a figure of complaints to the complaints: the page 投诉趋势 of one month."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.scope import Scope, ScopeError, month_number
from analytics.vocabulary import place_label
from ui import address, components


def chosen(view: Any) -> Scope:
    """The scope that a click has chosen: one month, perhaps of one courtyard, each on a chip that takes it back."""
    scope: Scope = view.scope
    months, places = (address.narrowing().get(name, []) for name in ("month", "place"))
    parts: list[tuple[str, str]] = []
    if len(months) == 1 and _is_inside(months[0], scope):
        scope = replace(scope, first_month=months[0], last_month=months[0])
        parts.append(("month", wording.month(months[0])))
    if len(places) == 1 and scope.includes_place(places[0]):
        scope = replace(scope, courtyards=(places[0],))
        parts.append(("place", components.plain(place_label(places[0], True))))
    with st.container(key="narrowed", horizontal=True, gap="small"):
        for name, words in parts:
            st.button(f"{words} ✕", key=f"chip-{name}", on_click=address.drop, args=([name],))
    return scope


def _is_inside(month: str, scope: Scope) -> bool:
    try:
        return scope.includes_month(month_number(month))
    except ScopeError:
        return False


def link() -> None:
    """From a figure of complaints to all of them, month by month and one by one."""
    st.page_link(components.COMPLAINTS, label=_("看每月和逐条的投诉"))
