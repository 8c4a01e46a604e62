"""A short version of :mod:`tests.fuzz`, which goes on for as long as one likes."""

from __future__ import annotations

from collections import Counter

from tests.fuzz import Tally, as_xlsx, bytes_and_tables, through


def test_arbitrary_files_are_imported_or_refused() -> None:
    any_bytes, any_table = bytes_and_tables(15, tally := Tally(Counter()))
    any_bytes()
    any_table()
    assert sum(tally.outcomes.values()) >= 20


def test_a_good_table_gets_through() -> None:
    """So that the run is no row of refusals."""
    tally = Tally(Counter())
    table = [["诉求编号", "上报时间", "院落"], ["1", "2024-06-03 08:05", "甲"], ["2", "昨天", "甲"]]
    through(as_xlsx(table), "x.xlsx", "petitions", tally)
    assert tally.outcomes == {"stored": 1}
