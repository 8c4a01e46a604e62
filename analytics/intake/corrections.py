"""Rejected rows on their way out to be corrected, and back in: the reason stands beside each row.

The two columns that are added in front mean nothing to an import; a file that has them is read without.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from analytics.i18n import gettext as _
from analytics.i18n import mark

if TYPE_CHECKING:
    from analytics.intake.tables import RawTable

ROW: Final = mark("行号")
REASON: Final = mark("未收原因")


def to_correct(raw_rejected: pd.DataFrame, rejected: pd.DataFrame) -> pd.DataFrame:
    """The rejected rows under the source's own headings, after their row numbers and all their reasons."""
    reasons = rejected.groupby("row")["reason"].agg(_("；").join)
    rows = raw_rejected["row"]
    about = pd.DataFrame({_(ROW): rows, _(REASON): [reasons.get(row, "") for row in rows]})
    return pd.concat([about, raw_rejected.drop(columns="row")], axis=1)


def without_reasons(table: RawTable) -> RawTable:
    """A table without the two columns that :func:`to_correct` has put in front; any other one as it is."""
    cells = table.cells
    if cells.shape[1] < 3 or not len(cells):
        return table
    first, second = (str(cells.iat[0, place]).strip() for place in (0, 1))
    if first not in (ROW, _(ROW)) or second not in (REASON, _(REASON)):
        return table
    kept = cells.iloc[:, 2:]
    return replace(table, cells=kept.set_axis(range(kept.shape[1]), axis=1))
