"""The report as paper: its sentences, tables and charts as they go out, each text rewritten in its place."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import streamlit as st

from analytics.i18n import gettext as _
from analytics.present import charts_report, wording
from analytics.report import numbering
from analytics.report.cells import texts as cells_in_words
from analytics.report.edits import POINTS
from analytics.report.footing import footing
from analytics.report.model import Chart, Section, Table
from analytics.report.plain import moment
from ui import components, reporting
from ui.reporting import Paper

_EDITING: Final = "report_editing"
#: The block around the body, rewritten like a part of it.
_HEADING: Final = "heading"
_LONGEST: Final = 4000
#: Kinds of columns that read as words; all others are figures and stand to the right.
_WORDS: Final = ("text", "moment", "date", "month")


class _Count:
    """Tables and charts are numbered through the document, as in Word and PDF."""

    tables = figures = 0


def show(view: Any, paper: Paper) -> None:
    """The whole report: heading, parts, signature, annexes, footer."""
    count, made = _Count(), paper.content
    with st.container(border=True, key="paper", gap="small"), reporting.language_of(paper):
        _heading(paper)
        for number, part in enumerate(made.sections, 1):
            _part(view, paper, part, f"{numbering.part(number)}{part.title}", count)
        _signature(paper)
        for number, part in enumerate(made.annexes, 1):
            name = _("附件 {n}").format(n=number)
            _part(view, paper, part, f"{name}　{part.title}", count)
        components.small_print(footing(made, paper.version))


def _heading(paper: Paper) -> None:
    if _is_edited(paper, _HEADING):
        labels = {"title": _("标题"), "addressee": _("主送"), "signature": _("落款")}
        had = reporting.texts(paper.original)
        _editor(paper, _HEADING, {name: label for name, label in labels.items() if had[name]})
        return
    head = paper.content.heading
    addressee = _("{text}：").format(text=head.addressee)
    to = f"<p>{escape(addressee)}</p>" if head.addressee else ""
    period = escape(_("（{text}）").format(text=paper.content.period))
    components.html(
        f'<div class="paper-head"><h2>{escape(head.title)}</h2><p class="paper-period">{period}</p></div>{to}'
    )
    _edit_button(paper, _HEADING, _("改标题、主送和落款") if head.signature else _("改标题"))


def _signature(paper: Paper) -> None:
    signature = paper.content.heading.signature
    if signature:
        date = escape(wording.date(moment(paper.content)))
        components.html(f'<p class="paper-signature">{escape(signature)}<br>{date}</p>')


def _part(view: Any, paper: Paper, part: Section, title: str, count: _Count) -> None:
    """A part's sentences (or the form that rewrites them), then its tables and charts."""
    components.html(f'<h3 class="paper-part">{escape(title)}</h3>')
    if _is_edited(paper, part.id):
        _editor(paper, part.id, _asked(paper, part))
    else:
        _sentences(paper, part)
        if paper.original.section(part.id).sentences:
            _edit_button(paper, part.id, _("改这一节"))
    for table in part.tables:
        count.tables += 1
        name = _("表 {n}　{title}").format(n=count.tables, title=table.title)
        components.html(_table(table, name, paper))
    for chart in part.charts:
        count.figures += 1
        _chart(view, paper, chart, count.figures)


def _sentences(paper: Paper, part: Section) -> None:
    """Each sentence a paragraph; one that somebody has rewritten says so."""
    had = {sentence.text for sentence in paper.original.section(part.id).sentences}
    lines = []
    for number, sentence in enumerate(part.sentences, 1):
        prefix = numbering.point(number) if part.numbered else ""
        is_own = sentence.edited and (paper.kept is not None or sentence.text not in had)
        told = _("已改写")
        mark = f' <span class="rewritten">{escape(told)}</span>' if is_own else ""
        lines.append(f"<p>{escape(prefix + sentence.text)}{mark}</p>")
    if lines:
        components.html(f'<div class="paper-text paper-{paper.content.language}">{"".join(lines)}</div>')


def _table(table: Table, title: str, paper: Paper) -> str:
    """A table in words; on a phone one of many columns becomes a block per row."""
    heads = [column.name for column in table.columns]
    shades = table.shades or (None,) * len(table.rows)
    rows = "".join(
        f"<tr>{_cells(table, line, shade)}</tr>"
        for line, shade in zip(cells_in_words(table, moment(paper.content)), shades, strict=True)
    )
    note = f'<p class="small-print">{escape(table.note)}</p>' if table.note else ""
    return f'<h4 class="figure-title">{escape(title)}</h4>{components.grid(heads, rows)}{note}'


def _cells(table: Table, line: list[str], shade: str | None) -> str:
    return "".join(
        f'<td class="{_class(column.kind, shade if not at else None)}" data-head="{escape(column.name)}">{escape(text)}</td>'
        for at, (column, text) in enumerate(zip(table.columns, line, strict=True))
    )


def _class(kind: str, shade: str | None) -> str:
    return f"shade-{shade}" if shade else "" if kind in _WORDS else "number"


def _chart(view: Any, paper: Paper, chart: Chart, number: int) -> None:
    title = _("图 {n}　{title}").format(n=number, title=chart.title)
    drawn = charts_report.drawn(chart, title, dark=view.dark)
    key = f"report-{chart.id}-{components.fingerprint(paper.content.fingerprint)}"
    components.figure(drawn, key, view, leads=False)
    entries = "".join(
        f'<span><i class="swatch-{shape}" style="color:{colour}"></i>{escape(name)}</span>'
        for name, colour, shape in charts_report.legend(chart, dark=view.dark)
    )
    if entries:
        components.html(f'<p class="legend">{entries}</p>')


# --- rewriting ----------------------------------------------------------------------------------------


def _is_edited(paper: Paper, name: str) -> bool:
    return paper.is_open and (paper.draft, name) in st.session_state.get(_EDITING, ())


def _edit_button(paper: Paper, name: str, label: str) -> None:
    if paper.is_open:
        st.button(label, key=f"edit-{name}", type="tertiary", on_click=_begin, args=(paper, name))


def _begin(paper: Paper, name: str) -> None:
    """Several parts may be open at once: what is typed in one is not lost by opening another (callback)."""
    st.session_state.setdefault(_EDITING, set()).add((paper.draft, name))


def _end(paper: Paper, name: str) -> None:
    st.session_state[_EDITING].discard((paper.draft, name))


def _asked(paper: Paper, part: Section) -> dict[str, str]:
    """The texts of a part's form with their labels: points are lines of one text, other sentences one each."""
    if part.numbered or part.id in POINTS:
        return {part.id: _("一行一条；可以增删、调换次序")}
    had = paper.original.section(part.id).sentences
    return {sentence.id: _("第 {n} 句").format(n=n) for n, sentence in enumerate(had, 1)}


def _editor(paper: Paper, name: str, asked: dict[str, str]) -> None:
    """A form with the present texts; a blank one takes its sentence out. Figures of tables stay as they are."""
    present = {**reporting.texts(paper.original), **paper.changes}
    with st.form(f"rewrite-{name}"):
        for text, label in asked.items():
            st.text_area(label, present[text], key=_key(paper, text), height="content", max_chars=_LONGEST)
        components.small_print(_("留空就去掉这一句；表和图里的数字不能改"))
        with st.container(horizontal=True):
            names = tuple(asked)
            st.form_submit_button(
                _("记下改写"), type="primary", key=f"keep-{name}", on_click=_keep, args=(paper, name, names)
            )
            st.form_submit_button(
                _("恢复原文"), key=f"undo-{name}", on_click=_restore, args=(paper, name, names)
            )
            st.form_submit_button(_("取消"), key=f"cancel-{name}", on_click=_end, args=(paper, name))


def _key(paper: Paper, name: str) -> str:
    return f"text-{paper.draft}-{name}"


def _keep(paper: Paper, part: str, names: tuple[str, ...]) -> None:
    for name in names:
        reporting.rewrite(paper, name, st.session_state[_key(paper, name)])
    _end(paper, part)


def _restore(paper: Paper, part: str, names: tuple[str, ...]) -> None:
    for name in names:
        reporting.drafts().get(paper.draft, {}).pop(name, None)
    _end(paper, part)
