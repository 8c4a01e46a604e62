"""Charts of the four clocks: how often the promise was kept, and where the minutes went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from analytics.i18n import gettext as _
from analytics.policy import Limit
from analytics.present import wording
from analytics.present.charts_style import (
    BAR,
    Trace,
    bar,
    figure,
    hatch,
    heat_map,
    ink,
    keys,
    line,
    note,
    opening,
    scatter,
)
from analytics.vocabulary import CLOCK_LABELS, CLOCKS, STATE_LABELS, STATES

#: A segment narrower than this share of the longest bar has no room for its number.
NARROW: Final = 0.08


def clock_states(clocks: Mapping[str, Mapping[str, Any]], *, dark: bool = False, foot: str = "") -> go.Figure:
    """One bar per clock with all six states; their sum is the petitions of the scope."""
    names = [_clock_name(name, clocks[name]) for name in CLOCKS]
    longest = max((sum(clocks[c][s] for s in STATES) for c in CLOCKS), default=0)
    traces = [_state(state, names, [clocks[c][state] for c in CLOCKS], longest, dark) for state in STATES]
    alt = _("；").join(
        _("{name}：{parts}").format(
            name=name,
            parts=_("、").join(
                f"{_(STATE_LABELS[s])} {wording.count(clocks[c][s])}" for s in STATES if clocks[c][s]
            ),
        )
        for name, c in zip(names, CLOCKS, strict=True)
    )
    return figure(
        traces,
        title=_("四项时限的六种状态（件）"),
        alt=alt,
        height=len(CLOCKS) * BAR + 76,
        dark=dark,
        foot=foot,
        barmode="stack",
        bargap=0.3,
        showlegend=True,
        legend={
            "orientation": "h",
            "y": -0.12,
            "x": 0,
            "yanchor": "top",
            "traceorder": "normal",
            "font": {"size": 12},
        },
        xaxis={"visible": False, "range": [0, max(longest, 1)]},
        yaxis={"autorange": "reversed"},
    )


def time_taken(
    counts: Sequence[int],
    clock: str,
    limit_iso: str,
    *,
    median: float | None = None,
    dark: bool = False,
    foot: str = "",
) -> go.Figure:
    """Petitions by whole minutes taken (days for a limit of days), right-closed, with the limit drawn.

    ``counts[i]`` is the number in (i, i + 1] units; 0 itself is in the first. The last bar holds all longer
    ones. ``median`` is in the same unit.
    """
    inks = ink(dark)
    unit, seconds = (_("分钟"), 60) if Limit.parse(limit_iso).is_minutes else (_("天"), 86_400)
    bound = _in_units(limit_iso, seconds)
    last = len(counts) - 1
    spans = [
        _("多于 {n} {unit}").format(n=i, unit=unit) if i == last else f"{i}–{i + 1} {unit}"
        for i in range(last + 1)
    ]
    within = [bound is not None and i + 1 <= bound for i in range(last + 1)]
    trace = bar(
        x=[i + 0.5 for i in range(last + 1)],
        y=list(counts),
        width=0.9,
        marker={"color": [inks.states["met"] if inside else inks.states["missed"] for inside in within]},
        hovertext=[
            _("{span}：{n} 件").format(span=s, n=wording.count(n)) for s, n in zip(spans, counts, strict=True)
        ],
        customdata=keys((_span(clock, i, seconds, i == last) for i in range(last + 1)), counts),
    )
    shapes, notes = _limit_line(bound, limit_iso, inks.accent, dark)
    if median is not None and median <= last:
        shapes.append(line(median, inks.text, dash="dot", width=1))
    return figure(
        [trace],
        title=_("{clock}用时（件，每格一{unit}）").format(clock=_(CLOCK_LABELS[clock]), unit=unit),
        alt=_("{clock}用时分布，时限 {limit}，{n} 件有记录。").format(
            clock=_(CLOCK_LABELS[clock]), limit=wording.limit(limit_iso), n=wording.count(sum(counts))
        ),
        height=240,
        dark=dark,
        foot=foot,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        shapes=shapes,
        annotations=notes,
        xaxis=_unit_axis(last, unit),
        yaxis={"rangemode": "tozero", "tickformat": ",d", "nticks": 4},
    )


def week(
    missed: Sequence[Sequence[int]],
    due: Sequence[Sequence[int]],
    clock: str,
    *,
    dark: bool = False,
    foot: str = "",
) -> go.Figure:
    """Misses by weekday (7 rows, Monday first) and hour (24 columns) of the report."""
    words = _("{day} {hour} 时：{due} 件到期，{missed} 件未按时")
    return week_map(
        missed,
        texts=[[str(n) if n else "" for n in row] for row in missed],
        hover=lambda day, name, hour: words.format(
            day=name,
            hour=f"{hour:02d}",
            due=wording.count(due[day][hour]),
            missed=wording.count(missed[day][hour]),
        ),
        narrowing={"clock": clock, "state": ["missed", "unrecorded"]},
        title=_("{clock}未按时的诉求（件，按上报的星期与钟点）").format(clock=_(CLOCK_LABELS[clock])),
        alt=_("一周各钟点未按时的件数，共 {n} 件。").format(n=wording.count(sum(map(sum, missed)))),
        dark=dark,
        foot=foot,
    )


def week_map(
    values: Sequence[Sequence[float]],
    *,
    texts: Sequence[Sequence[str]],
    hover: Callable[[int, str, int], str],
    title: str,
    alt: str,
    narrowing: Mapping[str, Any] | None = None,
    dark: bool = False,
    foot: str = "",
) -> go.Figure:
    """Cells by weekday (7 rows, Monday first) and hour (24 columns) of the report.

    ``hover`` is told weekday, its name and hour. ``narrowing``: what the counted petitions have in common; then
    ``values`` are whole numbers and each cell leads to its own. None: cells lead nowhere.
    """
    days, hours = [_(day) for day in wording.WEEKDAYS], range(24)

    def leading(day: int, hour: int) -> dict[str, Any]:
        return {} if narrowing is None else {**narrowing, "weekday": day, "hour": hour}

    traces = heat_map(
        [f"{hour:02d}" for hour in hours],
        days,
        values,
        texts=texts,
        hovers=[[hover(day, name, hour) for hour in hours] for day, name in enumerate(days)],
        narrowings=[[leading(day, hour) for hour in hours] for day in range(7)],
        counts=[[0 if narrowing is None else int(n) for n in row] for row in values],
        inks=ink(dark),
        size=18,
    )
    return figure(
        traces,
        title=title,
        alt=alt,
        height=250,
        dark=dark,
        foot=foot,
        xaxis={"type": "category", "showgrid": False, "nticks": 12},
        yaxis={"autorange": "reversed", "showgrid": False},
    )


def rates_with_intervals(
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str,
    label_of: Callable[[str], str] = str,
    target: float | None = None,
    dark: bool = False,
    foot: str = "",
) -> go.Figure:
    """A dot per group with its 95 % interval as whisker; a dot of fewer than ten is hollow.

    Rows: ``key``, ``hits``, ``due``, ``rate``, ``interval`` (low, high) and ``narrowing``; groups without
    a rate are left out. ``label_of`` names a key. Fractions.
    """
    inks = ink(dark)
    known = [row for row in rows if row["rate"] is not None]
    labels = [label_of(row["key"]) for row in known]
    words = [wording.rate_with_counts(row["hits"], row["due"], target) for row in known]
    trace = scatter(
        x=[row["rate"] for row in known],
        y=list(range(len(known))),
        mode="markers",
        marker={
            "size": 11,
            "color": [inks.paper if row["due"] < wording.FEW else inks.volume for row in known],
            "line": {"color": inks.volume, "width": 2},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [row["interval"][1] - row["rate"] for row in known],
            "arrayminus": [row["rate"] - row["interval"][0] for row in known],
            "color": inks.volume,
            "thickness": 1.5,
            "width": 0,
        },
        hovertext=[
            opening(
                _("{name}：{rate}，{interval}").format(
                    name=label, rate=text, interval=wording.confidence(row["interval"])
                ),
                row["due"] - row["hits"],
            )
            for label, row, text in zip(labels, known, words, strict=True)
        ],
        hoverinfo="text",
        customdata=keys((row["narrowing"] for row in known), (row["due"] - row["hits"] for row in known)),
        unselected={"marker": {"opacity": 1}},
    )
    notes = []
    shapes = [] if target is None else [line(target, inks.muted, dash="dash", width=1)]
    if target is not None:
        text = _("目标 {target}").format(target=wording.percent(target))
        notes.append(note(text, target, 1, dark, xref="x", yref="paper", yanchor="bottom", xanchor="right"))
    return figure(
        [trace],
        title=title,
        alt=_("；").join(f"{label} {text}" for label, text in zip(labels, words, strict=True)) or title,
        height=max(len(known), 1) * 40 + 60,
        dark=dark,
        foot=foot,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        shapes=shapes,
        annotations=notes,
        xaxis={"range": [0, 1.03], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]},
        yaxis={
            "range": [len(known) - 0.5, -0.5],
            "tickvals": list(range(len(known))),
            "ticktext": [
                f'{label}<br><span style="font-size:11px">{text}</span>'
                for label, text in zip(labels, words, strict=True)
            ],
        },
    )


def _clock_name(name: str, clock: Mapping[str, Any]) -> str:
    return f"{_(CLOCK_LABELS[name])} {wording.limit(clock['limit'])}"


def _state(state: str, names: list[str], counts: list[int], longest: int, dark: bool) -> Trace:
    inks = ink(dark)
    marker: dict[str, Any] = {"color": inks.states[state], "line": {"color": inks.paper, "width": 1}}
    if state in ("unrecorded", "invalid"):
        marker["pattern"] = hatch(inks.paper)
    label = _(STATE_LABELS[state])
    return bar(
        name=label,
        x=counts,
        y=names,
        orientation="h",
        marker=marker,
        text=[wording.count(n) if longest and n / longest >= NARROW else "" for n in counts],
        textfont={"color": inks.on_states[state], "size": 12},
        hovertext=[
            _("{clock} · {state}：{n} 件").format(clock=name, state=label, n=wording.count(n))
            for name, n in zip(names, counts, strict=True)
        ],
        customdata=keys(({"clock": clock, "state": state} for clock in CLOCKS), counts),
    )


def _in_units(limit_iso: str, seconds: int) -> float | None:
    fixed = Limit.parse(limit_iso).fixed_seconds
    return None if fixed is None else fixed / seconds


def _span(clock: str, start: int, seconds: int, is_last: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"clock": clock, "above": start * seconds if start else -1}
    return found if is_last else {**found, "upto": (start + 1) * seconds}


def _limit_line(bound: float | None, iso: str, colour: str, dark: bool) -> tuple[list[Any], list[Any]]:
    if bound is None:
        return [], []
    text = _("时限 {limit}").format(limit=wording.limit(iso))
    label = note(text, bound, 1, dark, xref="x", yref="paper", yanchor="bottom", xanchor="left")
    return [line(bound, colour)], [label]


def _unit_axis(last: int, unit: str) -> dict[str, Any]:
    step = 5 if last > 12 else 1
    ticks = list(range(0, last + 1, step))
    return {
        "range": [0, last + 1],
        "tickvals": ticks,
        "ticktext": [f"{n} {unit}" if n == ticks[-1] else str(n) for n in ticks],
        "showgrid": False,
    }
