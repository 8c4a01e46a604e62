"""What is supposed in a what-if: one frozen, hashable object, like the scope it is asked of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.policy import Limit, PolicyError
from analytics.vocabulary import CLOCKS, COLOURS, place_label

#: What can be left out, and how people call it.
AXES: Final = {
    "courtyard": mark("院落"),
    "category": mark("诉求类别"),
    "handler": mark("接单主体"),
    "channel": mark("来源渠道"),
    "colour": mark("实际颜色"),
}
#: How far a courtyard can be lifted.
GOALS: Final = {"target": mark("目标"), "average": mark("范围平均"), "best": mark("最好的可比院落")}
#: Colours whose limit can be moved; grey is what lies beyond red.
LIMITED_COLOURS: Final = COLOURS[:3]


class ScenarioError(ValueError):
    """A supposition that cannot be meant; the message says which and what would do."""


@dataclass(frozen=True)
class Scenario:
    """Everything that is supposed at once. Places are keys 「社区/院落」; the order of entries means nothing.

    ``leave_out``: (axis of :data:`AXES`, value; "" = blank) · ``merge``: (key of the new place, its places) ·
    ``limits``: (clock, ISO 8601 limit) · ``colour_limits``: (green, yellow or red, ISO limit) ·
    ``calendars``: (clock, name of a calendar of the policy; "" = round the clock) · ``lift``: (place, goal of
    :data:`GOALS`). Raises :class:`ScenarioError` for what contradicts itself.
    """

    leave_out: tuple[tuple[str, str], ...] = ()
    merge: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limits: tuple[tuple[str, str], ...] = ()
    colour_limits: tuple[tuple[str, str], ...] = ()
    calendars: tuple[tuple[str, str], ...] = ()
    lift: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        merge = tuple((new, tuple(sorted(set(places)))) for new, places in self.merge)
        object.__setattr__(self, "merge", merge)
        for field in fields(self):
            object.__setattr__(self, field.name, tuple(sorted(set(getattr(self, field.name)))))
        self._check_left_out()
        self._check_merged()
        self._check_limits()
        _check_names(self.lift, None, GOALS, _("补到"))

    def _check_left_out(self) -> None:
        for axis, value in self.leave_out:
            if axis not in AXES:
                raise ScenarioError(
                    _("不能按「{axis}」剔除，可以的是：{known}。").format(axis=axis, known=_("、").join(AXES))
                )
            if axis == "colour" and value not in COLOURS:
                raise ScenarioError(_("没有「{value}」这种颜色。").format(value=value))

    def _check_merged(self) -> None:
        _no_twice((new for new, _places in self.merge), _("合并"))
        parts = [place for _new, places in self.merge for place in places]
        _no_twice((place_label(place, True) for place in parts), _("合并"))
        for new, places in self.merge:
            if not new.partition("/")[2].strip():
                raise ScenarioError(_("合并后的院落要有名字。"))
            if len(places) < 2:
                raise ScenarioError(
                    _("合并成「{name}」至少要有两个院落。").format(name=place_label(new, True))
                )
            if new in parts and new not in places:
                raise ScenarioError(
                    _("「{name}」已经并入别处，不能再作合并后的名字。").format(name=place_label(new, True))
                )

    def _check_limits(self) -> None:
        _check_names(self.limits, CLOCKS, None, _("时限"))
        _check_names(self.colour_limits, LIMITED_COLOURS, None, _("颜色时限"))
        _check_names(self.calendars, CLOCKS, None, _("日历"))
        for _name, iso in (*self.limits, *self.colour_limits):
            try:
                Limit.parse(iso)
            except PolicyError as error:
                raise ScenarioError(str(error)) from error

    @property
    def changes_nothing(self) -> bool:
        """Whether nothing at all is supposed."""
        return not any(getattr(self, field.name) for field in fields(self))

    def left_out(self, axis: str) -> tuple[str, ...]:
        """The values left out on one axis."""
        return tuple(value for name, value in self.leave_out if name == axis)

    def to_dict(self) -> dict[str, Any]:
        """What is supposed, as plain lists and mappings, for JSON."""
        return {
            "leave_out": [{"axis": axis, "value": value} for axis, value in self.leave_out],
            "merge": {new: list(places) for new, places in self.merge},
            "limits": dict(self.limits),
            "colour_limits": dict(self.colour_limits),
            "calendars": {clock: name or None for clock, name in self.calendars},
            "lift": dict(self.lift),
        }


def _check_names(
    pairs: Iterable[tuple[str, str]], names: Iterable[str] | None, values: Iterable[str] | None, what: str
) -> None:
    """Every name and value known, and no name twice."""
    pairs = list(pairs)
    _no_twice((name for name, _value in pairs), what)
    for name, value in pairs:
        for given, known in ((name, names), (value, values)):
            if known is not None and given not in known:
                raise ScenarioError(
                    _("{what}：不认识「{given}」，可以的是：{known}。").format(
                        what=what, given=given, known=_("、").join(known)
                    )
                )


def _no_twice(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ScenarioError(_("{what}：「{name}」写了两次。").format(what=what, name=name))
        seen.add(name)
