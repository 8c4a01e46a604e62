"""The way from a figure to its petitions: a small set of conditions that a row of the clocked frame meets.

A narrowing is a plain mapping, so that it can stand in an address, behind a bar of a chart and in the
measure registry alike: ``{"clock": "response", "state": ("missed",)}``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.frame import DAY, NA, epoch
from analytics.i18n import gettext as _
from analytics.scope import month_number
from analytics.vocabulary import CLOCKS

Narrowing = Mapping[str, Any]
_FLAGS: Final = (
    "is_open", "is_closed", "followed_up", "rated", "satisfied", "answered", "confirmed",
    "repeat_base", "repeated",
)  # fmt: skip
#: Before a flag's name: those of whom it is not so.
NOT: Final = "not_"
_CATEGORICAL: Final = ("outcome", "place", "handler", "category", "channel", "expected")


class NarrowingError(ValueError):
    """A condition that cannot be meant; the message says which."""


def mask(rows: pd.DataFrame, narrowing: Narrowing) -> np.ndarray:
    """Which rows of a clocked frame meet every condition; raises :class:`NarrowingError` on an unknown one.

    Conditions: ``outcome``, ``place``, ``handler``, ``category``, ``channel``, ``expected`` (values; ""
    or "none" = blank) · ``month`` ·
    ``month_from`` and ``month_upto`` ("YYYY-MM", included) · ``weekday`` and ``hour`` · ``clock`` with ``state`` or with ``above``
    and ``upto`` (seconds, right-closed) · ``resolution`` (states) · ``flag`` (names, all of them;
    ``not_`` before a name: its opposite) · ``age_above`` and ``age_upto`` (days since the report, right-closed) · ``feedback`` (met or missed) ·
    ``fault`` (a kind of data fault) · ``case`` (ids) · ``also`` (further narrowings as JSON, all of which hold).
    """
    inside = np.ones(len(rows), dtype=bool)
    for name, values in narrowing.items():
        condition = _CONDITIONS.get(name)
        if condition is None:
            raise NarrowingError(_("不认识的筛选条件「{name}」。").format(name=name))
        inside &= condition(rows, narrowing, name, _several(values))
    return inside


def both(first: Narrowing, second: Narrowing) -> dict[str, Any]:
    """The narrowing that a row meets exactly when it meets ``first`` and ``second``.

    What cannot be said in one set of conditions (two clocks, two kinds of feedback) stands under ``also``.
    """
    together = [name for name in second if name in first and name != "also"]
    joined = {name: _JOINED[name](first[name], second[name]) for name in together if name in _JOINED}
    alike = all(name in joined or _same(first[name], second[name]) for name in together)
    also = [*_several(first.get("also", ())), *_several(second.get("also", ()))]
    if alike and _one_clock(first, second) and [] not in joined.values():
        return {**first, **second, **joined, **({"also": also} if also else {})}
    rest = {name: value for name, value in second.items() if name != "also"}
    return {**first, "also": [*also, json.dumps(rest, ensure_ascii=False, sort_keys=True)]}


def _one_clock(first: Narrowing, second: Narrowing) -> bool:
    return "clock" not in first or "clock" not in second or _same(first["clock"], second["clock"])


def _same(first: Any, second: Any) -> bool:
    return {str(v) for v in _several(first)} == {str(v) for v in _several(second)}


def _common(first: Any, second: Any) -> list[Any]:
    known = {str(value) for value in _several(second)}
    return [value for value in _several(first) if str(value) in known]


def _bound(value: Any) -> int:
    return _whole("", _several(value)[0])


def _all_of(first: Any, second: Any) -> list[Any]:
    return list(dict.fromkeys([*_several(first), *_several(second)]))


def _several(values: Any) -> list[Any]:
    return list(values) if isinstance(values, (list, tuple, set, frozenset)) else [values]


def _by_category(rows: pd.DataFrame, _all: Narrowing, name: str, values: list[Any]) -> np.ndarray:
    column = rows[name]
    inside = column.isin(values).to_numpy()
    return inside | column.isna().to_numpy() if {"", "none"} & set(values) else inside


def _by_month(rows: pd.DataFrame, _all: Narrowing, name: str, values: list[Any]) -> np.ndarray:
    return rows["month"].isin([month_number(v) for v in values]).to_numpy()


def _by_month_bound(rows: pd.DataFrame, _all: Narrowing, name: str, values: list[Any]) -> np.ndarray:
    month, bound = rows["month"].to_numpy(), month_number(str(values[0]))
    return month >= bound if name == "month_from" else month <= bound


def _by_number(rows: pd.DataFrame, _all: Narrowing, name: str, values: list[Any]) -> np.ndarray:
    return rows[name].isin([_whole(name, v) for v in values]).to_numpy()


def _by_state(rows: pd.DataFrame, narrowing: Narrowing, _name: str, values: list[Any]) -> np.ndarray:
    return rows[f"{_clock(narrowing)}_state"].isin(values).to_numpy()


def _by_seconds(rows: pd.DataFrame, narrowing: Narrowing, name: str, values: list[Any]) -> np.ndarray:
    seconds = rows[f"{_clock(narrowing)}_seconds"].to_numpy()
    bound = _whole(name, values[0])
    return (seconds != NA) & (seconds > bound if name == "above" else seconds <= bound)


def _any_clock(rows: pd.DataFrame, narrowing: Narrowing, _name: str, _values: list[Any]) -> np.ndarray:
    _clock(narrowing)
    return np.ones(len(rows), dtype=bool)


def _by_resolution(rows: pd.DataFrame, _all: Narrowing, _name: str, values: list[Any]) -> np.ndarray:
    return rows["resolution_state"].isin(values).to_numpy()


def _by_flag(rows: pd.DataFrame, _all: Narrowing, _name: str, values: list[Any]) -> np.ndarray:
    inside = np.ones(len(rows), dtype=bool)
    for flag in values:
        name = str(flag).removeprefix(NOT)
        if name not in _FLAGS:
            raise NarrowingError(_("不认识的筛选条件「{name}」。").format(name=flag))
        inside &= rows[name].to_numpy() != str(flag).startswith(NOT)
    return inside


def _by_age(rows: pd.DataFrame, _all: Narrowing, name: str, values: list[Any]) -> np.ndarray:
    age = epoch(rows.attrs["as_of"]) - rows["reported"].to_numpy()
    bound = _whole(name, values[0]) * DAY
    return age > bound if name == "age_above" else age <= bound


def _by_feedback(rows: pd.DataFrame, _all: Narrowing, _name: str, values: list[Any]) -> np.ndarray:
    return np.any([rows[f"feedback_{_feedback(v)}"].to_numpy() > 0 for v in values], axis=0)


def _feedback(value: Any) -> str:
    if value not in ("met", "missed"):
        raise NarrowingError(_("不认识的筛选条件「{name}」。").format(name=value))
    return str(value)


def _by_fault(rows: pd.DataFrame, _all: Narrowing, _name: str, values: list[Any]) -> np.ndarray:
    from analytics.faults import find

    return np.any([find(rows, str(kind)) for kind in values], axis=0)


def _by_also(rows: pd.DataFrame, _all: Narrowing, name: str, values: list[Any]) -> np.ndarray:
    return np.all([mask(rows, _written(name, value)) for value in values], axis=0)


def _written(name: str, value: Any) -> Narrowing:
    """A further narrowing as it stands in the address; it holds no other in turn."""
    try:
        found = json.loads(value)
    except (TypeError, ValueError):
        found = None
    if not isinstance(found, dict) or name in found:
        raise NarrowingError(_("不认识的筛选条件「{name}」。").format(name=str(value)[:40]))
    return found


def _by_case(rows: pd.DataFrame, _all: Narrowing, _name: str, values: list[Any]) -> np.ndarray:
    return rows["case_id"].isin(values).to_numpy()


def _clock(narrowing: Narrowing) -> str:
    clock = _several(narrowing.get("clock", ""))[0]
    if clock not in CLOCKS:
        raise NarrowingError(_("没有「{name}」这个时钟。").format(name=clock))
    return str(clock)


def _whole(name: str, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        message = _("筛选条件「{name}」要写成整数，现在是「{value}」。")
        raise NarrowingError(message.format(name=name, value=value)) from error


_CONDITIONS: Final[dict[str, Callable[[pd.DataFrame, Narrowing, str, list[Any]], np.ndarray]]] = {
    **dict.fromkeys(_CATEGORICAL, _by_category),
    "month": _by_month,
    "month_from": _by_month_bound,
    "month_upto": _by_month_bound,
    "weekday": _by_number,
    "hour": _by_number,
    "clock": _any_clock,
    "state": _by_state,
    "above": _by_seconds,
    "upto": _by_seconds,
    "resolution": _by_resolution,
    "flag": _by_flag,
    "age_above": _by_age,
    "age_upto": _by_age,
    "feedback": _by_feedback,
    "fault": _by_fault,
    "case": _by_case,
    "also": _by_also,
}
#: How two values of one condition become the one that says both.
_JOINED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    **dict.fromkeys(_CATEGORICAL, _common),
    **dict.fromkeys(("month", "weekday", "hour", "state", "resolution", "case"), _common),
    "month_from": lambda first, second: max(str(_several(v)[0]) for v in (first, second)),
    "month_upto": lambda first, second: min(str(_several(v)[0]) for v in (first, second)),
    "flag": _all_of,
    **dict.fromkeys(("above", "age_above"), lambda first, second: max(_bound(first), _bound(second))),
    **dict.fromkeys(("upto", "age_upto"), lambda first, second: min(_bound(first), _bound(second))),
}
CONDITIONS: Final = tuple(_CONDITIONS)
