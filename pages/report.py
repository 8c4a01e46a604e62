"""月报: what do I sign?"""

from dataclasses import replace

import streamlit as st

from analytics.i18n import gettext as _
from analytics.scope import Scope
from ui import components, frame, reporting, reporting_files, reporting_kept, reporting_paper, sending

frame.guard()

view = frame.view()
components.heading(_("我要签发的是什么？"))
frame.stop_without_petitions(replace(view, scope=Scope()))
reporting.tell_last()
paper = reporting.choose(view)
frame.say_unknown()
if paper is not None:
    components.finding(reporting.finding(paper))
    reporting.say_state(view, paper)
    corrected = st.empty()
    reporting_files.section(view, paper)
    reporting_paper.show(view, paper)
    reporting_kept.freezing(view, paper)
    reporting_kept.restatements(view, paper, corrected)
    sending.section(paper, lambda: reporting_files.chosen(view, paper))
reporting_kept.history()
components.small_print(view.foot, _("典型诉求里的电话、证件号已隐去；诉求明细不含居民姓名和电话"))
