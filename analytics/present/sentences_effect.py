"""The launch effect in words: the verdict, what supports it, what speaks against it, what it does not say.

Made from :func:`analytics.effectiveness.evaluate` and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from analytics.evaluation.launch_effect import CAUTION_LABELS, VERDICT_LABELS
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import wording
from analytics.vocabulary import place_label

_NUMBERS: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

Result = Mapping[str, Any]

#: What an effect of layer 3 is measured in.
UNIT_LABELS: Final = {
    "per_100_households": mark("每百户每 30 天"),
    "per_courtyard": mark("每个院落每 30 天"),
}


def gap(ratio: float | None) -> str:
    """A ratio to the line without the launch: 0.53 → 「低 47 %」, 1.2 → 「高 20 %」, 3 → 「高至 3.0 倍」."""
    if ratio is None:
        return wording.UNKNOWN
    if ratio == 1:
        return _("持平")
    if ratio >= 2:
        return _("高至 {times} 倍").format(times=wording.decimal(ratio))
    text = _("低 {change}") if ratio < 1 else _("高 {change}")
    return text.format(change=wording.percent(_apart(ratio)))


def gap_interval(bounds: Sequence[float | None]) -> str:
    """The 95 % interval of a ratio: 「低 31–60 %」; across the line 「低 60 % 到高 5 %」; endless 「… 到不封顶」."""
    low, high = bounds
    if high is None or low is None:
        return _("{low} 到不封顶").format(low=gap(low))
    if high < 1:
        return _("低 {interval}").format(interval=wording.interval((_apart(high), _apart(low))))
    if low > 1:
        return _("高 {interval}").format(interval=wording.interval((_apart(low), _apart(high))))
    return _("{low} 到{high}").format(low=gap(low), high=gap(high))


def _apart(ratio: float) -> float:
    """How far a ratio is from 1, free of the last digit's rounding."""
    return round(abs(1 - ratio), 12)


def verdict(result: Result) -> str:
    """The finding: how many complaints a month since the launch, against what would have been, how sure."""
    code = result["verdict_code"]
    if code == "no_data":
        return _("所选范围没有网络理政投诉数据，无法评估上线成效。")
    if code == "no_launch" or not result["launches"]:
        return _("所选院落没有上线日期，不能比较上线前后。在院落登记里补上上线日期即可。")
    if result["launch"]:
        return _one_launch(result["launch"])
    return _several(result)


def _one_launch(launch: Mapping[str, Any]) -> str:
    series, plain = launch["series"], launch["plain"]
    if series is None:
        return _without_series(launch)
    text = _("{month}上线后月均 {after} 件，比「没有上线会怎样」{gap}（可信范围 {interval}），{verdict}。")
    return text.format(
        month=wording.month(launch["month"]),
        after=wording.decimal(plain["after_mean"]),
        gap=gap(series["ratio"]),
        interval=gap_interval(series["interval"]),
        verdict=verdict_words(launch["verdict_code"]),
    ) + _avoided(launch)


def _avoided(launch: Mapping[str, Any]) -> str:
    """The complaints avoided, said only where the fall is sure."""
    series = launch["series"]
    if launch["verdict_code"] != "fell" or None in series["avoided_interval"]:
        return ""
    low, high = (wording.count(bound) for bound in series["avoided_interval"])
    text = _("到目前约少了 {n} 件投诉（可信范围 {low}–{high} 件）。")
    return text.format(n=wording.count(series["avoided"]), low=low, high=high)


def _without_series(launch: Mapping[str, Any]) -> str:
    text = _("{month}上线，{verdict}：{reason}。")
    said = text.format(
        month=wording.month(launch["month"]),
        verdict=verdict_words(launch["verdict_code"]),
        reason=_(launch["reason"]),
    )
    plain = launch["plain"]
    if plain is None:
        return said
    means = _(
        "仅看月均：上线前 {before} 件，上线后 {after} 件，按日均变化 {change}（可信范围 {interval}），这还不是结论。"
    )
    return said + means.format(
        before=wording.decimal(plain["before_mean"]),
        after=wording.decimal(plain["after_mean"]),
        change=wording.change(plain["ratio"]),
        interval=wording.change_interval(plain["interval"]),
    )


def _several(result: Result) -> str:
    """Courtyards that launched at different times: the average, and how many stand where."""
    average, launches = result["pooled"], result["launches"]
    if len(launches) == 1:
        only = _("所选院落里只有{place}有上线日期：")
        return only.format(place=place_label(launches[0]["place"], True)) + _one_launch(launches[0])
    each = _("单独看：{counts}。").format(counts=verdict_counts(launches))
    if average is None:
        return _("{n} 个院落先后上线，能估计的不足两个，没有合并结论。").format(n=len(launches)) + each
    text = _(
        "{n} 个院落先后上线，合并估计上线后投诉比「没有上线会怎样」{gap}（可信范围 {interval}），{verdict}。"
    )
    return (
        text.format(
            n=len(launches),
            gap=gap(average["ratio"]),
            interval=gap_interval(average["interval"]),
            verdict=verdict_words(average["verdict_code"]),
        )
        + each
    )


def verdict_words(code: str) -> str:
    """The verdict in its conformed words; what is not sure says how it is not."""
    words = {
        "perhaps_fell": _("可能下降，还不能排除偶然"),
        "insufficient": _("证据不足，还说不准降没降"),
    }
    return words.get(code) or _(VERDICT_LABELS[code])


def verdict_counts(launches: Sequence[Mapping[str, Any]]) -> str:
    """「确有下降 1 个、证据不足 6 个」, in the order of the verdicts."""
    counts = {code: sum(entry["verdict_code"] == code for entry in launches) for code in VERDICT_LABELS}
    return _("、").join(
        _("{verdict} {n} 个").format(verdict=_(VERDICT_LABELS[code]), n=n) for code, n in counts.items() if n
    )


def says(result: Result) -> list[str]:
    """「这说明什么」: what may be concluded from the verdict, and no more."""
    return [_SAYS[result["verdict_code"]]()] if result["verdict_code"] in _SAYS else []


_SAYS: Final[dict[str, Callable[[], str]]] = {
    "fell": lambda: _("平台上的投诉，比照上线前的走势和季节应有的数量少了；若上线毫无作用，差到这个地步的机会不到 5 %。"),
    "perhaps_fell": lambda: _("方向是下降，但单凭偶然也可能差这么多；再积累几个月才能下结论。"),
    "rose": lambda: _("平台上的投诉，比照上线前的走势和季节应有的数量多了；先看渠道和同期事件，再谈原因。"),
    "insufficient": lambda: _("现有月份既不足以说下降，也不足以说没有下降；证据不足不等于没有效果。"),
    "too_early": lambda: _("月份还不够。上线前后各满 8 个完整月，才用模型下结论。"),
    "none_after": lambda: _("上线后还没有一件投诉。投诉本来就少的院落，这也可能是偶然。"),
}  # fmt: skip


def says_not(result: Result) -> list[str]:
    """「不说明什么」: what readers are tempted to conclude and must not."""
    if not result["launches"]:
        return []
    said = [
        _("不说明居民的问题变少了：本来投诉到平台的，可能改从码上报反映（见下面的两个渠道）。"),
        _("不说明变化全由上线带来：同一时间的其他变化，模型分不开。"),
        _("不说明以后也会这样：每个月都重新评估。"),
    ]
    if len(result["launches"]) > 1 and not result["launch"]:
        said.insert(1, _("不说明每个院落都一样：合并的是平均，单个院落看下面的图。"))
    return said


def evidence(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Support or doubts in words, one sentence each."""
    return [_evidence(item) for item in items]


def _evidence(item: Mapping[str, Any]) -> str:
    if item["code"] in CAUTION_LABELS:
        return wording.sentence(_(CAUTION_LABELS[item["code"]]))
    return _EVIDENCE[item["code"]](item)


def _ratio_text(text: str, key: str) -> Callable[[Mapping[str, Any]], str]:
    def sentence(item: Mapping[str, Any]) -> str:
        low, high = item[key] or (None, None)
        return _(text).format(low=gap(low), high=gap(high), interval=gap_interval((low, high)))

    return sentence


def _turning_months(item: Mapping[str, Any]) -> str:
    months = item["months"]
    names = _("、").join(wording.month(month) for month in months[:4])
    if len(months) == 1:
        text = _("结论系于一个月：去掉 {names}，结论就不同（逐月去掉时估计在{low}与{high}之间）。")
    elif len(months) <= 4:
        text = _(
            "结论系于个别月份：去掉 {names} 中的任一个，结论就不同（逐月去掉时估计在{low}与{high}之间）。"
        )
    else:
        text = _(
            "结论系于个别月份：去掉 {names} 等 {n} 个月中的任一个，结论就不同（逐月去掉时估计在{low}与{high}之间）。"
        )
    low, high = item["range"]
    return text.format(names=names, n=len(months), low=gap(low), high=gap(high))


def _placebo(item: Mapping[str, Any]) -> str:
    text = _(
        "假设上线月试了 {tried} 个，有 {alarms} 个也「看到」变化（偶然约二十分之一），说明起伏本来就大。"
    )
    return text.format(tried=item["tried"], alarms=item["alarms"])


def _peers_figures(item: Mapping[str, Any]) -> dict[str, str]:
    low, high = item["interval"] or (None, None)
    return {
        "effect": signed(item["effect"]),
        "low": signed(low),
        "high": signed(high),
        "unit": _(UNIT_LABELS[item["unit"]]),
        "n": str(item["places"]),
    }


def signed(number: float | None) -> str:
    """A difference with its sign: 「−1.2」, 「+0.4」."""
    if number is None:
        return wording.UNKNOWN
    shown = wording.decimal(abs(number))
    return shown if shown == "0.0" else f"{'−' if number < 0 else '+'}{shown}"


def _peers(text: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda item: _(text).format(**_peers_figures(item))


def _worst(item: Mapping[str, Any]) -> str:
    text = _("{place}上线前是 {n} 个院落里投诉率最高的：即使什么也不做，单凭偶然也会回落约 {drop}。")
    return text.format(
        place=place_label(item["place"], True), n=item["places"], drop=wording.percent(max(item["drop"], 0))
    )


def _rivals(item: Mapping[str, Any]) -> str:
    names = [
        _("{month}{label}").format(month=wording.month(event["month"]), label=event["label"])
        for event in item["events"]
    ]
    return _("上线前后半年内还有别的事，也可能是原因：{names}。").format(names=wording.listing(names, 4))


def _places(text: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda item: _(text).format(
        names=wording.listing([place_label(key) for key in item["places"]], 4), n=len(item["places"])
    )


_EVIDENCE: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "plain_agrees": lambda item: _("不用模型，只比上线前后的日均，是 {change}（可信范围 {interval}），方向一致。").format(
        change=wording.change(item["ratio"]), interval=wording.change_interval(item["interval"])
    ),
    "plain_unsure": lambda item: _("不用模型，只比上线前后的日均是 {change}（可信范围 {interval}），单看这个还说不准。").format(
        change=wording.change(item["ratio"]), interval=_change_bounds(item["interval"])
    ),
    "leave_one_out_holds": _ratio_text(mark("去掉任何一个月，结论都不变（估计在{low}与{high}之间）。"), "range"),
    "leave_one_out_breaks": _turning_months,
    "placebo_quiet": lambda item: _("把上线月假设在上线前的 {tried} 个月份，都看不到变化。").format(tried=item["tried"]),
    "placebo_alarms": _placebo,
    "placebo_none": lambda item: _("上线前不足 16 个月，没法用假设的上线月来检验。"),
    "hac_agrees": _ratio_text(mark("考虑相邻月份的牵连，结论仍成立（可信范围 {interval}）。"), "interval"),
    "places_alike": lambda item: _("{n} 个院落的估计方向都一样。").format(n=item["places"]),
    "leave_place_out_holds": _ratio_text(mark("去掉任何一个院落，合并结论都不变（估计在{low}与{high}之间）。"), "range"),
    "leave_place_out_breaks": _places(mark("合并结论系于个别院落：去掉 {names} 中的任一个，结论就不同。")),
    "places_differ": lambda item: _("各院落的效果不一样，差别大于偶然，平均数说明不了单个院落。"),
    "places_left_out": _places(mark("{names}（{n} 个）月份或投诉太少，没有进入合并估计。")),
    "scatter": lambda item: _("各月起伏是偶然的 {times} 倍，可信范围已相应放宽。").format(times=wording.decimal(item["dispersion"])),
    "short": lambda item: _("可用的月份不长：上线前 {before} 个、上线后 {after} 个，有一边不满一年。").format(
        before=item["before"], after=item["after"]
    ),
    "no_seasons": lambda item: _("一共 {months} 个月，不足 24 个，分不出季节的影响。").format(months=item["months"]),
    "peers_agree": _peers(mark("同期与还没上线的院落比，{n} 个院落{unit}平均 {effect} 件（可信范围 {low} 到 {high}），方向一致。")),
    "peers_unsure": _peers(mark("同期与还没上线的院落比，{n} 个院落{unit}平均 {effect} 件（可信范围 {low} 到 {high}），还看不出差别。")),
    "peers_no_interval": _peers(mark("同期与还没上线的院落比，{unit}平均 {effect} 件；只有 {n} 个院落可比，给不出可信范围。")),
    "peers_none": lambda item: _("没有同期还没上线的院落可以对照。"),
    "before_quiet": lambda item: _("上线前的 {tried} 个月份里，没有看出与对照院落分岔。").format(tried=item["tried"]),
    "before_moved": lambda item: _("上线前的 {tried} 个月份里，有 {alarms} 个已经与对照院落分岔，对照未必可靠。").format(
        tried=item["tried"], alarms=item["alarms"]
    ),
    "not_the_worst": lambda item: _("上线的院落不是 {n} 个院落里投诉率最高的，回落不是「触底反弹」。").format(n=item["places"]),
    "the_worst": _worst,
    "diverted": lambda item: _("码上报诉求月均从 {before} 件增到 {after} 件，同时平台投诉减少：居民改从码上报反映，正是目的。").format(
        before=wording.decimal(item["before"]), after=wording.decimal(item["after"])
    ),
    "rivals": _rivals,
    "no_events": lambda item: _("没有登记同期的其他事件（合院、改造、高温、换人……）；有就在下面补记，否则无从排除。"),
}  # fmt: skip


def _change_bounds(bounds: Sequence[float | None]) -> str:
    """As :func:`wording.change_interval`, an endless end said in words."""
    low, high = (wording.change(bound) for bound in bounds)
    end = high if bounds[1] is not None else _("不封顶")
    return f"{low} ~ {end}"


def channels(result: Result) -> str:
    """Both channels in a sentence, never added up."""
    launch, petitions = result["launch"], result["channels"]["petitions"]
    if not launch and len(result["launches"]) > 1:
        return _("两个渠道分开看，从不相加；各院落上线月份不同，合在一起没有统一的上线前后，选一个院落再比。")
    if not launch or not launch["plain"]:
        return _("两个渠道分开看，从不相加；还没有上线前后的投诉数据可比。")
    plain = launch["plain"]
    complaints = _("平台投诉月均 {before} → {after} 件").format(
        before=wording.decimal(plain["before_mean"]), after=wording.decimal(plain["after_mean"])
    )
    if petitions is None:
        return _("{complaints}；上线前没有码上报台账，诉求无从比较。").format(complaints=complaints)
    text = _("码上报诉求月均 {before} → {after} 件，{complaints}；两者分开看，从不相加。")
    wanted = petitions["after_mean"] > petitions["before_mean"] and plain["after_mean"] < plain["before_mean"]
    return text.format(
        before=wording.decimal(petitions["before_mean"]),
        after=wording.decimal(petitions["after_mean"]),
        complaints=complaints,
    ) + (_("码上报多、平台投诉少，正是要的结果。") if wanted else "")


def closing(result: Result) -> str:
    """Median time to close before and after each courtyard's launch, and whether they differ."""
    found = result["closing"]
    if found is None:
        return _("上线前后没有都可比的诉求，办结快慢无从比较。")
    text = _("诉求办结的中位用时，上线前 {before}（{n_before} 件），上线后 {after}（{n_after} 件）；{test}。")
    return text.format(
        before=wording.days(found["before"]["median_days"]),
        n_before=wording.count(found["before"]["petitions"]),
        after=wording.days(found["after"]["median_days"]),
        n_after=wording.count(found["after"]["petitions"]),
        test=_log_rank(found["p"]),
    )


def _log_rank(p: float | None) -> str:
    if p is None:
        return _("没有可比的办结")
    return _("快慢有别，超出偶然") if p < 0.05 else _("看不出快慢有别")


def event_numbers(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """The signs by which a chart names the events, to be repeated in their list."""
    return [_NUMBERS[i] if i < len(_NUMBERS) else str(i + 1) for i in range(len(events))]


def numbered(events: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """The events that charts number, with their signs: all but launches, which have a line of their own."""
    others = [event for event in events if event["kind"] != "launch"]
    return list(zip(event_numbers(others), others, strict=True))


def event_name(sign: str, event: Mapping[str, Any]) -> str:
    """「① 2023年10月 合院」."""
    return f"{sign} {wording.month(event['month'])} {event['label']}"
