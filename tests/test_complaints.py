"""Monthly complaints: what is nought, what is unknown, what is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics import complaints
from analytics.launches import launch_review
from analytics.scope import Scope, month_number, month_text

AS_OF = pd.Timestamp("2024-07-01 08:00")
REGISTRY = pd.DataFrame(
    {
        "community": ["甲", "甲"],
        "courtyard": ["1号院", "2号院"],
        "launched_on": pd.to_datetime(["2024-03-01"] * 2),
    }
)
NO_SINGLES = pd.DataFrame({"complaint_id": [], "received_at": pd.to_datetime([]), "courtyard": []})
NO_MONTHS = pd.DataFrame({"month": [], "courtyard": [], "count": []})


def singles(*moments, courtyard="1号院"):
    return pd.DataFrame(
        {
            "complaint_id": [f"C{i}" for i in range(len(moments))],
            "received_at": pd.to_datetime(list(moments)),
            "courtyard": courtyard,
        }
    )


def counted(**months):
    """One row per month and courtyard: counted(**{"1号院": {"2024-01": 3}})."""
    rows = [(m, place, n) for place, values in months.items() for m, n in values.items()]
    return pd.DataFrame(rows, columns=["month", "courtyard", "count"])


def series(single=NO_SINGLES, months=NO_MONTHS, scope=None, as_of=AS_OF, registry=REGISTRY):
    table, _overlap = complaints.monthly(single, months, registry, as_of)
    found = complaints.by_month(complaints.in_scope(table, scope or Scope()))
    return dict(zip([month_text(month) for month in found.index], found["count"], strict=True))


def test_a_covered_month_without_a_single_complaint_is_nought():
    assert series(singles("2024-01-05", "2024-03-05", "2024-03-06")) == {
        "2024-01": 1,
        "2024-02": 0,
        "2024-03": 2,
    }


def test_a_month_absent_from_a_monthly_table_is_unknown():
    found = series(months=counted(**{"1号院": {"2024-01": 3, "2024-03": 2}}))
    assert found["2024-01"] == 3
    assert np.isnan(found["2024-02"])


def test_the_sum_is_unknown_where_one_of_the_places_is():
    table = counted(**{"1号院": {"2024-01": 3, "2024-02": 4}, "2号院": {"2024-02": 1}})
    found = series(months=table)
    assert np.isnan(found["2024-01"])
    assert found["2024-02"] == 5
    assert series(months=table, scope=Scope(courtyards=("甲/1号院",)))["2024-01"] == 3


def test_where_both_shapes_give_a_month_the_monthly_count_holds_and_it_is_said():
    table, overlap = complaints.monthly(
        singles("2024-01-05", "2024-02-05"), counted(**{"1号院": {"2024-01": 9}}), REGISTRY, AS_OF
    )
    first = table[(table["place"] == "甲/1号院") & (table["month"] == month_number("2024-01"))]
    assert list(first["count"]) == [9]
    assert overlap == 1


def test_what_is_dated_after_as_of_is_outside():
    assert series(singles("2024-01-05", "2024-01-20"), as_of=pd.Timestamp("2024-01-10")) == {"2024-01": 1}
    assert series(months=counted(**{"1号院": {"2024-06": 1, "2024-08": 5}})) == {"2024-06": 1}


def test_the_month_that_contains_as_of_is_not_complete():
    table, _overlap = complaints.monthly(
        NO_SINGLES, counted(**{"1号院": {"2024-06": 1, "2024-07": 0}}), REGISTRY, AS_OF
    )
    assert list(table["incomplete"]) == [False, True]


def halves(before=12, after=6, months=12):
    labels = pd.period_range("2023-01", periods=2 * months, freq="M").astype(str)
    return counted(**{"1号院": dict(zip(labels, [before] * months + [after] * months, strict=True))})


def test_half_the_complaints_are_a_ratio_of_half_by_daily_rates():
    table, _overlap = complaints.monthly(NO_SINGLES, halves(), REGISTRY, pd.Timestamp("2025-03-01"))
    launch = launch_review(complaints.by_month(table), "2024-01")
    # 366 days after, 365 before: the ratio of daily rates is half × 365/366.
    assert launch["plain"]["ratio"] == 0.5 * 365 / 366
    assert (launch["plain"]["before_mean"], launch["plain"]["after_mean"]) == (12, 6)
    assert launch["verdict"] == "确有下降"


def test_6_instead_of_12_in_all_is_minus_50_percent_and_may_be_chance():
    labels = ["2023-06", "2023-07", "2023-08", "2023-09"]
    table, _overlap = complaints.monthly(
        NO_SINGLES, counted(**{"1号院": dict(zip(labels, [6, 6, 3, 3], strict=True))}), REGISTRY, AS_OF
    )
    launch = launch_review(complaints.by_month(table), "2023-08")
    low, high = launch["plain"]["interval"]
    assert low < 0.16 < 1.3 < high
    assert launch["series"] is None
    assert launch["verdict"] is None
    assert launch["verdict_code"] == "too_early"


def test_nothing_at_all_is_empty_not_an_error():
    assert series() == {}


def by_category(single, months=NO_MONTHS, registry=REGISTRY):
    table, _overlap = complaints.monthly(single, months, registry, AS_OF)
    launches = {"甲/1号院": "2024-03"}
    return complaints.by_category(complaints.dated(single, registry, AS_OF), table, launches)


def test_categories_are_means_of_the_complete_months_on_either_side_of_the_launch():
    single = singles("2024-01-05", "2024-01-06", "2024-02-07", "2024-03-08", "2024-06-09", "2024-07-01")
    found = by_category(single.assign(category=["噪音", "噪音", None, "噪音", "停车", "停车"]))
    assert found == [
        {"category": "", "before": 0.5, "after": 0.0},
        {"category": "停车", "before": 0.0, "after": 0.25},
        {"category": "噪音", "before": 1.0, "after": 0.25},
    ], "2 months before, 4 after; July is not over"


def test_categories_are_unknown_without_a_category_or_without_single_complaints():
    single = singles("2024-01-05", "2024-04-08")
    assert by_category(single) is None
    assert by_category(NO_SINGLES, counted(**{"1号院": {"2024-01": 3, "2024-04": 2}})) is None
    assert by_category(single.assign(category="噪音").iloc[1:]) is None, "no month before the launch"


def test_another_communitys_complaints_do_not_stretch_the_months_known():
    registry = pd.DataFrame(
        {"community": ["甲", "乙"], "courtyard": ["1号院", "5号院"], "launched_on": [pd.NaT] * 2}
    )
    both = pd.concat([singles("2024-01-05", "2024-02-05"), singles("2024-06-05", courtyard="5号院")])
    assert series(both, scope=Scope(communities=("甲",)), registry=registry) == {"2024-01": 1, "2024-02": 1}


def test_single_complaints_of_a_neighbour_do_not_fill_the_gaps_of_a_monthly_table():
    table = counted(**{"1号院": {"2024-01": 7, "2024-03": 5}})
    found = series(
        singles("2024-01-05", "2024-05-05", courtyard="2号院"), table, Scope(courtyards=("甲/1号院",))
    )
    assert list(found) == ["2024-01", "2024-02", "2024-03"]
    assert np.isnan(found["2024-02"])
