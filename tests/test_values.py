"""Values as people, spreadsheets and programs write them: read right, or rejected with the right code."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.intake import times, values
from analytics.intake.cells import FORMULA_WITHOUT_VALUE, CellError
from analytics.intake.cleaning import texts_of
from analytics.intake.time_shapes import TIME_FAULTS, UnknownFormat, compiled
from analytics.intake.values import VALUE_FAULTS, Circumstances
from tests.tables_by_hand import NOW

MORNING = "2024-06-03 08:05:00"


def read(column: str, *cells: object, **circumstances: object) -> list[object]:
    """Each cell as one of our columns: its value (None: blank), or the code of its fault."""
    all_text = all(type(cell) is str for cell in cells)
    series = pd.Series(list(cells), dtype="str" if all_text else object)
    found = values.coerce(column, texts_of(series), Circumstances(NOW, **circumstances))
    return [
        VALUE_FAULTS[fault] if fault else None if pd.isna(value) else value
        for value, fault in zip(found.values, found.fault, strict=True)
    ]


def moment(text: object, **circumstances: object) -> str:
    """A cell read as a reported_at: "2024-06-03 08:05:00", "2024-06-03" for a date only, or a code."""
    series = pd.Series([text], dtype="str" if type(text) is str else object)
    found = values.coerce("reported_at", texts_of(series), Circumstances(NOW, **circumstances))
    if found.fault[0]:
        return VALUE_FAULTS[found.fault[0]]
    assert found.date_only is not None
    value = found.values[0]
    return str(value.date()) if found.date_only[0] else str(value)


@pytest.mark.parametrize(
    "text",
    [
        "2024-06-03 08:05:00", "2024-06-03 08:05", "2024-06-03T08:05:00", "2024-06-03T08:05:00.999", "2024/6/3 8:05",
        "2024.6.3 8:05", "2024年6月3日 8:05", "2024年6月3日8:05", "2024年06月03日 08时05分", "2024年6月3日8时5分0秒",
        "2024年6月3日 8点5分", "2024-06-03 星期一 08:05", "2024年6月3日（周一）8:05", "20240603080500", "202406030805",
        "20240603 08:05", "2024-06-03T080500", "2024-06-03 上午 8:05", "2024/6/3 上午8:05", "2024-06-03 8:05 AM",
        "2024-06-03 早上8:05", "2024-06-03T08:05:00+08:00", "2024-06-03T00:05:00Z", "2024-06-03 00:05:00 UTC",
        "2024-06-02T20:05:00-0400", "2024-06-03T08:05:00+08:00[Asia/Shanghai]", "45446.336805555555", "45446.33681",
        "２０２４－０６－０３　０８：０５", "2024-06-03\u00a008:05", "\u200b2024-06-03 08:05\ufeff", "2024-06-03 08:05_x000D_",
        "  2024-06-03   08:05\n", "'2024-06-03 08:05", '="2024-06-03 08:05"', "2024。6。3 8:05",
    ],
)  # fmt: skip
def test_the_same_moment_in_many_spellings(text: str) -> None:
    assert moment(text) == MORNING


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-06-03 24:00", "2024-06-04 00:00:00"),
        ("2024-06-30 24:00:00", "2024-07-01 00:00:00"),
        ("2024-06-03 下午 3:05", "2024-06-03 15:05:00"),
        ("2024-06-03 下午 15:05", "2024-06-03 15:05:00"),
        ("2024-06-03 上午 12:05", "2024-06-03 00:05:00"),
        ("2024-06-03 下午 12:05", "2024-06-03 12:05:00"),
        ("2024-06-03 12:05 a.m.", "2024-06-03 00:05:00"),
        ("2024-06-03 晚上8点半", "2024-06-03 20:30:00"),
        ("2024-06-03 中午1点", "2024-06-03 13:00:00"),
        ("2024-06-03 凌晨 2:05", "2024-06-03 02:05:00"),
        ("13/06/2024 8:05", "2024-06-13 08:05:00"),
        ("06/13/2024 8:05", "2024-06-13 08:05:00"),
        ("5/5/2024", "2024-05-05"),
        ("2024-06-03", "2024-06-03"),
        ("2024年6月3日", "2024-06-03"),
        ("2024.6.3", "2024-06-03"),
        ("20240603", "2024-06-03"),
        ("45446", "2024-06-03"),
        ("2024-02-29", "2024-02-29"),
        ("2024-06-03 00:00:00", "2024-06-03 00:00:00"),
    ],
)
def test_hours_and_dates(text: str, expected: str) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03/04/2024", "ambiguous_date"), ("3.4.2024 8:05", "ambiguous_date"), ("24-06-03", "ambiguous_date"),
        ("6/3/24 8:05", "ambiguous_date"), ("24年6月3日", "ambiguous_date"), ("6月3日 8:05", "no_year"),
        ("06-03 08:05", "no_year"), ("08:05", "no_year"), ("下午3:05", "no_year"), ("2023-02-29", "impossible_date"),
        ("2024-13-01", "bad_time"), ("2024-00-01", "bad_time"), ("2024-06-31", "impossible_date"), ("2024-06-32", "bad_time"), ("2024-06", "bad_time"),
        ("2024-06-03 24:01", "bad_time"), ("2024-06-03 25:00", "bad_time"), ("2024-06-03 08:60", "bad_time"),
        ("2024-06-03 上午 13:05", "bad_time"), ("2024-06-03 晚上1点", "bad_time"), ("2024/6/38:05", "bad_time"),
        ("2024-06-03 8:05左右", "bad_time"), ("昨天", "bad_time"), ("0000-00-00 00:00:00", "bad_time"),
        ("1717372800", "bad_time"), ("12345", "bad_time"), ("########", "bad_time"),
        ("1999-12-31 23:59:59", "before_2000"), ("2024-07-01 12:00:01", "in_future"), ("2024-07-02", "in_future"),
        ("2024-07-01T12:00:01+08:00", "in_future"), ("#N/A", "error_value"),
    ],
)  # fmt: skip
def test_what_is_no_time_says_why(text: str, code: str) -> None:
    assert moment(text) == code


def test_now_itself_is_not_the_future() -> None:
    assert moment("2024-07-01 12:00:00") == "2024-07-01 12:00:00"


@pytest.mark.parametrize("blank", ["", "-", "—", "/", "无", "NULL", "\u3000", "\u200b", "_x000D_"])
def test_a_cell_that_says_nothing_is_blank(blank: str) -> None:
    assert read("resolved_at", blank, "2024-06-03") == [None, pd.Timestamp("2024-06-03")]


def test_cells_of_a_spreadsheet() -> None:
    assert moment(dt.datetime(2024, 6, 3, 8, 4, 59, 999_997)) == MORNING
    assert moment(dt.datetime(2024, 6, 3)) == moment(dt.date(2024, 6, 3)) == moment(45446.0) == "2024-06-03"
    assert moment(45446.336805555555) == MORNING
    assert moment(20240603) == "2024-06-03"
    assert moment(dt.time(8, 5)) == "no_year"
    assert moment(True) == "bad_time"
    assert moment(CellError("#REF!")) == "error_value"
    assert moment(FORMULA_WITHOUT_VALUE) == "formula_without_value"
    assert moment(dt.datetime.max) == "in_future"


def test_a_promise_may_lie_ahead_but_not_beyond_the_century() -> None:
    assert read("promised_at", "2024-12-31 18:00", "2100-01-01", "1999-01-01") == [
        pd.Timestamp("2024-12-31 18:00"),
        "too_late",
        "before_2000",
    ]


def test_a_time_zone_shifts_clock_times_and_never_dates() -> None:
    there = {"timezone": "America/New_York"}
    assert moment("2024-06-02 20:05", **there) == MORNING
    assert moment("2024-06-03", **there) == "2024-06-03"
    assert moment("2024-06-03T08:05:00+08:00", **there) == MORNING
    assert moment("2024-03-10 02:30", **there) == moment("2023-11-05 01:30", **there) == "clock_change"
    assert moment("2023-11-05 01:30-04:00", **there) == "2023-11-05 13:30:00"


def test_formats_of_a_layout_decide_what_is_ambiguous() -> None:
    american = {"formats": ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y")}
    assert moment("06/03/2024 08:05:00 AM", **american) == MORNING
    assert moment("06/03/2024", **american) == "2024-06-03"
    assert moment("13/06/2024", **american) == "bad_time"
    assert moment("2024-06-03 08:05", **american) == MORNING
    assert moment("03/06/2024", formats=("%d/%m/%Y",)) == "2024-06-03"
    assert moment("Mon Jun 03 08:05:00 2024", formats=("%a %b %d %H:%M:%S %Y",)) == MORNING
    assert moment("03.06.24 08:05", formats=("%d.%m.%y %H:%M",)) == MORNING


@pytest.mark.parametrize("bad", ["%Q-%m-%d", "%Y-%m", "%H:%M", "%Y-%m-%d T00", "%Y %Y-%m-%d", "%"])
def test_a_format_that_is_not_understood_says_so(bad: str) -> None:
    with pytest.raises(UnknownFormat, match=r"."):
        compiled(bad)


def test_a_column_whose_clock_means_nothing_is_dates() -> None:
    assert moment("2024-06-03 00:00:00", date_only=("reported_at",)) == "2024-06-03"
    shifted = {"date_only": ("reported_at",), "timezone": "America/New_York"}
    assert moment("2024-06-03 00:00:00", **shifted) == "2024-06-03"


STYLES = [
    lambda t: t.strftime("%Y-%m-%d %H:%M:%S"),
    lambda t: t.strftime("%Y-%m-%dT%H:%M:%S+08:00"),
    lambda t: (t - dt.timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    lambda t: f"{t.year}/{t.month}/{t.day} {t.hour}:{t.minute:02}:{t.second:02}",
    lambda t: f"{t.year}年{t.month}月{t.day}日 {t.hour}:{t.minute:02}:{t.second:02}",
    lambda t: f"{t.year}年{t.month}月{t.day}日{t.hour}时{t.minute}分{t.second}秒",
    lambda t: (
        f"{t.year}.{t.month}.{t.day} {'上午' if t.hour < 12 else '下午'}{(t.hour + 11) % 12 + 1}:{t:%M:%S}"
    ),
    lambda t: t.strftime("%Y%m%d%H%M%S"),
    lambda t: repr((t - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)),
    lambda t: t.strftime("%Y-%m-%d %H:%M:%S").translate({i: 0xFEE0 + i for i in range(0x21, 0x7F)}),
]
MOMENTS = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2024, 6, 30)).map(
    lambda t: t.replace(microsecond=0)
)


@given(st.lists(st.tuples(MOMENTS, st.sampled_from(STYLES)), min_size=1, max_size=20))
def test_a_time_written_in_any_style_reads_back(written: list) -> None:
    text = pa.array([style(t) for t, style in written], pa.large_string())
    read_back = times.parse(times.clean_times(text))
    assert [TIME_FAULTS[fault] for fault in read_back.fault] == [""] * len(written)
    expected = np.array([t for t, _style in written], "datetime64[s]")
    assert (read_back.seconds.astype("datetime64[s]") == expected).all()


@given(st.lists(st.text(max_size=30)))
def test_any_text_is_read_or_rejected(texts: list[str]) -> None:
    for column in (
        "reported_at",
        "case_id",
        "month",
        "needs_visit",
        "satisfaction",
        "households",
        "exposure",
        "unit",
    ):
        assert len(read(column, *texts)) == len(texts) if texts else True


def test_ids_keep_their_zeros_and_na_is_an_id() -> None:
    assert read("case_id", "0012", "NA", " TJ-1\u200b", "ＴＪ０１", "1E5", "", "202406030000000123", '="007"') == [
        "0012", "NA", "TJ-1", "TJ01", "1E5", None, "202406030000000123", "007",
    ]  # fmt: skip
    assert read("case_id", 24.0, 7, "007", None) == ["24", "7", "007", None]


def test_ids_that_a_spreadsheet_has_spoiled_are_rejected() -> None:
    assert read("case_id", "1.23E+17", "1E+17", "####") == ["spoiled_id"] * 3
    spoiled = (202406030000000123.0, 1e15, 1.5, dt.datetime(2024, 3, 1), dt.time(3, 5))
    assert read("case_id", *spoiled) == ["spoiled_id"] * 5
    assert read("case_id", 999_999_999_999_999.0, "x") == ["999999999999999", "x"]


def test_colours_in_their_spellings() -> None:
    known = ("绿", "黄色", " 红灯 ", "GREY", "灰单", "●绿", "绿（3天内）", "gray")
    assert read("assigned_colour", *known) == [
        "green",
        "yellow",
        "red",
        "grey",
        "grey",
        "green",
        "green",
        "grey",
    ]
    assert read("assigned_colour", "蓝", "不绿", "红黄", "") == ["unknown_colour"] * 3 + [None]


def test_yes_and_no() -> None:
    assert read("needs_visit", "是", "√", "需要", "需到场", "Y", "1") == [True] * 6
    assert read("needs_visit", "否", "无", "×", "无需到场", "不需要", "0") == [False] * 6
    assert read("unsolvable", "无法解决", "能解决", "", True, False) == [True, False, None, True, False]
    assert read("confirmed_solved", "已解决", "未解决", "部分解决") == [True, False, "bad_yes_no"]


def test_satisfaction_in_words_and_numbers() -> None:
    assert read("satisfaction", "非常满意", "满意", "基本满意", "一般", "不满意", "非常不满意") == [
        5,
        4,
        4,
        3,
        2,
        1,
    ]
    assert read("satisfaction", "5", "4分", "3.0", "0", "6", "4.5", "很好") == [
        5,
        4,
        3,
        *["bad_satisfaction"] * 4,
    ]
    assert read("satisfaction", "未评价", "", 2.0) == [None, None, 2]


def test_counts_and_exposures() -> None:
    assert read("households", "329", "329户", "1,234", "12.0", "-1", "3.5", "约30") == [
        329, 329, 1234, 12, "bad_number", "bad_number", "bad_number",
    ]  # fmt: skip
    assert read("exposure", "9870.5", "1,000", "0", "-3", "x") == [9870.5, 1000.0, *["bad_number"] * 3]


def test_months() -> None:
    assert (
        read("month", "2024-06", "2024年6月", "202406", "2024/6", "2024-06-15", "2024年6月份")
        == ["2024-06"] * 6
    )
    assert read("month", dt.date(2024, 6, 1), 202406.0) == ["2024-06"] * 2
    assert read("month", "6月", "2024-13", "1999-12", "2024-08") == [
        "bad_month", "bad_month", "before_2000", "in_future",
    ]  # fmt: skip


def test_names_are_kept_as_written_but_trimmed() -> None:
    assert read("handler", " 物业\u3000", "小区 党支部", "—", "\u200b社区", "志愿者") == [
        "物业", "小区 党支部", None, "社区", "志愿者",
    ]  # fmt: skip
    assert read("content", "  第一行_x000D_\r\n第二行\x07 ", "无", "'=1+1") == [
        "第一行\n第二行",
        "无",
        "=1+1",
    ]
    assert read("phone", 13800138000.0, "028-1234") == ["13800138000", "028-1234"]


def test_a_building_that_became_a_date_is_rejected() -> None:
    assert read("building", dt.datetime(2024, 3, 2), 3.0) == ["date_for_name", "3"]


def test_building_and_unit_in_one_cell() -> None:
    cells = ["3栋2单元", "3-2", "3栋2单元501", "3号楼", "2单元", "", "A座1单元"]
    building, unit, room = values.split_building(texts_of(pd.Series(cells, dtype="str")))
    assert building.text.to_pylist() == ["3栋", "3", "3栋", "3号楼", "", "", "A座"]
    assert unit.text.to_pylist() == ["2单元", "2", "2单元", "", "2单元", "", "1单元"]
    assert room.tolist() == [False, False, True, False, False, False, False]


def test_values_of_a_layout_are_put_in_place_of_theirs() -> None:
    ours = {"values": {"assigned_colour": {"一般": "green", "不详": ""}, "case_id": {"#N/A": ""}}}
    assert read("assigned_colour", "一般", " 一般 ", "红", "不详", **ours) == ["green", "green", "red", None]
    assert read("case_id", "#N/A", "7", **ours) == [None, "7"]
