"""The language of a session, for :mod:`analytics.i18n`: what the switch says, else the address, else Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import streamlit as st

from analytics import i18n

KEY: Final = "lang"
_current: ContextVar[str | None] = ContextVar("language", default=None)


def begin_run() -> str:
    """Settle the language of this run before anything is written; returns its code."""
    i18n.use(_of_the_moment)
    code = _chosen()
    _current.set(code)
    return code


def keeping(work: Callable[[], Any]) -> Callable[[], Any]:
    """``work`` in the language of now, wherever it runs later (a download is made in another thread)."""
    code = i18n.language()

    def in_that_language() -> Any:
        _current.set(code)
        return work()

    return in_that_language


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Within it ``code`` is the language: a paper frozen in another one is shown and written as it was."""
    token = _current.set(code)
    try:
        yield
    finally:
        _current.reset(token)


def _of_the_moment() -> str:
    return _current.get() or _chosen()  # a fragment reruns alone, perhaps in a new thread


def _chosen() -> str:
    wanted = st.session_state.get(KEY) or _in_address()
    return wanted if wanted in i18n.LANGUAGES else "zh"


def _in_address() -> str | None:
    given = st.query_params.get(KEY)
    by_name = {name: code for code, name in i18n.LANGUAGES.items()}
    return by_name.get(given, given) if given else None
