"""四色: how hard are the petitions, and were we right about it?"""

import streamlit as st

from analytics import breakdown, dataset, supervision
from analytics.i18n import gettext as _
from analytics.present import charts, sentences, tables, ways
from ui import cards, components, frame

frame.guard()

view = frame.view()
components.heading(_("诉求有多难？当初估计得对吗？"))
frame.stop_without_petitions(view)
review = view.review
colours = review["colours"]
components.finding(sentences.colours(review))
cards.unsettled(view)
cards.unfinished(view, "petitions")

left, right = st.columns(2, gap="large")
with left:
    components.figure(charts.colour_bar(colours, **view.look), "colour-bar", view)
    cards.outcomes(view)
    drawn = charts.months_by_colour(review["months"], dataset.happened(view.dataset, view.scope), **view.look)
    components.figure(cards.flagged(view, drawn, "petitions"), "months", view)
with right:
    components.figure(charts.expected_and_actual(colours, **view.look), "expected", view)
    components.figure(charts.migration(colours, **view.look), "migration", view)

left, right = st.columns(2, gap="large")
with left:
    turns = tables.turns(supervision.colour_changes(view.dataset, view.scope), view.as_of)
    counted = {"open_by_age": supervision.open_by_age(view.dataset, view.scope)}
    components.figure(charts.open_by_age(counted, turns, **view.look), "open", view)
with right:
    curve = breakdown.closing_curve(view.dataset, view.scope)
    components.figure(
        charts.closed_by(curve, review["resolution"]["closed_by_day"], **view.look),
        "curve",
        view,
        leads=False,
    )
    components.small_print(sentences.median_close(review))

components.section(_("按月"))
by_month = tables.rated(review["months"], "month", view.policy, cards.incomplete(view, "petitions"))
components.leading_table(by_month, "months-table", view, ways.months(review["months"], view.policy))
components.download(lambda: by_month, _("按月四色"), "months-file", view.notes)
components.small_print(view.foot, _("实际颜色按上报到办结的时长；在办按已有时长，标为在办；无法解决为灰"))
