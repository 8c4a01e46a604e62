"""The workbook says what the review says, in real numbers and times, and nothing in it can be run."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from analytics.i18n import use
from analytics.present.charts_style import ink
from analytics.report import content, excel, public_content
from analytics.report.cells import words
from analytics.report.inks import INKS
from analytics.report.model import Column, Section, Sentence, Table
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS, COLOURS
from tests.report_data import MONTH, invented, sample

JUNE = Scope(first_month=MONTH, last_month=MONTH)


@pytest.fixture(scope="module")
def june():
    use(lambda: "zh")
    return content(sample(), MONTH)


@pytest.fixture(scope="module")
def package(june):
    return excel.write(june, excel.listed(sample(), JUNE), "校验码 0123456789abcdef")


@pytest.fixture(scope="module")
def book(package):
    return openpyxl.load_workbook(io.BytesIO(package))


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def line(sheet, first):
    """The line of a sheet that begins with a text."""
    return next(row for row in rows(sheet) if row[0] == first)


def test_the_clocks_are_those_of_the_review(june, book):
    for name, row in zip(CLOCKS, june.section("clocks").tables[0].rows, strict=True):
        clock = june.figures["clocks"][name]
        found = line(book["515303 时限"], row[0])
        states = [clock[s] for s in ("met", "missed", "pending", "unrecorded", "exempt", "invalid")]
        due = clock["met"] + clock["missed"] + clock["unrecorded"]
        assert found[1:3] == [clock["met"], due]
        assert found[3] == pytest.approx(clock["met"] / due)
        assert found[4:10] == states


def test_the_courtyards_are_those_of_the_review(june, book):
    for row in june.figures["courtyards"]:
        found = line(book["院落比较"], f"{row['community']} · {row['courtyard']}")
        assert found[1:7] == [row["petitions"], *(row[c] for c in COLOURS), row["open"]]


def test_every_table_is_in_the_workbook(june, book):
    everything = {
        str(value)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if value is not None
    }
    for table in june.tables:
        assert table.title in everything
        for row in table.rows:
            assert words(row[0], table.columns[0].kind) in everything


def test_a_few_read_as_counts_and_unknown_as_a_dash(book):
    found = line(book["院落比较"], "桂东社区 · 1号院")
    assert found[1] == 4
    rates = [row for row in rows(book["院落比较"]) if row[0] == "桂东社区 · 1号院"][1]
    assert rates[1:4] == [4, 4, "4 件中 4 件"]
    assert line(book["总体情况"], "重复诉求率")[1:4] == ["—", "—", "—"]


def test_petitions_are_all_there_with_real_times_under_a_frozen_heading(june, book):
    sheet = book["诉求明细"]
    assert sheet.max_row - 1 == june.figures["counts"]["petitions"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.cell(2, 2).is_date
    assert sheet.print_title_rows == "$1:$1"
    closed = [row for row in rows(sheet)[1:] if "已办结" in row[5]]
    assert len(closed) == june.figures["counts"]["resolved"]


def test_every_sheet_is_set_up_for_a4(book):
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "0123456789abcdef" in (sheet.oddFooter.right.text or "")


def test_charts_are_native_and_in_the_four_colours(package):
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        charts = [files.read(n).decode() for n in files.namelist() if n.startswith("xl/charts/chart")]
        drawings = "".join(files.read(n).decode() for n in files.namelist() if "drawings/drawing" in n)
    assert len(charts) == 3
    stacked = next(text for text in charts if "stacked" in text)
    assert all(INKS[c] in stacked for c in COLOURS)
    assert drawings.count("descr=") == 3


def test_the_four_colours_are_those_on_screen():
    assert {c: f"#{INKS[c]}" for c in COLOURS} == dict(ink().colours)


def test_what_people_wrote_is_never_a_formula_and_never_breaks_the_file(june):
    evil = '=HYPERLINK("http://a","b")'
    table = Table("t", "\x00表", (Column("甲"), Column("乙")), ((evil, "+1\x0b"), ("@x", "-2+3")))
    part = Section("x", "[非法]/名:?*", (Sentence("x.1", evil),), (table,))
    made = replace(june, sections=(*june.sections, part, part))
    found = openpyxl.load_workbook(io.BytesIO(excel.write(made)))
    cells = [cell for sheet in found for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert evil in {cell.value for cell in cells}
    assert {"非法名", "非法名 2"} <= set(found.sheetnames)


def test_the_public_edition_has_no_petitions():
    use(lambda: "zh")
    made = public_content(sample(), MONTH)
    found = openpyxl.load_workbook(io.BytesIO(excel.write(made, excel.listed(sample(), JUNE))))
    assert "诉求明细" not in found.sheetnames
    everything = str([rows(sheet) for sheet in found])
    assert "GD-" not in everything


def test_the_same_content_is_the_same_bytes(june, package):
    assert excel.write(june, excel.listed(sample(), JUNE), "校验码 0123456789abcdef") == package


def test_forty_courtyards_with_long_names_and_no_petitions_at_all():
    use(lambda: "zh")
    data = invented(long_names=True)
    many = openpyxl.load_workbook(io.BytesIO(excel.write(content(data, MONTH), excel.listed(data, JUNE))))
    assert len([r for r in rows(many["院落比较"]) if r[0] and "湖畔" in str(r[0])]) == 80
    none = content(data, "2024-07")
    assert excel.write(none, excel.listed(data, Scope(first_month="2024-07", last_month="2024-07")))


def test_courtyards_of_two_communities_are_told_apart_in_the_list():
    places = excel.listed(sample(), JUNE)["院落"]
    assert {"太极社区 · 丽晶公馆", "桂东社区 · 1号院"} <= set(places)
    alone = excel.listed(sample(), Scope(communities=("桂东社区",), first_month=MONTH, last_month=MONTH))
    assert "1号院" in set(alone["院落"])
