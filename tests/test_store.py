"""What goes in comes out; which value wins; every refusal in one sentence."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import DataFrame, Timestamp
from sqlalchemy import Engine, event, text

from analytics import store
from analytics.store import bulk, unchanged
from analytics.store.engine import reading, writing
from analytics.store.schema import TIME_BITS, meta
from analytics.vocabulary import MILESTONES
from tests.stored import NOW, counts, dump, intake, save, whole

ONE = {
    "case_id": "00123",
    "reported_at": "2024-06-03 08:05:00",
    "courtyard": "1号院",
    "community": None,
    "category": "漏水",
    "content": "三楼\n漏水，“急”",
    "assigned_colour": "yellow",
    "responded_at": "2024-06-03 08:09:00",
    "resolved_at": None,
    "needs_visit": True,
    "unsolvable": None,
    "handovers": 2,
    "satisfaction": 5,
    "resident": "张三",
}


def test_what_goes_in_comes_out(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake(ONE, ONE | {"case_id": "NA", "reported_at": "2024-06-02 00:00:00"}))
    found = store.petition(engine, "00123")
    assert found is not None
    assert {name: found[name] for name in ONE if not name.endswith("_at")} == {
        name: value for name, value in ONE.items() if not name.endswith("_at")
    }
    assert found["reported_at"] == Timestamp("2024-06-03 08:05:00")
    assert found["resolved_at"] is None
    assert (found["batch"], found["phone"]) == (1, None)
    assert store.petition(engine, "nobody") is None


def test_the_frame_is_typed_and_sorted(url: str) -> None:
    engine = store.connect(url)
    save(
        engine, intake(ONE, ONE | {"case_id": "NA", "reported_at": "2024-06-02 00:00:00", "courtyard": None})
    )
    frame = store.petitions(engine)
    assert frame["case_id"].tolist() == ["NA", "00123"]
    assert frame["reported_at"].dtype == "datetime64[s]"
    assert frame["courtyard"].isna().tolist() == [True, False]
    assert frame["assigned_colour"].cat.categories.tolist() == ["green", "yellow", "red", "grey"]
    assert frame["needs_visit"].tolist() == [1, 1]
    assert frame["unsolvable"].tolist() == [-1, -1]
    assert (frame["satisfaction"].dtype, frame["handovers"].dtype) == ("int8", "int16")
    assert not {"resident", "phone", "content", "follow_up_note"} & set(frame.columns)
    assert store.petitions(engine, ["phone"]).columns.tolist() == ["phone", "date_only", "recorded"]


def test_an_empty_database_gives_empty_typed_frames(url: str) -> None:
    engine = store.connect(url)
    assert store.petitions(engine)["reported_at"].dtype == "datetime64[s]"
    for read in (store.complaints, store.complaint_months, store.courtyards, store.progress, store.imports):
        assert read(engine).empty
    assert store.petition_texts(engine, [], ["content"]).empty
    assert store.sample_as_of(engine) is None


def test_times_are_kept_as_utc_seconds_and_shown_by_sql(engine: Engine) -> None:
    save(engine, intake(ONE | {"reported_at": "2024-06-03 07:59:59"}))
    query = "SELECT reported_at, datetime(reported_at, 'unixepoch', '+8 hours') FROM petitions"
    with reading(engine) as connection:
        seconds, local = connection.execute(text(query)).one()
    assert seconds == Timestamp("2024-06-02 23:59:59", tz="UTC").timestamp()
    assert local == "2024-06-03 07:59:59"


def test_masks_tell_dates_from_times_and_recorded_columns(url: str) -> None:
    engine = store.connect(url)
    row = ONE | {"resolved_at": "2024-06-05"}
    save(engine, intake(row, date_only=("resolved_at",)))
    frame = store.petitions(engine)
    assert frame["resolved_at"][0] == Timestamp("2024-06-05")
    assert frame["date_only"][0] == TIME_BITS["resolved_at"]
    assert frame["recorded"][0] == sum(TIME_BITS[n] for n in ("reported_at", "responded_at", "resolved_at"))


def test_the_same_file_again_changes_nothing(url: str) -> None:
    engine = store.connect(url)
    assert counts(save(engine, intake(ONE))) == (1, 0, 0)
    before, version = dump(engine), store.data_version(engine)
    assert counts(save(engine, intake(ONE))) == (0, 0, 1)
    assert dump(engine) == before
    assert store.data_version(engine) > version


def test_a_correction_replaces_and_a_blank_does_not_erase(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake(ONE))
    corrected = {**ONE, "category": "堵塞", "courtyard": None, "satisfaction": 4}
    assert counts(save(engine, intake(corrected))) == (0, 1, 0)
    found = store.petition(engine, "00123")
    assert found is not None
    assert (found["category"], found["courtyard"], found["satisfaction"], found["batch"]) == (
        "堵塞",
        "1号院",
        4,
        2,
    )


def test_an_older_export_only_fills_blanks(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake(ONE | {"resolved_at": "2024-06-05 10:00:00"}))
    older = ONE | {"resolved_at": None, "category": "旧类别", "community": "太极社区"}
    saved = save(engine, intake(older))
    found = store.petition(engine, "00123")
    assert found is not None
    assert (found["category"], found["community"]) == ("漏水", "太极社区")
    assert found["resolved_at"] == Timestamp("2024-06-05 10:00:00")
    assert [(w.code, w.rows) for w in saved.warnings] == [("older_row", (2,))]


def test_a_file_without_the_column_is_not_an_older_one(engine: Engine) -> None:
    save(engine, intake(ONE | {"resolved_at": "2024-06-05 10:00:00"}))
    saved = save(
        engine, intake({"case_id": "00123", "reported_at": ONE["reported_at"], "category": "新类别"})
    )
    assert (counts(saved), saved.warnings) == ((0, 1, 0), ())


@pytest.mark.parametrize(
    ("first", "second", "kept", "is_date"),
    [
        (("2024-06-05 10:00:00", False), ("2024-06-05", True), "2024-06-05 10:00:00", False),
        (("2024-06-05", True), ("2024-06-05 10:00:00", False), "2024-06-05 10:00:00", False),
        (("2024-06-05", True), ("2024-06-05 00:00:00", False), "2024-06-05 00:00:00", False),
        (("2024-06-05 10:00:00", False), ("2024-06-06", True), "2024-06-06", True),
        (("2024-06-05 00:00:00", False), ("2024-06-05", True), "2024-06-05 00:00:00", False),
    ],
)
def test_a_date_does_not_erase_the_clock_time_of_its_day(
    engine: Engine, first: tuple[str, bool], second: tuple[str, bool], kept: str, is_date: bool
) -> None:
    for value, only_date in (first, second):
        save(engine, intake(ONE | {"resolved_at": value}, date_only=("resolved_at",) if only_date else ()))
    frame = store.petitions(engine)
    assert frame["resolved_at"][0] == Timestamp(kept)
    assert bool(frame["date_only"][0]) is is_date


def test_a_new_column_is_remembered_as_recorded(engine: Engine) -> None:
    save(engine, intake(ONE))
    more = intake(ONE | {"arrived_at": None})
    assert counts(save(engine, more)) == (0, 1, 0)
    assert store.petitions(engine)["recorded"][0] & TIME_BITS["arrived_at"]


def test_a_dry_run_tells_the_same_and_writes_nothing(url: str) -> None:
    engine = store.connect(url)
    read = intake(ONE, ONE | {"case_id": "2"})
    assert counts(save(engine, read, dry_run=True)) == (2, 0, 0)
    save(engine, intake(ONE))
    before = dump(engine), store.data_version(engine)
    changed = intake(ONE | {"category": "堵塞"}, ONE | {"case_id": "2"})
    saved = save(engine, changed, dry_run=True)
    assert (saved.batch, counts(saved)) == (None, (1, 1, 0))
    assert (dump(engine), store.data_version(engine)) == before
    assert counts(save(engine, changed)) == (1, 1, 0)


def test_rejected_rows_are_kept_with_their_reasons(url: str) -> None:
    engine = store.connect(url)
    saved = save(
        engine, intake(ONE, rejected=((3, "reported_at", "昨天\x00"), (3, "phone", "x"), (4, "case_id", "")))
    )
    assert saved.batch is not None
    faults = store.rejected(engine, saved.batch)
    assert faults[["row", "column", "value"]].to_numpy().tolist() == [
        [3, "reported_at", "昨天"], [3, "phone", "x"], [4, "case_id", ""],
    ]  # fmt: skip
    again = store.rejected_records(engine, saved.batch)
    assert again["行号"].tolist() == [3, 4]
    assert again["未收原因"].tolist() == ["不对；不对", "不对"]
    assert again["编号"].tolist() == ["昨天\x00", ""]
    history = store.imports(engine)
    assert history[["rows_read", "inserted", "rejected"]].to_numpy().tolist() == [[3, 1, 2]]
    assert history["status"].tolist() == ["partial"]
    assert history["at"].tolist() == [NOW]


def test_blank_communities_are_keys_too(url: str) -> None:
    engine = store.connect(url)
    place = {"courtyard": "1号院", "households": 30, "launched_on": "2024-01-01"}
    rows = (place, place | {"community": "甲社区", "households": 40})
    assert counts(save(engine, intake(*rows, kind="courtyards"))) == (2, 0, 0)
    assert counts(save(engine, intake(*rows, kind="courtyards"))) == (0, 0, 2)
    assert counts(save(engine, intake(place | {"households": 31}, kind="courtyards"))) == (0, 1, 0)
    found = store.courtyards(engine)
    assert found["community"].isna().tolist() == [True, False]
    assert found["households"].tolist() == [31, 40]
    assert found["launched_on"].tolist() == [Timestamp("2024-01-01")] * 2


def test_months_and_single_complaints(url: str) -> None:
    engine = store.connect(url)
    month = {"month": "2024-05", "courtyard": "1号院", "count": 7, "exposure": None, "incomplete": None}
    save(
        engine,
        intake(
            month, month | {"month": "2024-06", "exposure": 9.5, "incomplete": True}, kind="complaint_months"
        ),
    )
    save(engine, intake(month | {"count": 8}, kind="complaint_months"))
    found = store.complaint_months(engine)
    assert found["count"].tolist() == [8, 7]
    assert found["exposure"].isna().tolist() == [True, False]
    assert found["incomplete"].isna().tolist() == [True, False]
    single = {
        "complaint_id": "T1",
        "received_at": "2024-05-01 10:00:00",
        "courtyard": "1号院",
        "content": "吵",
    }
    save(engine, intake(single, kind="complaints"))
    assert store.complaints(engine)["content"].tolist() == ["吵"]


def test_progress_reports_are_the_same_when_all_they_say_is(url: str) -> None:
    engine = store.connect(url)
    report = {"case_id": "1", "reported_at": "2024-06-03 08:00:00", "note": "已派单" * 2000, "by": None}
    assert counts(save(engine, intake(report, report, report | {"by": "王五"}, kind="progress"))) == (2, 0, 1)
    assert counts(save(engine, intake(report, kind="progress"))) == (0, 0, 1)
    save(engine, intake(report | {"case_id": "2"}, kind="progress"))
    assert store.progress(engine)["case_id"].tolist() == ["1", "1", "2"]
    assert store.progress(engine, ["2", "9"])["case_id"].tolist() == ["2"]


def test_texts_come_in_the_order_asked_for(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake(*({**ONE, "case_id": f"{i:03}", "content": f"第{i}件"} for i in range(5))))
    found = store.petition_texts(engine, ["003", "001", "nobody", "003"], ["content", "resident"])
    assert found.columns.tolist() == ["case_id", "content", "resident"]
    assert found["content"].tolist() == ["第3件", "第1件"]


def test_search_takes_signs_literally(url: str) -> None:
    engine = store.connect(url)
    texts = {"a": "漏水50%了", "b": "漏水50了", "c": "A_b", "d": "a'b%%"}
    save(engine, intake(*({**ONE, "case_id": key, "content": value} for key, value in texts.items())))
    assert store.search(engine, "50%") == ["a"]
    assert store.search(engine, "漏水") == ["a", "b"]
    assert store.search(engine, "a_B") == ["c"]
    assert store.search(engine, "a'b%%") == ["d"]
    assert store.search(engine, "张三") == []
    assert len(store.search(engine, "张三", ["resident"])) == 4
    assert store.petition_texts(engine, ["d"], ["content"])["content"].tolist() == ["a'b%%"]


def test_samples_give_way_to_the_first_real_import(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake({"courtyard": "示例院"}, kind="courtyards"), sample=True)
    save(engine, intake(ONE), sample=True)
    assert store.sample_as_of(engine) == NOW
    real = intake(ONE | {"case_id": "real"})
    trial = save(engine, real, dry_run=True)
    assert counts(trial) == (1, 0, 0)
    assert "将移出示例数据" in trial.warnings[0].message
    assert store.sample_as_of(engine) == NOW
    saved = save(engine, real)
    assert [w.code for w in saved.warnings] == ["sample_removed"]
    assert "示例数据已移出" in saved.warnings[0].message
    assert store.sample_as_of(engine) is None
    assert store.petitions(engine)["case_id"].tolist() == ["real"]
    assert store.courtyards(engine).empty
    assert store.imports(engine)["status"].tolist() == ["accepted", "replaced", "replaced"]
    with pytest.raises(store.StoreError, match="真实数据"):
        save(engine, intake(ONE), sample=True)


def test_a_courtyard_without_community_is_remarked_on_where_the_registry_cannot_place_it(
    engine: Engine,
) -> None:
    places = [ONE | {"case_id": name, "courtyard": name} for name in ("甲院", "乙院", "丙院")]
    assert save(engine, intake(*places), dry_run=True).warnings == ()
    registry = (("东", "甲院"), ("西", "甲院"), ("东", "乙院"))
    rows = [{"community": community, "courtyard": courtyard} for community, courtyard in registry]
    save(engine, intake(*rows, kind="courtyards"))
    (warning,) = save(engine, intake(*places), dry_run=True).warnings
    assert (warning.code, warning.rows) == ("blank_community", (2, 4))
    assert "2 行没有社区" in warning.message
    assert "「甲院」、「丙院」" in warning.message
    assert save(engine, intake(*(row | {"community": "东"} for row in places)), dry_run=True).warnings == ()
    for name in ("/甲院", "/丙院"):
        store.rename(engine, "place", name, "东/乙院", who="测试", now=NOW)
    assert save(engine, intake(*places)).warnings == ()


def test_a_file_without_accepted_rows_leaves_the_samples(engine: Engine) -> None:
    save(engine, intake(ONE), sample=True)
    empty = intake(columns=("case_id", "reported_at"), rejected=((2, "case_id", ""),))
    assert save(engine, empty).warnings == ()
    assert store.sample_as_of(engine) == NOW


MOMENTS = st.sampled_from([None, "2024-06-05 00:00:00", "2024-06-05 10:00:00", "2024-06-06 00:00:00"])
TEXTS = st.sampled_from([None, "甲", "乙"])


@st.composite
def states(draw: st.DrawFn) -> tuple[dict[str, str | None], bool]:
    """One petition as some file has it: with or without some columns; and whether its dates have no clock."""
    row: dict[str, str | None] = {"case_id": "1", "reported_at": "2024-06-01 08:00:00"}
    for name, values in (
        ("responded_at", MOMENTS),
        ("resolved_at", MOMENTS),
        ("category", TEXTS),
        ("status", TEXTS),
    ):
        if draw(st.booleans()):
            row[name] = draw(values)
    return row, draw(st.booleans())


def _as_dates(row: dict[str, str | None], no_clock: bool) -> set[str]:
    midnight = {n for n in ("responded_at", "resolved_at") if (row.get(n) or "").endswith("00:00:00")}
    return midnight if no_clock else set()


def _merged(
    old: dict[str, str | None], old_dates: set[str], new: dict[str, str | None], new_dates: set[str]
) -> tuple[dict[str, str | None], set[str]]:
    """The rule, row by row, as it reads."""
    older = any(m in new and new[m] is None and old.get(m) is not None for m in MILESTONES)
    merged, dates = dict(old), set(old_dates)
    for name, value in new.items():
        before = old.get(name)
        vaguer = name in new_dates and before is not None and value is not None and before[:10] == value[:10]
        if value is None or (older and before is not None) or (vaguer and name not in old_dates):
            continue
        merged[name] = value
        dates = (dates - {name}) | ({name} & new_dates)
    return merged, dates


@given(st.lists(states(), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_merging_follows_the_rule_row_by_row(files: list[tuple[dict[str, str | None], bool]]) -> None:
    engine = store.connect("sqlite://")
    expected: dict[str, str | None] = {}
    dates: set[str] = set()
    for row, no_clock in files:
        new_dates = _as_dates(row, no_clock)
        save(engine, intake(row, date_only=tuple(new_dates)))
        expected, dates = _merged(expected, dates, row, new_dates)
    found = store.petition(engine, "1")
    assert found is not None
    as_text = {name: str(found[name]) if found[name] is not None else None for name in expected}
    assert as_text == expected
    assert {name for name, bit in TIME_BITS.items() if found["date_only"] & bit} == dates


@pytest.fixture
def many() -> DataFrame:
    """A thousand petitions of different shapes."""
    rng = np.random.default_rng(1)
    times = pd.Series(pd.to_datetime(1_700_000_000 + rng.integers(0, 10_000_000, 1000), unit="s")).astype(
        "datetime64[s]"
    )
    return DataFrame(
        {
            "case_id": pd.Series([f"案{i:04}" for i in range(1000)], dtype="str"),
            "reported_at": times,
            "resolved_at": times.where(rng.random(1000) < 0.5),
            "category": pd.Series(rng.choice(["甲", "乙"], 1000), dtype="str"),
            "follow_up_note": pd.Series([None] * 999 + ["最后一行才有"], dtype="str"),
            "row": range(2, 1002),
            "date_only": np.int32(0),
        }
    )


def test_large_tables_are_read_and_compared_in_columns(
    engine: Engine, many: DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(engine, whole("petitions", many))
    plain = store.petitions(engine, ["case_id", "resolved_at", "category", "follow_up_note"])
    monkeypatch.setattr(bulk, "LARGE", 10)
    monkeypatch.setattr(unchanged, "LARGE", 10)
    pd.testing.assert_frame_equal(plain, store.petitions(engine, plain.columns[:4].tolist()))
    changed = many.copy()
    changed.loc[7, "category"] = "丙"
    changed.loc[8, "resolved_at"] = Timestamp("2024-06-01")
    changed = pd.concat([changed, many.head(1).assign(case_id="新")], ignore_index=True)
    assert counts(save(engine, whole("petitions", changed))) == (1, 2, 998)


def test_reading_goes_on_without_the_other_process(
    engine: Engine, many: DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "LARGE", 10)
    monkeypatch.setattr(unchanged, "LARGE", 10)
    monkeypatch.setattr("analytics.store.apart._READER", Path("nowhere.py"))
    save(engine, whole("petitions", many))
    assert counts(save(engine, whole("petitions", many))) == (0, 0, 1000)
    assert len(store.petitions(engine)) == 1000


def test_reading_columns_does_not_release_the_writers_lock(engine: Engine, many: DataFrame) -> None:
    """A second SQLite in this process would: see analytics.store.apart."""
    save(engine, whole("petitions", many))
    script = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    with writing(engine), pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "LARGE", 10)
        assert len(store.petitions(engine)) == 1000
        other = subprocess.run(
            [sys.executable, "-c", script, str(engine.url.database)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert "database is locked" in other.stderr


def test_layouts_are_remembered_by_name(url: str) -> None:
    engine = store.connect(url)
    store.save_layout(engine, "热线", "petitions", "kind = 'petitions'")
    store.save_layout(engine, "热线", "petitions", "# 新")
    assert store.saved_layout(engine, "热线") == "# 新"
    assert store.saved_layouts(engine)["name"].tolist() == ["热线"]
    store.remove_layout(engine, "热线")
    assert store.saved_layout(engine, "热线") is None
    with pytest.raises(store.StoreError, match="热线"):
        store.remove_layout(engine, "热线")


def test_events_of_the_programme(url: str) -> None:
    engine = store.connect(url)
    version = store.data_version(engine)
    number = store.add_event(
        engine, label="二次上线", kind="launch", on=Timestamp("2024-03-01"), courtyard="1号院"
    )
    found = store.events(engine)
    assert found[["label", "on", "community", "courtyard"]].to_numpy().tolist() == [
        ["二次上线", Timestamp("2024-03-01"), "", "1号院"]
    ]
    store.remove_event(engine, number)
    assert store.events(engine).empty
    assert store.data_version(engine) == version + 2
    with pytest.raises(store.StoreError):
        store.remove_event(engine, number)


def test_what_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    picture = tmp_path / "图片.db"
    picture.write_bytes(b"\x89PNG" * 1000)
    with pytest.raises(store.StoreError, match=r"不是本程序的数据库.*图片\.db"):
        store.connect(str(picture))
    with pytest.raises(store.StoreError, match="打不开"):
        store.connect(str(tmp_path / "没有" / "x.db"))
    with pytest.raises(store.StoreError, match="不支持"):
        store.connect("mysql://localhost/x")
    with pytest.raises(store.StoreError, match="看不懂"):
        store.connect("sqlite:/x://")
    foreign = tmp_path / "别人的.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE petitions (x)")
    connection.close()
    with pytest.raises(store.StoreError, match="别的程序"):
        store.connect(str(foreign))


def test_a_newer_database_is_refused_and_an_older_one_brought_up(engine: Engine) -> None:
    def pretend(version: int) -> None:
        with writing(engine) as connection:
            connection.execute(meta.update().where(meta.c.name == "schema_version").values(value=version))

    save(engine, intake(ONE))
    pretend(99)
    with pytest.raises(store.StoreError, match="99"):
        store.connect(str(engine.url.database))
    pretend(0)
    assert len(store.petitions(store.connect(str(engine.url.database)))) == 1


def test_a_busy_database_is_said_to_be_busy(engine: Engine) -> None:
    impatient = store.connect(f"sqlite:///{engine.url.database}?timeout=0.1")
    with writing(engine), pytest.raises(store.StoreError, match="另一个程序"):
        save(impatient, intake(ONE))
    assert counts(save(impatient, intake(ONE))) == (1, 0, 0)


def test_a_read_only_database_is_said_to_be_one(engine: Engine) -> None:
    save(engine, intake(ONE))
    protected = store.connect(f"sqlite:///file:{engine.url.database}?mode=ro&uri=true")
    assert len(store.petitions(protected)) == 1
    with pytest.raises(store.StoreError, match="不允许写入"):
        save(protected, intake(ONE | {"category": "堵塞"}))


def test_a_full_disk_leaves_everything_as_it_was(engine: Engine, many: DataFrame) -> None:
    save(engine, intake(ONE))
    before = dump(engine)

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 3}")

    event.listen(engine, "connect", limit)
    with pytest.raises(store.StoreError, match="磁盘已满"):
        save(engine, whole("petitions", many))
    event.remove(engine, "connect", limit)
    assert dump(engine) == before
    assert store.check(engine).problems == ()
    assert counts(save(engine, whole("petitions", many))) == (1000, 0, 0)


def test_an_unreachable_server_is_said_to_be_one() -> None:
    with pytest.raises(store.StoreError, match="连不上") as refusal:
        store.connect("postgresql://someone:secret@127.0.0.1:9/x")
    assert "secret" not in str(refusal.value)


def test_errors_carry_no_personal_data(engine: Engine) -> None:
    """A failing statement's parameters would be whole petitions."""
    with writing(engine) as connection:
        connection.execute(
            text("CREATE TRIGGER no BEFORE INSERT ON petitions BEGIN SELECT RAISE(ABORT, 'no'); END")
        )
    with pytest.raises(store.StoreError) as refusal:
        save(engine, intake(ONE))
    assert "张三" not in repr(refusal.value)
    assert refusal.value.__cause__ is None
