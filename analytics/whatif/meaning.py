"""What of a scenario the records still have: kept ones and shared addresses outlive courtyards and calendars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.scope import Scope
from analytics.vocabulary import CLOCK_LABELS, place_label
from analytics.whatif.scenario import AXES, Scenario

#: Where :attr:`analytics.dataset.Dataset.choices` has the values of an axis; colours are always the four.
CHOICES: Final = {
    "courtyard": "places", "category": "categories", "handler": "handlers", "channel": "channels",
}  # fmt: skip
#: The same for the choices of a scope.
_SCOPE_CHOICES: Final = {
    "communities": "communities", "courtyards": "places", "categories": "categories", "channels": "channels",
    "handlers": "handlers",
}  # fmt: skip


def still_meant(dataset: Dataset, scenario: Scenario) -> tuple[Scenario, tuple[str, ...]]:
    """``scenario`` without what the records or the policy do not have, and a sentence for each such thing."""
    notes: list[str] = []
    choices = dataset.choices
    merge = _merges(scenario, choices["places"], notes.append)
    new = {key for key, _places in merge}
    meant = Scenario(
        leave_out=_known(scenario.leave_out, _is_left_out(choices), _no_such_value, notes.append),
        merge=merge,
        limits=scenario.limits,
        colour_limits=scenario.colour_limits,
        calendars=_known(scenario.calendars, _is_calendar(dataset), _no_such_calendar, notes.append),
        lift=_known(
            scenario.lift, lambda place, _goal: place in choices["places"] or place in new, _no_such_place,
            notes.append,
        ),
    )  # fmt: skip
    return meant, tuple(notes)


def still_chosen(dataset: Dataset, scope: Scope) -> tuple[Scope, tuple[str, ...]]:
    """``scope`` without values that the records do not have, and a sentence that names them."""
    kept: dict[str, Any] = {}
    gone: list[str] = []
    for field, axis in _SCOPE_CHOICES.items():
        values = getattr(scope, field)
        kept[field] = tuple(value for value in values if value in dataset.choices[axis])
        gone += [value for value in values if value not in dataset.choices[axis]]
    if not gone:
        return scope, ()
    labels = [place_label(value, True) if "/" in value else value for value in gone]
    names = _("、").join(_("「{name}」").format(name=label) for label in labels)
    note = _("保存时的范围里有{names}，数据里已没有，已从范围里略去。").format(names=names)
    return replace(scope, **kept), (note,)


Pairs = tuple[tuple[str, str], ...]
Say = Callable[[str], None]


def _known(
    pairs: Pairs, is_known: Callable[[str, str], bool], why: Callable[[str, str], str], say: Say
) -> Pairs:
    """The pairs that are known; for each of the others ``why`` is said."""
    for name, value in pairs:
        if not is_known(name, value):
            say(why(name, value))
    return tuple(pair for pair in pairs if is_known(*pair))


def _is_left_out(choices: Mapping[str, list[str]]) -> Callable[[str, str], bool]:
    return lambda axis, value: axis == "colour" or not value or value in choices[CHOICES[axis]]


def _is_calendar(dataset: Dataset) -> Callable[[str, str], bool]:
    known = dict(dataset.policy.calendars)
    return lambda _clock, name: not name or name in known


def _no_such_value(axis: str, value: str) -> str:
    name = place_label(value, True) if axis == "courtyard" else value
    text = _("数据里没有{axis}「{name}」，「不计」它这一条没有用上。")
    return text.format(axis=_(AXES[axis]), name=name)


def _no_such_calendar(clock: str, name: str) -> str:
    text = _("口径文件里没有叫「{name}」的日历，{clock}仍照口径计时。")
    return text.format(name=name, clock=_(CLOCK_LABELS[clock]))


def _no_such_place(place: str, _goal: str) -> str:
    return _("数据里没有院落「{name}」，给它「补到位」这一条没有用上。").format(name=place_label(place, True))


def _merges(scenario: Scenario, known: list[str], say: Say) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Merges of the places that are there; one of fewer than two, or with a name since taken, is none."""
    found: list[tuple[str, Any]] = []
    for new, places in scenario.merge:
        name = place_label(new, True)
        left = tuple(place for place in places if place in known)
        for place in sorted({*places} - {*left}):
            text = _("数据里没有院落「{name}」，合并「{new}」时没有算它。")
            say(text.format(name=place_label(place, True), new=name))
        if new in known and new not in left:
            say(_("已有叫「{name}」的院落，同名的合并没有用上。").format(name=name))
        elif len(left) < 2:
            say(_("要合并成「{name}」的院落不到两个，合并没有用上。").format(name=name))
        else:
            found.append((new, left))
    return tuple(found)
