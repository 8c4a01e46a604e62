"""上线成效: what the launch did to complaints on the city platform, in the words of the evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from analytics.evaluation.launch_effect import CAUTION_LABELS
from analytics.i18n import gettext as _
from analytics.present import sentences, wording
from analytics.report.gathered import Gathered
from analytics.report.model import Cell, Chart, Column, Section, Sentence, Series, Table
from analytics.report.places import name_of
from analytics.scope import month_number, month_text
from analytics.unfinished import flagged

#: Months that the chart reaches back.
_MONTHS: Final = 24


def section(found: Gathered) -> Section:
    """Complaints before and after the launch; never added to petitions."""
    points = tuple(Sentence(f"effect.{name}", text) for name, text in _texts(found) if text)
    launches = found.review["complaints"]["launches"]
    known = len(found.complaint_series) > 0
    tables = (_table(launches),) if launches and known else ()
    charts = (_chart(found),) if known else ()
    return Section("effect", _("上线成效"), points, tables, charts)


def _texts(found: Gathered) -> Iterator[tuple[str, str]]:
    complaints = found.review["complaints"]
    if not len(found.complaint_series):
        yield "finding", _("截至本月没有网络理政投诉数据。")
        return
    yield "month", _month(found)
    yield "finding", _finding(complaints)
    if launch := complaints["launch"]:
        yield "series", _series(launch)
        yield "cautions", _cautions(launch)


def _month(found: Gathered) -> str:
    series = found.complaint_series
    row = series.loc[found.number] if found.number in series.index else None
    if row is None or wording.missing(row["count"]):
        return _("本月网络理政投诉量不明（没有数据）。")
    text = (
        _("本月网络理政投诉 {n} 件（未收齐），不计入诉求。")
        if row["incomplete"]
        else _("本月网络理政投诉 {n} 件，不计入诉求。")
    )
    return text.format(n=wording.count(row["count"]))


def _finding(complaints: Mapping[str, Any]) -> str:
    if complaints["launch"] or complaints["launches"]:
        # The launch rests on all months, also where this month itself has no complaints on record.
        return sentences.complaints({"complaints": {**complaints, "months": complaints["months"] or [None]}})
    return _("没有上线日期，只能看走势，不能比较上线前后。")


def _series(launch: Mapping[str, Any]) -> str:
    """The second layer: against the line without a launch, with its interval."""
    series = launch["series"]
    if series is None:
        return ""
    text = _(
        "扣除季节和原有趋势后，比「没有上线会怎样」变化 {change}（可信范围 {interval}），结论：{verdict}。"
    )
    return text.format(
        change=wording.change(series["ratio"]),
        interval=wording.change_interval(series["interval"]),
        verdict=sentences.verdict_clause(launch),
    )


def _cautions(launch: Mapping[str, Any]) -> str:
    if not launch["cautions"]:
        return ""
    words = _("；").join(_(CAUTION_LABELS[code]) for code in launch["cautions"])
    return _("需要留意：{words}。").format(words=words)


def _table(launches: list[dict[str, Any]]) -> Table:
    columns = (
        Column(_("院落"), wide=True),
        Column(_("上线月份"), "month"),
        Column(_("上线前月均"), "decimal"),
        Column(_("上线后月均"), "decimal"),
        Column(_("按日均变化"), "change"),
        Column(_("95% 可信范围"), "changes"),
        Column(_("结论")),
    )
    note = _(
        "变化和可信范围是上线前后的简单比较；结论来自扣除季节和趋势的时间序列，月份不足 8 个的不下结论。"
    )
    return Table(
        "launches",
        _("各院落上线前后网络理政投诉"),
        columns,
        tuple(_row(row, name_of(row, launches)) for row in launches),
        note,
    )


def _row(row: Mapping[str, Any], name: str) -> tuple[Cell, ...]:
    plain = row["plain"] or {}
    ends = plain.get("interval")
    return (
        name,
        row["month"],
        plain.get("before_mean"),
        plain.get("after_mean"),
        plain.get("ratio"),
        None if ends is None else (ends[0], ends[1]),
        sentences.verdict_clause(row),
    )


def _chart(found: Gathered) -> Chart:
    """The last two years by month; incomplete months stand apart, the no-launch line is dashed."""
    series = found.complaint_series.iloc[-_MONTHS:]
    months = [month_text(int(number)) for number in series.index]
    counts = [None if wording.missing(n) else int(n) for n in series["count"]]
    late = flagged(found.unfinished["complaints"], found.dataset.as_of)
    open_ends = [bad or m in late for m, bad in zip(months, series["incomplete"], strict=True)]
    complete = tuple(None if bad else n for n, bad in zip(counts, open_ends, strict=True))
    lines = [Series(_("网络理政投诉"), complete, "volume")]
    if any(open_ends):
        rest = tuple(n if bad else None for n, bad in zip(counts, open_ends, strict=True))
        lines.append(Series(_("未收齐的月份"), rest, "pale"))
    lines += _launch_lines(found.review["complaints"]["launch"], months)
    alt = _("{first}至{last}每月网络理政投诉量折线图。").format(
        first=wording.month(months[0]), last=wording.month(months[-1])
    )
    title = _("网络理政投诉量（件/月）")
    return Chart("complaints", title, alt, "lines", tuple(months), tuple(lines))


def _launch_lines(launch: Mapping[str, Any] | None, months: list[str]) -> list[Series]:
    if not launch or not launch["plain"]:
        return []
    start = month_number(launch["month"])
    plain = launch["plain"]
    before = tuple(plain["before_mean"] if month_number(m) < start else None for m in months)
    after = tuple(plain["after_mean"] if month_number(m) >= start else None for m in months)
    lines = [Series(_("上线前月均"), before, "muted", True), Series(_("上线后月均"), after, "strong", True)]
    if launch["series"]:
        expected = {row["month"]: row.get("expected") for row in launch["series"]["counterfactual"]}
        line = tuple(expected.get(m) if month_number(m) >= start else None for m in months)
        lines.append(Series(_("没有上线会怎样"), line, "launch", True))
    return [line for line in lines if any(value is not None for value in line.values)]
