"""The whole way of a file, from bytes to checked records; and the codes, as the document explains them."""

from __future__ import annotations

import ast
import gzip
import hashlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import intake
from analytics.intake.faults import FAULTS, REMARKS, TABLE_REFUSALS
from analytics.intake.headings import find_heading, locate
from analytics.intake.layouts import find, load
from analytics.intake.refusals import NOTES, REFUSALS
from analytics.intake.result import IntakeRefused
from tests.tables_by_hand import NOW

ROOT = Path(__file__).parents[1]
LAYOUTS = ROOT / "sample_data" / "layouts"
PETITIONS = ROOT.parent / "shared" / "data" / "petitions"
real_files = pytest.mark.skipif(not PETITIONS.is_dir(), reason="the real files are not here")
GOOD = "诉求编号,上报时间,院落\n001,2024-06-03 08:05,丽晶公馆\n,昨天,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_by_its_bytes(encoding: str) -> None:
    data = GOOD.encode(encoding)
    taken = intake.read(data, "诉求.csv", "petitions", now=NOW)
    assert (taken.file, taken.kind, taken.heading_row, taken.rows_read) == ("诉求.csv", "petitions", 1, 2)
    assert taken.sha256 == hashlib.sha256(data).hexdigest()
    assert taken.records["courtyard"].tolist() == ["丽晶公馆"]
    assert taken.rejected["code"].tolist() == ["required", "bad_time"]
    assert taken.rejected["row"].tolist() == [3, 3]


def test_a_file_by_its_path_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(GOOD.encode()))
    plain, packed = (
        intake.read(tmp_path / name, name, "petitions", now=NOW) for name in ("a.csv", "a.csv.gz")
    )
    pd.testing.assert_frame_equal(plain.records, packed.records)
    assert plain.sha256 != packed.sha256


def test_a_workbook(tmp_path: Path) -> None:
    pd.DataFrame(
        {
            "工单编号": ["001", "002"],
            "受理时间": pd.to_datetime(["2024-06-03 08:05:00", "2024-06-04 00:00:00"]),
            "总户数": [1, 2],
        }
    ).to_excel(tmp_path / "a.xlsx", index=False)
    taken = intake.read(tmp_path / "a.xlsx", "a.xlsx", "petitions", now=NOW)
    assert taken.records["case_id"].tolist() == ["001", "002"]
    assert taken.records["date_only"].tolist() == [0, 1]


def test_the_present_moment_may_have_an_offset() -> None:
    now = pd.Timestamp("2024-06-03 00:05", tz="UTC")
    assert len(intake.read(GOOD.encode(), "a.csv", "petitions", now=now).records) == 1
    earlier = pd.Timestamp("2024-06-03 00:04", tz="UTC")
    assert len(intake.read(GOOD.encode(), "a.csv", "petitions", now=earlier).records) == 0


def test_a_layout_of_another_kind_is_refused() -> None:
    with pytest.raises(IntakeRefused) as refused:
        intake.read(GOOD.encode(), "a.csv", "petitions", now=NOW, layout=load("events"))
    assert refused.value.code == "other_kind"


def test_two_columns_of_one_meaning_and_a_layout_that_names_a_missing_one() -> None:
    data = "诉求编号,上报时间,院落,小区\n1,2024-06-03,甲,乙\n".encode()
    layout = intake.Layout("petitions", "表", columns=(("category", ("类目",)),))
    taken = intake.read(data, "a.csv", "petitions", now=NOW, layout=layout)
    assert [warning.code for warning in taken.warnings] == ["second_column", "layout_column_absent"]
    assert "「小区」" in taken.warnings[0].message
    assert taken.layout == "表"


def test_an_unknown_kind_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="harvest"):
        intake.read(GOOD.encode(), "a.csv", "harvest", now=NOW)


@real_files
def test_council_cases_lose_no_row_and_have_no_clock_times() -> None:
    name = "nyc_council_constituent_services.csv.gz"
    layout = load(LAYOUTS / "nyc_council.toml")
    taken = intake.read(PETITIONS / name, name, "petitions", now=pd.Timestamp("2026-01-01"), layout=layout)
    assert taken.rows_read == 341_299
    assert (len(taken.records), len(taken.rejected)) == (341_194, 105)
    assert set(taken.rejected["code"]) == {"duplicate"}
    source = pd.read_csv(PETITIONS / name, dtype=str, keep_default_na=False).drop_duplicates("unique_key")
    assert taken.records["case_id"].tolist() == source["unique_key"].tolist()
    assert (taken.records["reported_at"].dt.strftime("%Y-%m-%d") == source["opendate"].to_numpy()).all()
    closed = taken.records["resolved_at"].dt.strftime("%Y-%m-%d").fillna("")
    assert (closed == source["closedate"].to_numpy()).all()
    both = np.where(source["closedate"] == "", 1, 1 | 1 << 4)
    assert (taken.records["date_only"] == both).all()


@real_files
def test_platform_messages_are_read_whole() -> None:
    name = "taidi2020C_附件3.xlsx"
    table = intake.read_tables(PETITIONS / name, name)
    layouts = [load(path) for path in sorted(LAYOUTS.glob("*.toml"))]
    layout = find(locate(table, "petitions").names, layouts)
    assert layout is not None
    assert layout.name == "taidi2020c_messages"
    assert find_heading(table, "petitions", name, layout).row == 1
    taken = intake.read(PETITIONS / name, name, "petitions", now=pd.Timestamp("2026-01-01"), layout=layout)
    assert (taken.rows_read, len(taken.records)) == (4_326, 4_326)
    assert (taken.records["date_only"] == 1).sum() == 14
    assert taken.records["case_id"].is_unique
    assert not taken.records["content"].str.contains("_x000D_|\u00a0|\r").any()


def documented_codes(part: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))


def codes_in_the_source() -> set[str]:
    """Codes of the registries, and those written where a warning or a refusal is made."""
    literal = {
        node.args[0].value
        for path in (ROOT / "analytics").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("IntakeWarning", "IntakeRefused")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    return literal | set(FAULTS) | set(TABLE_REFUSALS) | set(REMARKS) | set(REFUSALS) | set(NOTES)


def test_the_document_explains_exactly_the_codes_there_are() -> None:
    chinese, english = (ROOT / "docs" / "import-codes.md").read_text(encoding="utf-8").split("\n## English\n")
    assert documented_codes(chinese) == documented_codes(english) == codes_in_the_source()
