"""The report as ten slides for the review meeting: each part's finding with its native chart, table or points."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Mm, Pt

from analytics.i18n import gettext as _
from analytics.report import native_charts, scenarios
from analytics.report.cells import layout, texts
from analytics.report.inks import HEADING_SHADE, INKS, SHADES
from analytics.report.model import Chart, Content, Section, Table
from analytics.report.plain import breadth, clean, made, moment, steady, unbroken

_WIDTH, _HEIGHT = Mm(338.67), Mm(190.5)  # 16:9
_EDGE: Final = Mm(16)
_TOP: Final = Mm(42)
_FOOT: Final = Mm(12)
_FONT: Final = "微软雅黑"
#: Rows of a table that can be read from the back of the room, and the height that they may take.
_ROWS: Final = 12
_GRID: Final = Mm(122)
_ROOMY: Final = Mm(11)
#: How much wider letters may be where the font is another.
_WIDER: Final = 1.2
_ACCENT: Final = "A61C1C"


def write(content: Content, seal: str = "") -> bytes:
    """The presentation's bytes: a title slide, then one for each part and each supposition; the whole wording is
    in the notes."""
    deck = _Deck(content, seal)
    deck.opening()
    for part in (*content.sections, *scenarios.of(content)):
        deck.part(part)
    out = io.BytesIO()
    deck.file.save(out)
    return steady(out.getvalue(), made(content))


class _Deck:
    """A presentation being made, page by page."""

    def __init__(self, content: Content, seal: str) -> None:
        self.content, self.seal = content, seal
        self.file = Presentation()
        self.file.slide_width, self.file.slide_height = _WIDTH, _HEIGHT
        self.pages = 0

    def opening(self) -> None:
        """Title, period, and what the month comes to."""
        slide = self._slide()
        self._text(slide, [self.content.heading.title], Mm(50), Mm(34), 36)
        self._text(
            slide, [self.content.period, self.content.heading.signature], Mm(88), Mm(24), 20, muted=True
        )
        if self.content.sample:
            self._text(slide, [_("示例数据，人和事都是编的。")], Mm(118), Mm(12), 16, muted=True)
        self._text(slide, [s.text for s in self.content.sections[0].sentences[:1]], Mm(132), Mm(36), 18)

    def part(self, part: Section) -> None:
        """One slide: the finding, then the part's chart, else its last table, else its points."""
        if part.numbered or not (part.tables or part.charts):
            slide = self._slide(part.title, "")
            bullet = "• " if part.numbered else ""
            self._text(slide, [bullet + s.text for s in part.sentences], Mm(30), Mm(142), 20, gap=8)
        else:
            slide = self._slide(part.title, part.sentences[0].text if part.sentences else "")
            if part.charts:
                self._chart(slide, part.charts[0])
            else:
                self._table(slide, part.tables[-1])
        slide.notes_slide.notes_text_frame.text = "\n".join(clean(s.text) for s in part.sentences)

    def _slide(self, title: str = "", finding: str = "") -> Any:
        slide = self.file.slides.add_slide(self.file.slide_layouts[5 if title else 6])
        self.pages += 1
        if title:
            self._heading(slide.shapes.title, title)
        if finding:
            self._text(slide, [finding], Mm(24), Mm(18), 16)
        foot = f"{self.pages}　{self.seal}" if self.seal else str(self.pages)
        self._text(slide, [foot], _HEIGHT - _FOOT, Mm(8), 9, muted=True)
        return slide

    def _heading(self, shape: Any, title: str) -> None:
        shape.left, shape.top, shape.width, shape.height = _EDGE, Mm(8), _WIDTH - 2 * _EDGE, Mm(15)
        shape.text_frame.text = clean(title)
        shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        _shape(shape.text_frame.paragraphs[0], 28, _ACCENT)

    def _text(
        self,
        slide: Any,
        lines: Sequence[str],
        top: int,
        height: int,
        size: float,
        *,
        muted: bool = False,
        gap: float = 2,
    ) -> None:
        """A box of paragraphs across the slide; long texts are set smaller rather than cut."""
        box = slide.shapes.add_textbox(_EDGE, top, _WIDTH - 2 * _EDGE, height)
        frame = box.text_frame
        frame.word_wrap = True
        kept = [line for line in lines if line]
        fitting = _fitting(kept, int(box.width), height, size, gap)
        for number, line in enumerate(kept):
            paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
            paragraph.text = unbroken(line)
            paragraph.space_after = Pt(gap)
            _shape(paragraph, fitting, INKS["muted"] if muted else INKS["text"])

    def _chart(self, slide: Any, chart: Chart) -> None:
        frame = slide.shapes.add_chart(
            native_charts.chart_type(chart), _EDGE, _TOP, _WIDTH - 2 * _EDGE, _HEIGHT - _TOP - _FOOT - Mm(8),
            native_charts.data(chart),
        )  # fmt: skip
        native_charts.style(frame.chart, chart, 14, _FONT)
        described = frame._element.nvGraphicFramePr.cNvPr
        described.set("name", clean(chart.title))
        described.set("descr", clean(chart.alt))
        self._text(slide, [chart.title], _HEIGHT - _FOOT - Mm(8), Mm(8), 12, muted=True)

    def _table(self, slide: Any, table: Table) -> None:
        """The first rows, as many as there is room for; where there are more, the last line says so."""
        rows = texts(table, moment(self.content))
        width = _WIDTH - 2 * _EDGE
        shares, size = layout(table, rows, width / Pt(_WIDER), 13)
        widths = [Emu(int(width * share)) for share in shares]
        lines = [[column.name for column in table.columns], *rows[:_ROWS]]
        heights = _heights(lines, widths, size)
        lines = lines[: len(heights)]
        more = len(rows) - len(lines) + 1
        shape = slide.shapes.add_table(len(lines), len(widths), _EDGE, _TOP + Mm(2), width, sum(heights))
        grid = shape.table
        for column, own in zip(grid.columns, widths, strict=True):
            column.width = own
        for row, height in zip(grid.rows, heights, strict=True):
            row.height = height
        for number, line in enumerate(lines):
            for at, text in enumerate(line):
                shade = table.shades[number - 1] if number and table.shades and not at else None
                ground = HEADING_SHADE if not number else SHADES[shade] if shade else "FFFFFF"
                _fill(grid.cell(number, at), text, ground, size)
        note = _("另有 {n} 行，见报告全文。").format(n=more) if more else table.note
        self._text(slide, [note], _HEIGHT - _FOOT - Mm(8), Mm(8), 11, muted=True)


def _heights(lines: Sequence[Sequence[str]], widths: Sequence[int], size: float) -> list[Emu]:
    """How high the rows are whose texts are broken to fit their columns: as many as fill a slide, at least two."""
    needed = [Emu(int(Mm(2.6) + Pt(1.25 * size) * _broken(line, widths, size))) for line in lines]
    while len(needed) > 2 and sum(needed) > _GRID:
        needed.pop()
    even = min(_GRID // len(needed), _ROOMY)
    roomy = [Emu(max(height, even)) for height in needed]
    return roomy if sum(roomy) <= _GRID else needed


def _broken(line: Sequence[str], widths: Sequence[int], size: float) -> int:
    """Lines that the longest text of a row takes in its column."""
    signs = [max(int((width - Mm(2)) / Pt(_WIDER * size / 2)), 1) for width in widths]
    return max(-(-breadth(text) // room) for text, room in zip(line, signs, strict=True)) or 1


def _fitting(lines: Sequence[str], width: int, height: int, size: float, gap: float) -> float:
    """The largest size up to ``size`` at which all lines stay inside the box (Chinese: as wide as high)."""
    while size > 8:
        signs = max(int(width / Pt(1) / size), 1)
        needed = sum((-(-len(line) // signs)) * size * 1.3 + gap for line in lines)
        if needed <= height / Pt(1):
            return size
        size -= 1
    return size


def _shape(paragraph: Any, size: float, colour: str) -> None:
    """Font, size and colour of every run, for Chinese and Latin letters."""
    for run in paragraph.runs:
        run.font.size = Pt(size)
        run.font.name = _FONT
        run.font.color.rgb = RGBColor.from_string(colour)
        properties = run.font._element
        east = etree.SubElement(properties, properties.tag.rpartition("}")[0] + "}ea", typeface=_FONT)
        properties.find(properties.tag.rpartition("}")[0] + "}latin").addnext(east)


def _fill(cell: Any, text: str, ground: str, size: float) -> None:
    cell.fill.solid()
    cell.fill.fore_color.rgb = RGBColor.from_string(ground)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.margin_left = cell.margin_right = Mm(1)
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.text = unbroken(text)
    paragraph.alignment = PP_ALIGN.CENTER
    _shape(paragraph, size, INKS["text"])
