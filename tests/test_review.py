"""The whole review against a second computation, and its shape as the contract promises it."""

from __future__ import annotations

import collections
import json

import numpy as np
import pandas as pd
import pytest

from analytics import cases, dataset, policy
from analytics.frame import typed
from analytics.review import review
from analytics.scope import Scope
from tests import oracle
from tests.test_complaints import NO_MONTHS, halves
from tests.test_rollup import records

POLICY = policy.load()
AS_OF = pd.Timestamp("2024-08-01 12:00")
REGISTRY = pd.DataFrame(
    {
        "community": ["甲社区", "乙社区"],
        "courtyard": ["1号院", "2号院"],
        "launched_on": pd.to_datetime(["2024-01-05", None]).astype("datetime64[s]"),
        "households": pd.array([30, None], dtype="Int64"),
        "residents": pd.array([70, None], dtype="Int64"),
    }
)
NO_SINGLES = pd.DataFrame({"received_at": pd.to_datetime([]), "courtyard": [], "community": []})
NO_PROGRESS = pd.DataFrame({"case_id": [], "reported_at": pd.to_datetime([])})


def opened(frame, complaint_months=NO_MONTHS, as_of=AS_OF, registry=REGISTRY):
    source = dataset.Source(typed(frame, registry), NO_SINGLES, complaint_months, registry, NO_PROGRESS)
    return dataset.at(source, as_of, POLICY)


@pytest.fixture(scope="module")
def frame():
    return pd.concat([records(seed) for seed in range(12)], ignore_index=True)


def as_petition(row):
    """A row of the table as the second reading takes it: plain datetimes, codes, None for blank."""
    colours = {"绿": "green", "黄": "yellow", "红": "red", "灰": "grey"}
    petition = {n: v.to_pydatetime() if isinstance(v, pd.Timestamp) else v for n, v in row.items()}
    petition = {n: None if v is pd.NaT else v for n, v in petition.items()}
    return {**petition, "assigned_colour": colours.get(row["assigned_colour"])}


SCOPES = {
    "all": (Scope(), lambda p: True),
    "one courtyard": (
        Scope(courtyards=("甲社区/1号院",)),
        lambda p: (p["community"], p["courtyard"]) == ("甲社区", "1号院"),
    ),
    "spring": (
        Scope(first_month="2024-03", last_month="2024-05"),
        lambda p: 3 <= p["reported_at"].month <= 5,
    ),
    "handler": (Scope(handlers=("物业",)), lambda p: p["handler"] == "物业"),
}


@pytest.mark.parametrize("name", SCOPES)
def test_agrees_with_a_second_computation(frame, name):
    scope, wanted = SCOPES[name]
    found = review(opened(frame), scope)
    petitions = [p for p in map(as_petition, frame.to_dict("records")) if wanted(p)]
    as_of = AS_OF.to_pydatetime()
    petitions = [p for p in petitions if p["reported_at"] <= as_of]
    outcomes = collections.Counter(oracle.outcome(p, as_of) for p in petitions)
    assert found["counts"]["petitions"] == len(petitions)
    for colour in oracle_colours():
        assert found["colours"]["actual"][colour] == outcomes[f"closed_{colour}"]
        assert found["colours"]["open_by_age"][colour] == outcomes[f"open_{colour}"]
    for clock in oracle.CLOCKS:
        states = collections.Counter(oracle.clock_state(p, clock, as_of) for p in petitions)
        measured = found["clocks"][clock]
        assert {s: measured[s] for s in states} == dict(states)
        due = states["met"] + states["missed"] + states["unrecorded"]
        assert measured["rate"] == pytest.approx(states["met"] / due)
    on_time = collections.Counter(oracle.resolution_state(p, as_of) for p in petitions)
    assert {s: found["resolution"]["on_time"][s] for s in on_time} == dict(on_time)
    minutes = [
        (p["responded_at"] - p["reported_at"]).total_seconds() / 60
        for p in petitions
        if oracle.clock_state(p, "response", as_of) in ("met", "missed") and p["responded_at"]
    ]
    assert found["clocks"]["response"]["median_minutes"] == pytest.approx(np.median(minutes))
    assert found["clocks"]["response"]["n_recorded"] == len(minutes)


def oracle_colours():
    return ("green", "yellow", "red", "grey")


def test_the_parts_are_the_whole(frame):
    found = review(opened(frame))
    colours = found["colours"]
    size = found["counts"]["petitions"]
    assert sum(colours["actual"].values()) + sum(colours["open_by_age"].values()) + colours["unknown"] == size
    assert sum(colours["assigned"].values()) == size
    assert sum(m["petitions"] for m in found["months"]) == size
    assert sum(c["petitions"] for c in found["courtyards"]) == size
    assert sum(m["count"] for m in colours["migration"]) == sum(colours["actual"].values())


def test_it_is_plain_json_with_the_keys_of_the_contract(frame):
    found = json.loads(json.dumps(review(opened(frame))))
    wanted = "as_of scope counts colours clocks resolution feedback follow_up satisfaction repeats months "
    assert set((wanted + "courtyards complaints data_quality").split()) <= set(found)
    clock = "limit met missed pending unrecorded exempt invalid rate interval upper_bound"
    assert set((clock + " median_minutes p90_minutes n_recorded").split()) <= set(found["clocks"]["plan"])
    assert set(found["resolution"]["closed_by_day"]) == {"3", "30", "182"}
    assert found["as_of"] == "2024-08-01T12:00:00+08:00"
    assert {"courtyard", "petitions", "band"} <= set(found["courtyards"][0])


def test_nothing_at_all_is_unknown_everywhere_and_no_error(frame):
    found = review(opened(frame.head(0)))
    assert found["counts"] == {"petitions": 0, "resolved": 0, "open": 0}
    assert found["clocks"]["response"]["rate"] is None
    assert found["resolution"]["median_days"] is None
    assert found["satisfaction"]["participation"] is None
    assert found["complaints"] == {"months": [], "launch": None, "launches": [], "events": []}


def test_one_launch_is_judged_once_and_differing_ones_each(frame):
    table = halves().assign(community="甲社区")
    one = review(opened(frame, table, as_of=pd.Timestamp("2025-03-01")))["complaints"]
    assert one["launch"]["month"] == "2024-01"
    assert one["launch"]["verdict"] == "确有下降"
    assert len(one["months"]) == 24
    two = pd.concat([table, table.assign(courtyard="2号院", community="乙社区")])
    both = review(opened(frame, two, as_of=pd.Timestamp("2025-03-01")))["complaints"]
    assert both["launch"] is None
    assert [entry["courtyard"] for entry in both["launches"]] == ["1号院"]


def test_the_trend_shows_the_scopes_months_and_the_launch_rests_on_all(frame):
    scope = Scope(first_month="2024-01", last_month="2024-03")
    found = review(
        opened(frame, halves().assign(community="甲社区"), as_of=pd.Timestamp("2025-03-01")), scope
    )
    assert [m["month"] for m in found["complaints"]["months"]] == ["2024-01", "2024-02", "2024-03"]
    assert found["complaints"]["launch"]["plain"]["before"] == 144


def test_the_cases_behind_a_state_are_its_count(frame):
    data = opened(frame)
    found = review(data)
    for state in ("met", "missed", "unrecorded", "pending", "exempt", "invalid"):
        positions = cases.select(data, Scope(), {"clock": "arrival", "state": state})
        assert len(positions) == found["clocks"]["arrival"][state]


def test_the_table_of_cases_is_newest_first_and_holds_no_resident(frame):
    data = opened(frame.assign(resident="某人", phone="100"))
    table = cases.table(data, cases.select(data, Scope()))
    assert table["reported_at"].is_monotonic_decreasing
    assert not {"resident", "phone"} & set(table.columns)


def test_one_petitions_course_is_what_was_known(frame):
    data = opened(frame)
    position = cases.find(data, data.rows["case_id"].iloc[3])
    course = cases.course(data, position)
    assert course["clocks"]["response"]["due"] == course["milestones"]["reported_at"] + pd.Timedelta(
        minutes=5
    )
    assert all(moment <= AS_OF for name, moment in course["milestones"].items() if name != "promised_at")
    assert cases.find(data, "no such id") is None


def test_petitions_per_100_households_and_30_days(frame):
    # 30 households; 1 to 30 June is 30 days: n petitions are n / 0.3 per 100 households.
    scope = Scope(courtyards=("甲社区/1号院",), first_month="2024-06", last_month="2024-06")
    found = review(opened(frame), scope)
    assert found["density"]["per_100_households"] == pytest.approx(found["counts"]["petitions"] / 0.3)
    assert found["courtyards"][0]["per_100_households"] == found["density"]["per_100_households"]
    other = review(opened(frame), Scope(courtyards=("乙社区/2号院",)))
    assert other["density"]["per_100_households"] is None


def test_a_source_without_clock_times_has_no_rate_and_no_band_anywhere():
    names = ["case_id", "reported_at", "courtyard", "community"]
    two = pd.DataFrame(
        [["a", "2024-06-03", "1号院", "甲社区"], ["b", "2024-06-03", "2号院", "乙社区"]], columns=names
    )
    found = review(opened(two))
    assert found["clocks"]["response"]["unrecorded"] == 2
    assert found["clocks"]["response"]["rate"] is None
    assert [(c["response_rate"], c["response_due"], c["band"]) for c in found["courtyards"]] == [
        (None, 1, None)
    ] * 2
    assert found["months"][0]["response_rate"] is None
