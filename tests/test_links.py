"""Repeats and progress reports, each on a table small enough to count on one's fingers."""

from __future__ import annotations

import pandas as pd

from analytics import clocks, links, policy
from analytics.frame import NA

POLICY = policy.load()
HOME = {"courtyard": "1号院", "building": "2", "unit": "3", "category": "漏水"}


def attached(rows, as_of="2024-12-31", progress=None):
    frame = pd.DataFrame([{**HOME, "case_id": f"T{i}", **row} for i, row in enumerate(rows)])
    reports = None
    if progress is not None:
        reports = pd.DataFrame(progress, columns=["case_id", "reported_at"])
        reports["reported_at"] = pd.to_datetime(reports["reported_at"])
    return links.attach(clocks.measure(frame, as_of, POLICY), reports, POLICY)


FIRST = {"reported_at": "2024-06-01 08:00", "resolved_at": "2024-06-02 08:00"}


def came_back(second, **first):
    return bool(attached([{**FIRST, **first}, {"resolved_at": None, **second}])["repeated"].iloc[0])


def test_a_repeat_is_within_30_days_after_closing_the_last_second_included():
    assert came_back({"reported_at": "2024-07-02 08:00:00"})
    assert not came_back({"reported_at": "2024-07-02 08:00:01"})
    assert not came_back({"reported_at": "2024-06-02 08:00:00"})
    assert came_back({"reported_at": "2024-06-02 08:00:01"})


def test_a_repeat_is_of_the_same_category_and_the_same_exact_place():
    for other in ({"category": "停车"}, {"courtyard": "2号院"}, {"building": "1"}, {"unit": "1"}):
        assert not came_back({"reported_at": "2024-06-10", **other})


def test_where_both_reporters_are_known_they_agree():
    assert came_back({"reported_at": "2024-06-10", "resident": "王"}, resident="王")
    assert not came_back({"reported_at": "2024-06-10", "resident": "李"}, resident="王")
    assert came_back({"reported_at": "2024-06-10", "resident": None}, resident="王")
    assert came_back(
        {"reported_at": "2024-06-10", "phone": "100", "resident": "王先生"}, phone="100", resident="王"
    )
    assert not came_back(
        {"reported_at": "2024-06-10", "phone": "101", "resident": "王"}, phone="100", resident="王"
    )


def test_another_residents_petition_in_between_does_not_hide_the_repeat():
    rows = [{**FIRST, "resident": "王"}, {"reported_at": "2024-06-05", "resident": "李"}]
    rows.append({"reported_at": "2024-06-09", "resident": "王"})
    linked = attached(rows)
    assert linked["repeated"].tolist() == [True, False, False]
    assert linked["repeat_row"].iloc[0] == 2


def test_an_unknown_place_is_outside():
    assert not attached([{**FIRST, "unit": None}])["repeat_base"].iloc[0]
    assert attached([FIRST])["repeat_base"].iloc[0]


def test_closed_less_than_30_days_before_as_of_is_outside():
    assert attached([FIRST], as_of="2024-07-02 08:00")["repeat_base"].iloc[0]
    assert not attached([FIRST], as_of="2024-07-02 07:59")["repeat_base"].iloc[0]


def owed(row, as_of, *reports):
    linked = attached([row], as_of, [("T0", moment) for moment in reports]).iloc[0]
    due = linked["feedback_due"]
    next_due = None if due == NA else str(pd.Timestamp(linked["reported"] + due, unit="s"))[:10]
    return int(linked["feedback_met"]), int(linked["feedback_missed"]), next_due


RED = {"reported_at": "2024-06-01", "assigned_colour": "红"}


def test_red_owes_a_report_every_14_days_from_the_report():
    assert owed(RED, "2024-06-14") == (0, 0, "2024-06-15")
    assert owed(RED, "2024-06-16") == (0, 1, "2024-06-15")  # the oldest one not answered
    assert owed(RED, "2024-06-30") == (0, 2, "2024-06-15")


def test_a_report_by_the_due_moment_is_in_time_and_starts_the_next_interval():
    assert owed(RED, "2024-06-16", "2024-06-15") == (1, 0, "2024-06-29")
    assert owed(RED, "2024-06-16", "2024-06-10") == (1, 0, "2024-06-24")


def test_a_late_report_is_not_in_time_but_starts_anew():
    assert owed(RED, "2024-06-20", "2024-06-18") == (0, 1, "2024-07-02")


def test_an_obligation_not_yet_due_is_not_counted_though_answered():
    assert owed(RED, "2024-06-12", "2024-06-10") == (0, 0, "2024-06-24")


def test_closing_ends_it():
    closed = {**RED, "resolved_at": "2024-06-20"}
    assert owed(closed, "2024-12-31") == (0, 1, None)
    assert owed({**RED, "resolved_at": "2024-06-10"}, "2024-12-31") == (0, 0, None)


def test_age_makes_a_green_one_owe_from_the_day_it_turns_red():
    green = {"reported_at": "2024-06-01", "assigned_colour": "绿"}
    assert owed(green, "2024-06-30") == (0, 0, None)
    assert owed(green, "2024-07-05") == (0, 0, "2024-07-15")


def test_grey_and_unsolvable_owe_every_30_days():
    assert owed({**RED, "assigned_colour": "灰"}, "2024-06-20") == (0, 0, "2024-07-01")
    assert owed({**RED, "assigned_colour": "绿", "unsolvable": True}, "2024-06-20") == (0, 0, "2024-07-01")


def test_reports_after_as_of_and_of_others_are_unknown():
    linked = attached([RED], "2024-06-20", [("T0", "2024-06-21"), ("other", "2024-06-10")])
    assert linked["feedback_met"].iloc[0] == 0
