"""Charts of the four colours: how hard the petitions were, and whether that was foreseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.present.charts_events import NOTHING, on_months
from analytics.present.charts_style import Trace, bar, figure, hatch, heat_map, ink, keys
from analytics.vocabulary import COLOUR_LABELS, COLOUR_SHAPES, COLOURS, OUTCOMES

Colours = Mapping[str, Any]
#: A segment narrower than this share of the bar has no room for its number on a phone; or for its name.
NARROW: Final = 0.1
_NAMELESS: Final = 0.22
_TWO_LINES: Final = 40


def colour_bar(colours: Colours, *, dark: bool = False, foot: str = "") -> go.Figure:
    """One bar: closed petitions by actual colour, open ones hatched in the colour of their age."""
    closed = [(f"closed_{code}", code, colours["actual"][code]) for code in COLOURS]
    still = [(f"open_{code}", code, colours["open_by_age"][code]) for code in COLOURS]
    total = sum(n for _o, _c, n in closed + still) + colours["unknown"]
    traces = [_segment(outcome, code, n, total, dark) for outcome, code, n in closed + still if n]
    if colours["unknown"]:
        traces.append(_unknown_segment(colours["unknown"], total, dark))
    parts = _("、").join(f"{wording.outcome(o)} {wording.count(n)}" for o, _c, n in [*closed, *still] if n)
    return figure(
        traces,
        title=_("四色构成（件，斜纹为在办）"),
        alt=_("四色构成：{parts}。").format(parts=parts or _("没有诉求")),
        height=84,
        dark=dark,
        foot=foot,
        barmode="stack",
        xaxis={"visible": False, "range": [0, max(total, 1)]},
        yaxis={"visible": False},
    )


def expected_and_actual(colours: Colours, *, dark: bool = False, foot: str = "") -> go.Figure:
    """Two bars, expected above actual, in shares of their own sum with counts written in."""
    rows = (
        (_("预期"), "expected", {code: colours["assigned"][code] for code in COLOURS}),
        (_("实际"), "outcome", {code: colours["actual"][code] for code in COLOURS}),
    )
    traces = [
        _share(label, key, code, counts, dark)
        for label, key, counts in rows
        for code in COLOURS
        if counts[code]
    ]
    alt = _("；").join(
        _("{row}：{parts}").format(
            row=label,
            parts=_("、").join(f"{wording.colour(c)} {wording.count(n)}" for c, n in counts.items()),
        )
        for label, _key, counts in rows
    )
    return figure(
        traces,
        title=_("预期与实际的颜色（占比，段内为件数）"),
        alt=alt,
        height=112,
        dark=dark,
        foot=foot,
        barmode="stack",
        bargap=0.35,
        xaxis={"visible": False, "range": [0, 1]},
        yaxis={"autorange": "reversed"},
    )


def months_by_colour(
    months: Sequence[Mapping[str, Any]],
    happened: Mapping[str, Any] = NOTHING,
    *,
    dark: bool = False,
    foot: str = "",
) -> go.Figure:
    """Petitions of each month by actual colour; what is still open stands hatched on top.

    Rows as in the review: ``month``, a count per colour, ``open_<colour>`` and ``unknown``. ``happened``: what
    is marked, see :func:`analytics.dataset.happened`.
    """
    codes = [row["month"] for row in months]
    marks = on_months(happened, codes, dark=dark)
    traces = [_month_bars(months, outcome, dark) for outcome in OUTCOMES]
    return figure(
        [trace for trace in traces if trace is not None],
        title=_("每月诉求（件，按上报月份；斜纹为在办）"),
        alt=_("{n} 个月的诉求，按实际颜色堆叠，从{first}到{last}。").format(
            n=len(codes),
            first=wording.month(codes[0] if codes else None),
            last=wording.month(codes[-1] if codes else None),
        ),
        height=252 + marks.top,
        dark=dark,
        foot=marks.foot(foot),
        margin={"l": 8, "r": 8, "t": marks.top + 8, "b": 8},
        shapes=marks.shapes,
        annotations=marks.notes,
        barmode="stack",
        bargap=0.25,
        xaxis=month_axis(codes),
        yaxis={"rangemode": "tozero", "tickformat": ",d", "nticks": 5},
    )


def _month_bars(months: Sequence[Mapping[str, Any]], outcome: str, dark: bool) -> Trace | None:
    inks = ink(dark)
    code = outcome.removeprefix("closed_")
    counts = [row.get(code, 0) for row in months]
    if not any(counts):
        return None
    colour = inks.grid if outcome == "unknown" else inks.colours[outcome.split("_")[1]]
    marker: dict[str, Any] = {"color": colour}
    if outcome.startswith("open_"):
        marker["pattern"] = hatch(inks.paper)
    return bar(
        x=[row["month"] for row in months],
        y=counts,
        marker=marker,
        hovertext=[
            _month_hover(row["month"], wording.outcome(outcome), n)
            for row, n in zip(months, counts, strict=True)
        ],
        customdata=keys(({"month": row["month"], "outcome": outcome} for row in months), counts),
    )


def migration(colours: Colours, *, dark: bool = False, foot: str = "") -> go.Figure:
    """Expected × actual as a heat map: the diagonal quiet, the rest shaded by how many went astray."""
    counts = {(m["assigned"], m["actual"]): m["count"] for m in colours["migration"]}
    table = [[counts.get((expected, actual), 0) for actual in COLOURS] for expected in COLOURS]
    surprise = [[0 if i == j else n for j, n in enumerate(row)] for i, row in enumerate(table)]
    names = [wording.colour(code) for code in COLOURS]
    hovers = [
        [
            _("预期{expected}，实际{actual}：{n} 件").format(
                expected=e, actual=a, n=wording.count(table[i][j])
            )
            for j, a in enumerate(names)
        ]
        for i, e in enumerate(names)
    ]
    narrowings = [[{"expected": e, "outcome": f"closed_{a}"} for a in COLOURS] for e in COLOURS]
    traces = heat_map(
        names,
        names,
        surprise,
        texts=[[wording.count(n) if n else "" for n in row] for row in table],
        hovers=hovers,
        narrowings=narrowings,
        counts=table,
        inks=ink(dark),
        size=40,
    )
    astray = sum(map(sum, surprise))
    return figure(
        traces,
        title=_("预期（行）→ 实际（列），件；越深越出乎意料"),
        alt=_("预期颜色与实际颜色对照，{n} 件与预期不同。").format(n=wording.count(astray)),
        height=260,
        dark=dark,
        foot=foot,
        xaxis={"side": "top", "showgrid": False},
        yaxis={"autorange": "reversed", "showgrid": False},
    )


def open_by_age(
    colours: Colours, next_change: Mapping[str, str] | None = None, *, dark: bool = False, foot: str = ""
) -> go.Figure:
    """Open petitions by the colour their age has reached; ``next_change`` says when each turns, in words."""
    inks = ink(dark)
    names = [wording.colour(code) for code in COLOURS]
    counts = [colours["open_by_age"][code] for code in COLOURS]
    words = [
        _("{n} 件").format(n=wording.count(n))
        + (f" · {(next_change or {})[code]}" if (next_change or {}).get(code) else "")
        for code, n in zip(COLOURS, counts, strict=True)
    ]
    shown = [text.replace(" · ", "<br>", 1) for text in words]  # two short lines, for a phone
    trace = bar(
        x=counts,
        y=names,
        orientation="h",
        marker={"color": list(inks.colours.values()), "pattern": hatch(inks.paper)},
        text=shown,
        textposition="outside",
        textfont={"size": 12},
        hovertext=words,
        customdata=keys((_still_open(code) for code in COLOURS), counts),
    )
    return figure(
        [trace],
        title=_("在办诉求（件，按办理时长已到的颜色）"),
        alt=_("在办诉求：{parts}。").format(
            parts=_("、").join(f"{name} {text}" for name, text in zip(names, words, strict=True))
        ),
        height=4 * _TWO_LINES + 16,
        dark=dark,
        foot=foot,
        bargap=0.3,
        xaxis={"visible": False, "range": [0, max([*counts, 1]) * 2.4]},
        yaxis={"autorange": "reversed"},
    )


def month_axis(codes: Sequence[str]) -> dict[str, Any]:
    """A category axis of months with as many names as a phone can hold."""
    shown = list(codes[:: max(1, -(-len(codes) // 8))])
    years = [code[:4] for code in shown]
    starts = [i == 0 or year != years[i - 1] for i, year in enumerate(years)]
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(codes),
        "tickvals": shown,
        "ticktext": [
            f"{int(code[5:])}<br>{code[:4]}" if start else str(int(code[5:]))
            for code, start in zip(shown, starts, strict=True)
        ],
        "showgrid": False,
    }


def _segment(outcome: str, code: str, number: int, total: int, dark: bool) -> Trace:
    inks = ink(dark)
    is_open = outcome.startswith("open")
    marker: dict[str, Any] = {"color": inks.colours[code], "line": {"color": inks.paper, "width": 1}}
    if is_open:
        marker["pattern"] = hatch(inks.paper)
    share = number / total
    name = f"{COLOUR_SHAPES[code]} {_(COLOUR_LABELS[code])}" if share >= _NAMELESS else COLOUR_SHAPES[code]
    label = f"{name} {wording.count(number)}<br>{wording.percent(share)}"
    return bar(
        x=[number],
        y=[""],
        orientation="h",
        width=0.8,
        marker=marker,
        text=["" if share < NARROW or is_open else label],
        textfont={"color": inks.on_colours[code], "size": 13},
        hovertext=[
            _("{outcome}：{n} 件，{share}").format(
                outcome=wording.outcome(outcome), n=wording.count(number), share=wording.percent(share)
            )
        ],
        customdata=keys([{"outcome": outcome}], [number]),
    )


def _unknown_segment(number: int, total: int, dark: bool) -> Trace:
    inks = ink(dark)
    return bar(
        x=[number],
        y=[""],
        orientation="h",
        width=0.8,
        marker={"color": inks.grid, "line": {"color": inks.muted, "width": 1}},
        text=["?" if number / total >= NARROW else ""],
        textfont={"color": inks.text},
        hovertext=[_("颜色不明（时间有误或缺办结时间）：{n} 件").format(n=wording.count(number))],
        customdata=keys([{"outcome": "unknown"}], [number]),
    )


def _share(label: str, key: str, code: str, counts: Mapping[str, int], dark: bool) -> Trace:
    inks = ink(dark)
    share = counts[code] / sum(counts.values())
    words = f"{COLOUR_SHAPES[code]} {wording.count(counts[code])}"
    return bar(
        x=[share],
        y=[label],
        orientation="h",
        marker={"color": inks.colours[code], "line": {"color": inks.paper, "width": 1}},
        text=[words if share >= NARROW else ""],
        textfont={"color": inks.on_colours[code]},
        hovertext=[
            _("{row}{colour}：{n} 件，{share}").format(
                row=label,
                colour=wording.colour(code),
                n=wording.count(counts[code]),
                share=wording.percent(share),
            )
        ],
        customdata=keys([{key: f"closed_{code}" if key == "outcome" else code}], [counts[code]]),
    )


def _month_hover(month: str, what: str, number: int) -> str:
    return _("{month} {what}：{n} 件").format(month=wording.month(month), what=what, n=wording.count(number))


def _still_open(code: str) -> dict[str, Any]:
    """The petitions of a bar: an unsolvable one is grey from the start, open or not."""
    if code == "grey":
        return {"outcome": ["closed_grey", "open_grey"], "flag": "is_open"}
    return {"outcome": f"open_{code}"}
