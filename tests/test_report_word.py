"""The Word document: the figures of the review, the form of an official paper, templates of the user's own."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn

from analytics.i18n import use
from analytics.report import ContentError, content, public_content, word
from analytics.report.cells import texts
from analytics.report.numbering import part as numbered
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
    return word.write(june, seal=SEAL)


@pytest.fixture(scope="module")
def paper(package):
    return docx.Document(io.BytesIO(package))


def lines(document):
    return [plain(p.text) for p in document.paragraphs]


def grids(document):
    return [[[plain(cell.text) for cell in row.cells] for row in table.rows] for table in document.tables]


def from_lines(*paragraphs):
    """A user's template with these paragraphs."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_every_sentence_and_table_is_on_paper(june, paper):
    written = "\n".join(lines(paper))
    for part in (*june.sections, *june.annexes):
        assert part.title in written
        for sentence in part.sentences:
            assert sentence.text in written
    as_of = word.moment(june)
    wanted = [[[c.name for c in t.columns], *texts(t, as_of)] for t in june.tables]
    assert grids(paper) == wanted


def test_the_clocks_on_paper_are_those_of_the_review(june, paper):
    grid = next(g for g in grids(paper) if g[0][0] == "时限")
    for name, row in zip(CLOCKS, grid[1:], strict=True):
        clock = june.figures["clocks"][name]
        states = ("met", "missed", "pending", "unrecorded", "exempt", "invalid")
        assert [int(cell) for cell in row[2:]] == [clock[s] for s in states]
        assert f"（{clock['met']}/" in row[1]


def test_the_charts_are_native_hold_their_workbooks_and_the_reviews_figures(june, package):
    stacked, clocks, complaints = charts(package)
    for code, values in zip(COLOURS, list(stacked.values())[:4], strict=True):
        assert sum(values) == june.figures["colours"]["actual"][code]
    assert clocks["按时率"] == [pytest.approx(june.figures["clocks"][n]["rate"]) for n in CLOCKS]
    assert complaints["网络理政投诉"][-1] == june.figures["complaints"]["months"][-1]["count"]
    books = workbooks(package)
    assert len(books) == 3
    assert books[0][1][1:6] == [stacked[name][0] for name in stacked]


def test_every_chart_says_in_words_what_it_shows(june, paper):
    described = [e.get("descr") for e in paper.element.body.iter() if e.tag.endswith("}docPr")]
    assert described == [chart.alt for part in june.sections for chart in part.charts]


def test_the_page_is_that_of_an_official_paper(paper):
    section = paper.sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.bottom_margin)
    assert [round(size.mm) for size in sizes] == [210, 297, 37, 35]
    assert (round(section.left_margin.mm), round(section.right_margin.mm)) == (28, 26)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")
    fonts = {
        name: paper.styles[name].element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia"))
        for name in ("公文标题", "Normal", "Heading 1", "Heading 2")
    }
    assert list(fonts.values()) == ["方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"]
    assert paper.styles["公文标题"].font.size.pt == 22


def test_page_numbers_stand_outside_and_the_seal_is_in_the_footer(paper):
    section = paper.sections[0]
    assert paper.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, 2), (section.even_page_footer, 0)):
        number, seal = footer.paragraphs
        assert number.alignment == side
        assert "PAGE" in number._p.xml
        assert seal.text == SEAL


def test_headings_of_tables_repeat_and_rows_stay_whole(paper):
    for table in paper.tables:
        first = table.rows[0]._tr.trPr
        assert first.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_signature_and_date_hang_on_the_last_words(paper):
    paragraphs = paper.paragraphs
    at = next(i for i, p in enumerate(paragraphs) if p.style.name == "落款")
    assert all(p.paragraph_format.keep_with_next for p in paragraphs[at - 2 : at + 1])
    assert [p.text for p in paragraphs[at : at + 2]] == ["（发文单位）", "2024年7月1日"]


def test_parts_are_numbered_in_chinese():
    use(lambda: "zh")
    assert [numbered(n) for n in (1, 9, 10, 11, 20, 21)] == [
        "一、",
        "九、",
        "十、",
        "十一、",
        "二十、",
        "二十一、",
    ]
    use(lambda: "en")
    assert numbered(3) == "3. "


def test_a_template_of_ones_own_is_filled(june):
    template = from_lines(
        "{{ 标题 }} {{ place }}", "[[正文]]", "[[表:clocks]]", "[[图: colours ]]", "{{ overall }}"
    )
    made = word.write(june, template, SEAL)
    found = docx.Document(io.BytesIO(made))
    written = lines(found)
    assert written[0].replace("\n", "").startswith(june.heading.title)
    assert "一、总体情况" in written
    assert not [text for text in written if "[[" in text or "{{" in text]
    assert len(charts(made)) == 4


def test_our_own_template_can_be_taken_changed_and_used(june):
    assert docx.Document(io.BytesIO(word.write(june, word.starter(june), SEAL))).tables


@pytest.mark.parametrize(
    ("template", "named"),
    [
        (("{{ 标体 }}", "{{ 落款 }}"), "标体"),
        (("[[正问]]",), "正问"),
        (("[[表:clock]]",), "clock"),
        (("{% for %}",), "写得不对"),
        (("{{ 标题.__class__ }}",), "不能用"),
        (("{{ 标题 * 1000000000 }}",), "不能用"),
        (("{% for n in range(9) %}{% endfor %}",), "不能用"),
        (("{{ 标题() }}",), "不能用"),
    ],
)
def test_what_a_template_asks_for_in_vain_is_named(june, template, named):
    with pytest.raises(ContentError, match=named):
        word.write(june, from_lines(*template))


def test_a_file_that_is_no_document_is_refused(june):
    with pytest.raises(ContentError, match="不是 Word 文档"):
        word.write(june, b"PK not a document")


def test_the_same_content_is_the_same_bytes(june, package):
    assert word.write(june, seal=SEAL) == package


def test_what_people_wrote_cannot_become_a_field_of_the_template():
    use(lambda: "zh")
    made = content(sample(), MONTH, texts=lambda ids: dict.fromkeys(ids, "{{ 7*7 }} <w:p/> & [[正文]] \x0b"))
    written = "\n".join(lines(docx.Document(io.BytesIO(word.write(made)))))
    assert "{{ 7*7 }} <w:p/> & [[正文]]" in written


@pytest.mark.parametrize("month", ["2022-08", MONTH])
def test_no_petitions_and_forty_courtyards_with_long_names(month):
    use(lambda: "zh")
    data = sample() if month == "2022-08" else invented(long_names=True)
    made = content(data, month)
    assert grids(docx.Document(io.BytesIO(word.write(made))))


def test_the_public_edition_has_no_signature_no_annex_and_nobody():
    use(lambda: "zh")
    found = docx.Document(io.BytesIO(word.write(public_content(sample(), MONTH))))
    written = "\n".join(lines(found))
    assert "附件" not in written
    assert "GD-" not in written


def test_the_open_xml_sdk_finds_no_fault(package, june, tmp_path):
    validate(package, tmp_path / "report.docx")
    validate(word.write(june, from_lines("{{ 标题 }}", "[[body]]")), tmp_path / "own.docx")


def test_the_documents_name_every_field_and_marker_of_a_template(june):
    written = (Path(__file__).parents[1] / "docs" / "report.md").read_text(encoding="utf-8")
    assert all(f"{{{{ {name} }}}}" in written for name in word.fields(june))
    assert all(f"[[{marker}" in written for marker in word.MARKERS)


@pytest.mark.parametrize("part", ["[Content_Types].xml", "word/document.xml", "word/styles.xml"])
def test_a_damaged_template_is_said(june, part):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word.starter(june))) as whole, zipfile.ZipFile(out, "w") as damaged:
        for entry in whole.infolist():
            damaged.writestr(
                entry.filename, b"<w:p" if entry.filename == part else whole.read(entry.filename)
            )
    for template in (out.getvalue(), b"", b"PK"):
        with pytest.raises(ContentError, match="已损坏"):
            word.write(june, template)


def test_a_template_that_unpacks_to_too_much_is_not_read(june):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * 40_000_000)
    with pytest.raises(ContentError, match="太大"):
        word.write(june, out.getvalue())
