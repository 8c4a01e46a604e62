"""What handlers claim beside what residents say: the same closed petitions, asked three times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import plotly.graph_objects as go

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import Value
from analytics.present import wording
from analytics.present.charts_style import BAR, Trace, bar, figure, hatch, ink, keys

#: Question → (its name, and its three answers: good, bad, nobody knows, each with its flags).
_ASKED: Final = (
    (
        "solved",
        mark("居民说解决了吗"),
        (
            (mark("确认已解决"), ("answered", "confirmed")),
            (mark("没有确认"), ("answered", "not_confirmed")),
            (mark("没有答复"), ("is_closed", "not_answered")),
        ),
    ),
    (
        "satisfaction",
        mark("居民满意吗"),
        (
            (mark("满意"), ("rated", "satisfied")),
            (mark("不算满意"), ("rated", "not_satisfied")),
            (mark("没有评价"), ("is_closed", "not_rated")),
        ),
    ),
    (
        "repeats",
        mark("30 天内又来吗"),
        (
            (mark("没有再来"), ("repeat_base", "not_repeated")),
            (mark("又来了"), ("repeat_base", "repeated")),
            (mark("未满 30 天或地点不全"), ("is_closed", "not_repeat_base")),
        ),
    ),
)
_NARROW: Final = 0.04


def claimed_and_said(values: Mapping[str, Value], *, dark: bool = False, foot: str = "") -> go.Figure:
    """Three bars of equal length, all closed petitions each: what is good, what is not, what nobody knows.

    ``values``: measure → value, with resolved, solved, satisfaction and repeats. A click opens the petitions.
    """
    inks = ink(dark)
    closed = values["resolved"].numerator
    looks = (
        (inks.states["met"], inks.on_states["met"], False),
        (inks.states["missed"], inks.on_states["missed"], False),
        (inks.states["pending"], inks.on_states["pending"], True),
    )
    names = [_(name) for _measure, name, _answers in _ASKED]
    counts = [_split(values[measure], closed, measure == "repeats") for measure, _name, _answers in _ASKED]
    traces = [
        _answer(part, names, [count[part] for count in counts], closed, looks[part], inks.paper)
        for part in range(3)
    ]
    alt = _("；").join(
        _("{name}：{parts}").format(
            name=_(name),
            parts=_("、").join(
                f"{_(label)} {wording.count(n)}" for (label, _flags), n in zip(answers, count, strict=True)
            ),
        )
        for (_measure, name, answers), count in zip(_ASKED, counts, strict=True)
    )
    return figure(
        traces,
        title=_("接单主体报办结的 {n} 件，居民怎么说（件）").format(n=wording.count(closed)),
        alt=alt,
        height=len(_ASKED) * (BAR + 24) + 16,
        dark=dark,
        foot=foot,
        barmode="stack",
        bargap=0.35,
        xaxis={"visible": False, "range": [0, max(closed, 1)]},
        yaxis={"autorange": "reversed"},
    )


def _split(value: Value, closed: int, hit_is_bad: bool) -> tuple[int, int, int]:
    rest = value.denominator - value.numerator
    good, bad = (rest, value.numerator) if hit_is_bad else (value.numerator, rest)
    return good, bad, closed - value.denominator


def _answer(
    part: int, names: list[str], counts: list[int], closed: int, look: tuple[str, str, bool], paper: str
) -> Trace:
    colour, on_colour, unknown = look
    marker: dict[str, Any] = {"color": colour, "line": {"color": paper, "width": 1}}
    if unknown:
        marker["pattern"] = hatch(paper)
    labels = [_(answers[part][0]) for _measure, _name, answers in _ASKED]
    words = [f"{label} {wording.count(n)}" for label, n in zip(labels, counts, strict=True)]
    return bar(
        x=counts,
        y=names,
        orientation="h",
        marker=marker,
        text=[_fitting(w, n, closed) for w, n in zip(words, counts, strict=True)],
        textfont={"color": on_colour, "size": 12},
        hovertext=words,
        customdata=keys(({"flag": list(answers[part][1])} for _measure, _name, answers in _ASKED), counts),
    )


def _fitting(words: str, count: int, closed: int) -> str:
    """As many words as there is room for."""
    share = count / closed if closed else 0
    if share < _NARROW:
        return ""
    return words if share > 0.015 * len(words) + 0.05 else words.rpartition(" ")[2]
