"""Figures in words: the one place that turns a number, a time or a scope into what people read.

Numbers stay numbers until here. Whatever cannot be known reads 「—」, never 0 and never blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any, Final

import pandas as pd
from pandas import Timestamp

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.policy import Limit
from analytics.vocabulary import COLOUR_LABELS, COLOUR_SHAPES, place_label

UNKNOWN: Final = "—"
#: Below this many a percentage says more than the data know.
FEW: Final = 10
#: A ratio beyond +1000 % is said in times.
_TENFOLD_MORE: Final = 11

_MONTH_NAMES: Final = (
    mark("1月"), mark("2月"), mark("3月"), mark("4月"), mark("5月"), mark("6月"),
    mark("7月"), mark("8月"), mark("9月"), mark("10月"), mark("11月"), mark("12月"),
)  # fmt: skip
WEEKDAYS: Final = (
    mark("周一"), mark("周二"), mark("周三"), mark("周四"), mark("周五"), mark("周六"), mark("周日"),
)  # fmt: skip

Number = int | float | None


def missing(value: Any) -> bool:
    """Whether a value says nothing: None, NaN or NaT."""
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


# --- numbers -----------------------------------------------------------------------------------------


def count(number: Number) -> str:
    """12345 → 12,345."""
    return UNKNOWN if number is None or missing(number) else f"{round(number):,}"


def decimal(number: Number, digits: int = 1) -> str:
    """A mean such as 6.1, half rounded up, with thousands apart."""
    if number is None or missing(number):
        return UNKNOWN
    return f"{_rounded(Decimal(repr(float(number))), digits):,}"


def percent(fraction: Number, digits: int = 0) -> str:
    """0.932 → 「93 %」; nothing but all reads 100 %, and nothing but none reads 0 %."""
    if fraction is None or missing(fraction):
        return UNKNOWN
    exact = Decimal(repr(float(fraction))) * 100
    shown = _rounded(exact, digits)
    if shown == 100 and exact < 100:
        shown = _rounded(exact, 1, ROUND_DOWN)
    elif shown == 0 and exact > 0:
        shown = _rounded(exact, 1, ROUND_UP)
    return f"{shown} %"


def percent_against(fraction: Number, target: Number) -> str:
    """Like :func:`percent`, but a rate short of its target never rounds up to it (94.6 %, not 95 %)."""
    if fraction is None or target is None or missing(fraction) or missing(target):
        return percent(fraction)
    hides_the_gap = fraction < target and percent(fraction) == percent(target)
    return (
        f"{_rounded(Decimal(repr(float(fraction))) * 100, 1, ROUND_DOWN)} %"
        if hides_the_gap
        else percent(fraction)
    )


def rate(hits: Number, due: Number, target: Number = None) -> str:
    """A rate from its counts: 「93 %」, of fewer than ten 「9 件中 8 件」, of none 「—」."""
    if hits is None or due is None or missing(hits) or missing(due) or due == 0:
        return UNKNOWN
    if due < FEW:
        return _("{due} 件中 {hits} 件").format(due=count(due), hits=count(hits))
    return percent_against(hits / due, target)


def rate_with_counts(hits: Number, due: Number, target: Number = None) -> str:
    """「93 %（41/44）」; of fewer than ten the counts alone."""
    shown = rate(hits, due, target)
    if due is None or missing(due) or due < FEW:
        return shown
    return _("{rate}（{hits}/{due}）").format(rate=shown, hits=count(hits), due=count(due))


def interval(bounds: Sequence[Number] | None) -> str:
    """A 95 % interval of a fraction: 「82–98 %」."""
    if _no_bounds(bounds):
        return UNKNOWN
    low, high = (percent(bound) for bound in bounds or ())
    return f"{low.removesuffix(' %')}–{high}"


def confidence(bounds: Sequence[Number] | None) -> str:
    """The same in words: 「可信范围 82–98 %」; blank when there is none."""
    return "" if _no_bounds(bounds) else _("可信范围 {interval}").format(interval=interval(bounds))


def upper_bound(bound: Number, unrecorded: int) -> str:
    """What the rate could be at most, had the unrecorded ones been in time; blank when all are recorded."""
    if not unrecorded or bound is None or missing(bound):
        return ""
    return _("其中 {n} 件未记录，若都按时则为 {bound}").format(n=count(unrecorded), bound=percent(bound))


def change(ratio: Number) -> str:
    """A ratio as a signed change: 0.53 → 「−47 %」, 1.44 → 「+44 %」, beyond +1000 % 「高至 48.4 倍」."""
    if ratio is None or missing(ratio):
        return UNKNOWN
    if ratio > _TENFOLD_MORE:
        return _("高至 {times} 倍").format(times=decimal(ratio))
    shown = _rounded((Decimal(repr(float(ratio))) - 1) * 100, 0)
    return f"{'+' if shown > 0 else '−' if shown < 0 else ''}{abs(shown):,} %"


def change_interval(bounds: Sequence[Number] | None) -> str:
    """The interval of a ratio as changes: 「−85 % ~ +44 %」."""
    return UNKNOWN if _no_bounds(bounds) else " ~ ".join(change(bound) for bound in bounds or ())


def _rounded(number: Decimal, digits: int, how: str = ROUND_HALF_UP) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-digits), rounding=how)


def _no_bounds(bounds: Sequence[Number] | None) -> bool:
    return bounds is None or any(missing(bound) for bound in bounds)


# --- lengths of time ---------------------------------------------------------------------------------


def minutes(number: Number) -> str:
    """4.5 → 4′30″; from an hour on in hours, from two days on in days."""
    return UNKNOWN if number is None or missing(number) else lag(float(number) * 60)


def lag(seconds: Number) -> str:
    """A lapse of time; one that runs backwards (a data fault) keeps its minus."""
    if seconds is None or missing(seconds):
        return UNKNOWN
    whole = round(abs(seconds))
    sign = "−" if seconds < 0 and whole else ""
    return sign + _lag(whole)


def _lag(seconds: int) -> str:
    if seconds < 3600:
        return f"{seconds // 60}′{seconds % 60:02d}″"
    if seconds < 86_400:
        return _("{hours} 小时 {minutes} 分").format(hours=seconds // 3600, minutes=seconds % 3600 // 60)
    if seconds < 30 * 86_400:
        return _("{days} 天 {hours} 小时").format(days=seconds // 86_400, hours=seconds % 86_400 // 3600)
    return _("{days} 天").format(days=count(seconds // 86_400))


def days(number: Number) -> str:
    """A number of days as a median has it: 「1.8 天」."""
    return UNKNOWN if number is None or missing(number) else _("{days} 天").format(days=decimal(number))


def limit(iso: str) -> str:
    """PT5M → 「5 分钟」, P1M → 「1 个月」."""
    return Limit.parse(iso).words


# --- moments -----------------------------------------------------------------------------------------


def date(when: Timestamp | None, as_of: Timestamp | None = None) -> str:
    """「6月3日」, with its year when that is not the year of ``as_of``."""
    if when is None or missing(when):
        return UNKNOWN
    names = {"day": when.day, "month": _(_MONTH_NAMES[when.month - 1]), "year": when.year}
    if as_of is not None and when.year == as_of.year:
        return _("{month}{day}日").format(**names)
    return _("{year}年{month}{day}日").format(**names)


def moment(when: Timestamp | None, as_of: Timestamp | None = None, date_only: bool = False) -> str:
    """「6月3日 08:05」; a value recorded without a time of day shows none."""
    if when is None or missing(when) or date_only:
        return date(when, as_of)
    return f"{date(when, as_of)} {when:%H:%M}"


def month(code: str | None) -> str:
    """ "2024-06" → 「2024年6月」."""
    if not code:
        return UNKNOWN
    year, number = code.split("-")
    return _("{year}年{month}").format(year=year, month=_(_MONTH_NAMES[int(number) - 1]))


def months(first: str | None, last: str | None) -> str:
    """A span of months; open at an end it says so, open at both it is all of them."""
    if first and last:
        return month(first) if first == last else f"{month(first)} – {month(last)}"
    if first:
        return _("{month}起").format(month=month(first))
    return _("截至{month}").format(month=month(last)) if last else _("全部月份")


def as_of_words(as_of: Timestamp) -> str:
    """「截至 7月1日 08:05」; the year is always there, since nothing else on a printed page tells it."""
    return _("截至 {moment}").format(moment=moment(as_of))


# --- sentences ----------------------------------------------------------------------------------------


def sentence(clause: str) -> str:
    """A clause as a sentence: it begins with a capital where the language has them."""
    text = _("{clause}。").format(clause=clause)
    return text[:1].upper() + text[1:]


# --- names -------------------------------------------------------------------------------------------


def colour(code: str | None) -> str:
    """「● 绿」: told apart by shape and letter, not by hue alone."""
    return UNKNOWN if not code else f"{COLOUR_SHAPES[code]} {_(COLOUR_LABELS[code])}"


def outcome(code: str) -> str:
    """closed_green → 「● 绿 · 已办结」, open_green → 「● 绿 · 在办」, unknown → 「颜色不明」."""
    if code == "unknown":
        return _("颜色不明")
    state, colour_code = code.split("_")
    if state == "open":
        return _("{colour} · 在办").format(colour=colour(colour_code))
    text = _("{colour} · 办结或无法解决") if colour_code == "grey" else _("{colour} · 已办结")
    return text.format(colour=colour(colour_code))


def listing(names: Sequence[str], most: int = 3) -> str:
    """「甲、乙、丙」, or 「甲、乙、丙等 9 个」 where there are more than ``most``."""
    shown = _("、").join(names[:most])
    return shown if len(names) <= most else _("{names}等 {n} 个").format(names=shown, n=len(names))


def scope(scope: Any, as_of: Timestamp) -> str:
    """A scope as a heading: 「太极社区 · 丽晶公馆 · 2024年6月 · 截至 2024年7月1日 08:05」."""
    return f"{chosen(scope)} · {as_of_words(as_of)}"


def chosen(scope: Any) -> str:
    """A scope without its moment: 「太极社区 · 丽晶公馆 · 2024年6月」."""
    return " · ".join([*_places(scope), months(scope.first_month, scope.last_month), *_rarer(scope)])


def places(scope: Any) -> str:
    """The places of a scope: 「太极社区 · 丽晶公馆」, or 「全部社区」."""
    return " · ".join(_places(scope))


def _places(scope: Any) -> list[str]:
    communities = [listing(scope.communities)] if scope.communities else []
    several = len({key.partition("/")[0] for key in scope.courtyards}) > 1
    if scope.courtyards:
        courtyards = listing([place_label(key, several) for key in scope.courtyards])
    else:
        courtyards = _("全部院落") if communities else _("全部社区")
    return [*communities, courtyards]


def _rarer(scope: Any) -> list[str]:
    parts = [listing(chosen) for chosen in (scope.handlers, scope.categories, scope.channels) if chosen]
    if scope.colours:
        parts.append(_("实际{colours}").format(colours=listing([colour(c) for c in scope.colours], 4)))
    if scope.expected_colours:
        parts.append(
            _("预期{colours}").format(colours=listing([colour(c) for c in scope.expected_colours], 4))
        )
    return parts
