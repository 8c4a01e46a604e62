"""Courtyards compared without ranks, their courses, and a rate's change explained."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import cases, change, comparison, trends
from analytics.evaluation.fair_comparison import ADJUSTMENT_LABELS
from analytics.present import sentences_courtyards as said
from analytics.present import tables_effect
from analytics.review import review
from analytics.scope import Scope
from tests.effect_cases import POLICY, events, monthly, opened, petitions
from tests.test_review import opened as opened_records
from tests.test_rollup import records

SEEDS = st.integers(0, 500)


def answered(place, day, hits, misses, **columns):
    """Petitions of one day at one place: ``hits`` answered after 3 minutes, ``misses`` after 9."""
    rows = [(f"{day} 09:{i % 60:02d}", place, 3 if i < hits else 9) for i in range(hits + misses)]
    return petitions(*rows, **columns)


def together(*frames):
    frame = pd.concat(frames, ignore_index=True)
    return frame.assign(case_id=[f"P{i}" for i in range(len(frame))])


def compared(frame, measure="response", scope=None, adjusted=False, **records):
    names = dict.fromkeys(sorted(set(frame["courtyard"]) - {""})) or {"1号院": None}
    data = opened(reported=frame, launches=records.pop("launches", names), **records)
    found = comparison.compare(data, scope or Scope(), measure, adjusted=adjusted)
    json.dumps(found)
    assert said.finding(found, POLICY)
    tables_effect.courtyards(found, POLICY)
    return found, {row["place"].partition("/")[2]: row for row in found["rows"]}


# --- the funnel --------------------------------------------------------------------------------------


def test_a_courtyard_far_outside_chance_needs_help_and_the_others_do_not():
    frame = together(
        *(answered(f"{i}号院", "2024-05-06", 45, 5) for i in range(1, 5)),
        answered("5号院", "2024-05-06", 15, 35),
    )
    found, rows = compared(frame)
    assert rows["5号院"]["band_code"] == "help"
    assert {rows[f"{i}号院"]["band_code"] for i in range(1, 5)} <= {"normal", "better", "watch"}
    assert found["overall"] == pytest.approx(195 / 250)
    assert rows["1号院"]["rate"] == 0.9
    assert 0.3 < rows["5号院"]["shrunken"] < 195 / 250
    assert found["adjustment"] in ADJUSTMENT_LABELS
    assert "需帮助 1 个（5号院）" in said.finding(found, POLICY)


def test_equal_courtyards_are_within_chance_and_one_alone_is_not_compared():
    found, rows = compared(
        together(answered("1号院", "2024-05-06", 9, 1), answered("2号院", "2024-05-06", 18, 2))
    )
    assert {row["band_code"] for row in rows.values()} == {"normal"}
    assert "都在正常波动之内" in said.finding(found, POLICY)
    found, rows = compared(answered("1号院", "2024-05-06", 9, 1))
    assert rows["1号院"]["band"] is None
    assert "不足两个" in said.finding(found, POLICY)


def test_petitions_without_a_courtyard_are_no_courtyard_and_are_told():
    found, rows = compared(together(answered("1号院", "2024-05-06", 9, 1), answered("", "2024-05-06", 0, 3)))
    assert set(rows) == {"1号院"}
    assert found["left_out"] == 3
    assert "3 件未填院落" in said.adjustment(found)


def test_where_nobody_wrote_anything_down_the_rate_is_unknown_and_no_failure():
    silent = petitions(*[("2024-05-06 09:00", "2号院", None)] * 20, resolved_at=pd.Timestamp("2024-05-07"))
    found, rows = compared(together(answered("1号院", "2024-05-06", 18, 2), silent))
    assert rows["2号院"]["rate"] is None
    assert rows["2号院"]["band_code"] is None
    assert found["overall"] == 0.9


def test_no_petitions_at_all_compare_nothing():
    found, rows = compared(answered("1号院", "2024-05-06", 1, 0).head(0))
    assert rows == {}
    assert found["overall"] is None
    assert found["limits"] == []


def test_watch_says_which_side():
    row = {"band_code": "watch", "side": "below"}
    assert said.band(row, "up") == "留意（略差）"
    assert said.band(row, "down") == "留意（略好）"


# --- case-mix ----------------------------------------------------------------------------------------


def mixed():
    """1号院 has the hard petitions (half in time everywhere), 2号院 the easy ones (nine in ten)."""
    return together(
        answered("1号院", "2024-05-06", 20, 20, category="难", assigned_colour="红"),
        answered("1号院", "2024-05-07", 9, 1, category="易", assigned_colour="绿"),
        answered("2号院", "2024-05-06", 5, 5, category="难", assigned_colour="红"),
        answered("2号院", "2024-05-07", 36, 4, category="易", assigned_colour="绿"),
    )


def test_case_mix_expects_of_each_what_everybody_reaches_with_its_petitions():
    plain, rows = compared(mixed())
    assert rows["1号院"]["rate"] < rows["2号院"]["rate"]
    found, rows = compared(mixed(), adjusted=True)
    assert rows["1号院"]["expected"] == pytest.approx((40 * 0.5 + 10 * 0.9) / 50)
    assert rows["1号院"]["shown"] == pytest.approx(found["overall"]), "it does as well as its petitions allow"
    assert (plain["adjusted"], found["adjusted"]) == (False, True)
    assert "扣除来件难易" in said.adjustment(found)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.sampled_from(["response", "on_time", "repeats"]), st.booleans())
def test_a_point_is_outside_the_drawn_limits_exactly_when_its_courtyard_is(seed, measure, adjusted):
    frame = pd.concat([records(seed + i) for i in range(6)], ignore_index=True)
    found = comparison.compare(opened_records(frame), Scope(), measure, adjusted=adjusted)
    for row in found["rows"]:
        if row["band_code"] and found["overall"] not in (None, 0, 1) and 0 < row["expected"] < 1:
            scale = np.arcsin(np.sqrt([row["shown"], found["overall"]]))
            error = np.sqrt(0.25 / row["denominator"] + found["tau2"])
            if 0.001 < row["shown"] < 0.999:
                assert (abs(scale[0] - scale[1]) / error > 1.96) == (row["band_code"] != "normal")


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.sampled_from([m for m in comparison.CHOICES if m != comparison.COMPLAINTS]))
def test_the_courtyards_are_those_of_the_review_and_lead_to_their_petitions(seed, measure):
    frame = pd.concat([records(seed + i) for i in range(4)], ignore_index=True)
    data = opened_records(frame)
    found = comparison.compare(data, Scope(), measure)
    shown = {entry["place"]: entry for entry in review(data)["courtyards"]}
    for row in found["rows"]:
        entry = shown[row["place"]]
        assert row["rate"] == entry[f"{measure}_rate"]
        if measure == "response":
            assert row["band_code"] == entry["band_code"]
        if row["rate"] is not None and measure in ("response", "arrival", "plan", "follow_up", "on_time"):
            against = len(cases.select(data, Scope(), row["narrowing"]))
            assert against == row["denominator"] - row["numerator"]
        if row["rate"] is not None and measure == "repeats":
            assert len(cases.select(data, Scope(), row["narrowing"])) == row["numerator"]


# --- complaints per 100 households -------------------------------------------------------------------


def test_complaints_are_compared_by_households_and_complete_months():
    table = monthly({"1号院": [3, 3], "2号院": [30, 30]}, first="2024-01")
    data = opened(table, {"1号院": None, "2号院": None}, households=100)
    found = comparison.compare(data, Scope(), comparison.COMPLAINTS)
    rows = {row["place"]: row for row in found["rows"]}
    assert rows["甲社区/1号院"]["rate"] == pytest.approx(6 / (60 / 30))
    assert rows["甲社区/2号院"]["band_code"] == "help"
    assert found["better"] == "down"
    assert "2号院" in said.finding(found, POLICY)
    one = comparison.compare(data, Scope(first_month="2024-02"), comparison.COMPLAINTS)
    assert one["rows"][0]["numerator"] == 3


def test_without_households_complaints_cannot_be_compared():
    data = opened(monthly({"1号院": [3], "2号院": [4]}), {"1号院": None, "2号院": None})
    found = comparison.compare(data, Scope(), comparison.COMPLAINTS)
    assert [row["rate"] for row in found["rows"]] == [None, None]
    assert said.courtyard(found["rows"][0], found, POLICY).endswith("没有可计算的记录。")


def test_an_unknown_measure_is_refused():
    with pytest.raises(KeyError):
        comparison.compare(opened(), Scope(), "feedback")


# --- the course of one courtyard --------------------------------------------------------------------


def monthly_answers(shares, each=20, place="1号院", first="2023-01"):
    months = pd.period_range(first, periods=len(shares), freq="M")
    return together(
        *(
            answered(place, f"{m}-05", round(each * s), each - round(each * s))
            for m, s in zip(months, shares, strict=True)
        )
    )


def test_a_courtyard_that_answers_better_for_seven_months_improves():
    course = comparison.card(
        opened(reported=monthly_answers([0.6] * 12 + [0.8] * 12)), Scope(), "response", "甲社区/1号院"
    )
    assert (course.method, course.word) == ("month", "improve")
    assert said.trend({"word_code": course.word, "reason": None, "assurance": None}) == "改善"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.5, "无明显变化，照目前的做法达不到"),
        (0.9, "无明显变化，时达标时不达标，看运气"),
        (1.0, "无明显变化，稳定达标"),
    ],
)
def test_the_course_says_whether_the_target_is_met_reliably_by_luck_or_never(share, words):
    late = [0.0] * 12 if share == 1.0 else []  # long ago and explained: nothing to do with now
    data = opened(
        reported=monthly_answers([*late, *[share] * 12], each=40, first="2022-01"),
        events=events(("2023-01-05", "staff", "甲社区", "1号院")),
    )
    (row,) = comparison.compare(data, Scope(), "response")["rows"]
    assert said.trend(row["trend"]) == words


def test_limits_are_computed_anew_only_where_a_recorded_event_explains_the_change():
    records = monthly_answers([0.6] * 12 + [0.8] * 12)
    silent = comparison.card(opened(reported=records), Scope(), "response", "甲社区/1号院")
    assert (silent.word, silent.chart["segment"].nunique()) == ("improve", 1)
    told = opened(reported=records, events=events(("2024-01-20", "staff", "甲社区", "1号院")))
    course = comparison.card(told, Scope(), "response", "甲社区/1号院")
    assert (course.word, course.chart["segment"].nunique()) == ("none", 2)
    assert course.chart["mean"].iloc[[0, -1]].tolist() == pytest.approx([0.6, 0.8])
    for event in (("2024-05-20", "staff", "甲社区", "1号院"), ("2024-01-20", "staff", "甲社区", "2号院")):
        other = opened(reported=records, events=events(event))
        assert comparison.card(other, Scope(), "response", "甲社区/1号院").word == "improve"


def test_eleven_months_are_too_few_for_a_word_twelve_are_enough():
    for months, word in ((11, None), (12, "none")):
        data = opened(reported=monthly_answers([0.5, 0.7] * 6)[: months * 20])
        course = comparison.card(data, Scope(), "response", "甲社区/1号院")
        assert course.word == word
    assert said.trend({"word_code": None, "reason": "few"}) == "数据太少，不作判断"


def test_the_course_ends_with_the_scopes_last_month_and_begins_before_its_first():
    data = opened(reported=monthly_answers([0.5, 0.7] * 12))
    course = comparison.card(
        data, Scope(first_month="2024-03", last_month="2024-06"), "response", "甲社区/1号院"
    )
    assert course.chart.index[0] == "2023-01"
    assert course.chart.index[-1] == "2024-06"


def rare(days, pace=4):
    """One miss on each of ``days``, and steady petitions in time every ``pace`` days."""
    steady = [
        (f"{day:%Y-%m-%d} 10:00", "1号院", 3)
        for day in pd.date_range("2023-01-02", "2024-12-28", freq=f"{pace}D")
    ]
    return petitions(*steady, *[(f"{day} 09:00", "1号院", 9) for day in days])


def test_where_misses_are_rare_the_days_between_them_are_charted():
    days = [f"{day:%Y-%m-%d}" for day in pd.date_range("2023-01-03", periods=20, freq="30D")]
    course = comparison.card(opened(reported=rare(days)), Scope(), "response", "甲社区/1号院")
    assert course.method == "days"
    assert course.chart["value"].tolist() == [30] * 19
    assert course.word == "none"


def test_a_month_of_two_petitions_is_never_called_a_run():
    course = comparison.card(
        opened(reported=monthly_answers([1.0, 1, 1, 0.5] + [1] * 12, each=2)),
        Scope(),
        "response",
        "甲社区/1号院",
    )
    assert (course.method, course.word, course.reason) == ("days", None, "few")


def test_days_between_misses_say_nothing_when_the_petitions_themselves_became_more():
    late = [f"{day:%Y-%m-%d}" for day in pd.date_range("2023-01-03", periods=20, freq="30D")]
    more = petitions(
        *[(f"2024-{m:02d}-{d:02d} 11:00", "1号院", 3) for m in range(3, 12) for d in range(1, 28)]
    )
    course = comparison.card(opened(reported=together(rare(late), more)), Scope(), "response", "甲社区/1号院")
    assert (course.method, course.word, course.reason) == ("days", None, "pace")


def test_rare_single_complaints_are_charted_by_the_days_between_them():
    moments = pd.date_range("2023-01-03 09:00", periods=20, freq="30D")
    singles = pd.DataFrame(
        {"complaint_id": range(20), "received_at": moments, "courtyard": "1号院", "community": "甲社区"}
    )
    course = trends.of_complaints(opened(singles=singles), Scope(), "甲社区/1号院")
    assert (course.method, course.word) == ("days", "none")
    assert course.chart["value"].tolist() == [30] * 19


def test_counted_complaints_get_a_word_by_month_only_where_they_are_many():
    many = monthly({"1号院": [20] * 14 + [5] * 10})
    few = monthly({"1号院": [2] * 14 + [0] * 10})
    assert trends.of_complaints(opened(many), Scope(), "甲社区/1号院").word == "improve"
    assert trends.of_complaints(opened(few), Scope(), "甲社区/1号院").word is None


def test_a_courtyard_without_records_has_an_empty_course():
    for measure in comparison.CHOICES:
        course = comparison.card(opened(), Scope(), measure, "甲社区/9号院")
        assert (len(course.chart), course.word, course.reason) == (0, None, "few")


# --- a change explained ------------------------------------------------------------------------------


def two_months():
    return together(
        answered("1号院", "2024-11-05", 9, 1, category="停车"),
        answered("2号院", "2024-11-05", 5, 5, category="噪音"),
        answered("1号院", "2024-12-05", 9, 1, category="停车"),
        answered("2号院", "2024-12-05", 15, 15, category="噪音"),
    )


def test_more_petitions_from_the_weaker_courtyard_are_mix_and_nobody_did_worse():
    data = opened(reported=two_months(), launches={"1号院": None, "2号院": None})
    found = change.explain(data, Scope(), "response", "place")
    assert found["months"] == ["2024-11", "2024-12"]
    assert (found["before"], found["after"]) == (0.7, 0.6)
    assert found["performance"] == 0
    assert found["mix"] == pytest.approx(-0.1)
    assert {part["kind"] for part in found["parts"]} == {"mix"}
    assert "差别可能只是偶然" in said.change(found, POLICY)
    assert "−10.0 个百分点" in said.change(found, POLICY)
    assert len(tables_effect.change_parts(found)) == len(found["parts"])


def test_a_month_without_anything_due_is_not_explained():
    data = opened(reported=two_months()[:20], launches={"1号院": None, "2号院": None})
    found = change.explain(data, Scope(), "response", "place")
    assert found["change"] is None
    assert found["parts"] == []
    assert "没有可计算的" in said.change(found, POLICY)


def test_the_months_are_the_last_complete_ones_of_the_scope():
    data = opened()
    assert change.last_two_months(data, Scope()) == ("2024-11", "2024-12")
    assert change.last_two_months(data, Scope(last_month="2024-06")) == ("2024-05", "2024-06")
    assert change.last_two_months(data, Scope(last_month="2030-01")) == ("2024-11", "2024-12")


@settings(max_examples=20, deadline=None)
@given(
    SEEDS, st.sampled_from(change.AXES), st.sampled_from(["response", "on_time", "feedback", "satisfaction"])
)
def test_the_parts_add_up_to_the_change_that_the_review_shows(seed, axis, measure):
    frame = pd.concat([records(seed + i) for i in range(4)], ignore_index=True)
    data = opened_records(frame)
    months = ("2024-04", "2024-05")
    found = change.explain(data, Scope(), measure, axis, months)
    rates = {row["month"]: row[f"{measure}_rate"] for row in review(data)["months"]}
    assert found["before"] == pytest.approx(rates.get(months[0]))
    assert found["after"] == pytest.approx(rates.get(months[1]))
    if found["change"] is not None:
        assert sum(part["effect"] for part in found["parts"]) == pytest.approx(found["change"], abs=1e-9)
        assert found["mix"] + found["performance"] == pytest.approx(found["change"], abs=1e-9)
    json.dumps(found)


@pytest.mark.parametrize(
    ("fraction", "words"), [(0.0004, "0.0"), (0.0006, "+0.1"), (-0.0006, "−0.1"), (0.086, "+8.6")]
)
def test_a_difference_of_rates_is_told_in_points(fraction, words):
    assert said.points(fraction) == f"{words} 个百分点"
