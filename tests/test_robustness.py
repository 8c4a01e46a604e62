"""Placebo launches, months left out, regression to the mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.evaluation import launch_effect as le
from tests.launch_cases import months, noisy


def test_placebo_dates_stay_inside_the_before_period():
    y, index, launch = noisy(18, 9)
    checks = le.assess(y, index, launch).robustness
    assert list(checks.of("placebo")["month"]) == list(index[8:11])
    alone = le.interrupted_series(y[:18], index[:18], index[9])
    assert checks.of("placebo")["ratio"][1] == pytest.approx(alone.ratio)


def test_leaving_out_one_month_is_the_fit_without_it():
    y, index, launch = noisy(18, 9)
    checks = le.assess(y, index, launch).robustness
    left = checks.of("leave_one_out")
    assert len(left) == 27
    without = le.interrupted_series(np.delete(y, 20), index.delete(20), launch)
    assert left["ratio"][20] == pytest.approx(without.ratio, rel=1e-6)
    assert checks.leave_one_out_range == (left["ratio"].min(), left["ratio"].max())
    assert checks.of("without_launch_month")["ratio"][0] == left["ratio"][18]


def test_leaving_out_one_of_24_months_keeps_the_seasons_in_the_model():
    y, index, launch = noisy(14, 10, mean=20)
    found = le.assess(y, index, launch)
    assert found.series.harmonics
    low, high = found.robustness.leave_one_out_range
    assert low <= found.series.ratio <= high


def test_a_verdict_that_hangs_on_single_months_does_not_hold():
    firm = le.assess(*noisy(18, 9, ratio=0.45, mean=30))
    shaky = le.assess(*noisy(18, 9, ratio=0.6, seed=0))
    assert (firm.verdict, firm.robustness.holds) == ("fell", True)
    assert (shaky.verdict, shaky.robustness.holds) == ("fell", False)
    left = shaky.robustness.of("leave_one_out")
    assert (left["verdict"] != "fell").any()
    assert ((left["upper"] < 1) == (left["verdict"] == "fell")).all()


def test_placebo_alarms_are_the_pretended_launches_called_a_change():
    index = months(32)
    fell_early = np.where(np.arange(32) < 10, 40, 15) + np.arange(32) % 3
    checks = le.assess(fell_early, index, index[22]).robustness
    placebo = checks.of("placebo")
    assert checks.placebo_alarms == placebo["verdict"].isin(["fell", "rose"]).sum()
    assert placebo.loc[placebo["month"] == index[10], "verdict"].item() == "fell"


def test_the_worst_of_equal_places_would_fall_back_to_the_mean():
    before = pd.Series([30, 20, 21, 19, 20, 18, 22, 20, 19], index=list("甲乙丙丁戊己庚辛壬"))
    found = le.regression_to_mean(before, pd.Series(1.0, index=before.index), "甲")
    assert (found.places, found.worst, found.rate) == (9, True, 30)
    assert found.expected_rate == pytest.approx(21, abs=0.5)
    assert found.drop == pytest.approx(0.3, abs=0.02)


def test_a_place_that_really_differs_falls_back_little():
    before = pd.Series([300, 100, 110, 90], index=list("abcd"))
    found = le.regression_to_mean(before, pd.Series(1.0, index=before.index), "a")
    assert found.worst
    assert not le.regression_to_mean(before, pd.Series(1.0, index=before.index), "c").worst
    assert 0 < found.drop < 0.02
    assert (
        le.regression_to_mean(before, pd.Series(1.0, index=before.index), "a", dispersion=4).drop > found.drop
    )


def test_two_places_or_none_known_give_no_answer():
    before, ones = pd.Series([3, 1], index=list("ab")), pd.Series(1.0, index=list("ab"))
    assert le.regression_to_mean(before, ones, "a") is None
    before = pd.Series([0, 1, np.nan, 2, 3], index=list("abcde"))
    exposure = pd.Series(1.0, index=before.index)
    assert le.regression_to_mean(before, exposure, "a") is None
    assert le.regression_to_mean(before, exposure, "c") is None


@pytest.mark.slow
def test_regression_to_the_mean_is_as_large_as_chance_makes_it():
    """Worst of 30 equal places: predicted and actual return agree on average."""
    rng = np.random.default_rng(2)
    places = pd.Index(range(30))
    drops, actual = [], []
    for before in rng.poisson(20, (400, 30)):
        worst = int(before.argmax())
        found = le.regression_to_mean(pd.Series(before, index=places), pd.Series(1.0, index=places), worst)
        drops.append(found.drop)
        actual.append(1 - 20 / before[worst])
    assert np.mean(drops) == pytest.approx(np.mean(actual), abs=0.04)
    assert np.mean(actual) > 0.3
