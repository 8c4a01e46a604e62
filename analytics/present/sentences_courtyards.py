"""Courtyards side by side, and a rate's change explained, in words.

Made from :func:`analytics.comparison.compare` and :func:`analytics.change.explain`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from analytics.comparison import COMPLAINTS
from analytics.evaluation.change_explained import KIND_LABELS
from analytics.evaluation.control_limits import ASSURANCE_LABELS, WORD_LABELS
from analytics.evaluation.fair_comparison import ADJUSTMENT_LABELS, BAND_LABELS, NO_BAND
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import wording
from analytics.vocabulary import place_label

Compared = Mapping[str, Any]

AXIS_LABELS: Final = {
    "place": mark("院落"),
    "category": mark("诉求类别"),
    "handler": mark("接单主体"),
    "channel": mark("来源渠道"),
}
#: Whom a sentence names first.
_ORDER: Final = ("help", "watch", "better", "normal")
_REASONS: Final = {
    "few": mark("数据太少，不作判断"),
    "pace": mark("诉求多少本身变了，不作判断"),
}


def measure_title(measure: str, policy: Policy) -> str:
    """What is compared, as a title says it."""
    return _("每百户投诉") if measure == COMPLAINTS else REGISTRY[measure].titled(policy)


def finding(found: Compared, policy: Policy) -> str:
    """Who is clearly better, who needs help, and that the others are within chance."""
    compared = [row for row in found["rows"] if row["band_code"]]
    title = measure_title(found["measure"], policy)
    if not compared:
        return _("{measure}：能比较的院落不足两个。").format(measure=title)
    named: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(compared, key=lambda row: _ORDER.index(row["band_code"])):
        named.setdefault(band(row, found["better"]), []).append(row)
    normal = named.pop(_(BAND_LABELS["normal"]), [])
    parts = [
        _("{band} {n} 个（{names}）").format(band=name, n=len(rows), names=_names(rows))
        for name, rows in named.items()
    ]
    if not parts:
        return _("{measure}：{n} 个院落的差别都在正常波动之内，没有谁明显好或需帮助。").format(
            measure=title, n=len(compared)
        )
    tail = _("，其余 {n} 个在正常波动之内").format(n=len(normal)) if normal else ""
    return _("{measure}：{n} 个院落里，{parts}{tail}。").format(
        measure=title, n=len(compared), parts=_("，").join(parts), tail=tail
    )


def adjustment(found: Compared) -> str:
    """How the limits were drawn, and whether the mix of petitions was allowed for."""
    said = [_(ADJUSTMENT_LABELS[found["adjustment"]])] if found["adjustment"] in ADJUSTMENT_LABELS else []
    if found["adjusted"]:
        said.append(_("已按预期颜色和类别扣除来件难易的差别"))
    if found["left_out"]:
        said.append(_("{n} 件未填院落，没有列入").format(n=wording.count(found["left_out"])))
    return _("；").join(said)


def band(row: Mapping[str, Any], better: str) -> str:
    """「正常波动」, 「需帮助」, 「留意（略差）」; what cannot be compared says so."""
    code = row["band_code"]
    if not code:
        return _(NO_BAND)
    if code != "watch":
        return _(BAND_LABELS[code])
    good = (row["side"] == "above") == (better == "up")
    return _("留意（略好）") if good else _("留意（略差）")


def trend(found: Mapping[str, Any]) -> str:
    """The word for a courtyard's own course, and whether it meets the target; or why there is none."""
    if found["word_code"]:
        words = (WORD_LABELS[found["word_code"]], ASSURANCE_LABELS.get(found["assurance"] or ""))
        return _("，").join(_(word) for word in words if word)
    return _(_REASONS[found["reason"]])


def value(row: Mapping[str, Any], measure: str) -> str:
    """A courtyard's rate with its counts: 「93 %（41/44）」, complaints 「2.1（25 件）」."""
    if row["rate"] is None:
        return wording.UNKNOWN
    if measure != COMPLAINTS:
        return wording.rate_with_counts(row["numerator"], row["denominator"])
    return _("{rate}（{n} 件）").format(
        rate=wording.decimal(row["rate"], 2), n=wording.count(row["numerator"])
    )


def figure(number: float | None, measure: str) -> str:
    """A rate alone: per cent, or complaints per 100 households."""
    return wording.decimal(number, 2) if measure == COMPLAINTS else wording.percent(number)


def interval(bounds: Sequence[float] | None, measure: str) -> str:
    """Its 95 % interval."""
    if bounds is None:
        return wording.UNKNOWN
    if measure != COMPLAINTS:
        return wording.interval(bounds)
    return "–".join(wording.decimal(bound, 2) for bound in bounds)


def courtyard(row: Mapping[str, Any], found: Compared, policy: Policy) -> str:
    """One courtyard in a sentence: its rate beside everybody's, its band, its shrunken estimate, its course."""
    if row["rate"] is None:
        return _("{place}：没有可计算的记录。").format(place=place_label(row["place"], True))
    measure = found["measure"]
    text = _("{place}{measure} {value}，全部院落 {overall}；{band}。扣除偶然后约 {shrunken}。走势：{trend}。")
    return text.format(
        place=place_label(row["place"], True),
        measure=measure_title(measure, policy),
        value=value(row, measure),
        overall=figure(found["overall"], measure),
        band=band(row, found["better"]),
        shrunken=figure(row["shrunken"], measure),
        trend=trend(row["trend"]),
    )


def change(found: Mapping[str, Any], policy: Policy) -> str:
    """A rate against the month before: by how much, mix or performance, and the three that matter most."""
    title, (before, after) = REGISTRY[found["measure"]].titled(policy), found["months"]
    if found["change"] is None:
        return _("{before}或{after}没有可计算的{measure}，无法比较。").format(
            before=wording.month(before), after=wording.month(after), measure=title
        )
    text = _(
        "{measure}：{month} {after}，{earlier} {before}，{change}{doubt}；"
        "其中来件结构 {mix}，办理表现 {performance}。{largest}"
    )
    return text.format(
        measure=title,
        month=wording.month(after),
        earlier=wording.month(before),
        after=_rate(found, 1),
        before=_rate(found, 0),
        doubt=_doubt(found["intervals"]),
        change=points(found["change"]),
        mix=points(found["mix"]),
        performance=points(found["performance"]),
        largest=_largest(found),
    )


def points(fraction: float | None) -> str:
    """A difference of rates: 0.086 → 「+8.6 个百分点」."""
    return wording.UNKNOWN if fraction is None else _("{n} 个百分点").format(n=signed_points(fraction))


def signed_points(fraction: float) -> str:
    """The same without its unit: 「+8.6」."""
    shown = wording.decimal(abs(fraction) * 100)
    return shown if shown == "0.0" else f"{'−' if fraction < 0 else '+'}{shown}"


def contributor(group: str, kind: str, axis: str) -> str:
    """「6号院 · 办理表现」."""
    return f"{group_name(group, axis)} · {_(KIND_LABELS[kind])}"


def group_name(group: str, axis: str) -> str:
    """A group as people read it; a blank one says so."""
    return place_label(group) if axis == "place" else group or _("未填")


def _rate(found: Mapping[str, Any], which: int) -> str:
    due = found["due"][which]
    rate = found["after" if which else "before"]
    return wording.rate_with_counts(round(rate * due), due)


def _doubt(intervals: Sequence[Sequence[float] | None]) -> str:
    (low, high), (next_low, next_high) = (bounds or (0, 1) for bounds in intervals)
    apart = next_low > high or next_high < low
    return "" if apart else _("，两个月的可信范围重叠，差别可能只是偶然")


def _largest(found: Mapping[str, Any]) -> str:
    if not found["largest"]:
        return ""
    names = [
        f"{contributor(part['group'], part['kind'], found['axis'])} {points(part['effect'])}"
        for part in found["largest"]
    ]
    return _("影响最大的：{names}。").format(names=_("、").join(names))


def _names(rows: Sequence[Mapping[str, Any]]) -> str:
    return wording.listing([place_label(row["place"]) for row in rows], 4)


def axis(code: str) -> str:
    """What a change is split over."""
    return _(AXIS_LABELS[code])


def against(measure: str, count: int) -> str:
    """The link to the petitions that count against a courtyard, or to those that a rate is about."""
    if REGISTRY[measure].misses:
        text = _("看未达到的 {n} 件")
    else:
        text = _("看重复的 {n} 件") if REGISTRY[measure].better == "down" else _("看有关的 {n} 件")
    return text.format(n=wording.count(count))
