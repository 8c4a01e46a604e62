"""指标口径 as tables: the registry, the limits in force, the six states; printed by the product itself."""

from __future__ import annotations

from pandas import DataFrame

from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import wording
from analytics.present.tables import state
from analytics.vocabulary import CLOCK_LABELS, CLOCKS


def indicators(policy: Policy) -> DataFrame:
    """The registry as 指标口径: name, definition, worked example, target, who is left out."""
    return DataFrame(
        [
            {
                _("指标"): measure.titled(policy),
                _("口径"): measure.explained(policy),
                _("算例"): _(measure.example),
                _("目标"): wording.percent(target(measure.name, policy)),
            }
            for measure in REGISTRY.values()
        ]
    )


def target(measure: str, policy: Policy) -> float | None:
    """The target of a measure: a clock's own, else the policy's."""
    name = REGISTRY[measure].target
    return None if name is None else policy.clock(name).target if measure in CLOCKS else policy.target(name)


def states() -> DataFrame:
    """The six states of a clock and when each holds."""
    meanings = {
        "met": _("在时限之内（含恰好到点）"),
        "missed": _("晚于时限，或时限已过仍没有做"),
        "unrecorded": _("时限已过，没有记录，但后面的节点有记录：做了没写，或只有日期没有时刻"),
        "pending": _("还没到时限"),
        "exempt": _("注明无需到场"),
        "invalid": _("早于起点，记录有误"),
    }
    return DataFrame([{_("状态"): state(code), _("含义"): text} for code, text in meanings.items()])


def limits(policy: Policy) -> DataFrame:
    """The limits in force: clocks, colours, feedback."""
    clock_rows = [
        (_("{clock}时限").format(clock=_(CLOCK_LABELS[c.name])), c.limit.iso, c.target) for c in policy.clocks
    ]
    colour_rows = [
        (_("{colour}：办结不超过").format(colour=wording.colour(c)), limit.iso, None)
        for c, limit in policy.colour_limits
    ]
    feedback_rows = [
        (_("{colour}：进度反馈间隔").format(colour=wording.colour(c)), limit.iso, None)
        for c, limit in policy.feedback
    ]
    return DataFrame(
        [
            {_("项目"): name, _("时限"): wording.limit(iso), _("目标"): wording.percent(goal)}
            for name, iso, goal in (*clock_rows, *colour_rows, *feedback_rows)
        ]
    )
