"""The parts of the page 督办: counts, the filter, one list, who has what on the table, and what is carried away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st
from pandas import DataFrame

from analytics import supervision
from analytics.i18n import gettext as _
from analytics.present import (
    charts,
    downloads,
    messages,
    sentences_supervision,
    tables,
    tables_supervision,
    wording,
)
from analytics.privacy import mask_text
from analytics.supervision import KINDS
from analytics.vocabulary import COLOUR_LABELS, COLOUR_SHAPES
from ui import components, data, filters, language

#: Rows of the list at a time: it is read, and printed, from the top.
_PER_PAGE: Final = 100
#: Clocks of minutes that run out while one looks.
_RUNNING: Final = 6
_SHORT: Final = 8
_REFRESH_SECONDS: Final = 60
_KIND, _HANDLER = "todo", "todo_by"


@st.fragment(run_every=_REFRESH_SECONDS)
def keep_current(view: Any) -> None:
    """Once a minute: where time or data have moved on, the whole page begins anew; else nothing happens."""
    moment = view.as_of if st.session_state.get("as_of") else (data.sample_moment() or data.now())
    if data.key(moment) != view.key:
        st.rerun(scope="app")
    fixed = st.session_state.get("as_of") or data.sample_moment()
    components.small_print(
        _("截至时间已选定，不随时钟走") if fixed else _("每分钟自动更新"),
        _("按到期先后：超得最久的在前，没有到期时刻的在后"),
    )


def counts(view: Any, found: DataFrame) -> None:
    """How many are late, can still be kept, are worth a look; each kind by name."""
    numbers = supervision.summary(found)
    for place, (group, (label, _kinds)) in zip(
        st.columns(3), sentences_supervision.GROUPS.items(), strict=True
    ):
        with place:
            components.card(
                f"todo-{group}",
                _(label),
                _("{n} 项").format(n=wording.count(sentences_supervision.of_group(numbers, group))),
                details=sentences_supervision.group_lines(numbers, group) or [_("没有")],
            )
    running = found[(found["kind"] == "clock_running").to_numpy()].head(_RUNNING)
    if len(running):
        _running(tables_supervision.things(running, {}, view.as_of), running["case_id"].tolist())


def _running(shown: DataFrame, case_ids: Sequence[str]) -> None:
    """What can be kept within the hour, as links: the one thing that should not be looked for in a list."""
    with st.container(key="running"):
        components.section(_("正在计时，还来得及"))
        links = st.container(horizontal=True, gap="small")
    with links:
        for (_at, row), case in zip(shown.iterrows(), case_ids, strict=True):
            words = " · ".join(str(row.iloc[i]) for i in (0, 1, 3, 5))
            st.page_link(components.CASES, label=components.plain(words), query_params={"case": [case]})


def chosen(found: DataFrame) -> DataFrame:
    """The things to do that the filter leaves; the address carries it, so that 「back」 finds it again."""
    handlers = found["handler"].astype(object).where(found["handler"].notna(), "")
    left, right = st.columns(2)
    with left:
        kinds = _choose(_("要办什么"), _KIND, list(KINDS), lambda kind: _(KINDS[kind]))
    with right:
        names = sorted({*handlers} | {*_given(_HANDLER, None)})
        by = _choose(_("接单主体"), _HANDLER, names, lambda name: name or _("未填"))
    if kinds:
        found, handlers = (part[found["kind"].isin(kinds).to_numpy()] for part in (found, handlers))
    return found[handlers.isin(by).to_numpy()] if by else found


def _choose(label: str, name: str, options: Sequence[str], label_of: Any) -> list[str]:
    return st.multiselect(
        label,
        options,
        default=_given(name, options),
        format_func=label_of,
        placeholder=_("全部"),
        key=f"choose-{name}",
        on_change=_write,
        args=(name,),
    )


def _given(name: str, options: Collection[str] | None) -> list[str]:
    """What the address says; nothing else can be meant."""
    return [v for v in st.query_params.get_all(name) if options is None or v in options]


def _write(name: str) -> None:
    if values := st.session_state[f"choose-{name}"]:
        st.query_params[name] = values
    else:
        st.query_params.pop(name, None)


def listed(view: Any, found: DataFrame, key: str) -> None:
    """One list by urgency; a row opens its petition. A phone and a printer get it as plain lines."""
    first, last = _page(found, key)
    part = found.iloc[first:last]
    case_ids = part["case_id"].tolist()
    shown = tables_supervision.things(part, supervision.last_notes(view.dataset, case_ids), view.as_of)
    with st.container(key=f"wide-{key}"):
        components.petitions(view, components.coloured(shown, part["colour"], view.dark), case_ids, key)
    _lines(shown, part["colour"].astype(str).tolist(), case_ids)
    if len(part) < len(found):
        text = _("第 {first}–{last} 项，共 {n} 项")
        components.small_print(
            text.format(first=first + 1, last=first + len(part), n=wording.count(len(found)))
        )


def _page(found: DataFrame, key: str) -> tuple[int, int]:
    pages = -(-len(found) // _PER_PAGE)
    if pages < 2:
        return 0, _PER_PAGE
    name = f"{key}-page-{components.fingerprint(found['case_id'].tolist(), found['kind'].tolist())}"
    page = st.pagination(pages, key=name)
    return (page - 1) * _PER_PAGE, page * _PER_PAGE


def _lines(shown: DataFrame, colours: Sequence[str], case_ids: Sequence[str]) -> None:
    """The same rows for a phone and for paper, where a grid that scrolls would be cut."""
    kept = {name: st.query_params.get_all(name) for name in (*filters.KEYS, language.KEY)}
    rows = []
    for row, colour, case in zip(shown.itertuples(index=False), colours, case_ids, strict=True):
        lapse, what, _case, place, category, handler, _colour, due, told = (escape(str(v)) for v in row)
        link = f"cases?{urlencode({**{k: v for k, v in kept.items() if v}, 'case': [case]}, doseq=True)}"
        rows.append(
            f"<tr><td><b>{lapse}</b> <i>{due}</i></td>"
            f'<td><span>{what}</span> <a href="{escape(link)}" target="_self">{escape(case)}</a></td>'
            f'<td><span class="chip chip-{colour}">{COLOUR_SHAPES[colour]} {_(COLOUR_LABELS[colour])}</span> '
            f"{' · '.join(part for part in (place, category, handler) if part)} <i>{told}</i></td></tr>"
        )
    components.html(f'<table class="paper-list"><tbody>{"".join(rows)}</tbody></table>')


def owed(view: Any, found: DataFrame, numbers: dict[str, int]) -> None:
    """Progress reports and follow-ups that are owed, the longest overdue first."""
    parts = (
        ("feedback", _("红、灰诉求的进度反馈"), sentences_supervision.feedback(numbers)),
        ("follow_up", _("回访"), sentences_supervision.follow_up(numbers)),
    )
    for place, (name, title, sentence) in zip(st.columns(2, gap="large"), parts, strict=True):
        kinds = [f"{name}_overdue", f"{name}_due"]
        own = found[found["kind"].isin(kinds).to_numpy()].head(_SHORT)
        with place:
            components.section(title)
            components.small_print(sentence)
            if len(own):
                case_ids = own["case_id"].tolist()
                notes = supervision.last_notes(view.dataset, case_ids)
                shown = tables_supervision.things(own, notes, view.as_of).iloc[:, [0, 2, 5, 8]]
                components.petitions(view, shown, case_ids, f"owed-{name}")


def by_age(view: Any) -> None:
    """Open petitions by the colour their age has reached, and when the first of each turns to the next."""
    turns = tables.turns(supervision.colour_changes(view.dataset, view.scope), view.as_of)
    counted = {"open_by_age": supervision.open_by_age(view.dataset, view.scope)}
    components.figure(charts.open_by_age(counted, turns, **view.look), "open-by-age", view)


def carry_away(view: Any, found: DataFrame) -> None:
    """A workbook with a sheet per handler, a calendar, a message to paste; made only when asked for."""
    name = _("督办 {day}").format(day=f"{view.as_of:%Y-%m-%d}")
    with st.container(horizontal=True, vertical_alignment="center", key="download-todo"):
        st.download_button(
            _("下载 Excel（每个接单主体一张表）"),
            language.keeping(lambda: _workbook(view, found)),
            f"{name}.xlsx",
            downloads.XLSX_TYPE,
            key="todo-xlsx",
            on_click="ignore",
            type="tertiary",
        )
        st.download_button(
            _("下载日历（ICS）"),
            language.keeping(lambda: messages.calendar(found, view.as_of)),
            f"{name}.ics",
            messages.CALENDAR_TYPE,
            key="todo-ics",
            on_click="ignore",
            type="tertiary",
        )
        wanted = st.toggle(_("复制成消息"), key="todo-message")
    if wanted:
        st.code(messages.group_text(found, view.as_of), language=None, wrap_lines=True)
        components.small_print(_("右上角一点就复制；里面没有姓名、电话，也没有诉求和反馈的原文"))


def _workbook(view: Any, found: DataFrame) -> bytes:
    sheets = {mask_text(name) or "": table for name, table in messages.handler_tables(found).items()}
    return downloads.xlsx_book(sheets, view.notes)
