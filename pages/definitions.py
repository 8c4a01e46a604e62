"""指标口径: what does it mean? Printed from the registry and the policy in force."""

from analytics.i18n import gettext as _
from analytics.present import definitions
from ui import components, frame

frame.guard()

view = frame.view()
components.heading(_("这些数字是怎么算的？"))
components.finding(
    _("每个指标只有一个口径，页面、报告、导出和命令行都按它计算；没有分母时写「—」，不写 0 % 也不写 100 %。")
)
components.section(_("指标"))
components.paper_table(definitions.indicators(view.policy))
components.section(_("时限与颜色"))
components.paper_table(definitions.limits(view.policy))
components.section(_("时限的六种状态"))
components.paper_table(definitions.states())
components.download(
    lambda: definitions.indicators(view.policy), _("指标口径"), "definitions-file", view.notes
)
