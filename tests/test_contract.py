"""Every row is accepted or rejected with all its faults; nothing wrong gets in, nothing gets lost."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.intake.cells import FORMULA_WITHOUT_VALUE, CellError
from analytics.intake.headings import KINDS
from analytics.intake.layouts import Layout
from analytics.intake.result import Intake, IntakeRefused
from tests.tables_by_hand import codes, sheet_table, take, text_table

GOOD = "2024-06-03 08:05"


def ids(taken: Intake) -> list[str]:
    return taken.records["case_id"].tolist()


def test_a_good_row_is_a_record_of_the_right_types() -> None:
    taken = take(
        text_table(
            "诉求编号|上报时间|小区|颜色|办结时间|满意度|是否需到场|转办次数|备注",
            f"001|{GOOD}|丽晶公馆|绿|2024-06-04|满意|否|2|x",
        )
    )
    record = taken.records.iloc[0]
    assert record["case_id"] == "001"
    assert record["reported_at"] == pd.Timestamp(GOOD)
    assert (record["satisfaction"], record["needs_visit"], record["handovers"]) == (4, False, 2)
    assert (record["row"], record["date_only"]) == (2, 1 << 4)
    assert {name: str(dtype) for name, dtype in taken.records.dtypes.items()} == {
        "case_id": "str", "reported_at": "datetime64[s]", "courtyard": "str", "assigned_colour": "str",
        "resolved_at": "datetime64[s]", "needs_visit": "boolean", "handovers": "Int64", "satisfaction": "Int8",
        "row": "int64", "date_only": "int32",
    }  # fmt: skip
    assert taken.columns == tuple(taken.records.columns[:-2])
    assert [warning.code for warning in taken.warnings] == ["ignored_columns"]


def test_every_fault_of_a_row_is_told_at_once() -> None:
    taken = take(text_table("诉求编号|上报时间|颜色|满意度", "|昨天|蓝|6", f"2|{GOOD}|绿|5"))
    assert codes(taken) == [
        (2, "case_id", "required"),
        (2, "reported_at", "bad_time"),
        (2, "assigned_colour", "unknown_colour"),
        (2, "satisfaction", "bad_satisfaction"),
    ]
    assert ids(taken) == ["2"]
    assert taken.rejected["value"].tolist() == ["", "昨天", "蓝", "6"]
    assert "「颜色」" in taken.rejected["reason"][2]


def test_identical_repeats_count_once_whatever_their_spelling() -> None:
    taken = take(
        text_table(
            "编号|上报时间|院落|备注",
            f"1|{GOOD}|甲|x",
            "1|2024年6月3日 8:05| 甲 |y",
            f"2|{GOOD}|甲|",
            f"1|{GOOD}|甲|",
        )
    )
    assert ids(taken) == ["1", "2"]
    assert codes(taken) == [(3, "case_id", "duplicate"), (5, "case_id", "duplicate")]
    assert "第 2 行" in taken.rejected["reason"][0]


def test_differing_repeats_are_all_rejected() -> None:
    taken = take(
        text_table("编号|上报时间|院落", f"1|{GOOD}|甲", f"1|{GOOD}|乙", f"1|{GOOD}|甲", f"2|{GOOD}|")
    )
    assert ids(taken) == ["2"]
    assert codes(taken) == [(row, "case_id", "conflict") for row in (2, 3, 4)]
    assert "第 2、4 行" in taken.rejected["reason"][1]


def test_a_date_and_its_midnight_are_not_the_same_record() -> None:
    taken = take(text_table("编号|上报时间", "1|2024-06-03", "1|2024-06-03 00:00"))
    assert [code for _row, _column, code in codes(taken)] == ["conflict", "conflict"]


def test_a_faulty_repeat_leaves_no_version_to_trust() -> None:
    taken = take(text_table("编号|上报时间|颜色", f"1|{GOOD}|绿", f"1|{GOOD}|蓝"))
    assert codes(taken) == [
        (2, "case_id", "conflict"),
        (3, "assigned_colour", "unknown_colour"),
        (3, "case_id", "conflict"),
    ]


def test_rows_that_are_no_cases() -> None:
    taken = take(
        text_table(
            "序号|诉求编号|上报时间|院落",
            f"1|7|{GOOD}|甲",
            "合计||1|",
            "|小计：1||",
            "制表人：张三|||审核人：李四",
            "序号|诉求编号|上报时间|院落",
            "注：以上为六月数据|||",
        )
    )
    assert ids(taken) == ["7"]
    assert codes(taken) == [(row, "", "not_a_case") for row in (3, 4, 5, 6, 7)]


def test_a_case_that_begins_like_a_signature_is_a_case() -> None:
    taken = take(text_table("诉求编号|上报时间|内容", f"1|{GOOD}|合计三盏路灯不亮", f"2|{GOOD}|注：请回电"))
    assert ids(taken) == ["1", "2"]


def test_totals_of_other_kinds() -> None:
    taken = take(text_table("院落|户数|人口", "甲|10|30", "合计|10|30"), "courtyards")
    assert taken.records["courtyard"].tolist() == ["甲"]
    monthly = take(text_table("月份|院落|投诉量", "2024-05|甲|3", "2024-05|小计|3", "合计||3"), "complaints")
    assert codes(monthly) == [(3, "", "not_a_case"), (4, "", "not_a_case")]


def test_blank_rows_are_not_read() -> None:
    taken = take(text_table("编号|上报时间", f"1|{GOOD}", " | ", "\u3000|\u200b", f"2|{GOOD}"))
    assert (taken.rows_read, ids(taken), len(taken.rejected)) == (2, ["1", "2"], 0)
    assert taken.records["row"].tolist() == [2, 5]


def test_error_cells_reject_a_row_only_in_a_column_that_is_taken() -> None:
    bad = (CellError("#REF!"), FORMULA_WITHOUT_VALUE)
    taken = take(
        sheet_table(
            ["编号", "上报时间", "院落", "备注"],
            ["1", dt.datetime(2024, 6, 3, 8, 5), None, bad[0]],
            ["2", bad[0], None, None],
            ["3", dt.datetime(2024, 6, 3, 8, 5), bad[1], None],
        )
    )
    assert ids(taken) == ["1"]
    assert codes(taken) == [(3, "reported_at", "error_value"), (4, "courtyard", "formula_without_value")]


def test_a_text_line_longer_than_its_heading_has_slipped() -> None:
    taken = take(text_table("编号|上报时间|内容", f"1|{GOOD}|灯坏了|已报|", f"2|{GOOD}|好||"))
    assert ids(taken) == ["2"]
    assert codes(taken) == [(2, "", "extra_cells")]


def test_a_side_note_in_a_spreadsheet_does_no_harm() -> None:
    taken = take(sheet_table(["编号", "上报时间", None], ["1", "2024-06-03", "核对过"]))
    assert ids(taken) == ["1"]


def test_rejected_rows_are_kept_as_they_were() -> None:
    taken = take(text_table("标题", "编号|上报时间|row|备注|备注", "1|昨天|a|b|c"))
    assert taken.raw_rejected.to_dict("records") == [
        {"编号": "1", "上报时间": "昨天", "row (2)": "a", "备注": "b", "备注 (2)": "c", "row": 3}
    ]


def test_an_invalid_order_of_times_is_kept_to_be_shown() -> None:
    taken = take(text_table("编号|上报时间|办结时间", f"1|{GOOD}|2024-06-01 08:00"))
    assert ids(taken) == ["1"]


def test_a_column_at_midnight_throughout_is_doubted() -> None:
    lines = [f"{day}|2024-06-{day:02} 00:00:00" for day in range(1, 11)]
    doubted = take(text_table("编号|上报时间", *lines))
    assert [warning.code for warning in doubted.warnings] == ["midnight_only"]
    assert doubted.records["date_only"].sum() == 0
    told = take(text_table("编号|上报时间", *lines), layout=Layout("petitions", date_only=("reported_at",)))
    assert [warning.code for warning in told.warnings] == []
    assert set(told.records["date_only"]) == {1}


def test_courtyards_and_months_have_keys_of_several_columns() -> None:
    places = take(text_table("社区|院落|户数", "甲|1号院|10", "乙|1号院|20", "甲|1号院|30"), "courtyards")
    assert places.records["community"].tolist() == ["乙"]
    months = take(
        text_table("月份|院落|件数", "2024-04|甲|1", "2024年4月|甲|1", "2024-05|甲|2"), "complaints"
    )
    assert months.kind == "complaint_months"
    assert codes(months) == [(3, "month", "duplicate")]


def test_several_reports_on_one_case_are_no_conflict() -> None:
    taken = take(
        text_table("编号|反馈时间|反馈内容", "1|2024-06-03|a", "1|2024-06-03|b", "1|2024-06-03|b"), "progress"
    )
    assert len(taken.records) == 2
    assert codes(taken) == [(4, "case_id", "duplicate")]


def test_a_complaint_needs_its_courtyard() -> None:
    taken = take(text_table("投诉编号|投诉时间|院落", f"1|{GOOD}|", f"2|{GOOD}|甲"), "complaints")
    assert codes(taken) == [(2, "courtyard", "required")]


def test_headings_alone_are_a_table_without_rows() -> None:
    taken = take(text_table("编号|上报时间"))
    assert (taken.rows_read, len(taken.records)) == (0, 0)
    assert [warning.code for warning in taken.warnings] == ["no_rows"]


CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        ["001", "NA", GOOD, "2024-06-03", "绿", "是", "合计", "诉求编号", "", "\u3000", "#N/A", "1.2E+17"]
    ),
    st.integers(-(10**18), 10**18),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.sampled_from([CellError("#DIV/0!"), FORMULA_WITHOUT_VALUE]),
)
HEADINGS = [
    "诉求编号", "上报时间", "院落", "颜色", "满意度", "楼栋单元", "环节", "操作时间", "投诉编号", "投诉时间", "月份", "投诉量", "户数",
]  # fmt: skip


@settings(deadline=None)
@given(
    headings=st.permutations(HEADINGS),
    rows=st.lists(st.lists(CELLS, max_size=14), max_size=8),
    kind=st.sampled_from(KINDS),
    title=st.booleans(),
)
def test_whatever_a_table_holds_each_row_is_accepted_rejected_or_blank(
    headings: list[str], rows: list[list[object]], kind: str, title: bool
) -> None:
    above = [["某年某月台账"]] if title else []
    try:
        taken = take(sheet_table(*above, headings, *rows), kind)
    except IntakeRefused:
        return
    rejected = set(taken.rejected["row"])
    assert len(rejected) == len(taken.raw_rejected) <= taken.rows_read <= len(rows)
    if kind != "events":
        assert taken.rows_read == len(taken.records) + len(rejected)
        assert not rejected & set(taken.records["row"])


@settings(deadline=None)
@given(
    st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=5), min_size=1, max_size=8),
    st.sampled_from(KINDS),
)
def test_an_arbitrary_table_is_taken_or_refused(rows: list[list[str]], kind: str) -> None:
    with suppress(IntakeRefused):
        take(sheet_table(*rows), kind)
