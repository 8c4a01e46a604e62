"""Downloads: Excel opens them in Chinese, no cell runs as a formula, numbers and dates stay what they are."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.present.downloads import csv_bytes, xlsx_bytes

TABLE = pd.DataFrame(
    {
        "编号": ["001", "NA", "=1+1"],
        "内容": ["漏水\x0b了", "@SUM(A1)", None],
        "差": [-1.5, 2.0, float("nan")],
        "上报时间": pd.to_datetime(["2024-06-03 08:05", "2024-06-04 00:00", None]).astype("datetime64[s]"),
    }
)


def test_csv_begins_with_a_bom_and_keeps_text_and_numbers():
    written = csv_bytes(TABLE)
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig").splitlines() == [
        "编号,内容,差,上报时间",
        "001,漏水了,-1.5,2024-06-03 08:05:00",
        "NA,'@SUM(A1),2.0,2024-06-04 00:00:00",
        "'=1+1,,,",
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_could_run_as_a_formula_is_quoted(start):
    table = pd.DataFrame({"a": [f"{start}cmd|' /C calc'!A0"]})
    assert csv_bytes(table).decode("utf-8-sig").split("\r\n", 1)[1].lstrip('"').startswith("'")


@pytest.mark.parametrize("number", ["-5", "+86", "-1.25"])
def test_a_negative_number_written_as_text_is_left_alone(number):
    assert csv_bytes(pd.DataFrame({"a": [number]})).decode("utf-8-sig").splitlines()[1] == number


def test_xlsx_has_frozen_headings_real_dates_and_no_formula():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(TABLE, "诉求/台账", ["截至 2024年7月1日"])))
    sheet = book.worksheets[0]
    assert sheet.title == "诉求 台账"
    assert sheet.freeze_panes == "A2"
    assert sheet["A4"].value == "=1+1"
    assert sheet["A4"].data_type == "s"
    assert sheet["A2"].value == "001"
    assert sheet["B2"].value == "漏水了"
    assert sheet["C2"].value == -1.5
    assert sheet["D2"].value == pd.Timestamp("2024-06-03 08:05").to_pydatetime()
    assert sheet["C4"].value is None
    assert book.worksheets[1]["A1"].value == "截至 2024年7月1日"


@given(st.lists(st.text(max_size=8), min_size=1, max_size=5))
def test_any_text_can_be_written(texts):
    table = pd.DataFrame({"a": pd.Series(texts, dtype=object)})
    assert openpyxl.load_workbook(io.BytesIO(xlsx_bytes(table))).active.max_row >= 1
    assert csv_bytes(table)


def test_an_empty_table_still_has_its_headings():
    assert csv_bytes(TABLE.iloc[:0]).decode("utf-8-sig") == "编号,内容,差,上报时间\r\n"
    assert openpyxl.load_workbook(io.BytesIO(xlsx_bytes(TABLE.iloc[:0]))).active["A1"].value == "编号"
