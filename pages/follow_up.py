"""回访满意: were residents really helped?"""

from analytics.i18n import gettext as _
from analytics.present import charts_follow_up, sentences_follow_up
from analytics.present.sentences_follow_up import BESIDE, THREE
from ui import components, following, frame

frame.guard()

view = frame.view()
components.heading(_("居民真的被帮到了吗？"))
frame.stop_without_petitions(view)
values = following.values(view)
components.finding(sentences_follow_up.finding(values, view.policy))
following.rates(view, values, THREE)
components.small_print(_("三率并排，不合成一个分数；没有评价不等于满意"))
if values["resolved"].numerator:
    components.figure(charts_follow_up.claimed_and_said(values, **view.look), "claimed", view)
else:
    components.nothing(_("还没有办结的诉求，居民还没有可评价的。"))
following.rates(view, values, BESIDE)
following.groups(view)
following.contradictions(view)
following.questions(view)
components.small_print(view.foot, _("回访满意只用办结之后的回访；更早的回访只算是否按时"))
