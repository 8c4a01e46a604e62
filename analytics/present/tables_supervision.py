"""督办 as tables: one row per thing to do, and what each handler has on the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from pandas import DataFrame, Timestamp

from analytics.i18n import gettext as _
from analytics.present import messages, tables, wording
from analytics.present.sentences_supervision import GROUPS, group_lines, of_group
from analytics.supervision import by_handler
from analytics.vocabulary import COLUMN_LABELS, place_label


def things(found: DataFrame, notes: Mapping[str, str], as_of: Timestamp) -> DataFrame:
    """Things to do (:func:`analytics.supervision.items`) in words, in the order given.

    ``notes``: what each petition's last progress report said (:func:`analytics.supervision.last_notes`).
    """
    names = _place_names(found)
    rows = list(found.itertuples())
    return DataFrame(
        {
            _("还剩或已超"): [_lapse(row, as_of) for row in rows],
            _("要办什么"): [_what(row) for row in rows],
            _(COLUMN_LABELS["case_id"]): found["case_id"].astype(object).to_numpy(),
            _(COLUMN_LABELS["courtyard"]): [names[row.place] for row in rows],
            _(COLUMN_LABELS["category"]): [_named(row.category) for row in rows],
            _(COLUMN_LABELS["handler"]): [_named(row.handler) for row in rows],
            _("颜色"): [wording.colour(str(row.colour)) for row in rows],
            _("到期"): [_due(row, as_of) for row in rows],
            _("最近反馈"): [_told(row, notes, as_of) for row in rows],
        }
    )


def urgent(found: DataFrame, as_of: Timestamp) -> DataFrame:
    """The first of them where there is little room: what is owed, where, by whom, until when and by how much."""
    return things(found, {}, as_of)[
        [
            _(COLUMN_LABELS["case_id"]),
            _("要办什么"),
            _(COLUMN_LABELS["courtyard"]),
            _(COLUMN_LABELS["handler"]),
            _("到期"),
            _("还剩或已超"),
        ]
    ]


def handlers(found: DataFrame) -> DataFrame:
    """What each handler has to do, most first: the three groups, then what each consists of."""
    rows = by_handler(found).to_dict("index")
    return DataFrame(
        [
            {
                _(COLUMN_LABELS["handler"]): _named(name),
                **{_(label): of_group(counts, group) for group, (label, _kinds) in GROUPS.items()},
                _("其中"): _("；").join(line for group in GROUPS for line in group_lines(counts, group)),
            }
            for name, counts in rows.items()
        ]
    )


def _place_names(found: DataFrame) -> dict[Any, str]:
    """Places without their community, except where two share a name."""
    keys = [str(key) for key in found["place"].unique()]
    names = [key.partition("/")[2] for key in keys]
    return {key: place_label(key, names.count(name) > 1) for key, name in zip(keys, names, strict=True)}


def _lapse(row: Any, as_of: Timestamp) -> str:
    """What is left or over; of what has no due moment, for how long it has been so."""
    if not wording.missing(row.overdue_seconds):
        return tables.left(-int(row.overdue_seconds))
    if wording.missing(row.since):
        return ""
    return _("已有 {lapse}").format(lapse=wording.lag((as_of - row.since).total_seconds()))


def _what(row: Any) -> str:
    what = messages.thing(str(row.kind), str(row.clock), row.next_colour, row.other)
    return _("{what}（承诺的时间）").format(what=what) if row.promised else what


def _due(row: Any, as_of: Timestamp) -> str:
    return "" if wording.missing(row.due) else wording.moment(row.due, as_of)


def _told(row: Any, notes: Mapping[str, str], as_of: Timestamp) -> str:
    if wording.missing(row.last_report):
        return _("还没有反馈") if str(row.kind).startswith("feedback") else ""
    when, note = wording.moment(row.last_report, as_of), notes.get(row.case_id, "")
    return f"{when} {note}".rstrip()


def _named(value: Any) -> str:
    return _("未填") if pd.isna(value) or value == "" else str(value)
