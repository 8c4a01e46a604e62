"""An empty document in the form of GB/T 9704-2012: page, fonts, styles, page numbers.

A4 with margins 37/35/28/26 mm, 22 lines of 28 characters; title 方正小标宋 2号, body 仿宋 3号, headings 黑体 and
楷体; page numbers — 1 — on the right of odd pages and the left of even ones. Word only names the official fonts;
a computer without them takes the near ones that the font table names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from lxml import etree

TITLE_FONT: Final = "方正小标宋简体"
BODY_FONT: Final = "仿宋_GB2312"
KAI_FONT: Final = "楷体_GB2312"
HEI_FONT: Final = "黑体"
SONG_FONT: Final = "宋体"
LATIN_FONT: Final = "Times New Roman"
#: What a computer without the official fonts may take instead.
_ALTERNATES: Final = {
    TITLE_FONT: "华文中宋", BODY_FONT: "仿宋", KAI_FONT: "楷体", HEI_FONT: "SimHei", SONG_FONT: "SimSun",
}  # fmt: skip

_BODY_SIZE: Final = 16  # 3号
_LINE: Final = 28.95  # 22 lines in 225 mm
_LINE_PITCH: Final = 579  # the same in twentieths of a point; 580 would make 21 lines


@dataclass(frozen=True)
class _Style:
    """A paragraph style: font, size and line in points, first-line indent in characters."""

    name: str
    font: str
    size: float
    line: float = _LINE
    first: int = 2
    align: Any = None
    before: float = 0
    keep_with_next: bool = False
    keep_together: bool = False
    right: int = 0


TITLE, SUBTITLE, ADDRESSEE = "公文标题", "公文副标题", "主送"
TABLE_TITLE, TABLE_HEAD, TABLE_TEXT, TABLE_NOTE = "表题", "表头", "表格文字", "表注"
FIGURE, FIGURE_TITLE, SIGNATURE, ANNEX = "图", "图题", "落款", "附件"
#: What the footer says is filled in like every other field of a template.
SEAL_FIELD: Final = "{{ 校验 }}"
SECTION, SUBSECTION = "Heading 1", "Heading 2"

_STYLES: Final = (
    _Style(TITLE, TITLE_FONT, 22, line=36, first=0, align=ALIGN.CENTER, keep_with_next=True),
    _Style(SUBTITLE, KAI_FONT, 16, first=0, align=ALIGN.CENTER),
    _Style(ADDRESSEE, BODY_FONT, 16, first=0),
    _Style(SECTION, HEI_FONT, 16, keep_with_next=True),
    _Style(SUBSECTION, KAI_FONT, 16, keep_with_next=True),
    _Style(TABLE_TITLE, HEI_FONT, 14, line=24, first=0, align=ALIGN.CENTER, before=6, keep_with_next=True),
    _Style(TABLE_HEAD, HEI_FONT, 10.5, line=16, first=0, align=ALIGN.CENTER),
    _Style(TABLE_TEXT, BODY_FONT, 10.5, line=16, first=0, align=ALIGN.CENTER),
    _Style(TABLE_NOTE, KAI_FONT, 10.5, line=18, first=0),
    _Style(FIGURE, BODY_FONT, 16, first=0, align=ALIGN.CENTER, keep_with_next=True),
    _Style(FIGURE_TITLE, HEI_FONT, 14, line=24, first=0, align=ALIGN.CENTER, before=2),
    _Style(SIGNATURE, BODY_FONT, 16, first=0, align=ALIGN.RIGHT, keep_together=True, right=4),
    _Style(ANNEX, HEI_FONT, 16, first=0),
)


def empty(compact: bool = False) -> Document:
    """A document without a paragraph, ready to be filled; ``compact``: a notice of one page, set smaller."""
    document = docx.Document()
    for paragraph in list(document.paragraphs):
        paragraph._p.getparent().remove(paragraph._p)
    _page(document, compact)
    _normal(document, _fitted(_Style("Normal", BODY_FONT, _BODY_SIZE), compact))
    for style in _STYLES:
        _add(document, _fitted(style, compact))
    section = document.sections[0]
    for footer, odd in ((section.footer, True), (section.even_page_footer, False)):
        _page_number(footer, odd)
        _seal(footer)
    _font_table(document)
    return document


def _fitted(style: _Style, compact: bool) -> _Style:
    """A style as a notice has it: what is 3号 on an official paper is 4号 there, with a narrower line."""
    return replace(style, size=14, line=21) if compact and style.size == _BODY_SIZE else style


def _page(document: Document, compact: bool) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = (Mm(20), Mm(20)) if compact else (Mm(37), Mm(35))
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = (Mm(10), Mm(8)) if compact else (Mm(15), Mm(20))
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), "420" if compact else str(_LINE_PITCH))
    document.settings.odd_and_even_pages_header_footer = True


def _normal(document: Document, spec: _Style) -> None:
    normal = document.styles["Normal"]
    _font(normal, spec.font, spec.size)
    _paragraph(normal, spec)
    normal.paragraph_format.alignment = ALIGN.JUSTIFY
    properties = normal.element.get_or_add_rPr()
    # A quarter of a point less between characters: 28 of them in 156 mm.
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), "-5")
    properties.find(qn("w:sz")).addprevious(spacing)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    properties.append(language)
    default = document.styles.element.find(qn("w:docDefaults")).find(f".//{qn('w:lang')}")
    if default is not None:
        default.set(qn("w:eastAsia"), "zh-CN")


def _add(document: Document, spec: _Style) -> None:
    names = [style.name for style in document.styles]
    found: Any = (
        document.styles[spec.name]
        if spec.name in names
        else document.styles.add_style(spec.name, WD_STYLE_TYPE.PARAGRAPH)
    )
    found.base_style = document.styles["Normal"]
    found.next_paragraph_style = document.styles["Normal"] if spec.name in (SECTION, SUBSECTION) else found
    _font(found, spec.font, spec.size)
    found.font.bold = found.font.italic = False
    found.font.color.rgb = RGBColor(0, 0, 0)
    _paragraph(found, spec)
    if spec.name in (TITLE, TABLE_TEXT, TABLE_HEAD, TABLE_NOTE):
        snap = OxmlElement("w:snapToGrid")
        snap.set(qn("w:val"), "0")
        found.element.pPr.insert_element_before(snap, "w:spacing", "w:ind", "w:jc")


def _font(target: Any, east: str, size: float, latin: str = LATIN_FONT) -> None:
    """The fonts of a style or a run, for Chinese and for Latin letters."""
    target.font.name = latin
    target.font.size = Pt(size)
    element = target.element if hasattr(target, "element") else target._element
    fonts = element.get_or_add_rPr().find(qn("w:rFonts"))
    fonts.set(qn("w:eastAsia"), east)
    fonts.set(qn("w:hint"), "eastAsia")
    for theme in ("w:asciiTheme", "w:eastAsiaTheme", "w:hAnsiTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)


def _paragraph(target: Any, spec: _Style) -> None:
    shape = target.paragraph_format
    if spec.name == FIGURE:
        shape.line_spacing_rule = WD_LINE_SPACING.SINGLE
    else:
        shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        shape.line_spacing = Pt(spec.line)
    shape.space_before, shape.space_after = Pt(spec.before), Pt(0)
    shape.widow_control = False
    shape.keep_with_next = spec.keep_with_next
    shape.keep_together = spec.keep_together
    if spec.align is not None:
        shape.alignment = spec.align
    indent(target.element.get_or_add_pPr(), spec.first, spec.right)


def indent(properties: Any, first: int, right: int = 0) -> None:
    """First-line and right indents in characters; an explicit 0, since a style's own would hold otherwise."""
    element = properties.get_or_add_ind()
    element.set(qn("w:firstLineChars"), str(first * 100))
    element.set(qn("w:firstLine"), str(first * _BODY_SIZE * 20))
    if right:
        element.set(qn("w:rightChars"), str(right * 100))
        element.set(qn("w:right"), str(right * _BODY_SIZE * 20))


def _page_number(footer: Any, odd: bool) -> None:
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style = "Normal"
    paragraph.alignment = ALIGN.RIGHT if odd else ALIGN.LEFT
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    properties = paragraph._p.get_or_add_pPr()
    indent(properties, 0)
    side = "right" if odd else "left"
    properties.get_or_add_ind().set(qn(f"w:{side}Chars"), "100")
    properties.get_or_add_ind().set(qn(f"w:{side}"), "280")
    _font(paragraph.add_run("— "), SONG_FONT, 14, SONG_FONT)
    _field(paragraph, "PAGE")
    _font(paragraph.add_run(" —"), SONG_FONT, 14, SONG_FONT)


def _seal(footer: Any) -> None:
    """A small line under the page number: of which data and definitions this paper is."""
    paragraph = footer.add_paragraph(SEAL_FIELD, style="Normal")
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    indent(paragraph._p.get_or_add_pPr(), 0)
    run = paragraph.runs[0]
    _font(run, SONG_FONT, 7.5, SONG_FONT)
    run.font.color.rgb = RGBColor(0x6B, 0x6B, 0x66)


def _field(paragraph: Any, code: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run()
        _font(run, SONG_FONT, 14, SONG_FONT)
        if kind == "text":
            run.text = text
            continue
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.set(qn("xml:space"), "preserve")
            element.text = f" {text} "
        run._r.append(element)


def _font_table(document: Document) -> None:
    part: Any = next(
        relation.target_part
        for relation in document.part.rels.values()
        if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE
    )
    root = parse_xml(part.blob)
    for name, alternate in _ALTERNATES.items():
        for old in [e for e in root.findall(qn("w:font")) if e.get(qn("w:name")) == name]:
            root.remove(old)
        root.append(
            parse_xml(
                f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{alternate}"/><w:charset w:val="86"/>'
                '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
            )
        )
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
