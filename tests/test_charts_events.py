"""What happened, drawn on a trend: lines where it belongs, labels that never hide each other, names below."""

from __future__ import annotations

import pandas as pd

from analytics import dataset, effectiveness, review
from analytics.evaluation import control_limits
from analytics.present import charts, charts_courtyards, charts_effect, charts_events
from analytics.scope import Scope
from analytics.trends import Trend
from tests.effect_cases import POLICY, events, falling, month_labels, monthly, opened, petitions


def event(month, kind="merger", label="合院", on=None):
    return {"event": 1, "label": label, "kind": kind, "on": on or f"{month}-05", "place": "", "month": month}


def launched(*months):
    return [{"place": f"甲社区/{i}号院", "month": month} for i, month in enumerate(months)]


def marked(launches=(), happened=(), number=24):
    return charts_events.on_months(
        {"launches": launched(*launches), "events": list(happened)}, month_labels(number)
    )


def test_a_launch_stands_before_its_month_and_an_event_upon_it():
    marks = marked(["2023-04"], [event("2023-08")])
    assert [shape["x0"] for shape in marks.shapes] == [2.5, 7]
    assert [note["text"] for note in marks.notes] == ["上线", "①"]
    assert marks.names == ["① 2023年8月 合院"]
    assert [shape["line"]["dash"] for shape in marks.shapes] == ["solid", "dot"]


def test_nothing_happened_needs_no_room():
    assert marked() == charts_events.Marks([], [], 0, [])


def test_what_lies_outside_the_months_is_neither_drawn_nor_named():
    marks = marked(["2022-01"], [event("2025-02")])
    assert (marks.shapes, marks.names, marks.top) == ([], [], 0)


def test_many_launches_in_adjacent_months_are_told_below_and_do_not_hide_each_other():
    months = month_labels(24)
    marks = marked([*months[6:12], months[6]])
    assert len(marks.shapes) == 6
    assert len(marks.notes) < 3
    assert marks.names[0].startswith("红线为上线：2023年7月 2 个院落、2023年8月 1 个院落")


def test_events_of_adjacent_months_stand_a_row_higher_and_those_of_one_month_share_a_line():
    happened = [event("2023-03"), event("2023-04"), event("2023-04", label="高温"), event("2023-12")]
    marks = marked((), happened, 36)
    assert [(note["text"], note["yshift"]) for note in marks.notes] == [("①", 0), ("②③", 16), ("④", 0)]
    assert marks.top == 32
    assert len(marks.shapes) == 3


def test_a_launch_that_is_only_recorded_as_an_event_is_drawn_as_one():
    marks = marked((), [event("2023-05", kind="launch", label="码上报上线")])
    assert [note["text"] for note in marks.notes] == ["上线"]
    assert marks.names == []


def test_on_an_axis_of_dates_an_event_stands_on_its_day():
    happened = {"launches": launched("2023-04"), "events": [event("2023-08", on="2023-08-15")]}
    marks = charts_events.on_dates(happened, pd.Timestamp("2023-02-10"), pd.Timestamp("2024-02-10"))
    assert [shape["x0"] for shape in marks.shapes] == ["2023-04-01", "2023-08-15"]


def test_a_sparkline_has_a_line_for_each_month_in_which_something_happened():
    happened = {"launches": launched("2023-04"), "events": [event("2023-06")]}
    assert charts_events.in_sparkline(happened, month_labels(12)) == {3: True, 5: False}
    drawn = charts.sparkline([0.9] * 12, marks={3: True, 5: False})
    assert drawn.count("<line") == 2


def test_every_trend_marks_the_launch_and_the_events_of_its_places():
    table = monthly({"1号院": falling(), "2号院": falling(seed=2)})
    reported = petitions(*[(f"2023-{m:02d}-05", "1号院", 3) for m in range(1, 13)])
    happened = events(
        ("2023-05-05", "merger", "甲社区", "1号院"), ("2023-06-05", "merger", "甲社区", "2号院")
    )
    data = opened(
        complaints=table, launches={"1号院": "2023-09-01", "2号院": None}, reported=reported, events=happened
    )
    own = Scope(courtyards=("甲社区/1号院",))
    found, seen = effectiveness.evaluate(data, own), review.review(data, own)
    marks = dataset.happened(data, own)
    assert marks["launches"] == [{"place": "甲社区/1号院", "month": "2023-09"}]
    course = Trend("month", _chart(), None, "few")
    trends = (
        charts_effect.monthly_effect(found),
        charts_effect.channels(found),
        charts.complaint_trend(seen["complaints"]),
        charts.months_by_colour(seen["months"], marks),
        charts_courtyards.course(course, "response", POLICY, marks),
    )
    for figure in trends:
        assert [(s.x0, s.line.dash) for s in figure.layout.shapes][:2] == [(7.5, "solid"), (4, "dot")]
        assert "① 2023年5月 事件1" in figure.layout.meta["foot"]
        assert "事件2" not in figure.layout.meta["foot"], "another courtyard's"


def _chart():
    return control_limits.p_chart(
        pd.Series([1] * 24, index=month_labels(24)), pd.Series([2] * 24, index=month_labels(24))
    )
