"""Charts of the launch effect: the months against the line without the launch, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from analytics.i18n import gettext as _
from analytics.present import charts_events, sentences_effect, ways, wording
from analytics.present.charts_colours import month_axis
from analytics.present.charts_style import (
    BAR,
    Ink,
    Trace,
    axis,
    bar,
    figure,
    ink,
    keys,
    line,
    note,
    opening,
    scatter,
    steady,
)
from analytics.scope import Scope
from analytics.vocabulary import place_label

#: Ratios shown on the forest plot, and how they read.
_TICKS: Final = (0.1, 0.3, 1, 3)
_LEAST, _MOST = 0.08, 6.0
#: Months since launch that the event study shows.
_WINDOW: Final = 12

Result = Mapping[str, Any]


def monthly_effect(
    result: Result, *, scope: Scope | None = None, dark: bool = False, foot: str = ""
) -> go.Figure:
    """Complaints per month, the line without the launch with its band, launches and events marked.

    Incomplete months are hollow; a month that is unknown is a gap. A point leads to its complaints where ``scope``
    holds its month.
    """
    inks, months = ink(dark), _complaint_months(result)
    codes = [row["month"] for row in months]
    series = (result["launch"] or {}).get("series")
    line_points = series["counterfactual"] if series else []
    traces = [
        *_expected(line_points, (result["launch"] or {}).get("month", ""), inks),
        _observed(months, inks, result["places"], scope),
    ]
    marks = charts_events.on_months(result, codes, dark=dark)
    return figure(
        traces,
        title=_("每月平台投诉（件；红线为上线，空心为不完整的月份，不参与评估）"),
        alt=sentences_effect.verdict(result),
        height=320 + marks.top,
        dark=dark,
        foot=marks.foot(foot),
        margin={"l": 8, "r": 8, "t": marks.top + 12, "b": 8},
        shapes=marks.shapes,
        annotations=[*marks.notes, *_direct_labels(line_points, dark)],
        xaxis={**month_axis(codes), "range": [-0.5, max(len(codes) - 0.5, 0.5)]},
        yaxis={"rangemode": "tozero", "tickformat": ",d", "nticks": 5},
    )


def forest(
    result: Result, complained: Mapping[str, int] | None = None, *, dark: bool = False, foot: str = ""
) -> go.Figure:
    """Each courtyard's effect with its 95 % interval, and the average over them; 0 is no change.

    A courtyard whose months do not carry a model shows its plain ratio, hollow. ``complained``: complaints by
    place, to which a courtyard leads.
    """
    inks = ink(dark)
    rows = [row for row in (_forest_row(entry, complained or {}) for entry in result["launches"]) if row]
    average = result["pooled"]
    if average:
        label = _("合并（{n} 个院落）").format(n=len(average["places"]))
        rows.append({"label": label, "full": label, "kind": "average", "way": ({}, 0), **_bounds(average)})
    shown = [min(max(row["ratio"], _LEAST), _MOST) for row in rows]
    colours = {"model": inks.volume, "plain": inks.paper, "average": inks.strong}
    trace = scatter(
        x=shown,
        y=[row["label"] for row in rows],
        mode="markers",
        marker={
            "size": [14 if row["kind"] == "average" else 10 for row in rows],
            "symbol": ["diamond" if row["kind"] == "average" else "circle" for row in rows],
            "color": [colours[row["kind"]] for row in rows],
            "line": {
                "color": [inks.strong if r["kind"] == "average" else inks.volume for r in rows],
                "width": 2,
            },
        },
        error_x=_whiskers(rows, shown, inks),
        hovertext=[opening(_forest_hover(row), row["way"][1]) for row in rows],
        hoverinfo="text",
        customdata=keys((row["way"][0] for row in rows), (row["way"][1] for row in rows)),
        unselected=steady(),
    )
    notes = [
        note(
            sentences_effect.gap(row["ratio"]),
            1,
            row["label"],
            dark,
            xref="paper",
            yref="y",
            xanchor="left",
            xshift=8,
        )
        for row in rows
    ]
    return figure(
        [trace],
        title=_("各院落上线后与「没有上线会怎样」相比（点为估计，线为 95 % 可信范围，空心为只比日均）"),
        alt=_("；").join(_forest_hover(row) for row in rows) or _("没有可以比较的院落。"),
        height=max(len(rows), 1) * BAR + 60,
        dark=dark,
        foot=foot,
        shapes=[line(1, inks.muted, width=1)],
        annotations=notes,
        # The words stand beside the plot, so that no whisker runs through them.
        margin={"l": 8, "r": 80, "t": 8, "b": 8},
        xaxis={
            "type": "log",
            "range": [-1.1, 0.85],
            "tickangle": 0,
            "tickvals": list(_TICKS),
            "ticktext": [wording.change(value) if value < 1 else _("持平") if value == 1 else _("{n} 倍").format(n=value) for value in _TICKS],
        },
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
    )  # fmt: skip


def event_study(found: Mapping[str, Any], *, dark: bool = False, foot: str = "") -> go.Figure:
    """Launched courtyards against those that had not launched, by months since the launch.

    ``found``: :func:`analytics.peers.compare`. Before the launch nothing should show; a point without an
    interval rests on fewer than three courtyards and is hollow.
    """
    inks = ink(dark)
    rows = [row for row in found["event_study"] if abs(row["month_since_launch"]) <= _WINDOW]
    known = [row["interval"] or (row["effect"], row["effect"]) for row in rows]
    trace = scatter(
        x=[row["month_since_launch"] for row in rows],
        y=[row["effect"] for row in rows],
        mode="markers",
        marker={
            "size": 9,
            "color": [inks.volume if row["interval"] else inks.paper for row in rows],
            "line": {"color": inks.volume, "width": 2},
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [high - row["effect"] for row, (_low, high) in zip(rows, known, strict=True)],
            "arrayminus": [row["effect"] - low for row, (low, _high) in zip(rows, known, strict=True)],
            "color": inks.volume,
            "thickness": 1.5,
            "width": 0,
        },
        hovertext=[_study_hover(row, found["unit"]) for row in rows],
        hoverinfo="text",
        unselected=steady(),
    )
    return figure(
        [trace],
        title=_("上线院落比未上线院落多（少）的投诉（{unit}，件；以上线前一月为零）").format(
            unit=_(sentences_effect.UNIT_LABELS[found["unit"]])
        ),
        alt=_("；").join(_study_hover(row, found["unit"]) for row in rows),
        height=290,
        dark=dark,
        foot=foot,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        shapes=[line(0, inks.muted, upright=False, width=1), line(-0.5, inks.accent)],
        annotations=[
            note(_("上线"), -0.5, 1, dark, xref="x", yref="paper", yanchor="bottom", font={"size": 12, "color": inks.accent})
        ],
        xaxis={"tickformat": "d", "title": {"text": _("上线后第几个月"), "font": {"size": 12}}, "showgrid": False},
        yaxis={"nticks": 5},
    )  # fmt: skip


def channels(result: Result, *, scope: Scope | None = None, dark: bool = False, foot: str = "") -> go.Figure:
    """Petitions here and complaints there, month by month, each on its own scale: never added up.

    A bar leads to its petitions, a point to its complaints, where ``scope`` holds the month.
    """
    inks, months = ink(dark), result["months"]
    codes = [row["month"] for row in months]
    pale = [row["petitions_incomplete"] for row in months]
    behind = [ways.petitions_in(row, result, scope or Scope()) for row in months]
    petitions = bar(
        x=codes,
        y=[row["petitions"] for row in months],
        marker={"color": [inks.volume_pale if p else inks.volume for p in pale]},
        hovertext=[_channel_hover(_("码上报诉求"), row["month"], row["petitions"]) for row in months],
        customdata=keys(*zip(*behind, strict=True)) if behind else [],
        yaxis="y",
    )
    complaints = _observed(_named(months), inks, result["places"], scope)
    complaints.update(yaxis="y2")
    marks = charts_events.on_months(result, codes, dark=dark, above=charts_events.ROW)
    heads = ((_("码上报诉求（件）"), 1.0), (_("平台投诉（件）"), 0.46))
    counts = {"rangemode": "tozero", "tickformat": ",d", "nticks": 4}
    return figure(
        [petitions, complaints],
        title=_("两个渠道，分开看，从不相加（红线为上线）"),
        alt=sentences_effect.channels(result),
        height=344 + marks.top,
        dark=dark,
        foot=marks.foot(foot),
        margin={"l": 8, "r": 8, "t": marks.top + 8, "b": 8},
        bargap=0.25,
        shapes=marks.shapes,
        annotations=[
            *marks.notes,
            *(
                note(text, 0, y, dark, xref="paper", yref="paper", xanchor="left", yanchor="bottom")
                for text, y in heads
            ),
        ],
        xaxis={**month_axis(codes), "anchor": "y2"},
        yaxis={**counts, "domain": [0.56, 1]},
        yaxis2={**axis(dark), **counts, "domain": [0, 0.44], "anchor": "x"},
    )


def _complaint_months(result: Result) -> list[dict[str, Any]]:
    """The months from the first to the last known complaint figure."""
    months = _named(result["months"])
    known = [i for i, row in enumerate(months) if row["count"] is not None]
    return months[known[0] : known[-1] + 1] if known else []


def _named(months: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"month": row["month"], "count": row["complaints"], "incomplete": row["incomplete"]} for row in months
    ]


def _observed(
    months: Sequence[Mapping[str, Any]], inks: Ink, places: Sequence[str], scope: Scope | None
) -> Trace:
    pale = [row["incomplete"] for row in months]
    behind = [
        ways.complaints_in({**row, "complaints": row["count"]}, places, scope or Scope()) for row in months
    ]
    return scatter(
        x=[row["month"] for row in months],
        y=[row["count"] for row in months],
        mode="lines+markers",
        connectgaps=False,
        line={"color": inks.volume, "width": 1.5},
        marker={
            "size": 8,
            "color": [inks.paper if p else inks.volume for p in pale],
            "line": {"color": [inks.volume_pale if p else inks.volume for p in pale], "width": 2},
        },
        hovertext=[_channel_hover(_("平台投诉"), row["month"], row["count"], row["incomplete"]) for row in months],
        hoverinfo="text",
        customdata=keys(*zip(*behind, strict=True)) if behind else [],
        unselected=steady(),
    )  # fmt: skip


def _expected(points: Sequence[Mapping[str, Any]], launch: str, inks: Ink) -> list[Trace]:
    """The band of the line without the launch; the line itself, dashed from the launch on."""
    if not points:
        return []
    codes = [point["month"] for point in points]
    band = scatter(
        x=[*codes, *reversed(codes)],
        y=[*(p["upper"] for p in points), *(p["lower"] for p in reversed(points))],
        fill="toself",
        fillcolor=inks.volume_pale,
        opacity=0.4,
        line={"width": 0},
        hoverinfo="skip",
    )
    before = [p for p in points if p["month"] < launch]
    after = [*before[-1:], *(p for p in points if p["month"] >= launch)]
    return [band, _expected_line(before, "solid", inks), _expected_line(after, "dash", inks)]


def _expected_line(points: Sequence[Mapping[str, Any]], dash: str, inks: Ink) -> Trace:
    return scatter(
        x=[point["month"] for point in points],
        y=[point["expected"] for point in points],
        mode="lines",
        line={"color": inks.muted, "width": 1.5, "dash": dash},
        hovertext=[
            _("{month}：没有上线约 {n} 件（{low}–{high}）").format(
                month=wording.month(point["month"]),
                n=wording.decimal(point["expected"]),
                low=wording.decimal(point["lower"]),
                high=wording.decimal(point["upper"]),
            )
            for point in points
        ],
        hoverinfo="text",
    )


def _direct_labels(points: Sequence[Mapping[str, Any]], dark: bool) -> list[dict[str, Any]]:
    if not points:
        return []
    last = points[-1]
    where = {"xref": "x", "yref": "y", "xanchor": "right", "yanchor": "bottom", "yshift": 6}
    return [
        note(_("没有上线会怎样"), last["month"], last["expected"], dark, bgcolor=ink(dark).paper, **where)
    ]


def _forest_row(entry: Mapping[str, Any], complained: Mapping[str, int]) -> dict[str, Any] | None:
    found = entry["series"] or entry["plain"]
    if not found or not found["ratio"]:
        return None
    names = {"label": place_label(entry["place"]), "full": place_label(entry["place"], True)}
    way = ways.complaints_at(entry["place"], complained)
    return {**names, "way": way, "kind": "model" if entry["series"] else "plain", **_bounds(found)}


def _bounds(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"ratio": found["ratio"], "interval": found["interval"]}


def _whiskers(rows: Sequence[Mapping[str, Any]], shown: Sequence[float], inks: Ink) -> dict[str, Any]:
    """Whiskers cut at the edge of the plot; an endless one reaches it."""
    ends = [
        (max(low if low is not None else 0, _LEAST), min(high if high is not None else _MOST, _MOST))
        for low, high in (row["interval"] for row in rows)
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(high - x, 0) for (_low, high), x in zip(ends, shown, strict=True)],
        "arrayminus": [max(x - low, 0) for (low, _high), x in zip(ends, shown, strict=True)],
        "color": inks.volume,
        "thickness": 1.5,
        "width": 0,
    }


def _forest_hover(row: Mapping[str, Any]) -> str:
    how = _("（只比日均）") if row["kind"] == "plain" else ""
    return _("{place}：{gap}（可信范围 {interval}）{how}").format(
        place=row["full"],
        gap=sentences_effect.gap(row["ratio"]),
        interval=sentences_effect.gap_interval(row["interval"]),
        how=how,
    )


def _study_hover(row: Mapping[str, Any], unit: str) -> str:
    bounds = row["interval"]
    words = (
        _("可信范围 {low} 到 {high}").format(
            low=sentences_effect.signed(bounds[0]), high=sentences_effect.signed(bounds[1])
        )
        if bounds
        else _("院落不足 3 个，没有可信范围")
    )
    return _("上线{month}个月：{effect} 件（{words}，{n} 个院落）").format(
        month=f"{row['month_since_launch']:+d}",
        effect=sentences_effect.signed(row["effect"]),
        words=words,
        n=row["places"],
    )


def _channel_hover(what: str, month: str, number: int | None, incomplete: bool = False) -> str:
    text = _("{month} {what}：{n} 件（不完整）") if incomplete else _("{month} {what}：{n} 件")
    return text.format(month=wording.month(month), what=what, n=wording.count(number))
