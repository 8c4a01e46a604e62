"""院落: who needs help, beyond chance?"""

import streamlit as st

from analytics import breakdown
from analytics.comparison import COMPLAINTS
from analytics.i18n import gettext as _
from analytics.present import charts_courtyards, sentences_courtyards, tables_effect, ways
from ui import comparing, components, effect_data, frame

frame.guard()

view = frame.view()
components.heading(_("谁需要帮助，而不只是偶然？"))
frame.stop_without_petitions(view)


@st.fragment
def compare() -> None:
    """Everything that follows from the measure and the case-mix switch: only this part runs again."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = comparing.measure(_("比什么"), view, "compared-by")
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
    complained = breakdown.complaints_by_place(view.dataset, view.scope) if measure == COMPLAINTS else {}
    drawn_of = ways.with_complaints(found, complained) if complained else found
    left, right = st.columns(2, gap="large")
    with left:
        drawn = charts_courtyards.funnel(drawn_of, view.policy, **view.look)
        components.figure(drawn, f"funnel-{measure}-{adjusted}", view)
        components.small_print(sentences_courtyards.adjustment(found))
    with right:
        drawn = charts_courtyards.shrunken(drawn_of, view.policy, **view.look)
        components.figure(drawn, f"shrunken-{measure}-{adjusted}", view)
    shown = tables_effect.courtyards(found, view.policy)
    leads = ways.courtyards(found, view.policy, complained)
    components.leading_table(shown, f"courtyards-{measure}", view, leads)
    components.download(lambda: shown, _("院落对比"), f"courtyards-file-{measure}", view.notes)
    comparing.one_courtyard(found, view)


compare()
comparing.change(view)
components.small_print(
    view.foot, _("不排名次：在正常波动之内的高低是偶然；诉求归入上报的月份，网络理政投诉另计，从不相加")
)
