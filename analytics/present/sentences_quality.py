"""数据核对 in words: how much is faulty, what moves most, which last months look incomplete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pandas import Timestamp

from analytics.faults import FAULTS
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import wording
from analytics.quality import Effect
from analytics.unfinished import Unfinished

CHANNELS: Final = {"petitions": mark("诉求"), "complaints": mark("网络理政投诉")}
#: A smaller move of a rate is not worth a sentence.
_WORTH_SAYING: Final = 0.005


def finding(petitions: int, faulty: int, found: Sequence[Effect], policy: Policy) -> str:
    """How many petitions have a fault, the most frequent kind, and the rate that moves most without one."""
    if not petitions:
        return _("所选范围内没有诉求。")
    if not found:
        return _("{n} 件诉求里没有发现问题。").format(n=wording.count(petitions))
    most = found[0]
    said = _("{n} 件诉求里，{faulty} 件至少有一处要核对；最多的是「{kind}」（{count} 件）。").format(
        n=wording.count(petitions),
        faulty=wording.count(faulty),
        kind=_(FAULTS[most.kind][0]),
        count=wording.count(most.count),
    )
    return said + _largest(found, policy)


def unfinished(channel: str, found: Unfinished, as_of: Timestamp) -> str:
    """Why the last months of a channel look incomplete."""
    name = _(CHANNELS[channel])
    months = wording.months(found.months[0], found.months[-1])
    if found.reason == "silent":
        return _("{channel}：{last}之后没有记录，{months}可能还没有收齐。").format(
            channel=name, last=wording.date(found.last, as_of), months=months
        )
    if found.reason == "low":
        return _("{channel}：{months}只有 {n} 件，之前月均 {usual} 件，可能还没有收齐。").format(
            channel=name, months=months, n=wording.count(found.count), usual=wording.decimal(found.usual)
        )
    return _("{channel}：{months}还没有数据，或有院落还没有数据。").format(channel=name, months=months)


def rejected(rows: int) -> str:
    """How many rows the imports in force did not take."""
    if not rows:
        return _("在库的各批导入没有未收的行。")
    return _("在库的各批导入共有 {n} 行未收，不在任何指标里；改正后可再导入。").format(n=wording.count(rows))


def _largest(found: Sequence[Effect], policy: Policy) -> str:
    moves = [(abs(change), e, name) for e in found for name in e.now if (change := e.change(name))]
    size, effect, name = max(moves, key=lambda move: move[0], default=(0.0, None, ""))
    if effect is None or size < _WORTH_SAYING:
        return _("去掉其中任何一类，各项按时率都基本不变。")
    return _("影响最大的是「{kind}」：不计这 {count} 件，「{measure}」由 {now} 变为 {without}。").format(
        kind=_(FAULTS[effect.kind][0]),
        count=wording.count(effect.count),
        measure=REGISTRY[name].titled(policy),
        now=wording.percent(effect.now[name].rate, 1),
        without=wording.percent(effect.without[name].rate, 1),
    )
