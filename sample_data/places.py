"""The invented places: two pilot communities, and as many others as a large sample needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sample_data.draws import Draws


@dataclass(frozen=True)
class Courtyard:
    """One courtyard and how well it is looked after.

    ``slowness`` is in per cent of the usual times (100 = usual), ``gaps`` the thousandths of
    milestones that nobody wrote down, ``complaints`` the complaints to the city platform before the
    launch, in tenths a month, ``complaints_after`` what is left of them afterwards, in per cent.
    """

    name: str
    households: int
    residents: int
    units: int
    launched_on: date | None
    slowness: int = 100
    gaps: int = 30
    demand: int = 100
    complaints: int = 12
    complaints_after: int = 55


@dataclass(frozen=True)
class Community:
    """One community: its courtyards and what kind of houses they are.

    ``units_per_building`` numbers the buildings; ``lifts`` says whether there are lifts to fail;
    ``first_household`` keeps the invented telephone numbers of two communities apart.
    """

    name: str
    code: str
    courtyards: tuple[Courtyard, ...]
    units_per_building: int
    lifts: bool
    first_household: int = 0

    @property
    def households(self) -> int:
        """Households of all courtyards."""
        return sum(c.households for c in self.courtyards)


TAIJI: Final = Community(
    name="太极社区",
    code="TJ",
    courtyards=(
        Courtyard(
            "丽晶公馆",
            1412,
            4106,
            13,
            date(2023, 9, 1),
            slowness=92,
            gaps=25,
            complaints=120,
            complaints_after=51,
        ),
    ),
    units_per_building=3,
    lifts=True,
)

_WAVES: Final = (date(2023, 3, 6), date(2023, 7, 3), date(2023, 11, 6))

#: 桂湖东路三巷: nine courtyards, 329 households and 756 residents in all; 2号院 does clearly better, 6号院 clearly worse.
GUIDONG: Final = Community(
    name="桂东社区",
    code="GD",
    courtyards=(
        Courtyard("1号院", 48, 112, 4, _WAVES[1], slowness=100, complaints=14),
        Courtyard("2号院", 42, 95, 3, _WAVES[0], slowness=64, gaps=8, complaints=12, complaints_after=35),
        Courtyard("3号院", 36, 84, 3, _WAVES[2], slowness=98, complaints=11),
        Courtyard("4号院", 55, 128, 4, _WAVES[1], slowness=103, complaints=17),
        Courtyard("5号院", 24, 53, 2, _WAVES[0], slowness=95, demand=110, complaints=8),
        Courtyard(
            "6号院",
            46,
            108,
            4,
            _WAVES[2],
            slowness=152,
            gaps=70,
            demand=125,
            complaints=19,
            complaints_after=80,
        ),
        Courtyard("7号院", 18, 40, 2, _WAVES[2], slowness=96, complaints=7),
        Courtyard("8号院", 33, 77, 3, _WAVES[0], slowness=102, complaints=10),
        Courtyard("9号院", 27, 59, 2, _WAVES[1], slowness=105, complaints=9),
    ),
    units_per_building=2,
    lifts=False,
    first_household=2000,
)

#: Petitions for each courtyard of a large sample, and courtyards for each of its communities.
PETITIONS_PER_COURTYARD: Final = 2000
COURTYARDS_PER_COMMUNITY: Final = 9

_LAUNCHES: Final = (
    *(date(2023, month, 1) for month in range(2, 12)),
    date(2024, 1, 1),
    None,
)


def invented(petitions: int, draws: Draws) -> Iterator[Community]:
    """The communities of a sample of ``petitions``: a courtyard for each 2,000, at least nine.

    One courtyard in twelve is clearly slower, one clearly quicker, one has never been launched.
    """
    total = max(COURTYARDS_PER_COMMUNITY, petitions // PETITIONS_PER_COURTYARD)
    first_household = 10_000
    for number, start in enumerate(range(0, total, COURTYARDS_PER_COMMUNITY), start=1):
        count = min(COURTYARDS_PER_COMMUNITY, total - start)
        courtyards = tuple(_courtyard(n, draws) for n in range(1, count + 1))
        community = Community(
            name=f"示例{number:03}社区",
            code=f"SL{number:03}",
            courtyards=courtyards,
            units_per_building=3,
            lifts=number % 2 == 1,
            first_household=first_household,
        )
        first_household += community.households
        yield community


def _courtyard(number: int, draws: Draws) -> Courtyard:
    size, people, pace, launch, after = (int(n) for n in draws.bits(5))
    households = 120 + size % 1081
    slowness = np.array([60, 90, 92, 94, 96, 98, 100, 102, 104, 106, 110, 165])[pace % 12]
    return Courtyard(
        name=f"{number}号院",
        households=households,
        residents=households * (210 + people % 90) // 100,
        units=max(1, households // 36),
        launched_on=_LAUNCHES[launch % len(_LAUNCHES)],
        slowness=int(slowness),
        gaps=int(slowness) // 3,
        complaints=households // 10,
        complaints_after=40 + after % 35,
    )
