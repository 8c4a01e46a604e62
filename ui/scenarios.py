"""Scenarios that are kept: saved under a name for everybody, opened, renamed and, once confirmed, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from analytics import store, whatif
from analytics.i18n import gettext as _
from analytics.present import what_if_text, wording
from analytics.scope import Scope
from analytics.store import SavedScenario, StoreError
from analytics.store.scenarios import LONGEST_NAME
from analytics.whatif import Scenario
from ui import components, data, filters, importing, supposing

_TOLD: Final = "scenarios_told"
_ANOTHER_SCOPE: Final = "scenarios_another_scope"
_DELETING: Final = "scenarios_deleting"
_ANNEXED: Final = "report-scenarios"
_LONGEST_NOTE: Final = 200


def take_scope() -> None:
    """Run the whole page again where a scenario with another scope was just opened: the filters stand outside."""
    if st.session_state.pop(_ANOTHER_SCOPE, False):
        st.rerun()


def told() -> None:
    """What the last click came to."""
    for kind, text in st.session_state.pop(_TOLD, []):
        (st.success if kind == "done" else st.warning)(components.plain(text))


def keep(view: Any, scenario: Scenario) -> None:
    """A form that saves the scenario of now with the scope of now; nothing supposed, nothing to save."""
    if scenario.changes_nothing:
        return
    with st.expander(_("存下这个情景")), st.form("keep", border=False):
        placeholder = _("例如：不算六号院，响应放到十分钟")
        st.text_input(_("名字"), max_chars=LONGEST_NAME, placeholder=placeholder, key="keep-name")
        st.text_input(_("说明（可不填）"), max_chars=_LONGEST_NOTE, key="keep-note")
        st.form_submit_button(_("存下"), on_click=_save, args=(view.scope, scenario))
        components.small_print(_("连同现在的范围一起存，所有使用看板的人都能打开"))


def kept(view: Any) -> None:
    """All that are kept, newest first, each with what it supposes, its scope and whose it is."""
    found = store.scenarios(data.engine())
    if not len(found):
        return
    with st.expander(_("存着的情景（{n}）").format(n=len(found)), key="kept-scenarios"):
        for row in found.to_dict("records"):
            _one(view, SavedScenario(**row))


#: Names and scenarios, in the order in which a report annexes them.
Annexed = tuple[tuple[str, Scenario], ...]


def annexed() -> Annexed:
    """Which of the kept scenarios the report of a month is to annex; none to choose where none is kept."""
    names = store.scenarios(data.engine())["name"].tolist()
    if not names:
        return ()
    # Somebody may have renamed or deleted one meanwhile.
    st.session_state[_ANNEXED] = [n for n in st.session_state.get(_ANNEXED, []) if n in names]
    chosen = st.multiselect(
        _("附上情景推演"), names, key=_ANNEXED, placeholder=_("不附"), select_all=False, width=420
    )
    return tuple(whatif.named(data.engine(), chosen).items())


def _one(view: Any, one: SavedScenario) -> None:
    key = components.fingerprint(one.name)
    with st.container(horizontal=True, vertical_alignment="center", key=f"kept-{key}"):
        st.button(components.plain(one.name), key=f"saved-{key}", on_click=_open, args=(view, one))
        with st.popover(_("改名或删除"), type="tertiary", width="content", key=f"more-{key}"):
            _rename_form(one, key)
            _delete_button(one, key)
    scope = Scope.from_text(one.scope)
    clauses = what_if_text.clauses(whatif.from_address(one.scenario))
    whose = _("{who} 存于 {at}").format(who=one.who, at=wording.moment(one.at))
    components.small_print(_("；").join(clauses), wording.chosen(scope), whose, one.note)


def _rename_form(one: SavedScenario, key: str) -> None:
    with st.form(f"rename-{key}", border=False):
        st.text_input(_("新名字"), value=one.name, max_chars=LONGEST_NAME, key=f"new-name-{key}")
        st.form_submit_button(_("改名"), on_click=_rename, args=(one.name, f"new-name-{key}"))


def _delete_button(one: SavedScenario, key: str) -> None:
    if st.session_state.get(_DELETING) != one.name:
        st.button(_("删除…"), key=f"delete-{key}", on_click=_ask_whether, args=(one.name,))
        return
    st.caption(_("删除后谁都打不开这个情景了。冻结的报告里附着的不受影响。"))
    with st.container(horizontal=True):
        st.button(_("确定删除"), key=f"delete-yes-{key}", type="primary", on_click=_delete, args=(one.name,))
        st.button(_("不删"), key=f"delete-no-{key}", on_click=_ask_whether, args=(None,))


def _save(scope: Scope, scenario: Scenario) -> None:
    state = st.session_state

    def work() -> str:
        name = store.save_scenario(
            data.engine(), state["keep-name"], scenario=whatif.to_address(scenario), scope=scope.to_text(),
            note=state["keep-note"], who=importing.who(), now=data.now(),
        )  # fmt: skip
        return _("已存为情景「{name}」。").format(name=name)

    _tell(work)


def _open(view: Any, one: SavedScenario) -> None:
    """Set address and filters as they were when it was saved, as far as the data still have them (callback)."""
    scope, gone = whatif.still_chosen(view.dataset, Scope.from_text(one.scope))
    supposing.go(whatif.from_address(one.scenario))
    if scope != view.scope:
        filters.show(scope, view.dataset.choices["months"])
        st.session_state[_ANOTHER_SCOPE] = True
    st.session_state[_TOLD] = [("warning", text) for text in gone]


def _rename(old: str, key: str) -> None:
    new = st.session_state[key]
    text = _("「{old}」已改名为「{new}」。")
    _tell(lambda: text.format(old=old, new=store.rename_scenario(data.engine(), old, new)))


def _ask_whether(name: str | None) -> None:
    st.session_state[_DELETING] = name


def _delete(name: str) -> None:
    def work() -> str:
        store.remove_scenario(data.engine(), name)
        return _("已删除情景「{name}」。").format(name=name)

    st.session_state[_DELETING] = None
    _tell(work)


def _tell(work: Callable[[], str]) -> None:
    """Do something with the store and remember what to say of it."""
    try:
        st.session_state[_TOLD] = [("done", work())]
    except StoreError as error:
        st.session_state[_TOLD] = [("warning", str(error))]
