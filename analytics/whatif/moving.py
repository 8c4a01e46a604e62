"""The petitions that make the difference, one line per petition and change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.i18n import mark
from analytics.vocabulary import CLOCKS
from analytics.whatif.lifting import Lift
from analytics.whatif.stage import Stage

#: What can happen to a petition in a scenario.
CHANGES: Final = {
    "left_out": mark("不计入"),
    "state": mark("时钟状态改变"),
    "colour": mark("颜色改变"),
    "resolution": mark("是否按期办结改变"),
    "feedback": mark("应反馈次数改变"),
    "candidate": mark("补到位的候选"),
}
COLUMNS: Final = ("position", "change", "clock", "before", "after")


def moved(rows: pd.DataFrame, staged: Stage, lifts: Sequence[Lift]) -> pd.DataFrame:
    """Petitions of the base that the scenario leaves out, judges otherwise, or might have had in time.

    ``rows``: the base's clocked rows. Columns: ``position`` in them, ``change`` (a key of :data:`CHANGES`),
    ``clock`` (of a state or a candidate, else None), ``before`` and ``after`` (states, outcomes as in
    ``rows``, or 「及时/未及时」 counts of feedback as ``"1/2"``; None where it does not apply). A petition has
    a line for each thing that changes. Merging alone moves nobody.
    """
    parts = [_lines(np.flatnonzero(staged.left_out), "left_out", None, None, None)]
    if staged.data.rows.attrs["policy"] != rows.attrs["policy"]:
        parts += [_recoded(rows, staged, f"{clock}_state", "state", clock) for clock in CLOCKS]
        parts += [_recoded(rows, staged, "outcome", "colour", None)]
        parts += [_recoded(rows, staged, "resolution_state", "resolution", None)]
        parts += [_feedback(rows, staged)]
    parts += [_candidates(staged, one) for one in lifts if one.more]
    found = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(found, ignore_index=True)


def records(rows: pd.DataFrame, lines: pd.DataFrame) -> list[dict[str, Any]]:
    """The lines with id and place of each petition, for JSON; ``position`` is only meant for pages."""
    own = rows.iloc[lines["position"].to_numpy()]
    table = lines.drop(columns="position").astype(object)
    table.insert(0, "case_id", own["case_id"].astype(object).to_numpy())
    table.insert(1, "place", own["place"].astype(object).to_numpy())
    return [
        {str(k): v for k, v in line.items()} for line in table.where(table.notna(), None).to_dict("records")
    ]


def _lines(positions: np.ndarray, change: str, clock: str | None, before: Any, after: Any) -> pd.DataFrame:
    columns = {"change": change, "clock": clock, "before": before, "after": after}
    index = pd.RangeIndex(len(positions))
    # Columns of objects from the start: pandas would look at every word to find out that they are words.
    words = {name: pd.Series(value, index=index, dtype=object) for name, value in columns.items()}
    return pd.DataFrame({"position": positions.astype(np.int64), **words}, index=index)


def _recoded(rows: pd.DataFrame, staged: Stage, column: str, change: str, clock: str | None) -> pd.DataFrame:
    """Petitions whose category of one column differs; both sides have the same categories."""
    before, after = rows[column].cat, staged.data.rows[column].cat
    found = np.flatnonzero(staged.kept & (before.codes.to_numpy() != after.codes.to_numpy()))
    names = np.asarray(before.categories, dtype=object)
    old, new = (names[side.codes.to_numpy()[found]] for side in (before, after))
    return _lines(found, change, clock, old, new)


def _feedback(rows: pd.DataFrame, staged: Stage) -> pd.DataFrame:
    sides = [
        (side["feedback_met"].to_numpy(), side["feedback_missed"].to_numpy())
        for side in (rows, staged.data.rows)
    ]
    (met, missed), (new_met, new_missed) = sides
    found = np.flatnonzero(staged.kept & ((met != new_met) | (missed != new_missed)))
    old, new = ([f"{a}/{b}" for a, b in zip(x[found], y[found], strict=True)] for x, y in sides)
    return _lines(found, "feedback", None, old, new)


def _candidates(staged: Stage, lift: Lift) -> pd.DataFrame:
    rows = staged.data.rows
    here = staged.kept & (rows["place"] == lift.place).to_numpy()
    states = rows[f"{lift.clock}_state"]
    found = np.flatnonzero(here & states.isin(("missed", "unrecorded")).to_numpy())
    return _lines(found, "candidate", lift.clock, states.astype(object).to_numpy()[found], "met")
