"""Killed, crowded, out of space, copied: the database is exactly before an import or exactly after it."""

from __future__ import annotations

import multiprocessing
import os
import random
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas import DataFrame
from sqlalchemy import Engine, func, select

from analytics import store
from analytics.store.engine import reading, writing
from analytics.store.schema import KINDS, imports, rejections
from tests.stored import counts, dump, intake, save, undo, whole

#: Set it to 200 for the long version.
KILLS = int(os.environ.get("ANALYTICS_KILLS", "20"))
WRITERS = 8

#: A server process that has the store loaded forks each writer, so that a kill falls into the import.
_methods = multiprocessing.get_all_start_methods()
processes = multiprocessing.get_context("forkserver" if "forkserver" in _methods else "spawn")
processes.set_forkserver_preload(["analytics.store", "tests.stored"])


def cases(first: int, last: int, category: str) -> DataFrame:
    """Petitions numbered first … last-1."""
    numbers = range(first, last)
    moment = pd.Series(pd.to_datetime([1_717_000_000 + 60 * n for n in numbers], unit="s"))
    return DataFrame(
        {
            "case_id": pd.Series([f"案{n:06}" for n in numbers], dtype="str"),
            "reported_at": moment.astype("datetime64[s]"),
            "category": pd.Series([category] * len(numbers), dtype="str"),
            "content": pd.Series([f"第 {n} 件，楼道灯不亮" for n in numbers], dtype="str"),
            "row": pd.Series(numbers, dtype="int64"),
        }
    )


def _import_file(url: str, ready: Pipe) -> None:
    """Half of the rows are stored already and change, half are new, some are rejected."""
    engine = store.connect(url)
    file = whole("petitions", cases(2000, 8000, "新"), tuple((n, "phone", "x") for n in range(9000, 9500)))
    ready.send("begins")
    save(engine, file)
    ready.send("ended")


def test_killed_at_any_moment_it_is_before_or_after(url: str) -> None:
    engine = store.connect(url)
    save(engine, whole("petitions", cases(0, 5000, "旧")))
    before, last_batch = dump(engine), 1
    after, duration = _uninterrupted(engine, url)
    undo(engine, 2)
    assert dump(engine) == before
    chance = random.Random(515303)
    outcomes = []
    for _kill in range(KILLS):
        _kill_after(url, chance.uniform(0, duration * 1.1))
        with writing(engine):
            pass  # a server may still be ending what the killed client began
        last_batch = int(store.imports(engine)["batch"].max())
        assert store.check(engine).problems == ()
        live = store.imports(engine)["status"][0] != "undone"
        outcomes.append(live)
        assert _contents(dump(engine)) == _contents(after if live else before)
        if live:
            undo(engine, last_batch)
            assert dump(engine) == before
    assert not all(outcomes), "no kill fell into an import"


def _uninterrupted(engine: Engine, url: str) -> tuple[dict[str, Any], float]:
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_import_file, args=(url, theirs))
    process.start()
    theirs.close()  # so that a child that dies is an error here, not an endless wait
    assert ours.recv() == "begins"
    started = time.monotonic()
    assert ours.recv() == "ended"
    duration = time.monotonic() - started
    process.join()
    return dump(engine), duration


def _kill_after(url: str, seconds: float) -> None:
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_import_file, args=(url, theirs))
    process.start()
    theirs.close()  # so that a child that dies is an error here, not an endless wait
    assert ours.recv() == "begins"
    time.sleep(seconds)
    process.kill()
    process.join()


def _contents(state: dict[str, Any]) -> dict[str, Any]:
    """Without the batch numbers, which go on counting."""
    hidden = {
        kind.table.name: [i for i, c in enumerate(kind.table.c) if c.name in ("first_batch", "batch")]
        for kind in KINDS.values()
    }
    return {
        table: sorted(
            [tuple(v for i, v in enumerate(row) if i not in hidden.get(table, [0])) for row in rows], key=repr
        )
        for table, rows in state.items()
    }


def _import_share(url: str, number: int, together: Barrier, result: Pipe) -> None:
    """Neighbours overlap by a hundred petitions."""
    engine = store.connect(url)
    file = whole("petitions", cases(number * 400, number * 400 + 500, "同"))
    together.wait(60)
    result.send(counts(save(engine, file)))


def test_eight_imports_at_once_all_arrive(url: str) -> None:
    together = processes.Barrier(WRITERS)
    pipes, running = [], []
    for number in range(WRITERS):
        ours, theirs = processes.Pipe()
        process = processes.Process(target=_import_share, args=(url, number, together, theirs))
        process.start()
        theirs.close()
        pipes.append(ours)
        running.append(process)
    results = [pipe.recv() for pipe in pipes]
    for process in running:
        process.join()
    engine = store.connect(url)
    distinct = 400 * WRITERS + 100
    assert sum(inserted for inserted, _updated, _same in results) == distinct
    assert all(sum(result) == 500 for result in results)
    assert len(store.petitions(engine)) == distinct
    assert len(store.imports(engine)) == WRITERS
    assert store.check(engine).problems == ()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one mebibyte."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("挂载小磁盘需要 root：磁盘写满的测试没有在真的磁盘上运行")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("这里不能挂载小磁盘：磁盘写满的测试没有在真的磁盘上运行")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_said_and_leaves_everything_as_it_was(small_disk: Path) -> None:
    engine = store.connect(str(small_disk / "small.db"))
    save(engine, whole("petitions", cases(0, 500, "旧")))
    before = dump(engine)
    with pytest.raises(store.StoreError, match="磁盘"):
        save(engine, whole("petitions", cases(0, 20_000, "新")))
    assert dump(engine) == before
    assert store.check(engine).problems == ()
    assert counts(save(engine, whole("petitions", cases(500, 510, "新")))) == (10, 0, 0)


def test_writes_wait_for_the_disk(engine: Engine) -> None:
    """2 = FULL: a commit that was reported is on the disk. WAL: readers go on while one writes."""
    with writing(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_readers_see_the_state_before_while_one_writes(engine: Engine) -> None:
    save(engine, whole("petitions", cases(0, 10, "旧")))
    with writing(engine) as connection:
        connection.execute(KINDS["petitions"].table.delete())
        assert len(store.petitions(engine)) == 10


def test_a_backup_restores_everything(url: str, tmp_path: Path) -> None:
    engine = store.connect(url)
    save(engine, intake({"courtyard": "1号院", "households": 3}, kind="courtyards"))
    save(engine, whole("petitions", cases(0, 100, "旧"), ((999, "phone", "x"),)))
    store.save_layout(engine, "热线", "petitions", "# 版式")
    before, history = dump(engine), store.imports(engine)
    store.backup(engine, tmp_path / "备份.db")
    save(engine, whole("petitions", cases(50, 150, "新")))
    undo(engine, 3)
    version = store.data_version(engine)
    store.restore(engine, tmp_path / "备份.db")
    assert dump(engine) == before
    pd.testing.assert_frame_equal(store.imports(engine), history)
    assert store.data_version(engine) > version
    assert store.check(engine).problems == ()
    assert save(engine, whole("petitions", cases(200, 201, "新"))).batch in (3, 4)
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(("备份", ".backup"))) == ["备份.db"]


def _restore_file(url: str, path: Path, ready: Pipe) -> None:
    engine = store.connect(url)
    ready.send("begins")
    store.restore(engine, path)
    ready.send("ended")


def test_killed_while_it_restores_it_is_before_or_after(tmp_path: Path) -> None:
    url = str(tmp_path / "restored.db")
    engine = store.connect(url)
    save(engine, whole("petitions", cases(0, 5000, "旧")))
    store.backup(engine, tmp_path / "copy.db")
    after = dump(engine)
    save(engine, whole("petitions", cases(4000, 9000, "新")))
    before, chance = dump(engine), random.Random(515303)
    for _kill in range(max(KILLS // 4, 5)):
        ours, theirs = processes.Pipe()
        process = processes.Process(target=_restore_file, args=(url, tmp_path / "copy.db", theirs))
        process.start()
        theirs.close()
        assert ours.recv() == "begins"
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        process.join()
        assert store.check(engine).problems == ()
        assert dump(engine) in (before, after)
    store.restore(engine, tmp_path / "copy.db")
    assert dump(engine) == after


def test_readers_keep_their_view_while_a_backup_is_restored(engine: Engine, tmp_path: Path) -> None:
    save(engine, whole("petitions", cases(0, 10, "旧")))
    store.backup(engine, tmp_path / "copy.db")
    save(engine, whole("petitions", cases(10, 30, "新")))
    rows = select(func.count()).select_from(KINDS["petitions"].table)
    with reading(engine) as connection:
        assert connection.execute(rows).scalar_one() == 30
        store.restore(engine, tmp_path / "copy.db")
        assert connection.execute(rows).scalar_one() == 30
    assert len(store.petitions(engine)) == 10


def test_a_restore_that_does_not_get_its_turn_is_refused(engine: Engine, tmp_path: Path) -> None:
    save(engine, whole("petitions", cases(0, 10, "旧")))
    store.backup(engine, tmp_path / "copy.db")
    impatient = store.connect(f"sqlite:///{engine.url.database}?timeout=0.2")
    with writing(engine) as connection:
        connection.execute(KINDS["petitions"].table.delete())
        with pytest.raises(store.StoreError, match="没有轮到"):
            store.restore(impatient, tmp_path / "copy.db")
    assert len(store.petitions(engine)) == 0
    store.restore(impatient, tmp_path / "copy.db")
    assert len(store.petitions(engine)) == 10


def test_a_backup_with_other_pages_is_restored_row_by_row(engine: Engine, tmp_path: Path) -> None:
    save(engine, whole("petitions", cases(0, 10, "旧")))
    store.backup(engine, tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as connection:
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("VACUUM")
    before = dump(engine)
    save(engine, whole("petitions", cases(5, 30, "新")))
    store.restore(engine, tmp_path / "copy.db")
    assert dump(engine) == before


def test_a_backup_carries_the_records_to_the_other_kind_of_database(
    engine: Engine, postgres_url: str, tmp_path: Path
) -> None:
    save(engine, whole("petitions", cases(0, 10, "旧")))
    store.backup(engine, tmp_path / "copy.db")
    server = store.connect(postgres_url)
    store.restore(server, tmp_path / "copy.db")
    assert dump(server) == dump(engine)
    assert save(server, whole("petitions", cases(10, 11, "新"))).batch == 2


def test_a_backup_is_good_while_others_import(engine: Engine, tmp_path: Path) -> None:
    save(engine, whole("petitions", cases(0, 100, "旧")))
    before = dump(engine)
    with writing(engine) as connection:
        connection.execute(KINDS["petitions"].table.delete())
        store.backup(engine, tmp_path / "copy.db")
    assert dump(store.connect(str(tmp_path / "copy.db"))) == before


def test_backups_refuse_in_words(engine: Engine, tmp_path: Path) -> None:
    save(engine, whole("petitions", cases(0, 100, "旧")))
    before = dump(engine)
    store.backup(engine, tmp_path / "copy.db")
    with pytest.raises(store.StoreError, match="已存在"):
        store.backup(engine, tmp_path / "copy.db")
    with pytest.raises(store.StoreError, match="没有这个文件夹"):
        store.backup(engine, tmp_path / "nowhere" / "copy.db")
    with pytest.raises(store.StoreError, match="没有这个备份文件"):
        store.restore(engine, tmp_path / "nothing.db")
    half = tmp_path / "half.db"
    whole_copy = (tmp_path / "copy.db").read_bytes()
    half.write_bytes(whole_copy[: len(whole_copy) // 2])
    with pytest.raises(store.StoreError, match=r"损坏|不完整"):
        store.restore(engine, half)
    sqlite3.connect(tmp_path / "empty.db").execute("VACUUM")
    with pytest.raises(store.StoreError, match="不是本程序的备份"):
        store.restore(engine, tmp_path / "empty.db")
    assert dump(engine) == before


def test_check_finds_what_does_not_add_up(engine: Engine) -> None:
    petitions = KINDS["petitions"].table
    save(engine, whole("petitions", cases(0, 10, "旧"), ((99, "phone", "x"),)))
    save(engine, whole("petitions", cases(0, 5, "新")))
    assert store.check(engine) == store.Check((), store.check(engine).rows, 2)
    for harm, problem in (
        (petitions.delete().where(petitions.c.case_id == "案000003"), "第 1 批导入的记录不全"),
        (petitions.update().where(petitions.c.case_id == "案000004").values(batch=7), "不属于任何导入"),
        (rejections.delete(), "第 1 批导入的未收行不全"),
        (imports.update().where(imports.c.batch == 2).values(rows_read=4), "第 2 批导入的行数对不上"),
        (KINDS["petitions"].before.delete(), "第 2 批导入的记录不全"),
    ):
        with writing(engine) as connection:
            connection.execute(harm)
        assert any(problem in sentence for sentence in store.check(engine).problems)


def test_check_finds_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "bad.db"
    engine = store.connect(str(path))
    save(engine, whole("petitions", cases(0, 2000, "旧")))
    with path.open("rb+") as handle:
        handle.seek(path.stat().st_size // 2)
        handle.write(b"\xff" * 5000)
    assert "损坏" in store.check(engine).problems[0]
