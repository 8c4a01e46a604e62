"""The benchmarks run, and their engines agree; how fast they are is not a test's business."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import streamlit as st

import benchmarks.__main__ as whole
from analytics import policy
from benchmarks import data, intake, ours, pages


def test_reviews_of_three_engines_agree(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(whole, "ROUNDS", 1)
    whole.main((600,))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == ["ours", "polars", "duckdb"] * 2


def test_a_disagreement_ends_the_benchmark() -> None:
    petitions = data.source(300).petitions
    answers = [
        ours.Review(part, data.AS_OF, policy.load()).review() for part in (petitions, petitions.iloc[:-1])
    ]
    with pytest.raises(SystemExit, match="other does not agree on"):
        whole.agree({"ours": answers[0], "other": answers[1]})


def here(task: str, subject: str, database: Path) -> intake.Cost:
    """A task without a process of its own, which takes most of the time of a small file."""
    intake.TASKS[task](subject, str(database))
    return intake.Cost(1, 1, 1)


def test_every_way_of_storing_a_file_stores_as_many_rows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(intake, "measured", here)
    intake.main(["--csv", "120", "--xlsx", "60"])
    lines = capsys.readouterr().out.splitlines()
    names = [line[:34].strip() for line in lines if line.endswith("x CPU of ours")]
    again = ["the same file again", "taking the second import back", "taking the first import back"]
    assert names == ["this program", *intake.OF_CSV, *again, "this program", *intake.OF_XLSX, *again]


def test_a_run_that_fails_ends_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        intake.measured("ours", str(tmp_path / "nothing.csv"), tmp_path / "a.db")


def test_every_page_is_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")  # given back afterwards
    monkeypatch.setattr(pages, "PAGES", ("overview", "clocks"))
    st.cache_resource.clear()  # what tests before this one have opened
    times = pages.on_server(pages.filled(tmp_path, 400), rounds=1)
    assert {page: len(taken) for page, taken in times.items()} == {"overview": 1, "clocks": 1}
    assert all(milliseconds > 0 for taken in times.values() for milliseconds in taken)
