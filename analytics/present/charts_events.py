"""What happened in the programme, drawn on a trend: launches as red lines, other events dotted and numbered.

Every trend marks them alike. The line above the plot has room for a sign only, so the names stand below the
chart, by their numbers; labels that would hide each other are left to those words or stand a row higher.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pandas import Timestamp

from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.present.charts_style import ink, line, note
from analytics.present.sentences_effect import event_name, numbered

#: Height of a row of labels above the plot, in pixels.
ROW: Final = 16
#: Pixels of a Chinese character (and a sign such as 「①」), of a Latin one, between labels, and of a phone's plot.
_WIDE, _NARROW, _APART, _PHONE = 13, 7, 8, 320
_ROWS: Final = 3
#: Events that are named below a chart; the rest are counted.
_NAMED: Final = 12

Happened = Mapping[str, Any]
NOTHING: Final[Happened] = {"launches": (), "events": ()}
#: (position on the axis, share of its width) of a month and a date; None where the axis does not reach.
Placed = Callable[[str, str], "tuple[Any, float] | None"]


@dataclass(frozen=True)
class Marks:
    """Lines, labels above the plot, the pixels these need, and the words below the chart."""

    shapes: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    top: int
    names: list[str]

    def foot(self, foot: str) -> str:
        """The foot of the chart with the names of what is drawn on it."""
        return _(" · ").join(part for part in (*self.names, foot) if part)


def on_months(happened: Happened, codes: Sequence[str], *, dark: bool = False, above: int = 0) -> Marks:
    """The marks on an axis of months "YYYY-MM": a launch before its month, an event upon it.

    ``happened``: ``launches`` (place, month) and ``events`` (:func:`analytics.programme.of_scope`); ``above``:
    pixels that the chart's own labels take directly above the plot.
    """
    at = {code: i for i, code in enumerate(codes)}
    span = max(len(codes), 1)
    return _marks(
        happened,
        lambda month, _on: (at[month] - 0.5, at[month] / span) if month in at else None,
        lambda month, _on: (at[month], (at[month] + 0.5) / span) if month in at else None,
        dark,
        above,
    )


def on_dates(happened: Happened, first: Timestamp, last: Timestamp, *, dark: bool = False) -> Marks:
    """The marks on an axis of dates from ``first`` to ``last``."""
    days = max((last - first).days, 1)

    def placed(_month: str, on: str) -> tuple[Any, float] | None:
        when = Timestamp(on)
        return (on, (when - first).days / days) if first <= when <= last else None

    return _marks(happened, placed, placed, dark, 0)


def in_sparkline(happened: Happened, codes: Sequence[str]) -> dict[int, bool]:
    """Positions of the months in which something happened, and whether that was a launch."""
    launches = {entry["month"] for entry in happened["launches"]}
    launches |= {event["month"] for event in happened["events"] if event["kind"] == "launch"}
    others = {event["month"] for event in happened["events"]}
    return {i: code in launches for i, code in enumerate(codes) if code in launches | others}


def _marks(happened: Happened, start: Placed, middle: Placed, dark: bool, above: int) -> Marks:
    launches, names = _launches(happened, start)
    events = _events(happened, middle)
    red, grey = ink(dark).accent, ink(dark).muted
    shapes = [line(at, red) for at, _share, _words in launches]
    shapes += [line(at, grey, dash="dot", width=1) for at, _share, _sign, _name in events]
    words = _rows(launches, 1)
    signs = _rows([(at, share, sign) for at, share, sign, _name in events], _ROWS)
    base = above + (ROW if words else 0)
    notes = [_label(text, at, above, red, dark) for at, text, _row in words]
    notes += [_label(sign, at, base + row * ROW, grey, dark) for at, sign, row in signs]
    rows = 1 + max((row for _at, _sign, row in signs), default=-1)
    named = [name for _at, _share, _sign, name in events]
    said = [*names, *([wording.listing(named, _NAMED)] if named else [])]
    return Marks(shapes, notes, base + rows * ROW, said)


def _launches(happened: Happened, placed: Placed) -> tuple[list[tuple[Any, float, str]], list[str]]:
    """Where launches stand and what stands above them; several are told below the chart, month by month."""
    counts = Counter(entry["month"] for entry in happened["launches"])
    recorded = {event["month"] for event in happened["events"] if event["kind"] == "launch"}
    months = {month: counts[month] for month in sorted({*counts, *recorded})}
    shown = [(m, n, spot) for m, n in months.items() if (spot := placed(m, f"{m}-01")) is not None]
    if len(shown) < 2:
        return [(*spot, _("上线")) for _m, _n, spot in shown], []
    told = [_several(m, n) for m, n, _spot in shown]
    launches = [(*spot, _courtyards(n)) for _m, n, spot in shown]
    return launches, [_("红线为上线：{months}").format(months=wording.listing(told, _NAMED))]


def _courtyards(number: int) -> str:
    if number == 0:  # recorded as an event, with no courtyard of the registry behind it
        return _("上线")
    return _("1 个院落") if number == 1 else _("{n} 个院落").format(n=number)


def _several(month: str, number: int) -> str:
    return _("{month} {courtyards}").format(month=wording.month(month), courtyards=_courtyards(number))


def _events(happened: Happened, placed: Placed) -> list[tuple[Any, float, str, str]]:
    """Position, share, sign and name of the events within the axis; those of one position share a line."""
    found: dict[Any, tuple[Any, float, str, str]] = {}
    for sign, event in numbered(happened["events"]):
        spot = placed(event["month"], event["on"])
        if spot is None:
            continue
        name = event_name(sign, event)
        if spot[0] in found:
            at, share, signs, names = found[spot[0]]
            found[at] = (at, share, signs + sign, _("、").join((names, name)))
        else:
            found[spot[0]] = (*spot, sign, name)
    return list(found.values())


def _rows(labels: Sequence[tuple[Any, float, str]], rows: int) -> list[tuple[Any, str, int]]:
    """Labels (position, share, text) in as few rows as keep them apart; what no row can hold is left out."""
    ends = [-1.0] * rows
    kept = []
    for at, share, text in sorted(labels, key=lambda label: label[1]):
        width = (sum(_NARROW if c.isascii() else _WIDE for c in text) + _APART) / _PHONE
        row = next((i for i, end in enumerate(ends) if share - width / 2 >= end), None)
        if row is not None:
            ends[row] = share + width / 2
            kept.append((at, text, row))
    return kept


def _label(text: str, at: Any, up: int, colour: str, dark: bool) -> dict[str, Any]:
    where = {"xref": "x", "yref": "paper", "yanchor": "bottom", "yshift": up}
    return note(text, at, 1, dark, **where, font={"size": 12, "color": colour})
