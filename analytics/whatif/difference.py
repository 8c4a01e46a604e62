"""Scenario minus base, figure by figure; what is unknown on either side is unknown."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, Final

#: What a review has that is no indicator, or whose difference would mean nothing.
_NO_FIGURES: Final = frozenset(
    ("limit", "target", "interval", "households", "residents", "band", "band_code")
)
_SECTIONS: Final = (
    "counts",
    "clocks",
    "resolution",
    "feedback",
    "follow_up",
    "satisfaction",
    "repeats",
    "density",
)


def difference(base: dict[str, Any], scenario: dict[str, Any]) -> dict[str, Any]:
    """Two reviews' difference, under the keys and in the units of a review.

    Fractions stay fractions; beside every ``rate`` stands ``points``, the same in percentage points. Months,
    courtyards and the migration table are matched by month, place and pair of colours; where one side has no
    such line its counts are 0 and its rates unknown.
    """
    colours = {n: base["colours"][n] for n in ("actual", "open_by_age", "unknown", "assigned")}
    others = {name: scenario["colours"][name] for name in colours}
    return {
        **{name: _minus(scenario[name], base[name]) for name in _SECTIONS},
        "colours": {
            **_minus(others, colours),
            "migration": _lines(
                scenario["colours"]["migration"], base["colours"]["migration"], ("assigned", "actual")
            ),
        },
        "months": _lines(scenario["months"], base["months"], ("month",)),
        "courtyards": _lines(scenario["courtyards"], base["courtyards"], ("place", "community", "courtyard")),
        "complaints": {"months": _complaints(scenario["complaints"], base["complaints"])},
        "data_quality": {
            "faults": _minus(scenario["data_quality"]["faults"], base["data_quality"]["faults"])
        },
    }


def _minus(scenario: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in dict.fromkeys((*base, *scenario)):
        before, after = base.get(name), scenario.get(name)
        if isinstance(before, dict) or isinstance(after, dict):
            found[name] = _minus(after or {}, before or {})
        elif _is_figure(name, before) and _is_figure(name, after):
            found[name] = None if before is None or after is None else after - before
    if "rate" in found:
        found["points"] = None if found["rate"] is None else 100 * found["rate"]
    return found


def _is_figure(name: str, value: Any) -> bool:
    if name in _NO_FIGURES or name.endswith("_interval") or isinstance(value, bool):
        return False
    return value is None or isinstance(value, Real)


def _lines(
    scenario: list[dict[str, Any]], base: list[dict[str, Any]], keys: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Lines of both sides, the base's order first, each with its keys and the difference of its figures."""
    befores = {tuple(line[key] for key in keys): line for line in base}
    afters = {tuple(line[key] for key in keys): line for line in scenario}
    found = []
    for identity in dict.fromkeys((*befores, *afters)):
        before, after = befores.get(identity), afters.get(identity)
        before = _nothing(after or {}) if before is None else before
        after = _nothing(before) if after is None else after
        figures = _minus(
            {n: v for n, v in after.items() if n not in keys},
            {n: v for n, v in before.items() if n not in keys},
        )
        found.append({**dict(zip(keys, identity, strict=True)), **figures})
    return found


def _complaints(scenario: dict[str, Any], base: dict[str, Any]) -> list[dict[str, Any]]:
    """By month; a month that one side does not know is unknown, not without complaints."""
    before, after = ({m["month"]: m["count"] for m in side["months"]} for side in (base, scenario))
    counts = [(month, before.get(month), after.get(month)) for month in sorted({*before, *after})]
    return [{"month": m, "count": None if a is None or b is None else b - a} for m, a, b in counts]


def _nothing(line: dict[str, Any]) -> dict[str, Any]:
    """What a line without any petition says: counts are 0, the rest is unknown."""
    counts = {n: v for n, v in line.items() if isinstance(v, Integral) and not isinstance(v, bool)}
    return {name: 0 if name in counts else None for name in line}
