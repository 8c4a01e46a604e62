"""督办 in sentences: what is over, what can still be kept, what is worth a look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd
from pandas import DataFrame

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import tables, wording
from analytics.supervision import KINDS

#: The kinds of :data:`analytics.supervision.KINDS` by how late they are: code → (name, kinds).
GROUPS: Final = {
    "overdue": (
        mark("已超期"),
        ("clock_missed", "resolution_overdue", "feedback_overdue", "follow_up_overdue"),
    ),
    "soon": (
        mark("还来得及"),
        ("clock_running", "resolution_due_week", "feedback_due", "follow_up_due", "colour_change"),
    ),
    "watch": (mark("要留意"), ("reopened", "repeated", "handed_on")),
}


def of_group(counts: Mapping[str, int], group: str) -> int:
    """How many things to do of one group; ``counts``: :func:`analytics.supervision.summary`."""
    return sum(counts[kind] for kind in GROUPS[group][1])


def group_lines(counts: Mapping[str, int], group: str) -> list[str]:
    """「办理超期 8」, one line per kind of a group that occurs."""
    return [f"{_(KINDS[kind])} {wording.count(counts[kind])}" for kind in GROUPS[group][1] if counts[kind]]


def finding(found: DataFrame, counts: Mapping[str, int]) -> str:
    """What there is to do in one sentence, from :func:`analytics.supervision.items`."""
    if not len(found):
        return nothing()
    clauses = [clause for clause in _clauses(found, counts) if clause]
    return wording.sentence(_("；").join(clauses))


def nothing() -> str:
    """Nobody owes anything."""
    return _("没有到期或超期的事项，也没有重开、重复或多次转办的诉求。")


def feedback(counts: Mapping[str, int]) -> str:
    """Progress reports owed to the residents of red and grey petitions."""
    return _owed(counts, "feedback_overdue", "feedback_due", _("没有欠着的进度反馈，7 天内也没有到期的。"))


def follow_up(counts: Mapping[str, int]) -> str:
    """Follow-ups owed."""
    return _owed(counts, "follow_up_overdue", "follow_up_due", _("没有欠着的回访，7 天内也没有到期的。"))


def _owed(counts: Mapping[str, int], overdue: str, due: str, none: str) -> str:
    if not counts[overdue] and not counts[due]:
        return none
    text = _("已超期 {overdue} 项，7 天内到期 {due} 项。")
    return text.format(overdue=wording.count(counts[overdue]), due=wording.count(counts[due]))


def _clauses(found: DataFrame, counts: Mapping[str, int]) -> Iterator[str]:
    yield _("{n} 件诉求有事要办").format(n=wording.count(found["case_id"].nunique()))
    if overdue := of_group(counts, "overdue"):
        text = _("已超期 {n} 项，拖得最久的是 {case}（{left}）")
        yield text.format(n=wording.count(overdue), **_named(found.iloc[0]))
    else:
        yield _("没有超期的")
    if counts["clock_running"]:
        text = _("{n} 项正在计时，最急的是 {case}（{left}）")
        first = found[(found["kind"] == "clock_running").to_numpy()].iloc[0]
        yield text.format(n=wording.count(counts["clock_running"]), **_named(first))
    if soon := of_group(counts, "soon") - counts["clock_running"]:
        yield _("7 天内另有 {n} 项到期或变颜色").format(n=wording.count(soon))
    if watch := of_group(counts, "watch"):
        yield _("{n} 项要留意").format(n=wording.count(watch))


def _named(row: pd.Series) -> dict[str, Any]:
    return {"case": row["case_id"], "left": tables.left(-row["overdue_seconds"])}
