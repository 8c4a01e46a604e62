"""Complaints in words and tables: every courtyard's own launch, the categories, the single complaints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
from pandas import DataFrame

from analytics.evaluation.launch_series import VERDICT_LABELS
from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.present.sentences import verdict_clause
from analytics.vocabulary import COLUMN_LABELS, place_label

#: Categories drawn by name; the rest are one.
_NAMED: Final = 8


def launch_line(found: Mapping[str, Any]) -> str:
    """The launch beside a chart: before, after and verdict of a shared one, verdicts counted of several."""
    launch = found["launch"]
    if launch and launch.get("plain"):
        return _("上线前月均 {before} 件，上线后 {after} 件；扣除原有趋势和季节：{verdict}。").format(
            before=wording.decimal(launch["plain"]["before_mean"]),
            after=wording.decimal(launch["plain"]["after_mean"]),
            verdict=verdict_clause(launch),
        )
    if launch:
        return wording.sentence(verdict_clause(launch))
    if not found["launches"]:
        return _("没有上线日期，只能看走势。")
    counts = Counter(row["verdict_code"] for row in found["launches"])
    parts = [
        _("{verdict} {n} 个").format(verdict=_(label), n=counts[code])
        for code, label in VERDICT_LABELS.items()
        if counts[code]
    ]
    return _("{n} 个院落先后上线：{parts}。").format(n=len(found["launches"]), parts=_("、").join(parts))


def against_no_launch(launch: Mapping[str, Any]) -> str:
    """What the verdict rests on: 「−47 %（−60 % ~ −31 %）」 against the months without a launch, or 「—」."""
    series = launch.get("series")
    if not series:
        return wording.UNKNOWN
    return _("{change}（{interval}）").format(
        change=wording.change(series["ratio"]), interval=wording.change_interval(series["interval"])
    )


def launches(found: Sequence[Mapping[str, Any]]) -> DataFrame:
    """Every courtyard's own launch: the plain comparison, then the time series with its verdict."""
    return DataFrame([_launch_row(row) for row in found])


def _launch_row(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = row.get("plain") or {}
    return {
        _("院落"): place_label(row["place"], True),
        _("上线月份"): wording.month(row["month"]),
        _("上线前月均"): wording.decimal(plain.get("before_mean")),
        _("上线后月均"): wording.decimal(plain.get("after_mean")),
        _("按日均变化（简单比较）"): wording.change(plain.get("ratio")),
        _("95% 可信范围"): wording.change_interval(plain.get("interval")),
        _("与没有上线相比（时间序列）"): against_no_launch(row),
        _("结论（按时间序列）"): verdict_clause(row),
    }


def slopes(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Categories for the slope chart, most complaints first; from the ninth on they are one: 「其他」."""
    rows = _busiest_first(found)
    named, rest = rows[:_NAMED], rows[_NAMED:]
    shown = [{**row, "label": _name(row)} for row in named]
    if rest:
        sums = {side: sum(row[side] for row in rest) for side in ("before", "after")}
        shown.append({"label": _("其他 {n} 类").format(n=len(rest)), **sums})
    return shown


def categories(found: Sequence[Mapping[str, Any]]) -> DataFrame:
    """All categories with their monthly means before and after."""
    return DataFrame(
        [
            {
                _("投诉类别"): _name(row),
                _("上线前月均"): wording.decimal(row["before"]),
                _("上线后月均"): wording.decimal(row["after"]),
                _("变化"): wording.change(row["after"] / row["before"] if row["before"] else None),
            }
            for row in _busiest_first(found)
        ]
    )


def _busiest_first(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(found, key=lambda row: -(row["before"] + row["after"]))


def _name(row: Mapping[str, Any]) -> str:
    return row["category"] or _("未填类别")


def single(found: DataFrame) -> DataFrame:
    """Single complaints (:func:`analytics.breakdown.complaint_list`) under our headings."""
    return DataFrame(
        {
            _(COLUMN_LABELS["complaint_id"]): found["complaint_id"],
            _(COLUMN_LABELS["received_at"]): found["received_at"],
            _("院落"): pd.Series(found["place"]).map(lambda key: place_label(key, True)),
            _("投诉类别"): found["category"],
        }
    )
