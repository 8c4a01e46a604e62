"""States of the clocks, colours and deadlines: facts by hand, then agreement with a second reading."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import clocks, policy
from analytics.frame import NA, add_months
from tests import oracle

POLICY = policy.load()
REPORTED = "2024-06-03 08:00:00"


def measured(as_of="2024-12-31 00:00", rules=POLICY, **columns):
    rows = max(len(v) if isinstance(v, list) else 1 for v in columns.values()) if columns else 1
    frame = pd.DataFrame({"case_id": [f"T{i}" for i in range(rows)], "reported_at": REPORTED, **columns})
    return clocks.measure(frame, as_of, rules)


def states(clock, **columns):
    return list(measured(**columns)[f"{clock}_state"])


def test_answered_at_exactly_5_minutes_is_met():
    answered = ["2024-06-03 08:05:00", "2024-06-03 08:05:01", "2024-06-03 08:00:00"]
    assert states("response", responded_at=answered) == ["met", "missed", "met"]


def test_a_limit_runs_from_the_report_for_all_four_clocks():
    one = measured(
        responded_at="2024-06-03 08:05:00", arrived_at="2024-06-03 08:15:00",
        planned_at="2024-06-03 08:30:00", followed_up_at="2024-06-06 08:00:00",
    )  # fmt: skip
    assert [one[f"{c}_state"].iloc[0] for c in oracle.CLOCKS] == ["met"] * 4


def test_nothing_recorded_and_nothing_later_is_missed_once_due():
    assert states("response", responded_at=[None]) == ["missed"]


def test_before_the_deadline_it_is_pending_and_at_the_deadline_still():
    assert states("response", responded_at=[None], as_of="2024-06-03 08:04:59") == ["pending"]
    assert states("response", responded_at=[None], as_of="2024-06-03 08:05:00") == ["pending"]
    assert states("response", responded_at=[None], as_of="2024-06-03 08:05:01") == ["missed"]


def test_a_later_milestone_shows_that_it_happened_unrecorded():
    assert states("response", responded_at=[None], planned_at=["2024-06-03 09:00"]) == ["unrecorded"]


def test_an_earlier_milestone_shows_nothing():
    assert states("plan", planned_at=[None], arrived_at=["2024-06-03 08:10"]) == ["missed"]


def test_a_source_without_the_column_is_unrecorded_once_due():
    assert states("arrival", responded_at=["2024-06-03 08:01"]) == ["unrecorded"]
    assert states("arrival", responded_at=["2024-06-03 08:01"], as_of="2024-06-03 08:14") == ["pending"]


def test_a_date_without_a_time_never_answers_a_minute_clock():
    assert states("response", responded_at=["2024-06-03"]) == ["unrecorded"]
    assert states("response", responded_at=["2024-06-03 08:01"], reported_at="2024-06-03") == ["unrecorded"]


def test_a_date_without_a_time_answers_the_day_clock_by_dates():
    followed = ["2024-06-06", "2024-06-07", "2024-06-03", "2024-06-02"]
    assert states("follow_up", followed_up_at=followed) == ["met", "missed", "met", "invalid"]


def test_recorded_before_the_report_is_invalid():
    assert states("response", responded_at=["2024-06-03 07:59:59"]) == ["invalid"]


def test_no_visit_needed_is_exempt_even_with_a_time():
    arrived = [None, "2024-06-03 10:00", "2024-06-03 07:00"]
    assert states("arrival", arrived_at=arrived, needs_visit=[False, False, True]) == [
        "exempt", "exempt", "invalid",
    ]  # fmt: skip


def test_an_event_after_as_of_is_unknown():
    late = {"responded_at": ["2024-06-03 08:20"], "planned_at": ["2024-06-03 08:25"]}
    assert states("response", **late, as_of="2024-06-03 08:10") == ["missed"]
    assert states("response", **late, as_of="2024-06-03 08:25") == ["missed"]


def test_a_petition_after_as_of_is_in_no_cohort():
    frame = measured(reported_at=[REPORTED, "2024-06-05 08:00"], as_of="2024-06-04")
    assert list(frame["case_id"]) == ["T0"]


def test_times_with_an_offset_are_the_same_moment():
    plain = states("response", responded_at=["2024-06-03 08:05"])
    utc = states("response", reported_at="2024-06-03T00:00:00Z", responded_at=["2024-06-03T00:05:00Z"])
    assert plain == utc == ["met"]
    assert list(measured(as_of="2024-06-03T00:05:00Z", responded_at=[None])["response_state"]) == ["pending"]


def test_a_clock_may_start_at_closing():
    rules = policy.load()
    changed = tuple(
        c if c.name != "follow_up" else type(c)(c.name, c.end, c.limit, start="resolved_at")
        for c in rules.clocks
    )
    rules = type(rules)(**{**vars(rules), "clocks": changed})
    frame = measured(
        rules=rules,
        resolved_at=["2024-06-20 08:00", None, "2024-06-20 08:00", "2024-06-20 08:00"],
        followed_up_at=["2024-06-23 08:00", None, "2024-06-23 08:01", "2024-06-19 08:00"],
    )
    assert list(frame["follow_up_state"]) == ["met", "pending", "missed", "invalid"]


def test_a_clock_may_run_in_working_hours():
    rules = policy.load()
    changed = tuple(
        type(c)(c.name, c.end, c.limit, calendar="office") if c.name == "plan" else c for c in rules.clocks
    )
    rules = type(rules)(**{**vars(rules), "clocks": changed})
    # Friday 17:20; office hours end at 17:30, so 30 minutes of work end on Monday at 09:20.
    planned = ["2024-06-03 09:20:00", "2024-06-03 09:20:01"]
    frame = measured(rules=rules, reported_at="2024-05-31 17:20", planned_at=planned)
    assert list(frame["plan_state"]) == ["met", "missed"]


def test_colours_by_elapsed_time_limits_included():
    closed = [
        "2024-06-06 08:00:00", "2024-06-06 08:00:01",
        "2024-07-03 08:00:00", "2024-07-03 08:00:01",
        "2024-12-03 08:00:00", "2024-12-03 08:00:01",
    ]  # fmt: skip
    frame = measured(resolved_at=closed)
    assert [o.removeprefix("closed_") for o in frame["outcome"]] == [
        "green", "yellow", "yellow", "red", "red", "grey",
    ]  # fmt: skip


def test_a_month_from_the_31st_of_january_ends_with_february():
    frame = measured(reported_at="2024-01-31 08:00", resolved_at=["2024-02-29 08:00", "2024-02-29 08:01"])
    assert list(frame["outcome"]) == ["closed_yellow", "closed_red"]
    days = np.array(["2023-01-31", "2024-01-31", "2024-03-31"], dtype="datetime64[D]").astype(np.int64)
    moved = add_months(days, 1).astype("datetime64[D]").astype(str)
    assert list(moved) == ["2023-02-28", "2024-02-29", "2024-04-30"]


def test_unsolvable_is_grey_and_open():
    frame = measured(unsolvable=[True, True], resolved_at=[None, "2024-06-04"])
    assert list(frame["outcome"]) == ["closed_grey", "closed_grey"]
    assert list(frame["is_open"]) == [True, False]


def test_an_open_petition_has_the_colour_its_age_has_reached():
    assert list(measured(as_of="2024-06-06 08:00")["outcome"]) == ["open_green"]
    assert list(measured(as_of="2024-06-06 08:00:01")["outcome"]) == ["open_yellow"]


def test_closed_without_a_time_or_before_the_report_is_unknown_and_not_open():
    frame = measured(resolved_at=[None, "2024-06-01", None], status=["已办结", "已办结", "办理中"])
    assert list(frame["outcome"]) == ["unknown", "unknown", "open_grey"]
    assert list(frame["is_open"]) == [False, False, True]


def test_closed_the_same_day_by_date_is_no_fault():
    assert list(measured(resolved_at=["2024-06-03"])["outcome"]) == ["closed_green"]


def test_on_time_resolution_prefers_the_promise():
    frame = measured(
        assigned_colour=["绿", "绿", None, "灰", "绿", "绿"],
        promised_at=["2024-06-20", None, None, None, "2024-06-01", None],
        resolved_at=[
            "2024-06-20 23:59:59",
            "2024-06-07",
            "2024-06-07",
            "2024-06-07",
            "2024-06-06 08:00",
            None,
        ],
    )
    assert list(frame["resolution_state"]) == ["met", "missed", "no_deadline", "no_deadline", "met", "missed"]


def test_a_rating_counts_only_from_a_follow_up_at_or_after_closing():
    frame = measured(
        resolved_at=["2024-06-10"] * 3 + [None],
        followed_up_at=["2024-06-11", "2024-06-09 10:00", None, "2024-06-05"],
        satisfaction=[5, 5, 2, 5],
    )
    assert list(frame["rated"]) == [True, False, True, False]
    assert list(frame["satisfied"]) == [True, False, False, False]


def test_what_the_resident_said_is_not_known_before_the_follow_up():
    said = {"resolved_at": ["2024-06-10"], "followed_up_at": ["2024-06-12 10:00"], "satisfaction": [5]}
    assert not measured(as_of="2024-06-11", **said, confirmed_solved=[True])["rated"].iloc[0]
    assert not measured(as_of="2024-06-11", **said, confirmed_solved=[True])["answered"].iloc[0]
    assert measured(as_of="2024-06-12 10:00", **said)["rated"].iloc[0]


def test_words_are_understood_as_the_import_does_and_others_refused_by_name():
    frame = measured(
        needs_visit=["TRUE", "无需到场"], unsolvable=["无法解决", "否"], status=["办理中", "Closed"]
    )
    assert list(frame["arrival_state"]) == ["unrecorded", "exempt"]
    assert list(frame["outcome"]) == ["closed_grey", "unknown"]
    rated = measured(resolved_at=["2024-06-10"] * 2, satisfaction=["满意", "不满意"])
    assert list(rated["satisfied"]) == [True, False]
    with pytest.raises(ValueError, match="也许"):
        measured(needs_visit=["也许"])


def test_an_unknown_colour_is_refused_by_name():
    with pytest.raises(ValueError, match="紫"):
        measured(assigned_colour=["紫"])


# --- the second reading -------------------------------------------------------------------------

BASE = dt.datetime(2024, 1, 29, 22, 0)
offsets = st.one_of(
    st.integers(-90_000, 400_000),
    st.sampled_from([0, 300, 301, 900, 1800, 259_200, 259_201, 86_400 * 31, 86_400 * 182]),
    st.integers(0, 86_400 * 250),
)


@st.composite
def moments(draw, blank=True):
    if blank and draw(st.booleans()):
        return None
    value = BASE + dt.timedelta(seconds=draw(offsets))
    return value.date() if draw(st.integers(0, 4)) == 0 else value


@st.composite
def petitions(draw):
    start = BASE + dt.timedelta(seconds=draw(st.integers(0, 200_000)))
    petition = {name: draw(moments()) for name in (*oracle.ORDER, "promised_at")}
    petition["reported_at"] = start.date() if draw(st.integers(0, 5)) == 0 else start
    petition["needs_visit"] = draw(st.sampled_from([True, False, None]))
    petition["unsolvable"] = draw(st.sampled_from([True, False, None]))
    petition["status"] = draw(st.sampled_from(["已办结", "办理中", None]))
    petition["assigned_colour"] = draw(st.sampled_from(["green", "yellow", "red", "grey", None]))
    return petition


as_of_moments = st.integers(0, 86_400 * 260).map(lambda s: BASE + dt.timedelta(days=3, seconds=s))


@settings(max_examples=300, deadline=None)
@given(st.lists(petitions(), min_size=1, max_size=6), as_of_moments)
def test_agrees_with_a_second_reading(rows, as_of):
    frame = pd.DataFrame(rows).astype(object).assign(case_id=[f"T{i}" for i in range(len(rows))])
    result = clocks.measure(frame, as_of, POLICY)
    for petition, (_index, row) in zip(rows, result.iterrows(), strict=True):
        for clock in oracle.CLOCKS:
            assert row[f"{clock}_state"] == oracle.clock_state(petition, clock, as_of), (clock, petition)
        assert row["outcome"] == oracle.outcome(petition, as_of), petition
        assert row["resolution_state"] == oracle.resolution_state(petition, as_of), petition


@settings(max_examples=60, deadline=None)
@given(petitions(), as_of_moments, st.integers(1, 86_400 * 90))
def test_a_later_as_of_only_worsens_an_open_petition(petition, as_of, later):
    order = ["open_green", "open_yellow", "open_red", "open_grey"]
    row = {**petition, "resolved_at": None, "status": None, "unsolvable": None}
    frame = pd.DataFrame([row]).astype(object).assign(case_id="T")
    first = clocks.measure(frame, as_of, POLICY)["outcome"].iloc[0]
    second = clocks.measure(frame, as_of + dt.timedelta(seconds=later), POLICY)["outcome"].iloc[0]
    assert order.index(second) >= order.index(first)


@settings(max_examples=60, deadline=None)
@given(petitions(), as_of_moments, st.sampled_from(["PT6M", "PT10M", "PT1H"]))
def test_a_looser_limit_never_has_fewer_hits(petition, as_of, limit):
    frame = pd.DataFrame([petition]).astype(object).assign(case_id="T")
    strict = clocks.measure(frame, as_of, POLICY)["response_state"].iloc[0]
    loose = clocks.measure(frame, as_of, POLICY.with_limit("response", limit))["response_state"].iloc[0]
    assert not (strict == "met" and loose != "met")


def test_a_blank_lag_is_later_than_any_limit():
    frame = measured(responded_at=[None])
    assert frame["response_seconds"].iloc[0] == NA
