"""One petition: its course with the limits drawn to scale, progress reports, what the resident said (masked)."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics import cases
from analytics.i18n import gettext as _
from analytics.present import charts, tables, tables_cases, wording
from ui import address, cases_address, cases_list, components, data


def show(view: Any, case_id: str) -> None:
    """The page at ``?case=``; an id that is not known as of the moment is said to be unknown."""
    position = cases.find(view.dataset, case_id)
    look = cases_address.read()
    positions = cases_list.selection(view, look)
    where = None if position is None else cases.standing(view.dataset, positions, position)
    _ways(where)
    if position is None:
        components.heading(_("没有这件诉求"))
        components.nothing(_("截至所选时间，台账里没有编号「{case}」。").format(case=case_id[:60]))
        return
    if where is None:
        components.small(_("这件诉求不在现在所选的 {n} 件里。").format(n=wording.count(len(positions))))
    _course(view, position)
    _texts(view, case_id)
    _progress(view, case_id)
    components.section(_("这件诉求的网址"))
    st.code(address.link(), language=None, wrap_lines=True)


def _ways(where: cases.Standing | None) -> None:
    """Back to the page of the list that has this petition, and on to the ones before and after it."""
    page = where.page if where else None
    with st.container(key="ways", horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            _("← 回到列表"), type="tertiary", on_click=address.close_case, args=(page,), key="back-to-list"
        )
        if where is None:
            return
        for key, label, case_id in (
            ("previous", _("‹ 上一件"), where.previous),
            ("next", _("下一件 ›"), where.next),
        ):
            st.button(label, key=key, on_click=address.open_case, args=(case_id,), disabled=case_id is None)
        components.small(tables_cases.standing(where))


def _course(view: Any, position: int) -> None:
    course = cases.course(view.dataset, position)
    components.heading(_("诉求 {case}").format(case=course["case_id"]))
    components.finding(tables.course_sentence(course, view.as_of))
    lanes = tables.course_lanes(course, view.policy, view.as_of)
    drawn = charts.petition_course(
        lanes, course["milestones"]["reported_at"], view.as_of, dark=view.dark, foot=view.foot
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        components.figure(drawn, f"course-{course['case_id']}", view, leads=False)
    with right:
        components.paper_table(tables.milestones(course, view.as_of))


def _texts(view: Any, case_id: str) -> None:
    for text in data.texts(view.key, [case_id]).itertuples():
        for written, heading in (
            (text.content, _("居民说的（已遮盖号码）")),
            (text.follow_up_note, _("回访记录")),
        ):
            if not wording.missing(written):
                components.section(heading)
                components.quote(str(written))


def _progress(view: Any, case_id: str) -> None:
    components.section(_("进度反馈"))
    told = tables.progress(view.dataset.progress, case_id, view.as_of)
    if len(told):
        components.paper_table(told)
    else:
        components.nothing(_("没有进度反馈的记录。"))
