"""The parts of the page of effect: what supports the verdict, what it means, one courtyard, the events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any, Final

import streamlit as st
from pandas import Timestamp

from analytics import breakdown
from analytics.i18n import gettext as _
from analytics.present import charts_effect, sentences_effect, tables_effect, ways, wording
from analytics.programme import KIND_LABELS
from analytics.store import StoreError
from analytics.vocabulary import place_label
from ui import complaining, components, effect_data

Result = Mapping[str, Any]

_LABEL_LENGTH: Final = 40
_ROUND: Final = "event_round"
_DONE: Final = "event_done"
_REFUSED: Final = "event_refused"


def for_and_against(found: Result) -> None:
    """支持 / 存疑 in two columns, one sentence each."""
    left, right = st.columns(2, gap="large")
    with left:
        _points(_("支持"), sentences_effect.evidence(found["support"]), _("还没有支持的依据。"))
    with right:
        _points(_("存疑"), sentences_effect.evidence(found["doubts"]), _("没有发现疑点。"))


def meaning(found: Result) -> None:
    """「这说明什么」 and 「不说明什么」."""
    left, right = st.columns(2, gap="large")
    with left:
        _points(_("这说明什么"), sentences_effect.says(found), _("还下不了结论。"))
    with right:
        _points(_("不说明什么"), sentences_effect.says_not(found), _("没有上线，无从误读。"))


def picture(found: Result, key: str, view: Any) -> None:
    """The months against the line without the launch, launches and other events marked."""
    components.figure(charts_effect.monthly_effect(found, scope=view.scope, **view.look), key, view)
    complaining.link()


def details(found: Result, view: Any) -> None:
    """The robustness table of one launch, for those who want to see it."""
    checks = (found["launch"] or {}).get("robustness")
    if checks and checks["checks"]:
        with st.expander(_("检验明细：换一个上线月、去掉一个月，结果怎样")):
            shown = tables_effect.checks(checks)
            name = f"checks-{components.fingerprint(found['places'])}"
            components.leading_table(shown, name, view, ways.checks(found, view.scope))


def side_by_side(found: Result, view: Any) -> None:
    """Each courtyard's effect beside the average, and all of them beside those that had not launched."""
    peers = found["peers"]
    judged = peers is not None and any(row["interval"] for row in peers["event_study"])
    several = len(found["launches"]) > 1
    if not several and not judged:
        return
    components.section(_("与其他院落比"))
    complained = breakdown.complaints_by_place(view.dataset, view.scope)
    left, right = st.columns(2, gap="large") if several and judged else (st.container(), st.container())
    if several:
        with left:
            components.figure(charts_effect.forest(found, complained, **view.look), "forest", view)
    if judged:
        with right:
            components.figure(charts_effect.event_study(peers, **view.look), "event-study", view, leads=False)
            complaining.link()
    if several:
        shown = tables_effect.courtyards_effect(found["launches"])
        components.leading_table(
            shown, "courtyards-effect", view, ways.launches(found["launches"], complained)
        )


@st.fragment
def one_courtyard(found: Result, view: Any) -> None:
    """Any one courtyard of a scope of several: its own verdict, picture and evidence."""
    places = [entry["place"] for entry in found["launches"]]
    if len(found["places"]) < 2 or not places:
        return
    components.section(_("看一个院落"))
    place = st.selectbox(
        _("院落"),
        places,
        index=None,
        placeholder=_("选一个院落，看它自己的结论和图"),
        format_func=lambda key: place_label(key, True),
        key="effect-place",
        label_visibility="collapsed",
    )
    if place is None:
        return
    own = effect_data.effect(view.key, replace(view.scope, communities=(), courtyards=(place,)))
    components.finding(sentences_effect.verdict(own))
    picture(own, f"effect-{components.fingerprint(place)}", view)
    for_and_against(own)
    details(own, view)


def events(found: Result, view: Any) -> None:
    """The events of the programme: a list, a small form to record one, and the way to take one back."""
    components.section(_("同期的其他事件"))
    if found["events"]:
        components.table(tables_effect.events(found["events"]), "events")
    else:
        components.nothing(_("还没有登记事件。"))
    with st.container():  # always there, so that the form below stays open when a message appears
        if message := st.session_state.pop(_DONE, None):
            st.success(components.plain(message))
        if message := st.session_state.pop(_REFUSED, None):
            st.error(components.plain(message))
    add, remove = st.columns(2, gap="large")
    with add, st.expander(_("登记一件事")):
        _event_form(view)
    if found["events"]:
        with remove, st.expander(_("删除登记错的事件")):
            _event_removal(found["events"])


def _event_form(view: Any) -> None:
    """The fields are cleared by new keys once an event is recorded, and stay when it was refused."""
    turn = st.session_state.setdefault(_ROUND, 0)
    kinds = list(KIND_LABELS)
    keys = {name: f"event-{name}-{turn}" for name in ("label", "kind", "on", "place")}
    with st.form(f"event-{turn}", border=False):
        st.text_input(
            _("什么事"), max_chars=_LABEL_LENGTH, placeholder=_("例如：1、2号院合院"), key=keys["label"]
        )
        st.selectbox(
            _("类型"), kinds, index=kinds.index("other"), format_func=tables_effect.kind, key=keys["kind"]
        )
        st.date_input(_("哪一天"), value=view.as_of.date(), format="YYYY-MM-DD", key=keys["on"])
        st.selectbox(_("地点"), _places(view), format_func=tables_effect.where, key=keys["place"])
        st.form_submit_button(_("登记"), on_click=_record, args=(keys, view.as_of), key="event-record")


def _record(keys: Mapping[str, str], as_of: Timestamp) -> None:
    """Write what the form holds (callback); an event without a name or a day is refused."""
    given = {name: st.session_state[key] for name, key in keys.items()}
    label = given["label"].strip()
    if not label or given["on"] is None:
        st.session_state[_REFUSED] = _("请写明是什么事、在哪一天。")
        return
    on = Timestamp(given["on"])
    effect_data.record_event(label, given["kind"], on, given["place"], "")
    st.session_state[_ROUND] += 1
    late = _("已登记「{label}」；它晚于截至时间，截至时间到那天以后才会显示。")
    st.session_state[_DONE] = (late if on > as_of else _("已登记「{label}」。")).format(label=label)


def _event_removal(recorded: Sequence[Mapping[str, Any]]) -> None:
    names = {row["event"]: f"{row['on']} {row['label']}" for row in reversed(recorded)}
    chosen = st.selectbox(_("哪一件"), list(names), format_func=lambda event: names[event])
    st.button(_("删除"), key="event-remove", on_click=_remove, args=(chosen, names[chosen]))


def _remove(event: int, name: str) -> None:
    """Delete an event (callback); one that somebody else has deleted meanwhile is said to be gone."""
    try:
        effect_data.remove_event(event)
    except StoreError as error:
        st.session_state[_REFUSED] = str(error)
    else:
        st.session_state[_DONE] = _("已删除「{label}」。").format(label=name)


def _places(view: Any) -> list[str]:
    """Everywhere, whole communities, single courtyards."""
    choices = view.dataset.choices
    courtyards = [key for key in choices["places"] if not key.endswith("/")]
    return ["", *(f"{community}/" for community in choices["communities"]), *courtyards]


def _points(title: str, sentences: Sequence[str], nothing: str) -> None:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    body = f'<ul class="points">{items}</ul>' if items else f'<p class="points">{escape(nothing)}</p>'
    components.html(f'<h3 class="figure-title">{escape(title)}</h3>{body}')


def closing(found: Result, view: Any) -> None:
    """The petitions whose time to close is compared, where the page's months hold them all.

    They are one link a side, or a table of courtyards where these launched in different months.
    """
    compared = found["closing"]
    whole = view.scope.first_month is None and view.scope.last_month is None
    if compared is None or not whole:
        return
    if compared["before"]["narrowing"] is None:
        with st.expander(_("办结快慢比的是哪些诉求")):
            shown = tables_effect.closing(compared["places"])
            components.leading_table(shown, "closing", view, ways.closing(compared["places"]))
        return
    labels = {"before": _("上线前的 {n} 件诉求"), "after": _("上线后的 {n} 件诉求")}
    with st.container(horizontal=True, gap="small", key="closing-links"):
        for side, text in labels.items():
            label = text.format(n=wording.count(compared[side]["petitions"]))
            components.link_to_cases(label, compared[side]["narrowing"])


def month_note(found: Result) -> str:
    """Which petitions the channels leave out."""
    left_out = found["channels"]["left_out"]
    text = _("来源为网络理政的 {n} 件诉求不计入码上报一侧")
    return text.format(n=wording.count(left_out)) if left_out else ""
