"""Event logs become petitions: one line per event, milestones by a layout."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Engine

from analytics import store
from analytics.intake.layouts import parse
from analytics.intake.result import Intake
from tests.stored import save
from tests.tables_by_hand import codes, take, text_table

HEADINGS = "工单编号|流转环节|操作时间|院落|颜色"
LAYOUT = """
kind = "events"
[columns]
case_id = "Case ID"
activity = "Activity"
at = "Complete Timestamp"
[milestones]
responded_at = "Take in charge ticket"
resolved_at = ["last:Resolve ticket", "last:Closed"]
arrived_at = "Visit"
"""


def record(taken: Intake, case_id: str) -> pd.Series:
    return taken.records.set_index("case_id").loc[case_id]


def test_usual_steps_need_no_layout() -> None:
    taken = take(
        text_table(
            HEADINGS,
            "1|办结|2024-06-04 10:00||",
            "1|上报|2024-06-03 08:00||绿",
            "1|响应|2024-06-03 08:04|甲|",
            "1|响应|2024-06-03 09:00|乙|黄",
            "1|办结|2024-06-05 10:00||",
            "2|派单|2024-06-03 08:10||",
        ),
        "events",
    )
    assert (taken.kind, taken.rows_read) == ("petitions", 6)
    one = record(taken, "1")
    assert one["reported_at"] == pd.Timestamp("2024-06-03 08:00")
    assert one["responded_at"] == pd.Timestamp("2024-06-03 08:04")
    assert one["resolved_at"] == pd.Timestamp("2024-06-05 10:00")
    assert (one["courtyard"], one["assigned_colour"], one["row"]) == ("甲", "green", 2)
    assert record(taken, "2")["reported_at"] == pd.Timestamp("2024-06-03 08:10")


def test_steps_that_never_occur_are_unrecorded_unless_a_layout_expects_them() -> None:
    taken = take(text_table(HEADINGS, "1|上报|2024-06-03 08:00||"), "events")
    assert "arrived_at" not in taken.columns
    told = take(
        text_table("Case ID|Activity|Complete Timestamp", "1|Assign|2024-06-03 08:00"),
        "events",
        parse(LAYOUT, "log"),
    )
    assert set(told.columns) == {"case_id", "reported_at", "responded_at", "resolved_at", "arrived_at"}


def test_first_and_last_occurrence_by_time() -> None:
    taken = take(
        text_table(
            "Case ID|Activity|Complete Timestamp",
            "1|Closed|2024-06-06 10:00",
            "1|take in charge ticket|2024-06-03 09:00",
            "1|Take in charge ticket|2024-06-03 08:30",
            "1|Resolve ticket|2024-06-05 10:00",
            "1|Assign|2024-06-03 08:00",
        ),
        "events",
        parse(LAYOUT, "log"),
    )
    one = record(taken, "1")
    assert one["reported_at"] == pd.Timestamp("2024-06-03 08:00")
    assert one["responded_at"] == pd.Timestamp("2024-06-03 08:30")
    assert one["resolved_at"] == pd.Timestamp("2024-06-06 10:00")
    assert pd.isna(one["arrived_at"])
    assert any("Assign（1 次）" in warning.message for warning in taken.warnings)


def test_a_date_without_clock_time_stays_marked() -> None:
    taken = take(text_table(HEADINGS, "1|上报|2024-06-03||", "1|响应|2024-06-03 08:04||"), "events")
    assert record(taken, "1")["date_only"] == 1


def test_a_reported_at_column_stands_in_for_the_step() -> None:
    table = text_table(
        "工单编号|环节|时间|上报时间", "1|派单|2024-06-03 08:10|2024-06-03", "2|派单|2024-06-03 08:10|"
    )
    taken = take(table, "events")
    assert record(taken, "1")["reported_at"] == pd.Timestamp("2024-06-03")
    assert record(taken, "1")["date_only"] == 1
    assert record(taken, "2")["reported_at"] == pd.Timestamp("2024-06-03 08:10")


def test_a_bad_line_is_rejected_and_its_case_named_incomplete() -> None:
    taken = take(
        text_table(
            HEADINGS, "1|上报|2024-06-03 08:00||", "1|响应|没记||", "2|上报|没记||", "|上报|2024-06-03||"
        ),
        "events",
    )
    assert codes(taken) == [(3, "at", "bad_time"), (4, "at", "bad_time"), (5, "case_id", "required")]
    assert taken.records["case_id"].tolist() == ["1"]
    incomplete = [warning.message for warning in taken.warnings if warning.code == "events_incomplete"]
    assert incomplete
    assert "1 件" in incomplete[0]


def test_a_log_without_one_good_line() -> None:
    taken = take(text_table(HEADINGS, "1|上报|没记||"), "events")
    assert len(taken.records) == 0
    assert {"case_id", "reported_at", "row", "date_only"} <= set(taken.records.columns)


def test_an_imported_log_is_whole_for_the_check(engine: Engine) -> None:
    """Three lines, two petitions: the log of imports counts lines, the table petitions."""
    taken = take(
        text_table(HEADINGS, "1|上报|2024-06-03 08:00||", "1|响应|2024-06-03 08:03||", "2|上报|2024-06-03||"),
        "events",
    )
    saved = save(engine, taken)
    assert (taken.rows_read, saved.inserted) == (3, 2)
    assert store.check(engine).problems == ()
