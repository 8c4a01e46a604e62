"""The room that tick labels need beside a plot, estimated before it is drawn.

Plotly measures its labels and, where the margin is too narrow, draws all over again, which takes longer than the
first time. It still does so where this estimate falls short; nothing is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

_TAG: Final = re.compile(r"<(?!br)[^>]*>")
#: Width of a character in parts of the font's size, from here on a Chinese one.
_WIDE: Final = "\u2e80"
_LETTER: Final = 0.62
_LINE: Final = 1.35
_GAP: Final = 15
_BESIDE: Final = {"xaxis": ("b", "t"), "yaxis": ("l", "r")}


def with_room(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> dict[str, int]:
    """The margins of ``layout``, widened where the labels of its axes need more; pixels by side."""
    margin = dict(layout["margin"])
    for name, sides in _BESIDE.items():
        axis = layout[name]
        if axis.get("visible", True) and axis.get("showticklabels", True):
            labels, size = _labels(traces, layout, name), axis["tickfont"]["size"]
            side = sides[axis.get("side") in ("top", "right")]
            title = size + _GAP if axis.get("title") else 0
            margin[side] = max(margin[side], _needed(labels, size, upright=name == "yaxis") + title)
            # The last label of an axis stands half outside.
            end, half = ("r", _width(labels[-1:], size) / 2) if name == "xaxis" else ("t", size / 2)
            margin[end] = max(margin[end], int(half) + 12)
    return margin


def _needed(labels: Iterable[str], size: int, *, upright: bool) -> int:
    if upright:
        return _width(labels, size) + _GAP
    lines = max((label.count("<br>") + 1 for label in labels), default=1)
    return int(lines * size * _LINE) + _GAP


def _width(labels: Iterable[str], size: int) -> int:
    lines = (line for label in labels for line in _TAG.sub("", label).split("<br>"))
    return int(size * max((sum(1 if c >= _WIDE else _LETTER for c in line) for line in lines), default=0))


def _labels(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any], name: str) -> list[str]:
    """The tick labels of an axis, or for numbers one that is as long as any."""
    axis = layout[name]
    if "ticktext" in axis:
        return [str(text) for text in axis["ticktext"]]
    values = [v for trace in traces for v in _values(trace, name) if v is not None]
    if any(isinstance(value, str) for value in values):
        return [str(value) for value in dict.fromkeys(values)]
    if "%" in axis.get("tickformat", ""):
        return ["100 %"]
    most = max((abs(float(value)) for value in (*values, *axis.get("range", ()))), default=0)
    several = len(traces) if layout.get("barmode") == "stack" else 1
    return [f"{most * several:,.0f}" if most >= 10 else "0.00"]


def _values(trace: Mapping[str, Any], name: str) -> Iterable[Any]:
    values = trace.get(name[0])
    return () if values is None else values
