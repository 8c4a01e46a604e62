"""One figure from the launch effects of several places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.evaluation import launch_effect as le
from analytics.evaluation.launch_series import verdict
from analytics.evaluation.pooling import pool, pool_series
from tests.launch_cases import noisy

LOGS = st.lists(st.floats(-2, 2), min_size=2, max_size=8)


def test_equal_places_pool_to_themselves_with_the_error_of_the_mean():
    found = pool([np.log(0.5)] * 4, [0.2] * 4)
    assert found.ratio == pytest.approx(0.5)
    assert found.tau2 == 0
    assert found.interval[1] == pytest.approx(0.5 * np.exp(stats.t.ppf(0.975, 3) * 0.1))


def test_places_that_differ_widen_the_interval_by_their_scatter():
    y = np.array([-1.2, -0.2, -1.0, 0.0])
    found = pool(y, [1e-4] * 4)
    reach = stats.t.ppf(0.975, 3) * y.std(ddof=1) / 2
    assert np.log(found.interval[1]) == pytest.approx(y.mean() + reach, rel=1e-4)
    assert found.differ_p < 1e-6


def test_a_sure_place_outweighs_an_unsure_one():
    found = pool([np.log(0.5), np.log(0.9)], [0.05, 1.0])
    assert found.ratio == pytest.approx(0.5, abs=0.01)


def test_one_place_or_none_usable_gives_no_average():
    assert pool([0.1], [0.2]) is None
    assert pool([0.1, np.nan, 0.3], [0.2, 0.1, np.inf]) is None
    assert pool_series([]) is None


@given(LOGS)
def test_the_order_of_places_is_irrelevant_and_the_average_lies_between(logs):
    errors = 0.1 + np.arange(len(logs)) / 10
    found = pool(logs, errors)
    turned = pool(logs[::-1], errors[::-1])
    assert turned.ratio == pytest.approx(found.ratio)
    assert np.exp(min(logs)) * 0.999 <= found.ratio <= np.exp(max(logs)) * 1.001
    assert found.interval[0] <= found.interval80[0] <= found.ratio <= found.interval80[1] <= found.interval[1]


def test_it_reads_the_series_as_they_are_shown():
    several = [le.assess(*noisy(18, 9, ratio=0.5, mean=20, seed=s)).series for s in range(4)]
    found = pool_series(several)
    assert min(s.ratio for s in several) < found.ratio < max(s.ratio for s in several)
    assert verdict(found) == "fell"


@pytest.mark.slow
def test_no_effect_is_seldom_called_a_fall():
    rng = np.random.default_rng(5)
    wrong = 0
    for _run in range(400):
        errors = rng.uniform(0.2, 1.5, 9)
        wrong += verdict(pool(rng.normal(0, errors), errors)) == "fell"
    assert wrong / 400 <= 0.05
