"""XLSX, XLSM and XLS: values by calamine, corrected by what only the file's own records say."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Callable
from typing import Final

import python_calamine as calamine

from analytics.intake.archive import document_kind, open_archive
from analytics.intake.cells import Cell, CellError
from analytics.intake.grid import Facts, Grid, lay_out
from analytics.intake.protected import open_without_asking
from analytics.intake.refusals import Unreadable
from analytics.intake.sheet_choice import choose, describe, unknown_sheet
from analytics.intake.xls_survey import Workbook, open_workbook
from analytics.intake.xlsx_survey import open_package

#: Integral floats below this are exact enough to become int and fit 64 bits.
_INT_LIMIT: Final = 2.0**63
#: Of reading an archive, the shares after which its XML has been gone through and its values have been read.
_SURVEYED: Final = 0.55
_VALUED: Final = 0.85
_EPOCH: Final = {False: dt.datetime(1899, 12, 30), True: dt.datetime(1904, 1, 1)}


def read_zip(data: bytes, sheet: str | None, tell: Callable[[float], None]) -> Grid:
    """A spreadsheet that is a zip: XLSX, XLSM, strict OOXML, or ODS; ``tell`` hears how far it has come."""
    with open_archive(data, lambda share: tell(share * _SURVEYED)) as archive:
        if document_kind(archive) == "ods":
            from analytics.intake.ods import read_ods

            return read_ods(archive, sheet)
        package = open_package(archive)
        return _read(data, "xlsx", sheet, package.survey, package.is_1904, tell)


def read_ole(data: bytes, sheet: str | None, tell: Callable[[float], None]) -> Grid:
    """A spreadsheet of Excel 5 to 2003, one of WPS (.et), or an encrypted one, in an OLE container."""
    try:
        workbook = open_workbook(data)
    except Unreadable as reason:
        if reason.code != "password":
            raise
        return _read_decrypted(open_without_asking(data), sheet, tell)
    return _read_workbook(data, workbook, sheet, tell)


def _read_decrypted(data: bytes, sheet: str | None, tell: Callable[[float], None]) -> Grid:
    if data.startswith(b"PK"):
        return read_zip(data, sheet, tell)
    return _read_workbook(data, open_workbook(data), sheet, tell)


def _read_workbook(data: bytes, workbook: Workbook, sheet: str | None, tell: Callable[[float], None]) -> Grid:
    names = [item.name for item in _load(data).sheets_metadata]
    if len(names) != len(workbook.offsets):
        raise Unreadable("damaged")
    return _read(data, "xls", sheet, lambda name: workbook.survey(names.index(name)), workbook.is_1904, tell)


def _load(data: bytes) -> calamine.CalamineWorkbook:
    try:
        return calamine.load_workbook(io.BytesIO(data))
    except calamine.PasswordError as error:
        raise Unreadable("password") from error
    except calamine.CalamineError as error:
        raise Unreadable("damaged") from error


def _read(
    data: bytes,
    source: str,
    sheet: str | None,
    survey: Callable[[str], Facts],
    is_1904: bool,
    tell: Callable[[float], None],
) -> Grid:
    book = _load(data)
    visible = {
        item.name: item.visible == calamine.SheetVisibleEnum.Visible
        for item in book.sheets_metadata
        if item.typ == calamine.SheetTypeEnum.WorkSheet
    }
    if sheet is not None and sheet not in visible:
        raise unknown_sheet(sheet, visible)
    facts = {name: survey(name) for name, shown in visible.items() if shown or name == sheet}
    chosen = sheet if sheet is not None else choose(facts)
    facts[chosen].check_size()
    try:
        columns = _columns(book.get_sheet_by_name(chosen))
    except calamine.CalamineError as error:
        raise Unreadable("damaged") from error
    settled = []
    for number, values in enumerate(columns, 1):
        tell(_VALUED + (1 - _VALUED) * number / len(columns))
        settled.append(_settle(values, facts[chosen], number, is_1904))
    grid = lay_out(settled, facts[chosen], source)
    return describe(grid, chosen, visible, facts, was_named=sheet is not None, is_1904=is_1904)


def _columns(sheet: calamine.CalamineSheet) -> list[list[Cell]]:
    """Columns from A1; calamine leaves out the blank columns on the left but not the rows above."""
    if sheet.start is None or sheet.end is None:
        return []
    rows = list(sheet.iter_rows())
    height = sheet.end[0] + 1
    above = [None] * (height - len(rows))
    left: list[list[Cell]] = [[None] * height for _ in range(sheet.start[1])]
    return left + [[*above, *values] for values in zip(*rows, strict=True)]


def _settle(values: list[Cell], facts: Facts, number: int, is_1904: bool) -> list[Cell]:
    """One column as the file means it: blanks None, whole numbers int, dates with or without time of day.

    calamine gives a ``date`` whenever the clock reads 00:00; the number format decides here instead. It
    knows no formats that Chinese Excel names by number only: their serial days become dates here.
    """
    types = set(map(type, values))
    if dt.date in types or float in types:
        date_only = set(facts.date_only.get(number, ()))
        values = [
            _settle_one(value, row in date_only, is_1904) if type(value) in (float, dt.date) else value
            for row, value in enumerate(values, start=1)
        ]
    return [None if value == "" else value for value in values] if str in types else values


def _settle_one(value: Cell, is_date_only: bool, is_1904: bool) -> Cell:
    if isinstance(value, float):
        if not math.isfinite(value):
            return CellError("#NUM!")
        if is_date_only and 0 <= value < 2_958_466:
            return _from_serial(value, is_1904)
        return int(value) if value.is_integer() and abs(value) < _INT_LIMIT else value
    if isinstance(value, dt.date) and not is_date_only:
        return dt.datetime(value.year, value.month, value.day)
    return value


def _from_serial(days: float, is_1904: bool) -> Cell:
    moment = _EPOCH[is_1904] + dt.timedelta(seconds=round(days * 86_400))
    return moment.date() if days == int(days) else moment
