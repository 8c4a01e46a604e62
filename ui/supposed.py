"""The answers of the page 情景推演: both sides, what lifting and merging do, who moved, the curve, a roster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any, Final

import numpy as np
import streamlit as st
from pandas import DataFrame

from analytics import staffing, whatif
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.policy import Limit
from analytics.present import (
    charts_whatif,
    downloads,
    sentences_whatif,
    tables_whatif,
    what_if_text,
)
from analytics.scope import Scope
from analytics.staffing import Shift, StaffingError
from analytics.vocabulary import CLOCK_LABELS, CLOCKS
from analytics.whatif import CHANGES, Scenario, WhatIf
from ui import address, components, data, language
from ui import both_sides as both

#: Petitions that moved, on one page: a longer list is slower to draw than to compute.
_PER_PAGE: Final = 50
_MOST_PEOPLE: Final = 5
_WEEK: Final = ((mark("周一至周五"), tuple(range(5))), (mark("周末"), (5, 6)))


@st.cache_resource(show_spinner=False, max_entries=6)
def applied(at: data.Key, scope: Scope, scenario: Scenario) -> WhatIf:
    """The answer to a scenario; raises ScenarioError. Shared, not to be changed."""
    return whatif.apply(data.dataset(at), scope, scenario, dict(data.review(at, scope)))


def both_sides(view: Any, found: WhatIf) -> None:
    """Every indicator in words and as a dumbbell; what lifting takes and what merging narrows."""
    key = components.fingerprint(found.scenario)
    components.html(both.markup(found, view.dark))
    components.small_print(_("空心为现状，实心为情景，竖线为目标"), view.foot)
    if found.lifts:
        components.section(_("补到位要再有几件按时"))
        components.table(tables_whatif.lifts(found), f"lifts-{key}")
        components.small_print(
            _("哪几件会按时没有人知道，候选是全部未按时的；只补四个时限，其他指标不随之变")
        )
    if found.merged:
        components.section(_("合并前后"))
        components.table(tables_whatif.merged(found), f"merged-{key}")
        components.small_print(_("件数多了，可信范围变窄；合计不变"))
    for note in found.notes:
        components.small_print(note)


def carry_away(view: Any, found: WhatIf) -> None:
    """The answer as files; sharing is copying the address."""
    name = _("情景推演")
    with st.container(horizontal=True, key="download-whatif"):
        _download(_("下载 Excel"), lambda: _workbook(view, found), f"{name}.xlsx", downloads.XLSX_TYPE)
        _download(
            _("下载 CSV"),
            lambda: downloads.csv_bytes(tables_whatif.figures(found)),
            f"{name}.csv",
            downloads.CSV_TYPE,
        )
        _download(_("下载文字"), lambda: _text(view, found), f"{name}.txt", "text/plain")
    components.caption(_("分享这个情景"))
    st.code(address.link(), language=None, wrap_lines=True)
    components.small_print(_("打开这个网址就是同样的范围和假设"))


def _download(label: str, make: Callable[[], Any], file: str, kind: str) -> None:
    st.download_button(
        label, language.keeping(make), file, kind, key=f"whatif-{file.rpartition('.')[2]}", on_click="ignore",
        type="tertiary",
    )  # fmt: skip


def _text(view: Any, found: WhatIf) -> str:
    return "\n".join([*view.notes, "", what_if_text.lines(found)])


def _workbook(view: Any, found: WhatIf) -> bytes:
    sheets = {_("各项指标"): tables_whatif.figures(found)}
    if found.lifts:
        sheets[_("补到位")] = tables_whatif.lifts(found)
    if found.merged:
        sheets[_("合并")] = tables_whatif.merged(found)
    sheets[_("不同的诉求")] = tables_whatif.moved(view.dataset, found.moved)
    return downloads.xlsx_book(sheets, [*view.notes, *what_if_text.clauses(found.scenario), *found.notes])


def moved(view: Any, found: WhatIf) -> None:
    """The petitions that make the difference; few can be opened in 台账 as they are."""
    components.section(_("是哪些诉求"))
    components.small_print(sentences_whatif.moved(found))
    if not len(found.moved):
        return
    key = components.fingerprint(found.scenario)
    lines = found.moved
    changes = list(lines["change"].unique())
    if len(changes) > 1:
        chosen = st.pills(
            _("有什么不同"), changes, format_func=lambda code: _(CHANGES[code]), key=f"moved-{key}"
        )
        lines = lines[(lines["change"] == chosen).to_numpy()] if chosen else lines
    page = lines.iloc[_one_page(len(lines), f"moved-page-{key}")]
    shown = tables_whatif.moved(view.dataset, page)
    components.petitions(view, shown, shown.iloc[:, 0].tolist(), f"moved-{key}")
    _all_moved(view, lines["position"].unique())
    components.download(
        lambda: tables_whatif.moved(view.dataset, lines), _("不同的诉求"), f"moved-file-{key}", view.notes
    )


def _one_page(count: int, key: str) -> slice:
    """Which lines the page shows that is turned to."""
    pages = -(-count // _PER_PAGE)
    page = st.pagination(pages, key=f"{key}-{count}") if pages > 1 else 1
    return slice((page - 1) * _PER_PAGE, page * _PER_PAGE)


def _all_moved(view: Any, positions: np.ndarray) -> None:
    if len(positions) > address.MOST_CASES:
        text = _("共 {n} 件，多于 {most} 件，不能在台账里一次列出；上面按页列出，也可以下载")
        components.small_print(text.format(n=f"{len(positions):,}", most=address.MOST_CASES))
        return
    ids = view.dataset.rows["case_id"].iloc[positions].tolist()
    components.link_to_cases(_("在台账里看这 {n} 件").format(n=len(ids)), {"case": ids})


def curve(view: Any, found: WhatIf) -> None:
    """The rate under every limit of 1 to 60 minutes, with the limits in force.

    It is measured and drawn only while it is open: every change of the scenario would wait for it.
    """
    timed = [c for c in CLOCKS if view.policy.clock(c).limit.is_minutes]
    if not timed:
        return
    part = st.expander(_("时限放宽或收紧，按时率会怎样"), key="curve-part", on_change="rerun")
    if part.open:
        with part:
            _curve_of_one(view, found, timed)


def _curve_of_one(view: Any, found: WhatIf, timed: list[str]) -> None:
    """The curve of a clock that the reader chooses."""
    clock = st.segmented_control(
        _("时限"), timed, default=timed[0], required=True, format_func=lambda c: _(CLOCK_LABELS[c]),
        key="curve-clock", label_visibility="collapsed",
    )  # fmt: skip
    staged = found.stage
    rates = _curve(view.key, view.scope, _who_counts(found.scenario), clock)
    now, then = view.policy.clock(clock), staged.data.policy.clock(clock)
    limits = {_("现行 {limit}").format(limit=now.limit.words): _minutes(now.limit)}
    if then.limit != now.limit:
        limits[_("情景 {limit}").format(limit=then.limit.words)] = _minutes(then.limit)
    drawn = charts_whatif.sensitivity(rates, clock, limits=limits, target=then.target, **view.look)
    components.small_print(
        sentences_whatif.sensitivity(rates, clock, _minutes(then.limit), then.target),
        _("曲线不含补到位") if found.lifts else "",
    )
    components.figure(drawn, f"curve-{clock}", view, leads=False)


def _who_counts(scenario: Scenario) -> Scenario:
    """What of a scenario the rate under each limit depends on: who is counted, and by which calendar."""
    return replace(scenario, merge=(), limits=(), colour_limits=(), lift=())


@st.cache_resource(show_spinner=False, max_entries=24)
def _curve(at: data.Key, scope: Scope, scenario: Scenario, clock: str) -> DataFrame:
    """The rate of a clock under each limit; shared, not to be changed."""
    staged = whatif.stage(data.dataset(at), scope, scenario)
    return whatif.sensitivity(staged.data, staged.scope, clock)


def _minutes(limit: Limit) -> int | None:
    seconds = limit.fixed_seconds
    return None if seconds is None or seconds % 60 else seconds // 60


@st.fragment
def roster(view: Any) -> None:
    """How many people on duty would keep 5 and 15 minutes: simulated only when asked for."""
    components.section(_("要多少人值班"))
    with st.expander(_("设一个班次，模拟一下")):
        with st.form("roster", border=False):
            st.slider(_("白班（时）"), 0, 24, (8, 20), key="roster-hours")
            for place, (label, _days) in zip(st.columns(2), _WEEK, strict=True):
                with place:
                    day, night = _("{days}白班人数"), _("{days}夜班人数")
                    st.number_input(day.format(days=_(label)), 0, 50, 2, key=f"roster-day-{label}")
                    st.number_input(night.format(days=_(label)), 0, 50, 1, key=f"roster-night-{label}")
            st.form_submit_button(_("模拟"), on_click=_ask_roster)
        if "roster_asked" in st.session_state:
            _simulated(view, *st.session_state["roster_asked"])
        items = "".join(f"<li>{escape(text)}</li>" for text in staffing.assumptions())
        title = escape(_("模拟的假设"))
        components.html(f'<h3 class="figure-title">{title}</h3><ul class="points">{items}</ul>')


def _ask_roster() -> None:
    state = st.session_state
    counts = [state[f"roster-{part}-{label}"] for label, _days in _WEEK for part in ("day", "night")]
    state["roster_asked"] = (state["roster-hours"], tuple(counts))


def _simulated(view: Any, hours: tuple[int, int], counts: tuple[int, ...]) -> None:
    try:
        with st.spinner(_("正在模拟…")):
            demand, people, found, table = _roster(view.key, view.scope, hours, counts)
    except StaffingError as error:
        components.nothing(str(error))
        return
    first, basis = sentences_whatif.staffing(demand, found)
    components.finding(first)
    components.small_print(basis)
    drawn = charts_whatif.roster_misses(found.misses.tolist(), people.tolist(), **view.look)
    components.figure(drawn, f"roster-{components.fingerprint(hours, counts)}", view, leads=False)
    if len(table):
        components.small_print(_("有人值班的每个钟点都是同样人数时"))
        components.table(tables_whatif.by_people(table), f"people-{components.fingerprint(hours, counts)}")


@st.cache_resource(show_spinner=False, max_entries=8)
def _roster(at: data.Key, scope: Scope, hours: tuple[int, int], counts: tuple[int, ...]) -> Any:
    """Demand, people on duty, what they achieve, and what 1 to 5 on every hour of duty would."""
    demand = staffing.observe(data.dataset(at), scope)
    people = staffing.roster(_shifts(hours, counts))
    pattern = (people > 0).astype(np.int64)
    table = staffing.by_people(demand, pattern, range(1, _MOST_PEOPLE + 1)) if pattern.any() else {}
    return demand, people, staffing.simulate(demand, people), table


def _shifts(hours: tuple[int, int], counts: tuple[int, ...]) -> list[Shift]:
    begin, end = hours
    found = []
    for (_label, days), (by_day, by_night) in zip(_WEEK, (counts[:2], counts[2:]), strict=True):
        if end > begin:
            found.append(Shift(begin, end, by_day, days))
        if (end - begin) % 24 or end == begin:
            found.append(Shift(end % 24, begin, by_night, days))
    return found
