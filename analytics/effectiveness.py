"""Did the launch work, and how sure are we: the whole evaluation of one scope as one plain dict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics import complaints, evidence, launches, peers, programme
from analytics.complaints import month_of
from analytics.dataset import Dataset, launch_months
from analytics.evaluation import time_to_close
from analytics.evaluation.launch_effect import LaunchEffect, plain_ratio
from analytics.frame import DAY, NA
from analytics.scope import Scope, month_number, month_text
from analytics.vocabulary import OUTCOMES

#: The channel of petitions that came through the city platform; they are the complaints, so they are left out.
PLATFORM: Final = "网络理政"
CLOSED_BY: Final = (3, 30)
#: First month (since year 0) and petitions per month from there on.
_Counted = tuple[int, np.ndarray]


def evaluate(dataset: Dataset, scope: Scope | None = None) -> dict[str, Any]:
    """The launch effect on the complaints of ``scope``, with all that supports it and speaks against it.

    Heavy (refits, group-time effects), so it is kept apart from :func:`analytics.review.review`, whose
    ``complaints.launch`` and ``launches`` it repeats and extends. All known months count, whatever months
    the scope chooses. Unknown is None. Keys:

    ``places`` (with complaint months) · ``months`` (month, complaints, petitions, whether incomplete) ·
    ``launch`` (one shared launch: as in the review, and ``robustness``) · ``launches`` (each place's own, and
    ``regression`` to the mean) · ``pooled`` (several launches: :func:`analytics.launches.pooled`) · ``peers``
    (:func:`analytics.peers.compare`) · ``channels`` (petitions and complaints before and after, never
    summed) · ``closing`` (time to close before and after) · ``events`` (with ``near``: within half a year of a
    launch) · ``verdict_code`` · ``support`` and ``doubts`` (:mod:`analytics.evidence`).
    """
    scope = replace(scope or Scope(), first_month=None, last_month=None)
    table = complaints.in_scope(dataset.complaints, scope)
    keys = sorted(table["place"].unique())
    months = launch_months(dataset, keys)
    series = complaints.by_month(table)
    found = {key: _effect_of(table, key, month) for key, month in sorted(months.items())}
    launch = _shared_launch(series, keys, months, found)
    inside = dataset.rollup.mask(scope)
    counted = _petitions(dataset, inside)
    whole = {
        "as_of": f"{dataset.as_of.isoformat()}+08:00",
        "scope": scope.to_dict(),
        "places": keys,
        "months": _months(dataset, counted, series),
        "launch": launch,
        "launches": _each(dataset, months, found),
        "pooled": launches.pooled(found) if launch is None else None,
        "peers": peers.compare(dataset, scope),
        "channels": _channels(dataset, inside, counted, launch["month"] if launch else None),
        "closing": _closing(dataset, inside),
        "events": _events(dataset, scope, months),
    }
    whole["verdict_code"] = evidence.verdict_code(whole)
    return {**whole, "support": evidence.support(whole), "doubts": evidence.doubts(whole)}


def _effect_of(table: pd.DataFrame, key: str, launch: str) -> LaunchEffect:
    return launches.effect(complaints.by_month(table[table["place"] == key]), launch)


def _shared_launch(
    series: pd.DataFrame, keys: list[str], months: dict[str, str], found: dict[str, LaunchEffect]
) -> dict[str, Any] | None:
    """The effect on the sum of all places, where every one launched in the same month."""
    if len(set(months.values())) != 1 or len(months) != len(keys):
        return None
    month = next(iter(months.values()))
    effect = found[keys[0]] if len(keys) == 1 else launches.effect(series, month)
    return {**launches.as_dict(effect, month), "robustness": launches.robustness(effect)}


def _each(dataset: Dataset, months: dict[str, str], found: dict[str, LaunchEffect]) -> list[dict[str, Any]]:
    dispersion = {key: effect.series.dispersion if effect.series else 1.0 for key, effect in found.items()}
    by_itself = peers.regression(dataset, {key: (months[key], dispersion[key]) for key in found})
    return [
        {
            "place": key,
            "courtyard": key.partition("/")[2],
            **launches.as_dict(effect, months[key]),
            "regression": by_itself[key],
        }
        for key, effect in found.items()
    ]


def _months(dataset: Dataset, counted: _Counted, series: pd.DataFrame) -> list[dict[str, Any]]:
    """Complaints and petitions side by side, first to last month of either without gaps."""
    first, petitions = counted
    known = [int(m) for m in series.index]
    known += [first, first + len(petitions) - 1] if len(petitions) else []
    if not known:
        return []
    today = month_of(dataset.as_of)
    table = series.reindex(range(min(known), max(known) + 1))
    rows = zip(table.index, table["count"], table["incomplete"], strict=True)
    return [
        {
            "month": month_text(month),
            "complaints": None if np.isnan(count) else int(count),
            "incomplete": incomplete is True or month == today,
            "petitions": int(petitions[month - first]) if 0 <= month - first < len(petitions) else None,
            "petitions_incomplete": month == today,
        }
        for month, count, incomplete in rows
    ]


def _petitions(dataset: Dataset, inside: np.ndarray) -> _Counted:
    """First month (since year 0) and petitions per month from there to the month of as-of."""
    rows = dataset.rows
    months = rows["month"].to_numpy()[inside & (rows["channel"] != PLATFORM).to_numpy()]
    if not len(months):
        return 0, np.zeros(0, dtype=np.int64)
    first = int(months.min())
    size = max(month_of(dataset.as_of), int(months.max())) - first + 1
    return first, np.bincount(months - first, minlength=size)


def _channels(dataset: Dataset, inside: np.ndarray, counted: _Counted, launch: str | None) -> dict[str, Any]:
    """The petitions' own before and after, beside the complaints' (``launch.plain``): never one figure.

    ``petitions``: None without one launch, or without complete months of records on both sides.
    ``left_out``: petitions that came through the city platform; then ``other_channels`` names the rest.
    """
    channel = dataset.rows["channel"]
    first, counts = counted
    whole = counts[: max(month_of(dataset.as_of) - first, 0)]
    plain = None
    if launch is not None and len(whole):
        months = np.arange(first - 1970 * 12, first - 1970 * 12 + len(whole)).astype("datetime64[M]")
        days = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(float)
        after = np.arange(first, first + len(whole)) >= month_number(launch)
        plain = plain_ratio(whole[~after], whole[after], days[~after].sum(), days[after].sum())
    left_out = int((inside & (channel == PLATFORM).to_numpy()).sum())
    others = [*(str(c) for c in channel.cat.categories if c != PLATFORM), ""]
    return {
        "petitions": launches.as_plain(plain),
        "left_out": left_out,
        "other_channels": others if left_out else None,
    }


def _closing(dataset: Dataset, inside: np.ndarray) -> dict[str, Any] | None:
    """Time to close of petitions reported before and from their courtyard's launch month on.

    ``before`` and ``after``: petitions, median_days and closed_by with intervals (Kaplan-Meier, open ones
    included), and the ``narrowing`` to them where all launched in one month; ``places``: how many they are of each
    courtyard, with its launch ``month``; ``p``: log-rank. None where a side has no petitions.
    """
    rows = dataset.rows
    registry = dataset.places["launch"].reindex(list(dataset.rollup.places))
    launch = registry.to_numpy(dtype=float, na_value=np.nan).take(rows["place"].cat.codes.to_numpy())
    duration = rows["duration"].to_numpy()
    usable = inside & ~np.isnan(launch) & (duration != NA)
    after = rows["month"].to_numpy()[usable] >= launch[usable]
    if not after.any() or after.all():
        return None
    seconds, closed = duration[usable], rows["is_closed"].to_numpy()[usable]
    test = time_to_close.log_rank(seconds / DAY, closed, after)
    sides = {"before": ~after, "after": after}
    ways = _ways(rows["place"], inside, launch)
    return {
        **{
            name: {**_time(seconds[side], closed[side]), "narrowing": ways.get(name)}
            for name, side in sides.items()
        },
        "places": _sides(rows["place"][usable], launch[usable], after),
        "p": None if np.isnan(test.p) else test.p,
    }


def _sides(place: pd.Series, launch: np.ndarray, after: np.ndarray) -> list[dict[str, Any]]:
    """Petitions of each courtyard before and from its launch month on, in the order of the names."""
    table = pd.DataFrame({"place": place.astype(str).to_numpy(), "launch": launch, "after": after})
    sums = table.groupby("place").agg(
        month=("launch", "first"), after=("after", "sum"), all=("after", "size")
    )
    return [
        {
            "place": key,
            "month": month_text(int(row["month"])),
            "before": int(row["all"] - row["after"]),
            "after": int(row["after"]),
        }
        for key, row in sums.to_dict("index").items()
    ]


def _ways(place: pd.Series, inside: np.ndarray, launch: np.ndarray) -> dict[str, dict[str, Any]]:
    """The ways to the petitions before and after a launch in one month; none where launches differ."""
    launched = inside & ~np.isnan(launch)
    months = np.unique(launch[launched])
    if len(months) != 1:
        return {}
    known = {"outcome": [name for name in OUTCOMES if name != "unknown"]}
    if launched.sum() < inside.sum():
        known["place"] = [str(key) for key in place[launched].unique()]
    month = int(months[0])
    return {
        "before": {"month_upto": month_text(month - 1), **known},
        "after": {"month_from": month_text(month), **known},
    }


def _time(seconds: np.ndarray, closed: np.ndarray) -> dict[str, Any]:
    curve = time_to_close.curve(seconds, closed)
    median = curve.median()
    by_day = curve.at([day * DAY for day in CLOSED_BY])
    return {
        "petitions": len(seconds),
        "median_days": _number(median.estimate / DAY),
        "median_interval": [_number(median.lower / DAY), _number(median.upper / DAY)],
        "closed_by": {
            str(day): _number(share) for day, share in zip(CLOSED_BY, by_day["estimate"], strict=True)
        },
    }


def _events(dataset: Dataset, scope: Scope, months: dict[str, str]) -> list[dict[str, Any]]:
    """The events that touch the scope; ``near``: within half a year of the launch of a place they touch."""
    events = programme.of_scope(dataset.events, scope)
    near: set[int] = set()
    for key, launch in months.items():
        own = Scope(courtyards=(key,))
        touching = [event for event in events if programme.touches(event["place"], own)]
        near |= {event["event"] for event in programme.rivals(touching, launch)}
    return [{**event, "near": event["event"] in near} for event in events]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
