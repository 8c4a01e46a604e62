"""The parts that pages are made of: heading, finding, card, figure, table, small print, links to petitions."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Final

import numpy as np
import streamlit as st
from pandas import DataFrame

from analytics import cases
from analytics import narrowing as narrowings
from analytics.i18n import gettext as _
from analytics.present import charts, charts_style, conditions, downloads, tables_cases
from analytics.present.ways import Ways
from analytics.scope import ScopeError
from ui import address, language

CASES: Final = "pages/cases.py"
COMPLAINTS: Final = "pages/complaints.py"
COURTYARDS: Final = "pages/courtyards.py"
SUPERVISION: Final = "pages/supervision.py"
#: Set by a click that narrows, until the page is drawn anew.
CLICKED: Final = "clicked"
#: Whether a click narrows the page that is open.
NARROWS: Final = "narrows"
_FOLLOWED: Final = "followed"
_MARKDOWN: Final = re.compile(r"[\\`*_\[\]$~<:#]")
_PER_PAGE: Final = 500
#: Columns that a phone shows beside each other.
_FEW_COLUMNS: Final = 3
_FOLLOW: Final = """<script>(function go(tries) {
  const link = document.querySelector(".st-key-follow a");
  if (link) link.click(); else if (tries) setTimeout(go, 50, tries - 1);
})(40);</script>"""
_PLOT: Final = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "locale": "zh-CN"}


def html(markup: str) -> None:
    """Markup of our own making; a number never parts from its per cent sign at the end of a line."""
    st.html(markup.replace(" %", "\u00a0%"))


def plain(text: str) -> str:
    """Text from a file or an address where Streamlit expects Markdown: no link, picture or formula comes of it."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def heading(question: str) -> None:
    """The page's question."""
    st.title(plain(question), anchor=False)


def section(title: str) -> None:
    """A part of a page."""
    st.header(title, anchor=False)


def finding(sentence: str) -> None:
    """The answer in one sentence, made from the figures."""
    html(f'<p class="finding">{escape(sentence)}</p>')


def caption(text: str) -> None:
    """The name of a group within a part."""
    html(f'<h3 class="figure-title">{escape(text)}</h3>')


def small(text: str) -> None:
    """A sentence beside a figure."""
    html(f'<p class="beside">{escape(text)}</p>')


def small_print(*parts: str) -> None:
    """Who is counted, who is left out, as of when."""
    html(f'<p class="small-print">{escape(" · ".join(part for part in parts if part))}</p>')


def nothing(sentence: str) -> None:
    """What a page says instead of an empty figure."""
    html(f'<p class="nothing">{escape(sentence)}</p>')


def wordmark(name: str, dark: bool) -> str:
    """The product's name as an SVG picture in the reader's own fonts."""
    family = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',sans-serif"
    width = sum(17 if ord(c) > 0x2E80 else 9 for c in name) + 4
    text = f'<text x="2" y="22" textLength="{width - 4}" lengthAdjust="spacingAndGlyphs" font-family="{family}" font-size="17" font-weight="600" fill="{"#E5736B" if dark else "#A61C1C"}">{escape(name)}</text>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="30" viewBox="0 0 {width} 30">{text}</svg>'


def picture(svg: str, alt: str) -> str:
    """An SVG as an ``img`` that needs no file."""
    encoded = base64.b64encode(svg.encode()).decode()
    return f'<img class="spark" alt="{escape(alt)}" src="data:image/svg+xml;base64,{encoded}">'


def fingerprint(*parts: Any) -> str:
    """A short name for a scope, so that a click on a chart or a row never outlives it."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def card(
    name: str,
    title: str,
    value: str,
    *,
    details: Sequence[str] = (),
    spark: str = "",
    trend: str = "",
    narrowing: Mapping[str, Any] | None = None,
    link: str = "",
) -> None:
    """A key figure: its name, its value in words, what stands beside it, and the way to its petitions."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in details if line)
    mood = f'<span class="trend">{escape(trend)}</span>' if trend else ""
    with st.container(key=f"card-{name}", gap="xsmall"):
        html(
            f'<div class="card"><h3>{escape(title)}</h3><div class="value">{escape(value)}{mood}</div>{lines}{spark}</div>'
        )
        if narrowing is not None:
            link_to_cases(link or _("看这些诉求"), narrowing)


def link_to_cases(label: str, narrowing: Mapping[str, Any]) -> None:
    """A link that opens exactly the petitions of a narrowing, within that of the page; the browser carries the
    scope along."""
    whole = narrowings.both(dict(st.session_state["view"].key.narrowing), narrowing)
    st.page_link(CASES, label=label, query_params=address.of(whole))


def follow(parameters: Mapping[str, list[str]], page: str = CASES) -> None:
    """Go to the list of petitions (or another page) as if a link had been clicked, which is one step back for the reader.

    A switch of pages by the program would drop the scope from the address and put it back bit by bit, each
    bit a step in the browser's history.
    """
    with st.container(key="follow"):
        st.page_link(page, label=_("打开台账"), query_params=parameters)
        st.html(_FOLLOW, unsafe_allow_javascript=True)


def figure(drawn: Any, key: str, view: Any, *, leads: bool = True) -> None:
    """A chart under its title and above its foot. A click on a point narrows the page, or opens the petitions."""
    meta = drawn.to_dict()["layout"]["meta"]
    html(f'<h3 class="figure-title">{escape(meta["title"])}</h3>')
    name = f"{key}-{fingerprint(view.key, view.scope)}"
    if not leads:
        st.plotly_chart(drawn, theme=None, config=_PLOT, alt=meta["alt"] or None, key=name)
    else:
        st.plotly_chart(
            drawn,
            theme=None,
            config=_PLOT,
            alt=meta["alt"] or None,
            key=name,
            on_select=lambda: _remember_click(name),
            selection_mode="points",
        )
        _leave()
    if meta["foot"]:
        small_print(meta["foot"])


def _remember_click(name: str) -> None:
    """A click is an event, not a state: coming back to the page does not make it again."""
    points = st.session_state[name].selection.points
    _remember(charts.narrowing(points[0].get("customdata")) if points else {})


def _remember(found: Mapping[str, Any]) -> None:
    if found and st.session_state[NARROWS] and charts_style.COMPLAINED not in found:
        address.narrow(found)
        st.session_state[CLICKED] = True
    elif found:
        st.session_state[_FOLLOWED] = found


def _leave() -> None:
    """Do what the last click was for, as soon as the clicked thing is drawn."""
    if found := st.session_state.pop(_FOLLOWED, None):
        _go(found)
    elif st.session_state.pop(CLICKED, False):  # in a fragment, which alone has run again
        st.rerun()


def _go(found: Mapping[str, Any]) -> None:
    """To the petitions that were clicked, or to the complaints of a month or a courtyard."""
    if charts_style.COMPLAINED not in found:
        follow(address.of(found))
    else:
        named = {"month": found[charts_style.COMPLAINED], "place": found.get("place")}
        follow(address.of({name: value for name, value in named.items() if value}), COMPLAINTS)


def narrowed(view: Any) -> None:
    """What a click has narrowed the page to: chips that take it back, and the way to these petitions."""
    with st.container(key="narrowed", horizontal=True, vertical_alignment="center", gap="small"):
        narrowing_chips(view)
        if view.key.narrowing:
            number = len(cases.select(view.dataset, view.scope))
            link_to_cases(_("查看这些诉求（{n} 件）").format(n=f"{number:,}"), {})


def table(
    shown: DataFrame, key: str, *, columns: Mapping[str, Any] | None = None, height: int | None = None
) -> None:
    """A table to read, without an index."""
    settings: dict[str, Any] = {} if height is None else {"height": height}
    st.dataframe(
        shown, key=key, hide_index=True, column_config=dict(columns or {}), placeholder="—", **settings
    )


def leading_table(shown: DataFrame, key: str, view: Any, ways: Ways) -> None:
    """A table to read, whose cells narrow the page as the points of a chart do."""
    name = f"{key}-{fingerprint(view.key, view.scope)}"
    st.dataframe(
        shown,
        key=name,
        hide_index=True,
        placeholder="—",
        on_select=lambda: _remember_cell(name, ways),
        selection_mode="single-cell",
    )
    _leave()


def _remember_cell(name: str, ways: Ways) -> None:
    for row, column in st.session_state[name].selection.cells[:1]:
        narrowing, count = ways[column][row] if column in ways else ({}, 0)
        _remember(narrowing if count else {})


def paper_table(shown: DataFrame) -> None:
    """A short table that wraps its words and prints whole."""
    words = shown.map(lambda value: plain(value) if isinstance(value, str) else value)
    st.table(words.set_index(words.columns[0]))


def grid(heads: Sequence[str], rows: str) -> str:
    """The markup of a table on paper. A cell says its column's name (``data-head``), which a phone puts before it."""
    titles = "".join(f"<th>{escape(head)}</th>" for head in heads)
    wide = " paper-wide" if len(heads) > _FEW_COLUMNS else ""
    return (
        f'<div class="paper-scroll"><table class="paper-table{wide}"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def quote(text: str) -> None:
    """What somebody wrote, as written."""
    html(f'<blockquote class="quote">{escape(text)}</blockquote>')


def one_page(positions: np.ndarray, key: str) -> np.ndarray:
    """The petitions of the page that is turned to; a short list has one page and no numbers."""
    last = -(-len(positions) // _PER_PAGE)
    if last < 2:
        return positions
    page = st.pagination(last, key=f"{key}-{fingerprint(len(positions))}")
    return positions[(page - 1) * _PER_PAGE : page * _PER_PAGE]


def cases_table(view: Any, positions: np.ndarray, key: str) -> None:
    """Petitions as a list; a chosen row opens that very petition."""
    shown = cases.table(view.dataset, positions)
    petitions(view, tables_cases.cases(shown), shown["case_id"].tolist(), key)


def petitions(view: Any, shown: DataFrame, case_ids: list[str], key: str) -> None:
    """A table with one petition per row; a chosen row opens it. The key holds on to these very rows."""
    name = f"{key}-{fingerprint(view.key, view.scope, case_ids)}"
    times = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
    st.dataframe(
        shown,
        key=name,
        hide_index=True,
        placeholder="",
        on_select=lambda: _remember_row(name, case_ids),
        selection_mode="single-row",
        column_config={_("上报时间"): times, _("办结时间"): times},
    )
    if case := st.session_state.pop("opened", None):
        follow({"case": [case]})


def _remember_row(name: str, case_ids: list[str]) -> None:
    if rows := st.session_state[name].selection.rows:
        st.session_state["opened"] = case_ids[rows[0]]


def coloured(shown: DataFrame, colours: Sequence[str | None], dark: bool) -> Any:
    """The same table with the colour of a petition (a code of the four, or none) on its ground."""
    inks = charts_style.ink(dark)
    grounds = [f"background-color:{inks.colours[c]};color:{inks.on_colours[c]}" if c else "" for c in colours]
    return shown.style.format(precision=1).apply(lambda _column: grounds, subset=[_("颜色")])


def narrowing(view: Any) -> dict[str, list[str]]:
    """The narrowing of the address without what cannot be meant."""
    return {name: values for _words, part in _parts(view) if part for name, values in part.items()}


def narrowing_chips(view: Any) -> None:
    """Each part of the narrowing as a chip that takes it back; what cannot be meant is said to be left out."""
    for words, part in _parts(view):
        if part:
            names = list(part)
            st.button(f"{plain(words)} ✕", key=f"chip-{names[0]}", on_click=address.drop, args=(names,))
        else:
            said = _("认不出的条件，已略去：{words}").format(words=plain(words[:60]))
            st.caption(said, width="content")


def _parts(view: Any) -> list[tuple[str, dict[str, list[str]]]]:
    """The parts of the address's narrowing, in words and as conditions; none where it cannot be meant."""
    given = address.narrowing()
    parts = [({name: given[name] for name in names}, words) for names, words in conditions.chips(given)]
    return [(words, part if _is_possible(view, part) else {}) for part, words in parts]


def _is_possible(view: Any, part: Mapping[str, Any]) -> bool:
    try:
        narrowings.mask(view.dataset.rows.iloc[:1], part)
    except (narrowings.NarrowingError, ScopeError, KeyError):
        return False
    return True


def download(make: Callable[[], DataFrame], name: str, key: str, notes: Sequence[str] = ()) -> None:
    """CSV and XLSX of a table, made only when asked for; ``make`` returns it masked."""
    with st.container(key=f"download-{key}", horizontal=True):
        st.download_button(
            _("下载 CSV"),
            language.keeping(lambda: downloads.csv_bytes(make())),
            f"{name}.csv",
            downloads.CSV_TYPE,
            key=f"{key}-csv",
            on_click="ignore",
            type="tertiary",
        )
        st.download_button(
            _("下载 Excel"),
            language.keeping(lambda: downloads.xlsx_bytes(make(), name, notes)),
            f"{name}.xlsx",
            downloads.XLSX_TYPE,
            key=f"{key}-xlsx",
            on_click="ignore",
            type="tertiary",
        )
