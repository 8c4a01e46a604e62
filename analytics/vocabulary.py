"""The conformed terms: columns, colours, handlers, milestones and clock states, each named once.

Codes are the names in stored data, JSON and code; labels are what people read (Chinese source,
translated through :mod:`analytics.i18n`).
"""

from __future__ import annotations

from typing import Final

from analytics.i18n import mark

COLOURS: Final = ("green", "yellow", "red", "grey")
COLOUR_LABELS: Final = {"green": mark("绿"), "yellow": mark("黄"), "red": mark("红"), "grey": mark("灰")}
COLOUR_SHAPES: Final = {"green": "●", "yellow": "▲", "red": "■", "grey": "◆"}
COLOUR_NAMES: Final = {
    "绿": "green", "绿色": "green", "green": "green",
    "黄": "yellow", "黄色": "yellow", "yellow": "yellow",
    "红": "red", "红色": "red", "red": "red",
    "灰": "grey", "灰色": "grey", "grey": "grey", "gray": "grey",
}  # fmt: skip

HANDLERS: Final = ("社区", "物业", "小区党支部", "微网格长")

CLOCKS: Final = ("response", "arrival", "plan", "follow_up")
CLOCK_LABELS: Final = {
    "response": mark("响应"), "arrival": mark("到场"), "plan": mark("方案"), "follow_up": mark("回访"),
}  # fmt: skip
MILESTONE_OF_CLOCK: Final = {
    "response": "responded_at", "arrival": "arrived_at", "plan": "planned_at", "follow_up": "followed_up_at",
}  # fmt: skip

#: The order in which milestones happen; a blank one with a later one recorded was not written down.
MILESTONES: Final = ("responded_at", "arrived_at", "planned_at", "resolved_at", "followed_up_at")

STATES: Final = ("met", "missed", "pending", "unrecorded", "exempt", "invalid")
STATE_LABELS: Final = {
    "met": mark("按时"), "missed": mark("超时"), "pending": mark("未到期"),
    "unrecorded": mark("未记录"), "exempt": mark("无需到场"), "invalid": mark("时间有误"),
}  # fmt: skip

#: Colour shares of a cohort: exactly one of these for every petition.
OUTCOMES: Final = (
    *(f"closed_{colour}" for colour in COLOURS),
    *(f"open_{colour}" for colour in COLOURS),
    "unknown",
)

#: Days by which the time-to-close curve is read off everywhere.
CLOSED_BY_DAYS: Final = (3, 30, 182)

SATISFACTION_LABELS: Final = {
    5: mark("非常满意"), 4: mark("满意"), 3: mark("一般"), 2: mark("不满意"), 1: mark("非常不满意"),
}  # fmt: skip

BLANK_COURTYARD: Final = mark("未填院落")

#: Columns of the canonical records, in the order of every export.
PETITION_COLUMNS: Final = (
    "case_id", "reported_at", "courtyard", "community", "building", "unit", "resident", "phone",
    "category", "content", "channel", "handler", "assigned_colour",
    "responded_at", "arrived_at", "planned_at", "resolved_at", "followed_up_at", "promised_at",
    "needs_visit", "unsolvable", "accepted_at", "dispatched_at", "entered_at", "reopened_at",
    "handovers", "follow_up_note", "satisfaction", "confirmed_solved", "status",
)  # fmt: skip
PETITION_TIMES: Final = tuple(name for name in PETITION_COLUMNS if name.endswith("_at"))
PERSONAL_COLUMNS: Final = ("resident", "phone")

COMPLAINT_COLUMNS: Final = ("complaint_id", "received_at", "community", "courtyard", "category", "content")
COMPLAINT_MONTH_COLUMNS: Final = ("month", "community", "courtyard", "count", "exposure", "incomplete")
COURTYARD_COLUMNS: Final = ("community", "courtyard", "launched_on", "households", "residents", "units")
PROGRESS_COLUMNS: Final = ("case_id", "reported_at", "note", "by")

COLUMN_LABELS: Final = {
    "case_id": mark("诉求编号"), "reported_at": mark("上报时间"), "courtyard": mark("院落"),
    "community": mark("社区"), "building": mark("楼栋"), "unit": mark("单元"), "resident": mark("诉求人"),
    "phone": mark("联系电话"), "category": mark("诉求类别"), "content": mark("诉求内容"),
    "channel": mark("来源渠道"), "handler": mark("接单主体"), "assigned_colour": mark("预期颜色"),
    "responded_at": mark("响应时间"), "arrived_at": mark("到场时间"), "planned_at": mark("方案时间"),
    "resolved_at": mark("办结时间"), "followed_up_at": mark("回访时间"), "promised_at": mark("承诺办结时间"),
    "needs_visit": mark("是否需到场"), "unsolvable": mark("是否无法解决"), "accepted_at": mark("接件时间"),
    "dispatched_at": mark("派单时间"), "entered_at": mark("录入时间"), "reopened_at": mark("重开时间"),
    "handovers": mark("转办次数"), "follow_up_note": mark("回访情况"), "satisfaction": mark("满意度"),
    "confirmed_solved": mark("是否解决"), "status": mark("状态"),
    "complaint_id": mark("投诉编号"), "received_at": mark("投诉时间"), "month": mark("月份"),
    "count": mark("投诉量"), "exposure": mark("基数"), "incomplete": mark("是否不完整"),
    "launched_on": mark("上线日期"), "households": mark("户数"), "residents": mark("人口"),
    "units": mark("单元数"), "note": mark("反馈内容"), "by": mark("反馈人"),
}  # fmt: skip


def place_key(community: str | None, courtyard: str | None) -> str:
    """The key of a place, 「社区/院落」; a blank part stays blank so that two 1号院 never merge."""
    return f"{community or ''}/{courtyard or ''}"


def place_label(key: str, with_community: bool = False) -> str:
    """How people read a place key; a blank courtyard reads 「未填院落」."""
    from analytics.i18n import gettext as _

    community, _sep, courtyard = key.partition("/")
    name = courtyard or _(BLANK_COURTYARD)
    return f"{community} · {name}" if with_community and community else name
