"""What is overdue or due, each on a petition or two and at the moments around its due date."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from analytics import dataset, policy, supervision
from analytics.frame import typed
from analytics.scope import Scope
from tests.test_rollup import records, seeds

HOME = {"community": "太极社区", "courtyard": "1号院", "building": "2", "unit": "3", "category": "漏水"}
MINUTES = ("responded_at", "arrived_at", "planned_at")
TIMES = (*MINUTES, "resolved_at", "followed_up_at", "promised_at", "reopened_at")
NO_PLACES = pd.DataFrame(columns=["community", "courtyard", "launched_on", "households", "residents"])
NO_COMPLAINTS = pd.DataFrame({"received_at": pd.to_datetime([]), "courtyard": [], "community": []})
NO_MONTHS = pd.DataFrame({"month": [], "courtyard": [], "count": []})
DAY = 86_400


def opened(rows, as_of, reports=(), rules=None):
    """The data as of a moment; a petition is reported on 2024-06-03 08:00 (a Monday) unless it says otherwise."""
    base = {"reported_at": "2024-06-03 08:00:00", **HOME, "handler": "物业", **dict.fromkeys(TIMES)}
    frame = pd.DataFrame([{**base, "case_id": f"T{i}", **row} for i, row in enumerate(rows)])
    return held(frame, as_of, reports, rules)


def held(frame, as_of, reports=(), rules=None):
    told = pd.DataFrame(list(reports), columns=["case_id", "reported_at", "note"])
    told["reported_at"] = pd.to_datetime(told["reported_at"], format="ISO8601").astype("datetime64[s]")
    source = dataset.Source(
        typed(frame), NO_COMPLAINTS, NO_MONTHS, NO_PLACES.astype({"launched_on": "datetime64[s]"}), told
    )
    return dataset.at(source, as_of, rules or policy.load())


def found(rows, as_of, reports=(), rules=None):
    return supervision.items(opened(rows, as_of, reports, rules), Scope())


def listed(row, as_of, *kinds, reports=(), rules=None):
    """(kind, clock, due, seconds overdue) of one petition, of some kinds only."""
    items = found([row], as_of, reports, rules)
    chosen = items[items["kind"].isin(kinds)]
    moments = [None if pd.isna(due) else str(due) for due in chosen["due"]]
    seconds = [None if pd.isna(over) else int(over) for over in chosen["overdue_seconds"]]
    return list(zip(chosen["kind"], chosen["clock"], moments, seconds, strict=True))


CLOCKS = ("clock_running", "clock_missed")
DONE = dict.fromkeys(MINUTES, "2024-06-03 08:02:00")


# --- the minute clocks ---------------------------------------------------------------------------------


def test_a_clock_runs_to_its_limit_and_has_run_out_a_second_later():
    late = {"arrived_at": None}
    response = [i for i in listed(late, "2024-06-03 08:05:00", *CLOCKS) if i[1] == "response"]
    assert response == [("clock_running", "response", "2024-06-03 08:05:00", 0)]
    response = [i for i in listed(late, "2024-06-03 08:05:01", *CLOCKS) if i[1] == "response"]
    assert response == [("clock_missed", "response", "2024-06-03 08:05:00", 1)]


def test_the_three_clocks_of_a_new_petition():
    assert listed({}, "2024-06-03 08:02:00", *CLOCKS) == [
        ("clock_running", "response", "2024-06-03 08:05:00", -180),
        ("clock_running", "arrival", "2024-06-03 08:15:00", -780),
        ("clock_running", "plan", "2024-06-03 08:30:00", -1680),
    ]


def test_what_is_recorded_late_or_not_is_not_listed():
    assert listed(DONE, "2024-06-03 09:00", *CLOCKS) == []
    assert listed({**DONE, "responded_at": "2024-06-03 08:50"}, "2024-06-03 09:00", *CLOCKS) == []


def test_what_nobody_wrote_down_though_something_later_happened_is_not_listed():
    row = {"arrived_at": "2024-06-03 08:03"}
    assert [i[1] for i in listed(row, "2024-06-03 08:04", *CLOCKS)] == ["plan"]
    assert [i[1] for i in listed(row, "2024-06-03 09:00", *CLOCKS)] == ["plan"]


def test_a_milestone_after_as_of_is_not_known_yet():
    assert len(listed(DONE, "2024-06-03 08:01", *CLOCKS)) == 3


def test_no_visit_needed_has_no_arrival():
    items = listed({"needs_visit": False}, "2024-06-03 08:02", *CLOCKS)
    assert [i[1] for i in items] == ["response", "plan"]


def test_a_closed_petition_has_no_running_or_missed_clock():
    assert listed({"resolved_at": "2024-06-03 08:01"}, "2024-06-03 08:02", *CLOCKS) == []


def test_a_source_without_the_column_cannot_say():
    frame = pd.DataFrame([{**HOME, "case_id": "T0", "reported_at": "2024-06-03 08:00:00"}])
    items = supervision.items(held(frame, "2024-06-03 08:02"), Scope())
    assert not set(items["kind"]) & {*CLOCKS, "follow_up_due"}


def test_a_clock_that_has_not_begun_is_not_listed():
    rules = policy.load()
    from_closing = [
        c if c.name != "follow_up" else policy.Clock("follow_up", c.end, c.limit, "resolved_at")
        for c in rules.clocks
    ]
    rules = policy.Policy(
        tuple(from_closing), rules.colour_limits, rules.feedback, rules.repeat_within, rules.targets
    )
    kinds = ("follow_up_due", "follow_up_overdue")
    assert listed(DONE, "2024-06-20", *kinds, rules=rules) == []
    closed = {**DONE, "resolved_at": "2024-06-19 08:00"}
    assert listed(closed, "2024-06-20 08:00", *kinds, rules=rules) == [
        ("follow_up_due", "follow_up", "2024-06-22 08:00:00", -2 * DAY)
    ]


# --- the deadline for closing ----------------------------------------------------------------------------

RESOLUTION = ("resolution_due_week", "resolution_overdue")
GREEN = {**DONE, "assigned_colour": "绿"}


def test_a_deadline_within_seven_days_is_listed_until_it_is_overdue():
    promise = {**GREEN, "promised_at": "2024-06-20 18:00:00"}
    due = "2024-06-20 18:00:00"
    assert listed(promise, "2024-06-13 17:59:59", *RESOLUTION) == []
    assert listed(promise, "2024-06-13 18:00:00", *RESOLUTION) == [("resolution_due_week", "", due, -7 * DAY)]
    assert listed(promise, "2024-06-20 18:00:00", *RESOLUTION) == [("resolution_due_week", "", due, 0)]
    assert listed(promise, "2024-06-20 18:00:01", *RESOLUTION) == [("resolution_overdue", "", due, 1)]


def test_without_a_promise_the_expected_colour_sets_the_deadline():
    items = found([GREEN], "2024-06-05")
    row = items[items["kind"] == "resolution_due_week"].iloc[0]
    assert str(row["due"]) == "2024-06-06 08:00:00"
    assert not row["promised"]


def test_a_promise_is_told_apart_and_a_date_means_the_end_of_its_day():
    items = found([{**GREEN, "promised_at": "2024-06-05"}], "2024-06-05 10:00")
    row = items[items["kind"] == "resolution_due_week"].iloc[0]
    assert (str(row["due"]), row["promised"]) == ("2024-06-05 23:59:59", True)


def test_no_deadline_or_closed_or_closed_without_a_time_is_not_listed():
    assert listed({**DONE, "assigned_colour": "灰"}, "2024-12-01", *RESOLUTION) == []
    assert listed({**GREEN, "resolved_at": "2024-06-30"}, "2024-12-01", *RESOLUTION) == []
    assert found([{**GREEN, "status": "已办结", "handovers": 5}], "2024-12-01").empty


def test_closed_before_it_was_reported_is_unknown_and_not_listed():
    assert found([{**GREEN, "resolved_at": "2024-06-01", "handovers": 5}], "2024-06-05").empty


def test_unsolvable_without_an_end_is_open_and_overdue():
    row = {**GREEN, "unsolvable": True}
    assert listed(row, "2024-06-07 08:00", "resolution_overdue") == [
        ("resolution_overdue", "", "2024-06-06 08:00:00", DAY)
    ]
    assert set(found([row], "2024-06-07")["colour"]) == {"grey"}


# --- progress reports --------------------------------------------------------------------------------

FEEDBACK = ("feedback_due", "feedback_overdue")
RED = {**DONE, "assigned_colour": "红"}


@pytest.mark.parametrize(
    ("as_of", "reports", "expected"),
    [
        ("2024-06-10 07:59:59", [], []),
        ("2024-06-10 08:00:00", [], [("feedback_due", "2024-06-17 08:00:00", -7 * DAY)]),
        ("2024-06-17 08:00:00", [], [("feedback_due", "2024-06-17 08:00:00", 0)]),
        ("2024-06-17 08:00:01", [], [("feedback_overdue", "2024-06-17 08:00:00", 1)]),
        ("2024-07-20 08:00:00", [], [("feedback_overdue", "2024-06-17 08:00:00", 33 * DAY)]),
        ("2024-06-25 08:00:00", ["2024-06-15 08:00"], [("feedback_due", "2024-06-29 08:00:00", -4 * DAY)]),
        ("2024-06-30 08:00:00", ["2024-06-15 08:00"], [("feedback_overdue", "2024-06-29 08:00:00", DAY)]),
    ],
)
def test_red_owes_a_report_every_14_days(as_of, reports, expected):
    told = [("T0", moment, "") for moment in reports]
    items = listed(RED, as_of, *FEEDBACK, reports=told)
    assert [(kind, due, over) for kind, _clock, due, over in items] == expected


def test_the_last_report_and_what_it_said_without_a_telephone_number():
    told = [
        ("T0", "2024-06-10", "第一次"),
        ("T0", "2024-06-12 09:00", "已联系13812341234"),
        ("T0", "2024-06-20", "还早"),
    ]
    data = opened([RED], "2024-06-14", told)
    assert set(supervision.items(data, Scope())["last_report"]) == {pd.Timestamp("2024-06-12 09:00")}
    assert supervision.last_notes(data, ["T0", "other"]) == {"T0": "已联系138****1234"}


def test_without_any_report_there_is_none():
    assert found([RED], "2024-06-14")["last_report"].isna().all()


def test_a_green_one_owes_nothing_before_it_turns_red():
    assert listed(GREEN, "2024-07-03 08:00:00", *FEEDBACK) == []
    assert listed(GREEN, "2024-07-12", *FEEDBACK)[0][2] == "2024-07-17 08:00:00"


# --- follow-up ---------------------------------------------------------------------------------------

FOLLOW_UP = ("follow_up_due", "follow_up_overdue")
CLOSED = {**GREEN, "resolved_at": "2024-06-03 12:00"}


def test_a_follow_up_is_due_three_days_after_the_report():
    due = "2024-06-06 08:00:00"
    assert listed(CLOSED, "2024-06-04 08:00", *FOLLOW_UP) == [("follow_up_due", "follow_up", due, -2 * DAY)]
    assert listed(CLOSED, "2024-06-06 08:00", *FOLLOW_UP) == [("follow_up_due", "follow_up", due, 0)]
    assert listed(CLOSED, "2024-06-06 08:01", *FOLLOW_UP) == [("follow_up_overdue", "follow_up", due, 60)]


def test_a_follow_up_made_early_or_late_is_done():
    for moment in ("2024-06-03 10:00", "2024-06-09"):
        assert listed({**CLOSED, "followed_up_at": moment}, "2024-06-10", *FOLLOW_UP) == []


def test_a_closed_petitions_follow_up_is_chased_for_30_days_an_open_ones_for_good():
    assert listed(CLOSED, "2024-07-06 08:00", *FOLLOW_UP)
    assert not listed(CLOSED, "2024-07-06 08:01", *FOLLOW_UP)
    assert listed(GREEN, "2025-06-03", *FOLLOW_UP)


# --- came back, handed on ----------------------------------------------------------------------------


def test_reopened_after_closing_and_not_closed_again():
    again = {**CLOSED, "reopened_at": "2024-06-08 09:00"}
    assert listed(again, "2024-06-08 08:59", "reopened") == []
    assert listed(again, "2024-06-08 09:00", "reopened") == [("reopened", "", None, None)]
    assert found([again], "2024-06-20").set_index("kind").loc["reopened", "since"] == pd.Timestamp(
        "2024-06-08 09:00"
    )
    assert listed({**again, "resolved_at": "2024-06-09"}, "2024-06-20", "reopened") == []
    assert listed({**again, "resolved_at": None}, "2024-06-20", "reopened")


def test_reopened_on_the_day_of_closing_known_by_date_only():
    assert listed({**CLOSED, "reopened_at": "2024-06-03"}, "2024-06-05", "reopened")


SECOND = {"reported_at": "2024-06-10 08:00:00"}


def repeated(as_of, second=None):
    items = found([CLOSED, {**SECOND, **(second or {})}], as_of)
    return [(r.case_id, r.other, str(r.since)) for r in items[items["kind"] == "repeated"].itertuples()]


def test_a_closed_petition_that_came_back_is_listed_while_the_new_one_is_open():
    assert repeated("2024-06-10 07:59") == []
    assert repeated("2024-09-01") == [("T0", "T1", "2024-06-10 08:00:00")]


def test_once_the_new_one_is_closed_it_is_listed_for_seven_days_after_its_report():
    second = {"resolved_at": "2024-06-11"}
    assert repeated("2024-06-17 08:00:00", second)
    assert not repeated("2024-06-17 08:00:01", second)


def test_handed_on_more_than_twice_and_still_open():
    assert listed({"handovers": 2}, "2024-06-05", "handed_on") == []
    assert listed({"handovers": 3}, "2024-06-05", "handed_on") == [("handed_on", "", None, None)]
    assert listed({**CLOSED, "handovers": 3}, "2024-06-05", "handed_on") == []


# --- the next colour ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "colour", "next_colour", "due"),
    [
        ("2024-06-03 09:00", "green", "yellow", "2024-06-06 08:00:00"),
        ("2024-06-06 08:00:00", "green", "yellow", "2024-06-06 08:00:00"),
        ("2024-06-06 08:00:01", "yellow", "red", "2024-07-03 08:00:00"),
        ("2024-07-03 08:00:01", "red", "grey", "2024-12-03 08:00:00"),
    ],
)
def test_the_last_moment_of_a_colour(as_of, colour, next_colour, due):
    changes = supervision.colour_changes(opened([DONE], as_of), Scope())
    row = changes.iloc[0]
    assert (row["colour"], row["next_colour"], str(row["due"])) == (colour, next_colour, due)


def test_a_report_by_date_keeps_its_colour_to_the_end_of_the_day():
    changes = supervision.colour_changes(
        opened([{**DONE, "reported_at": "2024-06-03"}], "2024-06-04"), Scope()
    )
    assert str(changes["due"].iloc[0]) == "2024-06-06 23:59:59"


def test_grey_unsolvable_and_closed_ones_change_no_more():
    rows = [{**DONE, "reported_at": "2023-01-01 08:00:00"}, {**DONE, "unsolvable": True}, CLOSED]
    assert supervision.colour_changes(opened(rows, "2024-06-20"), Scope()).empty


def test_only_changes_of_the_coming_week_are_in_the_list():
    assert listed(DONE, "2024-06-20", "colour_change") == []
    assert listed(DONE, "2024-06-26 08:00", "colour_change") == [
        ("colour_change", "", "2024-07-03 08:00:00", -7 * DAY)
    ]


# --- the list as a whole -----------------------------------------------------------------------------

SEVERAL = [
    {**RED, "handler": None, "courtyard": None},
    {**CLOSED, "reported_at": "2024-06-20 08:00:00", "resolved_at": "2024-06-21"},
    {"reported_at": "2024-06-21 07:58:00", "handovers": 4},
]


def test_the_longest_overdue_comes_first_and_what_has_no_due_moment_last():
    items = found(SEVERAL, "2024-06-21 08:00")
    overdue = items["overdue_seconds"].dropna().tolist()
    assert overdue == sorted(overdue, reverse=True)
    assert items["kind"].iloc[-1] == "handed_on"
    assert items["due"].notna().tolist() == sorted(items["due"].notna(), reverse=True)


def test_counts_by_kind_and_by_handler():
    items = found(SEVERAL, "2024-06-21 08:00")
    counts = supervision.summary(items)
    assert list(counts) == list(supervision.KINDS)
    assert (counts["clock_running"], counts["handed_on"], counts["reopened"]) == (3, 1, 0)
    handlers = supervision.by_handler(items)
    assert handlers.loc["", "feedback_overdue"] == 1
    assert handlers.to_numpy().sum() == len(items) == sum(counts.values())


def test_the_first_of_each_handler_in_the_order_given():
    rows = [{"handler": h, "handovers": 3, **DONE} for h in ("物业", "社区", "物业", None, "物业", None)]
    items = found(rows, "2024-06-03 09:00")
    items = items[items["kind"] == "handed_on"]
    assert supervision.first_of_each_handler(items, 1)["case_id"].tolist() == ["T0", "T1", "T3"]
    assert supervision.first_of_each_handler(items, 2)["case_id"].tolist() == ["T0", "T1", "T2", "T3", "T5"]


def test_a_scope_narrows_the_list():
    data = opened(SEVERAL, "2024-06-21 08:00")
    assert set(supervision.items(data, Scope(handlers=("物业",)))["case_id"]) == {"T1", "T2"}
    assert set(supervision.items(data, Scope(courtyards=("太极社区/",)))["case_id"]) == {"T0"}


def test_as_the_contract_has_it():
    data = opened(SEVERAL, "2024-06-21 08:00")
    result = supervision.as_dict(data, Scope(), supervision.items(data, Scope()))
    assert result["as_of"] == "2024-06-21T08:00:00+08:00"
    first = next(item for item in result["items"] if item["kind"] == "feedback_overdue")
    assert {name: first[name] for name in ("case_id", "courtyard", "handler", "due", "overdue_seconds")} == {
        "case_id": "T0",
        "courtyard": "",
        "handler": None,
        "due": "2024-06-17T08:00:00+08:00",
        "overdue_seconds": 4 * DAY,
    }
    assert result["items"][-1]["due"] is None
    assert result["open_by_age"] == {"green": 1, "yellow": 1, "red": 0, "grey": 0}


def test_nothing_at_all():
    data = opened([CLOSED], "2025-06-04")
    result = supervision.as_dict(data, Scope(), supervision.items(data, Scope()))
    assert result["items"] == []
    assert set(result["counts"].values()) == {0}


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_laws(seed):
    """Open and overdue is what the review counts; the order of the rows and other petitions do not matter."""
    frame = records(seed)
    data = held(frame, "2024-08-01 12:00")
    items = supervision.items(data, Scope())
    rows = data.rows
    overdue = rows["is_open"] & (rows["resolution_state"] == "missed")
    owed = rows["is_open"] & (rows["feedback_due"] < (2**31 - 1))
    late = owed & (rows["reported"] + rows["feedback_due"] < pd.Timestamp("2024-08-01 12:00").timestamp())
    counts = supervision.summary(items)
    assert (counts["resolution_overdue"], counts["feedback_overdue"]) == (overdue.sum(), late.sum())
    assert not items.duplicated(["kind", "clock", "case_id"]).any()
    assert (items["overdue_seconds"].dropna() >= -supervision.AHEAD).all()
    kinds = items["kind"].astype(str)
    late_kinds = kinds.str.endswith(("overdue", "missed"))
    assert ((items["overdue_seconds"] > 0) == late_kinds)[items["due"].notna()].all()
    shuffled = supervision.items(held(frame.sample(frac=1, random_state=seed), "2024-08-01 12:00"), Scope())
    columns = ["kind", "clock", "case_id", "due"]
    pd.testing.assert_frame_equal(
        shuffled[columns].sort_values(columns, ignore_index=True),
        items[columns].sort_values(columns, ignore_index=True),
    )


def test_100_000_petitions_take_less_than_300_ms():
    parts = pd.concat([records(seed) for seed in range(60)], ignore_index=True)
    frame = parts.loc[np.arange(100_000) % len(parts)].reset_index(drop=True)
    data = held(frame.assign(case_id=frame.index.astype(str)), "2024-08-01 12:00")
    spent = []
    for _ in range(3):
        begun = time.perf_counter()
        supervision.summary(supervision.items(data, Scope()))
        spent.append(time.perf_counter() - begun)
    assert min(spent) < 0.3
