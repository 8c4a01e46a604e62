"""Is this month different, or is it the usual up and down? Control charts with the run rules of the NHS.

Signals (Making Data Count, as NHSRplotthedots computes them): a point outside the limits; seven in a row on one
side of the mean; seven rising or falling in a row; two of three beyond two thirds of the way to the same limit,
inside it, all three on that side of the mean. Every chart is a frame with one row per point:

=================================  ===========================================================================
``value, mean, lower, upper``      the point, the centre line and the limits
``lower_near, upper_near``         two thirds of the way from the mean to each limit
``outside, run, two_of_three``     +1 or −1 where the point takes part in the signal (side of the mean), else 0
``trend``                          +1 rising, −1 falling, else 0
``segment``                        0, 1, …: the limits are computed anew from the first point of each segment
=================================  ===========================================================================

An unknown value (NaN) is a gap: no signal, and its neighbours count as consecutive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from analytics.i18n import gettext as _
from analytics.i18n import mark

Better = Literal["up", "down"]

#: Fewer known points than this since the limits were last computed anew, and there is no word.
MIN_POINTS: Final = 12
WORD_LABELS: Final = {"none": mark("无明显变化"), "improve": mark("改善"), "worse": mark("转差")}
ASSURANCE_LABELS: Final = {
    "reliably": mark("稳定达标"),
    "by_luck": mark("时达标时不达标，看运气"),
    "never": mark("照目前的做法达不到"),
}

_LIMIT: Final = 2.66  # 3 / d2 for moving ranges of two points
_SCREEN: Final = 3.267  # D4 for moving ranges of two points
_RUN: Final = 7
_LINES: Final = ("mean", "lower", "upper", "lower_near", "upper_near")
_SIGNALS: Final = ("outside", "run", "trend", "two_of_three")
_SIDES: Final = ("outside", "two_of_three", "run")
_WEIBULL: Final = 1 / 3.6  # makes exponential waiting times nearly normal (Nelson 1994)


class _Limits(NamedTuple):
    """Centre line and limits, a number each or one per point."""

    mean: Any
    lower: Any
    upper: Any

    @property
    def near(self) -> tuple[Any, Any]:
        return tuple(self.mean + 2 / 3 * (limit - self.mean) for limit in (self.lower, self.upper))


def xmr(values: Any, rebase: Iterable[Any] = ()) -> pd.DataFrame:
    """Chart of individual values: mean ± 2.66 × mean moving range.

    Moving ranges above 3.267 × their mean are left out once. ``rebase``: labels of the index (of a plain
    list: positions) from which the limits are computed anew. A single point has no limits (NaN).
    Raises ValueError for a label that the index does not have.
    """
    points = _series(values)
    return _chart(
        points.to_numpy(), points.index, _segments(points.index, rebase), lambda y, _rows: _xmr_limits(y)
    )


def p_chart(numerators: Any, denominators: Any, rebase: Iterable[Any] = ()) -> pd.DataFrame:
    """Chart of shares, with limits of three binomial standard errors by each point's denominator.

    A denominator of 0 is a gap. Raises ValueError when a numerator exceeds its denominator.
    """
    parts, whole = _series(numerators), _series(denominators)
    if (parts.to_numpy() > whole.to_numpy()).any():
        raise ValueError(_("分子大于分母。"))
    return _ratio_chart(parts, whole, rebase, highest=1.0)


def u_chart(counts: Any, exposures: Any, rebase: Iterable[Any] = ()) -> pd.DataFrame:
    """Chart of rates per unit of exposure, with limits of three Poisson standard errors.

    An exposure of 0 is a gap.
    """
    return _ratio_chart(_series(counts), _series(exposures), rebase, highest=np.inf)


def days_between(dates: Any) -> pd.DataFrame:
    """Chart of the days between rare events; one row per event after the first, under its date.

    ``dates``: datetimes in any order. Limits are those of :func:`xmr` on days ** (1 / 3.6), turned back into
    days (Nelson 1994), so they are not symmetric. Longer waits lie above.
    """
    moments = pd.DatetimeIndex(dates).dropna().sort_values()
    days = np.diff(moments.to_numpy()) / np.timedelta64(1, "D")
    frame = xmr(pd.Series(days**_WEIBULL, index=moments[1:]))
    lines = {line: frame[line].clip(lower=0) ** (1 / _WEIBULL) for line in _LINES}
    return frame.assign(value=days, **lines)


def rebased(draw: Callable[[Sequence[Any]], pd.DataFrame], events: Iterable[Any]) -> pd.DataFrame:
    """The chart that ``draw`` makes of labels to rebase at, its limits anew at those ``events`` that explain a change.

    ``events`` are labels of the chart; others are passed over.
    """
    plain = draw(())
    explained = explained_changes(plain, events)
    return draw(explained) if explained else plain


def explained_changes(frame: pd.DataFrame, events: Iterable[Any]) -> list[Any]:
    """Those of ``events`` (labels) with which a run on one side of the mean begins.

    With 12 known points on both sides, since without them the new limits would allow no word.
    """
    known = np.flatnonzero(frame["value"].notna())
    run = frame["run"].to_numpy()[known]
    found = []
    for label in sorted(set(events) & set(frame.index)):
        first = int(np.searchsorted(known, frame.index.get_loc(label)))
        if min(first, len(known) - first) < MIN_POINTS:
            continue
        side = next((s for s in run[first : first + 2] if s), 0)
        if side and side not in run[first - 2 : first]:
            found.append(label)
    return found


def states(frame: pd.DataFrame, better: Better) -> pd.Series:
    """Per point ``"improve"``, ``"worse"`` or ``"none"``; None for a gap.

    ``better``: the good direction. The side of the mean decides; a trend only where nothing else signals.
    """
    words = _words({name: frame[name].to_numpy() for name in _SIGNALS}, better)
    return pd.Series(np.where(frame["value"].isna(), None, words), index=frame.index, dtype=object)


def word(frame: pd.DataFrame, better: Better) -> str | None:
    """The state of the latest known point, a key of :data:`WORD_LABELS`.

    None with fewer than 12 known points since the limits were last computed anew.
    """
    latest = _judged(frame)
    if latest is None:
        return None
    return str(_words({name: frame[name].to_numpy()[latest] for name in _SIGNALS}, better))


def target_assurance(frame: pd.DataFrame, target: float, better: Better) -> str | None:
    """Will the process, as it runs now, meet the target: a key of :data:`ASSURANCE_LABELS`.

    Reliably when even the worse limit meets it (exactly at the target is met), never when even the better
    limit does not, else by luck. None with fewer than 12 known points, as for :func:`word`.
    """
    good = _direction(better)
    if (latest := _judged(frame)) is None:
        return None
    worst, best = sorted(good * (frame[limit].iloc[latest] - target) for limit in ("lower", "upper"))
    return "reliably" if worst >= 0 else "never" if best < 0 else "by_luck"


def run_ends(sides: np.ndarray, length: int = _RUN) -> np.ndarray:
    """+1 or −1 at each point that completes ``length`` points on one side of the mean, else 0."""
    return _all_alike(np.asarray(sides), length, len(sides))


def trend_ends(values: np.ndarray, length: int = _RUN) -> np.ndarray:
    """+1 or −1 at each point that completes ``length`` points rising or falling, else 0."""
    return _all_alike(np.sign(np.diff(values)), length - 1, len(values))


def two_of_three(near: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """True for all points of a window of three on one side of the mean, two of them near the limit."""
    near, sides = np.asarray(near), np.asarray(sides)
    found = np.zeros(len(near), dtype=bool)
    if len(near) < 3:
        return found
    near_by, side_by = (np.stack([each[:-2], each[1:-1], each[2:]]) for each in (near, sides))
    windows = (np.count_nonzero(near_by, axis=0) >= 2) & (np.abs(side_by.sum(axis=0)) == 3)
    for place in range(3):
        found[place : len(near) - 2 + place] |= windows
    return found


def _words(signals: Mapping[str, Any], better: Better) -> Any:
    """``"improve"``, ``"worse"`` or ``"none"`` from the signals of a point, or of several."""
    side = signals["trend"]
    for name in reversed(_SIDES):
        side = np.where(signals[name] != 0, signals[name], side)
    return np.array(["worse", "none", "improve"], dtype=object)[side * _direction(better) + 1]


def _all_alike(signs: np.ndarray, length: int, points: int) -> np.ndarray:
    """±1 at each of ``points`` points where the last ``length`` signs are all ±1; signs belong to the last."""
    ends = np.zeros(points, dtype=np.int8)
    if len(signs) >= length:
        total = np.lib.stride_tricks.sliding_window_view(signs, length).sum(axis=1)
        ends[points - len(total) :] = np.sign(total) * (np.abs(total) == length)
    return ends


def _members(ends: np.ndarray) -> np.ndarray:
    """Everybody of a run that ends: the seven points up to each end (the later end wins)."""
    members = ends.copy()
    for back in range(1, min(_RUN, len(ends))):
        later = ends[back:]
        members[:-back] = np.where(later != 0, later, members[:-back])
    return members


def _signals(values: np.ndarray, limits: _Limits) -> dict[str, np.ndarray]:
    """Signals of one segment's known points. Rounding in the last digits is no signal."""
    fuzz = 1e-12 * np.abs(values).max(initial=0)
    near_lower, near_upper = limits.near
    away = values - limits.mean
    side = np.where(np.abs(away) <= fuzz, 0, np.sign(away)).astype(np.int8)
    outside = np.where((values > limits.upper + fuzz) | (values < limits.lower - fuzz), side, 0)
    near = (outside == 0) & ((values > near_upper + fuzz) | (values < near_lower - fuzz))
    return {
        "outside": outside,
        "run": _members(run_ends(side)),
        "trend": _members(trend_ends(values)),
        "two_of_three": np.where(near & two_of_three(near, side), side, 0),
    }


def _chart(
    values: np.ndarray,
    index: pd.Index,
    segment: np.ndarray,
    limits_of: Callable[[np.ndarray, np.ndarray], _Limits],
) -> pd.DataFrame:
    """The frame of a chart; ``limits_of(values, rows)`` gives the limits of the rows of one segment."""
    lines = {name: np.full(len(values), np.nan) for name in _LINES}
    signals = {name: np.zeros(len(values), dtype=np.int8) for name in _SIGNALS}
    for number in np.unique(segment):
        rows = np.flatnonzero(segment == number)
        limits = limits_of(values[rows], rows)
        for name, line in zip(_LINES, (*limits, *limits.near), strict=True):
            lines[name][rows] = line
        known = rows[~np.isnan(values[rows])]
        here = _Limits(*(lines[name][known] for name in _LINES[:3]))
        for name, signal in _signals(values[known], here).items():
            signals[name][known] = signal
    return pd.DataFrame({"value": values, **lines, **signals, "segment": segment}, index=index)


def _ratio_chart(parts: pd.Series, whole: pd.Series, rebase: Iterable[Any], highest: float) -> pd.DataFrame:
    """Shares (``highest`` 1, binomial) or rates (no highest, Poisson) with limits of three standard errors."""
    if not parts.index.equals(whole.index):
        raise ValueError(_("分子与分母的行不对应。"))
    if (parts.to_numpy() < 0).any() or (whole.to_numpy() < 0).any():
        raise ValueError(_("分子和分母都不能为负。"))
    hits, due = parts.to_numpy(), np.where(whole.to_numpy() > 0, whole.to_numpy(), np.nan)

    def limits(values: np.ndarray, rows: np.ndarray) -> _Limits:
        known = rows[~np.isnan(values)]
        total = due[known].sum()
        mean = hits[known].sum() / total if total else np.nan
        error = np.sqrt(mean * (1 - mean / highest) / due[rows])
        return _Limits(mean, mean - 3 * error, mean + 3 * error)

    frame = _chart(hits / due, parts.index, _segments(parts.index, rebase), limits)
    frame["lower"] = np.maximum(frame["lower"].to_numpy(), 0)
    frame["upper"] = np.minimum(frame["upper"].to_numpy(), highest)
    return frame


def _xmr_limits(values: np.ndarray) -> _Limits:
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return _Limits(known.mean() if len(known) else np.nan, np.nan, np.nan)
    moving = np.abs(np.diff(known))
    reach = _LIMIT * moving[moving <= _SCREEN * moving.mean()].mean()
    return _Limits(known.mean(), known.mean() - reach, known.mean() + reach)


def _series(values: Any) -> pd.Series:
    return values.astype(float) if isinstance(values, pd.Series) else pd.Series(values, dtype=float)


def _segments(index: pd.Index, rebase: Iterable[Any]) -> np.ndarray:
    begins = np.zeros(len(index), dtype=int)
    for label in rebase:
        try:
            place = index.get_loc(label)
        except KeyError as error:
            raise ValueError(
                _("没有「{label}」这一点，不能从它起重新计算控制限。").format(label=label)
            ) from error
        begins[np.flatnonzero(place)[0] if isinstance(place, np.ndarray) else place] = 1
    return np.cumsum(begins) - begins[:1].sum()


def _direction(better: Better) -> int:
    if better not in ("up", "down"):
        raise ValueError(f"better must be 'up' or 'down', not {better!r}")
    return 1 if better == "up" else -1


def _judged(frame: pd.DataFrame) -> int | None:
    """Position of the latest known point, or None when too few points stand behind its limits."""
    known = np.flatnonzero(frame["value"].notna())
    segment = frame["segment"].to_numpy()
    enough = len(known) and (segment[known] == segment[known[-1]]).sum() >= MIN_POINTS
    return int(known[-1]) if enough else None
