"""What residents ask: one row per petition as it comes in, whole numbers only.

Columns: ``courtyard``, ``household``, ``category``, ``channel``, ``handler`` (positions in their lists),
``reported`` (moment), ``launched`` and ``located`` (0 or 1), and the pieces of the text.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sample_data.draws import Draws, Ints
from sample_data.moments import AS_OF, BLANK, DAY, DAYS, HOUR, MINUTE, at, day_number, day_of, weekday
from sample_data.places import Community, Courtyard
from sample_data.texts import (
    AGAIN,
    CATEGORIES,
    CHANNELS,
    CHANNELS_AFTER,
    CHANNELS_BEFORE,
    ENDING_WEIGHTS,
    KIND_ENDING_WEIGHTS,
    OPENER_WEIGHTS,
    SINCE_WEIGHTS,
)

#: Petitions by hour of the day: a morning and an evening peak; at the weekend later and flatter.
_WORKDAY_HOURS: Final = (
    3,
    2,
    1,
    1,
    1,
    3,
    10,
    42,
    78,
    70,
    52,
    38,
    30,
    26,
    32,
    36,
    40,
    52,
    74,
    86,
    72,
    46,
    22,
    9,
)
_WEEKEND_HOURS: Final = (
    5,
    3,
    2,
    1,
    1,
    2,
    6,
    18,
    40,
    58,
    62,
    52,
    40,
    32,
    36,
    42,
    46,
    50,
    58,
    62,
    58,
    44,
    26,
    12,
)
_HOURS: Final = np.array([_WORKDAY_HOURS] * 5 + [_WEEKEND_HOURS] * 2, dtype=np.int64)
#: How much of a week's petitions and complaints falls on each day, from Monday.
WEEKDAYS: Final = np.array([118, 106, 102, 100, 104, 86, 78], dtype=np.int64)

#: Demand before the launch and, in thousandths of the later demand, how it grows in the months after.
_BEFORE: Final = 420
_RAMP: Final = (560, 740, 880)

#: Petitions that come by telephone, visit or meeting are written down to the minute.
_TO_THE_MINUTE: Final = tuple(CHANNELS.index(c) for c in ("电话", "走访", "议事会"))

_CORES: Final = np.array([len(c.here) + len(c.plain) for c in CATEGORIES], dtype=np.int64)


def day_weights(courtyard: Courtyard) -> Ints:
    """Expected demand of each day of the sample, in whole numbers."""
    days = np.arange(DAYS)
    level = np.full(DAYS, 1000 if courtyard.launched_on is None else _BEFORE, dtype=np.int64)
    if courtyard.launched_on is not None:
        since = days - day_number(courtyard.launched_on)
        steps = np.array([*_RAMP, 1000], dtype=np.int64)
        level = np.where(since < 0, level, steps[np.clip(since // 30, 0, len(_RAMP))])
    weights = level * WEEKDAYS[weekday(days)]
    weights[-1] = weights[-1] * (AS_OF % DAY) // DAY
    return weights


def moments_of_day(days: Ints, draws: Draws) -> Ints:
    """A moment on each of the given days, by the rhythm of its weekday; the last day ends at the as-of."""
    hours = draws.pick_each(_HOURS[weekday(days)])
    hours = np.where(days == DAYS - 1, hours % (AS_OF % DAY // HOUR), hours)
    return at(days, hours * HOUR + draws.below(HOUR, len(days)))


def ask(
    community: Community, count: int, draws: Draws, *, earliest: int = 0, latest: Ints | None = None
) -> pd.DataFrame:
    """``count`` petitions of a community, from day ``earliest`` on; ``latest`` gives each its last day."""
    last = np.full(count, DAYS - 1, dtype=np.int64) if latest is None else latest
    weights = [c.households * c.demand for c in community.courtyards]
    courtyard = draws.pick(weights, count)
    days = np.zeros(count, dtype=np.int64)
    for number, place in enumerate(community.courtyards):
        mine = np.flatnonzero(courtyard == number)
        days[mine] = _days(day_weights(place), earliest, last[mine], draws)
    households = np.array([c.households for c in community.courtyards], dtype=np.int64)
    lift = 0 if community.lifts else 1
    asked = pd.DataFrame(
        {
            "courtyard": courtyard,
            "household": draws.below(households[courtyard], count),
            "category": draws.pick([c.weights[lift] for c in CATEGORIES], count),
            "located": (~draws.chance(45, count)).astype(np.int64),
            "again": np.full(count, BLANK, dtype=np.int64),
        }
    )
    return _in_words(_received(asked, community, moments_of_day(days, draws), draws), draws)


def ask_again(handled: pd.DataFrame, community: Community, count: int, draws: Draws) -> pd.DataFrame:
    """Repeats: the same household asks for the same thing within 30 days of the resolution.

    At most ``count``, fewer where too few are long enough resolved; slower courtyards are asked again more often.
    """
    settled = handled[(handled["resolved"] != BLANK) & (handled["resolved"] <= AS_OF - 30 * DAY)]
    slowness = np.array([c.slowness for c in community.courtyards], dtype=np.int64)
    lot = draws.below(1 << 20, len(settled)) * 100 // slowness[settled["courtyard"].to_numpy()] ** 2
    first = settled.iloc[np.argsort(lot, kind="stable")[:count]]
    days = day_of(first["resolved"].to_numpy()) + 1 + draws.below(28, len(first))
    same = first[["courtyard", "household", "category", "located"]].reset_index(drop=True)
    again = same.assign(again=draws.below(len(AGAIN), len(first)))
    return _in_words(_received(again, community, moments_of_day(days, draws), draws), draws)


def _days(weights: Ints, earliest: int, last: Ints, draws: Draws) -> Ints:
    edges = np.cumsum(weights)
    floor = int(edges[earliest - 1]) if earliest else 0
    drawn = floor + draws.below(edges[last] - floor, len(last))
    return np.searchsorted(edges, drawn, side="right").astype(np.int64)


def _received(asked: pd.DataFrame, community: Community, reported: Ints, draws: Draws) -> pd.DataFrame:
    """Adds the moment, the channel (other ones before the launch) and who takes it."""
    launch = np.array(
        [DAYS if c.launched_on is None else day_number(c.launched_on) for c in community.courtyards],
        dtype=np.int64,
    )
    launched = (day_of(reported) >= launch[asked["courtyard"].to_numpy()]).astype(np.int64)
    channel = draws.pick_each(np.array([CHANNELS_BEFORE, CHANNELS_AFTER], dtype=np.int64)[launched])
    handlers = np.array([c.handlers for c in CATEGORIES], dtype=np.int64)
    return asked.assign(
        reported=np.where(np.isin(channel, _TO_THE_MINUTE), reported // MINUTE * MINUTE, reported),
        launched=launched,
        channel=channel,
        handler=draws.pick_each(handlers[asked["category"].to_numpy()]),
    )


def _in_words(asked: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Adds the pieces of the text, as positions in the lists of :mod:`sample_data.texts`."""
    count = len(asked)
    kindly = np.array([c.kindly for c in CATEGORIES])[asked["category"].to_numpy()]
    ending = draws.pick(ENDING_WEIGHTS, count)
    return asked.assign(
        opener=draws.pick(OPENER_WEIGHTS, count),
        since=draws.pick(SINCE_WEIGHTS, count),
        core=draws.below(_CORES[asked["category"].to_numpy()], count),
        ending=np.where(kindly, draws.pick(KIND_ENDING_WEIGHTS, count), ending),
    )
