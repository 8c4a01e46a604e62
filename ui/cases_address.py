"""How the list of petitions is looked at, in its address: what is searched, the order, the page, the columns.

It is kept nowhere else, so that a link, the way back and a reload all show the same list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from analytics import cases
from analytics.i18n import gettext as _
from analytics.present import tables_cases
from analytics.store import MOST_CHARACTERS, search_words
from ui import address

SEARCH: Final = "q"
ORDER: Final = "sort"
COLUMNS: Final = "columns"
#: The newest report first; ``-`` before a column: from large to small.
USUAL_ORDER: Final = "-reported_at"


@dataclass(frozen=True)
class Look:
    """How the list is looked at; ``notes`` say what in the address could not be meant."""

    text: str
    order: str
    page: int
    columns: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that are searched."""
        return search_words(self.text)

    @property
    def column(self) -> str:
        """The column by which the list is in order."""
        return self.order.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether from large to small, from new to old."""
        return self.order.startswith("-")


def read() -> Look:
    """What the present address says, as far as it can be meant."""
    notes: list[str] = []
    text = _text(notes)
    return Look(text, _order(notes), _page(notes), _columns(bool(text), notes), tuple(notes))


def change(**values: str | None) -> None:
    """Write some of the four parts, None = as usual; one step for the reader's way back."""
    said: dict[str, Any] = {name: value or [] for name, value in values.items()}
    st.query_params.update(said)


def order_by(column: str, descending: bool) -> None:
    """Put the whole list in another order, from its first page."""
    order = f"-{column}" if descending else column
    change(sort=None if order == USUAL_ORDER else order, page=None)


def _text(notes: list[str]) -> str:
    given = st.query_params.get(SEARCH, "")
    if len(given) > MOST_CHARACTERS:
        notes.append(_("搜索的文字太长，只按前 {n} 个字找。").format(n=MOST_CHARACTERS))
    text = given[:MOST_CHARACTERS].strip()
    return text if search_words(text) else ""


def _order(notes: list[str]) -> str:
    given = st.query_params.get(ORDER, "") or USUAL_ORDER
    if given.removeprefix("-") in cases.SORTABLE:
        return given
    notes.append(_("认不出的排序「{name}」，按上报时间从新到旧排。").format(name=given[:40]))
    return USUAL_ORDER


def _page(notes: list[str]) -> int:
    given = st.query_params.get(address.PAGE, "") or "1"
    if given.isascii() and given.isdecimal() and given.strip("0"):
        return int(given[:9])  # a page that does not exist is said where the list is known
    notes.append(_("认不出的页码「{name}」，从第一页看起。").format(name=given[:40]))
    return 1


def _columns(searching: bool, notes: list[str]) -> tuple[str, ...]:
    """Whoever searches wants to see what was found, unless other columns are asked for."""
    given = st.query_params.get(COLUMNS, "")
    usual = (*tables_cases.USUAL, "content") if searching else tables_cases.USUAL
    asked = given.split(",") if given else usual
    if unknown := [name for name in asked if name not in tables_cases.CHOICES]:
        names = _("、").join(_("「{name}」").format(name=name[:40]) for name in unknown[:5])
        notes.append(_("没有这些列，已略去：{names}").format(names=names))
    return tuple(name for name in tables_cases.CHOICES if name in ("case_id", *asked))
