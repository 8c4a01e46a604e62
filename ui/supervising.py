"""The parts of the page 督办: counts, the filter, one list, who has what on the table, and what is carried away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
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

#: Rows of the list at a time: it is read from the top.
_PER_PAGE: Final = 100
#: Rows that stand ready for the printer; more are laid out only when printing is asked for.
_PRINTED: Final = 300
#: Clocks of minutes that run out while one looks.
_RUNNING: Final = 6
#: Of what a handler owes so many rows stand beside each other, and so many handlers; the list has them all.
_SHORT, _HANDLERS = 5, 12
_REFRESH_SECONDS: Final = 60
_KIND, _HANDLER = "todo", "todo_by"
_PRINT: Final = """<script>/* {n} */ setTimeout(() => window.print(), 500);</script>"""


@st.fragment(run_every=_REFRESH_SECONDS)
def keep_current(view: Any) -> None:
    """Once a minute: where time or data have moved on, the whole page begins anew; else nothing happens."""
    version = data.version()
    sample, chosen = data.sample_moment(version), st.session_state.get("as_of")
    moment = view.as_of if chosen else (sample or data.now())
    if data.key(moment, version) != view.key:
        st.rerun(scope="app")
    fixed = chosen or sample
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
    running = found[(found["kind"] == "clock_running").to_numpy()]
    if len(running):
        _running(tables_supervision.things(running, {}, view.as_of), running["case_id"].tolist())


def _running(shown: DataFrame, case_ids: Sequence[str]) -> None:
    """What can be kept within the hour, as links: the one thing that should not be looked for in a list."""
    with st.container(key="running"):
        components.section(_("正在计时，还来得及"))
        links = st.container(horizontal=True, gap="small")
        if len(shown) > _RUNNING:
            where, more = _link("supervision", **{_KIND: "clock_running"}), len(shown) - _RUNNING
            words = escape(_("另有 {n} 项").format(n=wording.count(more)))
            components.html(f'<p class="small-print"><a href="{where}" target="_self">{words}</a></p>')
    with links:
        for (_at, row), case in zip(shown.head(_RUNNING).iterrows(), case_ids[:_RUNNING], strict=True):
            words = " · ".join(str(row.iloc[i]) for i in (0, 1, 3, 5))
            st.page_link(components.CASES, label=components.plain(words), query_params={"case": [case]})


def chosen(found: DataFrame) -> DataFrame:
    """The things to do that the filter leaves; the address carries it, so that 「back」 finds it again."""
    handlers = found["handler"].astype(object).where(found["handler"].notna(), "")
    left, right = st.columns(2)
    with left:
        filters.note_unknown([kind for kind in _given(_KIND, None) if kind not in KINDS])
        kinds = _choose(_("要办什么"), _KIND, list(KINDS), lambda kind: _(KINDS[kind]))
    with right:
        names = sorted({*handlers} | {*_given(_HANDLER, None)})
        by = _choose(_("接单主体"), _HANDLER, names, lambda name: name or _("未填"))
    parts = [
        wording.listing(words)
        for words in ([_(KINDS[kind]) for kind in kinds], [n or _("未填") for n in by])
        if words
    ]
    if parts:
        only = _("只列：{what}").format(what=" · ".join(parts))
        components.html(f'<p class="print-only">{escape(only)}</p>')
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
    """One list by urgency; a row opens its petition. A phone gets plain lines, and a printer all of them."""
    carry_away(view, found)
    printing = st.session_state.pop("print-wanted", False)
    first, last = _page(found, key)
    seen = found.iloc[first:last]
    whole = printing or len(found) <= _PRINTED
    paper = found if whole else seen
    notes = supervision.last_notes(view.dataset, paper["case_id"].tolist())
    shown = tables_supervision.things(paper, notes, view.as_of)
    on_screen = range(first, first + len(seen)) if whole else range(len(seen))
    with st.container(key=f"wide-{key}"):
        table = components.coloured(shown.iloc[on_screen], seen["colour"], view.dark)
        components.petitions(view, table, seen["case_id"].tolist(), key)
    _lines(shown, paper, on_screen)
    if len(seen) < len(found):
        _say_which(first, len(seen), len(found), whole)
    if printing:
        _print()


def _say_which(first: int, count: int, total: int, whole: bool) -> None:
    """Which part of the list is on the screen, and on paper where that is no more."""
    text = _("第 {first}–{last} 项，共 {n} 项")
    words = text.format(first=first + 1, last=first + count, n=wording.count(total))
    with st.container(key="on-screen"):
        components.small_print(words)
    if not whole:
        way = _("要印整张，请点「打印清单」")
        components.html(f'<p class="print-only">{escape(words)}。{escape(way)}</p>')


def _want_print() -> None:
    st.session_state["print-wanted"] = True


def _print() -> None:
    """Open the browser's dialog. Only a script that is not the one before is run again."""
    st.session_state["printed"] = st.session_state.get("printed", 0) + 1
    st.html(_PRINT.format(n=st.session_state["printed"]), unsafe_allow_javascript=True)


def _page(found: DataFrame, key: str) -> tuple[int, int]:
    pages = -(-len(found) // _PER_PAGE)
    if pages < 2:
        return 0, _PER_PAGE
    name = f"{key}-page-{components.fingerprint(found['case_id'].tolist(), found['kind'].tolist())}"
    page = st.pagination(pages, key=name)
    return (page - 1) * _PER_PAGE, page * _PER_PAGE


def _lines(shown: DataFrame, found: DataFrame, on_screen: range) -> None:
    """The same rows for a phone and for paper, where a grid that scrolls would be cut."""
    rows = []
    for at, (row, colour) in enumerate(zip(shown.itertuples(index=False), found["colour"], strict=True)):
        lapse, what, case, place, category, handler, _colour, due, told = (escape(str(v)) for v in row)
        hidden = "" if at in on_screen else ' class="print-only"'
        rows.append(
            f"<tr{hidden}><td><b>{lapse}</b> <i>{due}</i></td>"
            f'<td><span>{what}</span> <a href="{_link("cases", case=str(row[2]))}" target="_self">{case}</a></td>'
            f'<td><span class="chip chip-{colour}">{COLOUR_SHAPES[colour]} {_(COLOUR_LABELS[colour])}</span> '
            f"{' · '.join(part for part in (place, category, handler) if part)} <i>{told}</i></td></tr>"
        )
    components.html(f'<table class="paper-list"><tbody>{"".join(rows)}</tbody></table>')


def _link(page: str, **parameters: str | list[str]) -> str:
    """The address of a page in the scope and language of now, ready for markup."""
    kept = {
        name: values for name in (*filters.KEYS, language.KEY) if (values := st.query_params.get_all(name))
    }
    return escape(f"{page}?{urlencode({**kept, **parameters}, doseq=True)}")


def owed(view: Any, found: DataFrame, numbers: dict[str, int]) -> None:
    """Progress reports and follow-ups that are owed, handler by handler, the longest overdue first."""
    parts = (
        ("feedback", _("红、灰诉求的进度反馈"), sentences_supervision.feedback),
        ("follow_up", _("回访"), sentences_supervision.follow_up),
    )
    for place, (name, title, sentence) in zip(st.columns([3, 2], gap="large"), parts, strict=True):
        kinds = [f"{name}_overdue", f"{name}_due"]
        own = found[found["kind"].isin(kinds).to_numpy()]
        with place:
            components.section(title)
            components.small_print(sentence(numbers))
            if len(own):
                _owing(view, own, kinds, sentence)


def _owing(view: Any, own: DataFrame, kinds: list[str], sentence: Callable[..., str]) -> None:
    """What each handler owes of one sort: how much, the first few, and the way to the rest."""
    counts = supervision.by_handler(own)
    first = supervision.first_of_each_handler(own, _SHORT)
    names = first["handler"].astype(object).where(first["handler"].notna(), "").to_numpy()
    notes = supervision.last_notes(view.dataset, first["case_id"].tolist())
    shown = tables_supervision.things(first, notes, view.as_of)
    rows = []
    for name in counts.index[:_HANDLERS]:
        theirs = shown[names == name]
        who = name or _("未填")
        rows.append(f"<tr><th colspan=3>{escape(who)} <i>{escape(sentence(counts.loc[name]))}</i></th></tr>")
        rows += [_owed_row(row, with_note="feedback_due" in kinds) for row in theirs.itertuples(index=False)]
        if left := int(counts.loc[name].sum()) - len(theirs):
            rows.append(_way_to_rest(left, kinds, name))
    components.html(f'<table class="owing"><tbody>{"".join(rows)}</tbody></table>')
    if len(counts) > _HANDLERS:
        text = _("另有 {n} 个接单主体，见上面的清单")
        components.small_print(text.format(n=wording.count(len(counts) - _HANDLERS)))


def _owed_row(row: Sequence[Any], *, with_note: bool) -> str:
    """One row of :func:`tables_supervision.things` as markup; a follow-up has no note of its own."""
    lapse, _what, case, place, category, _handler, _colour, _due, told = (escape(str(v)) for v in row)
    note = f" <i>{told}</i>" if with_note else ""
    return (
        f'<tr><td>{lapse}</td><td><a href="{_link("cases", case=str(row[2]))}" target="_self">{case}</a></td>'
        f"<td>{' · '.join(part for part in (place, category) if part)}{note}</td></tr>"
    )


def _way_to_rest(count: int, kinds: list[str], handler: str) -> str:
    """A link that filters the list above to one handler's things of a sort."""
    words = _("另有 {n} 项").format(n=wording.count(count))
    chosen: dict[str, str | list[str]] = {_KIND: kinds, _HANDLER: handler}
    where = _link("supervision", **chosen)
    return f'<tr><td colspan=3><a href="{where}" target="_self">{escape(words)}</a></td></tr>'


def by_age(view: Any) -> None:
    """Open petitions by the colour their age has reached, and when the first of each turns to the next."""
    turns = tables.turns(supervision.colour_changes(view.dataset, view.scope), view.as_of)
    counted = {"open_by_age": supervision.open_by_age(view.dataset, view.scope)}
    components.figure(charts.open_by_age(counted, turns, **view.look), "open-by-age", view)


def carry_away(view: Any, found: DataFrame) -> None:
    """A workbook with a sheet per handler, a calendar, paper, a message to paste; made only when asked for."""
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
        st.button(_("打印清单"), key="todo-print", type="tertiary", on_click=_want_print)
        wanted = st.toggle(_("复制成消息"), key="todo-message")
    if wanted:
        with st.container(key="download-message"):
            st.code(messages.group_text(found, view.as_of), language=None, wrap_lines=True)
            components.small_print(_("右上角一点就复制；里面没有姓名、电话，也没有诉求和反馈的原文"))


def _workbook(view: Any, found: DataFrame) -> bytes:
    sheets = {mask_text(name) or "": table for name, table in messages.handler_tables(found).items()}
    return downloads.xlsx_book(sheets, view.notes)
