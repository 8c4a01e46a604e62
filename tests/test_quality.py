"""What a fault does to the rates; strangers and their likely names; months that look incomplete."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics import dataset, faults, policy, quality, store, unfinished
from analytics.measures import evaluate
from analytics.rollup import build
from analytics.scope import Scope
from tests.stored import NOW, intake, save

DAY = "2024-06-03"


def petition(case_id: str, responded: str | None = None, **more):
    record = {"case_id": case_id, "reported_at": f"{DAY} 08:00", "courtyard": "1号院", "handler": "社区"}
    record["responded_at"] = responded and f"{DAY} {responded}"
    return record | more


def opened(tmp_path, *batches, as_of=NOW, **kinds) -> dataset.Dataset:
    engine = store.connect(str(tmp_path / "quality.db"))
    for rows in batches:
        save(engine, intake(*rows))
    for kind, rows in kinds.items():
        save(engine, intake(*rows, kind=kind))
    return dataset.open(engine, as_of, policy.load())


def test_a_rate_now_and_without_the_faulty_rows(tmp_path):
    """Met, missed, at zero seconds (met): 2/3 now, 1/2 without it."""
    found = opened(
        tmp_path, [petition("1", "08:04"), petition("2", "09:00"), petition("3", "08:00")]
    )  # fmt: skip
    (effect,) = [e for e in quality.effects(found, Scope()) if e.kind == "zero_seconds"]
    assert effect.count == 1
    assert (effect.now["response"].rate, effect.without["response"].rate) == (2 / 3, 1 / 2)
    assert effect.change("response") == pytest.approx(-1 / 6)
    assert effect.change("on_time") is None  # no deadline: unknown with them and without
    assert effect.without["on_time"].rate is None


def test_subtracting_is_the_same_as_measuring_the_rest(tmp_path):
    rows = [petition(str(i), f"08:{i:02d}", resolved_at=f"{DAY} 08:{i:02d}") for i in range(12)]
    rows += [petition("x", None, resolved_at=f"{DAY} 09:00"), petition("y", "07:00", handler="张三")]
    found = opened(tmp_path, rows)
    for effect in quality.effects(found, Scope()):
        rest = found.rows[~faults.find(found.rows, effect.kind)]
        rest.attrs = dict(found.rows.attrs)
        alone = evaluate(build(rest))
        assert effect.without == {name: alone.value(name) for name in quality.RATES}
        assert effect.count == len(found.rows) - len(rest)


def test_faults_by_import_and_courtyard(tmp_path):
    found = opened(
        tmp_path,
        [petition("1", "07:00"), petition("2", "08:01")],
        [petition("3", "07:00", courtyard="2号院"), petition("4", "07:00", courtyard="2号院")],
    )
    kind = "negative_response"
    assert quality.by_source(found, Scope(), kind).values.tolist() == [[2, 2, 2], [1, 1, 2]]
    assert quality.by_place(found, Scope(), kind).values.tolist() == [["/2号院", 2, 2], ["/1号院", 1, 2]]
    assert quality.petitions_with_a_fault(found, Scope(courtyards=("/1号院",))) == 2  # no community either


def test_near_duplicates_stand_beside_the_earlier_one(tmp_path):
    rows = [petition("1", phone="1"), petition("2", phone="1") | {"reported_at": f"{DAY} 08:03"}]
    found = opened(tmp_path, rows)
    (pair,) = quality.pairs(found, Scope()).to_dict("records")
    assert (pair["case_id"], pair["twin"], pair["apart"]) == ("2", "1", 180)
    assert faults.counts(found.rows)["near_duplicate"] == 1
    earlier = dataset.at(
        dataset.load(store.connect(str(tmp_path / "quality.db"))), f"{DAY} 08:01", policy.load()
    )
    assert len(quality.pairs(earlier, Scope())) == 0


def test_unknown_names_and_what_they_seem_to_mean(tmp_path):
    rows = [
        petition("1", courtyard="丽晶公馆", handler="物业"),
        petition("2", courtyard="丽晶公馆小区", handler="楼长"),
    ]
    registry = [{"community": "", "courtyard": "丽晶公馆小区", "households": 3}]
    found = opened(tmp_path, rows, courtyards=registry)
    assert quality.unknown_courtyards(found, Scope()).values.tolist() == [["/丽晶公馆", 1, "/丽晶公馆小区"]]
    assert quality.unknown_handlers(found, Scope()).values.tolist() == [["楼长", 1, ""]]
    assert faults.counts(found.rows)["unknown_courtyard"] == 1


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("甲/丽晶公馆", "甲/丽晶公馆小区"),
        ("/丽晶 公馆", "甲/丽晶公馆小区"),
        ("乙/丽晶公馆", ""),
        ("甲/小区", ""),
        ("甲/１号院", "甲/1号院"),
        ("/1号院", ""),  # two communities have one
    ],
)
def test_a_suggestion_is_made_only_where_one_name_fits(name, meant):
    assert quality.suggestion(name, ["甲/丽晶公馆小区", "甲/1号院", "乙/1号院"]) == meant


def monthly(counts, first="2023-06") -> list[dict]:
    months = pd.period_range(first, periods=len(counts), freq="M").astype(str)
    return [{"month": m, "courtyard": "1号院", "count": n} for m, n in zip(months, counts, strict=True)]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([20] * 13, None),
        ([20] * 12 + [13], None),  # low, but not below three fifths
        ([20] * 12 + [3], (("2024-06",), "low")),
        ([3] * 12 + [1], None),  # chance
        ([2, 40] * 6 + [8], None),  # months have always scattered
        ([20] * 12, (("2024-06",), "absent")),
        ([20] * 4 + [2], None),  # too short to tell
    ],
)
def test_last_months_of_complaints(tmp_path, counts, expected):
    first = "2024-02" if len(counts) < 6 else "2023-06"
    found = unfinished.complaints(opened(tmp_path, complaint_months=monthly(counts, first)), Scope())
    assert (found and (found.months, found.reason)) == expected


def test_a_fall_after_a_launch_is_no_missing_data(tmp_path):
    registry = [{"courtyard": "1号院", "launched_on": pd.Timestamp("2024-05-10")}]
    found = opened(tmp_path, complaint_months=monthly([20] * 12 + [3]), courtyards=registry)
    assert unfinished.complaints(found, Scope()) is None


def test_petitions_that_stop_are_said_to_stop(tmp_path):
    days = pd.date_range("2024-01-01", "2024-05-20", freq="D")
    rows = [petition(str(day.date()), reported_at=str(day)) for day in days]
    found = opened(tmp_path, [row | {"responded_at": None} for row in rows], as_of="2024-07-01 08:00")
    silent = unfinished.petitions(found, Scope())
    assert (silent.months, silent.reason) == (("2024-05", "2024-06"), "silent")
    assert silent.last == pd.Timestamp("2024-05-20")
    assert unfinished.petitions(dataset_at(tmp_path, "2024-05-22"), Scope()) is None


def dataset_at(tmp_path, moment):
    return dataset.open(store.connect(str(tmp_path / "quality.db")), moment, policy.load())
