"""The slides: ten for a month, native charts with the review's figures, all of the wording in the notes."""

from __future__ import annotations

import io

import pptx
import pytest
from pptx.util import Mm

from analytics.i18n import use
from analytics.report import content, public_content, slides
from analytics.report.cells import texts
from analytics.report.plain import moment
from analytics.vocabulary import CLOCKS, COLOURS
from tests.report_data import MONTH, invented, sample
from tests.report_words import charts, plain, validate, workbooks

SEAL = "校验码 0123456789abcdef"


@pytest.fixture(scope="module")
def june():
    use(lambda: "zh")
    return content(sample(), MONTH, sample=True)


@pytest.fixture(scope="module")
def package(june):
    return slides.write(june, SEAL)


@pytest.fixture(scope="module")
def deck(package):
    return pptx.Presentation(io.BytesIO(package))


def words(slide):
    return plain("\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame))


def grid(slide):
    table = next((shape.table for shape in slide.shapes if shape.has_table), None)
    return [[plain(cell.text) for cell in row.cells] for row in table.rows] if table else None


def test_there_are_eight_to_ten_slides_each_sealed(deck):
    assert 8 <= len(deck.slides) <= 10
    assert all(SEAL in words(slide) for slide in deck.slides)


def test_the_charts_are_native_with_the_figures_of_the_review(june, package):
    stacked, clocks, complaints = charts(package)
    for code, values in zip(COLOURS, list(stacked.values())[:4], strict=True):
        assert sum(values) == june.figures["colours"]["actual"][code]
    assert clocks["按时率"] == [pytest.approx(june.figures["clocks"][n]["rate"]) for n in CLOCKS]
    assert complaints["网络理政投诉"][-1] == june.figures["complaints"]["months"][-1]["count"]
    assert len(workbooks(package)) == 3


def test_charts_say_in_words_what_they_show(june, deck):
    wanted = {chart.alt for part in june.sections for chart in part.charts}
    found = {
        s._element.nvGraphicFramePr.cNvPr.get("descr")
        for slide in deck.slides
        for s in slide.shapes
        if s.has_chart
    }
    assert found == wanted


def test_tables_are_those_of_the_content(june, deck):
    overall = june.section("overall").tables[0]
    assert grid(deck.slides[1])[1:] == texts(overall, moment(june))
    places = june.section("places").tables[-1]
    assert grid(deck.slides[5])[1:] == texts(places, moment(june))


def test_the_whole_wording_is_in_the_notes(june, deck):
    notes = [slide.notes_slide.notes_text_frame.text for slide in list(deck.slides)[1:]]
    for part, note in zip(june.sections, notes, strict=True):
        assert note == "\n".join(sentence.text for sentence in part.sentences)


def test_the_same_content_is_the_same_bytes(june, package):
    assert slides.write(june, SEAL) == package


def test_forty_courtyards_are_cut_and_it_is_said():
    use(lambda: "zh")
    deck = pptx.Presentation(io.BytesIO(slides.write(content(invented(long_names=True), MONTH))))
    assert any("另有 28 行" in words(slide) for slide in deck.slides)


def test_no_petitions_and_the_public_edition():
    use(lambda: "zh")
    assert slides.write(content(sample(), "2022-08"))
    public = pptx.Presentation(io.BytesIO(slides.write(public_content(sample(), MONTH))))
    assert "GD-" not in "".join(words(slide) for slide in public.slides)


def test_the_open_xml_sdk_finds_no_fault(package, tmp_path):
    validate(package, tmp_path / "report.pptx")


def test_a_table_of_long_names_stays_on_its_slide():
    use(lambda: "zh")
    deck = pptx.Presentation(io.BytesIO(slides.write(content(invented(long_names=True), MONTH), SEAL)))
    tables = [shape for slide in deck.slides for shape in slide.shapes if shape.has_table]
    assert tables
    for shape in tables:
        bottom = shape.top + sum(row.height for row in shape.table.rows)
        assert bottom <= deck.slide_height - Mm(20)
        assert len(shape.table.rows) > 5
