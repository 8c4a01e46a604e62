"""The report as a workbook: overview, a sheet per part with its tables and native charts, the petitions.

Numbers and times are real numbers and times; a rate is its two counts and the fraction. Nothing that a
resident or an importer wrote can become a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd
import xlsxwriter
from pandas import DataFrame
from xlsxwriter.worksheet import Worksheet

from analytics import cases
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import tables_cases, wording
from analytics.report.excel_charts import ROWS, insert
from analytics.report.inks import HEADING_SHADE, SHADES
from analytics.report.model import Cell, Column, Content, Section, Table
from analytics.report.plain import breadth, clean, made, moment
from analytics.scope import Scope
from analytics.vocabulary import COLOURS, COLUMN_LABELS, place_label

#: What a column of one kind becomes: number format per cell, and headings where it is several cells.
_FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("@",), "count": ("#,##0",), "rate": ("#,##0", "#,##0", "0%"), "percent": ("0%",),
    "interval": ("0%", "0%"), "change": ("+0%;-0%;0%",), "changes": ("+0%;-0%;0%", "+0%;-0%;0%"),
    "decimal": ("#,##0.0",), "minutes": ("#,##0.0",), "days": ("#,##0.0",), "moment": ("yyyy-mm-dd hh:mm",),
    "date": ("yyyy-mm-dd",), "month": ("yyyy-mm",), "points": ("+0.0;-0.0;0.0",), "difference": ("+#,##0;-#,##0;0",),
}  # fmt: skip
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "rate": (mark("达到"), mark("应计"), mark("率")),
    "interval": (mark("下限"), mark("上限")),
    "changes": (mark("下限"), mark("上限")),
}
#: Widths in characters; a long text wraps within the widest.
_WIDE, _WIDEST, _NARROW, _DETAIL, _TIME = 24, 60, 11, 14, 21
_LANDSCAPE_FOOT: Final = "&C— &P / &N —"


def write(content: Content, petitions: DataFrame | None = None, seal: str = "") -> bytes:
    """The workbook's bytes. ``petitions``: :func:`listed`, never given to the public edition; ``seal``: footer."""
    out = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": True, "default_date_format": "yyyy-mm-dd hh:mm",
    }  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        about = {"title": clean(content.heading.title), "created": made(content).to_pydatetime()}
        book.set_properties({**about, "comments": clean(seal)})
        writer = _Writer(book, content, seal)
        writer.overview()
        for part in content.sections:
            if part.tables or part.charts:
                writer.part(part)
        if petitions is not None and content.edition == "internal":
            writer.petitions(petitions)
        for part in content.annexes:
            writer.part(part)
    return out.getvalue()


def listed(dataset: Dataset, scope: Scope) -> DataFrame:
    """The petitions of a scope as the list on screen has them, without residents' names and telephones.

    Courtyards of several communities are told apart: the list leaves the page whose filters say which they are.
    """
    found = cases.table(dataset, cases.select(dataset, scope))
    shown = tables_cases.cases(found)
    if len({str(place).partition("/")[0] for place in found["place"].unique()}) > 1:
        shown[_(COLUMN_LABELS["courtyard"])] = [place_label(str(place), True) for place in found["place"]]
    return shown


class _Writer:
    """One workbook being written, with its formats."""

    def __init__(self, book: xlsxwriter.Workbook, content: Content, seal: str) -> None:
        self.book, self.content, self.seal = book, content, seal
        self.names: set[str] = set()
        self.formats: dict[tuple[Any, ...], Any] = {}

    def format(self, **settings: Any) -> Any:
        """A format, made once."""
        key = tuple(sorted(settings.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(
                {"font_name": "宋体", "font_size": 11, "valign": "vcenter", **settings}
            )
        return self.formats[key]

    def sheet(self, title: str) -> Worksheet:
        """A new sheet set up for printing on A4, across, as wide as the paper."""
        name = self._free_name(clean(title))
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        foot = clean(self.seal).replace("&", "&&")
        sheet.set_footer(f"{_LANDSCAPE_FOOT}&R&8{foot}"[:255])
        return sheet

    def _free_name(self, title: str) -> str:
        """A sheet's name: at most 31 characters, without those that Excel forbids, used once."""
        base = "".join(sign for sign in title if sign not in "[]:*?/\\'")[:27] or "Sheet"
        name, number = base, 2
        while name.lower() in self.names:
            name, number = f"{base} {number}", number + 1
        self.names.add(name.lower())
        return name

    def overview(self) -> None:
        """Title, place, period and the sentences of every part."""
        sheet = self.sheet(_("总览"))
        sheet.hide_gridlines(2)
        sheet.set_portrait()
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 84)
        sheet.merge_range(
            0, 0, 0, 1, clean(self.content.heading.title), self.format(font_size=18, align="center")
        )
        sheet.set_row(0, 36)
        row = 1
        for label, text in self._about():
            sheet.write_string(row, 0, label, self.format(font_color="#6B6B66"))
            sheet.write_string(row, 1, clean(text), self.format(text_wrap=True))
            row += 1
        for part in self.content.sections:
            row += 1
            sheet.write_string(row, 0, clean(part.title), self.format(bold=True, valign="top"))
            for sentence in part.sentences:
                sheet.write_string(row, 1, clean(sentence.text), self.format(text_wrap=True))
                sheet.set_row(row, 17 * (1 + len(sentence.text) // 42))
                row += 1
        sheet.activate()

    def _about(self) -> Iterator[tuple[str, str]]:
        yield _("范围"), self.content.place or _("全部院落")
        yield _("期间"), self.content.period
        yield _("截至"), wording.moment(moment(self.content))
        if self.content.sample:
            yield _("提示"), _("示例数据，人和事都是编的。")
        if self.seal:
            yield _("校验"), self.seal

    def part(self, part: Section) -> None:
        """A sheet with the tables of one part below each other, then its charts."""
        sheet = self.sheet(part.title)
        row = 0
        for sentence in part.sentences:
            if part in self.content.annexes:
                sheet.write_string(row, 0, clean(sentence.text), self.format())
                row += 1
        widths: dict[int, int] = {}
        for table in part.tables:
            row = self._table(sheet, table, row, widths)
        for at, width in widths.items():
            sheet.set_column(at, at, width)
        for number, chart in enumerate(part.charts):
            figures = self.format(num_format="0%" if chart.unit == "percent" else "General")
            insert(self.book, sheet, chart, row + number * ROWS, self.format(bold=True), figures)

    def _table(self, sheet: Worksheet, table: Table, row: int, widths: dict[int, int]) -> int:
        """Write one table from ``row`` on; the row after it."""
        sheet.write_string(row, 0, clean(table.title), self.format(bold=True, font_size=13))
        at = 0
        for number, column in enumerate(table.columns):
            longest = (
                max((breadth(str(line[number] or "")) for line in table.rows), default=0)
                if column.wide
                else 0
            )
            width = min(max(_WIDE, longest), _WIDEST) if column.wide else _NARROW
            at = self._heading(sheet, column, row + 1, at, widths, width)
        shades = table.shades or (None,) * len(table.rows)
        for number, (line, shade) in enumerate(zip(table.rows, shades, strict=True)):
            self._line(sheet, table, line, shade, row + 3 + number)
        end = row + 3 + len(table.rows)
        if table.note:
            sheet.write_string(end, 0, clean(table.note), self.format(font_color="#6B6B66", font_size=9))
        return end + 2

    def _heading(
        self, sheet: Worksheet, column: Column, row: int, at: int, widths: dict[int, int], width: int
    ) -> int:
        """A column's heading over two rows, or over its parts; the place of the next one."""
        style = self.format(bold=True, bg_color=f"#{HEADING_SHADE}", border=1, align="center", text_wrap=True)
        parts = _PARTS.get(column.kind, ())
        name = clean(column.name)
        if parts:
            sheet.merge_range(row, at, row, at + len(parts) - 1, name, style)
            for number, part in enumerate(parts):
                sheet.write_string(row + 1, at + number, _(part), style)
        else:
            sheet.merge_range(row, at, row + 1, at, name, style)
        for place in range(at, at + (len(parts) or 1)):
            widths[place] = max(widths.get(place, 0), width)
        return at + (len(parts) or 1)

    def _line(
        self, sheet: Worksheet, table: Table, line: tuple[Cell, ...], shade: str | None, row: int
    ) -> None:
        at = 0
        longest = max(
            (breadth(str(v or "")) for v, c in zip(line, table.columns, strict=True) if c.wide), default=0
        )
        if longest > _WIDEST:
            sheet.set_row(row, 16 * (1 + longest // _WIDEST))
        for column, value in zip(table.columns, line, strict=True):
            formats = _FORMATS[column.kind]
            ground = {"bg_color": f"#{SHADES[shade]}"} if shade and not at else {}
            for number, cell in zip(formats, _cells(column, value), strict=True):
                wrap = {"text_wrap": True} if column.wide else {"align": "center"}
                self._cell(sheet, row, at, cell, self.format(num_format=number, border=1, **wrap, **ground))
                at += 1

    @staticmethod
    def _cell(sheet: Worksheet, row: int, at: int, value: Any, style: Any) -> None:
        if value is None:
            sheet.write_string(row, at, wording.UNKNOWN, style)
        elif isinstance(value, str):
            sheet.write_string(row, at, clean(value), style)
        elif isinstance(value, pd.Timestamp):
            sheet.write_datetime(row, at, value.to_pydatetime(), style)
        else:
            sheet.write_number(row, at, value, style)

    def petitions(self, found: DataFrame) -> None:
        """Every petition: frozen heading, filters, colours, real times and numbers."""
        sheet = self.sheet(_("诉求明细"))
        last = len(found.columns) - 1
        heading = self.format(
            bold=True, bg_color=f"#{HEADING_SHADE}", border=1, align="center", text_wrap=True
        )
        for at, name in enumerate(found.columns):
            sheet.write_string(0, at, clean(str(name)), heading)
        for at, name in enumerate(found.columns):
            self._column(sheet, found[name], at)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, len(found), last)
        for code in COLOURS:
            style = self.format(bg_color=f"#{SHADES[code]}")
            rule = {"type": "text", "criteria": "begins with", "value": wording.colour(code), "format": style}
            if len(found):
                sheet.conditional_format(1, 0, len(found), last, rule)

    def _column(self, sheet: Worksheet, column: pd.Series, at: int) -> None:
        is_time = column.dtype.kind == "M"
        sheet.set_column(at, at, _TIME if is_time else _DETAIL)
        style = self.format(num_format="yyyy-mm-dd hh:mm:ss" if is_time else "General")
        for row, value in enumerate(column, 1):
            if not wording.missing(value):
                self._cell(sheet, row, at, value if not hasattr(value, "item") else value.item(), style)


def _cells(column: Column, value: Cell) -> tuple[Any, ...]:
    """A value as the cells that its kind takes; a rate of a few is its counts in words."""
    if column.kind == "rate":
        return _counted(value)
    if column.kind in _PARTS:
        return _ends(column, value)
    if column.kind == "change" and value is not None:
        return (float(str(value)) - 1,)
    if column.kind in ("moment", "date", "month") and value is not None:
        return (pd.Timestamp(str(value)),)
    return (value,)


def _counted(value: Cell) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        return None, None, None
    hits, due = (int(number or 0) for number in value)
    return hits, due, hits / due if due >= wording.FEW else wording.rate(hits, due)


def _ends(column: Column, value: Cell) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        return None, None
    shift = 1 if column.kind == "changes" else 0  # a ratio is shown as a change
    return tuple(None if end is None else end - shift for end in value)
