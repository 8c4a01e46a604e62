"""时效: where do we lose minutes?"""

import streamlit as st

from analytics import breakdown
from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.present import charts, sentences, tables, ways
from analytics.vocabulary import CLOCK_LABELS, CLOCKS
from ui import cards, components, frame

frame.guard()

view = frame.view()
components.heading(_("四项时限，时间丢在哪里？"))
frame.stop_without_petitions(view)
review = view.review
components.finding(sentences.clocks(review, view.policy))
components.figure(charts.clock_states(review["clocks"], **view.look), "states", view)
components.leading_table(tables.clocks(review), "clocks-table", view, ways.clocks(review))
components.small_print(
    view.foot,
    _("按时率 = 按时 ÷（按时 + 超时 + 未记录）；未到期、无需到场、时间有误不计入"),
    _("上限：未记录的若都按时"),
)


@st.fragment
def one_clock() -> None:
    """The minutes of one clock: only this part runs again when another clock is chosen."""
    clock = st.segmented_control(
        _("时限"),
        CLOCKS,
        default="response",
        required=True,
        format_func=lambda c: _(CLOCK_LABELS[c]),
        key="clock-shown",
    )
    counts, median = breakdown.time_taken(view.dataset, view.scope, clock)
    left, right = st.columns(2, gap="large")
    with left:
        limit = review["clocks"][clock]["limit"]
        components.figure(
            charts.time_taken(counts, clock, limit, median=median, **view.look), f"taken-{clock}", view
        )
    with right:
        components.figure(
            charts.week(*breakdown.week(view.dataset, view.scope, clock), clock, **view.look),
            f"week-{clock}",
            view,
        )
    cards.course(view, clock)
    cards.groups(view, clock)
    components.section(_("未按时的诉求，最慢的在前"))
    missed = breakdown.slowest(view.dataset, view.scope, clock)
    components.cases_table(view, missed[:50], f"missed-{clock}")
    components.link_to_cases(_("全部未按时的诉求（{n} 件）").format(n=len(missed)), REGISTRY[clock].misses)


one_clock()
