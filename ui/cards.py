"""Cards: a clock against its promise, colours in words, the launch in four figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import streamlit as st

from analytics import breakdown, dataset
from analytics import unfinished as months_due
from analytics.evaluation.control_limits import ASSURANCE_LABELS, WORD_LABELS
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import REGISTRY
from analytics.present import (
    charts,
    charts_courtyards,
    complaint_text,
    overview_text,
    sentences,
    sentences_courtyards,
    sentences_quality,
    tables,
    ways,
    wording,
)
from analytics.present.charts_events import in_sparkline
from analytics.present.charts_incomplete import flag_months
from analytics.scope import Scope
from analytics.trends import Trend
from analytics.vocabulary import OUTCOMES
from ui import components, effect_data

#: Courtyards of a band that are named; the rest are counted.
_NAMED: Final = 8
_GROUPS: Final = (("handler", mark("接单主体")), ("place", mark("院落")))
#: Groups in one chart, those with the most petitions due.
_DRAWN: Final = 12


def clock(view: Any, name: str) -> None:
    """One clock: rate in words, n, target, interval, twelve months and the word for their trend."""
    found = view.review["clocks"][name]
    due, target = sentences.due(found), found["target"]
    trend = _trend(view, name)
    drawn_at_all = any(value is not None for value in trend["values"])
    alt = _("近 12 个月的{name}").format(name=REGISTRY[name].titled(view.policy))
    marks = in_sparkline(dataset.happened(view.dataset, view.scope), trend["months"])
    drawn = charts.sparkline(trend["values"], target=target, band=trend["band"], marks=marks, dark=view.dark)
    components.card(
        name,
        REGISTRY[name].titled(view.policy),
        wording.rate(found["met"], due, target) if found["rate"] is not None else wording.UNKNOWN,
        details=[
            _("{met}/{due} 件 · 目标 {target}").format(
                met=wording.count(found["met"]), due=wording.count(due), target=wording.percent(target)
            ),
            wording.confidence(found["interval"]) or _("没有可计算的记录"),
            wording.upper_bound(found["upper_bound"], found["unrecorded"]),
            _(ASSURANCE_LABELS[trend["assurance"]]) if trend["assurance"] else "",
            _unfinished_trend(view, trend["months"]) if drawn_at_all else "",
        ],
        spark=components.picture(drawn, alt) if drawn_at_all else "",
        trend=_(WORD_LABELS[trend["word"]]) if trend["word"] else "",
        narrowing=REGISTRY[name].misses if due > found["met"] else None,
        link=_("未按时的 {n} 件").format(n=wording.count(due - found["met"])),
    )


def _unfinished_trend(view: Any, months: Sequence[str]) -> str:
    """Under the sparkline, where its last months may only look as they do because records are missing."""
    flagged_here = incomplete(view, "petitions")
    late = [month for month in months if month in flagged_here]
    return _("走势里的{months}可能没有收齐").format(months=wording.months(late[0], late[-1])) if late else ""


def _trend(view: Any, clock: str) -> dict[str, Any]:
    return breakdown.trend(
        view.review["months"],
        clock,
        view.as_of,
        events=dataset.event_months(view.dataset, view.scope),
        target=view.policy.clock(clock).target,
    )


def course(view: Any, clock: str) -> None:
    """A clock's rate month by month within its limits, and the word for it."""
    found = _trend(view, clock)
    if not found["chart"]["value"].notna().any():
        return
    happened = dataset.happened(view.dataset, view.scope)
    reason = None if found["word"] else "few"
    trend = Trend("month", found["chart"], found["word"], reason)
    opens = ways.course(view.review["months"], clock)
    drawn = charts_courtyards.course(trend, clock, view.policy, happened, opens, **view.look)
    components.figure(drawn, f"by-month-{clock}", view)
    word = {"word_code": found["word"], "reason": reason, "assurance": found["assurance"]}
    components.small_print(_("走势：{word}").format(word=sentences_courtyards.trend(word)))


def outcomes(view: Any) -> None:
    """The colours in words, each a way to its petitions: what is too narrow in the bar is read here."""
    colours = view.review["colours"]
    counts = {f"closed_{c}": n for c, n in colours["actual"].items()}
    counts |= {f"open_{c}": n for c, n in colours["open_by_age"].items()}
    counts["unknown"] = colours["unknown"]
    with st.container(horizontal=True, gap="small", key="outcome-links"):
        for name in OUTCOMES:
            if counts[name]:
                text = _("{outcome} {n} 件").format(
                    outcome=wording.outcome(name), n=wording.count(counts[name])
                )
                components.link_to_cases(text, {"outcome": name})


def groups(view: Any, clock: str) -> None:
    """A clock's hit rate by handler and by courtyard, as dots with whiskers."""
    name, target = REGISTRY[clock].titled(view.policy), view.policy.clock(clock).target
    for place, (axis, heading) in zip(st.columns(2, gap="large"), _GROUPS, strict=True):
        every = breakdown.rates_by(view.dataset, view.scope, axis, clock)
        rows = every[:_DRAWN]
        title = _("{axis}：{measure}按时率（%）").format(axis=_(heading), measure=name)
        drawn = charts.rates_with_intervals(
            rows, title=title, label_of=partial(tables.group_label, axis=axis), target=target, **view.look
        )
        with place:
            components.figure(drawn, f"by-{axis}-{clock}", view)
            if len(rows) < len(every):
                text = _("共 {all} 个，图上是到期最多的 {n} 个；院落的全部比较见「院落」。")
                components.small_print(text.format(all=len(every), n=len(rows)))


def unsettled(view: Any) -> None:
    """「尚未定型」: a cohort younger than the red limit holds fast closures only."""
    months = breakdown.unsettled_months(view.dataset, view.scope)
    if months:
        text = _("{months}上报的诉求还没有满红色时限，颜色尚未定型，不能与更早的月份比。")
        components.small_print(text.format(months=wording.months(months[0], months[-1])))


def unfinished(view: Any, *channels: str) -> None:
    """Under a trend: its last months may only look low because records are still missing."""
    for channel, found in effect_data.late(view.key, view.scope).items():
        if channel in channels and found:
            components.small_print(sentences_quality.unfinished(channel, found, view.as_of))


def incomplete(view: Any, channel: str) -> frozenset[str]:
    """The months of a channel that look incomplete, or have not ended."""
    return months_due.flagged(effect_data.late(view.key, view.scope)[channel], view.as_of)


def flagged(view: Any, drawn: Any, channel: str) -> Any:
    """A chart by month with those months on a pale ground."""
    return flag_months(drawn, incomplete(view, channel), dark=view.dark)


def launch(found: Mapping[str, Any] | None) -> None:
    """Before, after, change and verdict of one launch."""
    if not found or not found.get("plain"):
        return
    plain = found["plain"]
    entries = (
        ("before", _("上线前月均"), wording.decimal(plain["before_mean"]), ""),
        ("after", _("上线后月均"), wording.decimal(plain["after_mean"]), ""),
        (
            "change",
            _("按日均变化"),
            wording.change(plain["ratio"]),
            wording.change_interval(plain["interval"]),
        ),
        (
            "verdict",
            _("结论（按时间序列）"),
            sentences.verdict_clause(found),
            _("与没有上线相比 {change}").format(change=complaint_text.against_no_launch(found)),
        ),
    )
    for place, (name, title, value, detail) in zip(st.columns(4), entries, strict=True):
        with place:
            components.card(f"launch-{name}", title, value, details=[detail])


def bands(view: Any) -> None:
    """Courtyards in three bands as a strip; those beyond chance lead to their petitions."""
    components.section(_("各院落"))
    courtyards = view.review["courtyards"]
    if not any(row["band_code"] for row in courtyards):
        components.nothing(_("能比较的院落不足两个。"))
        return
    for place, (code, heading, rows) in zip(st.columns(3), overview_text.strip(courtyards), strict=True):
        with place, st.container(key=f"band-{code}", gap="xsmall"):
            components.caption(heading)
            if code == "help":
                for row in rows[:_NAMED]:
                    misses = {**REGISTRY["response"].misses, "place": row["place"]}
                    components.link_to_cases(components.plain(overview_text.place_misses(row)), misses)
            else:
                components.small(wording.listing([overview_text.place_rate(row) for row in rows], _NAMED))
    components.small_print(
        _("按{measure}与全部院落相比，到期不足 10 件的不列；正常波动之内的高低是偶然，不排名次").format(
            measure=REGISTRY["response"].titled(view.policy)
        )
    )
    st.page_link(components.COURTYARDS, label=_("院落对比"))


def changed(view: Any) -> None:
    """What changed since last month: the clock farthest below its target, and the three that moved it most."""
    clock = overview_text.first_clock(view.review)
    if clock is None:
        return
    components.section(_("比上月变了什么"))
    found = effect_data.change(view.key, view.scope, clock, "place")
    components.small(sentences_courtyards.change(found, view.policy))


def complaints(view: Any) -> None:
    """Complaints before and after the launch, with the verdict in words."""
    found = view.review["complaints"]
    if not found["months"]:
        components.nothing(sentences.complaints(view.review))
        return
    drawn = flagged(view, charts.complaint_trend(found, **view.look), "complaints")
    components.figure(drawn, "trend", view)
    components.small(complaint_text.launch_line(found))
    st.page_link(components.COMPLAINTS, label=_("看投诉走势和上线前后"))


def categories(view: Any) -> None:
    """Categories of complaints before and after the launch."""
    components.section(_("各类投诉，上线前后"))
    found = breakdown.complaint_categories(view.dataset, view.scope)
    if not found:
        components.nothing(_("没有带类别的逐条投诉（或上线前后缺完整月份），不能按类别比较。"))
        return
    left, right = st.columns(2, gap="large")
    with left:
        drawn = charts.before_and_after(complaint_text.slopes(found), **view.look)
        components.figure(drawn, "categories", view, leads=False)
    with right:
        components.table(complaint_text.categories(found), "categories-table")
    components.small_print(_("各院落按自己的上线月份分前后，月均相加；只用逐条投诉的完整月份"))


def single_complaints(view: Any, within: Scope) -> None:
    """The single complaints of a part of the view's scope, newest first."""
    components.section(_("逐条投诉"))
    found = breakdown.complaint_list(view.dataset, within)
    if not len(found):
        components.nothing(_("这一范围只有按月合计，没有逐条投诉。"))
        return
    page = found.iloc[components.one_page(np.arange(len(found)), "complaints-page")]
    components.table(complaint_text.single(page), "complaints-single")
    components.download(
        lambda: complaint_text.single(found), _("逐条投诉"), "complaints-single-file", view.notes
    )
