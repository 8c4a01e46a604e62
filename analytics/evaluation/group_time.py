"""Layer 3 of the launch effect: places that launched against places that had not (staggered launches).

Group-time effects after Callaway & Sant'Anna (2021, J Econometrics 225:200-230) without covariates, every
period against the last period before the launch. Plain two-way fixed effects are not used: with staggered
launches they compare late places with early ones that have already changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
Comparison = Literal["auto", "never", "not_yet"]

UNITS_FOR_ERROR: Final = 3


class Staggered:
    """The effects of launches that came one after the other, asked in three ways; units are compared once.

    ``frame`` has one row per unit and period; the names are its columns; periods are numbers, Periods,
    months as text or dates (taken as months); a blank ``first_launch`` means never. ``comparison``: "never",
    "not_yet" (also after the base period), or "auto": never-launched units if there are any, else those not
    yet launched. A unit counts where both its period and its base period are known.
    Raises ValueError when a unit comes twice in a period, or has two launches.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        unit: str,
        period: str,
        first_launch: str,
        outcome: str,
        comparison: Comparison = "auto",
    ) -> None:
        self._panel = _read(frame, unit, period, first_launch, outcome)
        self._cells = _cells(self._panel, comparison)

    def groups(self) -> pd.DataFrame:
        """Effect of every launch group in every period, before its launch too (there it should be nothing).

        Columns group, period, effect, std_error: sorted; the base period is 0 by definition; unknown is blank:
        an effect without comparison, the error of a group under 3 units or of a single comparison unit. Units
        launched from the first period on have no base, and groups launching after the last period no effect.
        """
        label = self._panel.label
        rows = [
            (label(cell.group), label(cell.period), *_pool([cell], self._panel)[:2]) for cell in self._cells
        ]
        return pd.DataFrame(rows, columns=["group", "period", "effect", "std_error"])

    def event_study(self) -> pd.DataFrame:
        """The group-time effects by time since launch, each launched unit with the same weight.

        Columns ``event_time`` (periods since launch, −1 is the base), effect, std_error, lower, upper (95 %, t
        with units − 1 degrees of freedom) and ``units``. The scatter between units of all groups makes the
        error, so single-unit groups count too; it is blank under 3 units.
        """
        by_time: dict[float, list[_Cell]] = {}
        for cell in self._cells:
            by_time.setdefault(cell.period - cell.group, []).append(cell)
        rows = [(int(time), *_summary(by_time[time], self._panel)) for time in sorted(by_time)]
        return pd.DataFrame(rows, columns=["event_time", "effect", "std_error", "lower", "upper", "units"])

    def average(self) -> pd.Series:
        """One figure for all launches: every unit's mean effect since its launch, averaged over units.

        Elements effect, std_error, lower, upper, units, as in :meth:`event_study`.
        """
        cells = [cell for cell in self._cells if cell.period >= cell.group]
        return pd.Series(
            _summary(cells, self._panel), index=["effect", "std_error", "lower", "upper", "units"]
        )


def group_time_effects(
    frame: pd.DataFrame,
    unit: str,
    period: str,
    first_launch: str,
    outcome: str,
    comparison: Comparison = "auto",
) -> pd.DataFrame:
    """:meth:`Staggered.groups` of a frame."""
    return Staggered(frame, unit, period, first_launch, outcome, comparison).groups()


@dataclass(frozen=True, eq=False)
class _Panel:
    """Units × periods; times are numbers (ordinals of Periods), launch is NaN for never."""

    values: FloatArray
    periods: FloatArray
    launch: FloatArray
    freq: Any  # None: plain numbers

    def label(self, time: float) -> Any:
        if self.freq is None:
            return int(time) if time == int(time) else time
        return pd.Period(ordinal=int(time), freq=self.freq)


@dataclass(frozen=True, eq=False)
class _Cell:
    """One launch group in one period: what each of its units gained over the comparison."""

    group: float
    period: float
    is_base: bool
    treated: npt.NDArray[np.intp]
    gains: FloatArray  # change since base − mean change of the comparison, per treated unit
    controls: npt.NDArray[np.intp]
    deviations: FloatArray  # change − mean change, per comparison unit


def _read(frame: pd.DataFrame, unit: str, period: str, first_launch: str, outcome: str) -> _Panel:
    units, names = pd.factorize(frame[unit], use_na_sentinel=False)
    freq = _frequency(frame[period])
    times, launches = _numbers(frame[period], freq), _numbers(frame[first_launch], freq)
    if np.isnan(times).any():
        raise ValueError(f"column {period} has blank periods")
    periods, places = np.unique(times, return_inverse=True)
    if len(set(zip(units, places, strict=True))) < len(frame):
        raise ValueError(f"a unit comes twice in one period (columns {unit}, {period})")
    launch = np.full(len(names), np.nan)
    launch[units] = launches
    if not np.array_equal(launch[units], launches, equal_nan=True):
        raise ValueError(f"a unit has two launches (column {first_launch})")
    values = np.full((len(names), len(periods)), np.nan)
    values[units, places] = frame[outcome].to_numpy(dtype=float, na_value=np.nan)
    return _Panel(values, periods, launch, freq)


def _frequency(times: pd.Series) -> Any:
    if pd.api.types.is_numeric_dtype(times):
        return None
    if isinstance(times.dtype, pd.PeriodDtype):
        return times.dtype.freq
    known = times.dropna()
    return known.iloc[0].freq if len(known) and isinstance(known.iloc[0], pd.Period) else "M"


def _numbers(times: pd.Series, freq: Any) -> FloatArray:
    """Times as numbers that can be compared and subtracted, blank as NaN."""
    if freq is None:
        return pd.to_numeric(times).to_numpy(dtype=float, na_value=np.nan)
    blank = times.isna().to_numpy()
    known = [t.asfreq(freq) if isinstance(t, pd.Period) else pd.Period(t, freq=freq) for t in times[~blank]]
    numbers = np.full(len(times), np.nan)
    numbers[~blank] = [t.ordinal for t in known]
    return numbers


def _cells(panel: _Panel, comparison: Comparison) -> list[_Cell]:
    """Every launch group that has a base period and is reached by the data, in every period."""
    never = np.isnan(panel.launch)
    only_never = comparison == "never" or (comparison == "auto" and bool(never.any()))
    cells = []
    for group in np.unique(panel.launch[~never]):
        earlier = np.flatnonzero(panel.periods < group)
        if not len(earlier) or group > panel.periods[-1]:
            continue
        base = earlier[-1]
        for place, time in enumerate(panel.periods):
            changed = max(time, panel.periods[base])
            waiting = (panel.launch > changed) & (panel.launch != group)
            pool = never if only_never else never | waiting
            cells.append(_cell(panel, group, place, base, pool))
    return cells


def _cell(panel: _Panel, group: float, place: int, base: np.intp, pool: npt.NDArray[np.bool_]) -> _Cell:
    change = panel.values[:, place] - panel.values[:, base]
    known = np.isfinite(change)
    treated = np.flatnonzero(known & (panel.launch == group))
    controls = np.flatnonzero(known & pool)
    middle = change[controls].mean() if len(controls) else np.nan
    return _Cell(
        group=group,
        period=float(panel.periods[place]),
        is_base=bool(place == base),
        treated=treated,
        gains=change[treated] - middle,
        controls=controls,
        deviations=change[controls] - middle,
    )


def _pool(cells: Sequence[_Cell], panel: _Panel) -> tuple[float, float, int]:
    """Mean over treated units of each one's mean gain; its standard error; the number of units.

    The error sums, unit by unit, what the unit adds as treated and as comparison, so that a comparison unit
    shared by several groups is not counted as several. For one cell it is √(s²/n + s²/n) of the two sides.
    """
    used = [cell for cell in cells if len(cell.treated) and len(cell.controls)]
    total, times, influence = (np.zeros(len(panel.launch)) for _ in range(3))
    for cell in used:
        total[cell.treated] += cell.gains
        times[cell.treated] += 1
    treated = times > 0
    n = int(treated.sum())
    if not n:
        return np.nan, np.nan, 0
    own = total[treated] / times[treated]
    effect = float(own.mean())
    if n < UNITS_FOR_ERROR or any(len(c.controls) < 2 for c in used) or all(c.is_base for c in used):
        return effect, np.nan, n
    influence[treated] = (own - effect) / np.sqrt(n * (n - 1))
    for cell in used:
        weight = (1 / times[cell.treated]).sum() / n
        size = len(cell.controls)
        influence[cell.controls] -= weight * cell.deviations / np.sqrt(size * (size - 1))
    return effect, float(np.sqrt(influence @ influence)), n


def _summary(cells: Sequence[_Cell], panel: _Panel) -> tuple[float, float, float, float, int]:
    from scipy.special import stdtrit

    effect, error, units = _pool(cells, panel)
    reach = float(stdtrit(units - 1, 0.975)) * error if np.isfinite(error) else np.nan
    return effect, error, effect - reach, effect + reach, units
