"""Moments as whole seconds since 1970 on the China wall clock, and how the files write them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sample_data import SAMPLE_AS_OF
from sample_data.draws import Ints

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86_400

#: An unknown moment or answer; every real one of the samples is larger.
BLANK: Final = -1

AS_OF: Final = int(SAMPLE_AS_OF.to_datetime64().astype("datetime64[s]").astype(np.int64))

#: The first day of every sample: two full years before the month that contains the as-of.
FIRST_DAY: Final = date(2022, 7, 1)

_EPOCH: Final = date(1970, 1, 1)
_FIRST: Final = (FIRST_DAY - _EPOCH).days

#: Days of a sample, the last one being the day of the as-of.
DAYS: Final = AS_OF // DAY - _FIRST + 1


def day_number(day: date) -> int:
    """Days from the first day of the samples to ``day``."""
    return (day - FIRST_DAY).days


def at(days: Ints, seconds: Ints | int = 0) -> Ints:
    """Moments from day numbers and seconds of the day."""
    return (days + _FIRST) * DAY + seconds


def day_of(moments: Ints) -> Ints:
    """Day numbers of moments."""
    return moments // DAY - _FIRST


def weekday(days: Ints) -> Ints:
    """Weekdays of day numbers, 0 = Monday."""
    return (days + _FIRST + 3) % 7


@cache
def _day_texts() -> NDArray[Any]:
    """Each day of a sample, and of the promises beyond it, as it is written."""
    return np.array([str(FIRST_DAY + timedelta(n)) for n in range(DAYS + 400)], dtype=object)


@cache
def _clock_texts() -> NDArray[Any]:
    """Each second of a day as it is written, after a space."""
    seconds = range(DAY)
    texts = [f" {s // HOUR:02}:{s // MINUTE % 60:02}:{s % 60:02}" for s in seconds]
    return np.array(texts, dtype=object)


def written(moments: Ints, dates_only: NDArray[np.bool_] | None = None) -> NDArray[Any]:
    """Moments as text, ``2024-06-03 08:05:00``, blank where unknown, the date alone where asked."""
    known = moments != BLANK
    safe = np.where(known, moments, AS_OF)
    text = _day_texts()[day_of(safe)]
    clock = _clock_texts()[safe % DAY]
    if dates_only is not None:
        clock = np.where(dates_only, "", clock)
    return np.where(known, text + clock, "")
