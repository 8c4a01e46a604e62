"""Native Excel charts, each over its own figures, written beside it so that it can be changed."""

from __future__ import annotations

from typing import Any, Final

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from analytics.report.inks import HATCHED, INKS
from analytics.report.model import Chart, Series
from analytics.report.plain import clean

#: Rows of a sheet that a chart and the figures beside it take.
ROWS: Final = 22
#: Column of a chart's figures, to the right of the chart.
_FIGURES: Final = 9

_TYPES: Final = {
    "stacked_bars": {"type": "bar", "subtype": "stacked"},
    "columns": {"type": "column"},
    "lines": {"type": "line"},
}
_NUMBERS: Final = {"count": "0;;;", "percent": "0%"}


def insert(
    book: xlsxwriter.Workbook, sheet: Worksheet, chart: Chart, row: int, heading: Any, number: Any
) -> None:
    """Write the chart's figures (in the format ``number``) from ``row`` on, and the chart over them."""
    _figures(sheet, chart, row, heading, number)
    drawn = book.add_chart(_TYPES[chart.kind])
    for place, series in enumerate(chart.series):
        drawn.add_series(_series(sheet.get_name(), chart, series, row, place))
    drawn.set_title(
        {
            "name": clean(chart.title),
            "overlay": False,
            "name_font": {"name": "黑体", "size": 12, "bold": False},
        }
    )
    drawn.set_legend({"position": "bottom"})
    drawn.set_size({"width": 620, "height": 400})
    _axes(drawn, chart)
    sheet.insert_chart(row, 0, drawn, {"description": clean(chart.alt)})


def _figures(sheet: Worksheet, chart: Chart, row: int, heading: Any, style: Any) -> None:
    for number, series in enumerate(chart.series, 1):
        sheet.write_string(row, _FIGURES + number, clean(series.name), heading)
    for line, category in enumerate(chart.categories, 1):
        sheet.write_string(row + line, _FIGURES, clean(category))
        for number, series in enumerate(chart.series, 1):
            value = series.values[line - 1]
            if value is not None:
                sheet.write_number(row + line, _FIGURES + number, value, style)


def _series(name: str, chart: Chart, series: Series, row: int, number: int) -> dict[str, Any]:
    last = row + len(chart.categories)
    column = _FIGURES + 1 + number
    found: dict[str, Any] = {
        "name": [name, row, column],
        "categories": [name, row + 1, _FIGURES, last, _FIGURES],
        "values": [name, row + 1, column, last, column],
    }
    colour = f"#{INKS[series.ink]}"
    if chart.kind == "lines":
        line = {"color": colour, "width": 1.5 if series.dashed else 2.25}
        marker = (
            {"type": "none"} if series.dashed else {"type": "circle", "size": 5, "fill": {"color": colour}}
        )
        return {**found, "line": line | ({"dash_type": "dash"} if series.dashed else {}), "marker": marker}
    fill: dict[str, Any] = {"fill": {"color": colour}}
    if series.ink in HATCHED:
        fill = {
            "pattern": {
                "pattern": "wide_upward_diagonal",
                "fg_color": f"#{HATCHED[series.ink]}",
                "bg_color": "#FFFFFF",
            }
        }
    labels = {"value": True, "num_format": _NUMBERS[chart.unit], "font": {"size": 9}}
    return {**found, **fill, "border": {"color": "#FFFFFF"}, "gap": 60, "data_labels": labels}


def _axes(drawn: Any, chart: Chart) -> None:
    grid = {"visible": True, "line": {"color": f"#{INKS['grid']}"}}
    values: dict[str, Any] = {"min": 0, "major_gridlines": grid, "line": {"none": True}}
    if chart.unit == "percent":
        values |= {"max": 1, "num_format": "0%"}
    if chart.kind == "stacked_bars":
        # A bar chart's categories are its upright axis; reversed, the first stands on top.
        drawn.set_y_axis({"reverse": True})
        drawn.set_x_axis({**values, "label_position": "high", "visible": False})
    else:
        drawn.set_y_axis(values)
        drawn.set_x_axis(
            {"interval_unit": max(1, len(chart.categories) // 8)} if chart.kind == "lines" else {}
        )
