"""Charts of a what-if: the rate under every limit, where a roster would miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.present.charts_clocks import week_map
from analytics.present.charts_style import figure, ink, line, note, scatter
from analytics.vocabulary import CLOCK_LABELS


def sensitivity(
    curve: pd.DataFrame,
    clock: str,
    *,
    limits: Mapping[str, int | None],
    target: float | None,
    dark: bool = False,
    foot: str = "",
) -> go.Figure:
    """The hit rate under each limit with its 95 % band; the limits in force drawn and named.

    ``curve``: :func:`analytics.whatif.sensitivity`; ``limits``: name → minutes.
    """
    inks = ink(dark)
    minutes = [int(m) for m in curve.index]
    words = [
        _("时限 {m} 分钟：{rate}").format(
            m=m, rate=wording.rate_with_counts(row["numerator"], row["denominator"])
        )
        for m, (_at, row) in zip(minutes, curve.iterrows(), strict=True)
    ]
    edge = {"mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip"}
    low = scatter(x=minutes, y=_plain(curve["lower"]), **edge)
    high = scatter(x=minutes, y=_plain(curve["upper"]), fill="tonexty", fillcolor=_pale(inks.volume), **edge)
    middle = scatter(
        x=minutes,
        y=_plain(curve["rate"]),
        mode="lines",
        line={"color": inks.volume, "width": 2, "shape": "hv"},
        hovertext=words,
        hoverinfo="text",
    )
    shapes = [line(at, inks.accent) for at in limits.values() if at in curve.index]
    notes = [
        note(name, at, 1 + 0.08 * number, dark, xref="x", yref="paper", yanchor="bottom", xanchor="left")
        for number, (name, at) in enumerate(limits.items())
        if at in curve.index
    ]
    if target is not None:
        shapes.append(line(target, inks.muted, upright=False, dash="dash", width=1))
        text = _("目标 {target}").format(target=wording.percent(target))
        notes.append(note(text, minutes[-1], target, dark, yanchor="bottom", xanchor="right"))
    return figure(
        [low, high, middle],
        title=_("{clock}：时限若是 1–{most} 分钟，按时率会是多少（%）").format(
            clock=_(CLOCK_LABELS[clock]), most=minutes[-1]
        ),
        alt=_("；").join(words[i] for i in range(4, len(words), 5)),
        height=270,
        dark=dark,
        foot=foot,
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
        shapes=shapes,
        annotations=notes,
        xaxis={
            "range": [0, minutes[-1] + 1],
            "tickvals": [5, 15, 30, 45, 60],
            "ticktext": ["5", "15", "30", "45", _("{n} 分钟").format(n=60)],
        },
        yaxis={"range": [0, 1.03], "tickformat": ".0%", "nticks": 5},
    )


def roster_misses(
    misses: Sequence[Sequence[float]], people: Sequence[Sequence[int]], *, dark: bool = False, foot: str = ""
) -> go.Figure:
    """Expected response misses per week by weekday and hour of the report: where duty is missing."""
    words = _("{day} {hour} 时：{people} 人值班，每周约 {n} 件来不及响应")
    return week_map(
        misses,
        texts=[[wording.decimal(n) if n >= 0.05 else "" for n in row] for row in misses],
        hover=lambda day, name, hour: words.format(
            day=name, hour=f"{hour:02d}", people=people[day][hour], n=wording.decimal(misses[day][hour], 2)
        ),
        title=_("这样排班，每周来不及响应的诉求（件，按上报的星期与钟点）"),
        alt=_("每周共约 {n} 件来不及响应。").format(n=wording.decimal(sum(map(sum, misses)))),
        dark=dark,
        foot=foot,
    )


def _plain(column: pd.Series) -> list[Any]:
    return [None if wording.missing(value) else float(value) for value in column]


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
