"""Parts, tables and charts as Word paragraphs, laid at a marker of a template, in the styles that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from docx.document import Document
from docx.text.paragraph import Paragraph

from analytics.i18n import gettext as _
from analytics.report import numbering, word_charts, word_styles, word_xml
from analytics.report.cells import layout, texts
from analytics.report.inks import HEADING_SHADE, SHADES
from analytics.report.model import Chart, Content, Section, Table
from analytics.report.plain import moment
from analytics.report.word_xml import CellText

#: Width of the text, 156 mm in twentieths of a point.
_WIDTH: Final = 8844
_GRID: Final = "Table Grid"
_GAP: Final = 280
_SIZE: Final = 10.5


class Body:
    """Writes before one marker paragraph, counting tables and figures through the document."""

    def __init__(self, document: Document, content: Content) -> None:
        self.document, self.content = document, content
        self.styles = {style.name: style.style_id for style in document.styles}
        self.tables = self.figures = 0
        self.marker: Any = None

    def at(self, marker: Any) -> Body:
        """The same counters, from now on before ``marker``."""
        self.marker = marker
        return self

    def style(self, name: str) -> str:
        """The id of a style; blank (the normal one) where the template lacks it."""
        return self.styles.get(name, "")

    def paragraph(self, text: str, style: str = "") -> Paragraph:
        """One paragraph before the marker."""
        element = word_xml.paragraph(text, self.style(style))
        self.marker.addprevious(element)
        return Paragraph(element, self.document._body)

    def sections(self) -> None:
        """Every part of the body, numbered."""
        for number, part in enumerate(self.content.sections, 1):
            self.paragraph(f"{numbering.part(number)}{part.title}", word_styles.SECTION)
            self.section(part)

    def section(self, part: Section) -> None:
        """Sentences, then tables, then charts of a part."""
        for number, sentence in enumerate(part.sentences, 1):
            prefix = numbering.point(number) if part.numbered else ""
            self.paragraph(f"{prefix}{sentence.text}")
        if self.content.edition == "public" and part.tables:
            self.lists(part.tables)
        else:
            for table in part.tables:
                self.table(table)
        for chart in part.charts:
            self.chart(chart)

    def annexes(self) -> None:
        """Each annex on a new page under its number."""
        for number, part in enumerate(self.content.annexes, 1):
            head = self.paragraph(_("附件 {n}").format(n=number), word_styles.ANNEX)
            head.paragraph_format.page_break_before = True
            self.paragraph(part.title, word_styles.TITLE)
            self.section(part)

    def annex_list(self) -> None:
        """「附件：1．…」 before the signature."""
        for number, part in enumerate(self.content.annexes, 1):
            first = _("附件：") if number == 1 else "　　　"
            self.paragraph(f"{first}{numbering.point(number)}{part.title}")

    def table(self, table: Table) -> None:
        """A table with its number and title above, its heading repeated on every page, its note below."""
        self.tables += 1
        self.paragraph(_("表 {n}　{title}").format(n=self.tables, title=table.title), word_styles.TABLE_TITLE)
        self.marker.addprevious(self._grid(table, _WIDTH))
        self.paragraph(table.note, word_styles.TABLE_NOTE)

    def lists(self, tables: Sequence[Table]) -> None:
        """Short lists of the public edition beside each other under their titles."""
        width = _WIDTH // len(tables)
        title = self.style(word_styles.TABLE_TITLE)
        columns = [[word_xml.paragraph(t.title, title), self._grid(t, width - _GAP)] for t in tables]
        self.marker.addprevious(word_xml.beside(columns, width))

    def _grid(self, table: Table, width: int) -> Any:
        rows = texts(table, moment(self.content))
        head, plain = self.style(word_styles.TABLE_HEAD), self.style(word_styles.TABLE_TEXT)
        shares, size = layout(table, rows, width / 20, _SIZE)
        heads = [CellText(column.name, head, HEADING_SHADE, size) for column in table.columns]
        lines = [[CellText(text, plain, size=size) for text in row] for row in rows]
        for line, shade in zip(lines, table.shades, strict=False):
            if shade:
                line[0] = replace(line[0], ground=SHADES[shade])
        widths = [int(width * share) for share in shares]
        return word_xml.table(heads, lines, widths, self.style(_GRID))

    def chart(self, chart: Chart) -> None:
        """A native chart with its number and title below."""
        self.figures += 1
        word_charts.add(self.document, self.paragraph("", word_styles.FIGURE), chart)
        self.paragraph(
            _("图 {n}　{title}").format(n=self.figures, title=chart.title), word_styles.FIGURE_TITLE
        )
