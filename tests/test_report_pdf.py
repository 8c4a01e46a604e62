"""The PDF: every sentence and figure selectable, bookmarks, one page for the public, signs that no font has."""

from __future__ import annotations

import io
import re

import pylopdf_fonts_zh_cn
import pypdf
import pytest

from analytics.i18n import use
from analytics.report import ContentError, content, pdf, public_content
from analytics.report.cells import texts
from analytics.report.model import Chart, Series
from analytics.report.plain import moment, title_lines
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS
from tests.report_data import MONTH, invented, sample
from tests.report_words import plain

SEAL = "校验码 0123456789abcdef"


@pytest.fixture(scope="module")
def june():
    use(lambda: "zh")
    return content(sample(), MONTH, sample=True)


@pytest.fixture(scope="module")
def paper(june):
    return pypdf.PdfReader(io.BytesIO(pdf.write(june, SEAL)))


def squeezed(text):
    """Without white space: a PDF has none but between words."""
    return re.sub(r"\s+", "", plain(text))


def text_of(reader):
    """The running text, without what stands at the foot of each page."""
    pages = (
        re.sub(rf"(—\d+—)?{SEAL.replace(' ', '')}", "", squeezed(page.extract_text()))
        for page in reader.pages
    )
    return "".join(pages)


def test_every_sentence_can_be_selected(june, paper):
    written = text_of(paper)
    for part in (*june.sections, *june.annexes):
        for sentence in part.sentences:
            assert squeezed(sentence.text) in written, sentence.id


def test_every_row_of_every_table_can_be_selected(june, paper):
    written = text_of(paper)
    for table in june.tables:
        for row in texts(table, moment(june)):
            assert squeezed("".join(row)) in written, row


def test_the_clocks_are_those_of_the_review(june, paper):
    written = text_of(paper)
    for name in CLOCKS:
        clock = june.figures["clocks"][name]
        due = clock["met"] + clock["missed"] + clock["unrecorded"]
        assert f"（{clock['met']}/{due}）" in written


def test_bookmarks_are_the_parts_and_the_annexes(june, paper):
    titles = [plain(entry["/Title"]) for entry in paper.outline if not isinstance(entry, list)]
    assert titles[0] == "一、总体情况"
    assert len(titles) == len(june.sections) + len(june.annexes)


def test_it_says_that_it_is_pdf_a_and_embeds_its_fonts(paper):
    metadata = paper.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    fonts = {
        str(f["/BaseFont"]) for page in paper.pages for f in page["/Resources"]["/Font"].get_object().values()
    }
    assert any("NotoSerifSC" in name for name in fonts)


def test_the_seal_stands_on_every_page_and_numbers_outside(paper):
    for number, page in enumerate(paper.pages, 1):
        written = squeezed(page.extract_text())
        assert squeezed(SEAL) in written
        assert f"—{number}—" in written


def test_the_same_content_is_the_same_bytes(june):
    assert pdf.write(june, SEAL) == pdf.write(june, SEAL)


@pytest.mark.parametrize("scope", [Scope(), Scope(communities=("太极社区",))])
def test_the_public_edition_is_one_page(scope):
    use(lambda: "zh")
    for data in (sample(), invented(long_names=True)):
        made = public_content(data, MONTH, scope if data is sample() else None)
        assert len(pypdf.PdfReader(io.BytesIO(pdf.write(made))).pages) == 1


def test_a_sign_that_no_font_has_becomes_a_blank_and_the_rest_stays():
    use(lambda: "zh")
    made = content(sample(), MONTH, texts=lambda ids: dict.fromkeys(ids, "水漏了😀👩‍👩‍👧很急𱁬"))
    written = text_of(pypdf.PdfReader(io.BytesIO(pdf.write(made))))
    assert "水漏了〓" in written
    assert "很急𱁬" in written


def test_what_people_wrote_is_text_to_typst():
    use(lambda: "zh")
    wrote = '#panic("x") $y$ *z* \\ "q" <a> [b] @c'
    made = content(sample(), MONTH, texts=lambda ids: dict.fromkeys(ids, wrote))
    assert squeezed(wrote) in text_of(pypdf.PdfReader(io.BytesIO(pdf.write(made))))


def test_a_folder_of_fonts_can_be_named_and_a_missing_one_is_refused(june, tmp_path):
    folder = pylopdf_fonts_zh_cn.sans_path().parent
    assert pdf.write(june, SEAL, folder)
    with pytest.raises(ContentError, match="没有这个字体文件夹"):
        pdf.write(june, SEAL, tmp_path / "nothing")


@pytest.mark.parametrize("month", ["2022-08", MONTH])
def test_no_petitions_and_forty_courtyards_with_long_names(month):
    use(lambda: "zh")
    data = sample() if month == "2022-08" else invented(long_names=True)
    assert pypdf.PdfReader(io.BytesIO(pdf.write(content(data, month)))).pages


@pytest.mark.parametrize(
    ("values", "top"), [((3, 7), 8), ((0, 0), 1), ((30, 12), 30), ((101, 5), 150), ((1234, None), 1500)]
)
def test_a_scale_ends_on_a_round_number(values, top):
    chart = Chart("c", "", "", "lines", ("甲", "乙"), (Series("s", values, "volume"),))
    assert pdf.scale(chart)[0] == top


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("2024年6月居民诉求情况", 1),
        ("2024年6月居民诉求“码”上报办理情况通报", 2),
        ("太极社区湖畔春天国际花园二期安置小区2024年6月居民诉求“码”上报办理情况通报", 2),
    ],
)
def test_a_long_title_is_broken_where_a_phrase_ends(title, lines):
    found = title_lines(title)
    assert len(found) == lines
    assert "".join(found) == title
    assert lines == 1 or found[0].endswith(("月", "上报", "社区"))
