"""Tables as people read them: words beside figures, states with their names, residents hidden."""

from __future__ import annotations

import pandas as pd
import pytest
from pandas import Timestamp

from analytics import breakdown, cases, dataset, policy, supervision
from analytics.dataset import Source
from analytics.frame import typed
from analytics.measures import REGISTRY
from analytics.present import conditions, definitions, tables, tables_cases, tables_supervision
from analytics.review import review
from analytics.scope import Scope

AS_OF = Timestamp("2024-07-01 08:00")
PETITIONS = pd.DataFrame(
    {
        "case_id": ["A1", "A2", "A3"],
        "reported_at": ["2024-06-03 08:05:00", "2024-06-03 08:05:00", "2024-06-25 09:00:00"],
        "community": ["桂东社区"] * 3,
        "courtyard": ["1号院", "1号院", "2号院"],
        "handler": ["物业", "社区", None],
        "assigned_colour": ["green", "green", "yellow"],
        "responded_at": ["2024-06-03 08:10:00", "2024-06-03 08:10:01", None],
        "resolved_at": ["2024-06-04 08:05:00", "2024-06-20 08:05:00", None],
    }
)


@pytest.fixture(scope="module")
def data():
    blank = pd.DataFrame
    courtyards = blank(
        {
            "community": [],
            "courtyard": [],
            "launched_on": pd.to_datetime([]),
            "households": [],
            "residents": [],
        }
    )
    singles = blank({"complaint_id": [], "received_at": pd.to_datetime([]), "community": [], "courtyard": []})
    months = blank({"month": [], "community": [], "courtyard": [], "count": []})
    progress = blank(
        {
            "case_id": ["A3"],
            "reported_at": pd.to_datetime(["2024-06-30 10:00"]),
            "note": ["已联系13812341234"],
            "by": ["王建国"],
        }
    )
    return dataset.at(Source(typed(PETITIONS), singles, months, courtyards, progress), AS_OF, policy.load())


def test_cases_read_in_words(data):
    shown = tables_cases.cases(cases.table(data, cases.select(data, Scope())))
    row = shown.set_index("诉求编号").loc["A2"]
    assert row["颜色"] == "▲ 黄 · 已办结"
    assert row["响应"] == "✕ 超时"
    assert row["响应（分钟）"] == 5.0


def test_months_and_courtyards_show_counts_beside_rates(data):
    found = review(data, Scope())
    (month,) = tables.rated(found["months"], "month", data.policy).to_dict("records")
    assert month["月份"] == "2024年6月"
    assert month["受理"] == 3
    assert month["5分钟响应"] == "3 件中 1 件"
    places = tables.rated(found["courtyards"], "place", data.policy)
    assert places["院落"].tolist() == ["桂东社区 · 1号院", "桂东社区 · 2号院"]
    assert "响应与各院落相比" in places


def test_what_is_urgent_says_how_much_is_over(data):
    shown = tables_supervision.urgent(supervision.items(data, Scope()), AS_OF)
    assert "A3" in shown["诉求编号"].tolist()
    assert shown["还剩或已超"].str.startswith(("还剩", "已超")).all()


def test_the_minutes_of_a_clock_part_at_the_limit(data):
    counts, median = breakdown.time_taken(data, Scope(), "response")
    assert counts[4:6] == [1, 1], "5′00″ is in the fifth bar, 5′01″ in the sixth"
    assert median == pytest.approx((300 + 301) / 2 / 60)


def test_misses_by_hour_lead_to_the_rows_they_count(data):
    missed, due = breakdown.week(data, Scope(), "response")
    monday = missed[0][8]
    narrowing = {"clock": "response", "state": ["missed", "unrecorded"], "weekday": 0, "hour": 8}
    assert (monday, due[0][8]) == (1, 2)
    assert len(cases.select(data, Scope(), narrowing)) == monday


def test_groups_lead_to_their_misses(data):
    for row in breakdown.rates_by(data, Scope(), "handler", "response"):
        assert len(cases.select(data, Scope(), row["narrowing"])) == row["due"] - row["hits"]


def test_only_a_place_has_a_community_before_its_stroke():
    assert tables.group_label("甲社区/1号院", "place") == "1号院"
    assert tables.group_label("水/电", "category") == "水/电"
    assert tables.group_label("社区/物业", "handler") == "社区/物业"
    assert tables.group_label("", "handler") == "未填"


def test_the_slowest_stand_first_and_those_still_waiting_before_all(data):
    order = data.rows["case_id"].to_numpy()[breakdown.slowest(data, Scope(), "response")]
    assert list(order) == ["A3", "A2"]


def test_young_months_are_unsettled(data):
    assert breakdown.unsettled_months(data, Scope()) == ["2024-06"]


def test_a_trend_under_twelve_months_has_no_word(data):
    assert breakdown.trend(review(data, Scope())["months"], "response", AS_OF)["word"] is None


def test_one_petition_is_a_sentence_and_lanes(data):
    course = cases.course(data, cases.find(data, "A2"))
    assert tables.course_sentence(course, AS_OF) == (
        "桂东社区 · 1号院，6月3日 08:05上报；现为▲ 黄 · 已办结，预期● 绿；超期。"
    )
    lanes = tables.course_lanes(course, data.policy, AS_OF)
    assert lanes[0]["label"] == "响应 5分钟"
    assert lanes[0]["state"] == "5′01″ ✕ 超时"
    assert lanes[-1]["late"]


def test_progress_reports_hide_numbers_and_names(data):
    told = tables.progress(data.progress, "A3", AS_OF)
    assert told["反馈内容"].tolist() == ["已联系138****1234"]
    assert told["反馈人"].tolist() == ["王**"]
    assert not len(tables.progress(data.progress, "A3", Timestamp("2024-06-29")))


def test_definitions_are_the_registry_with_the_limits_in_force():
    shown = definitions.indicators(policy.load().with_limit("response", "PT10M"))
    assert len(shown) == len(REGISTRY)
    assert "10分钟响应" in shown["指标"].tolist()
    assert not shown["口径"].str.contains("{", regex=False).any()


def test_a_narrowing_reads_as_chips():
    found = conditions.chips(
        {"clock": ["response"], "state": ["missed"], "month": ["2024-06"], "weekday": ["0"], "hour": ["8"]}
    )
    assert [words for _names, words in found] == ["响应 · 超时", "周一 08 时", "2024年6月"]
    assert conditions.chips({"outcome": ["nonsense"]}) == [(["outcome"], "nonsense")]


def test_accepted_rows_show_colours_in_words_and_no_clock_where_only_the_date_is_known():
    found = pd.DataFrame(
        {
            "case_id": ["A", "B"],
            "reported_at": pd.to_datetime(["2024-06-03 00:00:00", "2024-06-03 08:05:00"]).as_unit("s"),
            "resolved_at": pd.to_datetime(["2024-06-03 09:00:00", None]).as_unit("s"),
            "assigned_colour": ["green", None],
            "date_only": [1, 0],
            "row": [2, 3],
        }
    )
    shown = tables.records(found)
    assert shown["上报时间"].tolist() == ["2024-06-03", "2024-06-03 08:05:00"]
    assert shown["办结时间"].dtype.kind == "M"
    assert shown["预期颜色"].tolist()[0] == "● 绿"
    assert pd.isna(shown["预期颜色"].iloc[1])


def test_the_faults_of_a_flow_record_name_its_columns_in_words():
    found = pd.DataFrame(
        {"row": [4, 9], "column": ["at", ""], "value": ["bad", "合计"], "reason": ["不是时间", "不是记录"]}
    )
    assert tables.rejected(found)["列"].tolist() == ["操作时间", ""]
