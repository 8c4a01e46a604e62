"""One petition: its course with the limits drawn to scale, progress reports, what the resident said (masked)."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pandas import DataFrame

from analytics import cases, privacy
from analytics.i18n import gettext as _
from analytics.present import charts, tables, wording
from ui import address, components, data


def show(view: Any, case_id: str) -> None:
    """The page at ``?case=``; an id that is not known as of the moment is said to be unknown."""
    st.button(_("← 回到列表"), type="tertiary", on_click=address.close_case, key="back-to-list")
    position = cases.find(view.dataset, case_id)
    if position is None:
        components.heading(_("没有这件诉求"))
        components.nothing(_("截至所选时间，台账里没有编号「{case}」。").format(case=case_id[:60]))
        return
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
    _texts(course["case_id"])
    _progress(view, course["case_id"])


def _texts(case_id: str) -> None:
    whole = data.petition(case_id)
    if whole is None:
        return
    shown = privacy.mask_frame(DataFrame([whole])).iloc[0]
    for name, heading in (("content", _("居民说的（已遮盖号码）")), ("follow_up_note", _("回访记录"))):
        if not wording.missing(shown.get(name)):
            components.section(heading)
            components.quote(str(shown[name]))


def _progress(view: Any, case_id: str) -> None:
    components.section(_("进度反馈"))
    told = tables.progress(view.dataset.progress, case_id, view.as_of)
    if len(told):
        components.paper_table(told)
    else:
        components.nothing(_("没有进度反馈的记录。"))
