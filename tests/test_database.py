"""Records from another database: a table, a query, and only what is new since the last time."""

from __future__ import annotations

import json
import sqlite3

import pytest

from analytics import intake, store
from analytics.__main__ import main
from analytics.intake.database import Origin, read_database
from tests.stored import NOW

ROWS = [
    (900719925474099312, "2024-06-03 08:05:00", "1号院", "2024-06-03 09:00:00"),
    (2, "2024-06-04 08:05:00", "2号院", "2024-06-04 09:00:00"),
]


@pytest.fixture
def other(tmp_path):
    """Somebody's work orders, keyed by a number longer than a spreadsheet can hold."""
    path = tmp_path / "other 库.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table orders (诉求编号 integer, 上报时间 text, 院落 text, updated text)")
        connection.executemany("insert into orders values (?, ?, ?, ?)", ROWS)
    return path


@pytest.fixture
def bring(tmp_path, other, capsys, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", str(tmp_path / "own.db"))

    def run(*words: str) -> tuple[int, dict]:
        code = main(["import", "petitions", "--from-db", f"sqlite:///{other}", *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def change(other, statement: str, *values) -> None:
    with sqlite3.connect(other) as connection:
        connection.execute(statement, values)


def test_a_table_and_a_query_bring_the_same(bring, tmp_path):
    code, report = bring("--table", "orders")
    assert (code, report["rows"]["inserted"]) == (0, 2)
    engine = store.connect(str(tmp_path / "own.db"))
    assert store.petition(engine, "900719925474099312")["courtyard"] == "1号院"
    code, report = bring("--query", "select * from orders where 上报时间 >= '2024-06-04 08:05:00';")
    assert (code, report["rows"]["unchanged"]) == (0, 1)


def test_only_what_is_new_is_read_and_an_undo_turns_back_the_mark(bring, other, tmp_path):
    words = ("--table", "orders", "--watermark", "updated")
    assert bring(*words)[1]["rows"]["read"] == 2
    change(other, "insert into orders values (3, '2024-06-05 08:05:00', '3号院', '2024-06-05 09:00:00')")
    change(other, "insert into orders values (4, '2024-06-05 08:05:00', '3号院', null)")
    report = bring(*words)[1]
    assert report["rows"] == {"read": 3, "inserted": 2, "updated": 0, "unchanged": 1, "rejected": 0}
    store.undo(store.connect(str(tmp_path / "own.db")), 2, who="测试", now=NOW)
    assert bring(*words)[1]["rows"]["inserted"] == 2


def test_a_rejected_row_is_read_again_until_it_is_right(bring, other):
    change(other, "update orders set 上报时间 = '昨天' where 诉求编号 = 2")
    change(other, "insert into orders values (3, '2024-06-05 08:05:00', '3号院', '2024-06-05 09:00:00')")
    words = ("--query", "select * from orders", "--watermark", "updated")
    assert bring(*words)[1]["rows"]["rejected"] == 1
    change(other, "update orders set 上报时间 = '2024-06-04 08:05:00' where 诉求编号 = 2")
    assert bring(*words)[1]["rows"] == {"read": 2, "inserted": 1, "updated": 0, "unchanged": 1, "rejected": 0}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--table", "nothing"), "没有名为"),
        (("--query", "delete from orders"), "只读"),
        (("--query", "with gone as (select 1) delete from orders"), "读不出来"),
        (("--query", "select 1 as x", "--watermark", "y"), "没有「y」这一列"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_written_there(bring, other, words, sentence):
    code, report = bring(*words)
    assert (code, report["status"]) == (2, "refused")
    assert sentence in report["message"]
    with sqlite3.connect(other) as connection:
        assert connection.execute("select count(*) from orders").fetchone() == (2,)


def test_a_missing_database_is_not_made_and_a_password_never_shown(tmp_path):
    with pytest.raises(intake.IntakeRefused) as refused:
        read_database(Origin(f"sqlite:///{tmp_path}/none.db", table="x"))
    assert refused.value.code == "database_failed"
    assert not (tmp_path / "none.db").exists()
    origin = Origin("postgresql://me:secret@127.0.0.1:1/x", table="x")
    with pytest.raises(intake.IntakeRefused) as refused:
        read_database(origin)
    assert "secret" not in refused.value.message + origin.name + repr(origin)
    changed = Origin("postgresql://me:other@127.0.0.1:1/x", table="x")
    assert origin.fingerprint == changed.fingerprint


@pytest.mark.parametrize(
    "words",
    [
        ["import", "petitions"],
        ["import", "petitions", "a.csv", "--from-db", "sqlite:///a.db", "--table", "x"],
        ["import", "petitions", "--from-db", "sqlite:///a.db"],
        ["import", "petitions", "a.csv", "--table", "x"],
        ["import", "events", "--from-db", "sqlite:///a.db", "--table", "x", "--watermark", "y"],
    ],
)
def test_wrong_use_is_one_line(words, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err.count("\n") == 1
