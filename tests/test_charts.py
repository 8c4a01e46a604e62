"""Charts: what is drawn is what was counted, and every point knows its petitions."""

from __future__ import annotations

import json

import pytest
from pandas import Timestamp

from analytics.present import charts, charts_complaints, charts_style
from analytics.vocabulary import CLOCKS, COLOURS, STATES

COLOURED = {
    "actual": {"green": 55, "yellow": 15, "red": 12, "grey": 0},
    "open_by_age": {"green": 3, "yellow": 0, "red": 1, "grey": 0},
    "unknown": 1,
    "assigned": {"green": 60, "yellow": 12, "red": 10, "grey": 0, "none": 5},
    "migration": [
        {"assigned": "green", "actual": "green", "count": 50},
        {"assigned": "green", "actual": "red", "count": 2},
    ],
}
CLOCKED = {
    name: {"limit": limit, "met": 7, "missed": 2, "unrecorded": 1, "pending": 3, "exempt": 0, "invalid": 0}
    for name, limit in zip(CLOCKS, ("PT5M", "PT15M", "PT30M", "P3D"), strict=True)
}
MONTHS = [{"month": "2024-05", "petitions": 4, "green": 3, "yellow": 1, "red": 0, "grey": 0},
          {"month": "2024-06", "petitions": 3, "green": 1, "yellow": 0, "red": 0, "grey": 0, "open_green": 2}]  # fmt: skip
COMPLAINED = {
    "months": [
        {"month": "2024-04", "count": 12, "incomplete": False},
        {"month": "2024-05", "count": None, "incomplete": False},
        {"month": "2024-06", "count": 5, "incomplete": True},
    ],
    "launch": {"month": "2024-05", "plain": {"before_mean": 12.0, "after_mean": None, "ratio": None}},
    "launches": [{"place": "甲社区/1号院", "month": "2024-05"}],
}


def clicked(trace, point=0):
    return charts.narrowing(trace.customdata[point])


def test_the_colour_bar_is_as_long_as_the_petitions_and_leads_to_them():
    figure = charts.colour_bar(COLOURED)
    assert sum(trace.x[0] for trace in figure.data) == 55 + 15 + 12 + 3 + 1 + 1
    assert [clicked(t)["outcome"] for t in figure.data] == [
        "closed_green", "closed_yellow", "closed_red", "open_green", "open_red", "unknown",
    ]  # fmt: skip


def test_an_open_segment_is_hatched_over_its_colour():
    still = charts.colour_bar(COLOURED).data[3]
    assert still.marker.pattern.fillmode == "overlay"
    assert still.marker.color == "#4DB380"


def test_months_stack_to_their_petitions():
    figure = charts.months_by_colour(MONTHS)
    assert [sum(t.y[i] for t in figure.data) for i in (0, 1)] == [4, 3]
    assert clicked(figure.data[-1], 1) == {"month": "2024-06", "outcome": "open_green"}


def test_the_migration_shades_only_what_was_not_expected():
    cells, labels = charts.migration(COLOURED).data
    assert cells.z[0][0] == 0
    assert cells.z[0][2] == 2
    assert labels.text[0] == "50"
    assert clicked(labels, 2) == {"expected": "green", "outcome": "closed_red"}


def test_the_six_states_of_a_clock_add_up():
    figure = charts.clock_states(CLOCKED)
    assert [sum(trace.x[i] for trace in figure.data) for i in range(4)] == [13] * 4
    assert clicked(figure.data[STATES.index("missed")], 1) == {"clock": "arrival", "state": "missed"}


def test_minutes_part_at_the_limit_and_the_last_bar_holds_the_rest():
    (trace,) = charts.time_taken([1, 2, 3, 4, 5, 6, 9], "response", "PT5M").data
    assert trace.marker.color[4] != trace.marker.color[5], "5′00″ and 5′01″ are of two colours"
    assert clicked(trace, 4) == {"clock": "response", "above": 240, "upto": 300}
    assert clicked(trace, 6) == {"clock": "response", "above": 360}
    assert clicked(trace, 0) == {"clock": "response", "above": -1, "upto": 60}, "0 seconds are in the first"


def test_a_click_on_an_hour_leads_to_its_misses():
    week = [[0] * 24 for _ in range(7)]
    week[2][8] = 3
    labels = charts.week(week, week, "response").data[1]
    assert labels.text[2 * 24 + 8] == "3"
    assert clicked(labels, 2 * 24 + 8)["weekday"] == 2


def test_a_dot_of_few_petitions_is_hollow_and_an_unknown_rate_is_left_out():
    rows = [
        {
            "key": "物业",
            "hits": 30,
            "due": 40,
            "rate": 0.75,
            "interval": (0.6, 0.86),
            "narrowing": {"handler": "物业"},
        },
        {
            "key": "社区",
            "hits": 7,
            "due": 8,
            "rate": 0.875,
            "interval": (0.5, 0.98),
            "narrowing": {"handler": "社区"},
        },
        {"key": "空", "hits": 0, "due": 0, "rate": None, "interval": None, "narrowing": {}},
    ]
    figure = charts.rates_with_intervals(rows, title="按时率（%）", target=0.95)
    (trace,) = figure.data
    assert [text.split("<")[0] for text in figure.layout.yaxis.ticktext] == ["物业", "社区"]
    assert trace.marker.color[1] == "#FFFFFF"
    assert trace.error_x.arrayminus[0] == pytest.approx(0.15)


def test_the_trend_leaves_unknown_months_open_and_incomplete_ones_hollow():
    figure = charts.complaint_trend(COMPLAINED)
    assert figure.data[0].y[1] is None
    assert figure.data[0].marker.color[2] == "#FFFFFF"
    assert figure.layout.shapes[0].x0 == 0.5, "the launch stands before its month"
    assert len(figure.layout.shapes) == 2, "no mean is drawn where there is none"


def test_one_petition_is_drawn_to_scale():
    at = Timestamp
    lanes = [
        {"label": "响应", "start": at("2024-06-03 08:05"), "due": at("2024-06-03 08:10"), "end": at("2024-06-03 08:09"), "state": "按时", "late": False, "short": True},
        {"label": "回访", "start": at("2024-06-03 08:05"), "due": at("2024-06-06 08:05"), "end": None, "state": "超时", "late": True, "short": False},
    ]  # fmt: skip
    figure = charts.petition_course(lanes, at("2024-06-03 08:05"), at("2024-06-08 08:05"))
    allowed = [t for t in figure.data if t.type == "bar" and t.width == 0.6]
    assert [t.x[0] for t in allowed] == [5, 3], "minutes above, days below"
    late = [lanes[0] | {"end": at("2024-06-13 08:05"), "late": True}, lanes[1]]
    drawn = charts.petition_course(late, at("2024-06-03 08:05"), at("2024-06-18 08:05"))
    assert [t.x[0] for t in drawn.data if t.type == "bar" and t.width == 0.12] == [10, 15], "days in both"
    assert drawn.layout.xaxis.ticksuffix == " 天"
    assert [t.x[0] for t in figure.data if t.type == "bar" and t.width == 0.12] == [4, 5]


def test_a_sparkline_leaves_a_gap_where_a_month_is_unknown():
    drawn = charts.sparkline([0.8, 0.9, None, 0.95, 0.97], target=0.95)
    assert drawn.count("<polyline") == 2
    assert charts.sparkline([]).startswith("<svg")


@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_says_its_title_and_describes_itself(dark):
    empty = {**COLOURED, "actual": dict.fromkeys(COLOURS, 0), "open_by_age": dict.fromkeys(COLOURS, 0), "unknown": 0,
             "assigned": dict.fromkeys((*COLOURS, "none"), 0), "migration": []}  # fmt: skip
    figures = [
        charts.colour_bar(COLOURED, dark=dark),
        charts.colour_bar(empty, dark=dark),
        charts.expected_and_actual(empty, dark=dark),
        charts.months_by_colour([], dark=dark),
        charts.migration(empty, dark=dark),
        charts.open_by_age(COLOURED, dark=dark),
        charts.clock_states(CLOCKED, dark=dark),
        charts.complaint_trend({"months": [], "launch": None}, dark=dark),
        charts.closed_by([], {}, dark=dark),
        charts.before_and_after([], dark=dark),
    ]
    for figure in figures:
        assert figure.layout.meta["title"]
        assert "alt" in figure.layout.meta
        json.loads(figure.to_json())


def test_a_forged_click_leads_nowhere():
    assert charts.narrowing("not json") == {}
    assert charts.narrowing(["[1]"]) == {}
    assert charts.narrowing(None) == {}


def test_labels_are_spread_so_that_none_hides_another():
    heights = charts_complaints.spread([0.7, 0.1, 0.7, 0.72], 0.1)
    assert heights == pytest.approx([0.7, 0.1, 0.8, 0.9])


def test_margins_hold_the_tick_labels_of_both_axes():
    drawn = charts_style.figure(
        [charts_style.bar(x=[1200, 30], y=["社区", "小区党支部"], orientation="h")],
        title="",
        alt="",
        height=200,
        yaxis={"autorange": "reversed"},
    )
    margin = drawn.to_dict()["layout"]["margin"]
    assert margin["l"] >= 5 * 12  # five characters of 12 pixels
    assert margin["r"] >= 5 * 12 * 0.5 / 2  # half of "1,200"
    hidden = charts_style.figure(
        [charts_style.bar(x=[1], y=["社区"])], title="", alt="", height=200, yaxis={"visible": False}
    )
    assert hidden.to_dict()["layout"]["margin"]["l"] == 8
