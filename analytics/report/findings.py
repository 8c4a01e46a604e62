"""存在问题 and 下一步建议: rules from figures to findings, and from each finding to what could be done.

A finding is only what its figure can bear: a rate below target is a problem when its whole interval is; a
group stands out when it lies outside the 99.8 % limits of the comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analytics.faults import FAULTS
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import REGISTRY
from analytics.measures import evaluate as evaluate_measures
from analytics.present import wording
from analytics.present.definitions import target
from analytics.present.tables import group_label
from analytics.report.gathered import Gathered, Group
from analytics.report.model import Section, Sentence
from analytics.report.places import described
from analytics.report.progress import owing
from analytics.vocabulary import CLOCK_LABELS, CLOCKS, place_label

#: Unrecorded milestones from this share of what is due on are a problem of their own.
_UNRECORDED: Final = 0.05
#: A group needs this many misses to be named, whatever its rate.
_MISSES: Final = 3
#: Faults that make a record mean something it cannot.
_IMPOSSIBLE: Final = (
    "negative_response", "negative_arrival", "negative_plan", "negative_follow_up", "negative_resolution",
    "closed_untimed", "early_promise",
)  # fmt: skip

_RATE_ADVICE: Final = {
    "response": mark(
        "核对{label}的值守安排：谁接单、下班后由谁响应，逐件查看没有按时（含未记录）的 {n} 件。"
    ),
    "arrival": mark("逐件查看没有做到{label}（含未记录）的 {n} 件，明确到场责任人；不需到场的在接件时注明。"),
    "plan": mark("常见诉求准备好现成方案，逐件查看没有做到{label}（含未记录）的 {n} 件。"),
    "follow_up": mark("办结当天排定回访人和日期，补做没有按时回访的 {n} 件。"),
    "on_time": mark("对超过办理期限的 {n} 件逐件明确责任人和新的期限，并告知居民。"),
    "resolved": mark("对尚未办结的 {n} 件逐件明确下一步和预计时间。"),
    "follow_up_share": mark("补做应回访而没有回访的 {n} 件。"),
    "satisfaction": mark("对不满意的 {n} 件由小区党支部上门听取意见。"),
    "solved": mark("对居民认为没有解决的 {n} 件重新办理，办后再回访一次。"),
    "feedback": mark("对应反馈而没有按时反馈的 {n} 次，由接单主体补做并登记。"),
}
_AXES: Final = {
    "handler": (
        mark("接单主体「{name}」的{label}明显低于各接单主体合计（{rate}），超出正常波动"),
        mark("与「{name}」一起查看没有按时的 {n} 件，找出共同的原因。"),
    ),
    "category": (
        mark("「{name}」类诉求的{label}明显低于各类合计（{rate}），超出正常波动"),
        mark("为「{name}」类诉求明确办理路径和联系人。"),
    ),
    "period": (
        mark("{name}上报的诉求，{label}明显低于其他时段（{rate}），超出正常波动"),
        mark("补足{name}的值守。"),
    ),
}


@dataclass(frozen=True)
class Finding:
    """A problem that the figures bear, and what could be done about it (blank: nothing yet)."""

    code: str
    problem: str
    advice: str = ""


def sections(found: Gathered) -> tuple[Section, Section]:
    """存在问题 and 下一步建议, point by point under the same codes."""
    everything = tuple(find(found))
    problems = tuple(Sentence(f"problems.{f.code}", wording.sentence(f.problem)) for f in everything)
    advice = tuple(Sentence(f"suggestions.{f.code}", f.advice) for f in everything if f.advice)
    if not problems:
        problems = (Sentence("problems.none", _nothing(found)),)
    if not advice and not found.petitions:
        advice = (Sentence("suggestions.none", _("本月没有建议。")),)
    if not advice:
        advice = (Sentence("suggestions.none", _("保持现有做法，继续如实记录各节点时间，以便下月比较。")),)
    return (
        Section("problems", _("存在问题"), problems, numbered=len(problems) > 1),
        Section("suggestions", _("下一步建议"), advice, numbered=len(advice) > 1),
    )


def _nothing(found: Gathered) -> str:
    if not found.petitions:
        return found.absence()
    return _("各项指标没有发现超出正常波动的问题。")


def find(found: Gathered) -> Iterator[Finding]:
    """Every finding of the month, the promises first."""
    yield from _rates(found)
    yield from _worse(found)
    for axis in _AXES:
        yield from _stand_outs(found, axis)
    yield from _places(found)
    yield from _unrecorded(found)
    yield from _open(found)
    yield from _repeats(found)
    yield from _faults(found)


def _rates(found: Gathered) -> Iterator[Finding]:
    """Rates whose whole interval is below the target; those that only may be are named together."""
    values = evaluate_measures(found.dataset.rollup, found.scope)
    uncertain = []
    for name in _RATE_ADVICE:
        value, goal = values.value(name), target(name, found.policy)
        if goal is None or value.rate is None or value.interval is None or value.rate >= goal:
            continue
        label = REGISTRY[name].titled(found.policy)
        if value.interval[1] >= goal:
            uncertain.append(label)
            continue
        rate = wording.rate_with_counts(value.numerator, value.denominator, goal)
        text = _("{label} {rate}，低于目标 {goal}，{confidence}，不能用偶然解释")
        problem = text.format(
            label=label, rate=rate, goal=wording.percent(goal), confidence=wording.confidence(value.interval)
        )
        n = value.denominator - value.numerator
        yield Finding(name, problem, _(_RATE_ADVICE[name]).format(label=label, n=wording.count(n)))
    if uncertain:
        text = _("{names}也低于目标，但件数少，差距可能只是偶然，暂不下结论")
        yield Finding("uncertain", text.format(names=wording.listing(uncertain, len(uncertain))))


def _worse(found: Gathered) -> Iterator[Finding]:
    for name in CLOCKS:
        if found.trend(name) == "worse":
            text = _("{label}与以往各月相比转差，超出正常波动")
            label = REGISTRY[name].titled(found.policy)
            advice = _("查明{label}转差从哪个月开始、当时有什么变动。").format(label=label)
            yield Finding(f"{name}_worse", text.format(label=label), advice)


def _stand_outs(found: Gathered, axis: str) -> Iterator[Finding]:
    """Values of one axis far below the others in response, the clock that all petitions have."""
    label = REGISTRY["response"].titled(found.policy)
    problem, advice = _AXES[axis]
    for number, group in enumerate(_needing_help(found.groups(axis, "response")), 1):
        words = {
            "name": group_label(group.key, axis), "label": label, "rate": wording.rate_with_counts(group.hits, group.due),
            "n": group.due - group.hits,
        }  # fmt: skip
        yield Finding(f"{axis}_{number}", _(problem).format(**words), _(advice).format(**words))


def _needing_help(groups: list[Group]) -> list[Group]:
    return [group for group in groups if group.band == "help" and group.due - group.hits >= _MISSES]


def _places(found: Gathered) -> Iterator[Finding]:
    """Courtyards outside the limits: this month's, else over the last twelve months."""
    month = _needing_help(found.groups("place", "response"))
    for when, groups in (
        (_("本月"), month),
        (_("近 12 个月合计"), [] if month else found.places_of_the_year),
    ):
        for number, group in enumerate(_needing_help(groups), 1):
            problem = _("{when}，{place}明显低于各院落，超出正常波动").format(
                when=when, place=described(group, True)
            )
            advice = _("到{place}实地了解接单和值守情况，商定改进办法。")
            yield Finding(f"place_{number}", problem, advice.format(place=place_label(group.key, True)))


def _unrecorded(found: Gathered) -> Iterator[Finding]:
    clocks = {name: found.review["clocks"][name] for name in CLOCKS}
    due = {name: c["met"] + c["missed"] + c["unrecorded"] for name, c in clocks.items()}
    bad = [name for name in CLOCKS if due[name] and clocks[name]["unrecorded"] >= _UNRECORDED * due[name]]
    if bad:
        parts = _("、").join(
            _("{clock} {n} 件").format(clock=_(CLOCK_LABELS[n]), n=wording.count(clocks[n]["unrecorded"]))
            for n in bad
        )
        text = _("有的节点做了没有记时间（{parts}），按时率因此偏低且不确定")
        yield Finding(
            "unrecorded", text.format(parts=parts), _("要求接单主体当场登记各节点时间，每周抽查一次。")
        )


def _open(found: Gathered) -> Iterator[Finding]:
    """What is late at as-of, whenever it was reported."""
    overdue = int((found.open_rows["resolution_state"] == "missed").sum())
    if overdue:
        problem = _("截至统计时间，有 {n} 件在办诉求已超过办理期限（不论哪个月上报）").format(
            n=wording.count(overdue)
        )
        yield Finding("overdue", problem, _("按超期长短逐件督办，每周通报一次进展。"))
    late = int((owing(found)["overdue"] > 0).sum())
    if late:
        problem = _("在办红、灰诉求中有 {n} 件的进度反馈已超期").format(n=wording.count(late))
        yield Finding("feedback_overdue", problem, _("本周内向这些诉求的居民反馈一次进度，并登记。"))


def _repeats(found: Gathered) -> Iterator[Finding]:
    repeats = found.review["repeats"]
    if repeats["repeated"]:
        text = _("办结后 30 天内又有反映的：{rate}")
        rate = wording.rate_with_counts(repeats["repeated"], repeats["resolved"])
        yield Finding(
            "repeats", text.format(rate=rate), _("对重复反映的诉求查找根本原因，不以再次办结了事。")
        )


def _faults(found: Gathered) -> Iterator[Finding]:
    counts = found.review["data_quality"]["faults"]
    known = [(_(FAULTS[kind][0]), counts[kind]) for kind in _IMPOSSIBLE if counts.get(kind)]
    if known:
        parts = _("、").join(_("{what} {n} 件").format(what=what, n=wording.count(n)) for what, n in known)
        text = _("有些记录不可能是真的（{parts}），没有计入相应的指标")
        yield Finding("faults", text.format(parts=parts), _("在「数据核对」里逐件更正后重新导入。"))
