"""One community's petitions from first words to as-of: asked, handled, asked again, with faults."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sample_data.asking import ask, ask_again
from sample_data.draws import Draws, Ints
from sample_data.faults import with_faults
from sample_data.handling import handle
from sample_data.moments import AS_OF, HOUR, MINUTE
from sample_data.places import Community

_REPEATS_PER_MILLE = 50

#: How long before the as-of the newest petitions come in, so that every clock has one still running.
_AGES = np.array([2 * MINUTE + 10, 8 * MINUTE, 22 * MINUTE, 70 * MINUTE, 14 * HOUR], dtype=np.int64)


def petitions(community: Community, count: int, draws: Draws, *, newest: int = 0) -> pd.DataFrame:
    """Exactly ``count`` handled petitions, oldest first, the last ``newest`` (at most 5) just come in."""
    repeats = count * _REPEATS_PER_MILLE // 1000
    asked = ask(community, count - repeats, draws)
    if newest:
        asked = just_come_in(asked, np.argsort(asked["reported"].to_numpy(), kind="stable")[-newest:])
    handled = handle(asked, community, draws)
    again = handle(ask_again(handled, community, repeats, draws), community, draws)
    short = count - len(handled) - len(again)
    rest = handle(ask(community, short, draws), community, draws)
    every = pd.concat([handled, again, rest], ignore_index=True)
    return with_faults(every.sort_values("reported", kind="stable", ignore_index=True), draws)


def just_come_in(asked: pd.DataFrame, rows: Ints) -> pd.DataFrame:
    """``asked`` with the given rows (at most 5) reported minutes or hours before the as-of."""
    reported = asked["reported"].to_numpy().copy()
    reported[rows] = AS_OF - _AGES[: len(rows)]
    return asked.assign(reported=reported)
