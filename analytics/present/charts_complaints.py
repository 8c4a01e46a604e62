"""Charts of the complaints to the city platform, before and after the launch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from analytics.i18n import gettext as _
from analytics.present import charts_events, wording
from analytics.present.charts_colours import month_axis
from analytics.present.charts_style import complained, figure, ink, note, scatter

#: Height of the slopes' plot and of one label in it, in pixels.
_SLOPES: Final = 280
_LABEL: Final = 18


def complaint_trend(complaints: Mapping[str, Any], *, dark: bool = False, foot: str = "") -> go.Figure:
    """Complaints per month, incomplete months pale, launches and events marked, the mean of either side.

    ``complaints``: as in the review."""
    inks = ink(dark)
    months = complaints["months"]
    codes = [row["month"] for row in months]
    pale = [bool(row.get("incomplete")) for row in months]
    trace = scatter(
        x=codes,
        y=[row["count"] for row in months],
        mode="lines+markers",
        connectgaps=False,
        line={"color": inks.volume, "width": 1.5},
        marker={
            "size": 8,
            "color": [inks.paper if p else inks.volume for p in pale],
            "line": {"color": [inks.volume_pale if p else inks.volume for p in pale], "width": 2},
        },
        hovertext=[_hover(row) for row in months],
        hoverinfo="text",
        customdata=complained(months),
        unselected={"marker": {"opacity": 1}},
    )
    launch = complaints.get("launch") or {}
    shapes, means = _means(launch, codes, dark)
    happened = {"launches": complaints.get("launches", ()), "events": complaints.get("events", ())}
    marks = charts_events.on_months(happened, codes, dark=dark, above=charts_events.ROW if means else 0)
    return figure(
        [trace],
        title=_("每月网络理政投诉（件；空心为不完整的月份，不参与比较）"),
        alt=_trend_alt(months, launch),
        height=270 + marks.top,
        dark=dark,
        foot=marks.foot(foot),
        margin={"l": 8, "r": 8, "t": marks.top + 12, "b": 8},
        shapes=[*marks.shapes, *shapes],
        annotations=[*marks.notes, *means],
        xaxis={**month_axis(codes), "range": [-0.5, max(len(codes) - 0.5, 0.5)]},
        yaxis={"rangemode": "tozero", "tickformat": ",d", "nticks": 5},
    )


def before_and_after(rows: Sequence[Mapping[str, Any]], *, dark: bool = False, foot: str = "") -> go.Figure:
    """A slope per category: mean complaints per month before and after. Rows: label, before, after."""
    inks = ink(dark)
    ends = [_("上线前"), _("上线后")]
    traces = [
        scatter(
            x=ends,
            y=[row["before"], row["after"]],
            mode="lines+markers",
            line={"color": inks.strong if row["after"] > row["before"] else inks.volume, "width": 2},
            marker={"size": 8},
            hovertext=[
                f"{row['label']} {end} {wording.decimal(row[key])}"
                for end, key in zip(ends, ("before", "after"), strict=True)
            ],
            hoverinfo="text",
        )
        for row in rows
    ]
    top = max((row[side] for row in rows for side in ("before", "after")), default=0) or 1
    heights = spread([row["after"] for row in rows], top * _LABEL / _SLOPES)
    notes = [
        note(
            f"{row['label']} {wording.decimal(row['before'])} → {wording.decimal(row['after'])}",
            1,
            height,
            dark,
            xref="x",
            xanchor="left",
            xshift=10,
        )
        for row, height in zip(rows, heights, strict=True)
    ]
    return figure(
        traces,
        title=_("各类投诉月均（件，上线前 → 上线后）"),
        alt=_("；").join(
            f"{row['label']} {wording.decimal(row['before'])} → {wording.decimal(row['after'])}"
            for row in rows
        ),
        height=_SLOPES + 40,
        dark=dark,
        foot=foot,
        annotations=notes,
        xaxis={"range": [-0.15, 2.6], "showgrid": False},
        yaxis={"range": [-top * 0.04, max([top * 1.05, *heights])], "nticks": 5},
    )


def spread(values: Sequence[float], gap: float) -> list[float]:
    """Heights for labels near their values, in the same order, at least ``gap`` apart, none below 0."""
    order = sorted(range(len(values)), key=values.__getitem__)
    heights = list(values)
    floor = 0.0
    for i in order:
        heights[i] = max(values[i], floor)
        floor = heights[i] + gap
    return heights


def _means(
    launch: Mapping[str, Any], codes: Sequence[str], dark: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The means of either side of one shared launch, over the months they are of."""
    if not launch or launch["month"] not in codes:
        return [], []
    at = codes.index(launch["month"]) - 0.5
    shapes, notes = [], []
    plain = launch.get("plain") or {}
    spans = (
        ("before_mean", -0.5, at, _("上线前月均 {n}")),
        ("after_mean", at, len(codes) - 0.5, _("上线后月均 {n}")),
    )
    for name, start, end, words in spans:
        mean = plain.get(name)
        if mean is not None and end > start:
            shapes.append(_mean_line(mean, start, end, dark))
            label = words.format(n=wording.decimal(mean))
            notes.append(_mean_label(label, start, end, dark))
    return shapes, notes


def _mean_line(mean: float, start: float, end: float, dark: bool) -> dict[str, Any]:
    style = {"color": ink(dark).muted, "width": 1, "dash": "dash"}
    return {"type": "line", "x0": start, "x1": end, "y0": mean, "y1": mean, "line": style}


def _mean_label(text: str, start: float, end: float, dark: bool) -> dict[str, Any]:
    """Above the plot, over the months it is the mean of, where it hides no point."""
    return note(text, (start + end) / 2, 1, dark, xref="x", yref="paper", yanchor="bottom")


def _hover(row: Mapping[str, Any]) -> str:
    text = _("{month}：{n} 件（不完整）") if row.get("incomplete") else _("{month}：{n} 件")
    return text.format(month=wording.month(row["month"]), n=wording.count(row["count"]))


def _trend_alt(months: Sequence[Mapping[str, Any]], launch: Mapping[str, Any]) -> str:
    span = wording.months(months[0]["month"], months[-1]["month"]) if months else wording.UNKNOWN
    said = _("{span}每月投诉件数。").format(span=span)
    plain = launch.get("plain") if launch else None
    if not plain:
        return said
    means = _("上线前月均 {before}，上线后 {after}。")
    return said + means.format(
        before=wording.decimal(plain["before_mean"]), after=wording.decimal(plain["after_mean"])
    )
