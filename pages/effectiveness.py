"""成效评估: did the launch work, and how sure are we?"""

import streamlit as st

from analytics.i18n import gettext as _
from analytics.present import charts_effect, sentences_effect, tables_effect
from ui import components, effect_data, evidence, frame

frame.guard()

view = frame.view()
components.heading(_("上线有没有用？有多大把握？"))
found = effect_data.effect(view.key, view.scope)
components.finding(sentences_effect.verdict(found))

if found["places"]:
    evidence.picture(found, "effect", view)
if found["launches"]:
    evidence.for_and_against(found)
    evidence.meaning(found)
    evidence.details(found)

    components.section(_("各院落"))
    left, right = st.columns(2, gap="large")
    with left:
        components.figure(charts_effect.forest(found, **view.look), "forest", view, leads=False)
    with right:
        if found["peers"]:
            components.figure(
                charts_effect.event_study(found["peers"], **view.look), "event-study", view, leads=False
            )
        else:
            components.nothing(_("没有同期还没上线的院落可以对照。"))
    components.table(tables_effect.courtyards_effect(found["launches"]), "courtyards-effect")
    evidence.one_courtyard(found, view)

if found["months"]:
    components.section(_("两个渠道"))
    components.finding(sentences_effect.channels(found))
    components.figure(charts_effect.channels(found, scope=view.scope, **view.look), "channels", view)
    components.small_print(evidence.month_note(found), sentences_effect.closing(found))

    components.section(_("按月"))
    components.table(tables_effect.months(found), "effect-months")
    components.download(lambda: tables_effect.months(found), _("上线成效（按月）"), "effect-file", view.notes)
evidence.events(found, view)
components.small_print(
    view.foot,
    _("评估用全部月份，不受月份筛选影响；上线当月算上线后；不完整的月份不参与；投诉与诉求从不相加"),
)
