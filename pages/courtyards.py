"""院落: who needs help, beyond chance?"""

import streamlit as st

from analytics.change import AXES
from analytics.comparison import CHOICES, COMPLAINTS
from analytics.i18n import gettext as _
from analytics.present import charts_courtyards, sentences_courtyards, tables_effect
from analytics.vocabulary import place_label
from ui import components, effect_data, frame

frame.guard()

view = frame.view()
components.heading(_("谁需要帮助，而不只是偶然？"))
frame.stop_without_petitions(view)


@st.fragment
def compare() -> None:
    """Everything that follows from the measure and the case-mix switch."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = st.selectbox(
            _("比什么"),
            CHOICES,
            format_func=lambda m: sentences_courtyards.measure_title(m, view.policy),
            key="compared-by",
        )
        adjusted = st.toggle(
            _("扣除来件难易的差别"),
            key="adjusted",
            disabled=measure == COMPLAINTS,
            help=_("按预期颜色和类别，与「同样的诉求在全部院落的平均」相比"),
        )
    found = effect_data.compared(view.key, view.scope, measure, adjusted)
    components.finding(sentences_courtyards.finding(found, view.policy))
    if not found["rows"]:
        return
    left, right = st.columns(2, gap="large")
    with left:
        drawn = charts_courtyards.funnel(found, view.policy, **view.look)
        components.figure(drawn, f"funnel-{measure}-{adjusted}", view)
        components.small_print(sentences_courtyards.adjustment(found))
    with right:
        drawn = charts_courtyards.shrunken(found, view.policy, **view.look)
        components.figure(drawn, f"shrunken-{measure}-{adjusted}", view)
    shown = tables_effect.courtyards(found, view.policy)
    components.table(shown, f"courtyards-{measure}")
    components.download(lambda: shown, _("院落对比"), f"courtyards-file-{measure}", view.notes)
    components.section(_("看一个院落"))
    rows = {row["place"]: row for row in found["rows"]}
    place = st.selectbox(_("院落"), list(rows), format_func=lambda p: place_label(p, True), key="card-place")
    components.finding(sentences_courtyards.courtyard(rows[place], found, view.policy))
    trend = effect_data.course(view.key, view.scope, measure, place)
    if len(trend.chart):
        drawn = charts_courtyards.course(trend, measure, view.policy, **view.look)
        components.figure(drawn, f"course-{measure}-{components.fingerprint(place)}", view, leads=False)


@st.fragment
def change() -> None:
    """Why a rate changed since the month before."""
    components.section(_("为什么变了？"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = st.selectbox(
            _("指标"), CHOICES[:-1], format_func=lambda m: sentences_courtyards.measure_title(m, view.policy)
        )
        axis = st.segmented_control(
            _("分到"), AXES, default=AXES[0], required=True, format_func=sentences_courtyards.axis
        )
    found = effect_data.change(view.key, view.scope, measure, axis)
    components.finding(sentences_courtyards.change(found, view.policy))
    if found["parts"]:
        drawn = charts_courtyards.change_parts(found, view.policy, **view.look)
        components.figure(drawn, f"change-{measure}-{axis}", view)


compare()
change()
components.small_print(view.foot, _("不排名次；区间之内的高低是偶然，不必追究"))
