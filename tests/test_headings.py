"""Which row is the heading, and which of its columns is which of ours."""

from __future__ import annotations

import pytest

from analytics.intake.headings import assign, find_heading, guess_kind, locate
from analytics.intake.layouts import Layout
from analytics.intake.result import IntakeRefused
from tests.tables_by_hand import sheet_table, text_table


def columns(*headings: str, kind: str = "petitions") -> dict[str, str]:
    """Our column → the heading taken for it."""
    return {ours: headings[places[0]] for ours, places in assign(headings, kind).columns.items()}


def test_native_headings_and_codes() -> None:
    assert columns("诉求编号", "上报时间", "来源(渠道)", "诉求颜色(四色等级)", "satisfaction") == {
        "case_id": "诉求编号",
        "reported_at": "上报时间",
        "channel": "来源(渠道)",
        "assigned_colour": "诉求颜色(四色等级)",
        "satisfaction": "satisfaction",
    }


def test_spellings_of_real_exports() -> None:
    headings = ("工单编号", "受理时间", "小区", "来源", "处置完成时间", "承办单位", "楼栋单元")
    assert columns(*headings) == {
        "case_id": "工单编号", "reported_at": "受理时间", "courtyard": "小区", "channel": "来源",
        "resolved_at": "处置完成时间", "handler": "承办单位", "building_unit": "楼栋单元",
    }  # fmt: skip


@pytest.mark.parametrize(
    "heading", ["*诉求编号", "诉求编号（必填）", " 诉 求 编 号 ", "诉求\n编号：", "【诉求编号】"]
)
def test_marks_and_spaces_do_not_matter(heading: str) -> None:
    assert "case_id" in columns(heading)


def test_the_products_own_heading_wins_over_another_spelling() -> None:
    assignment = assign(("院落", "小区"), "petitions")
    assert assignment.columns == {"courtyard": (0,)}
    assert assignment.passed_over == {1: "courtyard"}


def test_a_second_meaning_where_the_first_is_taken() -> None:
    assert columns("上报时间", "受理时间", "登记时间") == {
        "reported_at": "上报时间",
        "accepted_at": "受理时间",
        "entered_at": "登记时间",
    }
    assert columns("登记时间", "受理时间") == {"reported_at": "登记时间", "accepted_at": "受理时间"}


def test_building_and_unit_of_their_own_need_no_splitting() -> None:
    assert columns("楼栋", "单元", "楼栋单元") == {"building": "楼栋", "unit": "单元"}


@pytest.mark.parametrize(
    "headings", ["诉求编号|上报时间|上报时间", "诉求编号|上报时间|院落|院落", "上报时间|编号|工单号"]
)
def test_two_headings_for_one_column_are_refused_by_name(headings: str) -> None:
    with pytest.raises(IntakeRefused, match=headings.split("|")[-1][:2]) as refused:
        find_heading(text_table(headings), "petitions", "表.csv")
    assert refused.value.code == "duplicate_heading"


def test_a_repeated_heading_that_means_nothing_is_harmless() -> None:
    heading = find_heading(text_table("诉求编号|上报时间|备注|备注"), "petitions", "表.csv")
    assert heading.ignored == ("备注", "备注")


def test_a_missing_column_is_named_with_what_was_found() -> None:
    with pytest.raises(IntakeRefused) as refused:
        find_heading(text_table("台账", "诉求编号|院落|日子"), "petitions", "台账.csv")
    assert refused.value.code == "missing_column"
    for word in ("台账.csv", "「上报时间」", "第 2 行", "「院落」", "「日子」"):
        assert word in refused.value.message


def test_a_table_of_numbers_has_no_heading() -> None:
    with pytest.raises(IntakeRefused) as refused:
        find_heading(sheet_table([1, 2], [3, 4]), "petitions", "表.xlsx")
    assert refused.value.code == "no_heading"


def test_titles_above_the_heading_are_skipped() -> None:
    table = text_table(
        "太极社区诉求台账",
        "单位：太极社区|||2024年6月",
        "诉求编号|上报时间|院落|社区",
        "1|2024-06-03|甲|社区",
    )
    heading = find_heading(table, "petitions", "表.csv")
    assert (heading.line, heading.row) == (2, 3)


def test_a_heading_of_two_rows() -> None:
    table = text_table(
        "诉求编号|时间||||办结|院落",
        "|上报|响应|到场|方案|时间|",
        "1|2024-06-03|||||甲",
    )
    heading = find_heading(table, "petitions", "表.csv")
    assert heading.line == 1
    assert {ours: places[0] for ours, places in heading.columns.items()} == {
        "case_id": 0, "reported_at": 1, "responded_at": 2, "arrived_at": 3, "planned_at": 4, "resolved_at": 5,
        "courtyard": 6,
    }  # fmt: skip


def test_a_data_row_never_passes_for_the_second_heading_row() -> None:
    table = text_table("诉求编号|上报时间|办理方", "||社区", "1|2024-06-03|物业")
    assert find_heading(table, "petitions", "表.csv").line == 0


def test_complaints_are_single_or_monthly_by_their_headings() -> None:
    single = text_table("投诉编号|投诉时间|小区|投诉内容")
    monthly = text_table("月份|院落|投诉量")
    assert find_heading(single, "complaints", "a").kind == "complaints"
    assert find_heading(monthly, "complaints", "a").kind == "complaint_months"


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        ("诉求编号|上报时间|院落|办结时间", "petitions"),
        ("工单编号|受理时间|小区|办结时间", "petitions"),
        ("投诉编号|投诉时间|院落", "complaints"),
        ("月份|院落|投诉量", "complaints"),
        ("院落|社区|户数|人口|上线日期", "courtyards"),
        ("诉求编号|反馈时间|反馈内容|反馈人", "progress"),
        ("工单编号|流转环节|操作时间", "events"),
        ("房号|上报时间|院落|社区|诉求颜色|响应时间|办结时间|满意度", "petitions"),
        ("诉求编号|上报时间|院落|响应时间|响应时间|办结时间", "petitions"),
        ("院落|社区|户数|人口|单元数|单元数|上线日期", None),
        ("诉求编号|社区|院落|诉求类别|接单主体|反馈时间|反馈内容", "progress"),
        ("a|b|c", None),
    ],
)
def test_the_kind_is_guessed_by_the_headings(headings: str, kind: str | None) -> None:
    assert guess_kind(text_table(headings, "1|2|3")) == kind


def test_a_layout_names_their_headings_and_the_rest_is_recognised() -> None:
    layout = Layout(
        "petitions", columns=(("case_id", ("KEY",)), ("reported_at", ("OPEN_DT",)), ("status", ()))
    )
    heading = find_heading(text_table("Key|open dt|院落|状态"), "petitions", "a.csv", layout)
    assert heading.columns == {"case_id": (0,), "reported_at": (1,), "courtyard": (2,)}
    assert heading.ignored == ("状态",)


def test_a_list_of_their_headings_keeps_its_order() -> None:
    layout = Layout("petitions", columns=(("content", ("详情", "主题")),))
    heading = find_heading(text_table("诉求编号|上报时间|主题|详情"), "petitions", "a.csv", layout)
    assert heading.columns["content"] == (3, 2)


def test_the_preview_shows_the_likely_heading_even_if_incomplete() -> None:
    heading = locate(text_table("标题", "诉求编号|院落|x"), "petitions")
    assert (heading.row, heading.missing) == (2, ("reported_at",))
