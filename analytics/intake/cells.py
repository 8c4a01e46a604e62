"""What a cell may hold, free of pandas, so that the readers' child process starts quickly."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final


class CellError(str):
    """An error value as the sheet shows it, such as ``#N/A``; a text that merely reads so is a ``str``."""

    __slots__ = ()


#: A formula that no program has calculated yet: the file says how, but not what.
FORMULA_WITHOUT_VALUE: Final = CellError("#FORMULA_WITHOUT_VALUE")

Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | CellError | None


@dataclass(frozen=True)
class SheetInfo:
    """One sheet of a workbook: ``rows`` counts its rows that are not blank (None: hidden, not read)."""

    name: str
    visible: bool
    rows: int | None
