"""情景推演: what would change?"""

import streamlit as st

from analytics.i18n import gettext as _
from analytics.present import sentences_whatif
from analytics.whatif import ScenarioError
from ui import components, frame, scenarios, supposed, supposing

frame.guard()

view = frame.view()
components.heading(_("如果……，会怎样？"))
frame.stop_without_petitions(view)


@st.fragment
def what_if() -> None:
    """Controls and answer: only this part runs again when something else is supposed."""
    scenarios.take_scope()
    scenarios.told()
    scenario = supposing.settled(view)
    try:
        found = supposed.applied(view.key, view.scope, scenario)
    except ScenarioError as error:
        found = None
        st.error(components.plain(str(error)))
    if found is not None:
        components.finding(sentences_whatif.finding(found))
    supposing.chips(scenario)
    left, right = st.columns([1, 2], gap="large")
    with left:
        scenarios.kept(view)
        supposing.controls(view, scenario)
        scenarios.keep(view, scenario)
    if found is None:
        return
    with right:
        supposed.both_sides(view, found)
        supposed.carry_away(view, found)
    supposed.moved(view, found)
    supposed.curve(view, found)


what_if()
supposed.roster(view)
components.small_print(
    view.foot, _("次序：先按范围取诉求（颜色按现状），再剔除、改时限、合并、补到位；件数可加，率之差不可加")
)
