"""数据核对: can I trust it, and what must be put right?"""

from analytics import quality as faults
from analytics.i18n import gettext as _
from analytics.present import sentences_quality, tables_quality
from ui import components, frame, quality

frame.guard()

view = frame.view()
components.heading(_("数据可信吗？哪些要改？"))
frame.stop_without_petitions(view)
found = faults.effects(view.dataset, view.scope)
components.finding(
    sentences_quality.finding(
        view.review["counts"]["petitions"],
        faults.petitions_with_a_fault(view.dataset, view.scope),
        found,
        view.policy,
    )
)
if found:
    components.table(tables_quality.effects(found, view.policy), "effects")
    components.small_print(
        view.foot, _("箭头前是现在的按时率，箭头后是不计这些诉求时的按时率；「—」为无法计算")
    )
    quality.one_kind(view, found)

components.section(_("最近月份收齐了吗"))
quality.unfinished_months(view)

components.section(_("像是重复录入"))
quality.near_duplicates(view)
components.small_print(
    _("同一院落、同一类别、10 分钟之内，上报人相同，或上报人不明而内容相同；只列较晚的一件")
)

components.section(_("认不出的名字"))
quality.names(view)

components.section(_("导入时未收的行"))
quality.rejections()
