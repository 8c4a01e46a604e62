"""What all charts share: inks for light and dark ground, fonts, a quiet frame, and what a click means.

A figure carries ``layout.meta`` = title (with its unit), alt (for those who cannot see it) and foot (as-of
and source): the page sets them as text around the chart, where they wrap on a phone and can be searched.
Each point's ``customdata`` begins with a JSON object: the narrowing that leads to exactly its petitions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import plotly.graph_objects as go

from analytics.i18n import gettext as _
from analytics.present.charts_room import with_room
from analytics.vocabulary import COLOURS

#: Chinese fonts that Windows, macOS and Linux have; nothing is fetched.
FONTS: Final = (
    '"PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Hiragino Sans GB", "Noto Sans CJK SC", '
    '"Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", system-ui, sans-serif'
)
BAR: Final = 30
#: In place of a narrowing: the month whose complaints a point is about ("": all months).
COMPLAINED: Final = "complained"

#: A trace as plotly writes it down.
Trace = dict[str, Any]


@dataclass(frozen=True)
class Ink:
    """The colours of one ground. The four colours are for the four colours only; volumes are blue or grey."""

    text: str
    muted: str
    grid: str
    paper: str
    accent: str
    volume: str
    volume_pale: str
    strong: str
    colours: Mapping[str, str]
    on_colours: Mapping[str, str]
    states: Mapping[str, str]
    on_states: Mapping[str, str]
    scale: Sequence[tuple[float, str]]


_LIGHT: Final = Ink(
    text="#2A2A28",
    muted="#6B6B66",
    grid="#E8E6E1",
    paper="#FFFFFF",
    accent="#A61C1C",
    volume="#4A7BA6",
    volume_pale="#C3D4E3",
    strong="#1F3A54",
    colours=dict(zip(COLOURS, ("#4DB380", "#FFC833", "#A61C1C", "#6B7280"), strict=True)),
    on_colours=dict(zip(COLOURS, ("#0B2A1B", "#332600", "#FFFFFF", "#FFFFFF"), strict=True)),
    states={
        "met": "#6C9BC4", "missed": "#1F3A54", "unrecorded": "#8FA3B5", "pending": "#D5DEE6",
        "exempt": "#E9E8E4", "invalid": "#B8B4AB",
    },
    on_states={
        "met": "#0E2233", "missed": "#FFFFFF", "unrecorded": "#0E2233", "pending": "#2A2A28",
        "exempt": "#2A2A28", "invalid": "#2A2A28",
    },
    scale=((0, "#F3F6F9"), (0.5, "#8FB3D1"), (1, "#1F3A54")),
)  # fmt: skip
_DARK: Final = Ink(
    text="#ECEAE6",
    muted="#A5A29B",
    grid="#35332F",
    paper="#171614",
    accent="#E5736B",
    volume="#7FAFD8",
    volume_pale="#3A5167",
    strong="#CFE3F5",
    colours=dict(zip(COLOURS, ("#4DB380", "#FFC833", "#DE5A55", "#9AA1AC"), strict=True)),
    on_colours=dict(zip(COLOURS, ("#0B2A1B", "#332600", "#FFFFFF", "#16181C"), strict=True)),
    states={
        "met": "#5588B5", "missed": "#CFE3F5", "unrecorded": "#8195A8", "pending": "#3A4652",
        "exempt": "#2E2D2A", "invalid": "#5E5A52",
    },
    on_states={
        "met": "#FFFFFF", "missed": "#0E2233", "unrecorded": "#0E1419", "pending": "#ECEAE6",
        "exempt": "#ECEAE6", "invalid": "#FFFFFF",
    },
    scale=((0, "#1E242A"), (0.5, "#41688C"), (1, "#CFE3F5")),
)  # fmt: skip


def ink(dark: bool = False) -> Ink:
    """The inks for a light or a dark ground."""
    return _DARK if dark else _LIGHT


def figure(
    traces: Iterable[Trace],
    *,
    title: str,
    alt: str,
    height: int,
    dark: bool = False,
    foot: str = "",
    **layout: Any,
) -> go.Figure:
    """A figure in the house style; ``layout`` overrides what this chart needs otherwise.

    Traces and layout are plain dicts and stay so, see :class:`Drawn`.
    """
    inks = ink(dark)
    house: dict[str, Any] = {
        "template": {"layout": {}},
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONTS, "size": 13, "color": inks.text},
        "hoverlabel": {"font": {"family": FONTS, "size": 13}, "align": "left"},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "meta": {"title": title, "alt": alt, "foot": foot},
    }
    axes = {name: {**axis(dark), **layout.pop(name, {})} for name in ("xaxis", "yaxis")}
    written = [trace if isinstance(trace, dict) else trace.to_plotly_json() for trace in traces]
    whole = {**house, **axes, **layout}
    return Drawn({"data": written, "layout": {**whole, "margin": with_room(written, whole)}})


class Drawn(go.Figure):
    """A figure kept as it was written down: the page sends that, and nothing is checked or copied.

    Plotly takes about 5 ms to check a figure and as long to copy it, of the 50 that a whole page has. Whoever
    looks inside (``data``, ``layout``; so does the test of every chart) gets a checked one.
    """

    def __init__(self, written: dict[str, Any]) -> None:
        object.__setattr__(self, "written", written)

    @cached_property
    def checked(self) -> go.Figure:
        """The same as plotly's own figure; raises ValueError for what plotly does not know."""
        return go.Figure(self.written)

    def to_dict(self) -> dict[str, Any]:
        """Traces and layout as they are sent."""
        return self.written

    @property
    def data(self) -> Any:
        """The traces, checked."""
        return self.checked.data

    @property
    def layout(self) -> Any:
        """The layout, checked."""
        return self.checked.layout

    def update_layout(self, *args: Any, **settings: Any) -> go.Figure:
        """A changed figure, checked."""
        return self.checked.update_layout(*args, **settings)


def axis(dark: bool = False) -> dict[str, Any]:
    """A quiet axis: light grid, no zero line, no zoom by accident."""
    inks = ink(dark)
    return {
        "gridcolor": inks.grid, "linecolor": inks.grid, "zeroline": False, "ticks": "",
        "tickfont": {"color": inks.muted, "size": 12}, "automargin": True, "fixedrange": True,
    }  # fmt: skip


def keys(narrowings: Iterable[Mapping[str, Any]], counts: Iterable[int]) -> list[list[Any]]:
    """``customdata`` of a trace: per point its narrowing, as JSON text that survives the browser, and how many
    petitions that opens; a point with none leads nowhere."""
    return [
        [json.dumps(dict(narrowing) if count else {}, ensure_ascii=False), count]
        for narrowing, count in zip(narrowings, counts, strict=True)
    ]


def complained(months: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """``customdata`` of months of complaints (``month``, ``count``): the way to them, which is not to petitions."""
    rows = list(months)
    return keys(({COMPLAINED: row["month"]} for row in rows), (row["count"] or 0 for row in rows))


def opening(text: str, count: int) -> str:
    """The words over a point whose own figure is not the number of petitions that a click opens."""
    return _("{text}；点开看 {n} 件").format(text=text, n=f"{count:,}") if count else text


def narrowing(customdata: Any) -> dict[str, Any]:
    """The narrowing behind a clicked point; empty where the point leads nowhere or was tampered with."""
    text = customdata[0] if isinstance(customdata, (list, tuple)) and customdata else customdata
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def hatch(colour: str) -> dict[str, Any]:
    """A pattern over a bar's own colour; without ``overlay`` the colour would vanish."""
    return {"shape": "/", "fillmode": "overlay", "fgcolor": colour, "size": 7, "solidity": 0.22}


def steady(opacity: float = 1) -> dict[str, Any]:
    """A click leads away, so nothing fades when it is made."""
    return {"marker": {"opacity": opacity}}


def bar(**settings: Any) -> Trace:
    """A bar trace with the house's text and hover manners."""
    return {
        "type": "bar",
        "hoverinfo": "text",
        "insidetextanchor": "middle",
        "constraintext": "none",
        "textangle": 0,
        "cliponaxis": False,
        "unselected": steady(),
        **settings,
    }


def scatter(**settings: Any) -> Trace:
    """A trace of points or lines."""
    return {"type": "scatter", **settings}


def note(text: str, x: Any, y: Any, dark: bool, **settings: Any) -> dict[str, Any]:
    """A direct label on the figure."""
    base = {"text": text, "x": x, "y": y, "showarrow": False, "font": {"size": 12, "color": ink(dark).muted}}
    return {**base, **settings}


def line(
    at: Any, colour: str, *, upright: bool = True, dash: str = "solid", width: float = 1.5
) -> dict[str, Any]:
    """A line across the whole plot: upright at an x, or level at a y."""
    along, across = ("x", "y") if upright else ("y", "x")
    place = {f"{along}0": at, f"{along}1": at, f"{across}0": 0, f"{across}1": 1, f"{across}ref": "paper"}
    return {"type": "line", "line": {"color": colour, "width": width, "dash": dash}, **place}


def heat_map(
    across: Sequence[str],
    down: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    texts: Sequence[Sequence[str]],
    hovers: Sequence[Sequence[str]],
    narrowings: Sequence[Sequence[Mapping[str, Any]]],
    counts: Sequence[Sequence[int]],
    inks: Ink,
    size: int = 26,
) -> list[Trace]:
    """Cells shaded by value. An invisible square on each cell takes the click, which heat maps do not.

    ``counts``: how many petitions a cell opens.
    """
    top = max((v for row in values for v in row if v is not None), default=0) or 1
    cells = {
        "type": "heatmap", "x": list(across), "y": list(down), "z": [list(row) for row in values],
        "colorscale": [list(s) for s in inks.scale], "showscale": False, "xgap": 2, "ygap": 2,
        "hoverinfo": "skip", "zmin": 0, "zmax": top,
    }  # fmt: skip
    spots = [(i, j) for i in range(len(down)) for j in range(len(across))]
    light, deep = inks.scale[0][1], inks.scale[2][1]
    shades = [deep if (values[i][j] or 0) < 0.5 * top else light for i, j in spots]
    labels = scatter(
        x=[across[j] for _i, j in spots],
        y=[down[i] for i, _j in spots],
        mode="markers+text",
        text=[texts[i][j] for i, j in spots],
        textfont={"size": 12, "color": shades},
        hovertext=[hovers[i][j] for i, j in spots],
        hoverinfo="text",
        customdata=keys((narrowings[i][j] for i, j in spots), (counts[i][j] for i, j in spots)),
        marker={"size": size, "opacity": 0, "symbol": "square"},
        selected=steady(0),
        unselected=steady(0),
    )
    return [cells, labels]
