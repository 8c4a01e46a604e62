"""红灰诉求进度: every red or grey petition still open, whenever it was reported, and what is owed to its resident."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.frame import DAY, NA, epoch
from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.present import wording
from analytics.report.gathered import Gathered
from analytics.report.model import Cell, Column, Section, Sentence, Table
from analytics.vocabulary import place_label

#: Rows of the table in print; the note says how many more there are.
MOST_ROWS: Final = 30


def section(found: Gathered) -> Section:
    """The open petitions that owe progress reports, longest overdue first."""
    owed = owing(found)
    points = tuple(Sentence(f"progress.{name}", text) for name, text in _texts(found, owed))
    return Section("progress", _("红灰诉求进度"), points, (_table(owed),) if len(owed) else ())


def owing(found: Gathered) -> pd.DataFrame:
    """Open petitions that owe a report: case_id, place, category, expected, outcome, days, last, due, overdue.

    ``last`` and ``due`` are moments (NaT: never), ``overdue`` days past due (≤ 0: not yet).
    """
    rows = found.open_rows
    rows = rows[rows["feedback_due"].to_numpy() != NA]
    reported = rows["reported"].to_numpy()
    due = reported + rows["feedback_due"].to_numpy().astype(np.int64)
    last = rows["feedback_last"].to_numpy().astype(np.int64)
    told = np.where(last == NA, np.datetime64("NaT"), (reported + last).astype("datetime64[s]"))
    now = epoch(found.dataset.as_of)
    columns: dict[str, Any] = {
        name: rows[name].astype(object) for name in ("case_id", "place", "category", "expected", "outcome")
    }
    columns |= {
        "days": (now - reported) / DAY, "last": told, "due": due.astype("datetime64[s]"), "overdue": (now - due) / DAY,
    }  # fmt: skip
    return pd.DataFrame(columns).sort_values("overdue", ascending=False, kind="stable", ignore_index=True)


def _texts(found: Gathered, owed: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if not len(owed):
        yield "stock", _("截至统计时间，没有需要定期反馈进度的在办红、灰诉求。")
    else:
        late = int((owed["overdue"] > 0).sum())
        text = _(
            "截至统计时间，在办并需定期反馈进度的红、灰诉求共 {n} 件（不论哪个月上报），其中 {late} 件反馈已超期。"
        )
        yield "stock", text.format(n=wording.count(len(owed)), late=wording.count(late))
    feedback = found.review["feedback"]
    due = feedback["met"] + feedback["missed"]
    if due:
        text = _("本月上报的诉求中，{label} {rate}（按次数计）。")
        title = REGISTRY["feedback"].titled(found.policy)
        yield "rate", text.format(label=title, rate=_times(feedback["met"], due))


def _times(hits: int, due: int) -> str:
    """Reports are counted in times, not in petitions."""
    if due < wording.FEW:
        return _("{due} 次中 {hits} 次").format(due=due, hits=hits)
    return wording.rate_with_counts(hits, due)


def _table(owed: pd.DataFrame) -> Table:
    columns = (
        Column(_("编号")),
        Column(_("院落")),
        Column(_("类别")),
        Column(_("预期")),
        Column(_("已到颜色")),
        Column(_("已历时"), "days"),
        Column(_("上次反馈"), "date"),
        Column(_("应反馈"), "date"),
        Column(_("超期"), "days"),
    )
    shown = owed.head(MOST_ROWS)
    several = len({str(place).partition("/")[0] for place in owed["place"].unique()}) > 1
    rows = tuple(_row(row, several) for row in shown.to_dict("records"))
    shades = tuple(str(outcome).partition("_")[2] for outcome in shown["outcome"])
    more = len(owed) - len(shown)
    note = (
        _("按超期长短排列，另有 {n} 件未列出，见督办清单。").format(n=more) if more else _("按超期长短排列。")
    )
    return Table("progress", _("需定期反馈进度的在办诉求"), columns, rows, note, shades)


def _row(row: dict[str, Any], with_community: bool) -> tuple[Cell, ...]:
    category = row["category"]
    return (
        str(row["case_id"]),
        place_label(str(row["place"]), with_community),
        None if pd.isna(category) else str(category),
        None if pd.isna(row["expected"]) else wording.colour(str(row["expected"])),
        wording.colour(str(row["outcome"]).partition("_")[2]),
        round(float(row["days"]), 1),
        None if pd.isna(row["last"]) else f"{row['last']:%Y-%m-%d}",
        f"{row['due']:%Y-%m-%d}",
        round(float(row["overdue"]), 1) if row["overdue"] > 0 else None,
    )
