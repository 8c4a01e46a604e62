"""Faults as real records have them: accepted by the import, shown by the check of data quality."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sample_data.draws import Draws
from sample_data.moments import BLANK, MINUTE

#: Of so many petitions one has each of the four faults.
_ONE_IN: Final = 300


def without_faults(handled: pd.DataFrame) -> pd.DataFrame:
    """The marks of :func:`with_faults`, none set."""
    none = np.zeros(len(handled), dtype=np.int64)
    return handled.assign(placeless=none, response_date=none)


def with_faults(handled: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Gives some petitions one fault each, one in 300 of each kind.

    A response before the report; a response with a date and no time of day; a blank courtyard
    (``placeless``); closed without a time.
    """
    marked = without_faults(handled)
    complete = (marked["closed"] == 1) & (marked["responded"] != BLANK)
    candidates = np.flatnonzero(complete.to_numpy())
    lot = np.argsort(draws.bits(len(candidates)), kind="stable")
    share = len(handled) // _ONE_IN
    early, dated, placeless, timeless = (candidates[lot[k * share : (k + 1) * share]] for k in range(4))
    before = marked["reported"].to_numpy()[early] - (2 + draws.below(9, len(early))) * MINUTE
    columns = {
        name: marked[name].to_numpy().copy()
        for name in ("responded", "response_date", "placeless", "resolved")
    }
    columns["responded"][early] = before
    columns["response_date"][dated] = 1
    columns["placeless"][placeless] = 1
    columns["resolved"][timeless] = BLANK
    return marked.assign(**columns)
