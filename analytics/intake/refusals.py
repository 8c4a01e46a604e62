"""Why a file is not read, and what a reader remarks on: codes with details in the readers, words here.

Readers raise :class:`Unreadable` and note :class:`Note`; both are plain data that cross the border of the
child process. Only :func:`refuse` and :func:`warn` make sentences of them, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.intake.faults import listed
from analytics.intake.result import IntakeRefused, IntakeWarning

#: What a file is when it is no table, as people call it.
KINDS: Final = {
    "pdf": mark("PDF 文档"),
    "image": mark("图片"),
    "word": mark("Word 文档"),
    "slides": mark("演示文稿"),
    "numbers": mark("Numbers 表格"),
    "archive": mark("压缩包"),
    "database": mark("数据库文件"),
    "program": mark("程序"),
    "rtf": mark("RTF 文档"),
    "json": mark("JSON 数据"),
    "xml": mark("XML 数据"),
    "binary": mark("无法识别的二进制内容"),
}

REFUSALS: Final = {
    "not_found": mark("「{name}」打不开：文件不存在或没有读取权限。请检查路径后重试。"),
    "empty": mark("「{name}」是空文件，没有任何内容。请重新导出后再导入。"),
    "not_a_table": mark("「{name}」不是表格，而是{kind}。请导出为 Excel（.xlsx）或 CSV 后再导入。"),
    "archive": mark("「{name}」是压缩包，里面不是一个表格。请先解压，再导入其中的表格文件。"),
    "web_page": mark("「{name}」是网页，里面没有表格（可能登录已过期或导出失败）。请重新导出后再导入。"),
    "password": mark("「{name}」的文件有密码，无法读取。请先取消密码（另存为不加密的文件）后再导入。"),
    "damaged": mark("「{name}」已损坏或不完整，无法读取。请用 WPS 或 Excel 打开并另存为 .xlsx 后再导入。"),
    "old_excel": mark("「{name}」是很旧的 Excel 格式。请用 WPS 或 Excel 打开并另存为 .xlsx 后再导入。"),
    "xlsb": mark("「{name}」是二进制工作簿（.xlsb）。请用 WPS 或 Excel 另存为 .xlsx 后再导入。"),
    "xml_entities": mark("「{name}」的 XML 含有实体定义，出于安全不予读取。请另存为 .xlsx 后再导入。"),
    "unknown_encoding": mark(
        "「{name}」的文字编码无法识别。请用 WPS 或 Excel 另存为 .xlsx 或 UTF-8 的 CSV 后再导入。"
    ),
    "broken_quotes": mark(
        "「{name}」第 {row} 行起的引号不成对，可能把几行并成了一行。请改正该行的引号，或另存为 .xlsx 后再导入。"
    ),
    "no_table": mark("「{name}」的可见工作表里没有内容。请检查文件；隐藏的工作表须用表名指定才会读取。"),
    "unknown_sheet": mark("「{name}」里没有名为「{sheet}」的工作表。已有的工作表：{sheets}。"),
    "no_sheets": mark("「{name}」不是工作簿，没有工作表可选。请不要指定工作表。"),
    "file_too_big": mark("「{name}」有 {size} MB，超过上限 {limit} MB。请按年份或社区拆分后分批导入。"),
    "too_many_entries": mark(
        "「{name}」的内部文件多达 {count} 个，不像正常的表格。请另存为 .xlsx 后再导入。"
    ),
    "unpacked_too_big": mark(
        "「{name}」解压后超过 {limit} MB，不像正常的表格。请拆分或另存为 CSV 后再导入。"
    ),
    "too_many_rows": mark("「{name}」超过 {limit} 行的上限。请按年份拆分后分批导入。"),
    "too_many_columns": mark(
        "「{name}」第 {row} 行有 {count} 列，超过上限 {limit} 列。请检查该行并删除多余的列。"
    ),
    "too_many_cells": mark("「{name}」的单元格超过 {limit} 个的上限。请拆分，或另存为 CSV 后再导入。"),
    "far_cell": mark(
        "「{name}」的单元格 {cell} 离其他内容太远，整张表会大得无法读取。请删除该单元格及多余的空行空列后再导入。"
    ),
    "cell_too_long": mark(
        "「{name}」第 {row} 行有一个单元格超过 {limit} 个字符。请检查该行（常见原因是引号不成对）。"
    ),
    "too_slow": mark("「{name}」读了 {seconds} 秒还没读完，已停止。请拆分，或另存为 CSV 后再导入。"),
    "too_heavy": mark(
        "「{name}」读取时占用的内存过多，已停止。请删除多余的空行空列，或另存为 CSV 后再导入。"
    ),
    "database_address": mark("数据库地址看不懂。例如 postgresql://用户:密码@主机/库 或 sqlite:///文件.db"),
    "database_driver": mark(
        "「{name}」：没有安装 {database} 数据库的驱动程序。请先安装，或导出为文件后再导入。"
    ),
    "database_failed": mark("「{name}」读不出来：{why}。请检查地址、账号、查询语句后重试。"),
    "database_table": mark("「{name}」里没有名为「{table}」的表。"),
    "database_query": mark("「{name}」的查询须以 SELECT 或 WITH 开头；导入只读，不执行别的语句。"),
    "database_column": mark("「{name}」的结果里没有「{column}」这一列。已有的列：{columns}。"),
    "database_watermark": mark(
        "增量列的值有的是数、有的是文字或时间，分不出先后，没有导入。请换一列，或不用增量。"
    ),
    "database_too_many": mark("「{name}」超过 {limit} 个单元格（或字符）的上限。请在查询里按年份分批。"),
}

NOTES: Final = {
    "hidden_rows": mark("工作表有隐藏的行，也已读入。"),
    "hidden_sheets": mark("隐藏的工作表没有读取：{sheets}。"),
    "other_sheets": mark("读取的是工作表「{sheet}」；还有内容的工作表没有读取：{sheets}。"),
    "merged_filled": mark("纵向合并的单元格已向下填充（{columns}列）。"),
    "date_1904": mark("工作簿使用 1904 日期系统，日期已按它换算。"),
    "formula_without_value": mark("有公式没有计算结果。请用 WPS 或 Excel 打开并保存一次后再导入。"),
    "damaged_text": mark("有字符已损坏，显示为「\ufffd」。请在原系统中核对这些行。"),
    "nul_removed": mark("文件中有空字符（NUL），已去掉。"),
    "quotes_literal": mark("文件中的引号不成对，已按普通字符读取，不作为单元格的界限。"),
}


class Unreadable(Exception):  # noqa: N818 - see IntakeRefused
    """A reader's refusal: a code of :data:`REFUSALS` and the details of its sentence."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


@dataclass(frozen=True)
class Note:
    """A reader's remark: a code of :data:`NOTES`, physical rows, and the details of its sentence."""

    code: str
    rows: tuple[int, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


def refuse(reason: Unreadable, name: str) -> IntakeRefused:
    """The refusal of the file called ``name``, as a sentence in the language of the moment."""
    details = _worded(reason.details)
    if "kind" in details:
        details["kind"] = _(KINDS[details["kind"]])
    return IntakeRefused(reason.code, _(REFUSALS[reason.code]).format(name=name, **details))


def warn(note: Note) -> IntakeWarning:
    """A reader's remark as a sentence in the language of the moment."""
    return IntakeWarning(note.code, _(NOTES[note.code]).format(**_worded(note.details)), note.rows)


def _worded(details: Mapping[str, Any]) -> dict[str, Any]:
    """Details with their lists of names in the marks of the reader's language."""
    return {
        key: listed(value) if isinstance(value, list | tuple) else value for key, value in details.items()
    }
