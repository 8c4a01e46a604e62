"""Months that look incomplete are flagged wherever a chart or a table goes by month."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics import dataset, policy, store, unfinished
from analytics.present import charts, tables
from analytics.present.charts_incomplete import flag_months
from analytics.report.content import content
from analytics.review import review
from analytics.scope import Scope
from tests.stored import intake, save

AS_OF = pd.Timestamp("2024-08-20 12:00")


@pytest.fixture
def data(engine):
    """Thirty petitions in each month up to June, one in July, none since; twenty complaints a month to May."""
    months = pd.period_range("2023-07", "2024-06", freq="M")
    times = [month.start_time + pd.Timedelta(days=n % 28) for month in months for n in range(30)]
    rows = [{"case_id": str(i), "reported_at": at, "courtyard": "甲"} for i, at in enumerate(times)]
    rows.append({"case_id": "last", "reported_at": pd.Timestamp("2024-07-02"), "courtyard": "甲"})
    save(engine, intake(*rows))
    counted = [{"month": str(m), "courtyard": "甲", "count": 20} for m in months[:-1]]
    save(engine, intake(*counted, kind="complaint_months"))
    return dataset.at(dataset.load(engine), AS_OF, policy.load())


def test_the_core_decides_which_months(data):
    found = unfinished.channels(data, Scope())
    assert {channel: unfinished.flagged(late, AS_OF) for channel, late in found.items()} == {
        "petitions": {"2024-07", "2024-08"},
        "complaints": {"2024-06", "2024-07", "2024-08"},
    }


def test_a_chart_by_month_has_them_on_a_pale_ground(data):
    rows = review(data)["months"]
    plain = charts.months_by_colour(rows)
    months = list(plain.layout.xaxis.categoryarray)
    drawn = flag_months(plain, {"2024-07"})
    (ground,) = [shape for shape in drawn.layout.shapes if shape.layer == "below" and shape.type == "rect"]
    at = months.index("2024-07")
    assert (ground.x0, ground.x1) == (at - 0.5, at + 0.5)
    said = [
        text
        for trace in drawn.data
        for x, text in zip(trace.x, trace.hovertext, strict=True)
        if x == "2024-07"
    ]
    assert said
    assert all(text.endswith("（可能没有收齐）") for text in said if text)
    assert flag_months(plain, {"2019-01"}) is plain


def test_a_table_by_month_says_it_beside_the_month(data):
    rows = review(data)["months"]
    shown = tables.rated(rows, "month", policy.load(), {"2024-07"})["月份"].tolist()
    assert [name for name in shown if "没有收齐" in name] == ["2024年7月（可能没有收齐）"]
    wide = pd.DataFrame({"2024-06": [1], "2024-07": [2]}, index=["/甲"])
    assert list(tables.complaint_months(wide, {"2024-07"}).columns)[-2:] == [
        "2024年7月（可能没有收齐）",
        "2024年6月",
    ]


def test_nothing_is_flagged_but_the_running_month_where_all_is_in(engine):
    days = pd.date_range("2023-08-01", AS_OF, freq="D")
    rows = [{"case_id": str(i), "reported_at": at, "courtyard": "甲"} for i, at in enumerate(days)]
    save(engine, intake(*rows))
    whole = dataset.at(dataset.load(engine), AS_OF, policy.load())
    late = unfinished.channels(whole, Scope())["petitions"]
    assert unfinished.flagged(late, AS_OF) == {"2024-08"}
    assert store.check(engine).problems == ()


def test_the_report_says_so(data):
    (notes,) = [part for part in content(data, "2024-07", Scope()).annexes if part.id == "notes"]
    said = [one.id for one in notes.sentences if "没有收齐" in one.text or "还没有数据" in one.text]
    assert said == ["notes.unfinished_petitions", "notes.unfinished_complaints"]


def test_the_report_draws_a_month_apart_that_is_too_low_to_be_whole(engine):
    days = pd.date_range("2023-08-01", AS_OF, freq="D")
    save(
        engine,
        intake(*({"case_id": str(i), "reported_at": at, "courtyard": "甲"} for i, at in enumerate(days))),
    )
    months = [str(m) for m in pd.period_range("2023-08", "2024-07", freq="M")]
    counts = [20] * 11 + [1]
    rows = [{"month": m, "courtyard": "甲", "count": n} for m, n in zip(months, counts, strict=True)]
    save(engine, intake(*rows, kind="complaint_months"))
    data = dataset.at(dataset.load(engine), AS_OF, policy.load())
    (effect,) = [part for part in content(data, "2024-07", Scope()).sections if part.id == "effect"]
    (chart,) = effect.charts
    lines = {line.name: line.values[-2:] for line in chart.series}
    assert lines == {"网络理政投诉": (20, None), "未收齐的月份": (None, 1)}
