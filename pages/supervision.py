"""督办: who must do what today?"""

import streamlit as st

from analytics import supervision
from analytics.i18n import gettext as _
from analytics.present import sentences_supervision, tables_supervision
from ui import components, frame, supervising

frame.guard()

view = frame.view()
components.heading(_("今天谁该做什么？"))
frame.stop_without_petitions(view)
found = supervision.items(view.dataset, view.scope)
numbers = supervision.summary(found)
components.finding(sentences_supervision.finding(found, numbers))
supervising.keep_current(view)
if not len(found):
    st.stop()
supervising.counts(view, found)


@st.fragment
def list_of_things() -> None:
    """The list under its filter: only this part runs again when another kind or handler is chosen."""
    components.section(_("按轻重缓急"))
    chosen = supervising.chosen(found)
    frame.say_unknown()
    if len(chosen):
        supervising.listed(view, chosen, "todo")
    else:
        components.nothing(_("这样选下来没有要办的事项。"))


list_of_things()
supervising.owed(view, found, numbers)
left, right = st.columns([3, 2], gap="large")
with left:
    components.section(_("各接单主体"))
    components.paper_table(tables_supervision.handlers(found))
with right:
    components.section(_("在办多久了"))
    supervising.by_age(view)
components.small_print(
    view.foot, _("一件诉求欠几件事就列几行；办结超过 30 天仍没有回访的不再催办，回访率照算")
)
