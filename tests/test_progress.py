"""How far an import is: told while it reads, checks and writes; given up, the database is as it was."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import Engine

from analytics import intake, store
from analytics.commands.progress import Line
from analytics.intake import sandbox
from analytics.intake.progress import STEPS
from tests.stored import NOW, dump, save

ROWS = 30_000


class GivenUp(Exception):  # noqa: N818 - what a visitor does
    """Raised from inside the work."""


class Heard:
    """Keeps what is told; gives up at the n-th word of a step."""

    def __init__(self, step: str = "", at: int = 0) -> None:
        self.words: list[tuple[str, float]] = []
        self.step, self.at = step, at

    def __call__(self, step: str, share: float) -> None:
        self.words.append((step, share))
        if step == self.step and len(self.of(step)) > self.at:
            raise GivenUp

    def of(self, step: str) -> list[float]:
        return [share for name, share in self.words if name == step]


def csv_text(category: str = "环境", first: int = 0) -> bytes:
    lines = (f"{n},2024-06-03 08:05,甲,{category}" for n in range(first, first + ROWS))
    return ("诉求编号,上报时间,院落,诉求类别\n" + "\n".join(lines)).encode()


def read(text: bytes, tell: Heard) -> intake.Intake:
    return intake.read(text, "a.csv", "petitions", now=NOW, tell=tell)


def workbook(rows: int) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["诉求编号", "上报时间"])
    for n in range(rows):
        book.active.append([f"A{n}", "2024-06-03 08:05"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_every_step_of_an_import_is_told(engine: Engine) -> None:
    heard = Heard()
    save(engine, read(csv_text(), heard), tell=heard)
    save(engine, read(csv_text("物业"), Heard()), tell=heard)
    assert list(dict.fromkeys(step for step, _ in heard.words)) == ["read", "check", "write", "compare"]
    assert set(STEPS) == {step for step, _ in heard.words}
    assert all(0 <= share <= 1 for _step, share in heard.words)
    assert heard.of("check") == [0, 0.25, 0.5, 0.75]  # four columns
    assert heard.of("write")[:3] == pytest.approx([0, 1 / 3, 2 / 3])  # chunks of 10,000


@pytest.mark.parametrize(("step", "at"), [("compare", 0), ("compare", 2), ("write", 0), ("write", 1)])
def test_given_up_while_it_compares_or_writes_nothing_has_changed(engine: Engine, step: str, at: int) -> None:
    save(engine, read(csv_text(), Heard()))
    before, version = dump(engine), store.data_version(engine)
    with pytest.raises(GivenUp):
        save(engine, read(csv_text("物业", first=ROWS // 2), Heard()), tell=Heard(step, at))
    assert (dump(engine), store.data_version(engine)) == (before, version)
    assert len(store.imports(engine)) == 1
    assert store.check(engine).problems == ()
    assert save(engine, read(csv_text("物业", first=ROWS // 2), Heard())).inserted == ROWS // 2


@pytest.mark.parametrize("at", [0, 1, 2])
def test_given_up_at_the_first_import_the_database_is_empty(engine: Engine, at: int) -> None:
    with pytest.raises(GivenUp):
        save(engine, read(csv_text(), Heard()), tell=Heard("write", at))
    assert store.check(engine).rows["petitions"] == 0
    assert store.imports(engine).empty


@pytest.mark.parametrize("step", ["read", "check"])
def test_reading_and_checking_can_be_given_up(step: str) -> None:
    with pytest.raises(GivenUp):
        read(csv_text(), Heard(step))
    with pytest.raises(GivenUp):
        read(csv_text() + b'\n1,"a"b,c', Heard(step))  # record by record


def test_a_workbook_is_told_by_the_child_and_given_up_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_PULSE", 0.01)
    heard = Heard()
    read_rows = intake.read_tables(workbook(8_000), "a.xlsx", tell=heard).rows
    assert len(read_rows) == 8_001
    shares = heard.of("read")
    assert shares == sorted(shares)
    assert len(set(shares)) > 1
    with pytest.raises(GivenUp):
        intake.read_tables(workbook(8_000), "a.xlsx", tell=Heard("read", 2))


def test_a_file_without_rows_leaves_no_import(engine: Engine) -> None:
    only_heading = intake.read("诉求编号,上报时间\n".encode(), "空.csv", "petitions", now=NOW)
    assert [w.code for w in only_heading.warnings] == ["no_rows"]
    assert save(engine, only_heading) == store.Saved(None, 0, 0, 0)
    assert store.imports(engine).empty


def test_a_terminal_sees_one_line_and_a_file_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = Line()
    silent.next = 0
    silent("read", 0.5)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    line = Line()
    for share in (0.5, 0.52):
        line.next = 0 if share == 0.5 else line.next
        line("read", share)
    line.end()
    assert capsys.readouterr().err == "\r正在读取 50 %\r\r             \r"


def test_an_interrupted_command_says_that_nothing_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from analytics.__main__ import main
    from analytics.commands import import_

    def interrupt(_step: str, _share: float) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "a.csv"
    file.write_bytes(csv_text())
    url = str(tmp_path / "a.db")
    monkeypatch.setattr(import_.Line, "__call__", lambda _self, step, share: interrupt(step, share))
    assert main(["import", "petitions", str(file), "--db", url]) == 130
    assert capsys.readouterr().err == "已中断，没有写入任何内容，数据库和导入前一样。\n"
    assert store.imports(store.connect(url)).empty


def test_an_interrupt_behind_the_commit_says_that_it_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from analytics.__main__ import main

    file = tmp_path / "a.csv"
    file.write_bytes(csv_text())
    url, real = str(tmp_path / "a.db"), store.save

    def late(*words: object, **options: object) -> None:
        real(*words, **options)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "save", late)
    assert main(["import", "petitions", str(file), "--db", url]) == 130
    assert "第 1 批在库里" in capsys.readouterr().err
    assert isinstance(store.imports(store.connect(url))["at"][0], pd.Timestamp)
