"""A narrowing in the address: ``/cases?clock=response&state=missed``, beside the parameters of the scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st

from analytics import narrowing as narrowings
from analytics.narrowing import CONDITIONS

#: Conditions whose names the scope filters already use in the address.
_RENAMED: Final = {
    "handler": "by_handler",
    "category": "by_category",
    "channel": "by_channel",
    "expected": "by_expected",
    "case": "only",  # ``?case=`` opens one petition
}
_PARAMETERS: Final = {name: _RENAMED.get(name, name) for name in CONDITIONS}
#: The page of the list of petitions.
PAGE: Final = "page"
#: An address names no more petitions than this one by one.
MOST_CASES: Final = 200


def of(narrowing: Mapping[str, Any]) -> dict[str, list[str]]:
    """The parameters that say a narrowing."""
    return {
        _PARAMETERS[name]: [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)]
        for name, value in narrowing.items()
        if name in _PARAMETERS
    }


def narrowing() -> dict[str, list[str]]:
    """The narrowing that the present address says; not yet known to be possible."""
    found = {name: st.query_params.get_all(parameter) for name, parameter in _PARAMETERS.items()}
    return {name: values for name, values in found.items() if values}


def narrow(further: Mapping[str, Any]) -> None:
    """Narrow the page that is open (callback of a click); one step for the reader's way back."""
    st.query_params.update(of(narrowings.both(narrowing(), further)))


def drop(names: list[str]) -> None:
    """Take conditions out of the address, from the list's first page (callback of a chip)."""
    st.query_params.update({**{_PARAMETERS[name]: [] for name in names}, PAGE: []})


def open_case(case_id: str) -> None:
    """Open one petition on the page of the list."""
    st.query_params["case"] = case_id


def close_case(page: int | None = None) -> None:
    """Back to the list, narrowed as it was, at ``page`` or where it was left (callback)."""
    turned: dict[str, Any] = {} if page is None else {PAGE: str(page) if page > 1 else []}
    st.query_params.update({"case": [], **turned})


def case() -> str | None:
    """The petition that the address opens."""
    return st.query_params.get("case") or None


def link() -> str:
    """The present address in full, to be given to somebody else, who may read another language."""
    given = {name: st.query_params.get_all(name) for name in st.query_params if name not in (PAGE, "lang")}
    return f"{st.context.url or ''}?{urlencode(given, doseq=True)}"
