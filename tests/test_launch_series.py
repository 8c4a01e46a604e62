"""The interrupted series: published data, an independent fit, verdicts, coverage by simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.evaluation import launch_effect as le
from analytics.evaluation.launch_series import estimate, fit_series
from analytics.evaluation.monthly import tidy
from tests.launch_cases import months, noisy, within

# Acute coronary episodes in Sicily per month, January 2002 to November 2006, with the age-standardised
# population; smoking ban from January 2005. Lopez Bernal, Cummins & Gasparrini (2017), Int J Epidemiol
# 46:348-355, supplementary data.
SICILY_COUNTS = [
    728, 659, 791, 734, 757, 726, 760, 740, 720, 814, 795, 858, 887, 766, 851, 769, 781, 756, 766, 752, 765,
    831, 879, 928, 914, 808, 937, 840, 916, 828, 845, 818, 860, 839, 887, 886, 831, 796, 833, 820, 877, 758,
    767, 738, 781, 843, 850, 908, 1021, 859, 976, 888, 962, 838, 810, 876, 843, 936, 912,
]  # fmt: skip
SICILY_POPULATION = [
    379875.3, 376495.5, 377040.8, 377116.4, 377383.4, 374113.1, 379513.3, 376295.5, 374653.2, 378485.6,
    375955.5, 378349.7, 376762.4, 379032.3, 379360.4, 376162.0, 377972.4, 381830.7, 379888.6, 380872.2,
    380966.9, 381240.4, 382104.9, 381802.7, 381656.3, 383680.0, 383504.2, 386462.9, 383783.1, 380836.8,
    383483.0, 380906.2, 382926.8, 384052.4, 384449.6, 383428.4, 388153.2, 388373.2, 386470.1, 386033.2,
    383686.4, 385509.3, 385901.9, 386516.6, 388436.5, 383255.2, 390148.7, 385874.9, 391613.6, 391750.4,
    394005.6, 391364.9, 391664.6, 389022.3, 391878.5, 388575.3, 392989.0, 390018.8, 390712.3,
]  # fmt: skip
SICILY_MONTHS = pd.period_range("2002-01", periods=59, freq="M")


def test_sicilian_smoking_ban_as_published():
    """Published: relative risk 0.885 (0.839 to 0.933), seasonally adjusted quasi-Poisson (normal quantiles)."""
    series = le.interrupted_series(SICILY_COUNTS, SICILY_MONTHS, pd.Period("2005-01"), SICILY_POPULATION)
    assert round(series.ratio, 3) == 0.885
    assert series.harmonics
    # t with 52 degrees of freedom in place of the normal quantile
    published = np.log([0.839, 0.933])
    reach = (published[1] - published[0]) / 2 * 2.0066 / 1.95996
    assert np.log(series.interval) == pytest.approx([np.log(0.885) - reach, np.log(0.885) + reach], abs=0.001)
    assert le.verdict(series) == "fell"
    assert series.dispersion == pytest.approx(2.262, abs=0.001)


def quasi_poisson(y, design, offset):
    """The fit of statsmodels; returns coefficients, covariance, fitted, dispersion."""
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    found = GLM(y, design, family=Poisson(), offset=offset).fit(scale="X2")
    return found.params, found.cov_params(), found.mu, found.scale


def test_series_agrees_with_statsmodels_also_across_gaps():
    y, index, launch = noisy(20, 14)
    kept = ~np.isin(np.arange(34), [3, 4, 22])
    series = le.interrupted_series(y[kept], index[kept], launch)
    t = np.arange(34)[kept]
    season = [f(2 * np.pi * t / p) for p in (12, 6) for f in (np.sin, np.cos)]
    design = np.column_stack([np.ones(len(t)), t, t >= 20, *season]).astype(float)
    days = np.log(index.days_in_month[kept].to_numpy(dtype=float))
    beta, covariance, mu, phi = quasi_poisson(y[kept], design, days)
    assert series.ratio == pytest.approx(np.exp(beta[2]), rel=1e-6)
    assert series.dispersion == pytest.approx(phi, rel=1e-6)
    reach = 2.0639 * np.sqrt(covariance[2, 2])  # t, 24 degrees of freedom
    assert np.log(series.interval) == pytest.approx([beta[2] - reach, beta[2] + reach], abs=1e-4)
    assert series.counterfactual["fitted"].to_numpy() == pytest.approx(mu, rel=1e-6)
    without = design.copy()
    without[:, 2] = 0
    line = without @ beta + days
    assert series.counterfactual["expected"].to_numpy() == pytest.approx(np.exp(line), rel=1e-6)
    error = np.sqrt(np.diag(without @ covariance @ without.T))
    assert series.counterfactual["upper"].to_numpy() == pytest.approx(np.exp(line + 2.0639 * error), rel=1e-4)


@pytest.mark.parametrize(("mean", "size"), [(0.8, 24), (6, 16), (40, 60), (90_000, 48)])
def test_few_and_many_complaints_are_fitted_as_by_statsmodels(mean, size):
    rng = np.random.default_rng(size)
    index = months(size)
    y = rng.negative_binomial(4, 4 / (4 + mean), size).astype(float)
    fit = fit_series(tidy(y, index), index[size // 2])
    number = np.arange(size) - size // 2
    season = [f(2 * np.pi * number / p) for p in (12, 6) for f in (np.sin, np.cos)] if size >= 24 else []
    design = np.column_stack([np.ones(size), number, number >= 0, *season]).astype(float)
    beta, covariance, mu, phi = quasi_poisson(y, design, np.log(index.days_in_month.to_numpy(dtype=float)))
    assert fit.coefficients == pytest.approx(beta, rel=1e-7, abs=1e-9)
    assert fit.dispersion == pytest.approx(phi, rel=1e-7)
    assert fit.counterfactual["fitted"].to_numpy() == pytest.approx(mu, rel=1e-7)
    error = np.sqrt(covariance[2, 2])
    assert np.log(fit.interval[1] / fit.interval[0]) / 2 / fit_t(size - design.shape[1]) == pytest.approx(
        error, rel=1e-6
    )


def fit_t(df):
    from scipy.stats import t

    return float(t.ppf(0.975, df))


def test_slope_change_is_the_t_test_of_one_more_term():
    y, index, launch = noisy(12, 10)
    t = np.arange(22)
    design = np.column_stack([np.ones(22), t, t >= 12, np.maximum(t - 12, 0)]).astype(float)
    beta, covariance, *_ = quasi_poisson(y, design, np.log(index.days_in_month.to_numpy(dtype=float)))
    from scipy.stats import t as student

    expected = 2 * student.sf(abs(beta[3]) / np.sqrt(covariance[3, 3]), 18)
    assert le.interrupted_series(y, index, launch).slope_p == pytest.approx(expected, rel=1e-5)


def test_before_the_launch_expected_is_fitted_and_avoided_is_expected_minus_observed():
    series = le.interrupted_series(*noisy(18, 9))
    table = series.counterfactual
    assert list(table.columns) == ["month", "observed", "fitted", "expected", "lower", "upper"]
    assert (table["expected"][:18] == table["fitted"][:18]).all()
    assert series.avoided == pytest.approx((table["expected"] - table["observed"])[18:].sum())
    assert ((table["lower"] < table["expected"]) & (table["expected"] < table["upper"])).all()


def test_the_80_percent_interval_is_by_its_own_t_quantile():
    y, index, launch = noisy(12, 10)
    series = le.interrupted_series(y, index, launch)
    wide, narrow = (np.log(ends[1]) - np.log(ends[0]) for ends in (series.interval, series.interval80))
    assert narrow / wide == pytest.approx(1.3277 / 2.0930, abs=1e-4)  # t with 19 degrees of freedom


def test_nearly_nothing_left_leaves_the_interval_of_the_no_launch_total():
    """Avoided = expected − observed; with 1 of 60 left, only the expected total is uncertain."""
    y, index, launch = noisy(20, 8, mean=30)
    y[20:] = [0, 0, 1, 0, 0, 0, 0, 0]
    series = le.interrupted_series(y, index, launch, np.ones(28))
    t = np.arange(28)
    season = [f(2 * np.pi * t / p) for p in (12, 6) for f in (np.sin, np.cos)]
    design = np.column_stack([np.ones(28), t, t >= 20, *season]).astype(float)
    beta, covariance, *_ = quasi_poisson(y, design, np.zeros(28))
    without = design[20:].copy()
    without[:, 2] = 0
    line = np.exp(without @ beta)
    gradient = line @ without / line.sum()
    reach = 2.0796 * np.sqrt(gradient @ covariance @ gradient)  # t with 21 degrees of freedom
    total = np.array(series.avoided_interval) + 1
    assert np.log(total) == pytest.approx(np.log(line.sum()) + np.array([-reach, reach]), abs=0.02)


def test_harmonics_from_24_months_on():
    assert not le.interrupted_series(*noisy(12, 11)).harmonics
    assert le.interrupted_series(*noisy(12, 12)).harmonics


def test_a_month_without_a_count_is_unknown_not_zero():
    y, index, launch = noisy(12, 9)
    blank = pd.Series(y, dtype="Int64")
    blank[5] = pd.NA
    left_out = np.arange(21) != 5
    with_blank = le.interrupted_series(blank, index, launch)
    assert with_blank.ratio == le.interrupted_series(y[left_out], index[left_out], launch).ratio
    assert len(with_blank.counterfactual) == 20


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=18, max_size=30), st.integers(8, 10), st.randoms())
def test_order_of_rows_and_unit_of_exposure_do_not_matter(counts, before, random):
    index = months(len(counts))
    order = list(range(len(counts)))
    random.shuffle(order)
    one = fit_series(tidy(counts, index), index[before])
    other = fit_series(
        tidy(np.array(counts)[order], index[order], 24 * index.days_in_month[order]), index[before]
    )
    if isinstance(one, str):
        assert one == other
        return
    assert other.ratio == pytest.approx(one.ratio, rel=1e-4)
    assert other.interval == pytest.approx(one.interval, rel=1e-3)
    assert other.avoided == pytest.approx(one.avoided, rel=1e-3, abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=16, max_size=40), st.integers(8, 30))
@example([0, 0, 0, 1, 1, 0, 3, 3, 0, 0, 1, 0, 0, 0, 0, 0], 8)
def test_ratio_and_avoided_never_contradict_each_other(counts, before):
    index = months(len(counts))
    found = fit_series(tidy(counts, index), index[min(before, len(counts) - 8)])
    if isinstance(found, str):
        assert found in le.REASON_LABELS
        return
    tiny = 1e-6
    assert found.avoided_interval[0] - tiny <= found.avoided <= found.avoided_interval[1] + tiny
    if found.dispersion > tiny:
        assert (found.interval[1] < 1 - tiny) <= (found.avoided_interval[0] > 0)
        assert (found.interval[0] > 1 + tiny) <= (found.avoided_interval[1] < 0)
        assert (found.interval[0] < 1 - tiny < 1 + tiny < found.interval[1]) <= (
            found.avoided_interval[0] < 0 < found.avoided_interval[1]
        )


def an_estimate(low, high, low80=0.5, high80=2.0):
    return le.Estimate(1.0, (low, high), (low80, high80), 0.5, ())


@pytest.mark.parametrize(
    ("estimate", "code"),
    [
        (an_estimate(0.4, 0.999, 0.5, 0.9), "fell"),
        (an_estimate(0.4, 1.000, 0.5, 0.9), "perhaps_fell"),
        (an_estimate(0.4, 1.001, 0.5, 0.999), "perhaps_fell"),
        (an_estimate(0.4, 1.001, 0.5, 1.000), "insufficient"),
        (an_estimate(0.999, 2.0, 1.1, 1.9), "insufficient"),
        (an_estimate(1.000, 2.0, 1.1, 1.9), "insufficient"),
        (an_estimate(1.001, 2.0, 1.1, 1.9), "rose"),
        (None, "too_early"),
        ("few_after", "too_early"),
        ("none_after", "none_after"),
        ("singular", "insufficient"),
    ],
)
def test_verdict_from_both_sides_of_every_boundary(estimate, code):
    assert le.verdict(estimate) == code


def test_verdicts_in_words():
    words = ["确有下降", "可能下降", "上升", "证据不足", "还太早"]
    codes = ["fell", "perhaps_fell", "rose", "insufficient", "too_early"]
    assert [le.VERDICT_LABELS[code] for code in codes] == words


def simulated(before, after, mean, dispersion, ratio, runs, seed):
    """(counts runs × months, months, launch, expected without launch); a yearly season from 24 months on."""
    index = months(before + after)
    t = np.arange(before + after)
    season = 0.3 * np.sin(2 * np.pi * t / 12) * (len(t) >= 24)
    without = mean * index.days_in_month.to_numpy() / 30 * np.exp(season)
    mu = without * np.where(t < before, 1, ratio)
    rng = np.random.default_rng(seed)
    shape = (runs, len(t))
    counts = (
        rng.poisson(mu, shape)
        if dispersion == 1
        else rng.negative_binomial(mu / (dispersion - 1), 1 / dispersion, shape)
    )
    return counts, index, index[before], without


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "mean", "dispersion", "ratio"),
    [(36, 24, 12, 2, 0.6), (16, 9, 8, 1, 0.5), (8, 8, 10, 1.5, 1)],
)
def test_model_intervals_cover_the_truth(before, after, mean, dispersion, ratio):
    """Ratio, HAC, counterfactual band and complaints avoided: 93–97 % of 2,000 runs."""
    runs = 2000
    counts, index, launch, without = simulated(before, after, mean, dispersion, ratio, runs, seed=11)
    avoided = (without[before:] * (1 - ratio)).sum()
    hits = np.zeros(4)
    for y in counts:
        series = fit_series(tidy(y, index), launch)
        line = series.counterfactual.iloc[-1]
        hits += [
            within(series.interval[0], ratio, series.interval[1]),
            within(series.hac_interval[0], ratio, series.hac_interval[1]),
            within(line["lower"], without[-1], line["upper"]),
            within(series.avoided_interval[0], avoided, series.avoided_interval[1]),
        ]
    error = 2 * np.sqrt(0.95 * 0.05 / runs)
    assert ((hits / runs > 0.93 - error) & (hits / runs < 0.97 + error)).all(), hits / runs


@pytest.mark.slow
def test_no_effect_is_called_a_fall_in_at_most_one_of_twenty():
    runs = 2000
    counts, index, launch, _ = simulated(24, 10, 6, 1.3, 1, runs, seed=5)
    verdicts = pd.Series([le.verdict(estimate(tidy(y, index), launch)) for y in counts]).value_counts()
    error = 2 * np.sqrt(0.05 * 0.95 / runs)
    assert verdicts.get("fell", 0) / runs <= 0.05 + error
    assert (verdicts.get("fell", 0) + verdicts.get("perhaps_fell", 0)) / runs <= 0.10 + error


@pytest.mark.slow
def test_neighbouring_months_that_hang_together_are_better_covered_by_the_hac_interval():
    runs, index = 800, months(60)
    rng = np.random.default_rng(8)
    noise = np.zeros((runs, 60))
    for t in range(60):
        noise[:, t] = 0.5 * noise[:, t - 1] * (t > 0) + rng.normal(0, 0.22, runs)
    covered = np.zeros(2)
    for y in rng.poisson(30 * np.exp(noise)):
        series = fit_series(tidy(y, index), index[36])
        covered += [within(low, 1, high) for low, high in (series.interval, series.hac_interval)]
    assert covered[1] / runs > 0.90 > covered[0] / runs
