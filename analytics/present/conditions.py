"""A narrowing in words, one chip per thing that can be taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from analytics.faults import FAULTS
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import wording
from analytics.vocabulary import CLOCK_LABELS, STATE_LABELS, place_label

#: Conditions that only together make sense and go together.
_GROUPS: Final = (("clock", "state", "above", "upto"), ("weekday", "hour"), ("age_above", "age_upto"))

RESOLUTION_LABELS: Final = {
    "met": mark("按期办结"),
    "missed": mark("超期"),
    "pending": mark("办理期限未到"),
    "invalid": mark("时间有误"),
    "no_deadline": mark("没有期限"),
}
FLAG_LABELS: Final = {
    "is_open": mark("在办"),
    "is_closed": mark("已办结"),
    "followed_up": mark("已回访"),
    "rated": mark("有评价"),
    "satisfied": mark("满意"),
    "answered": mark("回访有答复"),
    "confirmed": mark("居民确认已解决"),
    "repeat_base": mark("已办结满 30 天"),
    "repeated": mark("又有重复诉求"),
    "not_is_closed": mark("没有办结"),
    "not_followed_up": mark("没有回访"),
    "not_rated": mark("没有评价"),
    "not_satisfied": mark("没有评为满意"),
    "not_answered": mark("回访没有答复"),
    "not_confirmed": mark("居民没有确认已解决"),
    "not_repeat_base": mark("办结未满 30 天或地点不全"),
    "not_repeated": mark("没有重复诉求"),
}
_FEEDBACK_LABELS: Final = {"met": mark("反馈及时"), "missed": mark("反馈未及时")}


def chips(narrowing: Mapping[str, Any]) -> list[tuple[list[str], str]]:
    """(names of conditions, words) for every part of a narrowing that can be taken back by itself."""
    given = {name: _several(value) for name, value in narrowing.items()}
    found = []
    for group in [*_GROUPS, *((name,) for name in given if not any(name in g for g in _GROUPS))]:
        names = [name for name in group if name in given]
        if names:
            found.append((names, _words(names, given)))
    return found


def _words(names: Sequence[str], given: Mapping[str, list[str]]) -> str:
    if names[0] in ("clock", "state", "above", "upto"):
        return _clock(given)
    if names[0] in ("weekday", "hour"):
        return " ".join(_one(name, given[name]) for name in names)
    if names[0] == "also":
        return _("，且").join(_further(value) for value in given["also"])
    if names[0] == "case":
        return _("选出的 {n} 件").format(n=wording.count(len(given["case"])))
    return _("、").join(_one(name, given[name]) for name in names)


def _further(value: str) -> str:
    """A narrowing within the narrowing, in words; an address may say anything."""
    try:
        return _("，").join(words for _names, words in chips(json.loads(value)))
    except (TypeError, ValueError, AttributeError):
        return value


def _clock(given: Mapping[str, list[str]]) -> str:
    label = _(CLOCK_LABELS.get(given.get("clock", [""])[0], wording.UNKNOWN))
    parts = [_("、").join(_(STATE_LABELS.get(s, s)) for s in given["state"])] if "state" in given else []
    low, high = given.get("above", [""])[0], given.get("upto", [""])[0]
    if low and _whole(low) >= 0:
        parts.append(_("多于 {lapse}").format(lapse=wording.lag(_whole(low))))
    if high:
        parts.append(_("至多 {lapse}").format(lapse=wording.lag(_whole(high))))
    return f"{label} · {' '.join(parts)}" if parts else label


def _one(name: str, values: list[str]) -> str:
    labels: dict[str, Callable[[str], str]] = {
        "outcome": wording.outcome,
        "expected": lambda v: _("预期{colour}").format(
            colour=wording.colour(v) if v not in ("", "none") else wording.UNKNOWN
        ),
        "place": lambda v: place_label(v, True),
        "month": wording.month,
        "month_from": lambda v: _("{month}起").format(month=wording.month(v)),
        "month_upto": lambda v: _("到{month}为止").format(month=wording.month(v)),
        "weekday": lambda v: _(wording.WEEKDAYS[_whole(v) % 7]),
        "hour": lambda v: _("{hour} 时").format(hour=f"{_whole(v):02d}"),
        "resolution": lambda v: _(RESOLUTION_LABELS.get(v, v)),
        "flag": lambda v: _(FLAG_LABELS.get(v, v)),
        "feedback": lambda v: _(_FEEDBACK_LABELS.get(v, v)),
        "fault": lambda v: _(FAULTS[v][0]) if v in FAULTS else v,
        "age_above": lambda v: _("上报已满 {n} 天").format(n=v),
        "age_upto": lambda v: _("上报不满 {n} 天").format(n=v),
    }
    label_of = labels.get(name, lambda v: v or _("未填"))
    return _("、").join(_safely(label_of, value) for value in values)


def _safely(label_of: Any, value: str) -> str:
    """An address may say anything; what is not known is shown as it is."""
    try:
        return str(label_of(value))
    except (KeyError, ValueError, IndexError):
        return value


def _several(values: Any) -> list[str]:
    return [str(v) for v in values] if isinstance(values, (list, tuple)) else [str(values)]


def _whole(value: str) -> int:
    return int(value) if value.lstrip("-").isdecimal() else 0
