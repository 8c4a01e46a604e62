"""投诉趋势: what does the city platform hear about us?"""

from analytics import breakdown
from analytics.i18n import gettext as _
from analytics.present import charts, complaint_text, sentences, tables, ways
from ui import cards, complaining, components, frame

frame.guard()

view = frame.view()
components.heading(_("网络理政平台听到了我们什么？"))
review = view.review
found = review["complaints"]
components.finding(sentences.complaints(review))
within = complaining.chosen(view)
if found["months"]:
    drawn = cards.flagged(view, charts.complaint_trend(found, **view.look), "complaints")
    components.figure(drawn, "trend", view)
    cards.unfinished(view, "complaints")
    cards.launch(found["launch"])
    if found["launches"] and not found["launch"]:
        components.section(_("各院落上线前后"))
        leads = ways.launches(found["launches"], breakdown.complaints_by_place(view.dataset, view.scope))
        components.leading_table(complaint_text.launches(found["launches"]), "launches", view, leads)
        components.small_print(
            _("结论按时间序列：与没有上线时的估计相比，扣除原有趋势和季节；简单比较不扣除")
        )
    if found["launches"]:
        cards.categories(view)
    components.section(_("按院落和月份"))
    wide = breakdown.complaint_table(view.dataset, within)
    late = cards.incomplete(view, "complaints")
    by_month = tables.complaint_months(wide, late)
    components.leading_table(by_month, "complaints-table", view, ways.complaint_months(wide, late))
    components.download(lambda: by_month, _("网络理政投诉"), "complaints-file", view.notes)
    cards.single_complaints(view, within)
    components.small_print(
        view.foot,
        _(
            "投诉与诉求分开统计，从不相加；截至时间所在月份和注明不完整的月份不参与比较；空白为没有数据，不是 0"
        ),
    )
else:
    components.nothing(_("导入投诉（逐条或按月）后，这里显示走势和上线前后的对比。"))
