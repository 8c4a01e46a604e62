"""The report's own charts on screen: the same categories, series and inks as in Word, PDF and slides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import plotly.graph_objects as go

from analytics.present import wording
from analytics.present.charts_style import BAR, Ink, Trace, bar, figure, hatch, ink, scatter
from analytics.vocabulary import COLOURS

_LINES, _BARS = 280, 260
#: Labels of an axis of months before some are left out.
_TICKS: Final = 8


class DrawnSeries(Protocol):
    """A series of a report's chart."""

    @property
    def name(self) -> str: ...
    @property
    def values(self) -> tuple[float | None, ...]: ...
    @property
    def ink(self) -> str: ...
    @property
    def dashed(self) -> bool: ...


class DrawnChart(Protocol):
    """A chart without a renderer, as the report has it (which comes later in the journey than this room)."""

    @property
    def title(self) -> str: ...
    @property
    def alt(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def categories(self) -> tuple[str, ...]: ...
    @property
    def series(self) -> Sequence[DrawnSeries]: ...
    @property
    def unit(self) -> str: ...


def drawn(chart: DrawnChart, title: str, *, dark: bool = False) -> go.Figure:
    """The chart under ``title`` (its number and name)."""
    inks = ink(dark)
    settings: dict[str, Any] = {
        "title": title, "alt": chart.alt, "dark": dark,
    }  # fmt: skip
    values = {"rangemode": "tozero"}
    if chart.unit == "percent":
        values = {"range": [0, 1.08], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}  # type: ignore[dict-item]
    if chart.kind == "stacked_bars":
        return figure(
            [_stack(series, chart, inks) for series in chart.series],
            height=len(chart.categories) * BAR + 24, barmode="stack",
            xaxis={"visible": False}, yaxis={"autorange": "reversed", "type": "category"}, **settings,
        )  # fmt: skip
    across = {"type": "category", "showgrid": False}
    if chart.kind == "columns":
        return figure(
            [_column(series, chart, inks) for series in chart.series],
            height=_BARS, bargap=0.35, xaxis={**across, "tickangle": 0}, yaxis=values, **settings,
        )  # fmt: skip
    return figure(
        [_line(series, chart, inks) for series in chart.series],
        height=_LINES, xaxis={**across, "nticks": _TICKS}, yaxis=values, **settings,
    )  # fmt: skip


def legend(chart: DrawnChart, *, dark: bool = False) -> list[tuple[str, str, str]]:
    """Name, colour and shape (fill, hatched, line, dashed) of each series; none where there is only one.

    Set as text beside the chart, it wraps on a phone; plotly's own would be cut there.
    """
    if len(chart.series) < 2:
        return []
    inks = ink(dark)
    return [(series.name, colour(series.ink, inks), _shape(series, chart)) for series in chart.series]


def _shape(series: DrawnSeries, chart: DrawnChart) -> str:
    if chart.kind == "lines":
        return "dashed" if series.dashed else "line"
    return "hatched" if series.ink == "pale" else "fill"


def colour(role: str, inks: Ink) -> str:
    """The ink of a role on this ground: the four colours as everywhere, all else blue, grey or the accent."""
    if role in COLOURS:
        return inks.colours[role]
    others = {
        "volume": inks.volume, "strong": inks.strong, "pale": inks.volume_pale, "launch": inks.accent,
    }  # fmt: skip
    return others.get(role, inks.muted)


def _stack(series: DrawnSeries, chart: DrawnChart, inks: Ink) -> Trace:
    """A zero in a stack would be a figure without a bar."""
    return bar(
        orientation="h", x=list(series.values), y=list(chart.categories), name=series.name,
        marker=_fill(series.ink, inks),
        text=[wording.count(v) if v else "" for v in series.values], textposition="inside",
        textfont={"size": 12, "color": inks.on_colours.get(series.ink, inks.text)},
        hovertext=_hovers(series, chart),
    )  # fmt: skip


def _column(series: DrawnSeries, chart: DrawnChart, inks: Ink) -> Trace:
    return bar(
        x=_broken(chart.categories), y=list(series.values), name=series.name, marker=_fill(series.ink, inks),
        text=[_label(v, chart) for v in series.values], textposition="outside",
        textfont={"size": 12, "color": inks.text}, hovertext=_hovers(series, chart),
    )  # fmt: skip


def _line(series: DrawnSeries, chart: DrawnChart, inks: Ink) -> Trace:
    line = {"color": colour(series.ink, inks), "width": 1.5 if series.dashed else 2.25}
    return scatter(
        x=list(chart.categories), y=list(series.values), name=series.name,
        mode="lines" if series.dashed else "lines+markers",
        line={**line, "dash": "dash"} if series.dashed else line,
        marker={"size": 5, "color": line["color"]}, hovertext=_hovers(series, chart), hoverinfo="text",
    )  # fmt: skip


def _broken(names: Sequence[str]) -> list[str]:
    """What stands in brackets goes to a second line, so that names stand level on a phone too."""
    return [name.replace("（", "<br>（").replace(" (", "<br>(") for name in names]


def _fill(role: str, inks: Ink) -> dict[str, Any]:
    found: dict[str, Any] = {"color": colour(role, inks)}
    if role == "pale":
        found["pattern"] = hatch(inks.muted)
    return found


def _hovers(series: DrawnSeries, chart: DrawnChart) -> list[str]:
    return [
        f"{category} · {series.name} {_label(value, chart)}"
        for category, value in zip(chart.categories, series.values, strict=True)
    ]


def _label(value: float | None, chart: DrawnChart) -> str:
    if value is None:
        return ""
    if chart.unit == "percent":
        return wording.percent(value)
    return wording.count(value) if float(value).is_integer() else wording.decimal(value)
