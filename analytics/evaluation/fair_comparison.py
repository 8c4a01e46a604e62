"""Comparing places fairly: funnel limits, overdispersion, bands, shrunken estimates, case-mix.

No ranks: a place is inside or outside what chance alone would show, and nothing finer is claimed
(Spiegelhalter 2005, Stat Med 24:1185-1202; Spiegelhalter et al. 2012, J R Stat Soc A 175:1-47).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.i18n import mark
from analytics.intervals import Z_95, z_value

FloatArray = npt.NDArray[np.float64]
Better = Literal["up", "down"]

BAND_LABELS: Final = {
    "better": mark("明显好"),
    "normal": mark("正常波动"),
    "watch": mark("留意"),
    "help": mark("需帮助"),
}
NO_BAND: Final = mark("无可比较")
ADJUSTMENT_LABELS: Final = {
    "none": mark("院落之间的差异没有超出偶然，界限未作调整"),
    "additive": mark("院落之间的差异大于偶然，界限已按离散程度放宽"),
    "too_few": mark("院落之间的差异大于偶然，但不足 10 个院落，界限未作调整"),
    "unknown": mark("只有一个院落有数据，无可比较"),
}
UNITS_FOR_ADJUSTMENT: Final = 10
Z_998: Final = z_value(0.998)


@dataclass(frozen=True)
class _Scale:
    """A scale on which the sampling error is 1 / (2 √n), whatever the rate."""

    forward: Callable[[Any], Any]
    back: Callable[[Any], Any]
    top: float  # the largest value of the scale


_ARCSINE = _Scale(lambda p: np.arcsin(np.sqrt(p)), lambda y: np.sin(y) ** 2, np.pi / 2)
_ROOT = _Scale(np.sqrt, np.square, np.inf)


def funnel(
    numerators: pd.Series,
    denominators: pd.Series,
    *,
    better: Better = "up",
    expected: pd.Series | None = None,
) -> pd.DataFrame:
    """Where every place stands around the overall proportion, and whether that is more than chance.

    One row per place under the index of ``numerators``: numerator, denominator, rate; ``centre`` (the overall
    rate, or the place's own ``expected`` rate given its case-mix); ``lower_95 upper_95 lower_998 upper_998``;
    ``z`` (arcsine-root scale) and ``z_adjusted`` (with τ²); ``phi tau2 adjustment`` (the same in all rows;
    a key of ADJUSTMENT_LABELS); ``band`` (a key of BAND_LABELS); ``shrunken`` (beta-binomial by moments).

    ``expected`` counts come from :func:`standardise`. A place without a denominator has blanks; so have all
    bands when fewer than two places can be compared. Raises ValueError when a numerator is not between 0 and
    its denominator, or the Series are not of the same places.
    """
    places = _read(numerators, denominators, expected)
    if (places.y > places.n).any():
        raise ValueError("a numerator exceeds its denominator")
    return _table(places, _ARCSINE, better, _beta_binomial(places))


def funnel_rates(
    counts: pd.Series, exposures: pd.Series, *, better: Better = "down", expected: pd.Series | None = None
) -> pd.DataFrame:
    """As :func:`funnel`, for counts per exposure (petitions per 100 households): square-root scale, and
    ``shrunken`` is gamma-Poisson by moments."""
    places = _read(counts, exposures, expected)
    return _table(places, _ROOT, better, shrink_rates(places.y, places.n, places.centre))


def funnel_limits(
    centre: float, denominators: Any, *, tau2: float = 0.0, rates: bool = False
) -> pd.DataFrame:
    """The limits for any denominators, to draw the funnel: denominator, lower_95 … upper_998."""
    n = np.asarray(denominators, dtype=float)
    limits = _limits(np.full(len(n), centre), n, tau2, _ROOT if rates else _ARCSINE)
    return pd.DataFrame({"denominator": n, **limits})


def standardise(
    frame: pd.DataFrame, unit: str, strata: str | list[str], numerator: str, denominator: str
) -> pd.DataFrame:
    """Indirect standardisation for case-mix: what each unit would have with everybody's rate per stratum.

    ``frame`` has one row per unit and stratum (more are summed). Per unit: numerator, denominator, rate,
    ``expected`` (a count), ``ratio`` = numerator / expected, ``standardised`` = ratio × overall rate. A blank
    stratum is a stratum of its own. Without expected events the ratio is unknown.
    """
    columns = [strata] if isinstance(strata, str) else list(strata)
    cells = frame.groupby([unit, *columns], dropna=False, observed=True, sort=False)[
        [numerator, denominator]
    ].sum()
    cells = cells.astype(float).reset_index()
    totals = cells.groupby(columns, dropna=False, observed=True)[[numerator, denominator]].transform("sum")
    rate = _divide(totals[numerator].to_numpy(), totals[denominator].to_numpy())
    cells["expected"] = np.where(cells[denominator] > 0, cells[denominator] * rate, 0.0)
    table = cells.groupby(unit, dropna=False, observed=True)[[numerator, denominator, "expected"]].sum()
    table.columns = pd.Index(["numerator", "denominator", "expected"])
    counts = {name: table[name].to_numpy() for name in table}
    ratio = _divide(counts["numerator"], counts["expected"])
    overall = _divide(counts["numerator"].sum(keepdims=True), counts["denominator"].sum(keepdims=True))
    return table.assign(
        rate=_divide(counts["numerator"], counts["denominator"]), ratio=ratio, standardised=ratio * overall
    )[["numerator", "denominator", "rate", "expected", "ratio", "standardised"]]


def shrink_rates(counts: Any, exposures: Any, centre: Any) -> FloatArray:
    """Gamma-Poisson estimates: each rate pulled to ``centre`` as far as its own smallness makes it unsure.

    Between-place variance by moments, weighted by exposure (as Marshall 1991, Appl Stat 40:283-294, with
    degrees of freedom allowed for); none found: every place gets the centre.
    """
    y, n, m = (np.asarray(v, dtype=float) for v in np.broadcast_arrays(counts, exposures, centre))
    rate = _divide(y, n)
    use = np.isfinite(rate) & (m > 0)
    if use.sum() < 2:
        return np.where(np.isfinite(rate), m, np.nan)
    # In units of the centre, so that case-mix and plain comparison read alike: (rate / m) varies by V.
    weight = n[use] * m[use]
    spread = (weight * (rate[use] / m[use] - 1) ** 2).sum() - (use.sum() - 1)
    between = max(0.0, spread / (weight.sum() - (weight**2).sum() / weight.sum()))
    share = between * n * m / (1 + between * n * m)
    return share * rate + (1 - share) * m


class _Places(NamedTuple):
    """Numerator, denominator, rate and what the rate is compared with; blank where unknown or empty."""

    index: pd.Index
    y: FloatArray
    n: FloatArray
    rate: FloatArray
    centre: FloatArray


def _read(numerators: pd.Series, denominators: pd.Series, expected: pd.Series | None) -> _Places:
    index = pd.Series(numerators).index
    y, n = _values(numerators, index), _values(denominators, index)
    if (y < 0).any() or (n < 0).any():
        raise ValueError("a count is negative")
    known = (n > 0) & ~np.isnan(y)
    total = n[known].sum()
    centre = np.full(len(y), y[known].sum() / total if total > 0 else np.nan)
    if expected is not None:
        centre = _divide(_values(expected, index), n)
    return _Places(index, y, n, _divide(y, n), centre)


def _values(values: Any, index: pd.Index) -> FloatArray:
    """As floats in the order of ``index``; a Series is matched by its labels, never by position."""
    if isinstance(values, pd.Series) and not values.index.equals(index):
        if len(values) != len(index) or not values.index.isin(index).all():
            raise ValueError("numerators and denominators are of different places")
        values = values.reindex(index)
    return pd.Series(values).to_numpy(dtype=float, na_value=np.nan)


def _beta_binomial(places: _Places) -> FloatArray:
    """Beta-binomial estimates by moments: ρ from the spread around the centres (Kleinman 1973, JASA 68:46-54)."""
    _index, _y, n, rate, centre = places
    scatter = centre * (1 - centre)
    use = np.isfinite(rate) & (scatter > 0)
    if use.sum() < 2:
        return np.where(np.isfinite(rate), centre, np.nan)
    size = n[use]
    freedom = use.sum() - 1
    spread = (size * (rate[use] - centre[use]) ** 2 / scatter[use]).sum() - freedom
    room = size.sum() - (size**2).sum() / size.sum() - freedom
    rho = min(max(spread / room, 0.0), 1.0) if room > 0 else 0.0
    share = n * rho / np.where(n > 0, 1 + (n - 1) * rho, np.nan)
    return share * rate + (1 - share) * centre


def _table(places: _Places, scale: _Scale, better: Better, shrunken: FloatArray) -> pd.DataFrame:
    """Limits, z, overdispersion and band beside the counts."""
    index, y, n, rate, centre = places
    error = np.where(np.isfinite(rate), 0.5 / np.sqrt(np.where(n > 0, n, np.nan)), np.nan)
    distance = scale.forward(rate) - scale.forward(centre)
    phi, tau2, adjustment = _overdispersion(distance / error, error)
    z_adjusted = distance / np.sqrt(error**2 + tau2)
    columns = {
        "numerator": y,
        "denominator": n,
        "rate": rate,
        "centre": centre,
        **_limits(centre, n, tau2, scale),
        "z": distance / error,
        "z_adjusted": z_adjusted,
        "phi": phi,
        "tau2": tau2,
        "adjustment": adjustment,
        "band": pd.array(_bands(z_adjusted, better), dtype="str"),
        "shrunken": shrunken,
    }
    return pd.DataFrame(columns, index=index)


def _overdispersion(z: FloatArray, error: FloatArray) -> tuple[float, float, str]:
    """φ = mean of the winsorised z², τ² by moments where φ > 1 and the places are enough, and what was done."""
    known = np.isfinite(z)
    z, error = z[known], error[known]
    if len(z) < 2:
        return np.nan, 0.0, "unknown"
    low, high = np.quantile(z, [0.1, 0.9])
    phi = float((np.clip(z, low, high) ** 2).mean())
    if phi <= 1:
        return phi, 0.0, "none"
    if len(z) < UNITS_FOR_ADJUSTMENT:
        return phi, 0.0, "too_few"
    weight = 1 / error**2
    tau2 = (len(z) * phi - (len(z) - 1)) / (weight.sum() - (weight**2).sum() / weight.sum())
    return phi, float(tau2), "additive"


def _limits(centre: FloatArray, n: FloatArray, tau2: float, scale: _Scale) -> dict[str, FloatArray]:
    error = np.sqrt(0.25 / np.where(n > 0, n, np.nan) + tau2)
    middle = scale.forward(centre)
    reach = {"95": Z_95 * error, "998": Z_998 * error}
    return {
        f"{side}_{level}": scale.back(np.clip(middle + sign * reach[level], 0, scale.top))
        for level in reach
        for side, sign in (("lower", -1), ("upper", +1))
    }


def _bands(z: FloatArray, better: Better) -> npt.NDArray[np.object_]:
    """Outside the 99.8 % limit is 明显好 or 需帮助, outside 95 % only is 留意 on either side."""
    bands = np.full(len(z), None, dtype=object)
    if np.isfinite(z).sum() < 2:
        return bands  # one place would be compared with nothing but itself
    good = z if better == "up" else -z
    bands[np.isfinite(z)] = "normal"
    bands[np.abs(z) > Z_95] = "watch"
    bands[good > Z_998] = "better"
    bands[good < -Z_998] = "help"
    return bands


def _divide(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Unknown where there is nothing to divide by."""
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0)
