"""Intervals against published values, by definition, and in the corners."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.intervals import poisson_exact, rate_ratio_exact, wilson

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "statistics" / "wilson_expected.json"


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_newcombe_gives_it(successes: int, trials: int, lower: float, upper: float) -> None:
    assert wilson(successes, trials) == pytest.approx((lower, upper), abs=5e-5)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="published values are not at hand")
def test_wilson_as_r_gives_it() -> None:
    data = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    for case in data["cases_a"] + data["cases_b"]:
        assert wilson(case["x"], case["n"]) == pytest.approx(tuple(np.clip(case["wilson"], 0, 1)), abs=6e-7)


def test_wilson_of_nothing_is_unknown_and_ends_are_exact() -> None:
    lower, upper = wilson([0, 0, 5, np.nan], [0, 9, 5, 5])
    assert np.isnan(lower[[0, 3]]).all()
    assert np.isnan(upper[[0, 3]]).all()
    assert (lower[1], upper[2]) == (0.0, 1.0)
    assert all(math.isnan(end) for end in wilson(0, 0))


def test_wilson_with_another_level() -> None:
    assert wilson(8, 10, 0.8)[0] > wilson(8, 10)[0] > wilson(8, 10, 0.998)[0]


@pytest.mark.parametrize(("successes", "trials"), [(-1, 5), (6, 5), (0, -1)])
def test_impossible_counts_are_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match=r"negative|more"):
        wilson(successes, trials)


@settings(deadline=None)
@given(st.integers(0, 500), st.integers(0, 500))
def test_wilson_contains_the_share_and_mirrors(successes: int, others: int) -> None:
    trials = successes + others
    lower, upper = wilson(successes, trials)
    if trials:
        assert 0 <= lower <= successes / trials <= upper <= 1
        mirrored = wilson(others, trials)
        assert (1 - mirrored.upper, 1 - mirrored.lower) == pytest.approx((lower, upper))


@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    [
        (0, 0, 3.689),
        (1, 0.0253, 5.572),
        (10, 4.795, 18.39),
        (20, 12.22, 30.89),
    ],  # Garwood, Biometrika 28 (1936)
)
def test_poisson_as_garwood_gives_it(count: int, lower: float, upper: float) -> None:
    assert poisson_exact(count) == pytest.approx((lower, upper), rel=5e-4, abs=5e-5)


def test_poisson_rate_scales_with_exposure() -> None:
    lower, upper = poisson_exact([10, 10, 10, np.nan], [1, 100, 0, 1])
    assert lower[1] == pytest.approx(lower[0] / 100)
    assert upper[1] == pytest.approx(upper[0] / 100)
    assert np.isnan(lower[2:]).all()
    assert np.isnan(upper[2:]).all()


def test_twelve_before_and_six_after_may_be_chance() -> None:
    ratio, lower, upper = rate_ratio_exact(6, 12, 30, 30)
    assert ratio == 0.5
    assert (round(lower, 2), round(upper, 2)) == (0.15, 1.44)


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.1, 100), st.floats(0.1, 100))
def test_ratio_turns_over_with_before_and_after(after: int, before: int, one: float, other: float) -> None:
    ratio, lower, upper = rate_ratio_exact(after, before, one, other)
    _turned, low, high = rate_ratio_exact(before, after, other, one)
    assert not ratio < lower
    assert not ratio > upper
    if after and before:
        assert (1 / high, 1 / low) == pytest.approx((lower, upper), rel=1e-6)


def test_ratio_ends_are_the_exact_tails() -> None:
    """At the lower end, seeing 6 or more of 18 after the launch has probability 2.5 %; at the upper, 6 or fewer."""
    _ratio, lower, upper = rate_ratio_exact(6, 12, 300, 420)

    def share(ratio: float) -> float:
        return ratio * 300 / (ratio * 300 + 420)

    def tail(ks: range, p: float) -> float:
        return sum(math.comb(18, k) * p**k * (1 - p) ** (18 - k) for k in ks)

    assert tail(range(6, 19), share(lower)) == pytest.approx(0.025)
    assert tail(range(7), share(upper)) == pytest.approx(0.025)


def test_ratio_with_nothing_on_one_side() -> None:
    ratio, lower, upper = rate_ratio_exact([5, 0, 0, 5], [0, 5, 0, 5], [1, 1, 1, 0], 1)
    np.testing.assert_array_equal(ratio, [np.nan, 0, np.nan, np.nan])
    assert lower[0] > 0
    np.testing.assert_array_equal(lower[1:], [0, 0, np.nan])
    np.testing.assert_array_equal(upper[[0, 2, 3]], [np.inf, np.inf, np.nan])
    assert 0 < upper[1] < 1.1


def test_wilson_loads_no_statistics_library() -> None:
    check = "import sys; from analytics.intervals import wilson; wilson(1, 2, 0.9); sys.exit('scipy' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", check], cwd=Path(__file__).parents[1], check=False).returncode
        == 0
    )
