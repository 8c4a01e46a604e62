"""成效评估: did the launch work, and how sure are we?"""

from analytics.i18n import gettext as _
from analytics.present import charts_effect, sentences_effect, tables_effect, ways
from ui import cards, components, effect_data, evidence, frame

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
    evidence.details(found, view)

    evidence.side_by_side(found, view)
    evidence.one_courtyard(found, view)

if found["months"]:
    components.section(_("两个渠道"))
    components.finding(sentences_effect.channels(found))
    components.figure(charts_effect.channels(found, scope=view.scope, **view.look), "channels", view)
    components.small_print(evidence.month_note(found), sentences_effect.closing(found))
    evidence.closing(found, view)
    cards.unfinished(view, "petitions", "complaints")

    components.section(_("按月"))
    by_month = tables_effect.months(found)
    components.leading_table(by_month, "effect-months", view, ways.effect_months(found, view.scope))
    components.download(lambda: by_month, _("上线成效（按月）"), "effect-file", view.notes)
evidence.events(found, view)
components.small_print(
    view.foot,
    _("评估用全部月份，不受月份筛选影响；上线当月算上线后；不完整的月份不参与；投诉与诉求从不相加"),
)
