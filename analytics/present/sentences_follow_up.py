"""回访满意 in sentences: three rates side by side, what contradicts itself, what is worth a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from analytics.believability import FDR, Examination
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import REGISTRY, Value
from analytics.policy import Policy
from analytics.present import wording

#: 三率, never merged into one score.
THREE: Final = ("response", "solved", "satisfaction")
#: What has to be known beside them.
BESIDE: Final = ("participation", "follow_up_share", "follow_up", "repeats", "feedback")
#: Who a rate of :data:`THREE` or :data:`BESIDE` speaks of and does not count: the way to them, and their name.
OTHERS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "response": (dict(REGISTRY["response"].misses), mark("未按时的 {n} 件")),
    "solved": ({"flag": ("answered", "not_confirmed")}, mark("居民没有确认的 {n} 件")),
    "satisfaction": ({"flag": ("rated", "not_satisfied")}, mark("没有评为满意的 {n} 件")),
    "participation": ({"flag": ("is_closed", "not_rated")}, mark("没有评价的 {n} 件")),
    "follow_up_share": (
        {**REGISTRY["follow_up_share"].base, "flag": ("not_followed_up",)},
        mark("没有回访的 {n} 件"),
    ),
    "follow_up": (dict(REGISTRY["follow_up"].misses), mark("未按时的 {n} 件")),
    "repeats": (dict(REGISTRY["repeats"].narrowing), mark("又来的 {n} 件")),
    "feedback": (dict(REGISTRY["feedback"].misses), mark("有未反馈的 {n} 件")),
}
#: What cannot all be true, or not for long: name → (what, of whom, the flags, the flags of whom).
CONTRADICTIONS: Final[dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]]] = {
    "closed_unconfirmed": (
        mark("办结了，居民没有确认已解决"),
        mark("办结后回访有答复的"),
        ("answered", "not_confirmed"),
        ("answered",),
    ),
    "confirmed_repeated": (
        mark("居民确认已解决，30 天内又来"),
        mark("确认已解决且已满 30 天的"),
        ("answered", "confirmed", "repeat_base", "repeated"),
        ("answered", "confirmed", "repeat_base"),
    ),
    "satisfied_repeated": (
        mark("评了满意，30 天内又来"),
        mark("评了满意且已满 30 天的"),
        ("rated", "satisfied", "repeat_base", "repeated"),
        ("rated", "satisfied", "repeat_base"),
    ),
    "satisfied_unconfirmed": (
        mark("没有确认已解决，却评了满意"),
        mark("有答复也有评价的"),
        ("answered", "not_confirmed", "rated", "satisfied"),
        ("answered", "rated"),
    ),
    "confirmed_unsatisfied": (
        mark("确认已解决，却没有评为满意"),
        mark("有答复也有评价的"),
        ("answered", "confirmed", "rated", "not_satisfied"),
        ("answered", "rated"),
    ),
}


def finding(values: Mapping[str, Value], policy: Policy) -> str:
    """三率 side by side, then the handlers' claim beside what residents said; ``values``: measure → value."""
    three = _("；").join(
        _("{name} {rate}").format(name=title(name, policy), rate=in_words(values[name])) for name in THREE
    )
    closed, confirmed, rated = values["resolved"], values["solved"], values["participation"]
    text = _("{three}。接单主体报办结 {closed} 件，居民确认已解决 {confirmed} 件，给出评价的 {rated} 件。")
    counts = {"closed": closed.numerator, "confirmed": confirmed.numerator, "rated": rated.numerator}
    return text.format(three=three, **{name: wording.count(n) for name, n in counts.items()})


def title(name: str, policy: Policy) -> str:
    """A measure's name; the response clock is 响应率 among the three."""
    return _("响应率") if name == "response" else REGISTRY[name].titled(policy)


def in_words(value: Value, target: float | None = None) -> str:
    """「93 %（41/44）」, unknown 「—」."""
    if value.rate is None:
        return wording.UNKNOWN
    return wording.rate_with_counts(value.numerator, value.denominator, target)


def contradictions(counts: Mapping[str, tuple[int, int]]) -> str:
    """How often residents' answers contradict the record or themselves; counts: (found, of whom)."""
    found = sum(n for n, _base in counts.values())
    if not any(base for _n, base in counts.values()):
        return _("还没有回访答复和评价，没有可以对照的。")
    if not found:
        return _("没有互相矛盾的记录。")
    return _("有 {n} 处对不上。对不上不等于造假，先看诉求再问人。").format(n=wording.count(found))


def examination(found: Examination) -> str:
    """How much was asked and what is worth a question."""
    if not found.tests:
        return _("记录太少，还没有一项能检验（每项至少要 50 条）。")
    text = _("做了 {n} 项检验，全页错报率不超过 {fdr}：{worth}。")
    worth = _("{n} 项值得问一问").format(n=len(found.findings)) if found.findings else _("没有一项出乎意料")
    return text.format(n=len(found.tests), fdr=wording.percent(FDR), worth=worth)


def untested(titles: Iterable[str]) -> str:
    """What could not be examined; blank when everything was."""
    names = list(titles)
    if not names:
        return ""
    return _("记录不足、没法检验的：{names}").format(names=wording.listing(names, len(names)))
