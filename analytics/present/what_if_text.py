"""A scenario and its answer in plain lines, for the command line and for what a page says first."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import wording
from analytics.vocabulary import CLOCK_LABELS, COLOUR_LABELS, place_label
from analytics.whatif import AXES, CHANGES, GOALS, Scenario, WhatIf


def clauses(scenario: Scenario) -> list[str]:
    """What is supposed, one clause per supposition; empty when nothing is."""
    found = [
        _("不计{axis}「{value}」").format(axis=_(AXES[a]), value=_left_out(a, v))
        for a, v in scenario.leave_out
    ]
    for new, places in scenario.merge:
        names = wording.listing([place_label(place) for place in places], 9)
        found.append(_("{places}合为「{name}」").format(places=names, name=place_label(new)))
    for clock, iso in scenario.limits:
        found.append(
            _("{clock}时限改为 {limit}").format(clock=_(CLOCK_LABELS[clock]), limit=wording.limit(iso))
        )
    for colour, iso in scenario.colour_limits:
        found.append(
            _("{colour}色时限改为 {limit}").format(colour=_(COLOUR_LABELS[colour]), limit=wording.limit(iso))
        )
    for clock, name in scenario.calendars:
        text = _("{clock}只计工作时间（{name}）") if name else _("{clock}按全天计时")
        found.append(text.format(clock=_(CLOCK_LABELS[clock]), name=name))
    for place, goal in scenario.lift:
        found.append(_("「{place}」补到{goal}").format(place=place_label(place), goal=_(GOALS[goal])))
    return found


def lines(what_if: WhatIf) -> str:
    """The whole answer as text: supposition, base → scenario per indicator, lifts, merged, who moved."""
    return "\n".join(_lines(what_if))


def points(change: float | None) -> str:
    """A difference of rates: 「+3.2 个百分点」."""
    if change is None or wording.missing(change):
        return wording.UNKNOWN
    return _("{change} 个百分点").format(change=_signed(change, 1))


def difference(change: float | None) -> str:
    """A difference of counts: 「+3」."""
    return wording.UNKNOWN if change is None or wording.missing(change) else _signed(change, 0)


def _lines(what_if: WhatIf) -> Iterator[str]:
    said = clauses(what_if.scenario)
    yield _("假设：{clauses}").format(clauses=_("；").join(said)) if said else _("没有任何假设，与现状相同。")
    yield ""
    policy = what_if.stage.data.policy
    for name, line in what_if.indicators.iterrows():
        yield _indicator(str(name), line, policy)
    if what_if.lifts:
        yield ""
    yield from lift_lines(what_if)
    yield from _merged_lines(what_if)
    if len(what_if.moved):
        yield ""
    for change, number in what_if.moved.groupby("change", sort=False)["position"].nunique().items():
        yield _("{change}：{n} 件").format(change=_(CHANGES[str(change)]), n=wording.count(int(number)))
    yield from (f"! {note}" for note in what_if.notes)


def _left_out(axis: str, value: str) -> str:
    if axis == "courtyard":
        return place_label(value, True)
    return _(COLOUR_LABELS[value]) if axis == "colour" else value or _("未填")


def _indicator(name: str, line: pd.Series, policy: Policy) -> str:
    label = REGISTRY[name].titled(policy)
    if not line["is_rate"]:
        base, scenario = (wording.count(line[f"{side}_numerator"]) for side in ("base", "scenario"))
        change = difference(line["change"])
    else:
        base, scenario = (_rate(line, side) for side in ("base", "scenario"))
        change = points(line["change"])
    return _("{label}：{base} → {scenario}  （{change}）").format(
        label=label, base=base, scenario=scenario, change=change
    )


def _rate(line: pd.Series, side: str) -> str:
    if wording.missing(line[f"{side}_rate"]):
        return wording.UNKNOWN
    return wording.rate_with_counts(line[f"{side}_numerator"], line[f"{side}_denominator"])


def lift_lines(what_if: WhatIf) -> Iterator[str]:
    """What lifting takes, a line per place and clock."""
    for one in what_if.lifts:
        example = _("（{place}）").format(place=place_label(one.example, True)) if one.example else ""
        yield _("「{place}」{clock}补到{goal}{example} {rate}：现为 {now}，要再有 {n} 件按时，候选 {misses} 件").format(
            place=place_label(one.place, True), clock=_(CLOCK_LABELS[one.clock]), goal=_(GOALS[one.goal]),
            example=example, rate=wording.percent(one.rate, 1), now=wording.rate_with_counts(one.met, one.due),
            n=wording.count(one.more), misses=wording.count(one.due - one.met if one.more else 0),
        )  # fmt: skip


def _merged_lines(what_if: WhatIf) -> Iterator[str]:
    for table in what_if.merged.values():
        yield ""
        for key, line in table.iterrows():
            yield _merged_line(str(key), line)


def _merged_line(key: str, line: Any) -> str:
    known = not wording.missing(line["response_rate"])
    rate = wording.rate_with_counts(line["response_met"], line["response_due"]) if known else wording.UNKNOWN
    text = _("{place}：{n} 件，响应 {rate} {interval}")
    interval = wording.confidence((line["response_lower"], line["response_upper"])) if known else ""
    place = place_label(key, True)
    return text.format(place=place, n=wording.count(line["petitions"]), rate=rate, interval=interval).rstrip()


def _signed(change: float, digits: int) -> str:
    shown = Decimal(repr(float(change))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{'+' if shown > 0 else '−' if shown < 0 else ''}{abs(shown):,}"
