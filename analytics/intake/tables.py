"""Any file as one raw table: every cell as the file has it, with the physical row numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.intake.cells import FORMULA_WITHOUT_VALUE, Cell, CellError, SheetInfo

if TYPE_CHECKING:
    import os

    import numpy as np
    from pandas import DataFrame

    from analytics.intake.result import IntakeWarning

__all__ = ["FORMULA_WITHOUT_VALUE", "Cell", "CellError", "RawTable", "SheetInfo", "read_tables"]


@dataclass(frozen=True)
class RawTable:
    """One sheet or file, heading and title rows included; wholly blank lines are left out.

    ``cells`` has columns 0..k-1 and index 0..n-1; from text files every column is ``str`` with ``""`` for
    blank, from spreadsheets ``object`` with one of :data:`Cell` (None for blank). k is the width of the
    longest line: a line longer than the heading has non-blank cells where the heading is blank.
    ``rows`` gives the physical row of each line, the first row of the file or sheet being 1, blank lines
    counted; a quoted cell over several lines is one row.
    """

    cells: DataFrame
    rows: np.ndarray
    source: str
    encoding: str | None
    sheet: str | None
    sheets: tuple[SheetInfo, ...]
    notes: tuple[IntakeWarning, ...]


def read_tables(source: str | os.PathLike[str] | bytes, name: str, sheet: str | None = None) -> RawTable:
    """Read the file at ``source``, or its bytes, called ``name`` in messages; ``sheet`` names one sheet.

    Raises :class:`~analytics.intake.result.IntakeRefused` with a code and a sentence for anything that is
    not readable as a table or exceeds the limits.
    """
    raise NotImplementedError
