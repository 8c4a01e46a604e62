"""台账: show me the petitions."""

import streamlit as st

from analytics import cases
from analytics.i18n import gettext as _
from analytics.present import sentences, tables
from ui import address, components, frame, petition

frame.guard()

view = frame.view()
chosen = address.case()
if chosen is not None:
    petition.show(view, chosen)
    st.stop()

components.heading(_("是哪些诉求？"))
narrowing = components.narrowing_chips(view)
positions = cases.select(view.dataset, view.scope, narrowing)
components.finding(sentences.cases(len(positions)))
if len(positions):
    components.cases_table(view, components.one_page(positions, "page"), "cases", on_cases=True)
    components.download(
        lambda: tables.cases(cases.table(view.dataset, positions)), _("诉求台账"), "cases-file", view.notes
    )
    components.small_print(view.foot, _("点一行看这件诉求的经过；下载不含居民姓名和电话"))
