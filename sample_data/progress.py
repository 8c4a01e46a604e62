"""Progress reports, owed while a petition is red or grey; some come late, some never."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from sample_data.draws import Draws, Ints
from sample_data.handling import GREY, RED
from sample_data.moments import AS_OF, BLANK, DAY, HOUR, written
from sample_data.native import Table
from sample_data.texts import HANDLERS, PROGRESS_NOTES

#: Days between two reports of a red and of a grey petition.
_RED_EVERY: Final = 14
_GREY_EVERY: Final = 30
#: Days after which an open petition owes reports whatever was expected of it, and turns grey.
_RED_FROM: Final = 31
_GREY_FROM: Final = 183


def progress_table(handled: pd.DataFrame, case_ids: Sequence[str], draws: Draws) -> Table:
    """The reports of ``handled``, petition by petition; ``case_ids`` in the same order."""
    row, moment = _reports(handled, draws)
    handler = handled["handler"].to_numpy()[row]
    note = draws.below(len(PROGRESS_NOTES), len(row))
    return {
        "诉求编号": np.array(case_ids, dtype=object)[row],
        "反馈时间": written(moment),
        "反馈内容": np.array(PROGRESS_NOTES, dtype=object)[note],
        "反馈人": np.array(HANDLERS, dtype=object)[handler],
    }


def _reports(handled: pd.DataFrame, draws: Draws) -> tuple[Ints, Ints]:
    """Row and moment of every report that was given, one round of due dates after the other."""
    reported = handled["reported"].to_numpy()
    due, end, every = _owed(handled)
    rows, moments = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    owing = np.flatnonzero(due < end)
    while len(owing):
        count = len(owing)
        late = np.where(draws.chance(150, count), 2 * DAY + draws.below(6 * DAY, count), 0)
        day = (due[owing] - DAY - draws.below(2 * DAY, count) + late) // DAY
        told = day * DAY + 9 * HOUR + draws.below(8 * HOUR, count)
        given = (told > reported[owing]) & (told < end[owing]) & ~draws.chance(120, count)
        rows.append(owing[given])
        moments.append(told[given])
        due[owing] = np.where(given, told, due[owing]) + every[owing]
        owing = owing[due[owing] < end[owing]]
    row, moment = np.concatenate(rows), np.concatenate(moments)
    order = np.lexsort((moment, row))
    return row[order], moment[order]


def _owed(handled: pd.DataFrame) -> tuple[Ints, Ints, Ints]:
    """First due moment, end of the obligation and seconds between two reports, one of each per row."""
    expected = handled["expected"].to_numpy()
    reported, resolved = handled["reported"].to_numpy(), handled["resolved"].to_numpy()
    still_open = np.where(handled["closed"].to_numpy() == 1, reported, AS_OF)
    end = np.where(resolved == BLANK, still_open, resolved)
    at_once = (expected == RED) | (expected == GREY)
    start = np.where(at_once, reported, reported + _RED_FROM * DAY)
    slow = (expected == GREY) | (end - reported > _GREY_FROM * DAY)
    every = np.where(slow, _GREY_EVERY, _RED_EVERY) * DAY
    return start + every, end, every
