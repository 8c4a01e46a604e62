"""总览: are we keeping the promise, is it getting better, where must I look?"""

import streamlit as st

from analytics import supervision
from analytics.i18n import gettext as _
from analytics.present import charts, sentences, tables_supervision
from analytics.vocabulary import CLOCKS
from ui import cards, components, frame

frame.guard()

view = frame.view()
components.heading(_("承诺兑现了吗？在变好吗？该看哪里？"))
frame.stop_without_petitions(view)
review = view.review
components.finding(sentences.overview(review, view.policy))

for place, clock in zip(st.columns(4), CLOCKS, strict=True):
    with place:
        cards.clock(view, clock)

left, right = st.columns(2, gap="large")
with left:
    components.figure(charts.colour_bar(review["colours"], **view.look), "colour-bar", view)
    cards.outcomes(view)
with right:
    cards.complaints(view)

cards.unfinished(view, "petitions", "complaints")

components.section(_("今天要办"))
urgent = supervision.items(view.whole, view.scope, dict(view.key.narrowing)).head(5)
if len(urgent):
    components.petitions(
        view, tables_supervision.urgent(urgent, view.as_of), urgent["case_id"].tolist(), "urgent"
    )
    st.page_link(components.SUPERVISION, label=_("到督办看全部"))
else:
    components.nothing(_("没有要催办的诉求。"))

cards.bands(view)
cards.changed(view)
components.small_print(view.foot, _("按上报月份归入；网络理政投诉另计，从不相加"))
