"""A native chart inside a Word document: the chart part, its embedded workbook, and the drawing that shows it."""

from __future__ import annotations

from typing import Any, Final

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm
from docx.text.paragraph import Paragraph
from lxml import etree
from pptx.chart.chart import Chart as OfficeChart
from pptx.oxml import parse_xml as parse_chart

from analytics.report import native_charts
from analytics.report.model import Chart
from analytics.report.plain import clean

_C: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CHART_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_WORKBOOK_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHART_URI: Final = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_FONT: Final = "宋体"
_SIZE: Final = 10.5
_WIDTH: Final = 150


def add(document: Document, paragraph: Paragraph, chart: Chart) -> None:
    """Put the chart into a paragraph, with its words for those who cannot see it."""
    number = 1 + sum(1 for part in document.part.package.iter_parts() if "/charts/" in str(part.partname))
    relation = document.part.relate_to(_part(document, chart, number), RELATIONSHIP_TYPE.CHART)
    drawing = parse_xml(
        f'<w:drawing {nsdecls("w", "wp", "a", "r")}><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{Mm(_WIDTH)}" cy="{Mm(_height(chart))}"/><wp:effectExtent l="0" t="0" r="0" b="0"/>'
        f'<wp:docPr id="{1000 + number}" name="chart {number}"/><wp:cNvGraphicFramePr/>'
        f'<a:graphic><a:graphicData uri="{_CHART_URI}"><c:chart xmlns:c="{_CHART_URI}" r:id="{relation}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    described = next(e for e in drawing.iter() if e.tag.endswith("}docPr"))
    described.set("name", clean(chart.title))
    described.set("descr", clean(chart.alt))
    paragraph.add_run()._r.append(drawing)


def _height(chart: Chart) -> int:
    """Millimetres; bars need room for each name."""
    return min(28 + 8 * len(chart.categories), 140) if chart.kind == "stacked_bars" else 68


def _part(document: Document, chart: Chart, number: int) -> Part:
    package = document.part.package
    figures = native_charts.data(chart)
    space = parse_chart(figures.xml_bytes(native_charts.chart_type(chart)))
    native_charts.style(OfficeChart(space, None), chart, _SIZE, _FONT)
    book = Part(
        PackURI(f"/word/embeddings/Microsoft_Excel_Sheet{number}.xlsx"),
        _WORKBOOK_TYPE,
        figures._workbook_writer.xlsx_blob,
        package,
    )
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), _CHART_TYPE, b"", package)
    _attach(space, part.relate_to(book, RELATIONSHIP_TYPE.PACKAGE))
    part._blob = etree.tostring(space, xml_declaration=True, encoding="UTF-8", standalone=True)
    return part


def _attach(space: Any, relation: str) -> None:
    for old in space.findall(f"{_C}externalData"):
        space.remove(old)
    data = etree.SubElement(space, f"{_C}externalData", {f"{_R}id": relation})
    etree.SubElement(data, f"{_C}autoUpdate", val="0")
