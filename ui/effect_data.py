"""What the pages of effect and courtyards measure, kept by data and scope as :mod:`ui.data` keeps the review."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st
from pandas import Timestamp

from analytics import change as changes
from analytics import comparison, effectiveness, store, unfinished
from analytics.scope import Scope
from analytics.trends import Trend
from ui.data import BY_WORDS, Key, dataset, engine


def effect(at: Key, scope: Scope) -> dict[str, Any]:
    """The evaluation of the launch at the places of a scope; it rests on all months, whatever is chosen."""
    return _effect(at, replace(scope, first_month=None, last_month=None))


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=BY_WORDS)
def _effect(at: Key, scope: Scope) -> dict[str, Any]:
    return effectiveness.evaluate(dataset(at), scope)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=BY_WORDS)
def compared(at: Key, scope: Scope, measure: str, adjusted: bool) -> dict[str, Any]:
    """The courtyards of a scope by one measure; shared, not to be changed."""
    return comparison.compare(dataset(at), scope, measure, adjusted=adjusted)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=BY_WORDS)
def course(at: Key, scope: Scope, measure: str, place: str) -> Trend:
    """One courtyard's course behind its trend word; shared, not to be changed."""
    return comparison.card(dataset(at), scope, measure, place)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=BY_WORDS)
def change(at: Key, scope: Scope, measure: str, axis: str) -> dict[str, Any]:
    """A rate's change since the month before, split over an axis; shared, not to be changed."""
    return changes.explain(dataset(at), scope, measure, axis)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs=BY_WORDS)
def late(at: Key, scope: Scope) -> dict[str, unfinished.Unfinished | None]:
    """What looks incomplete at the end of every trend of a scope, by channel; shared, not to be changed."""
    return unfinished.channels(dataset(at), scope)


def record_event(label: str, kind: str, on: Timestamp, place: str, note: str) -> None:
    """Write an event of the programme; ``place`` is "" for everywhere, else a place key (「社区/」: all of it)."""
    community, _sep, courtyard = place.partition("/")
    store.add_event(
        engine(), label=label, kind=kind, on=on, community=community, courtyard=courtyard, note=note
    )


def remove_event(event: int) -> None:
    """Delete an event of the programme; raises StoreError when it is gone already."""
    store.remove_event(engine(), event)
