"""The whole evaluation of a launch: degenerate data get words, every verdict is tried from both sides."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from analytics import effectiveness, evidence, peers, programme
from analytics.evaluation.launch_series import Estimate
from analytics.evaluation.launch_series import verdict as verdict_of
from analytics.present import sentences_effect as said
from analytics.present import tables_effect
from analytics.review import review
from analytics.scope import Scope
from tests.effect_cases import NO_MONTHS, events, falling, monthly, opened, petitions

ONE = {"1号院": "2024-01-05"}


def evaluated(scope=None, **records):
    found = effectiveness.evaluate(opened(**records), scope)
    json.dumps(found)
    assert all(said.evidence(found["support"] + found["doubts"])), "every code has its words"
    said.says(found), said.says_not(found), said.channels(found), said.closing(found)
    tables_effect.months(found), tables_effect.courtyards_effect(found["launches"])
    return found


# --- degenerate data: words, not exceptions ---------------------------------------------------------


def test_no_complaints_at_all_is_said():
    found = evaluated(launches=ONE)
    assert found["verdict_code"] == "no_data"
    assert "没有网络理政投诉数据" in said.verdict(found)


def test_no_launch_is_said():
    found = evaluated(complaints=monthly({"1号院": falling()}), launches={"1号院": None})
    assert found["verdict_code"] == "no_launch"
    assert "没有上线日期" in said.verdict(found)
    assert said.says_not(found) == []


def test_a_launch_in_the_first_month_has_nothing_before_it():
    found = evaluated(complaints=monthly({"1号院": falling()}), launches={"1号院": "2023-01-10"})
    assert found["launch"]["plain"] is None
    assert said.verdict(found) == "2023年1月上线，还太早：上线前没有可用的月份，无从比较。"


def test_a_launch_yet_to_come_has_nothing_after_it():
    found = evaluated(complaints=monthly({"1号院": falling()}), launches={"1号院": "2025-03-01"})
    assert "上线后还没有完整的月份" in said.verdict(found)


def test_no_complaint_in_any_month_is_no_success():
    found = evaluated(complaints=monthly({"1号院": [0] * 24}), launches=ONE)
    assert found["verdict_code"] == "insufficient"
    assert "没有一件投诉" in said.verdict(found)


def test_a_gap_of_months_is_a_caution_and_no_zero():
    counts = falling()
    counts[5:8] = [None] * 3
    found = evaluated(complaints=monthly({"1号院": counts}), launches=ONE)
    assert {"code": "gaps"} in found["doubts"]
    assert [row["complaints"] for row in found["months"][5:8]] == [None] * 3
    assert found["launch"]["series"]["months_before"] == 9


def test_an_incomplete_tail_is_left_out_and_a_low_last_month_is_doubted():
    counts = falling(40, 40)
    flagged = monthly({"1号院": [*counts[:-1], 1]}, incomplete=[False] * 23 + [True])
    found = evaluated(complaints=flagged, launches=ONE)
    assert found["launch"]["series"]["months_after"] == 11
    assert found["months"][-1]["incomplete"]
    unflagged = evaluated(complaints=monthly({"1号院": [*counts[:-1], 1]}), launches=ONE)
    assert {"code": "tail_low"} in unflagged["doubts"]


def test_the_month_of_as_of_is_never_compared():
    table = monthly({"1号院": [*falling(), 0]})
    assert evaluated(complaints=table, launches=ONE)["launch"]["series"]["months_after"] == 12


def test_one_courtyard_has_nobody_to_be_compared_with():
    found = evaluated(complaints=monthly({"1号院": falling()}), launches=ONE)
    assert found["peers"] is None
    assert found["pooled"] is None
    assert found["launches"][0]["regression"] is None
    assert {"code": "peers_none"} in found["doubts"]


# --- each verdict's wording from both sides of its boundary -----------------------------------------


def with_intervals(low, high, low80, high80):
    """A scope's result whose one launch has these intervals of the ratio."""
    base = evaluated(complaints=monthly({"1号院": falling()}), launches=ONE)
    estimate = Estimate((low * high) ** 0.5, (low, high), (low80, high80), 0.5, ())
    code = verdict_of(estimate)
    series = {**base["launch"]["series"], "ratio": estimate.ratio, "interval": [low, high]}
    launch = {**base["launch"], "series": series, "verdict_code": code}
    return {**base, "launch": launch, "verdict_code": code}


@pytest.mark.parametrize(
    ("bounds", "words", "not_words"),
    [
        ((0.4, 0.999, 0.5, 0.9), "（可信范围 低 0.1–60 %），确有下降。", "可能"),
        ((0.4, 1.001, 0.5, 0.9), "（可信范围 低 60 % 到高 0.1 %），可能下降，还不能排除偶然。", "确有"),
        ((0.4, 1.2, 0.5, 0.999), "可能下降", "证据不足"),
        ((0.4, 1.2, 0.5, 1.001), "证据不足，还说不准降没降。", "可能下降"),
        ((0.999, 1.6, 1.05, 1.5), "证据不足", "上升"),
        ((1.001, 1.6, 1.05, 1.5), "（可信范围 高 0.1–60 %），上升。", "证据不足"),
    ],
)
def test_a_verdict_changes_its_words_exactly_at_its_boundary(bounds, words, not_words):
    sentence = said.verdict(with_intervals(*bounds))
    assert words in sentence
    assert not_words not in sentence


def test_the_complaints_avoided_are_told_only_of_a_sure_fall():
    assert "约少了" in said.verdict(with_intervals(0.4, 0.999, 0.5, 0.9))
    assert "约少了" not in said.verdict(with_intervals(0.4, 1.001, 0.5, 0.9))


@pytest.mark.parametrize(("months", "early"), [(7, True), (8, False)])
def test_eight_months_on_each_side_are_the_least(months, early):
    rng = np.random.default_rng(3)
    before = monthly({"1号院": rng.poisson(20, months + 12).tolist()}, first="2023-01")
    launch = pd.Period("2023-01", "M") + months
    found = evaluated(complaints=before, launches={"1号院": f"{launch}-01"})
    assert ("还太早" in said.verdict(found)) == early
    after = monthly({"1号院": rng.poisson(20, 12 + months).tolist()})
    assert ("还太早" in said.verdict(evaluated(complaints=after, launches=ONE))) == early


def test_no_complaint_after_the_launch_is_said_and_one_is_not():
    silent = [*falling()[:12], *[0] * 12]
    assert "上线后没有投诉" in said.verdict(evaluated(complaints=monthly({"1号院": silent}), launches=ONE))
    one = [*silent[:-1], 1]
    assert "上线后没有投诉" not in said.verdict(evaluated(complaints=monthly({"1号院": one}), launches=ONE))


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (0.53, "低 47 %"),
        (0.9999, "低 0.1 %"),
        (1.0, "持平"),
        (1.0001, "高 0.1 %"),
        (1.994, "高 99 %"),
        (2.0, "高至 2.0 倍"),
        (0.0001, "低 99.9 %"),
        (None, "—"),
    ],
)
def test_a_ratio_reads_as_a_gap(ratio, words):
    assert said.gap(ratio) == words


def test_an_endless_interval_says_so():
    assert said.gap_interval([0.2, None]) == "低 80 % 到不封顶"


# --- support and doubts ------------------------------------------------------------------------------


def codes(items):
    return [item["code"] for item in items]


def test_a_firm_fall_is_supported_by_the_plain_ratio_and_every_month():
    found = evaluated(
        complaints=monthly({"1号院": falling(60, 25, 18)}),
        launches={"1号院": "2024-07-01"},
        as_of=pd.Timestamp("2026-02-01"),
    )
    assert {"plain_agrees", "leave_one_out_holds", "placebo_quiet", "hac_agrees"} <= set(
        codes(found["support"])
    )
    assert found["launch"]["robustness"]["holds"]


def test_a_plain_ratio_that_spans_1_is_a_doubt():
    found = with_intervals(0.4, 0.9, 0.5, 0.8)
    for high, wanted in ((0.999, "plain_agrees"), (1.001, "plain_unsure")):
        plain = {**found["launch"]["plain"], "interval": [0.3, high]}
        result = {**found, "launch": {**found["launch"], "plain": plain}}
        assert (wanted in codes(evidence.support(result))) == (wanted == "plain_agrees")
        assert (wanted in codes(evidence.doubts(result))) == (wanted == "plain_unsure")


@pytest.mark.parametrize(("dispersion", "doubted"), [(1.99, False), (2.0, True)])
def test_months_that_scatter_twice_as_much_as_chance_are_doubted(dispersion, doubted):
    found = with_intervals(0.4, 0.9, 0.5, 0.8)
    series = {**found["launch"]["series"], "dispersion": dispersion}
    result = {**found, "launch": {**found["launch"], "series": series}}
    assert ("scatter" in codes(evidence.doubts(result))) == doubted


@pytest.mark.parametrize(("alarms", "quiet"), [(0, True), (1, True), (2, False)])
def test_one_alarm_before_the_launch_is_chance_two_of_ten_are_not(alarms, quiet):
    study = [
        {"month_since_launch": -2 - i, "interval": [0.1, 1] if i < alarms else [-1, 1]} for i in range(10)
    ]
    average = {"effect": -1, "interval": [-2, -0.1], "places": 5}
    found = with_intervals(0.4, 0.9, 0.5, 0.8)
    result = {**found, "peers": {"unit": "per_courtyard", "average": average, "event_study": study}}
    assert ("before_quiet" in codes(evidence.support(result))) == quiet
    assert ("before_moved" in codes(evidence.doubts(result))) != quiet
    assert "peers_agree" in codes(evidence.support(result))
    assert said.evidence(evidence.support(result))


@pytest.mark.parametrize(
    ("date", "rival"),
    [("2023-07-31", True), ("2023-06-30", False), ("2024-07-01", True), ("2024-08-01", False)],
)
def test_an_event_within_half_a_year_of_the_launch_is_a_rival(date, rival):
    records = {"complaints": monthly({"1号院": falling()}), "launches": ONE}
    found = evaluated(**records, events=events((date, "renovation", "甲社区", "1号院")))
    assert found["events"][0]["near"] == rival
    assert ("rivals" in codes(found["doubts"])) == rival


def test_the_launch_itself_is_no_rival_and_nothing_recorded_is_a_doubt():
    records = {"complaints": monthly({"1号院": falling()}), "launches": ONE}
    launched = evaluated(**records, events=events(("2024-01-05", "launch", "甲社区", "1号院")))
    assert "rivals" not in codes(launched["doubts"])
    assert "no_events" in codes(launched["doubts"])


def test_events_touch_their_places_and_are_unknown_before_they_happen():
    happened = events(
        ("2024-02-01", "weather", "", ""),
        ("2024-03-01", "merger", "甲社区", ""),
        ("2024-04-01", "staff", "甲社区", "2号院"),
        ("2026-01-01", "other", "", ""),
    )
    data = opened(events=happened, launches={"1号院": None, "2号院": None})
    assert data.events["place"].tolist() == ["", "甲社区/", "甲社区/2号院"]
    labels = [e["label"] for e in programme.of_scope(data.events, Scope(courtyards=("甲社区/1号院",)))]
    assert labels == ["事件1", "事件2"]
    assert len(programme.of_scope(data.events, Scope(communities=("乙社区",)))) == 1
    assert len(programme.of_scope(data.events, Scope())) == 3


def test_the_worst_place_is_told_that_it_would_come_back_by_itself():
    counts = {"1号院": [30] * 12 + [20] * 12, **{f"{i}号院": [20 + i % 3] * 24 for i in range(2, 7)}}
    launches = {name: "2024-01-01" if name == "1号院" else None for name in counts}
    found = evaluated(Scope(courtyards=("甲社区/1号院",)), complaints=monthly(counts), launches=launches)
    worst = next(item for item in found["doubts"] if item["code"] == "the_worst")
    assert worst["places"] == 6
    assert "1号院上线前是 6 个院落里投诉率最高的" in said.evidence([worst])[0]
    counts["1号院"] = [10] * 24
    found = evaluated(Scope(courtyards=("甲社区/1号院",)), complaints=monthly(counts), launches=launches)
    assert "not_the_worst" in codes(found["support"])


# --- several courtyards -----------------------------------------------------------------------------


def several():
    launches = {"1号院": "2024-01-01", "2号院": "2023-11-01", "3号院": "2024-02-01"}
    before = {"1号院": 12, "2号院": 10, "3号院": 13}
    counts = {name: falling(200, 90, 24, seed=n)[24 - n : 48 - n] for name, n in before.items()}
    return {"complaints": monthly(counts), "launches": launches}


def test_launches_at_different_times_are_judged_each_and_averaged():
    found = evaluated(**several())
    assert found["launch"] is None
    assert found["verdict_code"] == found["pooled"]["verdict_code"] == "fell"
    assert [entry["place"] for entry in found["launches"]] == ["甲社区/1号院", "甲社区/2号院", "甲社区/3号院"]
    assert "3 个院落先后上线" in said.verdict(found)
    assert "单独看：" in said.verdict(found)
    assert len(found["pooled"]["without"]) == 3


def test_a_courtyard_that_never_launched_is_comparison_and_no_launch():
    records = several()
    records["launches"]["4号院"] = None
    more = monthly({"4号院": [200] * 24})
    found = evaluated(complaints=pd.concat([records["complaints"], more]), launches=records["launches"])
    assert found["launch"] is None
    assert found["peers"]["against"] == "never"
    assert found["peers"]["average"]["effect"] < -50


def test_the_only_launched_courtyard_among_others_is_named_with_its_own_verdict():
    table = monthly({"1号院": falling(), "2号院": [9] * 24})
    found = evaluated(complaints=table, launches={**ONE, "2号院": None})
    assert found["launch"] is None
    assert found["verdict_code"] == found["launches"][0]["verdict_code"]
    assert said.verdict(found).startswith("所选院落里只有甲社区 · 1号院有上线日期：2024年1月上线后月均")


def test_what_is_evaluated_is_what_the_review_shows():
    records = {
        "complaints": monthly({"1号院": falling()}),
        "launches": ONE,
        "events": events(("2024-02-01", "weather", "", "")),
    }
    data = opened(**records)
    found, shown = effectiveness.evaluate(data), review(data)["complaints"]
    assert {k: v for k, v in found["launch"].items() if k != "robustness"} == shown["launch"]
    assert [{k: v for k, v in e.items() if k != "near"} for e in found["events"]] == shown["events"]


def test_the_months_of_the_scope_do_not_change_the_evaluation():
    records = {"complaints": monthly({"1号院": falling()}), "launches": ONE}
    narrow = evaluated(Scope(first_month="2024-03", last_month="2024-04"), **records)
    assert narrow["launch"] == evaluated(**records)["launch"]


# --- peers --------------------------------------------------------------------------------------------


def test_an_outsider_is_comparison_only_until_it_launches_itself():
    counts = {"1号院": [10, 10, 4, 4, 4, 4], "2号院": [10, 10, 10, 10, 1, 1], "3号院": [8, 8, 8, 8, 1, 1]}
    launches = {"1号院": "2023-03-01", "2号院": "2023-05-01", "3号院": "2023-05-01"}
    data = opened(complaints=monthly(counts), launches=launches)
    found = peers.compare(data, Scope(courtyards=("甲社区/1号院",)))
    by_time = {row["month_since_launch"]: row["effect"] for row in found["event_study"]}
    assert set(by_time) == {-2, -1, 0, 1}, "nobody to compare with once the others have launched"
    assert by_time[0] == pytest.approx(4 / 31 * 30 - 10 / 28 * 30 - (9 / 31 * 30 - 9 / 28 * 30))
    assert found["unit"] == "per_courtyard"


def test_households_make_the_outcome_a_rate():
    counts = {"1号院": [10] * 4, "2号院": [10] * 4}
    launches = {"1号院": "2023-03-01", "2号院": None}
    data = opened(complaints=monthly(counts), launches=launches, households=200)
    assert peers.compare(data, Scope())["unit"] == "per_100_households"


def test_what_happened_after_anyones_launch_is_no_part_of_chance():
    counts = {"1号院": [30] * 6, "2号院": [20] * 3 + [200] * 3, "3号院": [19] * 6}
    launches = {"1号院": "2023-06-01", "2号院": "2023-04-01", "3号院": None}
    data = opened(complaints=monthly(counts), launches=launches)
    found = peers.regression(data, {"甲社区/1号院": ("2023-06", 1.0), "甲社区/9号院": ("2023-06", 1.0)})
    assert found["甲社区/1号院"]["worst"]
    assert found["甲社区/9号院"] is None


# --- both channels, time to close -------------------------------------------------------------------


def reports(days, channel="扫码上报", minutes=3):
    return petitions(*[(day, "1号院", minutes) for day in days], channel=channel)


def test_petitions_stand_beside_complaints_and_are_never_added():
    days = [
        *pd.date_range("2023-01-01", "2023-12-31", freq="10D"),
        *pd.date_range("2024-01-01", "2024-12-31", freq="3D"),
    ]
    found = evaluated(complaints=monthly({"1号院": falling(30, 12)}), launches=ONE, reported=reports(days))
    row = found["months"][0]
    assert (row["complaints"], row["petitions"]) == (falling(30, 12)[0], 4)
    assert found["channels"]["petitions"]["ratio"] > 2
    assert "diverted" in codes(found["support"])
    assert "从不相加" in said.channels(found)


def test_petitions_that_came_through_the_platform_are_left_out_of_the_petitions():
    mixed = reports(["2024-05-01", "2024-05-02", "2024-05-03"], channel=["扫码上报", "网络理政", ""])
    found = evaluated(complaints=monthly({"1号院": falling()}), launches=ONE, reported=mixed)
    assert {row["month"]: row["petitions"] for row in found["months"]}["2024-05"] == 2
    assert found["channels"]["left_out"] == 1
    assert found["channels"]["other_channels"] == ["扫码上报", ""]


def test_before_the_first_petition_there_is_no_record_and_no_zero():
    found = evaluated(
        complaints=monthly({"1号院": falling()}), launches=ONE, reported=reports(["2024-05-01", "2024-07-01"])
    )
    shown = {row["month"]: row["petitions"] for row in found["months"]}
    assert (shown["2024-04"], shown["2024-05"], shown["2024-06"]) == (None, 1, 0)
    assert "上线前没有码上报台账" in said.channels(found)


def test_time_to_close_is_compared_around_each_courtyards_launch():
    days = [
        *pd.date_range("2023-02-01", periods=40, freq="7D"),
        *pd.date_range("2024-02-01", periods=40, freq="7D"),
    ]
    frame = reports(days)
    slow = pd.to_timedelta([10] * 40 + [1] * 40, unit="D")
    found = evaluated(
        complaints=NO_MONTHS, launches=ONE, reported=frame.assign(resolved_at=frame["reported_at"] + slow)
    )
    assert found["closing"]["before"]["median_days"] == 10
    assert found["closing"]["after"]["median_days"] == 1
    assert found["closing"]["p"] < 1e-6
    assert "快慢有别" in said.closing(found)
    (row,) = found["closing"]["places"]
    assert (row["month"], row["before"], row["after"]) == ("2024-01", 40, 40)
