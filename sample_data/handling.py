"""What becomes of petitions: adds milestones, colours, follow-up and gaps to what was asked.

All times are moments in whole seconds, :data:`BLANK` where unknown. Nothing happens after the as-of.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sample_data.draws import Draws, Ints
from sample_data.moments import AS_OF, BLANK, DAY, HOUR, MINUTE
from sample_data.places import Community
from sample_data.texts import CATEGORIES, CHANNELS

GREEN, YELLOW, RED, GREY = range(4)
OPEN: Final = 4

#: Skewed times in seconds, as 17 quantiles from the shortest to the longest.
_RESPONSE: Final = (42, 74, 90, 103, 114, 125, 136, 148, 160, 173, 188, 204, 224, 249, 284, 345, 603)
_TRAVEL: Final = (88, 153, 186, 212, 236, 258, 281, 305, 330, 357, 387, 421, 462, 514, 587, 711, 1243)
_PLANNING: Final = (138, 241, 293, 334, 371, 407, 443, 481, 520, 563, 610, 664, 729, 810, 924, 1120, 1958)

#: Time to close by colour. Room is left for moving a closing into the day, see :func:`_by_day`.
_TO_CLOSE: Final = (
    tuple(int(h * HOUR) for h in (0.5, 1, 1.5, 2, 2.6, 3.3, 4, 5, 6, 7.5, 9, 12, 17, 22, 29, 41, 56)),
    tuple(
        int(d * DAY) for d in (3.3, 3.8, 4.3, 5, 5.6, 6.2, 7, 7.8, 8.6, 9.6, 11, 12.5, 14, 16, 18.5, 22, 27)
    ),
    tuple(d * DAY for d in (32, 34, 37, 40, 44, 48, 53, 58, 64, 71, 79, 88, 98, 110, 126, 146, 175)),
    tuple(
        d * DAY for d in (186, 188, 190, 193, 196, 200, 204, 208, 212, 217, 222, 228, 235, 243, 253, 268, 330)
    ),
)

#: Expected colour (thousandths of green, yellow, red, grey) by what it will turn out to be.
_EXPECTED: Final = np.array(
    [(930, 62, 8, 0), (190, 740, 66, 4), (110, 190, 680, 20), (70, 130, 350, 450)], dtype=np.int64
)
#: Ratings 1 … 5 by actual colour; a slow courtyard is rated as if it were one colour worse.
_RATINGS: Final = np.array(
    [(15, 35, 100, 450, 400), (40, 90, 200, 450, 220), (80, 160, 260, 380, 120), (180, 280, 300, 200, 40)],
    dtype=np.int64,
)
#: Thousandths that call it solved, by rating (0 = none given).
_SOLVED: Final = np.array((910, 120, 420, 900, 965, 985), dtype=np.int64)
#: Thousandths that are promised a date, by actual colour.
_PROMISED: Final = np.array((40, 330, 420, 200), dtype=np.int64)

_HAPPENINGS: Final = (
    "accepted", "dispatched", "entered", "responded", "arrived", "planned", "resolved", "followed_up", "reopened",
)  # fmt: skip

_BY_HAND: Final = tuple(CHANNELS.index(c) for c in ("电话", "走访", "议事会"))


def handle(
    asked: pd.DataFrame,
    community: Community,
    draws: Draws,
    *,
    fate: Ints | None = None,
    colourless: int = 12,
) -> pd.DataFrame:
    """Each petition of ``asked`` with all that happened to it up to the as-of.

    ``fate`` fixes what each turns out to be (colours 0–3, 4 = still open); without it the category and
    the courtyard decide. ``colourless``: thousandths without an expected colour.
    """
    slowness = np.array([c.slowness for c in community.courtyards], dtype=np.int64)
    gaps = np.array([c.gaps for c in community.courtyards], dtype=np.int64)
    asked = asked.assign(
        slowness=slowness[asked["courtyard"].to_numpy()], gaps=gaps[asked["courtyard"].to_numpy()]
    )
    fated = asked.assign(fate=_fate(asked, draws) if fate is None else fate)
    handled = fated
    for step in (_expect, _register, _respond, _close, _give_up, _follow_up, _promise, _reopen, _forget):
        handled = step(handled, draws)
    if fate is None:
        handled = _neglect(handled, draws)
    colourless_rows = draws.chance(colourless, len(handled))
    handled = handled.assign(expected=handled["expected"].mask(colourless_rows, BLANK))
    return _until_as_of(handled)


def _fate(asked: pd.DataFrame, draws: Draws) -> Ints:
    weights = np.array([c.fate for c in CATEGORIES], dtype=np.int64)[asked["category"].to_numpy()]
    weights[:, 1:] = weights[:, 1:] * asked["slowness"].to_numpy()[:, None] // 100
    return draws.pick_each(weights)


def _trouble(fated: pd.DataFrame) -> Ints:
    """The colour by which the odds go; one that is to stay open is taken for a yellow one."""
    fate = fated["fate"].to_numpy()
    return np.where(fate == OPEN, YELLOW, fate)


def _expect(fated: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """The colour given at intake, mostly the one it will be; handovers grow with the trouble."""
    trouble = _trouble(fated)
    often = np.array([(780, 180, 34, 6), (520, 330, 120, 30), (300, 380, 220, 100), (240, 340, 260, 160)])
    return fated.assign(
        expected=draws.pick_each(_EXPECTED[trouble]), handovers=draws.pick_each(often[trouble])
    )


def _register(handled: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Accepting, dispatching and entering: seconds on the platform; before it, a list typed up later."""
    count = len(handled)
    reported = handled["reported"].to_numpy()
    on_platform = handled["launched"].to_numpy() == 1
    by_hand = np.isin(handled["channel"].to_numpy(), _BY_HAND)
    accepted = reported + 3 + draws.below(14, count)
    dispatched = accepted + 4 + draws.below(20, count)
    typed = reported + np.where(by_hand, 2 * MINUTE + draws.below(3 * HOUR, count), 1 + draws.below(3, count))
    listed = (reported // DAY + 1 + draws.below(6, count)) * DAY + 9 * HOUR + draws.below(8 * HOUR, count)
    return handled.assign(
        accepted=np.where(on_platform, accepted, BLANK),
        dispatched=np.where(on_platform, dispatched, BLANK),
        entered=np.where(on_platform, typed, listed),
    )


def _respond(handled: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Response, arrival and plan one after the other; slower at night, at noon and before the launch."""
    count = len(handled)
    reported = handled["reported"].to_numpy()
    hour = reported % DAY // HOUR
    pace = np.select([(hour < 7) | (hour >= 22), (hour == 12) | (hour == 13)], [175, 118], 96)
    pace = pace * handled["slowness"].to_numpy() // 100
    pace = np.where(handled["launched"].to_numpy() == 1, pace, pace * 135 // 100)
    responded = reported + draws.spread(_RESPONSE, count) * pace // 100
    by_hand = np.isin(handled["channel"].to_numpy(), _BY_HAND) & draws.chance(400, count)
    responded = np.where(by_hand, (responded + MINUTE // 2) // MINUTE * MINUTE, responded)
    responded = np.maximum(responded, handled["dispatched"].to_numpy() + 1)
    visit = draws.chance(np.array([c.visit for c in CATEGORIES])[handled["category"].to_numpy()], count)
    arrived = np.where(visit, responded + draws.spread(_TRAVEL, count) * pace // 100, BLANK)
    planned = np.maximum(responded, arrived) + draws.spread(_PLANNING, count) * pace // 100
    needs_visit = np.where(draws.chance(80, count) & visit, BLANK, visit.astype(np.int64))
    return handled.assign(responded=responded, arrived=arrived, planned=planned, needs_visit=needs_visit)


def _close(handled: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    count = len(handled)
    fate = handled["fate"].to_numpy()
    lasting = np.select([fate == c for c in range(4)], [draws.spread(q, count) for q in _TO_CLOSE], BLANK)
    closing = _by_day(handled["reported"].to_numpy() + lasting, lasting > 3 * HOUR, draws)
    closing = np.maximum(closing, handled["planned"].to_numpy() + 5 * MINUTE)
    return handled.assign(resolved=np.where(fate == OPEN, BLANK, closing))


def _by_day(closing: Ints, movable: np.ndarray, draws: Draws) -> Ints:
    """Moves closings between 21:00 and 08:00 to the morning, by at most 14 hours."""
    clock = closing % DAY
    morning = np.where(clock >= 21 * HOUR, DAY - clock, -clock) + 8 * HOUR + draws.below(3 * HOUR, len(clock))
    outside = ((clock >= 21 * HOUR) | (clock < 8 * HOUR)) & movable
    return np.where(outside, closing + morning, closing)


def _give_up(handled: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Half of the grey ones are marked unsolvable: half of those closed as such, half left standing."""
    count = len(handled)
    reported = handled["reported"].to_numpy()
    hopeless = (handled["fate"].to_numpy() == GREY) & draws.chance(500, count) & (reported < AS_OF - 70 * DAY)
    closed = _by_day(reported + 5 * DAY + draws.below(55 * DAY, count), np.ones(count, dtype=bool), draws)
    resolved = np.where(draws.chance(500, count), closed, BLANK)
    return handled.assign(
        unsolvable=hopeless.astype(np.int64),
        resolved=np.where(hopeless, resolved, handled["resolved"].to_numpy()),
    )


def _follow_up(handled: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """A call after closing, or for what takes long an interim one within three days of the report."""
    count = len(handled)
    reported, resolved = handled["reported"].to_numpy(), handled["resolved"].to_numpy()
    long = (resolved == BLANK) | (resolved > reported + 60 * HOUR)
    interim = long & draws.chance(450, count)
    called = _by_day(resolved + HOUR + draws.below(13 * HOUR, count), np.ones(count, dtype=bool), draws)
    early = reported + DAY + draws.below(44 * HOUR, count)
    done = draws.chance(np.clip(1010 - handled["slowness"].to_numpy(), 500, 980), count)
    followed_up = np.select([~done, interim, resolved == BLANK], [BLANK, early, BLANK], called)
    final = (followed_up != BLANK) & ~interim
    rated = final & draws.chance(730, count)
    worse = (handled["slowness"].to_numpy() > 130).astype(np.int64)
    rating = 1 + draws.pick_each(_RATINGS[np.minimum(_trouble(handled) + worse, GREY)])
    satisfaction = np.where(rated, rating, 0)
    says = np.where(
        draws.chance(_SOLVED[satisfaction], count) & (handled["unsolvable"].to_numpy() == 0), 1, 0
    )
    return handled.assign(
        followed_up=followed_up,
        interim=interim.astype(np.int64),
        satisfaction=satisfaction,
        solved=np.where(final & draws.chance(870, count), says, BLANK),
        note=draws.below(1 << 16, count),
    )


def _promise(handled: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Some are promised a date (without time of day) or a time, now and then kept, now and then not."""
    count = len(handled)
    trouble = _trouble(handled)
    span = np.array([2, 12, 60, 150], dtype=np.int64)[trouble]
    day = handled["reported"].to_numpy() // DAY + 1 + draws.below(span, count) + span // 2
    by_date = draws.chance(750, count)
    promised = day * DAY + np.where(by_date, 0, 18 * HOUR)
    given = draws.chance(_PROMISED[trouble], count)
    return handled.assign(
        promised=np.where(given, promised, BLANK), promised_date=(given & by_date).astype(np.int64)
    )


def _reopen(handled: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    count = len(handled)
    reported = handled["reported"].to_numpy()
    end = np.where(handled["resolved"].to_numpy() == BLANK, AS_OF, handled["resolved"].to_numpy())
    lasting = end - reported
    opened = reported + lasting * (40 + draws.below(50, count)) // 100
    again = (lasting > 2 * DAY) & draws.chance(60, count)
    return handled.assign(reopened=np.where(again, opened, BLANK))


def _forget(handled: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Leaves milestones blank that happened but that nobody wrote down, most of all before the launch."""
    count = len(handled)
    gaps = handled["gaps"].to_numpy() + np.where(handled["launched"].to_numpy() == 1, 0, 70)
    lost = {
        name: handled[name].mask(draws.chance(gaps, count), BLANK)
        for name in ("responded", "arrived", "planned")
    }
    return handled.assign(**lost)


def _neglect(handled: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """A few of the last 60 days that nobody has touched."""
    recent = handled["reported"].to_numpy() > AS_OF - 60 * DAY
    untouched = recent & draws.chance(handled["slowness"].to_numpy() // 2, len(handled))
    nothing = ("responded", "arrived", "planned", "resolved", "followed_up", "reopened")
    return handled.assign(**{name: handled[name].mask(untouched, BLANK) for name in nothing})


def _until_as_of(handled: pd.DataFrame) -> pd.DataFrame:
    """What would only happen after the as-of has not happened; promises are kept as given."""
    known = {name: handled[name].mask(handled[name] > AS_OF, BLANK) for name in _HAPPENINGS}
    early = known["followed_up"] == BLANK
    return handled.assign(
        **known,
        satisfaction=handled["satisfaction"].mask(early, 0),
        solved=handled["solved"].mask(early, BLANK),
        closed=(known["resolved"] != BLANK).astype(np.int64),
    )
