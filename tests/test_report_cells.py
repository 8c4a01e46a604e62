"""Widths of a table's columns: what is short stays whole, what is long is broken."""

from __future__ import annotations

import pytest

from analytics.report.cells import layout
from analytics.report.model import Column, Table


def arranged(*row, width=160.0):
    table = Table("t", "", tuple(Column("列") for _cell in row), (row,))
    return layout(table, [list(row)], width, 8)


def test_a_table_with_room_keeps_its_size_and_gives_each_column_what_it_needs():
    shares, size = arranged("短", "八个字的院落名字")
    assert size == 8
    assert shares == [pytest.approx(6 / 24), pytest.approx(18 / 24)]


def test_the_longest_name_gives_way_and_the_number_stays_whole():
    shares, size = arranged("GD-000536", "很长的院落名字" * 5)
    assert size == 6
    assert shares[0] * 160 >= len("GD-000536") * size / 2  # points


def test_a_date_has_the_quarter_spaces_between_its_figures_and_signs():
    (date, other), _size = arranged("2月15日", "1234567")
    assert date > other
