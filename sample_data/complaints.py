"""Complaints to the city platform: fewer after the launch, as single complaints or as a monthly table."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sample_data.asking import WEEKDAYS, moments_of_day
from sample_data.draws import Draws, Ints
from sample_data.moments import FIRST_DAY, day_number, day_of, weekday, written
from sample_data.native import Table, content
from sample_data.places import Community, Courtyard
from sample_data.texts import CATEGORIES

#: The full months of a sample; the as-of lies in the first days of the next one.
MONTHS: Final = pd.period_range(FIRST_DAY, periods=24, freq="M")

#: Days of the full months.
_END: Final = day_number(MONTHS[-1].end_time.date()) + 1
#: Days of a month, times ten because rates are written in tenths.
_MONTH: Final = 304


def complain(courtyard: Courtyard, draws: Draws) -> Ints:
    """Moments of a courtyard's complaints in the full months, oldest first."""
    launched = courtyard.launched_on
    launch = _END if launched is None else day_number(launched.replace(day=1))
    before = courtyard.complaints * launch // _MONTH
    after = courtyard.complaints * courtyard.complaints_after * (_END - launch) // (_MONTH * 100)
    days = np.concatenate([_days(0, launch, before, draws), _days(launch, _END, after, draws)])
    return np.sort(moments_of_day(days, draws))


def complaint_table(community: Community, draws: Draws) -> Table:
    """Single complaints of all courtyards, by time within each."""
    moments = [complain(c, draws) for c in community.courtyards]
    courtyard = np.repeat(np.arange(len(moments)), [len(m) for m in moments])
    count = len(courtyard)
    category = draws.pick([c.weights[0 if community.lifts else 1] for c in CATEGORIES], count)
    kinds = np.array([len(c.here) + len(c.plain) for c in CATEGORIES], dtype=np.int64)
    about = content(category, draws.below(kinds[category], count), np.array("", dtype=object))
    names = np.array([c.name for c in community.courtyards], dtype=object)[courtyard]
    return {
        "投诉编号": [f"{community.code}-W{n:05}" for n in range(1, count + 1)],
        "投诉时间": written(np.concatenate(moments)),
        "社区": np.full(count, community.name, dtype=object),
        "院落": names,
        "投诉类别": np.array([c.name for c in CATEGORIES], dtype=object)[category],
        "投诉内容": names + "：" + about + "。",
    }


def complaint_month_table(community: Community, draws: Draws) -> Table:
    """Complaints of each courtyard counted by month; a month without any is written as 0."""
    lines: list[tuple[str, str, str, str]] = []
    for courtyard in community.courtyards:
        days = pd.to_datetime(FIRST_DAY) + pd.to_timedelta(day_of(complain(courtyard, draws)), unit="D")
        counts = days.to_period("M").value_counts()
        lines += [(str(m), community.name, courtyard.name, str(int(counts.get(m, 0)))) for m in MONTHS]
    return dict(zip(("月份", "社区", "院落", "投诉量"), zip(*lines, strict=True), strict=True))


def _days(first: int, end: int, count: int, draws: Draws) -> Ints:
    days = np.arange(first, end)
    return first + draws.pick(WEEKDAYS[weekday(days)], count) if end > first else days
