"""Taking an import back: the database is exactly what it was before, or the refusal names what stands in the way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import Timestamp
from sqlalchemy import Engine

from analytics import store
from tests.stored import NOW, counts, dump, intake, save, undo

ONE = {"case_id": "1", "reported_at": "2024-06-01 08:00:00", "category": "漏水", "resolved_at": None}
TWO = ONE | {"case_id": "2"}


def test_an_undone_import_leaves_no_trace_but_its_line_in_the_history(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake(ONE, rejected=((3, "case_id", ""),)))
    before = dump(engine)
    changed = intake(ONE | {"category": "堵塞", "status": "办结"}, TWO, rejected=((9, "phone", "x"),))
    assert counts(save(engine, changed)) == (1, 1, 0)
    version = store.data_version(engine)
    store.undo(engine, 2, who="李四", now=Timestamp("2024-07-02 09:00"))
    assert dump(engine) == before
    assert store.data_version(engine) > version
    history = store.imports(engine)
    assert history["status"].tolist() == ["undone", "partial"]
    assert history["undone_by"][0] == "李四"
    assert history["undone_at"][0] == Timestamp("2024-07-02 09:00")
    assert store.check(engine).problems == ()


def test_a_row_that_had_been_updated_gets_its_old_values_back(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake(ONE | {"resolved_at": "2024-06-05"}, date_only=("resolved_at",)))
    save(engine, intake(ONE | {"resolved_at": "2024-06-05 10:00:00"}))
    undo(engine, 2)
    frame = store.petitions(engine)
    assert frame["resolved_at"].tolist() == [Timestamp("2024-06-05")]
    assert frame["date_only"][0] > 0


def test_a_later_import_of_the_same_rows_is_named(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake(ONE))
    save(engine, intake(TWO))
    save(engine, intake(ONE | {"category": "堵塞"}))
    undo(engine, 2)
    with pytest.raises(store.StoreError, match="请先撤销第 3 批"):
        undo(engine, 1)
    undo(engine, 3)
    undo(engine, 1)
    assert store.petitions(engine).empty


def test_an_import_that_found_nothing_new_does_not_stand_in_the_way(engine: Engine) -> None:
    save(engine, intake(ONE))
    save(engine, intake(ONE))
    undo(engine, 1)
    assert store.petitions(engine).empty
    undo(engine, 2)


def test_later_records_of_their_own_and_unchanged_ones_do_not_stand_in_the_way(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake(ONE))
    assert counts(save(engine, intake(ONE))) == (0, 0, 1)
    save(engine, intake(TWO))
    undo(engine, 1)
    assert store.petitions(engine)["case_id"].tolist() == ["2"]
    assert store.check(engine).problems == ()


def test_a_later_record_with_the_id_of_a_sample_is_no_change_of_the_import_before_it(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake(ONE), sample=True)
    save(engine, intake(TWO))
    save(engine, intake(ONE))
    with pytest.raises(store.StoreError, match=r"示例数据回来.*各批：3。"):
        undo(engine, 2)


def test_what_cannot_be_undone_is_said(engine: Engine) -> None:
    save(engine, intake(ONE))
    undo(engine, 1)
    with pytest.raises(store.StoreError, match="已经撤销"):
        undo(engine, 1)
    with pytest.raises(store.StoreError, match="没有第 7 批"):
        undo(engine, 7)


def test_the_same_file_can_come_in_again_after_an_undo(engine: Engine) -> None:
    save(engine, intake(ONE))
    undo(engine, 1)
    assert save(engine, intake(ONE)).batch == 2
    assert store.check(engine).problems == ()


def test_undoing_the_first_real_import_brings_the_samples_back(url: str) -> None:
    engine = store.connect(url)
    save(engine, intake(ONE), sample=True)
    save(engine, intake({"courtyard": "示例院", "households": 3}, kind="courtyards"), sample=True)
    before = dump(engine)
    save(engine, intake(ONE | {"category": "真的"}))
    with pytest.raises(store.StoreError, match="示例数据"):
        undo(engine, 1)
    save(engine, intake(TWO))
    save(engine, intake(TWO))
    with pytest.raises(store.StoreError, match=r"示例数据回来.*请先撤销之后的各批：4。"):
        undo(engine, 3)
    undo(engine, 4)
    undo(engine, 3)
    assert dump(engine) == before
    assert store.sample_as_of(engine) == NOW
    assert store.check(engine).problems == ()


PETITIONS = st.fixed_dictionaries(
    {"case_id": st.sampled_from("12345"), "reported_at": st.just("2024-06-01 08:00:00")},
    optional={
        "category": st.sampled_from([None, "甲", "乙"]),
        "resolved_at": st.sampled_from([None, "2024-06-05 10:00:00", "2024-06-06 00:00:00"]),
        "handovers": st.sampled_from([None, 1, 2]),
    },
)
PLACES = st.fixed_dictionaries(
    {"courtyard": st.sampled_from("甲乙丙"), "households": st.sampled_from([None, 10, 20])},
    optional={"community": st.sampled_from([None, "东", "西"])},
)


def _different(rows: list[dict[str, Any]], *key: str) -> list[dict[str, Any]]:
    return list({tuple(row.get(name) for name in key): row for row in rows}.values())


IMPORTS = st.one_of(
    st.lists(PETITIONS, min_size=1, max_size=5).map(lambda rows: intake(*_different(rows, "case_id"))),
    st.lists(PLACES, min_size=1, max_size=4).map(
        lambda rows: intake(*_different(rows, "community", "courtyard"), kind="courtyards")
    ),
)


@given(st.lists(IMPORTS, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_undoing_in_reverse_order_passes_through_every_earlier_state(files: list[Any]) -> None:
    engine = store.connect("sqlite://")
    states = [dump(engine)]
    for file in files:
        saved = save(engine, file)
        assert sum(counts(saved)) == len(file.records)
        states.append(dump(engine))
        assert counts(save(engine, file, dry_run=True)) == (0, 0, len(file.records))
    assert store.check(engine).problems == ()
    for batch in range(len(files), 0, -1):
        undo(engine, batch)
        assert dump(engine) == states[batch - 1]
        assert store.check(engine).problems == ()
