"""Charts that Word and PowerPoint draw and can edit, from python-pptx's chart XML, styled alike in both."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE, MSO_PATTERN
from pptx.util import Pt

from analytics.report.inks import HATCHED, INKS
from analytics.report.model import Chart, Series
from analytics.report.plain import clean

_CHART: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DRAWING: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TYPES: Final = {
    "stacked_bars": XL_CHART_TYPE.BAR_STACKED,
    "columns": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "lines": XL_CHART_TYPE.LINE_MARKERS,
}
#: A zero in a stack would be a figure without a bar.
_LABELS: Final = {"count": "0;;;", "percent": "0%"}


def chart_type(chart: Chart) -> Any:
    """The Office chart type."""
    return _TYPES[chart.kind]


def data(chart: Chart) -> CategoryChartData:
    """The figures of the chart's embedded workbook."""
    found = CategoryChartData(number_format="0%" if chart.unit == "percent" else "General")
    found.categories = [clean(category) for category in chart.categories]
    for series in chart.series:
        found.add_series(clean(series.name), series.values)
    return found


def style(drawn: Any, chart: Chart, size: float, font: str) -> None:
    """House style for a chart of python-pptx: quiet grid, legend below, colours by role, numbers as labels."""
    drawn.has_title = False
    drawn.font.size = Pt(size)
    drawn.font.name = font
    drawn.has_legend = len(chart.series) > 1
    if drawn.has_legend:
        drawn.legend.position = XL_LEGEND_POSITION.BOTTOM
        drawn.legend.include_in_layout = False
    _axes(drawn, chart, size)
    if chart.kind != "lines":
        _bars(drawn.plots[0], chart)
    for series, spec in zip(drawn.plots[0].series, chart.series, strict=True):
        _line(series, spec) if chart.kind == "lines" else _fill(series, spec)
    _unframed(drawn._chartSpace)
    for element in drawn._chartSpace.iter(f"{_CHART}axId", f"{_CHART}crossAx"):
        # Unsigned in the schema; python-pptx writes them with a minus.
        element.set("val", element.get("val").removeprefix("-"))
    for properties in drawn._chartSpace.iter(f"{_DRAWING}defRPr"):
        if properties.find(f"{_DRAWING}ea") is None and properties.find(f"{_DRAWING}latin") is not None:
            # The order of the schema: latin, then ea.
            properties.find(f"{_DRAWING}latin").addnext(etree.Element(f"{_DRAWING}ea", typeface=font))


def _unframed(space: Any) -> None:
    """No frame and no ground of its own, on paper and on a slide."""
    shape = etree.Element(f"{_CHART}spPr")
    etree.SubElement(shape, f"{_DRAWING}noFill")
    etree.SubElement(etree.SubElement(shape, f"{_DRAWING}ln"), f"{_DRAWING}noFill")
    space.find(f"{_CHART}txPr").addprevious(shape)


def _axes(drawn: Any, chart: Chart, size: float) -> None:
    values, categories = drawn.value_axis, drawn.category_axis
    values.minimum_scale = 0
    values.has_major_gridlines = True
    values.major_gridlines.format.line.color.rgb = RGBColor.from_string(INKS["grid"])
    values.format.line.fill.background()
    values.tick_labels.font.size = categories.tick_labels.font.size = Pt(size)
    if chart.unit == "percent":
        values.maximum_scale = 1
        values.tick_labels.number_format = "0%"
        values.tick_labels.number_format_is_linked = False
    if chart.kind == "stacked_bars":
        # Reversed, the first bar stands on top; the values' axis would then stand there too.
        categories.reverse_order = True
        values.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
        values.visible = False
        # Every bar keeps its name, however long the names are.
        last = categories._element.find(f"{_CHART}noMultiLvlLbl")
        last.addprevious(etree.Element(f"{_CHART}tickLblSkip", val="1"))


def _bars(plot: Any, chart: Chart) -> None:
    plot.gap_width = 60
    if chart.kind == "stacked_bars":
        plot.overlap = 100
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.show_value = True
    labels.number_format = _LABELS[chart.unit]
    labels.number_format_is_linked = False


def _fill(series: Any, spec: Series) -> None:
    fill = series.format.fill
    colour = RGBColor.from_string(HATCHED.get(spec.ink, INKS[spec.ink]))
    if spec.ink in HATCHED:
        fill.patterned()
        fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
        fill.fore_color.rgb = colour
        fill.back_color.rgb = RGBColor(255, 255, 255)
    else:
        fill.solid()
        fill.fore_color.rgb = colour
    if spec.ink == "red":
        # The only fill on which black figures cannot be read.
        labels = series.data_labels
        labels.show_value = True
        labels.number_format, labels.number_format_is_linked = _LABELS["count"], False
        labels.font.color.rgb = RGBColor(255, 255, 255)


def _line(series: Any, spec: Series) -> None:
    line = series.format.line
    line.color.rgb = RGBColor.from_string(INKS[spec.ink])
    line.width = Pt(1.5 if spec.dashed else 2.25)
    series.smooth = False
    if spec.dashed:
        line.dash_style = MSO_LINE.DASH
        series.marker.style = XL_MARKER_STYLE.NONE
    else:
        series.marker.style = XL_MARKER_STYLE.CIRCLE
        series.marker.size = 5
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = RGBColor.from_string(INKS[spec.ink])
        series.marker.format.line.color.rgb = RGBColor.from_string(INKS[spec.ink])
