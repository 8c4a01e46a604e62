"""Charts that compare courtyards without ranking them, explain a change, and show one courtyard's course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.comparison import COMPLAINTS, against
from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import charts_events, sentences_courtyards, ways, wording
from analytics.present.charts_colours import month_axis
from analytics.present.charts_style import (
    BAR,
    Ink,
    Trace,
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
from analytics.trends import Trend
from analytics.vocabulary import place_label

#: Parts of a change that are drawn one by one; smaller ones are drawn together.
_PARTS: Final = 8
_NOWHERE: Final = {"narrowing": {}, "against": 0, "whole": False}

Compared = Mapping[str, Any]


def funnel(found: Compared, policy: Policy, *, dark: bool = False, foot: str = "") -> go.Figure:
    """Every courtyard by its number of cases and its rate, within the limits that chance alone would set.

    Those outside the limits are named; a click leads to the petitions that count against a courtyard.
    """
    inks, measure = ink(dark), found["measure"]
    rows = [row for row in found["rows"] if row["shown"] is not None]
    outside = [row["band_code"] in ("help", "better", "watch") for row in rows]
    points = scatter(
        x=[row["denominator"] for row in rows],
        y=[row["shown"] for row in rows],
        mode="markers+text",
        text=[place_label(row["place"]) if out else "" for row, out in zip(rows, outside, strict=True)],
        textposition=_sides(rows),
        textfont={"size": 12, "color": inks.text},
        marker={
            "size": 11,
            "color": [_band_ink(row["band_code"], inks) for row in rows],
            "line": {"color": inks.strong, "width": 1.5},
        },
        hovertext=[_place_hover(row, found) for row in rows],
        hoverinfo="text",
        customdata=keys((row["narrowing"] for row in rows), (row["against"] for row in rows)),
        unselected=steady(),
        cliponaxis=False,
    )
    title = sentences_courtyards.measure_title(measure, policy)
    unit = _("件/百户·30 天") if measure == COMPLAINTS else "%"
    return figure(
        [*_funnel_lines(found["limits"], inks), points],
        title=_("{measure}（{unit}）与件数：虚线 95 %、实线 99.8 % 的偶然范围").format(measure=title, unit=unit),
        alt=sentences_courtyards.finding(found, policy),
        height=380,
        dark=dark,
        foot=foot,
        margin={"l": 8, "r": 8, "t": 16, "b": 8},
        shapes=[] if found["overall"] is None else [line(found["overall"], inks.muted, upright=False, width=1)],
        annotations=_overall_note(found, dark),
        xaxis={"rangemode": "tozero", "title": {"text": _size_title(measure), "font": {"size": 12}}, "nticks": 6},
        yaxis=_rate_axis(found, rows),
    )  # fmt: skip


def shrunken(found: Compared, policy: Policy, *, dark: bool = False, foot: str = "") -> go.Figure:
    """Each courtyard's raw rate (hollow) and what is left of it once chance is allowed for (full)."""
    inks, measure = ink(dark), found["measure"]
    rows = [row for row in found["rows"] if row["rate"] is not None and row["shrunken"] is not None]
    labels = [place_label(row["place"]) for row in rows]
    bridge = scatter(
        x=[x for row in rows for x in (row["rate"], row["shrunken"], None)],
        y=[y for label in labels for y in (label, label, None)],
        mode="lines",
        line={"color": inks.volume_pale, "width": 3},
        hoverinfo="skip",
    )
    ends = [
        scatter(
            x=[row[name] for row in rows],
            y=labels,
            mode="markers",
            marker={"size": 11, "color": colour, "line": {"color": inks.volume, "width": 2}},
            hovertext=[_place_hover(row, found) for row in rows],
            hoverinfo="text",
            customdata=keys((row["narrowing"] for row in rows), (row["against"] for row in rows)),
            unselected=steady(),
        )
        for name, colour in (("rate", inks.paper), ("shrunken", inks.volume))
    ]
    title = sentences_courtyards.measure_title(measure, policy)
    return figure(
        [bridge, *ends],
        title=_("{measure}：空心为实际，实心为扣除偶然后（件数越少，拉向总体越多）").format(measure=title),
        alt=_("；").join(_place_hover(row, found) for row in rows) or title,
        height=max(len(rows), 1) * BAR + 60,
        dark=dark,
        foot=foot,
        margin={"l": 8, "r": 16, "t": 24, "b": 8},
        shapes=[] if found["overall"] is None else [line(found["overall"], inks.muted, width=1)],
        annotations=_overall_note(found, dark, upright=True),
        xaxis=_rate_axis(found, rows),
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
    )


def change_parts(
    found: Mapping[str, Any], policy: Policy, *, dark: bool = False, foot: str = ""
) -> go.Figure:
    """What each group added to a rate's change, in percentage points; the bars add up to the last one.

    A bar leads to the latest month's petitions that count against its group.
    """
    inks = ink(dark)
    rows = _change_rows(found)
    good = 1 if found["better"] != "down" else -1
    trace = bar(
        x=[row["effect"] * 100 for row in rows],
        y=[row["label"] for row in rows],
        orientation="h",
        marker={"color": [_change_ink(row, good, inks) for row in rows]},
        text=[sentences_courtyards.signed_points(row["effect"]) for row in rows],
        textposition="outside",
        textfont={"color": inks.text, "size": 12},
        hovertext=[
            opening(
                _("{name}：{parts}").format(
                    name=row["label"], parts=sentences_courtyards.points(row["effect"])
                ),
                row["against"],
            )
            for row in rows
        ],
        customdata=keys((row["narrowing"] for row in rows), (row["against"] for row in rows)),
    )
    reach = max((abs(row["effect"]) for row in rows), default=0.01) * 100 * 1.6 or 1
    return figure(
        [trace],
        title=_("{measure}为什么变了（百分点；右为拉高，左为拉低）").format(
            measure=REGISTRY[found["measure"]].titled(policy)
        ),
        alt=sentences_courtyards.change(found, policy),
        height=max(len(rows), 1) * BAR + 40,
        dark=dark,
        foot=foot,
        shapes=[line(0, inks.muted, width=1)],
        xaxis={"visible": False, "range": [-reach, reach]},
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
    )


def course(
    trend: Trend,
    measure: str,
    policy: Policy,
    happened: Mapping[str, Any] = charts_events.NOTHING,
    opens: Mapping[str, ways.Way] | None = None,
    *,
    dark: bool = False,
    foot: str = "",
) -> go.Figure:
    """A rate's course with its limits: by month, or the days between misses; signals are full points.

    ``happened``: what is marked, see :func:`analytics.dataset.happened`; ``opens``: where a month leads.
    """
    inks, chart = ink(dark), trend.chart
    by_days = trend.method == "days"
    across = (
        [f"{at:%Y-%m-%d}" for at in pd.DatetimeIndex(chart.index)]
        if by_days
        else [str(m) for m in chart.index]
    )
    leads = [(opens or {}).get(x, ({}, 0)) for x in across]
    signal = (chart[["outside", "run", "trend", "two_of_three"]] != 0).any(axis=1).tolist()
    points = scatter(
        x=across,
        y=[_known(value) for value in chart["value"]],
        mode="lines+markers",
        connectgaps=False,
        line={"color": inks.volume, "width": 1.5},
        marker={
            "size": 8,
            "color": [inks.strong if s else inks.paper for s in signal],
            "line": {"color": inks.volume, "width": 2},
        },
        hovertext=[
            opening(_course_hover(x, v, measure, by_days), count)
            for x, v, (_way, count) in zip(across, chart["value"], leads, strict=True)
        ],
        hoverinfo="text",
        customdata=keys((way for way, _count in leads), (count for _way, count in leads)),
        unselected=steady(),
    )
    lines = [
        _course_line(across, chart[name], dash, inks)
        for name, dash in (("mean", "solid"), ("lower", "dash"), ("upper", "dash"))
    ]
    title = sentences_courtyards.measure_title(measure, policy)
    text = (
        _("{measure}：相邻两次未达到之间相隔的天数（越高越好）")
        if by_days
        else _("{measure}：按月，虚线为正常波动的范围")
    )
    if by_days and measure == COMPLAINTS:
        text = _("相邻两件投诉之间相隔的天数（越高越好）")
    percent = {} if by_days or measure == COMPLAINTS else {"tickformat": ".0%"}
    marks = _course_marks(chart.index, across, by_days, happened, dark)
    return figure(
        [*lines, points],
        title=text.format(measure=title),
        alt=text.format(measure=title),
        height=242 + marks.top,
        dark=dark,
        foot=marks.foot(foot),
        margin={"l": 8, "r": 8, "t": marks.top + 8, "b": 8},
        shapes=marks.shapes,
        annotations=marks.notes,
        xaxis=_date_axis(chart.index) if by_days else month_axis(across),
        yaxis={"rangemode": "tozero", "nticks": 5, **percent},
    )  # fmt: skip


def _course_marks(
    index: pd.Index, across: Sequence[str], by_days: bool, happened: Mapping[str, Any], dark: bool
) -> charts_events.Marks:
    if by_days and len(index):
        moments = pd.DatetimeIndex(index)
        return charts_events.on_dates(happened, moments.min(), moments.max(), dark=dark)
    return charts_events.on_months(happened, across, dark=dark)


def _date_axis(index: pd.Index) -> dict[str, Any]:
    """Dates with a few months named in the reader's language (plotly would write English)."""
    moments = pd.DatetimeIndex(index)
    months = pd.period_range(moments.min(), moments.max(), freq="M") if len(moments) else []
    shown = months[:: max(1, -(-len(months) // 5))]
    return {
        "type": "date",
        "showgrid": False,
        "tickvals": [f"{month}-01" for month in shown],
        "ticktext": [wording.month(str(month)) for month in shown],
    }


def _funnel_lines(limits: Sequence[Mapping[str, float]], inks: Ink) -> list[Trace]:
    return [
        scatter(
            x=[row["denominator"] for row in limits],
            y=[row[f"{side}_{level}"] for row in limits],
            mode="lines",
            line={"color": inks.muted, "width": 1, "dash": dash},
            hoverinfo="skip",
        )
        for level, dash in (("95", "dot"), ("998", "solid"))
        for side in ("lower", "upper")
    ]


def _sides(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A name stands on the inner side of its point, so that it is never cut at the edge."""
    most = max((row["denominator"] for row in rows), default=1)
    return ["middle left" if row["denominator"] > most / 2 else "middle right" for row in rows]


def _band_ink(code: str | None, inks: Ink) -> str:
    return {"help": inks.strong, "better": inks.volume, "watch": inks.volume_pale}.get(code or "", inks.paper)


def _place_hover(row: Mapping[str, Any], found: Compared) -> str:
    measure = found["measure"]
    text = _("{place}：{value}，可信范围 {interval}，扣除偶然后 {shrunken}，{band}").format(
        place=place_label(row["place"], True),
        value=sentences_courtyards.value(row, measure),
        interval=sentences_courtyards.interval(row["interval"], measure),
        shrunken=sentences_courtyards.figure(row["shrunken"], measure),
        band=sentences_courtyards.band(row, found["better"]),
    )
    return opening(text, row["against"])


def _overall_note(found: Compared, dark: bool, upright: bool = False) -> list[dict[str, Any]]:
    if found["overall"] is None:
        return []
    text = _("总体 {rate}").format(rate=sentences_courtyards.figure(found["overall"], found["measure"]))
    if upright:
        return [note(text, found["overall"], 1, dark, xref="x", yref="paper", yanchor="bottom")]
    where = {"xref": "paper", "yref": "y", "xanchor": "right", "yanchor": "top"}
    return [note(text, 1, found["overall"], dark, **where)]


def _size_title(measure: str) -> str:
    return _("百户 × 30 天") if measure == COMPLAINTS else _("件数（分母）")


def _rate_axis(found: Compared, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rates of the promise run from 0 to 100 %; rare things have room of their own."""
    if found["measure"] == COMPLAINTS:
        return {"rangemode": "tozero", "nticks": 5}
    if found["better"] == "down":
        most = max((row["rate"] for row in rows if row["rate"] is not None), default=0.1)
        return {"range": [0, max(most * 1.4, 0.05)], "tickformat": ".0%", "nticks": 5}
    return {"range": [0, 1.03], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}


def _change_rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The largest parts, the others together, and the whole change."""
    rows = [_change_row(part, found) for part in found["parts"][:_PARTS]]
    rest = found["parts"][_PARTS:]
    if rest:
        label = _("其余 {n} 项").format(n=len(rest))
        total = sum(part["effect"] for part in rest)
        rows.append({"label": label, "effect": total, **_NOWHERE})
    if found["change"] is not None:
        rows.append({"label": _("合计变化"), "effect": found["change"], **_NOWHERE, "whole": True})
    return rows


def _change_row(part: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    axis, month = found["axis"], found["months"][1]
    narrowing, count = against(found["measure"], *part["after"])
    return {
        "label": sentences_courtyards.contributor(part["group"], part["kind"], axis),
        "effect": part["effect"],
        "narrowing": {**narrowing, axis: part["group"], "month": month},
        "against": count,
        "whole": False,
    }


def _change_ink(row: Mapping[str, Any], good: int, inks: Ink) -> str:
    if row["whole"]:
        return inks.muted
    return inks.volume if row["effect"] * good > 0 else inks.strong


def _course_line(across: Sequence[str], values: pd.Series, dash: str, inks: Ink) -> Trace:
    return scatter(
        x=list(across),
        y=[_known(value) for value in values],
        mode="lines",
        line={"color": inks.muted, "width": 1, "dash": dash},
        hoverinfo="skip",
    )


def _course_hover(at: str, number: float, measure: str, by_days: bool) -> str:
    if by_days:
        return _("{date}：距上一次 {days}").format(date=at, days=wording.days(number))
    if measure == COMPLAINTS:
        return _("{month}：每天 {rate} 件").format(month=wording.month(at), rate=wording.decimal(number, 2))
    return _("{name}：{parts}").format(name=wording.month(at), parts=wording.percent(number))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
