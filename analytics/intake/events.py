"""Event logs (流转记录) → petitions: one line per event becomes one row per petition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from analytics.i18n import gettext as _
from analytics.intake.aliases import normal
from analytics.intake.faults import remark
from analytics.vocabulary import PETITION_COLUMNS, PETITION_TIMES

if TYPE_CHECKING:
    from analytics.intake.layouts import Milestone
    from analytics.intake.result import IntakeWarning

_NAMED_ACTIVITIES: Final = 20


def join(
    lines: pd.DataFrame, milestones: dict[str, Milestone], expected: bool
) -> tuple[pd.DataFrame, tuple[IntakeWarning, ...]]:
    """One petition per case of ``lines`` (the checked events, see contract.check), and remarks.

    A milestone is the first of its activities by time (or the last, where the layout says so). Petition
    columns take the first non-blank value; without any reported_at the first event is the report. Unless
    the milestones are ``expected`` of this source, those that never occur are left out as unrecorded.
    The frame has the petition columns, ``row`` (of the case's first line) and ``date_only``.
    """
    cases = pd.DataFrame({"case_id": lines["case_id"].drop_duplicates(ignore_index=True)})
    case_of = pd.Index(cases["case_id"]).get_indexer(lines["case_id"])
    cases["row"] = lines["row"].groupby(case_of).min().to_numpy() if len(lines) else np.zeros(0, np.int64)
    bits = np.zeros(len(cases), np.int32)
    _fill_columns(cases, bits, lines, case_of)
    activity = lines["activity"].map(normal, na_action="ignore")
    for name, milestone in milestones.items():
        wanted = activity.isin([normal(text) for text in milestone.activities]).to_numpy(bool)
        if wanted.any() or expected:
            _fill_times(cases, bits, name, lines[wanted], case_of[wanted], milestone.last)
    _fill_times(cases, bits, "reported_at", lines, case_of, last=False, only_blanks=True)
    order = [name for name in PETITION_COLUMNS if name in cases]
    return cases[[*order, "row"]].assign(date_only=bits), _remarks(lines, len(cases), activity, milestones)


def _fill_columns(cases: pd.DataFrame, bits: np.ndarray, lines: pd.DataFrame, case_of: np.ndarray) -> None:
    """The first non-blank value of each petition column that the log carries."""
    for name in [name for name in PETITION_COLUMNS[1:] if name in lines]:
        filled = np.flatnonzero(lines[name].notna().to_numpy())
        known, first = np.unique(case_of[filled], return_index=True)
        place = np.zeros(len(cases), np.int64)
        place[known] = filled[first]
        column = lines[name].take(place).reset_index(drop=True)
        cases[name] = column.where(np.isin(np.arange(len(cases)), known))
        if name in PETITION_TIMES:
            bit = np.int32(1 << PETITION_TIMES.index(name))
            bits[known] |= lines["date_only"].to_numpy()[place[known]] & bit


def _fill_times(
    cases: pd.DataFrame,
    bits: np.ndarray,
    name: str,
    lines: pd.DataFrame,
    case_of: np.ndarray,
    last: bool,
    only_blanks: bool = False,
) -> None:
    """Set one time of the cases from their events: the first by time, or the last."""
    if name not in cases:
        cases[name] = np.full(len(cases), np.datetime64("NaT"), "datetime64[s]")
    order = np.argsort(lines["at"].to_numpy(), kind="stable")
    order = order[::-1] if last else order
    chosen, places = np.unique(case_of[order], return_index=True)
    if only_blanks:
        blank = cases[name].isna().to_numpy()[chosen]
        chosen, places = chosen[blank], places[blank]
    picked = lines.iloc[order[places]]
    moments = cases[name].to_numpy().copy()
    moments[chosen] = picked["at"].to_numpy()
    cases[name] = moments
    bit = PETITION_TIMES.index(name)
    bits[chosen] = (bits[chosen] & ~np.int32(1 << bit)) | (picked["at_date_only"].to_numpy(np.int32) << bit)


def _remarks(
    lines: pd.DataFrame, cases: int, activity: pd.Series, milestones: dict[str, Milestone]
) -> tuple[IntakeWarning, ...]:
    remarks = [remark("events_joined", lines=len(lines), cases=cases)]
    used = {normal(text) for milestone in milestones.values() for text in milestone.activities}
    unused = lines.loc[~activity.isin(used), "activity"].value_counts()
    if len(unused):
        named = [
            _("{name}（{n} 次）").format(name=name[:30], n=n)
            for name, n in unused.head(_NAMED_ACTIVITIES).items()
        ]
        more = len(unused) - len(named)
        names = _("、").join(named) + (_(" 等 {n} 种").format(n=len(unused)) if more > 0 else "")
        remarks.append(remark("events_unused", names=names))
    return tuple(remarks)
