"""The committed files: 太极社区 · 丽晶公馆 with its seed figures, and 桂东社区 · 桂湖东路三巷."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from sample_data.asking import ask
from sample_data.complaints import complaint_month_table, complaint_table
from sample_data.draws import Draws
from sample_data.faults import without_faults
from sample_data.handling import GREEN, GREY, OPEN, RED, YELLOW, handle
from sample_data.moments import DAYS, day_number
from sample_data.native import Table, courtyard_table, numbered, petition_table, write
from sample_data.petitions import just_come_in, petitions
from sample_data.places import GUIDONG, TAIJI
from sample_data.progress import progress_table
from sample_data.try_import import TRY_IMPORT

#: The seed figures of 丽晶公馆: 82 closed petitions by the colour they turned out to be.
SEED_FIGURES: Final = {"green": 55, "yellow": 15, "red": 12}

#: The generator's own additions to them have case ids of their own.
ADDED_PREFIX: Final = "TJB"

#: What each petition of 丽晶公馆 turns out to be: (fate, how many, reported at least so many days ago).
_FATES: Final = (
    (GREEN, SEED_FIGURES["green"], 5),
    (YELLOW, SEED_FIGURES["yellow"], 30),
    (RED, SEED_FIGURES["red"], 180),
    (GREY, 4, 250),
    (OPEN, 6, 1),
)
_GUIDONG_PETITIONS: Final = 600


def committed(seed: int) -> dict[str, Table]:
    """Every committed file by name. Each part has a stream of its own, so that one can change alone."""
    taiji = _taiji(Draws(seed, 1))
    guidong = petitions(GUIDONG, _GUIDONG_PETITIONS, Draws(seed, 2), newest=5)
    taiji_ids, guidong_ids = _taiji_ids(taiji), numbered(GUIDONG.code, len(guidong))
    taiji_reports = progress_table(taiji, taiji_ids, Draws(seed, 3))
    guidong_reports = progress_table(guidong, guidong_ids, Draws(seed, 4))
    return {
        "courtyards.csv": courtyard_table((TAIJI, GUIDONG)),
        "petitions_taiji.csv": petition_table(taiji, TAIJI, taiji_ids),
        "petitions_guidong.csv": petition_table(guidong, GUIDONG, guidong_ids),
        "progress.csv": {k: [*taiji_reports[k], *guidong_reports[k]] for k in taiji_reports},
        "complaints_taiji.csv": complaint_table(TAIJI, Draws(seed, 5)),
        "complaint_months_guidong.csv": complaint_month_table(GUIDONG, Draws(seed, 6)),
        "try_import.csv": TRY_IMPORT,
    }


def write_committed(folder: Path, seed: int) -> None:
    """Writes every committed file into ``folder``, replacing what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in committed(seed).items():
        write(folder / name, table)


def _taiji(draws: Draws) -> pd.DataFrame:
    counts = [count for _fate, count, _days in _FATES]
    fate = np.repeat(np.array([f for f, _count, _days in _FATES], dtype=np.int64), counts)
    latest = np.repeat(np.array([DAYS - 1 - days for *_f, days in _FATES], dtype=np.int64), counts)
    launched_on = TAIJI.courtyards[0].launched_on
    earliest = 0 if launched_on is None else day_number(launched_on)
    asked = ask(TAIJI, len(fate), draws, earliest=earliest, latest=latest)
    asked = just_come_in(asked, np.flatnonzero(fate == OPEN)[:2])
    handled = handle(asked, TAIJI, draws, fate=fate, colourless=0)
    return without_faults(handled).sort_values("reported", kind="stable", ignore_index=True)


def _taiji_ids(taiji: pd.DataFrame) -> list[str]:
    """``TJ-…`` for the 82, ``TJB-…`` for what the generator adds."""
    added = taiji["fate"].isin((GREY, OPEN)).to_numpy()
    case_ids = np.empty(len(taiji), dtype=object)
    case_ids[~added] = numbered(TAIJI.code, int((~added).sum()))
    case_ids[added] = numbered(ADDED_PREFIX, int(added.sum()))
    return [str(case_id) for case_id in case_ids]
