"""The controls of the page 情景推演. The address carries the scenario; the controls show and change it.

Whoever opens a shared address, or steps back in the browser, finds the controls as the scenario has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.policy import Limit
from analytics.present import what_if_text, wording
from analytics.vocabulary import CLOCK_LABELS, CLOCKS, COLOURS, place_label
from analytics.whatif import (
    AXES,
    GOALS,
    Scenario,
    ScenarioError,
    from_address,
    merged_key,
    still_meant,
    to_address,
)
from ui import components

PARAMETER: Final = "if"
_SEEN: Final = "whatif_seen"
_REFUSED: Final = "whatif_refused"
_OF_CHOICES: Final = {
    "courtyard": "places",
    "category": "categories",
    "handler": "handlers",
    "channel": "channels",
}
_FIELDS: Final = ("leave_out", "merge", "limits", "colour_limits", "calendars", "lift")
#: Unit → (its name, how ISO 8601 writes so many, the most that can be asked).
_UNITS: Final = {
    "minutes": (mark("分钟"), "PT{n}M", 1440),
    "days": (mark("天"), "P{n}D", 366),
    "months": (mark("个月"), "P{n}M", 36),
}


def settled(view: Any) -> Scenario:
    """The scenario of the address, with the controls set to it where they are not.

    What the data do not have (any more) is said and left out.
    """
    text = st.query_params.get(PARAMETER, "")
    try:
        scenario, missing = still_meant(view.dataset, from_address(text))
    except ScenarioError as error:
        scenario, missing = Scenario(), (str(error),)
    for note in missing:
        st.warning(components.plain(note))
    if st.session_state.get(_SEEN) != text or "if-leave-courtyard" not in st.session_state:
        _fill(view, scenario)
        st.session_state[_SEEN] = text
    if refused := st.session_state.pop(_REFUSED, None):
        st.warning(components.plain(refused))
    return scenario


def chips(scenario: Scenario) -> None:
    """What is supposed, each a chip that takes it back."""
    if scenario.changes_nothing:
        return
    parts = [(name, entry) for name in _FIELDS for entry in getattr(scenario, name)]
    with st.container(horizontal=True, gap="small", key="suppositions"):
        for number, ((name, entry), words) in enumerate(
            zip(parts, what_if_text.clauses(scenario), strict=True)
        ):
            kept = tuple(other for other in getattr(scenario, name) if other != entry)
            without = replace(scenario, **{name: kept})
            st.button(f"{components.plain(words)} ✕", key=f"unsuppose-{number}", on_click=go, args=(without,))
        st.button(_("全部清除"), type="tertiary", key="unsuppose-all", on_click=go, args=(Scenario(),))


def go(scenario: Scenario) -> None:
    """Write a scenario into the address (callback); the controls follow in the run that comes."""
    text = to_address(scenario)
    if text:
        st.query_params[PARAMETER] = text
    else:
        st.query_params.pop(PARAMETER, None)


def controls(view: Any, scenario: Scenario) -> None:
    """Leave out, limits, merge, lift, working hours."""
    collect = {"on_change": _collect, "args": (view, scenario)}
    with st.expander(_("剔除院落"), expanded=True):
        _leave_out(view, scenario, collect, ("courtyard",))
    with st.expander(_("改时限"), expanded=True):
        for clock in CLOCKS:
            _limit(f"if-limit-{clock}", _(CLOCK_LABELS[clock]), view.policy.clock(clock).limit, collect)
    with st.expander(_("改颜色时限")):
        for colour in COLOURS[:3]:
            _limit(f"if-colour-{colour}", wording.colour(colour), view.policy.colour_limit(colour), collect)
    with st.expander(_("剔除类别、接单主体、渠道、颜色")):
        _leave_out(view, scenario, collect, tuple(AXES)[1:])
    with st.expander(_("合并院落")):
        _merge(view, scenario)
    with st.expander(_("补到位")):
        _lift(view, scenario)
    if view.policy.calendars:
        with st.expander(_("只计工作时间")):
            _calendars(view, collect)


def _leave_out(view: Any, scenario: Scenario, collect: dict[str, Any], axes: Sequence[str]) -> None:
    for axis in axes:
        options = _options(view, axis, scenario)
        if len(options) > 1:
            st.multiselect(
                _("不计这些{axis}").format(axis=_(AXES[axis])),
                options,
                format_func=_label_of(axis, view),
                key=f"if-leave-{axis}",
                placeholder=_("都计入"),
                **collect,
            )


def _options(view: Any, axis: str, scenario: Scenario) -> list[str]:
    """What the scope has on an axis, and what is left out already."""
    known = list(COLOURS) if axis == "colour" else view.dataset.choices[_OF_CHOICES[axis]]
    if axis == "courtyard":
        known = [key for key in known if view.scope.includes_place(key)]
    return [*known, *(value for value in scenario.left_out(axis) if value not in known)]


def _label_of(axis: str, view: Any) -> Callable[[str], str]:
    if axis == "colour":
        return wording.colour
    if axis == "courtyard":
        return _place_names(view)
    return lambda value: value or _("未填")


def _place_names(view: Any) -> Callable[[str], str]:
    """Names with the community only where two share one."""
    names = [key.partition("/")[2] for key in view.dataset.choices["places"]]
    return lambda key: place_label(key, names.count(key.partition("/")[2]) > 1)


def _limit(key: str, label: str, limit: Limit, collect: dict[str, Any]) -> None:
    unit = _unit(limit)
    if unit is None:
        st.caption(_("{label}：{limit}，这里改不了").format(label=label, limit=limit.words))
        return
    name, _iso, most = _UNITS[unit]
    text = _("{label}（{unit}，现为 {now}）")
    st.number_input(
        text.format(label=label, unit=_(name), now=limit.words),
        min_value=1,
        max_value=max(most, _number(limit, unit) or 1),
        step=1,
        key=key,
        **collect,
    )


def _unit(limit: Limit) -> str | None:
    return next((unit for unit in _UNITS if _number(limit, unit)), None)


def _number(limit: Limit, unit: str) -> int | None:
    """A limit as a whole number of a unit, or None."""
    parts = {"minutes": limit.seconds, "days": limit.days, "months": limit.months}
    if any(value for name, value in parts.items() if name != unit):
        return None
    number, rest = divmod(parts[unit], 60 if unit == "minutes" else 1)
    return number if number and not rest else None


def _merge(view: Any, scenario: Scenario) -> None:
    taken = {place for _new, places in scenario.merge for place in places}
    options = [p for p in _options(view, "courtyard", scenario) if p not in taken and not p.endswith("/")]
    communities = sorted({key.partition("/")[0] for key in options} - {""})
    for community in communities:
        own = tuple(key for key in options if key.partition("/")[0] == community)
        if len(own) > 1:
            new = (merged_key(_("{community}合院").format(community=community), own), own)
            words = _("{community}的 {n} 个院落合为一个").format(community=community, n=len(own))
            merged = replace(scenario, merge=(*scenario.merge, new))
            st.button(
                components.plain(words),
                key=f"merge-{community}",
                on_click=go,
                args=(merged,),
                type="tertiary",
            )
    with st.form("merge-some", border=False):
        st.multiselect(
            _("合并哪些"),
            options,
            format_func=_place_names(view),
            placeholder=_("至少两个"),
            key="merge-places",
        )
        st.text_input(_("合并后叫什么"), max_chars=20, placeholder=_("例如：三巷大院"), key="merge-name")
        st.form_submit_button(_("合并"), on_click=_merge_chosen, args=(scenario,))


def _merge_chosen(scenario: Scenario) -> None:
    places, name = st.session_state["merge-places"], st.session_state["merge-name"].strip()
    merged = (merged_key(name, places), tuple(places))
    _try(lambda: replace(scenario, merge=(*scenario.merge, merged)))


def _lift(view: Any, scenario: Scenario) -> None:
    merged = [new for new, _places in scenario.merge]
    options = [*merged, *_options(view, "courtyard", scenario)]
    with st.form("lift-some", border=False):
        st.multiselect(
            _("哪些院落"),
            options,
            format_func=_place_names(view),
            placeholder=_("选院落"),
            key="lift-places",
        )
        st.selectbox(_("补到"), list(GOALS), format_func=lambda code: _(GOALS[code]), key="lift-goal")
        st.form_submit_button(_("补到位"), on_click=_lift_chosen, args=(scenario,))


def _lift_chosen(scenario: Scenario) -> None:
    places, goal = st.session_state["lift-places"], st.session_state["lift-goal"]
    others = tuple(pair for pair in scenario.lift if pair[0] not in places)
    _try(lambda: replace(scenario, lift=(*others, *((place, goal) for place in places))))


def _calendars(view: Any, collect: dict[str, Any]) -> None:
    names = [name for name, _rule in view.policy.calendars]
    st.multiselect(
        _("只计工作时间的时限"),
        list(CLOCKS),
        format_func=lambda clock: _(CLOCK_LABELS[clock]),
        key="if-calendars",
        placeholder=_("都按全天计时"),
        **collect,
    )
    if len(names) > 1:
        st.selectbox(_("哪个日历"), names, key="if-calendar", **collect)


def _try(make: Callable[[], Scenario]) -> None:
    """Suppose more, or say why that cannot be (within a callback)."""
    try:
        go(make())
    except ScenarioError as error:
        st.session_state[_REFUSED] = str(error)


def _fill(view: Any, scenario: Scenario) -> None:
    """Set every control to a scenario."""
    state = st.session_state
    for axis in AXES:
        state[f"if-leave-{axis}"] = list(scenario.left_out(axis))
    limits, coloured, calendars = (
        dict(pairs) for pairs in (scenario.limits, scenario.colour_limits, scenario.calendars)
    )
    for clock in CLOCKS:
        _fill_limit(f"if-limit-{clock}", view.policy.clock(clock).limit, limits.get(clock))
    for colour in COLOURS[:3]:
        _fill_limit(f"if-colour-{colour}", view.policy.colour_limit(colour), coloured.get(colour))
    kept = {clock: calendars.get(clock, view.policy.clock(clock).calendar) for clock in CLOCKS}
    state["if-calendars"] = [clock for clock in CLOCKS if kept[clock]]
    used = [name for name in kept.values() if name]
    known = [name for name, _rule in view.policy.calendars]
    state["if-calendar"] = used[0] if used and used[0] in known else (known or [""])[0]


def _fill_limit(key: str, limit: Limit, iso: str | None) -> None:
    """A limit that its control cannot say (``PT90S``) leaves the control at the policy's."""
    unit = _unit(limit)
    if unit is not None:
        asked = None if iso is None else _number(Limit.parse(iso), unit)
        st.session_state[key] = asked or _number(limit, unit)


def _collect(view: Any, before: Scenario) -> None:
    """The controls as a scenario, into the address (callback of every control)."""
    state, policy = st.session_state, view.policy
    left_out = [(axis, value) for axis in AXES for value in state.get(f"if-leave-{axis}", [])]
    limits = [(c, _asked(f"if-limit-{c}", policy.clock(c).limit, dict(before.limits).get(c))) for c in CLOCKS]
    coloured = [
        (c, _asked(f"if-colour-{c}", policy.colour_limit(c), dict(before.colour_limits).get(c)))
        for c in COLOURS[:3]
    ]
    try:
        scenario = replace(
            before,
            leave_out=tuple(left_out),
            limits=tuple((clock, iso) for clock, iso in limits if iso),
            colour_limits=tuple((colour, iso) for colour, iso in coloured if iso),
            calendars=_asked_calendars(view, before),
        )
    except ScenarioError as error:
        state[_REFUSED] = str(error)
        return
    go(scenario)
    state[_SEEN] = to_address(scenario)


def _asked(key: str, limit: Limit, before: str | None) -> str | None:
    """The limit that a control asks for; None where it is the policy's."""
    unit, number = _unit(limit), st.session_state.get(key)
    if unit is None or number is None:
        return before
    if number == _number(limit, unit):
        unsayable = before is not None and _number(Limit.parse(before), unit) is None
        return before if unsayable else None
    return _UNITS[unit][1].format(n=number)


def _asked_calendars(view: Any, before: Scenario) -> tuple[tuple[str, str], ...]:
    if "if-calendars" not in st.session_state:
        return before.calendars
    chosen, name = st.session_state["if-calendars"], st.session_state.get("if-calendar") or ""
    name = name or (view.policy.calendars[0][0] if view.policy.calendars else "")
    asked: Sequence[tuple[str, str]] = [(clock, name if clock in chosen else "") for clock in CLOCKS]
    return tuple((clock, own) for clock, own in asked if own != (view.policy.clock(clock).calendar or ""))
