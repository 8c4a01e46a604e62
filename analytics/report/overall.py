"""总体情况: how many, what became of them, and how that compares with the months before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from analytics.evaluation.control_limits import WORD_LABELS
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import RATES, REGISTRY, Value
from analytics.measures import evaluate as evaluate_measures
from analytics.present import sentences, wording
from analytics.present.definitions import target
from analytics.report.gathered import Gathered
from analytics.report.model import Cell, Column, Section, Sentence, Table
from analytics.vocabulary import CLOCKS

#: What the volume of petitions did, by signal and side of the mean.
_VOLUME: Final = {
    ("none", 0): mark("本月件数属于正常波动"),
    ("outside", 1): mark("本月件数明显多于以往，超出正常波动"),
    ("outside", -1): mark("本月件数明显少于以往，超出正常波动"),
    ("run", 1): mark("件数连续七个月以上高于各月平均，已不是偶然波动"),
    ("run", -1): mark("件数连续七个月以上低于各月平均，已不是偶然波动"),
}


def section(found: Gathered) -> Section:
    """The first part of the report."""
    texts = dict(_texts(found))
    points = tuple(Sentence(f"overall.{name}", text) for name, text in texts.items() if text)
    tables = (indicators(found),) if found.petitions else ()
    return Section("overall", _("总体情况"), points, tables)


def _texts(found: Gathered) -> Iterator[tuple[str, str]]:
    yield "summary", sentences.overview(found.review, found.policy) if found.petitions else found.absence()
    if not found.is_over:
        yield "unfinished", _("本月尚未结束，数字只到截至时间，不与其他月份比较。")
    if not found.petitions:
        return
    yield "change", _change(found)
    yield "three_rates", _three_rates(found.review)
    yield "closing", wording.sentence(sentences.median_close(found.review))
    yield "density", _density(found.review["density"])


def _change(found: Gathered) -> str:
    ratio = found.change()
    if found.before is None or ratio is None:
        return ""
    before = found.before["petitions"]
    parts = [_difference(found.petitions, before)]
    if before:
        ends = (float(ratio.lower), float(ratio.upper))
        text = _("按日均变化 {change}（可信范围 {interval}）")
        parts.append(text.format(change=wording.change(ratio.ratio), interval=wording.change_interval(ends)))
        if ratio.lower <= 1 <= ratio.upper:
            parts.append(_("这一差别可能只是偶然"))
    clauses = [_("，").join(parts)]
    if (signal := found.volume()) is not None:
        clauses.append(_("从各月走势看，{words}").format(words=_(_VOLUME[signal])))
    return wording.sentence(_("；").join(clauses))


def _difference(now: int, before: int) -> str:
    difference = now - before
    if not difference:
        return _("与上月（{before} 件）持平").format(before=wording.count(before))
    text = _("比上月（{before} 件）多 {n} 件") if difference > 0 else _("比上月（{before} 件）少 {n} 件")
    return text.format(before=wording.count(before), n=wording.count(abs(difference)))


def _three_rates(review: dict[str, Any]) -> str:
    """响应率, 解决率, 满意率 beside each other, each with its own denominator, never merged."""
    response, solved, rated = (
        review["clocks"]["response"], review["follow_up"]["solved"], review["satisfaction"],
    )  # fmt: skip
    due = sentences.due(response)
    text = _(
        "三率：响应率 {response}，解决率 {solved}，满意率 {satisfied}，参评率 {participation}；各自分母不同，不合成一个分数。"
    )
    return text.format(
        response=wording.rate_with_counts(response["met"], due) if response["rate"] is not None else wording.UNKNOWN,
        solved=wording.rate_with_counts(solved["confirmed"], solved["answered"]),
        satisfied=wording.rate_with_counts(rated["satisfied"], rated["rated"]),
        participation=wording.rate_with_counts(rated["rated"], rated["resolved"]),
    )  # fmt: skip


def _density(density: dict[str, Any]) -> str:
    if density["per_100_households"] is None:
        return ""
    low, high = (wording.decimal(end) for end in density["per_100_households_interval"])
    text = _("每百户每 30 天 {rate} 件（可信范围 {low}–{high} 件）。")
    return text.format(rate=wording.decimal(density["per_100_households"]), low=low, high=high)


def indicators(found: Gathered) -> Table:
    """Every rate of the month with its counts, interval, target, the month before, and the word for the change."""
    columns = (
        Column(_("指标"), wide=True),
        Column(_("本月"), "rate"),
        Column(_("95% 可信范围"), "interval"),
        Column(_("目标"), "percent"),
        Column(_("上月"), "rate"),
        Column(_("与以往相比")),
    )
    values = evaluate_measures(found.dataset.rollup, found.scope)
    rows = tuple(_row(found, name, values.value(name)) for name in RATES)
    note = _(
        "不足 10 件的只写件数。四项时限有 12 个月以上才与以往相比；其余指标会随办理进展变化，"
        "新月份与老月份不可直接比较，只列数字，不作判断。"
    )
    return Table("indicators", _("主要指标"), columns, rows, note)


def _row(found: Gathered, name: str, value: Value) -> tuple[Cell, ...]:
    # Only the clocks of a young month are as ripe as those of an old one.
    trend = found.trend(name) if name in CLOCKS else None
    return (
        REGISTRY[name].titled(found.policy),
        counts(value.rate, value.numerator, value.denominator),
        value.interval,
        target(name, found.policy),
        _before(found, name),
        None if trend is None else _(WORD_LABELS[trend]),
    )


def _before(found: Gathered, name: str) -> Cell:
    row = found.before
    return None if row is None else row_counts(row, name)


def row_counts(row: dict[str, Any], name: str) -> Cell:
    """The two counts of a rate in a row of months or courtyards; None where the rate is unknown."""
    return counts(row[f"{name}_rate"], row[f"{name}_met"], row[f"{name}_due"])


def counts(rate: float | None, hits: int, due: int) -> Cell:
    """The two counts of a rate; None where it is unknown (nothing due, or nothing written down)."""
    return None if wording.missing(rate) else (int(hits), int(due))
