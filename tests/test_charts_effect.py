"""Charts of the effect and of the courtyards: what is drawn is what was measured, points know their petitions."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from analytics import cases, change, comparison, effectiveness
from analytics.present import charts, charts_courtyards, charts_effect
from analytics.scope import Scope
from tests.effect_cases import POLICY, events, falling, monthly, opened, petitions
from tests.test_courtyards import answered, monthly_answers, rare, together, two_months
from tests.test_effectiveness import ONE, several


def evaluated(**records):
    return effectiveness.evaluate(opened(**records))


def clicked(trace, point):
    return charts.narrowing(trace.customdata[point])


@pytest.fixture(scope="module")
def one():
    table = monthly({"1号院": [*falling(), 4]}, incomplete=[False] * 24 + [True])
    happened = events(("2023-11-05", "merger", "", ""), ("2024-01-05", "launch", "甲社区", "1号院"), ("2024-02-01", "weather", "", ""))  # fmt: skip
    reported = petitions(*[(f"2024-{m:02d}-05", "1号院", 3) for m in range(1, 13)] * 2)
    reported["case_id"] = [f"P{i}" for i in range(24)]
    as_of = pd.Timestamp("2025-02-10")
    return effectiveness.evaluate(opened(complaints=table, launches=ONE, events=happened, reported=reported, as_of=as_of))  # fmt: skip


# --- the months --------------------------------------------------------------------------------------


def test_months_stand_beside_the_line_without_the_launch_and_its_band(one):
    figure = charts_effect.monthly_effect(one)
    band, before, after, observed = figure.data
    line = one["launch"]["series"]["counterfactual"]
    assert list(before.y) == [p["expected"] for p in line[:12]]
    assert list(after.y) == [p["expected"] for p in line[11:]]
    assert after.line.dash == "dash"
    assert len(band.x) == 2 * len(line)
    assert list(observed.y) == [row["complaints"] for row in one["months"]][: len(observed.y)]


def test_an_incomplete_month_is_hollow_and_out_of_the_line(one):
    observed = charts_effect.monthly_effect(one).data[-1]
    assert observed.x[-1] == "2025-01"
    assert observed.marker.color[-1] == "#FFFFFF"
    assert observed.marker.color[-2] != "#FFFFFF"
    assert "2025-01" not in charts_effect.monthly_effect(one).data[0].x


def test_the_launch_stands_before_its_month_and_other_events_are_numbered(one):
    figure = charts_effect.monthly_effect(one)
    assert [shape.x0 for shape in figure.layout.shapes] == [11.5, 10, 13]
    signs = [note.text for note in figure.layout.annotations]
    assert signs[:3] == ["上线", "①", "②"]
    assert figure.layout.meta["foot"] == "① 2023年11月 事件1、② 2024年2月 事件3"


def test_an_unknown_month_is_a_gap():
    counts = falling()
    counts[4] = None
    observed = charts_effect.monthly_effect(
        evaluated(complaints=monthly({"1号院": counts}), launches=ONE)
    ).data[-1]
    assert observed.y[4] is None
    assert not observed.connectgaps


def test_several_launches_are_marked_with_how_many_and_no_line_is_made_up():
    figure = charts_effect.monthly_effect(evaluated(**several()))
    assert len(figure.data) == 1
    assert {note.text for note in figure.layout.annotations} == {"1 个院落"}
    assert "红线为上线：2023年" in figure.layout.meta["foot"]


# --- forest, event study, channels ------------------------------------------------------------------


def test_the_forest_shows_each_courtyard_and_the_average_last():
    found = evaluated(**several())
    (trace,) = charts_effect.forest(found).data
    assert list(trace.y) == ["1号院", "2号院", "3号院", "合并（3 个院落）"]
    assert list(trace.marker.symbol)[-1] == "diamond"
    row = found["launches"][0]["series"]
    assert trace.x[0] == pytest.approx(row["ratio"])
    assert trace.x[0] + trace.error_x.array[0] == pytest.approx(row["interval"][1])
    assert trace.x[0] - trace.error_x.arrayminus[0] == pytest.approx(row["interval"][0])


def test_a_courtyard_of_the_forest_leads_to_its_complaints_and_the_average_nowhere():
    found = evaluated(**several())
    place = found["launches"][0]["place"]
    (trace,) = charts_effect.forest(found, {place: 31}).data
    assert clicked(trace, 0) == {"complained": "", "place": place}
    assert trace.hovertext[0].endswith("点开看 31 件")
    assert clicked(trace, 1) == clicked(trace, 3) == {}


def test_a_month_that_the_page_leaves_out_does_not_lead_to_other_months_complaints(one):
    for figure in (charts_effect.monthly_effect, charts_effect.channels):
        line = figure(one, scope=Scope(first_month="2024-03")).data[-1]
        months = list(line.x)
        place = one["places"][0]
        assert clicked(line, months.index("2024-03")) == {"complained": "2024-03", "place": place}
        assert clicked(line, months.index("2024-02")) == {}


def test_a_courtyard_without_a_model_is_hollow_with_its_plain_ratio():
    found = evaluated(complaints=monthly({"1号院": [4, 4, 2, 2]}), launches={"1号院": "2023-03-01"})
    (trace,) = charts_effect.forest(found).data
    assert trace.marker.color[0] == "#FFFFFF"
    assert "只比日均" in trace.hovertext[0]


def test_the_event_study_is_hollow_where_too_few_courtyards_stand_behind_a_point():
    found = {
        "unit": "per_courtyard",
        "event_study": [
            {"month_since_launch": -1, "effect": 0.0, "interval": None, "places": 4},
            {"month_since_launch": 0, "effect": -2.0, "interval": [-3.0, -1.0], "places": 4},
            {"month_since_launch": 40, "effect": -2.0, "interval": [-3.0, -1.0], "places": 4},
        ],
    }
    (trace,) = charts_effect.event_study(found).data
    assert list(trace.x) == [-1, 0], "a window of twelve months each way"
    assert trace.marker.color[0] == "#FFFFFF"
    assert trace.error_y.array[1] == 1


def test_both_channels_have_their_own_scale_and_bars_lead_to_their_petitions(one):
    figure = charts_effect.channels(one, scope=Scope(first_month="2024-03"))
    bars, line = figure.data
    assert (bars.yaxis, line.yaxis) == ("y", "y2")
    assert figure.layout.yaxis2.gridcolor == figure.layout.yaxis.gridcolor
    months = [row["month"] for row in one["months"]]
    assert bars.y[months.index("2024-05")] == 2
    assert clicked(bars, months.index("2024-05")) == {"month": "2024-05"}
    assert clicked(bars, months.index("2024-02")) == {}, "the page's scope leaves it out"
    assert clicked(bars, months.index("2023-05")) == {}, "nothing stands behind it"


def test_petitions_through_the_platform_are_not_behind_the_bars():
    reported = petitions(
        ("2024-05-01", "1号院", 3), ("2024-05-02", "1号院", 3), channel=["扫码上报", "网络理政"]
    )
    data = opened(complaints=monthly({"1号院": falling()}), launches=ONE, reported=reported)
    found = effectiveness.evaluate(data)
    bars = charts_effect.channels(found).data[0]
    at = list(bars.x).index("2024-05")
    assert bars.y[at] == len(cases.select(data, Scope(), clicked(bars, at))) == 1


# --- courtyards --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def courtyards():
    frame = together(
        *(answered(f"{i}号院", "2024-05-06", 45, 5) for i in range(1, 5)),
        answered("5号院", "2024-05-06", 15, 35),
    )
    return opened(reported=frame, launches={f"{i}号院": None for i in range(1, 6)})


def test_the_funnel_names_who_is_outside_and_leads_to_the_misses(courtyards):
    found = comparison.compare(courtyards, Scope(), "response")
    figure = charts_courtyards.funnel(found, POLICY)
    *lines, points = figure.data
    assert len(lines) == 4
    assert "5号院" in points.text
    assert list(points.y) == pytest.approx([row["rate"] for row in found["rows"]])
    at = [row["place"] for row in found["rows"]].index("甲社区/5号院")
    assert len(cases.select(courtyards, Scope(), clicked(points, at))) == 35


def test_the_dumbbell_goes_from_the_raw_rate_to_the_shrunken_one(courtyards):
    found = comparison.compare(courtyards, Scope(), "response")
    bridge, raw, shrunken = charts_courtyards.shrunken(found, POLICY).data
    assert list(raw.x) == [row["rate"] for row in found["rows"]]
    assert list(shrunken.x) == [row["shrunken"] for row in found["rows"]]
    assert list(bridge.x)[:2] == [raw.x[0], shrunken.x[0]]
    assert list(raw.y) == [f"{i}号院" for i in range(1, 6)], "in the order of names, no ranks"


def test_the_bars_of_a_change_add_up_to_the_last_one_and_lead_to_their_petitions():
    data = opened(reported=two_months(), launches={"1号院": None, "2号院": None})
    found = change.explain(data, Scope(), "response", "place")
    (trace,) = charts_courtyards.change_parts(found, POLICY).data
    assert trace.y[-1] == "合计变化"
    assert sum(trace.x[:-1]) == pytest.approx(trace.x[-1])
    behind = clicked(trace, 0)
    assert behind["month"] == "2024-12"
    assert len(cases.select(data, Scope(), behind)) in (1, 15)


def test_many_small_parts_are_drawn_together():
    frame = together(
        *(answered(f"{i}号院", f"2024-{m}-05", i, 12 - i) for i in range(1, 12) for m in (11, 12))
    )
    frame.loc[frame.index[:30], "responded_at"] = frame["reported_at"][:30]
    data = opened(reported=frame, launches={f"{i}号院": None for i in range(1, 12)})
    found = change.explain(data, Scope(), "response", "place")
    (trace,) = charts_courtyards.change_parts(found, POLICY).data
    assert len(trace.y) <= 10
    assert sum(trace.x[:-1]) == pytest.approx(trace.x[-1])


def test_a_course_by_month_shows_its_limits_and_fills_its_signals():
    data = opened(reported=monthly_answers([0.6] * 12 + [0.8] * 12))
    course = comparison.card(data, Scope(), "response", "甲社区/1号院")
    mean, lower, upper, points = charts_courtyards.course(course, "response", POLICY).data
    assert len(points.y) == 24
    assert mean.y[0] > lower.y[0]
    assert upper.y[0] <= 1
    assert points.marker.color[-1] != "#FFFFFF"


def test_a_course_by_days_names_its_months_in_the_readers_language():
    days = [f"{day:%Y-%m-%d}" for day in pd.date_range("2023-01-03", periods=20, freq="30D")]
    course = comparison.card(opened(reported=rare(days)), Scope(), "response", "甲社区/1号院")
    figure = charts_courtyards.course(course, "response", POLICY)
    assert "年" in figure.layout.xaxis.ticktext[0]
    assert figure.data[-1].hovertext[0].endswith("距上一次 30.0 天")


@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_says_its_title_and_describes_itself_also_of_nothing(dark):
    nothing = effectiveness.evaluate(opened())
    no_courtyards = comparison.compare(opened(), Scope(), "response")
    no_change = change.explain(opened(), Scope(), "response", "place")
    empty = comparison.card(opened(), Scope(), "response", "甲社区/1号院")
    figures = [
        charts_effect.monthly_effect(nothing, dark=dark),
        charts_effect.forest(nothing, dark=dark),
        charts_effect.channels(nothing, dark=dark),
        charts_effect.event_study({"unit": "per_courtyard", "event_study": []}, dark=dark),
        charts_courtyards.funnel(no_courtyards, POLICY, dark=dark),
        charts_courtyards.shrunken(no_courtyards, POLICY, dark=dark),
        charts_courtyards.change_parts(no_change, POLICY, dark=dark),
        charts_courtyards.course(empty, "response", POLICY, dark=dark),
    ]
    for figure in figures:
        assert figure.layout.meta["title"]
        assert "alt" in figure.layout.meta
        json.loads(figure.to_json())
