"""The review for people at the command line: a few plain lines made from the same dict as the JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import sentences, wording
from analytics.vocabulary import CLOCKS, COLOUR_LABELS, COLOURS, place_label

Review = Mapping[str, Any]


def lines(review: Review, policy: Policy) -> str:
    """The whole review as text, one figure per line."""
    return "\n".join(_lines(review, policy))


def _lines(review: Review, policy: Policy) -> Iterator[str]:
    yield sentences.overview(review, policy)
    if not review["counts"]["petitions"]:
        yield sentences.complaints(review)
        return
    yield ""
    yield from _colour_lines(review["colours"])
    yield ""
    yield from _rate_lines(review, policy)
    yield ""
    yield from _time_lines(review["resolution"])
    yield ""
    yield sentences.complaints(review)
    yield from _courtyard_lines(review["courtyards"])
    yield from (f"! {warning}" for warning in review["data_quality"]["warnings"])


def _colour_lines(colours: Mapping[str, Any]) -> Iterator[str]:
    for name, label in (("actual", _("已定颜色（办结或无法解决）")), ("open_by_age", _("在办（已到颜色）"))):
        parts = [f"{_(COLOUR_LABELS[c])} {wording.count(colours[name][c])}" for c in COLOURS]
        yield _("{name}：{parts}").format(name=label, parts="  ".join(parts))
    if colours["unknown"]:
        yield _("颜色不明：{n}").format(n=wording.count(colours["unknown"]))


def _rate_lines(review: Review, policy: Policy) -> Iterator[str]:
    for name in CLOCKS:
        clock = review["clocks"][name]
        yield _line(REGISTRY[name].titled(policy), clock["met"], sentences.due(clock), clock)
    on_time = review["resolution"]["on_time"]
    yield _line(
        REGISTRY["on_time"].titled(policy), on_time["met"], on_time["met"] + on_time["missed"], on_time
    )
    feedback = review["feedback"]
    due = feedback["met"] + feedback["missed"]
    yield _line(REGISTRY["feedback"].titled(policy), feedback["met"], due, feedback)
    satisfaction = review["satisfaction"]
    yield _line(
        REGISTRY["satisfaction"].titled(policy),
        satisfaction["satisfied"],
        satisfaction["rated"],
        satisfaction,
    )
    participation = wording.rate_with_counts(satisfaction["rated"], satisfaction["resolved"])
    yield _("{name}：{parts}").format(name=REGISTRY["participation"].titled(policy), parts=participation)
    repeats = review["repeats"]
    yield _line(REGISTRY["repeats"].titled(policy), repeats["repeated"], repeats["resolved"], repeats)


def _line(label: str, hits: int, due: int, rate: Mapping[str, Any]) -> str:
    if rate["rate"] is None:
        return _("{name}：{parts}").format(name=label, parts=wording.UNKNOWN)
    parts = [wording.rate_with_counts(hits, due), wording.confidence(rate["interval"])]
    parts.append(wording.upper_bound(rate.get("upper_bound"), rate.get("unrecorded", 0)))
    return _("{name}：{parts}").format(name=label, parts="  ".join(part for part in parts if part))


def _time_lines(resolution: Mapping[str, Any]) -> Iterator[str]:
    for day, share in resolution["closed_by_day"].items():
        yield _("第 {day} 天前办结：{share}").format(day=day, share=wording.percent(share))
    yield _("办结用时中位数：{days}").format(days=wording.days(resolution["median_days"]))


def _courtyard_lines(courtyards: list[dict[str, Any]]) -> Iterator[str]:
    if len(courtyards) < 2:
        return
    yield ""
    for entry in courtyards:
        known = entry["response_rate"] is not None
        rate = wording.rate_with_counts(entry["response_met"], entry["response_due"] if known else 0)
        text = _("{place}：{n} 件，响应 {rate}  {band}")
        place = place_label(entry["place"], with_community=True)
        yield text.format(place=place, n=entry["petitions"], rate=rate, band=_(entry["band"] or "")).rstrip()
