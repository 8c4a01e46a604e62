"""Why a row or a whole table is not taken, and what an import remarks on: codes here, in plain words.

``docs/import-codes.md`` explains the same codes, one by one, for those who correct the files.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.intake.result import IntakeRefused, IntakeWarning

#: Faults of a row. {heading} is the source's own heading, {rows} are physical rows.
FAULTS: Final = {
    "required": mark("「{heading}」是必填项，这一行是空的。请补上。"),
    "duplicate": mark("与第 {rows} 行完全相同，只收那一行。不必处理。"),
    "conflict": mark("「{heading}」与第 {rows} 行相同，内容却不同，不知以哪一行为准，都没有收。请只留正确的一行。"),
    "not_a_case": mark("这一行是合计、签名、说明或重复的表头，不是一条记录。不必处理。"),
    "extra_cells": mark("这一行的内容超出了表头的列数，各列可能错位（常见原因是内容里有分隔符而没有加引号）。请核对这一行。"),
    "error_value": mark("「{heading}」是错误值，不是数据。请改正公式或填入实际的值。"),
    "formula_without_value": mark("「{heading}」是没有计算结果的公式。请用 WPS 或 Excel 打开文件并保存一次后再导入。"),
    "spoiled_id": mark("「{heading}」被表格软件改成了数字或日期，原来的编号已不完整。请从原系统按文本重新导出。"),
    "date_for_name": mark("「{heading}」被表格软件改成了日期（例如把 3-2 变成 3月2日）。请把单元格设为文本后重新填写。"),
    "bad_time": mark("「{heading}」不是能识别的时间。请写成 2024-06-03 08:05 这样的形式，或在版式里写明时间格式。"),
    "impossible_date": mark("「{heading}」里的日期不存在：这个月没有这一天。请核对日期。"),
    "ambiguous_date": mark("「{heading}」的日期有两种读法（日月先后或两位年份）。请写成 2024-06-03，或在版式里写明时间格式。"),
    "no_year": mark("「{heading}」没有年份或日期。请写成 2024-06-03 08:05 这样的完整时间。"),
    "clock_change": mark("「{heading}」正值当地调钟，这一时刻不存在或出现两次。请写明时差，例如 2024-11-03 01:30-04:00。"),
    "before_2000": mark("「{heading}」早于 2000 年。请核对年份。"),
    "in_future": mark("「{heading}」晚于现在，事情还没有发生。请核对日期。"),
    "too_late": mark("「{heading}」晚于 2099 年。请核对年份。"),
    "unknown_colour": mark("「{heading}」只能是绿、黄、红、灰。请改正，或在版式里写明它对应哪种颜色。"),
    "bad_yes_no": mark("「{heading}」只能是“是”或“否”。请改正，或在版式里写明它的意思。"),
    "bad_satisfaction": mark("「{heading}」只能是 1 到 5，或非常满意、满意、基本满意、一般、不满意、非常不满意。请改正。"),
    "bad_number": mark("「{heading}」不是有效的数目。请填写不小于 0 的整数（基数可有小数，须大于 0）。"),
    "bad_month": mark("「{heading}」不是月份。请写成 2024-06 或 2024年6月。"),
}  # fmt: skip

#: Refusals of a whole table, once a reader could open it.
TABLE_REFUSALS: Final = {
    "no_heading": mark("文件「{file}」里找不到表头。表头应写列名，至少要有{missing}。"),
    "missing_column": mark(
        "文件「{file}」缺少必填列{missing}。第 {row} 行的表头有：{found}。请补上这一列，或用版式写明它叫什么。"
    ),
    "duplicate_heading": mark("文件「{file}」第 {row} 行的表头有重复：{found}。请只留一列，或用版式写明取哪一列。"),
    "bad_layout": mark("版式「{file}」不能用：{why}。"),
    "other_kind": mark("版式「{layout}」用于 {expected}，不能用来导入 {kind}。文件「{file}」没有导入。"),
}  # fmt: skip

#: Remarks on a table that was taken.
REMARKS: Final = {
    "no_rows": mark("表头下面没有数据。"),
    "ignored_columns": mark("没有用到的列：{names}。"),
    "second_column": mark("「{column}」取自「{taken}」，同义的列没有用：{names}。"),
    "layout_column_absent": mark("版式里写的列在文件中没有，按空白处理：{names}。"),
    "midnight_only": mark("「{heading}」的时刻全是 00:00:00，像是只有日期。若是如此，请在版式的 date_only 里写上 {column}，以免按 0 分钟计算。"),
    "room_left_out": mark("「{heading}」里单元后面的房号没有收，只取楼栋和单元。"),
    "events_joined": mark("{lines} 条流转记录合成 {cases} 件记录。"),
    "events_unused": mark("不作为节点的环节：{names}。"),
    "events_incomplete": mark("有 {cases} 件记录的部分流转行被拒收，它们缺少相应的节点。请改正后重新导入。"),
}  # fmt: skip


def reason(code: str, heading: str = "", rows: str = "") -> str:
    """A fault of a row in words."""
    return _(FAULTS[code]).format(heading=heading, rows=rows)


def listed(names: Iterable[str]) -> str:
    """Names of columns or sheets one after the other, each in quotation marks."""
    return _("、").join(_("「{name}」").format(name=name) for name in names)


def refuse(code: str, **details: object) -> IntakeRefused:
    """The refusal of a table in words."""
    return IntakeRefused(code, _(TABLE_REFUSALS[code]).format(**details))


def remark(code: str, rows: tuple[int, ...] = (), **details: object) -> IntakeWarning:
    """A remark in words."""
    return IntakeWarning(code, _(REMARKS[code]).format(**details), rows)
