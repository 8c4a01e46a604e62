"""Raw tables written in a test, so that the checks can be tried without a file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics import intake
from analytics.intake.layouts import Layout
from analytics.intake.result import Intake
from analytics.intake.tables import RawTable

NOW = pd.Timestamp("2024-07-01 12:00")


def text_table(*lines: str) -> RawTable:
    """A CSV's raw table: lines with cells parted by | (blank lines of a file are left out by the reader)."""
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    width = max(map(len, cells))
    frame = pd.DataFrame([row + [""] * (width - len(row)) for row in cells], dtype="str")
    return _table(frame, "csv")


def sheet_table(*rows: list[object]) -> RawTable:
    """A spreadsheet's raw table: typed cells, None for blank."""
    width = max(map(len, rows))
    frame = pd.DataFrame([(row + [None] * width)[:width] for row in rows], dtype=object)
    return _table(frame, "xlsx")


def take(table: RawTable, kind: str = "petitions", layout: Layout | None = None) -> Intake:
    """Check a raw table as of :data:`NOW`."""
    return intake.read_table(table, "表.csv", kind, now=NOW, sha256="0" * 64, layout=layout)


def codes(taken: Intake) -> list[tuple[int, str, str]]:
    """(row, column, code) of each fault."""
    found = taken.rejected
    return list(zip(found["row"].tolist(), found["column"].tolist(), found["code"].tolist(), strict=True))


def _table(frame: pd.DataFrame, source: str) -> RawTable:
    rows = np.arange(1, len(frame) + 1, dtype=np.int64)
    return RawTable(frame, rows, source, "utf-8" if source == "csv" else None, None, (), ())
