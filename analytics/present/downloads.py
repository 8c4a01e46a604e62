"""Tables as files for Excel and others: CSV and XLSX that hold text as text and numbers as numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import DataFrame

from analytics.i18n import gettext as _

CSV_TYPE: Final = "text/csv"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: A spreadsheet takes a cell that begins like this for a formula.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CELL_LIMIT: Final = 32_767
_SHEET_ROWS: Final = 1_048_576


def csv_bytes(table: DataFrame) -> bytes:
    """UTF-8 with BOM, so that Excel reads Chinese; a blank is empty, a text that could be a formula is quoted.

    Numbers stay numbers, also negative ones. Times are ``2024-06-03 08:05:00``.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_safe_text(str(name)) for name in table.columns])
    columns = [[_csv_cell(value) for value in _values(table.iloc[:, i])] for i in range(table.shape[1])]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode("utf-8-sig")


def xlsx_bytes(table: DataFrame, sheet: str = "Sheet1", notes: Sequence[str] = ()) -> bytes:
    """One sheet with frozen headings and real dates; ``notes`` (scope, as-of) stand on a sheet of their own.

    Raises ValueError when the table has more rows than a sheet holds.
    """
    return xlsx_book({sheet: table}, notes)


def xlsx_book(tables: Mapping[str, DataFrame], notes: Sequence[str] = ()) -> bytes:
    """One workbook with a sheet per table, as :func:`xlsx_bytes` writes one; like names are numbered."""
    import xlsxwriter

    for table in tables.values():
        if len(table) >= _SHEET_ROWS:
            raise ValueError(len(table))
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        for name, table in zip(_sheet_names(tables), tables.values(), strict=True):
            _write_table(book, book.add_worksheet(name), table)
        if notes:
            _write_notes(book.add_worksheet(_("说明")), notes)
    return file.getvalue()


def _write_table(book: Any, sheet: Any, table: DataFrame) -> None:
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for column, name in enumerate(table.columns):
        values = list(_values(table.iloc[:, column]))
        sheet.write_string(0, column, _plain(str(name)), head)
        sheet.set_column(column, column, _width([str(name), *values[:200]]))
        dates_only = all(_is_midnight(value) for value in values)
        for row, value in enumerate(values, start=1):
            _write_cell(sheet, row, column, value, day if dates_only else moment)
    sheet.freeze_panes(1, 0)
    if table.shape[1]:
        sheet.autofilter(0, 0, len(table), table.shape[1] - 1)


def _write_cell(sheet: Any, row: int, column: int, value: Any, time_format: Any) -> None:
    if value is None:
        return
    if isinstance(value, pd.Timestamp):
        sheet.write_datetime(row, column, value.to_pydatetime(), time_format)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, _plain(value))


def _write_notes(sheet: Any, notes: Sequence[str]) -> None:
    sheet.set_column(0, 0, 80)
    for row, text in enumerate(notes):
        sheet.write_string(row, 0, _plain(text))


def _values(column: Any) -> Iterable[Any]:
    """Python values of a column: None for blank, Timestamp, bool, int, float or str."""
    for value in column.astype(object):
        if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
            yield None
        elif isinstance(value, (pd.Timestamp, np.datetime64)):
            yield pd.Timestamp(value)
        elif isinstance(value, (bool, np.bool_)):
            yield bool(value)
        elif isinstance(value, (int, np.integer)):
            yield int(value)
        elif isinstance(value, (float, np.floating)):
            yield float(value) if np.isfinite(value) else None
        else:
            yield str(value)


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    return _safe_text(value) if isinstance(value, str) else str(value)


def _safe_text(text: str) -> str:
    clean = _CONTROL.sub("", text)
    is_formula = clean.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(clean)
    return f"'{clean}" if is_formula else clean


def _plain(text: str) -> str:
    return _CONTROL.sub("", text)[:_CELL_LIMIT]


def _is_midnight(value: Any) -> bool:
    return value is None or (isinstance(value, pd.Timestamp) and value == value.normalize())


def _width(values: Sequence[Any]) -> float:
    """Characters, a Chinese one counted twice, within reason."""
    longest = max(sum(2 if ord(c) > 0x2E80 else 1 for c in str(v)) for v in values)
    return min(max(longest + 2, 8), 48)


def _sheet_names(names: Iterable[str]) -> list[str]:
    """Names that a workbook takes: cleaned, short, and each once whatever its case (notes keep theirs)."""
    found: list[str] = []
    taken = {_("说明").lower(), "history"}
    for name in names:
        short, number = _sheet_name(name), 2
        while short.lower() in taken:
            ending = f" {number}"
            short, number = _sheet_name(name)[: 31 - len(ending)] + ending, number + 1
        taken.add(short.lower())
        found.append(short)
    return found


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", _plain(name)).strip()[:31] or "Sheet1"
