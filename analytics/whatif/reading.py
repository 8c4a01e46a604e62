"""Scenarios as text: the options of the command line, and one short word for the address bar."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from analytics.i18n import gettext as _
from analytics.vocabulary import BLANK_COURTYARD, COLOUR_NAMES, place_key
from analytics.whatif.scenario import LIMITED_COLOURS, Scenario, ScenarioError

#: How the command line says that a clock runs round the clock.
ROUND_THE_CLOCK: Final = "24h"

_CHOICES_OF: Final = {"category": "categories", "handler": "handlers", "channel": "channels"}
_COMMAS: Final = re.compile("[,，]")

#: One letter per field in the address; ``.`` and ``~`` need no escape in an address, so they divide.
_LETTERS: Final = {
    "x": "leave_out",
    "m": "merge",
    "t": "limits",
    "c": "colour_limits",
    "w": "calendars",
    "l": "lift",
}
_ESCAPED: Final = re.compile("[._~]")
_ESCAPE: Final = re.compile("_(2e|5f|7e)")


def parse(
    choices: Mapping[str, list[str]],
    leave_out: Sequence[str] = (),
    merge: Sequence[str] = (),
    limit: Sequence[str] = (),
    calendar: Sequence[str] = (),
    lift: Sequence[str] = (),
) -> Scenario:
    """The scenario that the options of ``what-if`` name; ``choices``: :attr:`analytics.dataset.Dataset.choices`.

    ``leave_out``: ``courtyard:NAME``, ``category:…`` … (nothing after the colon: blank) · ``merge``:
    ``新名=甲,乙`` · ``limit``: ``response=PT10M`` or ``green=P5D`` · ``calendar``: ``plan=office`` or
    ``plan=24h`` · ``lift``: ``NAME=target``. A courtyard is its name or 「社区/院落」; a name that several
    communities have means all of them. Raises :class:`ScenarioError` naming what is not known.
    """
    merged = [_merged(text, choices["places"]) for text in merge]
    limits = [_pair(text, "response=PT10M") for text in limit]
    coloured = [(COLOUR_NAMES.get(name.lower(), ""), iso) for name, iso in limits]
    colour_limits = [(name, iso) for name, iso in coloured if name in LIMITED_COLOURS]
    return Scenario(
        leave_out=tuple(pair for text in leave_out for pair in _left_out(text, choices)),
        merge=tuple(merged),
        limits=tuple(
            p for p, (name, _iso) in zip(limits, coloured, strict=True) if name not in LIMITED_COLOURS
        ),
        colour_limits=tuple(colour_limits),
        calendars=tuple(_calendar(text) for text in calendar),
        lift=tuple(pair for text in lift for pair in _lifted(text, choices["places"], merged)),
    )


def to_address(scenario: Scenario) -> str:
    """The scenario as one word without characters that an address must escape (names apart); "" for none."""
    parts = []
    for letter, field in _LETTERS.items():
        for name, value in getattr(scenario, field):
            values = value if isinstance(value, tuple) else (value,)
            parts.append(".".join([letter, *map(_escaped, (name, *values))]))
    return "~".join(parts)


def from_address(text: str) -> Scenario:
    """Read what :func:`to_address` wrote; raises :class:`ScenarioError` on anything else."""
    found: dict[str, list[Any]] = {field.name: [] for field in fields(Scenario)}
    for part in filter(None, text.split("~")):
        letter, *items = part.split(".")
        field = _LETTERS.get(letter)
        if field is None or len(items) < 2 or (field != "merge" and len(items) > 2):
            raise ScenarioError(_("地址里的情景「{part}」读不懂，请重新选择。").format(part=part))
        name, *values = (_ESCAPE.sub(lambda m: chr(int(m[1], 16)), item) for item in items)
        found[field].append((name, tuple(values) if field == "merge" else values[0]))
    return Scenario(**{field: tuple(pairs) for field, pairs in found.items()})


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda m: f"_{ord(m[0]):02x}", text)


def _left_out(text: str, choices: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    axis, colon, value = text.partition(":")
    axis, value = axis.strip(), value.strip()
    if not colon:
        raise ScenarioError(
            _("要剔除什么，写成 courtyard:院落名、category:类别 这样，现在是「{text}」。").format(text=text)
        )
    if axis == "courtyard":
        return [(axis, key) for key in _keys(value, choices["places"])]
    if axis == "colour":
        return [(axis, COLOUR_NAMES.get(value.lower(), value))]
    known = choices.get(_CHOICES_OF.get(axis, ""), [])
    if axis in _CHOICES_OF and value and value not in known:
        raise _unknown(value, known)
    return [(axis, value)]


def _keys(name: str, places: Sequence[str]) -> list[str]:
    """Place keys that a name means; a blank name means the blank courtyards."""
    wanted = "" if name == _(BLANK_COURTYARD) else name
    for matches in (
        [key for key in places if wanted in (key, key.partition("/")[2])],
        [key for key in places if key.strip("/") == wanted],
    ):
        if matches:
            return matches
    raise _unknown(name, [key.strip("/") for key in places])


def _unknown(value: str, known: Sequence[str]) -> ScenarioError:
    return ScenarioError(
        _("数据里没有「{value}」，有的是：{known}。").format(
            value=value, known=_("、").join(filter(None, known[:20])) or _("（空）")
        )
    )


def _merged(text: str, places: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    new, names = _pair(text, _("大院=甲院,乙院"))
    keys = [key for name in _COMMAS.split(names) if name.strip() for key in _keys(name.strip(), places)]
    return merged_key(new, keys), tuple(keys)


def merged_key(name: str, places: Sequence[str]) -> str:
    """The key of a merged place: in the community of its places where they share one, else in none."""
    if "/" in name:
        return name
    communities = {key.partition("/")[0] for key in places}
    return place_key(communities.pop() if len(communities) == 1 else "", name)


def _calendar(text: str) -> tuple[str, str]:
    clock, name = _pair(text, "plan=office")
    return clock, "" if name == ROUND_THE_CLOCK else name


def _lifted(text: str, places: Sequence[str], merged: Sequence[tuple[str, Any]]) -> list[tuple[str, str]]:
    name, equals, goal = text.rpartition("=")
    if not equals:
        raise _not_a_pair(text, _("甲院=target"))
    new = [key for key, _parts in merged if name.strip() in (key, key.partition("/")[2])]
    return [(key, goal.strip()) for key in new or _keys(name.strip(), places)]


def _pair(text: str, example: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name.strip() and value.strip()):
        raise _not_a_pair(text, example)
    return name.strip(), value.strip()


def _not_a_pair(text: str, example: str) -> ScenarioError:
    return ScenarioError(_("「{text}」要写成 {example} 这样。").format(text=text, example=example))
