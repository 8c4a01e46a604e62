"""The command line around imports: exit codes, JSON, wrong use in one line, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analytics import store
from analytics.__main__ import main
from analytics.commands import COMMANDS, import_

GOOD = "诉求编号,上报时间,院落,办结时间,诉求人\n001,2024-06-03 08:05,1号院,2024-06-05,张三\n002,2024-06-03 08:06,1号院,,李四\n"
MIXED = GOOD + "003,昨天,1号院,,王五\n"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test has a database of its own."""
    path = str(tmp_path / "test.db")
    monkeypatch.setenv("DATABASE_URL", path)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two petitions."""
    path = tmp_path / "诉求.csv"
    path.write_text(GOOD, encoding="utf-8-sig")
    return path


def run_json(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, dict[str, Any]]:
    """Exit code and the JSON object printed."""
    code = main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_all_rows_in(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    code, report = run_json(capsys, "import", "petitions", file)
    assert code == 0
    assert list(report) == [
        "kind", "file", "status", "encoding", "layout", "batch", "rows", "rejected", "warnings", "message",
    ]  # fmt: skip
    assert (report["status"], report["batch"], report["file"]) == ("accepted", 1, "诉求.csv")
    assert report["rows"] == {"read": 2, "inserted": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    code, report = run_json(capsys, "import", "petitions", file)
    assert (code, report["rows"]["unchanged"]) == (0, 2)


def test_some_rows_rejected_the_rest_in(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text(MIXED, encoding="gb18030")
    code, report = run_json(capsys, "import", "petitions", file)
    assert (code, report["status"], report["encoding"]) == (1, "partial", "gb18030")
    assert report["rows"] == {"read": 3, "inserted": 2, "updated": 0, "unchanged": 0, "rejected": 1}
    (fault,) = report["rejected"]
    assert list(fault) == ["row", "column", "value", "code", "reason"]
    assert (fault["row"], fault["column"], fault["value"]) == (4, "reported_at", "昨天")
    assert main(["import", "petitions", str(file)]) == 1
    assert "第 4 行 上报时间：" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "随便什么\n一行\n", "诉求编号,院落\n1,甲\n"])
def test_a_refused_file_stores_nothing(capsys: pytest.CaptureFixture[str], file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    code, report = run_json(capsys, "import", "petitions", file)
    assert (code, report["status"], report["batch"]) == (2, "refused", None)
    assert "诉求.csv" in report["message"]
    assert main(["import", "petitions", str(file)]) == 2
    streams = capsys.readouterr()
    assert (streams.out, streams.err.count("\n")) == ("", 1)
    assert run_json(capsys, "imports")[1] == {"imports": []}


def test_a_missing_file_and_an_unusable_database_are_refused(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    code, report = run_json(capsys, "import", "petitions", "nothing.csv")
    assert (code, report["status"]) == (2, "refused")
    code, report = run_json(capsys, "import", "petitions", file, "--db", file)
    assert (code, report["status"]) == (2, "refused")
    assert "不是本程序的数据库" in report["message"]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such names")
def test_a_file_name_in_another_encoding(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + "/诉求.csv".encode("gb18030")))
    path.write_text(GOOD, encoding="utf-8")
    code, report = run_json(capsys, "import", "petitions", path)
    assert (code, report["file"]) == (0, "����.csv")


def test_a_dry_run_shows_the_records_and_writes_nothing(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    code, report = run_json(capsys, "import", "petitions", file, "--dry-run")
    assert (code, report["batch"], report["rows"]["inserted"]) == (0, None, 2)
    first, second = report["records"]
    assert first["case_id"] == "001"
    assert first["reported_at"] == "2024-06-03T08:05:00+08:00"
    assert first["resolved_at"] == "2024-06-05T00:00:00+08:00"
    assert first["date_only"] == ["resolved_at"]
    assert (second["resolved_at"], second["row"]) == (None, 3)
    assert run_json(capsys, "imports")[1] == {"imports": []}


def test_dates_of_courtyards_are_dates(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "院落.csv"
    path.write_text("院落,上线日期,户数\n1号院,2024-01-05,30\n", encoding="utf-8")
    _code, report = run_json(capsys, "import", "courtyards", path, "--dry-run")
    assert report["records"][0]["launched_on"] == "2024-01-05"


def test_a_layout_is_a_file_or_a_saved_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_text("NR,OPENED\n7,03/06/2024 08:05\n", encoding="utf-8")
    layout = '[columns]\ncase_id = "NR"\nreported_at = "OPENED"\n[datetime]\nformats = ["%d/%m/%Y %H:%M"]\n'
    toml = tmp_path / "other.toml"
    toml.write_text('kind = "petitions"\n' + layout, encoding="utf-8")
    assert run_json(capsys, "import", "petitions", path, "--layout", toml)[0] == 0
    store.save_layout(store.connect(database), "外来", "petitions", 'kind = "petitions"\n' + layout)
    code, report = run_json(capsys, "import", "petitions", path, "--layout", "外来")
    assert (code, report["layout"], report["rows"]["unchanged"]) == (0, "外来", 1)
    code, report = run_json(capsys, "import", "petitions", path, "--layout", "没有的")
    assert (code, report["status"]) == (2, "refused")
    assert "没有的" in report["message"]


def test_history_and_undo(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert main(["imports"]) == 0
    assert "还没有" in capsys.readouterr().out
    run_json(capsys, "import", "petitions", file, "--who", "李四")
    (entry,) = run_json(capsys, "imports")[1]["imports"]
    assert (entry["batch"], entry["who"], entry["status"], entry["rows"]["inserted"]) == (
        1,
        "李四",
        "accepted",
        2,
    )
    assert entry["at"].endswith("+08:00")
    assert run_json(capsys, "imports", "undo", "1") == (
        0,
        {"undone": 1, "message": "已撤销第 1 批导入，数据恢复到它之前。"},
    )
    assert main(["imports"]) == 0
    assert "已撤销" in capsys.readouterr().out
    assert main(["imports", "undo", "1"]) == 2
    assert "已经撤销" in capsys.readouterr().err


def test_backup_restore_check(capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path) -> None:
    run_json(capsys, "import", "petitions", file)
    assert run_json(capsys, "backup", tmp_path / "b.db")[0] == 0
    run_json(capsys, "imports", "undo", "1")
    assert main(["restore", str(tmp_path / "b.db")]) == 0
    capsys.readouterr()
    code, found = run_json(capsys, "check")
    assert (code, found["ok"], found["rows"]["petitions"], found["last_batch"]) == (0, True, 2, 1)
    assert main(["check"]) == 0
    assert "完好。诉求 2 件，逐件投诉 0 条、月度投诉 0 条。" in capsys.readouterr().out
    assert main(["backup", str(tmp_path / "b.db")]) == 2


def test_check_names_the_last_import_in_force(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    for words in (
        ["import", "petitions", str(file)],
        ["import", "petitions", str(file)],
        ["imports", "undo", "2"],
    ):
        assert main(words) == 0
    assert main(["check"]) == 0
    assert "最近一次有效的导入是第 1 批" in capsys.readouterr().out
    assert main(["imports", "undo", "1"]) == 0
    assert main(["check"]) == 0
    assert "没有有效的导入" in capsys.readouterr().out


def test_a_fault_of_a_whole_row_names_no_column(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text(GOOD + "合计,,2,,\n", encoding="utf-8")
    assert main(["import", "petitions", str(file), "--dry-run"]) == 1
    assert "第 4 行：这一行是合计" in capsys.readouterr().out


def test_the_help_of_imports_names_its_operation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["imports", "--help"]) == 0
    assert "{undo}" in capsys.readouterr().out


def test_common_options_go_before_or_after(
    capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path
) -> None:
    other = str(tmp_path / "other.db")
    assert main(["--db", other, "--json", "import", "petitions", str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["batch"] == 1
    assert main(["imports", "--db", other, "--json", "undo", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["undone"] == 1
    assert run_json(capsys, "imports")[1] == {"imports": []}


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "缺少参数"),
        (["nonsense"], "不能是「nonsense」"),
        (["import"], "缺少参数：KIND"),
        (["import", "cats", "x.csv"], "可选：petitions, complaints"),
        (["import", "petitions", "x.csv", "--colour"], "不认识的参数：--colour"),
        (["import", "petitions", "x.csv", "--sheet"], "--sheet 后面要有一个值"),
        (["imports", "undo", "third"], "「third」"),
        (["--lang", "fr", "imports"], "zh"),
        (["review", "--as-of", "gestern"], "gestern"),
    ],
)
def test_wrong_use_is_one_clear_line(capsys: pytest.CaptureFixture[str], words: list[str], part: str) -> None:
    assert main(words) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.count("\n") == 1
    assert part in streams.err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(
        name in shown for name in ("import", "imports", "review", "sample", "backup", "restore", "check")
    )
    assert "show this help" not in shown
    assert set(COMMANDS) == {
        path.stem
        for path in Path(import_.__file__).parent.glob("*.py")
        if "def register(" in path.read_text(encoding="utf-8")
    }


def test_an_internal_error_shows_no_data(
    capsys: pytest.CaptureFixture[str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_options: Any) -> None:
        raise RuntimeError("张三")

    monkeypatch.setattr(store, "save", fail)
    assert main(["import", "petitions", str(file)]) == 3
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "内部错误 RuntimeError" in line
    assert "ANALYTICS_DEBUG" in line
    assert "张三" not in line
    monkeypatch.setenv("ANALYTICS_DEBUG", "1")
    assert main(["import", "petitions", str(file)]) == 3
    assert "张三" in capsys.readouterr().err


def test_as_a_program_it_speaks_utf_8_whatever_the_console(file: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "analytics", "import", "petitions", str(file)],
        env=environment,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert "诉求.csv" in done.stdout.decode("utf-8")
    assert done.stderr == b""
