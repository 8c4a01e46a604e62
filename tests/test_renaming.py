"""丽晶公馆 = 丽晶公馆小区: the same place under two names counts as one, and can be taken back."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics import dataset, policy, renaming, store
from tests.stored import NOW, intake, save

OLD, NEW = "太极社区/丽晶公馆", "太极社区/丽晶公馆小区"


@pytest.fixture
def engine(tmp_path):
    engine = store.connect(str(tmp_path / "names.db"))
    at = pd.Timestamp("2024-06-03 08:00")
    rows = [
        {"case_id": "1", "reported_at": at, "community": "太极社区", "courtyard": "丽晶公馆", "handler": "物业公司"},
        {"case_id": "2", "reported_at": at, "community": "太极社区", "courtyard": "丽晶公馆小区", "handler": "物业"},
        {"case_id": "3", "reported_at": at, "courtyard": "丽晶公馆", "handler": "社区"},
    ]  # fmt: skip
    save(engine, intake(*rows))
    months = [
        {"month": "2024-05", "community": "太极社区", "courtyard": "丽晶公馆", "count": 5},
        {"month": "2024-05", "community": "太极社区", "courtyard": "丽晶公馆小区", "count": 3},
        {"month": "2024-06", "community": "太极社区", "courtyard": "丽晶公馆", "count": 2},
    ]
    save(engine, intake(*months, kind="complaint_months"))
    places = [
        {"community": "太极社区", "courtyard": "丽晶公馆", "households": 100, "residents": 300},
        {"community": "太极社区", "courtyard": "丽晶公馆小区", "households": 120},
    ]
    save(engine, intake(*places, kind="courtyards"))
    return engine


def places_of(engine) -> list[str]:
    return dataset.load(engine).petitions["place"].astype(str).tolist()


def test_two_names_of_one_courtyard_count_as_one_and_come_apart_again(engine):
    before = places_of(engine)
    version = store.data_version(engine)
    store.rename(engine, "place", OLD, NEW, who="测试", now=NOW)
    assert store.data_version(engine) > version
    assert places_of(engine) == [NEW, NEW, NEW]  # the third has no community, which its registered name tells
    store.take_back(engine, "place", OLD)
    assert places_of(engine) == before
    assert store.petition(engine, "1")["courtyard"] == "丽晶公馆"


def test_counts_are_added_and_the_registry_is_filled_up(engine):
    store.rename(engine, "place", OLD, NEW, who="测试", now=NOW)
    found = dataset.open(engine, NOW, policy.load())
    assert found.complaints.set_index("month")["count"].tolist() == [8, 2]
    assert found.places.loc[NEW, ["households", "residents"]].tolist() == [120, 300]
    assert list(found.places.index) == [NEW]


def test_an_unknown_month_of_one_name_leaves_the_sum_unknown():
    counted = pd.DataFrame(
        {"month": "2024-05", "community": "", "courtyard": ["甲", "乙"], "count": [5.0, None], "exposure": [90.0, 90]}
    )  # fmt: skip
    merged = renaming.complaint_months(counted, pd.DataFrame(), renaming.Rules({"/甲": "/乙"}))
    assert merged["count"].isna().tolist() == [True]
    assert merged["exposure"].tolist() == [90]


def test_handlers_have_rules_of_their_own(engine):
    store.rename(engine, "handler", "物业公司", "物业", who="测试", now=NOW)
    assert dataset.load(engine).petitions["handler"].tolist() == ["物业", "物业", "社区"]
    assert store.renamings(engine)[["axis", "old", "new", "who"]].values.tolist() == [
        ["handler", "物业公司", "物业", "测试"]
    ]


def test_rules_are_followed_to_the_end_and_never_in_a_circle(engine):
    store.rename(engine, "place", OLD, NEW, who="测试", now=NOW)
    store.rename(engine, "place", NEW, "太极社区/丽晶", who="测试", now=NOW)
    assert set(places_of(engine)) == {"太极社区/丽晶"}
    with pytest.raises(store.StoreError, match="已经算作"):
        store.rename(engine, "place", "太极社区/丽晶", OLD, who="测试", now=NOW)
    with pytest.raises(store.StoreError, match="已经算作"):
        store.rename(engine, "place", OLD, OLD, who="测试", now=NOW)
    store.rename(engine, "handler", "甲", "乙", who="测试", now=NOW)
    store.rename(engine, "handler", "丙", "甲", who="测试", now=NOW)
    with pytest.raises(store.StoreError, match="已经算作"):
        store.rename(engine, "handler", "甲", "丙", who="测试", now=NOW)
    with pytest.raises(store.StoreError, match="没有"):
        store.take_back(engine, "handler", "谁")


def test_without_rules_nothing_is_touched(engine):
    records = store.courtyards(engine)
    assert renaming.registry(records, renaming.Rules()) is records
