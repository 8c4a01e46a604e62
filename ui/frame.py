"""The frame around every page: guard, menu, scope in the side bar, scope in words above the page.

``dashboard.py`` calls :func:`run`; every file in ``pages/`` begins with
:func:`guard` and asks :func:`view` for what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import streamlit as st
from pandas import Timestamp
from streamlit.navigation.page import StreamlitPage

from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.policy import Policy, PolicyError
from analytics.present import wording
from analytics.scope import Scope
from analytics.store import StoreError
from ui import components, data, filters, language

PRODUCT: Final = mark("码上报 · 诉求成效看板")
_STYLE: Final = Path(__file__).with_name("style.css")
_DARK_PAPER: Final = Path(__file__).with_name("dark_paper.css")
_FRAMED: Final = "framed"
HOME: Final = "overview"
#: The menu: groups, and the pages of each by file name, which is also the address.
MENU: Final = (
    (mark("成效"), (("overview", mark("总览")), ("effectiveness", mark("成效评估")))),
    (
        mark("过程"),
        (
            ("colours", mark("四色")),
            ("clocks", mark("时效")),
            ("complaints", mark("投诉趋势")),
            ("courtyards", mark("院落")),
        ),
    ),
    (
        mark("办理"),
        (("supervision", mark("督办")), ("cases", mark("台账")), ("follow_up", mark("回访满意"))),
    ),
    (mark("推演与报告"), (("what_if", mark("情景推演")), ("report", mark("月报")))),
    (
        mark("数据"),
        (("imports", mark("导入")), ("quality", mark("数据核对")), ("definitions", mark("指标口径"))),
    ),
)


#: Pages that a click on one of their charts narrows; elsewhere it opens the list of petitions at once.
NARROWED: Final = (
    "overview", "effectiveness", "colours", "clocks", "courtyards", "follow_up",
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """What a page shows: the data of a moment, the scope, and what is needed to present them."""

    key: data.Key
    dataset: Dataset = field(repr=False)
    scope: Scope
    dark: bool

    @property
    def whole(self) -> Dataset:
        """The data of the moment, whatever a click has narrowed the page to."""
        return data.dataset(replace(self.key, narrowing=()))

    @cached_property
    def review(self) -> Mapping[str, Any]:
        """Every indicator of the scope."""
        return data.review(self.key, self.scope)

    @property
    def policy(self) -> Policy:
        """Limits and targets."""
        return self.dataset.policy

    @property
    def as_of(self) -> Timestamp:
        """The moment of evaluation."""
        return self.dataset.as_of

    @property
    def foot(self) -> str:
        """The small print that every figure shares."""
        return _("{as_of} · 来源：本系统台账").format(as_of=wording.as_of_words(self.as_of))

    @property
    def look(self) -> dict[str, Any]:
        """What every chart is told: the ground and the foot."""
        return {"dark": self.dark, "foot": self.foot}

    @property
    def notes(self) -> list[str]:
        """What goes with every file that leaves: product, scope, as-of."""
        return [_(PRODUCT), wording.scope(self.scope, self.as_of)]


def run() -> None:
    """Draw everything around the page, then run it. Within this call, and only within it, the guard opens."""
    page = draw()
    st.session_state[_FRAMED] = True
    try:
        page.run()
    finally:
        st.session_state[_FRAMED] = False


def guard() -> None:
    """The wall at the top of every page: nothing is read unless the frame runs the page.

    On a fresh server a first visitor's deep link runs the page's file alone; then the menu is made known
    and the run starts again through ``dashboard.py``, with the address and its parameters as they were.
    """
    if not st.session_state.get(_FRAMED):
        st.navigation(pages(), position="top")
        st.rerun()


def pages() -> dict[str, list[StreamlitPage]]:
    """The menu in the language of the moment."""
    menu = {_(group): [_page(name, title) for name, title in entries] for group, entries in MENU}
    # The first page answers at "/" and, for those who write it out, at its name too.
    by_name = st.Page(page_path(HOME), title=menu[_(MENU[0][0])][0].title, url_path=HOME, visibility="hidden")
    hidden = [by_name]
    if name := unknown_page(st.context.url):
        hidden.append(st.Page(_say_missing, title=_("没有这一页"), url_path=name, visibility="hidden"))
    return {**menu, "": hidden}


def unknown_page(address: str | None) -> str:
    """The name of a page that an address asks for and the menu does not have, else "".

    Such a page is added for it, so that what is missing is said in the reader's language.
    """
    name = unquote(urlsplit(address or "").path.rpartition("/")[2])
    return "" if any(name == known for _group, entries in MENU for known, _title in entries) else name


def _say_missing() -> None:
    components.heading(_("没有这一页"))
    components.nothing(_("网址写错了，或者这一页已经改名。从菜单里另选一页，或者回到总览。"))
    st.page_link(page_path(HOME), label=_("总览"))


def draw() -> StreamlitPage:
    """Draw everything around the page and return the page to run."""
    language.begin_run()
    st.session_state.pop(components.CLICKED, None)
    # Without an entry of our own there would be no menu to choose light or dark in.
    st.set_page_config(
        page_title=_(PRODUCT), page_icon="📮", layout="wide", menu_items={"About": f"**{_(PRODUCT)}**"}
    )
    page = st.navigation(pages(), position="top", expanded=True)
    st.html(_STYLE)
    if _is_dark():
        st.html(_DARK_PAPER)
    _say_own_words()
    st.logo(components.wordmark(_(PRODUCT), _is_dark()), size="large")
    st.session_state["view"] = _view(narrows=(page.url_path or HOME) in NARROWED)
    return page


def _say_own_words() -> None:
    """The few words that Streamlit writes itself, for the style sheet to put in the reader's language."""
    words = {"system": _("系统"), "light": _("浅色"), "dark": _("深色"), "skip": _("跳到正文")}
    said = " ".join(f"--say-{name}: '{word}';" for name, word in words.items())
    components.html(f"<style>:root {{ {said} }}</style>")


def view() -> View:
    """What the page shows (:func:`draw` has settled it)."""
    found: View = st.session_state["view"]
    return found


def stop_without_petitions(shown: View) -> None:
    """An empty scope is said to be empty, an empty store says how to begin; nothing else is drawn."""
    if shown.review["counts"]["petitions"]:
        return
    if len(shown.dataset.rows) or shown.key.narrowing:
        components.nothing(_("所选范围内没有诉求。换一个院落或月份，或者点「恢复默认」。"))
    else:
        components.nothing(_("截至这一时刻，台账里还没有诉求。"))
        st.page_link(page_path("imports"), label=_("导入诉求文件"))
    st.stop()


def page_path(name: str) -> str:
    """The file of a page, for links."""
    return f"pages/{name}.py"


def _page(name: str, title: str) -> StreamlitPage:
    address = "" if name == HOME else name
    return st.Page(page_path(name), title=_(title), url_path=address, default=name == HOME)


def _view(*, narrows: bool) -> View:
    try:
        version = data.version()
        sample = data.sample_moment(version)
        with st.sidebar:
            first, more = st.container(), st.expander(_("更多筛选"))
            filters.language_switch()
        with more:
            as_of = filters.as_of(sample or data.now())
        key = data.key(as_of, version)
        dataset = data.dataset(key)
    except (StoreError, PolicyError) as error:
        st.error(components.plain(str(error)))
        st.stop()
    with first:
        communities, courtyards = filters.places(dataset)
        span = filters.months(dataset, courtyards)
    with more:
        others = filters.rarer(dataset)
    scope = filters.scope(communities, courtyards, span, others)
    found = View(key, dataset, scope, _is_dark())
    st.session_state["view"] = found
    st.session_state[components.NARROWS] = narrows
    _scope_line(found, sample is not None)
    return _narrowed(found) if narrows else found


def _narrowed(found: View) -> View:
    """The view of the petitions that a click has narrowed the page to."""
    conditions = components.narrowing(found)
    key = replace(found.key, narrowing=tuple((name, tuple(values)) for name, values in conditions.items()))
    narrowed = replace(found, key=key, dataset=data.dataset(key)) if conditions else found
    st.session_state["view"] = narrowed
    components.narrowed(narrowed)
    return narrowed


def say_unknown() -> None:
    """What had to be left out of the address; a page with a choice of its own says it after that choice."""
    if unknown := filters.take_notes():
        names = wording.listing([_("「{name}」").format(name=value[:40]) for value in unknown])
        st.info(_("网址里有认不出的筛选值，已略去：{names}").format(names=components.plain(names)))


def _is_dark() -> bool:
    return st.context.theme.type == "dark"


def _scope_line(found: View, sample: bool) -> None:
    """The scope in words, the way back to everything, and what had to be left out of the address."""
    with st.container(key="scope-line", horizontal=True, vertical_alignment="center"):
        label = _("示例数据")
        badge = f'<span class="sample">{components.escape(label)}</span>' if sample else ""
        components.html(
            f'<p class="scope">{badge}{components.escape(wording.scope(found.scope, found.as_of))}</p>'
        )
        if found.scope != Scope() or st.session_state.get("as_of"):
            st.button(_("恢复默认"), type="tertiary", on_click=filters.reset, key="reset-scope")
    say_unknown()
    for warning in found.dataset.warnings:
        st.warning(components.plain(warning))
