"""数据核对: faults with their effect, the petitions behind each, names to be merged, months still to come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from analytics import cases, quality, store
from analytics.faults import FAULTS
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import sentences_quality, tables_quality
from ui import components, data, effect_data, importing

_AXES: Final = {"place": mark("院落"), "handler": mark("接单主体")}
_SHOWN: Final = 50


def one_kind(view: Any, found: Sequence[quality.Effect]) -> None:
    """One kind of fault by import and courtyard, and its petitions."""
    counts = {effect.kind: effect.count for effect in found}
    kind = st.selectbox(
        _("看哪一类"),
        list(counts),
        format_func=lambda code: _("{kind}（{n} 件）").format(kind=_(FAULTS[code][0]), n=counts[code]),
        key="fault-kind",
    )
    left, right = st.columns(2, gap="large")
    with left:
        components.section(_("来自哪次导入"))
        sources = quality.by_source(view.dataset, view.scope, kind)
        components.table(tables_quality.by_source(sources, store.imports(data.engine())), "fault-sources")
    with right:
        components.section(_("在哪些院落"))
        components.table(
            tables_quality.by_place(quality.by_place(view.dataset, view.scope, kind)), "fault-places"
        )
    components.section(_("是哪些诉求"))
    positions = cases.select(view.dataset, view.scope, {"fault": kind})
    components.cases_table(view, positions[:_SHOWN], "fault-cases")
    components.link_to_cases(_("全部 {n} 件，到台账里看").format(n=len(positions)), {"fault": kind})


def near_duplicates(view: Any) -> None:
    """Pairs that look entered twice."""
    found = quality.pairs(view.dataset, view.scope)
    if not len(found):
        components.nothing(_("没有发现像是重复录入的诉求。"))
        return
    components.petitions(view, tables_quality.pairs(found), found["case_id"].tolist(), "pairs")
    components.link_to_cases(_("像是重复录入的 {n} 件").format(n=len(found)), {"fault": "near_duplicate"})


def unfinished_months(view: Any) -> None:
    """Last months that look incomplete, of both channels."""
    found = effect_data.late(view.key, view.scope)
    for channel, late in found.items():
        if late:
            st.warning(components.plain(sentences_quality.unfinished(channel, late, view.as_of)))
    if not any(found.values()):
        components.nothing(_("没有看出最近几个完整月份没有收齐。"))


def names(view: Any) -> None:
    """Courtyards and handlers that are not known, what they may mean, and the rules that merge them."""
    if told := st.session_state.pop("renamed", None):
        st.info(components.plain(told))
    strangers = {
        "place": quality.unknown_courtyards(view.dataset, view.scope),
        "handler": quality.unknown_handlers(view.dataset, view.scope),
    }
    if not len(view.dataset.places):
        components.small_print(_("还没有院落登记，无法核对院落的名字；导入院落登记后这里会列出对不上的。"))
    for (axis, found), place in zip(strangers.items(), st.columns(2, gap="large"), strict=True):
        with place:
            _merge(view, axis, found)
    _rules(view)


def rejections() -> None:
    """Rows that no import took, by reason: duplicates, future times, spoiled ids among them."""
    counted = store.rejections_by_reason(data.engine())
    components.small_print(sentences_quality.rejected(int(counted["rows"].sum())))
    if len(counted):
        components.table(
            tables_quality.rejections(counted, store.imports(data.engine())), "rejections-by-reason"
        )


def _merge(view: Any, axis: str, found: Any) -> None:
    """The choice of a name and of what it shall count as; the likely one is offered first."""
    heading = _(_AXES[axis])
    counts = dict(zip(found["name"], found["petitions"], strict=True))
    own = view.dataset.choices["places" if axis == "place" else "handlers"]
    options = [*counts, *(key for key in own if key not in counts and key.strip("/"))]
    if not counts:
        components.small_print(_("没有认不出的{axis}。").format(axis=heading))
    if len(options) < 2:
        return
    old = st.selectbox(
        _("{axis}：写作").format(axis=heading),
        options,
        format_func=lambda key: _with_count(key, counts.get(key)),
        key=f"old-{axis}",
    )
    likely = dict(zip(found["name"], found["suggestion"], strict=True)).get(old) or quality.suggestion(
        old, own
    )
    others = [key for key in _targets(view, axis, own) if key != old]
    new = st.selectbox(
        _("算作"),
        others,
        index=others.index(likely) if likely in others else None,
        format_func=tables_quality.name,
        placeholder=_("选择"),
        key=f"new-{axis}-{components.fingerprint(old)}",
    )
    st.button(_("合并"), key=f"rename-{axis}", disabled=new is None, on_click=_rename, args=(axis, old, new))


def _targets(view: Any, axis: str, own: list[str]) -> list[str]:
    from analytics.vocabulary import HANDLERS

    known = [*view.dataset.places.index] if axis == "place" else [*HANDLERS]
    return [*known, *(key for key in own if key not in known and key.strip("/"))]


def _with_count(key: str, n: int | None) -> str:
    name = tables_quality.name(key)
    return name if n is None else _("{name}（认不出，{n} 件）").format(name=name, n=n)


def _rules(view: Any) -> None:
    rules = store.renamings(data.engine())
    if not len(rules):
        return
    components.section(_("正在使用的合并规则"))
    components.table(tables_quality.renamings(rules, view.as_of), "renamings")
    pairs = list(zip(rules["axis"], rules["old"], strict=True))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            _("规则"),
            range(len(pairs)),
            format_func=lambda i: tables_quality.name(pairs[i][1]),
            key="rule",
            width=240,
        )
        st.button(_("撤销这条规则"), key="take-back", on_click=_take_back, args=pairs[chosen])
    components.small_print(_("合并只改变统计时的归属，记录本身保持原样；撤销后立即恢复。"))


def _rename(axis: str, old: str, new: str) -> None:
    try:
        store.rename(data.engine(), axis, old, new, who=importing.who(), now=data.now())
        told = _("「{old}」从现在起算作「{new}」。")
        st.session_state["renamed"] = told.format(old=tables_quality.name(old), new=tables_quality.name(new))
    except store.StoreError as error:
        st.session_state["renamed"] = str(error)


def _take_back(axis: str, old: str) -> None:
    try:
        store.take_back(data.engine(), axis, old)
        st.session_state["renamed"] = _("「{old}」恢复原来的名字。").format(old=tables_quality.name(old))
    except store.StoreError as error:
        st.session_state["renamed"] = str(error)
