"""Charts of time: how long petitions take to close, and the course of a single one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import plotly.graph_objects as go
from pandas import Timestamp

from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.present.charts_style import Trace, axis, figure, ink, line, note, scatter
from analytics.vocabulary import CLOSED_BY_DAYS

_DAY: Final = 86_400
#: Longer than this, a lane of minutes is drawn in days.
_IN_MINUTES: Final = 2 * _DAY
_LANE: Final = 34
_WIDE: Final = 120
_TALL: Final = 28


def closed_by(
    curve: Sequence[Mapping[str, float]],
    reads: Mapping[str, float | None],
    *,
    dark: bool = False,
    foot: str = "",
) -> go.Figure:
    """Share closed by each day with its 95 % band, read off at days 3, 30 and 182.

    ``curve``: day, share, low, high (fractions, days ascending); ``reads``: the share at each of those days, by "3", "30", "182".
    """
    inks = ink(dark)
    days = [point["day"] for point in curve]
    band = scatter(
        x=[*days, *reversed(days)],
        y=[*(p["high"] for p in curve), *(p["low"] for p in reversed(curve))],
        fill="toself",
        fillcolor=inks.volume_pale,
        opacity=0.5,
        line={"width": 0, "shape": "hv"},
        hoverinfo="skip",
    )
    steps = scatter(
        x=days,
        y=[point["share"] for point in curve],
        mode="lines",
        line={"color": inks.volume, "width": 2, "shape": "hv"},
        hovertext=[
            _("{day} 天内办结 {share}").format(
                day=wording.decimal(p["day"]), share=wording.percent(p["share"])
            )
            for p in curve
        ],
        hoverinfo="text",
    )
    last = min(max([*days, 1]), max(CLOSED_BY_DAYS) + 8)
    shown = [day for day in CLOSED_BY_DAYS if day <= last and reads.get(str(day)) is not None]
    words = {
        day: _("{day} 天 {share}").format(day=day, share=wording.percent(reads[str(day)])) for day in shown
    }
    notes = [
        note(
            text,
            day,
            reads[str(day)],
            dark,
            xref="x",
            yref="y",
            xanchor="right" if day > 0.8 * last else "left",
            yanchor="top",
            xshift=-4 if day > 0.8 * last else 4,
            yshift=-6,
        )
        for day, text in words.items()
    ]
    return figure(
        [band, steps],
        title=_("多少天内办结（占全部诉求，含未办结的估计）"),
        alt=_("办结进度：{parts}。").format(parts=_("、").join(words.values()) or wording.UNKNOWN),
        height=260,
        dark=dark,
        foot=foot,
        shapes=[line(day, inks.grid, width=1) for day in shown],
        annotations=notes,
        xaxis={"range": [0, last], "showgrid": False, "nticks": 7, "ticksuffix": _(" 天")},
        yaxis={"range": [0, 1.02], "tickformat": ".0%", "nticks": 5},
    )


def petition_course(
    lanes: Sequence[Mapping[str, Any]],
    reported: Timestamp,
    as_of: Timestamp,
    *,
    dark: bool = False,
    foot: str = "",
) -> go.Figure:
    """One petition: a lane per promise, drawn to scale, minutes above and days below.

    Lanes: ``label``, ``start``, ``due`` and ``end`` (Timestamps or None), ``state`` as words, ``late``
    and ``short`` (in the panel of minutes, or of days where one of them took longer than a day or two). The pale bar is the time allowed, the dot is when it happened; an open one runs to ``as_of``.
    """
    short = [lane for lane in lanes if lane["short"]]
    long = [lane for lane in lanes if not lane["short"]]
    traces: list[Trace] = []
    notes: list[dict[str, Any]] = []
    minutes = all(_reach(lane, reported, as_of) <= _IN_MINUTES for lane in short)
    for part, unit, panel in ((short, 60 if minutes else _DAY, ""), (long, _DAY, "2")):
        for lane in part:
            drawn, label = _lane(lane, reported, as_of, unit, panel, dark)
            traces += drawn
            notes.append(label)
    rows = len(short) + len(long) or 1
    split = 1 - len(short) / rows
    both = bool(short and long)
    lanes_axis = {"autorange": "reversed", "type": "category", "showgrid": False}
    return figure(
        traces,
        title=_("办理经过（浅色为允许的时间，圆点为实际发生）"),
        alt=_("；").join(f"{lane['label']} {lane['state']}" for lane in lanes),
        height=rows * _LANE + 110,
        barmode="overlay",
        dark=dark,
        foot=foot,
        annotations=notes,
        xaxis={
            "ticksuffix": "′" if minutes else _(" 天"),
            "rangemode": "tozero",
            "anchor": "y",
            "visible": bool(short),
            "nticks": 7,
        },
        yaxis={**lanes_axis, "domain": [min(split + 0.1, 1), 1] if both else [0, 1], "visible": bool(short)},
        xaxis2={
            **axis(dark),
            "ticksuffix": _(" 天"),
            "rangemode": "tozero",
            "anchor": "y2",
            "visible": bool(long),
            "nticks": 7,
        },
        yaxis2={
            **axis(dark),
            **lanes_axis,
            "domain": [0, max(split - 0.1, 0.1)] if both else [0, 1],
            "visible": bool(long),
        },
    )


def sparkline(
    values: Sequence[float | None],
    *,
    target: float | None = None,
    band: Sequence[float] | None = None,
    marks: Mapping[int, bool] = MappingProxyType({}),
    dark: bool = False,
) -> str:
    """A small trend as SVG text, 120 × 28: no script, and it prints.

    ``values`` are in order of months, None for unknown (a gap); ``band`` is low and high of the normal
    variation, ``target`` a thin dashed line. ``marks``: months (their position) in which something happened,
    and whether that was a launch.
    """
    inks = ink(dark)
    step = _WIDE / max(len(values) - 1, 1)
    low, high = _span([*values, target, *(band or ())])

    def y(value: float) -> float:
        return round(_TALL - 3 - (value - low) / (high - low) * (_TALL - 6), 1)

    parts = []
    if band is not None:
        box = f'width="{_WIDE}" y="{y(band[1])}" height="{round(y(band[0]) - y(band[1]), 1)}"'
        parts.append(f'<rect x="0" {box} fill="{inks.volume_pale}" opacity="0.45"/>')
    if target is not None:
        ends = f'x1="0" x2="{_WIDE}" y1="{y(target)}" y2="{y(target)}"'
        parts.append(f'<line {ends} stroke="{inks.muted}" stroke-width="0.8" stroke-dasharray="3 2"/>')
    for at, is_launch in marks.items():
        x = round((at - 0.5 if is_launch else at) * step, 1)
        look = f'stroke="{inks.accent}"' if is_launch else f'stroke="{inks.muted}" stroke-dasharray="1 2"'
        parts.append(f'<line x1="{x}" x2="{x}" y1="0" y2="{_TALL}" {look} stroke-width="0.8"/>')
    for run in _runs(values):
        points = " ".join(f"{round(i * step, 1)},{y(v)}" for i, v in run)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{inks.volume}" stroke-width="1.5"/>')
    known = [(i, v) for i, v in enumerate(values) if v is not None]
    if known:
        x, last = round(known[-1][0] * step, 1), y(known[-1][1])
        parts.append(f'<circle cx="{x}" cy="{last}" r="2.6" fill="{inks.strong}"/>')
    box = f"-3 0 {_WIDE + 6} {_TALL}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{"".join(parts)}</svg>'


def _span(values: Sequence[float | None]) -> tuple[float, float]:
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((i, value))
    return [run for run in runs if len(run) > 1]


def _lane(
    lane: Mapping[str, Any], reported: Timestamp, as_of: Timestamp, unit: int, panel: str, dark: bool
) -> tuple[list[Trace], dict[str, Any]]:
    inks = ink(dark)
    place = {
        "y": [lane["label"]],
        "xaxis": f"x{panel}",
        "yaxis": f"y{panel}",
        "hoverinfo": "text",
        "hovertext": [lane["state"]],
    }
    start, due, end = (
        None if at is None else (at - reported).total_seconds() / unit
        for at in (lane["start"], lane["due"], lane["end"])
    )
    now = (as_of - reported).total_seconds() / unit
    colour = inks.strong if lane["late"] else inks.volume
    reached = end if end is not None else now if lane["late"] else None
    traces: list[Trace] = []
    if due is not None and start is not None:
        traces.append(_span_bar(start, due, 0.6, inks.volume_pale, place))
    if reached is not None and start is not None:
        traces.append(_span_bar(start, reached, 0.12, colour, place))
    if end is not None:
        traces.append(scatter(x=[end], mode="markers", marker={"size": 11, "color": colour}, **place))
    if not traces:  # the lane is there all the same
        traces.append(scatter(x=[0], mode="markers", marker={"opacity": 0}, **place))
    right = max(v for v in (due, reached, 0.0) if v is not None)
    text = note(
        lane["state"],
        right,
        lane["label"],
        dark,
        xref=f"x{panel}",
        yref=f"y{panel}",
        xanchor="left",
        xshift=10,
    )
    return traces, text


def _reach(lane: Mapping[str, Any], reported: Timestamp, as_of: Timestamp) -> float:
    """Seconds from the report to the last thing drawn in a lane."""
    last = as_of if lane["late"] and lane["end"] is None else lane["end"]
    return max(((at - reported).total_seconds() for at in (lane["due"], last) if at is not None), default=0.0)


def _span_bar(start: float, end: float, width: float, colour: str, place: Trace) -> Trace:
    size = {"base": [start], "x": [end - start], "orientation": "h", "width": width}
    return {"type": "bar", **size, "marker": {"color": colour}, **place}
