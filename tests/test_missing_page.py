"""An address that names no page is answered by a page of our own; every other address has none to spare."""

from __future__ import annotations

import pytest

from ui import frame


@pytest.mark.parametrize(
    ("address", "missing"),
    [
        ("http://localhost:8501/nonsense", "nonsense"),
        ("http://localhost:8501/kanban/%E6%B2%A1%E6%9C%89", "没有"),
        ("http://localhost:8501/supervision", ""),
        ("http://localhost:8501/kanban/overview", ""),
        ("http://localhost:8501/", ""),
        ("http://localhost:8501", ""),
        (None, ""),
    ],
)
def test_only_an_unknown_last_part_is_missing(address, missing):
    assert frame.unknown_page(address) == missing
