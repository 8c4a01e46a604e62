"""四色办理 and 515303 时限: how hard the petitions were, and which promises were kept by whom and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from analytics import breakdown, measures
from analytics.evaluation.control_limits import WORD_LABELS
from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.present import sentences, wording
from analytics.present.tables import group_label
from analytics.report.gathered import Gathered
from analytics.report.model import Cell, Chart, Column, Section, Sentence, Series, Table
from analytics.report.overall import row_counts
from analytics.vocabulary import CLOCK_LABELS, CLOCKS, COLOURS, STATE_LABELS, STATES, place_label

#: Bars of a chart of places, so that names stay readable; the table has them all.
MOST_BARS: Final = 12


def colours(found: Gathered) -> Section:
    """四色办理: actual against expected, by courtyard."""
    texts = [("finding", sentences.colours(found.review) if found.petitions else found.absence())]
    if found.petitions and found.month in breakdown.unsettled_months(found.dataset, found.scope):
        limit = found.policy.colour_limit("red").words
        text = _("本月上报的诉求还不满{limit}，颜色分布尚未定型，不与以往月份比较。")
        texts.append(("unsettled", text.format(limit=limit)))
    points = tuple(Sentence(f"colours.{name}", text) for name, text in texts)
    if not found.petitions:
        return Section("colours", _("四色办理"), points)
    tables = (_distribution(found.review["colours"]), _migration(found.review["colours"]))
    return Section("colours", _("四色办理"), points, tables, (_by_place(found.review["courtyards"]),))


def _distribution(found: dict[str, Any]) -> Table:
    names = (_("颜色"), _("预期"), _("实际（办结或无法解决）"), _("在办（已到颜色）"))
    columns = (Column(names[0]), *(Column(name, "count") for name in names[1:]))
    rows: list[tuple[Cell, ...]] = [
        (wording.colour(c), found["assigned"][c], found["actual"][c], found["open_by_age"][c])
        for c in COLOURS
    ]
    rows.append((_("未定或不明"), found["assigned"]["none"], found["unknown"], None))
    expected, actual, still = (sum(found[n].values()) for n in ("assigned", "actual", "open_by_age"))
    rows.append((_("合计"), expected, actual + found["unknown"], still))
    shades = (*COLOURS, None, None)
    note = _("实际、在办两列相加等于受理件数；预期一列合计也等于受理件数。")
    return Table("colours", _("四色构成"), columns, tuple(rows), note, shades)


def _migration(found: dict[str, Any]) -> Table:
    """Expected (rows) against actual (columns): a green that took two months is the finding."""
    cell = {(m["assigned"], m["actual"]): m["count"] for m in found["migration"]}
    expected = [*COLOURS, *(["none"] if found["assigned"]["none"] else [])]
    columns = (Column(_("预期＼实际")), *(Column(wording.colour(c), "count") for c in COLOURS))
    rows = tuple(
        (_("未填") if e == "none" else wording.colour(e), *(cell.get((e, a), 0) for a in COLOURS))
        for e in expected
    )
    shades = tuple(None if e == "none" else e for e in expected)
    return Table("migration", _("预期与实际对照（已定颜色的诉求）"), columns, rows, "", shades)


def _by_place(courtyards: Sequence[dict[str, Any]]) -> Chart:
    """Courtyards with the most petitions, closed by colour, open ones apart."""
    shown = sorted(courtyards, key=lambda row: -row["petitions"])[:MOST_BARS]
    more = len(courtyards) - len(shown)
    several = len({row["community"] for row in courtyards}) > 1
    names = [place_label(row["place"], several) for row in shown]
    series = [Series(wording.colour(c), tuple(row[c] for row in shown), c) for c in COLOURS]
    # Not the count of open ones: those marked unsolvable are grey already.
    still = tuple(sum(row[f"open_{c}"] for c in COLOURS) for row in shown)
    series.append(Series(_("在办"), still, "pale"))
    leaders = wording.listing([f"{n} {row['petitions']}" for n, row in zip(names, shown, strict=True)])
    alt = _("各院落诉求按实际颜色堆叠的条形图，件数最多的是：{leaders}。").format(leaders=leaders)
    title = _("各院落诉求四色构成（件）")
    if more:
        title = _("件数最多的 {n} 个院落诉求四色构成（件），另 {more} 个见表").format(n=len(shown), more=more)
    return Chart("colours", title, alt, "stacked_bars", tuple(names), tuple(series))


def clocks(found: Gathered) -> Section:
    """515303 时限: the four clocks, by handler and by part of the day."""
    points = tuple(Sentence(f"clocks.{name}", text) for name, text in _clock_texts(found))
    title = _("515303 时限")
    if not found.petitions:
        return Section("clocks", title, points)
    tables = (_states(found), by_group(found, "handler", _("接单主体")), _by_period(found))
    return Section("clocks", title, points, tables, (_rates_chart(found),))


def _clock_texts(found: Gathered) -> Iterator[tuple[str, str]]:
    if not found.petitions:
        yield "finding", found.absence()
        return
    yield "finding", sentences.clocks(found.review, found.policy)
    for name in CLOCKS:
        yield name, _clock_sentence(found, name)


def _clock_sentence(found: Gathered, name: str) -> str:
    clock = found.review["clocks"][name]
    title = REGISTRY[name].titled(found.policy)
    if clock["rate"] is None:
        return _("{clock}：没有可计算的记录。").format(clock=title)
    parts = [
        _("按时率 {rate}").format(rate=sentences.clock_rate(clock, clock["target"])),
        wording.confidence(clock["interval"]),
        wording.upper_bound(clock["upper_bound"], clock["unrecorded"]),
        _median(clock),
    ]
    if (trend := found.trend(name)) is not None:
        parts.append(_("与以往各月相比{word}").format(word=_(WORD_LABELS[trend])))
    text = _("{clock}：{parts}。")
    return text.format(clock=title, parts=_("，").join(part for part in parts if part))


def _median(clock: dict[str, Any]) -> str:
    if clock["median_minutes"] is None:
        return ""
    text = _("有记录的 {n} 件用时中位数 {median}")
    return text.format(n=wording.count(clock["n_recorded"]), median=wording.minutes(clock["median_minutes"]))


def _states(found: Gathered) -> Table:
    columns = (
        Column(_("时限"), wide=True),
        Column(_("按时率"), "rate"),
        *(Column(_(STATE_LABELS[state]), "count") for state in STATES),
    )
    rows = tuple(
        (
            REGISTRY[name].titled(found.policy),
            (clock["met"], sentences.due(clock)) if clock["rate"] is not None else None,
            *(clock[state] for state in STATES),
        )
        for name, clock in found.review["clocks"].items()
    )
    note = _(
        "按时率 = 按时 ÷（按时 + 超时 + 未记录）；未到期、无需到场、时间有误的不计入。六种状态相加等于受理件数。"
    )
    return Table("clocks", _("四项时限的办理状态（件）"), columns, rows, note)


def by_group(found: Gathered, axis: str, heading: str) -> Table:
    """Petitions of the month by ``axis``, with the rates of the four clocks and of closing in time."""
    keys, counters = found.dataset.rollup.by(axis, found.scope)
    records = measures.table([str(key) for key in keys], counters)
    records = records[records["petitions"] > 0].sort_values("petitions", ascending=False, kind="stable")
    names = (*CLOCKS, "on_time")
    columns = (
        Column(heading, wide=True),
        Column(_("受理"), "count"),
        *(Column(REGISTRY[name].titled(found.policy), "rate") for name in names),
    )
    rows = tuple(
        (group_label(str(key), axis), int(row["petitions"]), *(row_counts(row, name) for name in names))
        for key, row in zip(records.index, records.to_dict("records"), strict=True)
    )
    title = _("各{axis}办理情况").format(axis=heading)
    return Table(axis, title, columns, rows)


def _by_period(found: Gathered) -> Table:
    title = REGISTRY["response"].titled(found.policy)
    columns = (Column(_("上报时段"), wide=True), Column(_("到期"), "count"), Column(title, "rate"))
    rows = tuple(
        (group.key, group.due, (group.hits, group.due) if group.is_known else None)
        for group in found.groups("period", "response")
    )
    return Table("period", _("分时段的响应"), columns, rows, _("没有上报时刻的诉求不在表内。"))


def _rate(clock: dict[str, Any]) -> str:
    return wording.UNKNOWN if clock["rate"] is None else sentences.clock_rate(clock)


def _rates_chart(found: Gathered) -> Chart:
    """The four hit rates beside their targets; a rate's own counts stand in its label."""
    rows = [(name, found.review["clocks"][name]) for name in CLOCKS]
    categories = tuple(
        _("{clock}（{met}/{due}）").format(clock=_(CLOCK_LABELS[name]), met=c["met"], due=sentences.due(c))
        for name, c in rows
    )
    alt = _("四项时限按时率与目标：{parts}。").format(
        parts=_("，").join(
            _("{clock} {rate}").format(clock=_(CLOCK_LABELS[name]), rate=_rate(c)) for name, c in rows
        )
    )
    series = (
        Series(_("按时率"), tuple(c["rate"] for _name, c in rows), "volume"),
        Series(_("目标"), tuple(c["target"] for _name, c in rows), "pale"),
    )
    return Chart("clocks", _("515303 四项时限按时率"), alt, "columns", categories, series, "percent")
