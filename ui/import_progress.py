"""The bar of a long import, and the button that gives it up.

A click ends the running script at the next call of Streamlit, which is the next move of the bar: inside an
import's transaction, so that nothing of it is kept. Leaving the page does the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st

from analytics.i18n import gettext as _
from analytics.intake.progress import STEPS, Tell
from analytics.store import Saved
from ui import components

#: Seconds before a bar appears, so that nothing flickers on a small file; and between two moves of it.
_PATIENCE: Final = 0.5
_PULSE: Final = 0.15
_WRITING: Final = "import_writing"
_GIVEN_UP: Final = "import_given_up"


@dataclass
class Writing:
    """What an import has written so far; a plain object, which no ended script can leave half told.

    ``done``: what each file that is in has come to, and how many of its rows were rejected; ``file``: the one
    being written, "" before and after; ``failure``: why it ended.
    """

    done: list[tuple[Saved, int]] = field(default_factory=list)
    file: str = ""
    failure: str = ""


@contextmanager
def waiting(file: str, key: str, note: str) -> Iterator[Tell]:
    """A bar for work on ``file``, with ``note`` and the button below; yields what the work is to call."""
    place = st.empty()
    try:
        yield _Bar(place, file, key, note)
    finally:
        place.empty()


class _Bar:
    """Appears when the work takes long, and moves."""

    def __init__(self, place: Any, file: str, key: str, note: str) -> None:
        self.place, self.file, self.key, self.note = place, file, key, note
        self.bar: Any = None
        self.next = time.monotonic() + _PATIENCE

    def __call__(self, step: str, share: float) -> None:
        if (now := time.monotonic()) < self.next:
            return
        self.next = now + _PULSE
        text = _("正在{step} {file}：{percent} %").format(
            step=_(STEPS[step]), file=self.file, percent=int(share * 100)
        )
        if self.bar is None:
            self.bar = self._shown()
        self.bar.progress(share, components.plain(text))

    def _shown(self) -> Any:
        with self.place.container():
            bar = st.progress(0.0)
            st.button(_("取消"), key=f"give-up-{self.key}", on_click=_give_up)
            components.small_print(self.note)
        return bar


def _give_up() -> None:
    st.session_state[_GIVEN_UP] = True


def was_given_up() -> bool:
    """Whether the visitor has just given up what was running; asked once."""
    return bool(st.session_state.pop(_GIVEN_UP, False))


def begin() -> Writing:
    """The account of an import about to be written, kept until :func:`end`."""
    st.session_state[_WRITING] = writing = Writing()
    return writing


def end() -> Writing | None:
    """The account of the import that was written or given up last; None when there was none."""
    found: Writing | None = st.session_state.pop(_WRITING, None)
    return found
