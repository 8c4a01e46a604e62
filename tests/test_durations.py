"""Quantiles of recorded seconds: those of NumPy, whatever is chosen and however many there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import durations
from analytics.durations import Durations, quantiles
from analytics.frame import NA

SHARES = (0.0, 0.5, 0.9, 1.0)


def drawn(seed, size, longest=2_000):
    """Seconds of ``size`` petitions (one in five blank, many of them the same) in 3 places × 4 months."""
    rng = np.random.default_rng(seed)
    seconds = rng.integers(0, longest, size).astype(np.int32)
    seconds[rng.random(size) < 0.3] = 300
    seconds[rng.random(size) < 0.2] = NA
    return seconds, rng.integers(0, 12, size).astype(np.int32)


def test_the_median_of_an_even_number_lies_between_the_middle_two():
    count, (median, p90) = quantiles(np.array([60, NA, 120], dtype=np.int32), (0.5, 0.9))
    assert (count, median, p90) == (2, 90, pytest.approx(114))


def test_without_any_there_is_no_quantile():
    for none in (np.zeros(0, dtype=np.int32), np.full(5, NA)):
        count, found = quantiles(none, SHARES)
        assert count == 0
        assert np.isnan(found).all()


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 400),
    st.sets(st.integers(0, 2)),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_of_any_places_and_months_they_are_the_quantiles_of_those_petitions(seed, size, places, first, last):
    first, last = sorted((first, last))
    seconds, cell = drawn(seed, size)
    clocks = {"response": seconds, "arrival": np.full(size, NA), "plan": drawn(seed + 1, size, 90)[0]}
    chosen = np.array(sorted(places), dtype=np.int64)
    found = Durations(clocks, cell, 3, 4).quantiles(SHARES, chosen, first, last)
    inside = np.isin(cell % 3, chosen) & (cell // 3 >= first) & (cell // 3 < last)
    for clock, (count, values) in found.items():
        wanted = clocks[clock][inside & (clocks[clock] != NA)]
        assert count == len(wanted)
        expected = np.quantile(wanted, SHARES) if count else np.full(len(SHARES), np.nan)
        assert values == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("longest", [2_000, 400_000, 5_000_000])
def test_counting_second_by_second_and_sorting_agree(monkeypatch, longest):
    seconds, _cell = drawn(1, 5_000, longest)
    sorted_ones = quantiles(seconds, (0.5, 0.9))
    monkeypatch.setattr(durations, "_MANY", 1)
    monkeypatch.setattr(durations, "_SAMPLE", 100)
    counted = quantiles(seconds, (0.5, 0.9))
    assert counted[0] == sorted_ones[0]
    assert counted[1] == pytest.approx(sorted_ones[1])
    assert counted[1] == pytest.approx(np.quantile(seconds[seconds != NA], (0.5, 0.9)))
