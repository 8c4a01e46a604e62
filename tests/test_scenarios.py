"""Scenarios under a name: kept, listed, renamed and let go; an older database learns to keep them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sqlalchemy import inspect, text

from analytics import store, whatif
from analytics.scope import Scope
from analytics.store.engine import schema_version, writing
from analytics.store.schema import SCHEMA_VERSION
from tests.stored import NOW, dump, intake, save
from tests.test_store import ONE

TEN_MINUTES = whatif.Scenario(limits=(("response", "PT10M"),))


def keep(engine, name="十分钟响应", scenario=TEN_MINUTES, **options):
    options = {"scope": Scope().to_text(), "who": "书记", "now": NOW} | options
    return store.save_scenario(engine, name, scenario=whatif.to_address(scenario), **options)


def names(engine):
    return store.scenarios(engine)["name"].tolist()


def test_what_is_kept_comes_back_after_a_restart(url):
    scope = Scope(courtyards=("甲社区/1号院",), first_month="2024-01")
    assert (
        keep(store.connect(url), " 十分钟 响应\n", scope=scope.to_text(), note=" 会上提的 ") == "十分钟 响应"
    )
    found = store.scenario(store.connect(url), "十分钟 响应")
    assert whatif.from_address(found.scenario) == TEN_MINUTES
    assert Scope.from_text(found.scope) == scope
    assert (found.note, found.who, found.at) == ("会上提的", "书记", NOW)


def test_the_list_has_the_newest_first(url):
    engine = store.connect(url)
    assert names(engine) == []
    keep(engine, "早")
    keep(engine, "晚", now=NOW + pd.Timedelta(hours=1))
    found = store.scenarios(engine)
    assert found["name"].tolist() == ["晚", "早"]
    assert found["at"].tolist() == [NOW + pd.Timedelta(hours=1), NOW]


def test_a_taken_name_says_whose_it_is(url):
    engine = store.connect(url)
    keep(engine)
    keep(engine, "另一个")
    for act in (lambda: keep(engine), lambda: store.rename_scenario(engine, "另一个", "十分钟响应")):
        with pytest.raises(
            store.StoreError, match="已有叫「十分钟响应」的情景（书记 于 2024-07-01 12:00 存的）"
        ):
            act()
    assert sorted(names(engine)) == ["十分钟响应", "另一个"]


@pytest.mark.parametrize(("name", "why"), [(" \n ", "要有名字"), ("长" * 41, "最多 40 个字，现在是 41 个")])
def test_a_name_that_is_none_is_refused(engine, name, why):
    with pytest.raises(store.StoreError, match=why):
        keep(engine, name)
    assert names(engine) == []


def test_renaming_keeps_everything_else(url):
    engine = store.connect(url)
    keep(engine, note="记")
    before = store.scenario(engine, "十分钟响应")
    assert store.rename_scenario(engine, "十分钟响应", "放到十分钟") == "放到十分钟"
    after = store.scenario(engine, "放到十分钟")
    assert (after.scenario, after.note, after.at) == (before.scenario, "记", before.at)
    assert store.rename_scenario(engine, "放到十分钟", "放到十分钟") == "放到十分钟"
    assert names(engine) == ["放到十分钟"]


def test_what_is_not_there_is_named_with_what_is(url):
    engine = store.connect(url)
    keep(engine)
    for act in (store.scenario, store.remove_scenario, lambda e, n: store.rename_scenario(e, n, "新")):
        with pytest.raises(store.StoreError, match="没有叫「没有」的情景，有的是：十分钟响应"):
            act(engine, "没有")
    store.remove_scenario(engine, "十分钟响应")
    assert names(engine) == []


def test_it_outlives_the_records_and_no_cache_is_lost_by_it(engine):
    saved = save(engine, intake(ONE), sample=True)
    version = store.data_version(engine)
    keep(engine)
    assert store.data_version(engine) == version
    save(engine, intake(ONE | {"case_id": "00124"}))
    assert saved.batch not in store.imports(engine).query("status == 'accepted'")["batch"].tolist()
    assert names(engine) == ["十分钟响应"]


def test_a_backup_carries_it(url, tmp_path):
    engine = store.connect(url)
    keep(engine)
    store.backup(engine, tmp_path / "backup.db")
    store.remove_scenario(engine, "十分钟响应")
    store.restore(engine, tmp_path / "backup.db")
    assert names(engine) == ["十分钟响应"]


#: What each later version has added: tables, and columns of tables.
ADDED = {
    2: (("renamings", None),),
    3: (("watermarks", None), ("frozen_months", None)),
    4: (("scenarios", None), ("frozen_months", "scenarios")),
}


def made_old(engine, version):
    """The database as a program of an older version had left it."""
    later = [pair for number in sorted(ADDED, reverse=True) if number > version for pair in ADDED[number]]
    with writing(engine) as connection:
        for table, column in later:
            change = f"ALTER TABLE {table} DROP COLUMN {column}" if column else f"DROP TABLE {table}"
            connection.execute(text(change))
        connection.execute(text(f"UPDATE meta SET value = {version} WHERE name = 'schema_version'"))


def structure(engine):
    inspector = inspect(engine)
    return {table: {c["name"] for c in inspector.get_columns(table)} for table in inspector.get_table_names()}


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_older_database_is_brought_up_with_all_that_is_in_it(url, version):
    engine = store.connect(url)
    fresh = structure(engine)
    save(engine, intake(ONE))
    before = dump(engine)
    made_old(engine, version)
    assert "scenarios" not in structure(engine)
    again = store.connect(url)
    assert (schema_version(again), structure(again)) == (SCHEMA_VERSION, fresh)
    assert dump(again) == before
    keep(again)
    assert names(store.connect(url)) == ["十分钟响应"]


def test_a_month_frozen_by_an_older_program_is_still_what_it_was(url):
    engine = store.connect(url)
    month: dict[str, Any] = {
        "month": "2024-06",
        "scope": "{}",
        "as_of": NOW,
        "policy": "{}",
        "data_version": 0,
    }
    texts: dict[str, Any] = {
        "content": b"{}",
        "public": b"{}",
        "petitions": "{}",
        "edits": "{}",
        "scenarios": "{}",
    }
    store.freeze_month(engine, **month, **texts, sample=False, who="书记", now=NOW)
    before = store.frozen_month(engine, "2024-06", "{}")
    made_old(engine, 3)
    assert store.frozen_month(store.connect(url), "2024-06", "{}") == before


def test_a_backup_of_an_older_program_can_be_restored(engine, tmp_path):
    save(engine, intake(ONE))
    made_old(engine, 3)
    store.backup(engine, tmp_path / "old.db")
    store.restore(store.connect(str(tmp_path / "new.db")), tmp_path / "old.db")
    restored = store.connect(str(tmp_path / "new.db"))
    assert len(store.petitions(restored)) == 1
    keep(restored)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(("甲社区",), ("甲社区/1号院", "甲社区/2号院"), "2024-01", "2024-06", ("停车",), ("扫码",), ("物业",), ("red",), ("green",)),
    ],
)  # fmt: skip
def test_a_scope_is_read_back_from_its_text(scope):
    assert Scope.from_text(scope.to_text()) == scope
