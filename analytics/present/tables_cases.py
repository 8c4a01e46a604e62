"""The list of petitions as people read it: columns to choose from, colours and states in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd
from pandas import DataFrame, Series

from analytics.cases import Standing
from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.present.conditions import RESOLUTION_LABELS
from analytics.present.tables import state
from analytics.store import folded
from analytics.vocabulary import CLOCK_LABELS, CLOCKS, COLUMN_LABELS, place_label

#: Columns of every file of petitions, in order.
COLUMNS: Final = (
    "case_id", "reported_at", "place", "category", "handler", "outcome", "expected",
    *(f"{clock}_state" for clock in CLOCKS), *(f"{clock}_minutes" for clock in CLOCKS[:3]),
    "resolution_state", "resolved_at", "days",
)  # fmt: skip
#: What people wrote: read from the database for the petitions that are shown.
TEXTS: Final = ("content", "follow_up_note")
#: All that can be shown, in order.
CHOICES: Final = (*COLUMNS[:4], *TEXTS, "channel", *COLUMNS[4:])
#: What is shown unless something else is chosen.
USUAL: Final = (
    "case_id", "reported_at", "place", "category", "handler", "outcome",
    *(f"{clock}_state" for clock in CLOCKS), "resolution_state", "days",
)  # fmt: skip
#: So much of a text stands in one cell.
_EXCERPT: Final = 60
_LEAD: Final = 12


def heading(name: str) -> str:
    """The heading of one of :data:`CHOICES`."""
    clock, _sep, what = name.rpartition("_")
    if clock in CLOCKS and what in ("state", "minutes"):
        label = _(CLOCK_LABELS[clock])
        return label if what == "state" else _("{clock}（分钟）").format(clock=label)
    own = {"place": COLUMN_LABELS["courtyard"], "expected": COLUMN_LABELS["assigned_colour"]}
    if name in (*own, *COLUMN_LABELS):
        return _(own.get(name) or COLUMN_LABELS[name])
    return {"outcome": _("颜色"), "resolution_state": _("办理期限"), "days": _("天数")}[name]


def cases(
    found: DataFrame,
    columns: Sequence[str] = COLUMNS,
    texts: DataFrame | None = None,
    words: Sequence[str] = (),
) -> DataFrame:
    """Petitions from :func:`analytics.cases.table` under headings: colours, states in words, times as times.

    ``columns``: some of :data:`CHOICES`; ``texts`` (:func:`analytics.store.known_texts`) is needed for those
    of :data:`TEXTS`, of which the part around the first of ``words`` is shown.
    """
    read = found if texts is None else found.join(texts, on="case_id")
    return DataFrame({heading(name): _cells(read[name], name, words) for name in columns}).reset_index(
        drop=True
    )


def excerpt(text: str, words: Sequence[str] = ()) -> str:
    """At most 60 characters of a text, in one line, from shortly before the first of ``words`` in it."""
    line = " ".join(text.split())
    if len(line) <= _EXCERPT:
        return line
    found = [place for word in words if (place := folded(line).find(word)) >= 0]
    start = max(min(found, default=0) - _LEAD, 0)
    end = start + _EXCERPT
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")


def standing(where: Standing) -> str:
    """「第 3 件，共 92 件」."""
    return _("第 {number} 件，共 {count} 件").format(
        number=wording.count(where.number), count=wording.count(where.count)
    )


def _cells(column: Series, name: str, words: Sequence[str]) -> Any:
    makers: dict[str, Callable[[Any], str]] = {
        "place": place_label,
        "outcome": wording.outcome,
        "expected": wording.colour,
        "resolution_state": lambda code: _(RESOLUTION_LABELS[code]),
        **{f"{clock}_state": state for clock in CLOCKS},
        **{text: lambda written: excerpt(written, words) for text in TEXTS},
    }
    if name in makers:
        return pd.Series(column).astype(object).map(makers[name], na_action="ignore").to_numpy()
    if column.dtype == "float64":
        return column.round(1)
    return column.astype(object) if isinstance(column.dtype, pd.CategoricalDtype) else column
