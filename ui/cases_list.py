"""台账 as a list: search, order, columns, one page at a time; a chosen row opens that very petition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import streamlit as st
from pandas import DataFrame, Series

from analytics import cases
from analytics.i18n import gettext as _
from analytics.present import sentences, tables_cases, wording
from analytics.store import MOST_CHARACTERS
from analytics.vocabulary import COLOURS
from ui import address, cases_address, components, data
from ui.cases_address import Look

#: A longer page scrolls within the table, which stays as high as this.
_MOST_ROWS: Final = 18
_HIGHEST: Final = 630
#: Columns that are first put in order from large to small: what is new, slow or old matters most.
_LARGE_FIRST: Final = ("reported_at", "resolved_at", "days")


def selection(view: Any, look: Look) -> np.ndarray:
    """The petitions of the address, in its order: scope, narrowing, search."""
    positions = cases.select(view.dataset, view.scope, components.narrowing(view))
    if look.words:
        positions = positions[data.found(view.key, " ".join(look.words))[positions]]
    return cases.arranged(view.dataset, positions, look.column, look.descending)


def show(view: Any) -> None:
    """The list at the present address."""
    components.heading(_("是哪些诉求？"))
    look = cases_address.read()
    _controls(look)
    with st.container(key="chips", horizontal=True, gap="small"):
        components.narrowing_chips(view)
        _search_chip(look)
    positions = selection(view, look)
    page, notes = _turned_to(view, look, len(positions))
    components.finding(sentences.cases(len(positions)))
    if said := [*look.notes, *notes]:
        st.caption(components.plain(" ".join(said)))
    if len(positions):
        _table(view, cases.page(positions, page), look)
        _pages(page, len(positions))
        _files(view, positions, look)


def _controls(look: Look) -> None:
    with st.container(key="cases-controls", horizontal=True, gap="small", vertical_alignment="bottom"):
        _search_box(look)
        _order(look)
        with st.popover(_("选列"), icon=":material/view_column:", width="content"):
            _columns(look)


def _search_box(look: Look) -> None:
    key = "search-cases"
    st.session_state[key] = look.text
    st.text_input(
        _("搜索"),
        key=key,
        max_chars=MOST_CHARACTERS,
        placeholder=_("诉求内容、回访情况、编号；几个词用空格分开"),
        icon=":material/search:",
        width=360,
        on_change=lambda: cases_address.change(q=st.session_state[key].strip(), page=None),
    )


def _order(look: Look) -> None:
    column, direction = "order-column", "order-direction"
    st.session_state[column], st.session_state[direction] = look.column, look.descending

    def put() -> None:
        cases_address.order_by(st.session_state[column], st.session_state[direction])

    choices = [name for name in cases.SORTABLE if name in (*look.columns, look.column)]
    st.selectbox(
        _("排序（全部诉求，不只这一页）"),
        choices,
        key=column,
        format_func=tables_cases.heading,
        on_change=put,
        width=220,
    )
    arrows = {True: _("↓ 降序"), False: _("↑ 升序")}
    st.segmented_control(
        _("方向"),
        list(arrows),
        key=direction,
        required=True,
        format_func=arrows.__getitem__,
        on_change=put,
        label_visibility="collapsed",
    )


def _columns(look: Look) -> None:
    key = "shown-columns"
    st.session_state[key] = [name for name in look.columns if name != "case_id"]

    def put() -> None:
        cases_address.change(columns=",".join(("case_id", *st.session_state[key])))

    st.multiselect(
        _("显示哪些列（编号总在最前）"),
        [name for name in tables_cases.CHOICES if name != "case_id"],
        key=key,
        format_func=tables_cases.heading,
        on_change=put,
    )
    if look.columns != tables_cases.USUAL:
        usual = {"columns": None}
        st.button(
            _("恢复常用列"), key="usual-columns", type="tertiary", on_click=cases_address.change, kwargs=usual
        )


def _search_chip(look: Look) -> None:
    if look.text:
        words = _("搜索「{text}」").format(text=look.text)
        cleared = {"q": None, "page": None}
        st.button(
            f"{components.plain(words)} ✕", key="chip-search", on_click=cases_address.change, kwargs=cleared
        )


def _turned_to(view: Any, look: Look, count: int) -> tuple[int, list[str]]:
    """The page to show: the first one when other petitions are meant than before, never one behind the last."""
    meant = components.fingerprint(view.scope, components.narrowing(view), look.words, look.order)
    before = st.session_state.get("turned")
    page = 1 if before is not None and before[0] != meant and before[1] == look.page else look.page
    if page != look.page:
        cases_address.change(page=None)
    st.session_state["turned"] = (meant, page)
    last = cases.pages(count)
    if page <= last:
        return page, []
    return last, [_("没有第 {page} 页，这是最后一页（第 {last} 页）。").format(page=page, last=last)]


def _table(view: Any, positions: np.ndarray, look: Look) -> None:
    found = cases.table(view.dataset, positions)
    case_ids = found["case_id"].tolist()
    shown = tables_cases.cases(found, look.columns, _texts(view, case_ids, look), look.words)
    # The key names these very rows: a click belongs to them, whatever the list shows a moment later.
    name = f"cases-{components.fingerprint(case_ids, look.columns, look.order)}"
    st.dataframe(
        _coloured(shown, found["outcome"], view.dark) if "outcome" in look.columns else shown,
        key=name,
        hide_index=True,
        placeholder="",
        height="content" if len(shown) <= _MOST_ROWS else _HIGHEST,
        on_select=lambda: _chosen(name, case_ids, look),
        selection_mode=["single-row", "single-column"],
        column_config=_settings(look),
    )


def _coloured(shown: DataFrame, outcomes: Series, dark: bool) -> Any:
    colours = [str(code).rpartition("_")[2] for code in outcomes]
    return components.coloured(shown, [code if code in COLOURS else None for code in colours], dark)


def _texts(view: Any, case_ids: Sequence[str], look: Look) -> DataFrame | None:
    wanted = set(tables_cases.TEXTS) & set(look.columns)
    return data.texts(view.key, case_ids) if wanted else None


def _settings(look: Look) -> Mapping[str, Any]:
    """How each column looks; the one in order has an arrow."""
    settings: dict[str, Any] = {}
    for name in look.columns:
        heading = tables_cases.heading(name)
        arrow = {True: " ↓", False: " ↑"}[look.descending] if name == look.column else ""
        common: dict[str, Any] = {"label": heading + arrow}
        if name in tables_cases.TEXTS:
            common |= {"width": 420, "help": _("节录，号码已遮盖；不能按这一列排序")}
        is_time = name.endswith("_at")
        settings[heading] = (
            st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", **common)
            if is_time
            else st.column_config.Column(**common)
        )
    return settings


def _chosen(name: str, case_ids: Sequence[str], look: Look) -> None:
    """A row opens its petition; a heading puts the whole list in order, once more the other way round."""
    selected = st.session_state[name].selection
    if selected.rows:
        address.open_case(case_ids[selected.rows[0]])
        return
    names = {tables_cases.heading(column): column for column in look.columns}
    column = names.get(selected.columns[0]) if selected.columns else None
    if column in cases.SORTABLE:
        first = column in _LARGE_FIRST or column.endswith("_minutes")
        cases_address.order_by(column, not look.descending if column == look.column else first)


def _pages(page: int, count: int) -> None:
    last = cases.pages(count)
    if last < 2:
        return
    key = f"turn-{last}-{page}"  # the address says the page, not what was once pressed

    def turn() -> None:
        number = st.session_state[key]
        cases_address.change(page=None if number == 1 else str(number))

    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.pagination(last, default=page, key=key, on_change=turn)
        first = (page - 1) * cases.PER_PAGE + 1
        components.small_print(
            _("第 {first}–{last} 件，共 {count} 件").format(
                first=wording.count(first),
                last=wording.count(min(page * cases.PER_PAGE, count)),
                count=wording.count(count),
            )
        )


def _files(view: Any, positions: np.ndarray, look: Look) -> None:
    """All petitions of the list, in its order, with the usual columns and those chosen beside them."""
    chosen = tuple(name for name in tables_cases.CHOICES if name in (*tables_cases.COLUMNS, *look.columns))

    def whole() -> DataFrame:
        found = cases.table(view.dataset, positions)
        return tables_cases.cases(found, chosen, _texts(view, found["case_id"].tolist(), look), look.words)

    components.download(whole, _("诉求台账"), "cases-file", view.notes)
    components.small_print(
        view.foot,
        _("点一行看这件诉求的经过，点列名把全部诉求重新排序"),
        _("下载含全部 {n} 件，不含居民姓名和电话").format(n=wording.count(len(positions))),
    )
