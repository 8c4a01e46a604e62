"""Finding sentences: what a page or a report says first, made from a review and nothing else.

Each sentence is clauses joined in the reader's language. The review has the shape that the command line
prints (``review --json``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.policy import Policy
from analytics.present import wording
from analytics.vocabulary import CLOCK_LABELS, CLOCKS, COLOURS

Review = Mapping[str, Any]


def overview(review: Review, policy: Policy) -> str:
    """Promise, trend and place in one sentence: how many, the clocks against their targets, complaints."""
    if not review["counts"]["petitions"]:
        return no_petitions()
    return _joined([_counts(review), clocks_clause(review, policy), _complaints_clause(review["complaints"])])


def colours(review: Review) -> str:
    """How hard the petitions were and where the expectation was wrong."""
    if not review["counts"]["petitions"]:
        return no_petitions()
    return _joined([_distribution(review["colours"]), *_open(review), _migration(review["colours"])])


def clocks(review: Review, policy: Policy) -> str:
    """Which of the four promises are kept, and what the weakest one loses."""
    if not review["counts"]["petitions"]:
        return no_petitions()
    weakest = _weakest(review, policy)
    return _joined([clocks_clause(review, policy), _losses(weakest, review["clocks"]) if weakest else ""])


def complaints(review: Review) -> str:
    """The plain before and after, its interval and the verdict, or why there is none."""
    found = review["complaints"]
    if not found["months"]:
        return _("所选范围没有网络理政投诉数据。")
    if found.get("launch"):
        return _joined([_before_after(found["launch"]), verdict_clause(found["launch"])])
    if found.get("launches"):
        return _("所选院落不是同一时间上线（{n} 个已有上线日期），前后对比分院落列出。").format(
            n=len(found["launches"])
        )
    return _("所选范围没有上线日期，只能看走势，不能比较上线前后。")


def cases(number: int) -> str:
    """How many petitions a list holds."""
    return _("共 {n} 件诉求。").format(n=wording.count(number)) if number else no_petitions()


def no_petitions() -> str:
    """What every page says of an empty scope."""
    return _("所选范围内没有诉求。")


def clocks_clause(review: Review, policy: Policy) -> str:
    """「响应时限低于目标，响应按时率 93 %（41/44），目标 95 %」."""
    rated = [name for name in CLOCKS if review["clocks"][name]["rate"] is not None]
    if not rated:
        return _("四项时限都还没有可计算的记录")
    below = [name for name in rated if _falls_short(review["clocks"][name], policy.clock(name).target)]
    if not below:
        everything = (
            _("四项时限全部达到目标")
            if len(rated) == len(CLOCKS)
            else _("{names}时限达到目标，其余没有可计算的记录")
        )
        return everything.format(names=_names(rated))
    weakest = min(below, key=lambda name: _gap(review["clocks"][name], policy.clock(name).target))
    found, target = review["clocks"][weakest], policy.clock(weakest).target
    parts = {
        "weakest": _(CLOCK_LABELS[weakest]),
        "rate": clock_rate(found, target),
        "target": wording.percent(target),
        "doubt": _doubt(found, target),
    }
    if len(below) == 1:
        return _("{weakest}按时率 {rate}，低于目标 {target}{doubt}").format(**parts)
    short = (
        _("四项时限都低于目标")
        if len(below) == len(CLOCKS)
        else _("{names}低于目标").format(names=_names(below))
    )
    text = _("{short}，差得最多的是{weakest}，按时率 {rate}，目标 {target}{doubt}")
    return text.format(short=short, **parts)


def clock_rate(clock: Mapping[str, Any], target: float | None = None) -> str:
    """「93 %（41/44）」 of one clock."""
    return wording.rate_with_counts(clock["met"], due(clock), target)


def due(clock: Mapping[str, Any]) -> int:
    """The denominator of a clock's hit rate; 0 where the rate is unknown."""
    return 0 if clock["rate"] is None else clock["met"] + clock["missed"] + clock["unrecorded"]


def verdict_clause(launch: Mapping[str, Any]) -> str:
    """The verdict in its four words, or why the months do not allow one."""
    return _(launch.get("verdict") or launch.get("reason") or mark("还太早，月份不足以下结论"))


def median_close(review: Review) -> str:
    """The median time to close over closed and open petitions, or that it is not reached yet."""
    found = review["resolution"]
    if found["median_days"] is None:
        return _("还不到一半办结，办结时长的中位数未知")
    low, high = (wording.days(bound) for bound in found["median_interval"])
    return _("办结时长中位数 {median}（可信范围 {low} 至 {high}），已办结和在办一并估计").format(
        median=wording.days(found["median_days"]), low=low, high=high
    )


def _counts(review: Review) -> str:
    counts = review["counts"]
    text = _("共 {petitions} 件诉求，已办结 {resolved} 件，在办 {open} 件")
    said = text.format(**{name: wording.count(counts[name]) for name in ("petitions", "resolved", "open")})
    # The parts must add up to the whole for whoever adds them.
    rest = counts["petitions"] - counts["resolved"] - counts["open"]
    return said + _("，{n} 件办结时间缺失或有误").format(n=wording.count(rest)) if rest else said


def _weakest(review: Review, policy: Policy) -> str | None:
    rated = [name for name in CLOCKS if review["clocks"][name]["rate"] is not None]
    return min(rated, key=lambda name: _gap(review["clocks"][name], policy.clock(name).target), default=None)


def _gap(clock: Mapping[str, Any], target: float | None) -> float:
    return clock["rate"] - (target or 0)


def _falls_short(clock: Mapping[str, Any], target: float | None) -> bool:
    return target is not None and clock["rate"] < target


def _doubt(clock: Mapping[str, Any], target: float | None) -> str:
    bounds = clock["interval"]
    within = target is not None and bounds and bounds[0] is not None and bounds[1] >= target
    return _("，件数少，差距可能只是偶然") if within else ""


def _losses(name: str, clocks: Mapping[str, Any]) -> str:
    clock = clocks[name]
    if not clock["missed"] and not clock["unrecorded"]:
        return ""
    text = _("{clock}超时 {missed} 件、未记录 {unrecorded} 件")
    return text.format(
        clock=_(CLOCK_LABELS[name]),
        missed=wording.count(clock["missed"]),
        unrecorded=wording.count(clock["unrecorded"]),
    )


def _distribution(found: Mapping[str, Any]) -> str:
    total = sum(found["actual"].values())
    if not total:
        return _("还没有已定颜色的诉求")
    parts = [
        _("{colour} {n} 件").format(colour=wording.colour(code), n=wording.count(found["actual"][code]))
        for code in COLOURS
    ]
    return _("已定颜色的 {n} 件中，{parts}").format(n=wording.count(total), parts=_("、").join(parts))


def _open(review: Review) -> Iterable[str]:
    """An open petition that is unsolvable is grey already; the colour of the others still changes."""
    changing = sum(review["colours"]["open_by_age"].values())
    settled = review["counts"]["open"] - changing
    if settled > 0:
        yield _("其中 {n} 件无法解决、仍未办结").format(n=wording.count(settled))
    if changing:
        yield _("另有 {n} 件在办，颜色还会变").format(n=wording.count(changing))


def _migration(found: Mapping[str, Any]) -> str:
    moves = [m for m in found["migration"] if m["assigned"] in COLOURS and m["actual"] in COLOURS]
    if not moves and any(found["assigned"][code] for code in COLOURS):
        return _("有预期颜色的还没有定色，无从比较")
    if not moves:
        return _("没有登记预期颜色，无法比较")
    slower = sum(m["count"] for m in moves if COLOURS.index(m["actual"]) > COLOURS.index(m["assigned"]))
    if not slower:
        return _("没有一件比预期更慢")
    return _("比预期更慢的有 {n} 件").format(n=wording.count(slower))


def _complaints_clause(found: Mapping[str, Any]) -> str:
    launch = found.get("launch")
    if not launch or not launch.get("plain"):
        return ""
    text = _("网络理政投诉上线后月均 {after} 件（上线前 {before} 件），{verdict}")
    return text.format(
        after=wording.decimal(launch["plain"]["after_mean"]),
        before=wording.decimal(launch["plain"]["before_mean"]),
        verdict=verdict_clause(launch),
    )


def _before_after(launch: Mapping[str, Any]) -> str:
    plain = launch.get("plain")
    if not plain or plain.get("ratio") is None:
        return _("{month}上线，上线前后的完整月份不足，无法比较").format(month=wording.month(launch["month"]))
    text = _(
        "{month}上线后月均投诉 {after} 件，上线前 {before} 件，按日均变化 {change}（可信范围 {interval}）"
    )
    return text.format(
        month=wording.month(launch["month"]),
        after=wording.decimal(plain["after_mean"]),
        before=wording.decimal(plain["before_mean"]),
        change=wording.change(plain["ratio"]),
        interval=wording.change_interval(plain["interval"]),
    )


def _names(clock_names: Iterable[str]) -> str:
    return _("、").join(_(CLOCK_LABELS[name]) for name in clock_names)


def _joined(clauses: Iterable[str]) -> str:
    return wording.sentence(_("；").join(clause for clause in clauses if clause))
