"""月报: the page shows the report's own content, keeps what was rewritten, and freezes it."""

from __future__ import annotations

import pytest

from tests.test_pages import empty_url, said, sample, sample_url, visit

__all__ = ["empty_url", "sample", "sample_url", "visit"]


def test_it_begins_with_the_last_month_that_is_over(visit):
    app = visit("report")
    print(said(app)[:3000])
    assert app.selectbox(key="report").value == "2024-06"
