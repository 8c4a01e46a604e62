"""How real exports head their columns: for each kind of record the spellings that mean one of our columns.

Spellings are compared by :func:`normal`. The first line of each entry (``NATIVE``) holds the product's own
headings, which win over the others when one sheet has both. A heading of ``SECOND_CHOICE`` means another
column where its first one is taken: with 上报时间 beside it, 受理时间 is when the case was accepted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from analytics.vocabulary import (
    COMPLAINT_COLUMNS,
    COMPLAINT_MONTH_COLUMNS,
    COURTYARD_COLUMNS,
    PETITION_COLUMNS,
    PROGRESS_COLUMNS,
)

#: A heading that holds building and unit in one cell; it is split, see values.split_building.
BUILDING_UNIT: Final = "building_unit"
EVENT_COLUMNS: Final = ("case_id", "activity", "at")

#: The columns a kind may have, and those that it must have.
COLUMNS: Final = {
    "petitions": PETITION_COLUMNS,
    "complaints": COMPLAINT_COLUMNS,
    "complaint_months": COMPLAINT_MONTH_COLUMNS,
    "courtyards": COURTYARD_COLUMNS,
    "progress": PROGRESS_COLUMNS,
    "events": (*EVENT_COLUMNS, *(name for name in PETITION_COLUMNS if name != "case_id")),
}
REQUIRED: Final = {
    "petitions": ("case_id", "reported_at"),
    "complaints": ("complaint_id", "received_at", "courtyard"),
    "complaint_months": ("month", "courtyard", "count"),
    "courtyards": ("courtyard",),
    "progress": ("case_id", "reported_at"),
    "events": EVENT_COLUMNS,
}

_CASE_ID = (
    "诉求编号",
    "工单编号 工单号 工单号码 诉求单号 诉求号 受理编号 受理单号 受理号 服务单号 流水号 业务流水号 事件编号 事件号 案件编号 案件号 "
    "任务编号 任务号 登记编号 登记号 留言编号 问题编号 单号 单据编号 编号 报事编号 报修单号 caseid casenumber",
)
_COURTYARD = (
    "院落",
    "小区 院落名称 小区名称 所属院落 所属小区 所在院落 所在小区 院落小区 小区院落 居住小区 小区名 院落名 事发小区 项目名称",
)
_COMMUNITY = ("社区", "所属社区 所在社区 社区名称 社区名 村社区 所属村社区 事发社区")
_PETITION_REPORT = (
    "上报时间",
    "上报日期 诉求时间 诉求上报时间 提交时间 提交日期 反映时间 反映日期 来电时间 来电日期 留言时间 发起时间 报事时间 报修时间 "
    "接报时间 接诉时间 上报时刻 登记时间 登记日期 创建时间 创建日期 工单创建时间 受理时间 受理日期",
)

_PETITIONS: Final = {
    "case_id": _CASE_ID,
    "reported_at": _PETITION_REPORT,
    "courtyard": _COURTYARD,
    "community": _COMMUNITY,
    "building": ("楼栋", "栋 楼号 栋号 楼栋号 幢 幢号 楼幢 楼栋名称"),
    "unit": ("单元", "单元号 单元名称"),
    BUILDING_UNIT: ("楼栋单元", "栋单元 楼栋单元号 楼栋及单元 楼号单元 栋号单元 幢单元"),
    "resident": (
        "诉求人",
        "诉求人姓名 姓名 居民姓名 业主姓名 联系人 联系人姓名 反映人 反映人姓名 来电人 来电人姓名 上报人 上报人姓名 报事人 报修人 "
        "投诉人 申请人 留言用户 诉求居民",
    ),
    "phone": (
        "联系电话",
        "电话 电话号码 手机 手机号 手机号码 联系方式 联系人电话 诉求人电话 来电号码 来电电话 反映人电话 上报人电话",
    ),
    "category": (
        "诉求类别",
        "类别 诉求类型 诉求分类 问题类别 问题类型 问题分类 事件类别 事件类型 事件分类 工单类型 工单类别 工单分类 一级分类 分类 "
        "事项类别 事项分类",
    ),
    "content": (
        "诉求内容",
        "内容 诉求描述 诉求详情 诉求事项 诉求问题 问题描述 问题内容 事件描述 事件内容 反映内容 反映问题 工单内容 受理内容 主要内容 "
        "具体内容 详细内容 留言详情 留言内容 事项内容 描述",
    ),
    "channel": (
        "来源渠道 来源 渠道",
        "诉求来源 诉求渠道 工单来源 事件来源 问题来源 信息来源 上报渠道 受理渠道 反映渠道 来源方式 上报方式 受理方式",
    ),
    "handler": (
        "接单主体",
        "处理主体 处置主体 承办主体 责任主体 办理主体 承办单位 主办单位 责任单位 处理单位 处置单位 办理单位 经办单位 承办部门 "
        "责任部门 处理部门 处置部门 接单单位",
    ),
    "assigned_colour": (
        "诉求颜色 四色等级 预期颜色",
        "颜色 颜色等级 四色 四色分类 四色评定 四色预警 诉求等级颜色 等级颜色 派单颜色 诉求四色等级",
    ),
    "responded_at": ("响应时间", "响应日期 首次响应时间 回应时间 联系时间 首次联系时间 响应时刻"),
    "arrived_at": ("到场时间", "到场日期 到达时间 到达现场时间 上门时间 到现场时间 现场到达时间"),
    "planned_at": ("方案时间", "方案日期 出方案时间 制定方案时间 方案制定时间 方案提出时间 提出方案时间 处理方案时间"),
    "resolved_at": (
        "办结时间",
        "办结日期 处置完成时间 处理完成时间 办理完成时间 完成时间 完成日期 解决时间 解决日期 结案时间 结案日期 完结时间 办毕时间 "
        "实际办结时间 实际完成时间 工单办结时间 工单完成时间 关闭时间 结束时间 处置结束时间",
    ),
    "followed_up_at": ("回访时间", "回访日期 回访完成时间"),
    "promised_at": (
        "承诺办结时间",
        "承诺时间 承诺办结日期 承诺完成时间 承诺日期 要求办结时间 要求完成时间 应办结时间 办理截止时间 办结截止时间 截止时间 截止日期 "
        "计划办结时间 预计办结时间 计划完成时间 预计完成时间",
    ),
    "needs_visit": ("是否需到场", "是否需要到场 需到场 需要到场 是否需上门 是否需要上门"),
    "unsolvable": ("是否无法解决", "无法解决 是否不能解决 不能解决"),
    "accepted_at": ("接件时间", "接件日期 接单时间 签收时间 接收时间"),
    "dispatched_at": ("派单时间", "派单日期 派发时间 派件时间 交办时间 交办日期 分派时间 转派时间 下派时间 转办时间"),
    "entered_at": ("录入时间", "录入日期 入库时间"),
    "reopened_at": ("重开时间", "重开日期 重新打开时间 重办时间 再次打开时间"),
    "handovers": ("转办次数", "转派次数 移交次数 流转次数"),
    "follow_up_note": ("回访情况", "回访记录 回访内容 回访备注 回访意见 回访结果"),
    "satisfaction": ("满意度", "满意情况 是否满意 满意度评价 满意评价 群众满意度 居民满意度 回访满意度 评价 评价结果"),
    "confirmed_solved": ("是否解决", "是否已解决 解决情况 问题是否解决 是否得到解决 诉求是否解决"),
    "status": ("状态", "诉求状态 工单状态 办理状态 处理状态 处置状态 办结状态 当前状态 事件状态"),
}  # fmt: skip

_COMPLAINTS: Final = {
    "complaint_id": ("投诉编号", "投诉单号 投诉号 网络理政编号 来件编号 " + " ".join(_CASE_ID)),
    "received_at": (
        "投诉时间",
        "投诉日期 来件时间 来件日期 接收时间 收件时间 收到时间 " + " ".join(_PETITION_REPORT),
    ),
    "community": _COMMUNITY,
    "courtyard": _COURTYARD,
    "category": ("投诉类别", "投诉类型 投诉分类 " + " ".join(_PETITIONS["category"])),
    "content": ("投诉内容", "投诉详情 投诉问题 投诉事项 " + " ".join(_PETITIONS["content"])),
}

_COMPLAINT_MONTHS: Final = {
    "month": ("月份", "年月 月 统计月份 统计月 所属月份 投诉月份 统计年月"),
    "community": _COMMUNITY,
    "courtyard": _COURTYARD,
    "count": (
        "投诉量",
        "投诉件数 投诉数量 投诉数 投诉总量 投诉总数 件数 数量 工单量 工单数 受理量 受理件数 诉求量",
    ),
    "exposure": ("基数", "户天数 户日数 暴露量"),
    "incomplete": ("是否不完整", "不完整 数据不完整 是否未完整"),
}

_COURTYARDS: Final = {
    "courtyard": _COURTYARD,
    "community": _COMMUNITY,
    "launched_on": (
        "上线日期",
        "上线时间 启用日期 启用时间 启动日期 启动时间 试点时间 试点日期 开通时间 开通日期",
    ),
    "households": ("户数", "总户数 住户数 居民户数 户籍数 住户"),
    "residents": ("人口", "人数 人口数 总人口 常住人口 居民人数 居民数 总人数 常住人口数"),
    "units": ("单元数", "单元个数 单元数量 单元 单元总数"),
}

_PROGRESS: Final = {
    "case_id": _CASE_ID,
    "reported_at": ("反馈时间", "反馈日期 进展时间 进度时间 报告时间 汇报时间 上报时间 上报日期 更新时间"),
    "note": ("反馈内容", "反馈情况 进展 进展情况 进度 进度情况 办理进展 处理进展 内容 备注"),
    "by": ("反馈人", "反馈单位 填报人 汇报人 上报人 反馈主体"),
}

_EVENTS: Final = {
    **_PETITIONS,
    "case_id": (*_CASE_ID, "caseconceptname"),
    "activity": (
        "环节",
        "流转环节 办理环节 流程环节 环节名称 节点 流程节点 节点名称 活动 活动名称 动作 操作 操作名称 操作类型 事件名称 event conceptname",
    ),
    "at": ("操作时间", "时间 流转时间 环节时间 节点时间 发生时间 办理时间 处理时间 事件时间 timestamp completetimestamp timetimestamp"),
}  # fmt: skip

_BY_KIND: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "petitions": _PETITIONS,
    "complaints": _COMPLAINTS,
    "complaint_months": _COMPLAINT_MONTHS,
    "courtyards": _COURTYARDS,
    "progress": _PROGRESS,
    "events": _EVENTS,
}

SECOND_CHOICE: Final = {
    "受理时间": "accepted_at", "受理日期": "accepted_at",
    "登记时间": "entered_at", "登记日期": "entered_at",
    "创建时间": "entered_at", "创建日期": "entered_at", "工单创建时间": "entered_at",
}  # fmt: skip

_NOT_LETTERS = re.compile(r"[\s\W_]+")


@lru_cache(maxsize=4096)
def normal(heading: str) -> str:
    """A heading as it is compared: full-width letters made half-width, case, spaces and marks dropped."""
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", heading)).lower()


def _native(kind: str) -> dict[str, str]:
    own = {normal(name): name for name in COLUMNS[kind]}
    return own | {normal(s): ours for ours, lines in _BY_KIND[kind].items() for s in lines[0].split()}


def _others(kind: str) -> dict[str, str]:
    return {
        normal(s): ours for ours, lines in _BY_KIND[kind].items() for line in lines[1:] for s in line.split()
    }


#: kind → normal spelling → our column: the product's own headings, and all others in order of preference.
NATIVE: Final = {kind: _native(kind) for kind in _BY_KIND}
OTHERS: Final = {kind: _others(kind) for kind in _BY_KIND}
