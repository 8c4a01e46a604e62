"""Months that look incomplete, on any chart by month: on a pale ground, and said when pointed at."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import plotly.graph_objects as go

from analytics.i18n import gettext as _
from analytics.present.charts_style import Drawn, ink


def flag_months(drawn: go.Figure, incomplete: Collection[str], *, dark: bool = False) -> go.Figure:
    """``drawn``, whose axis across is one of months "YYYY-MM", with those of ``incomplete`` flagged.

    A chart by days, or without such a month, stays as it is.
    """
    written = drawn.to_dict()
    layout = written["layout"]
    months = layout.get("xaxis", {}).get("categoryarray", ())
    places = [i for i, month in enumerate(months) if month in incomplete]
    if not places:
        return drawn
    shapes = [*(_ground(i, dark) for i in places), *layout.get("shapes", ())]
    traces = [_saying(trace, incomplete) for trace in written["data"]]
    return Drawn({**written, "data": traces, "layout": {**layout, "shapes": shapes}})


def _ground(place: int, dark: bool) -> dict[str, Any]:
    return {
        "type": "rect", "layer": "below", "xref": "x", "yref": "paper", "line": {"width": 0},
        "x0": place - 0.5, "x1": place + 0.5, "y0": 0, "y1": 1, "fillcolor": ink(dark).grid, "opacity": 0.6,
    }  # fmt: skip


def _saying(trace: dict[str, Any], incomplete: Collection[str]) -> dict[str, Any]:
    texts = trace.get("hovertext")
    if texts is None or isinstance(texts, str):
        return trace
    said = [
        _("{text}（可能没有收齐）").format(text=text) if str(month) in incomplete and text else text
        for month, text in zip(trace["x"], texts, strict=True)
    ]
    return {**trace, "hovertext": said}
