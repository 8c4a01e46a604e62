"""Kaplan-Meier against a table that fits in the head, published data, and statsmodels."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.evaluation import time_to_close
from analytics.evaluation.time_to_close import closed_by, curve, log_rank, median

# Remission times in weeks of 42 children with leukaemia (Freireich et al., Blood 21, 1963, 699–716);
# estimates as tabulated in Kleinbaum & Klein, Survival Analysis, chapter 2. False: still in remission.
SIX_MP = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [True] * 9 + [False] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_five_petitions_two_of_them_open() -> None:
    """Closed on day 1, 3, 3; open on day 2 and 5. S: 4/5, then 4/5 × 1/3 (three were left on day 3)."""
    table = closed_by([1, 2, 3, 3, 5], [True, False, True, True, False], [0.5, 1, 2.9, 3, 5, 5.1])
    estimates = table["estimate"].to_numpy()
    np.testing.assert_allclose(estimates[:5], [0, 1 / 5, 1 / 5, 11 / 15, 11 / 15])
    assert table.iloc[5][["estimate", "lower", "upper"]].isna().all()  # nobody was followed so long
    assert list(table["at_risk"]) == [5, 5, 3, 3, 1, 0]
    assert list(table.index) == [0.5, 1, 2.9, 3, 5, 5.1]


def test_exactly_three_days_is_by_day_three_and_a_second_later_is_not() -> None:
    durations = pd.to_timedelta(["3 days", "3 days 00:00:01"])
    assert closed_by(durations, [True, True], 3)["estimate"].tolist() == [0.5]


def test_closed_and_open_on_the_same_day_closing_comes_first() -> None:
    assert closed_by([2, 2], [True, False], [2])["estimate"].tolist() == [0.5]


def test_everything_closed_stays_known_for_ever() -> None:
    table = closed_by([1, 2, 3, 4], [True] * 4, [3, 4, 100])
    assert table["estimate"].tolist() == [0.75, 1, 1]
    assert table["upper"].tolist()[1:] == [1, 1]
    assert table["lower"].nunique() == 1  # the last one that can be computed holds on


def test_all_closed_at_once_has_the_exact_binomial_lower_end() -> None:
    row = closed_by([1] * 10, [True] * 10, 1).iloc[0]
    assert (row.estimate, row.lower, row.upper) == (1, pytest.approx(0.025 ** (1 / 10)), 1)


def test_nothing_closed_yet_is_nought_with_an_upper_end() -> None:
    row = closed_by([5] * 10, [False] * 10, 3).iloc[0]
    assert (row.estimate, row.lower, row.upper) == (0, 0, pytest.approx(1 - 0.025 ** (1 / 10)))


def test_median_is_the_first_day_by_which_half_are_closed() -> None:
    assert median([1, 2, 3, 4], [True] * 4).estimate == 2
    assert median([1, 2, 3], [True] * 3).estimate == 2
    assert np.isnan(median([1, 2, 3], [True, False, False]).estimate)


def test_no_petitions_no_figures() -> None:
    assert closed_by([], [], [3, 30])["estimate"].isna().all()
    assert np.isnan(median([], [])).all()
    assert np.isnan(log_rank([], [], []).p)
    assert len(curve(np.array([], int), np.array([], bool)).steps()) == 1


def test_unknown_or_negative_durations_are_refused() -> None:
    with pytest.raises(ValueError, match="未知"):
        closed_by([1, np.nan], [True, True], [3])
    with pytest.raises(ValueError, match="为负"):
        median([1, -1], [True, True])
    with pytest.raises(ValueError, match="是否办结"):
        median([1, 2], pd.array([True, None], dtype="boolean"))


def test_remission_estimates_as_published() -> None:
    table = closed_by(SIX_MP, RELAPSED, [6, 7, 10, 13, 16, 22, 23])
    survival = (1 - table["estimate"]).round(4).tolist()
    assert survival == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert list(table["at_risk"]) == [21, 17, 15, 12, 11, 7, 6]


def test_remission_medians_as_published() -> None:
    treated, untreated = median(SIX_MP, RELAPSED), median(PLACEBO, [True] * 21)
    assert (treated.estimate, untreated.estimate) == (23, 8)
    assert (untreated.lower, untreated.upper) == (4, 11)  # as R's survfit(conf.type = "log-log") has it
    assert treated.lower == 13
    assert np.isnan(treated.upper)


def test_remission_log_rank_as_published() -> None:
    result = log_rank(SIX_MP + PLACEBO, RELAPSED + [True] * 21, ["6-MP"] * 21 + ["placebo"] * 21)
    assert round(result.chi2, 2) == 16.79
    assert result.df == 1
    assert result.p == pytest.approx(4.17e-5, rel=2e-3)


cohorts = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=60)


@settings(deadline=None)
@given(cohorts)
def test_as_statsmodels_has_it(cohort: list[tuple[int, bool]]) -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    days, closed = (np.array(side) for side in zip(*cohort, strict=True))
    if not closed.any():
        return
    theirs = SurvfuncRight(days.astype(float), closed.astype(int))
    ours = closed_by(days, closed, theirs.surv_times)
    np.testing.assert_allclose(1 - ours["estimate"], theirs.surv_prob, atol=1e-12)
    inside = (theirs.surv_prob > 0) & (theirs.surv_prob < 1)
    with np.errstate(all="ignore"):
        log_survival = np.log(theirs.surv_prob)
        half = 1.959963984540054 * theirs.surv_prob_se / (theirs.surv_prob * np.abs(log_survival))
        upper, lower = (1 - theirs.surv_prob ** np.exp(sign * half) for sign in (1, -1))
    np.testing.assert_allclose(ours["upper"][inside], upper[inside], atol=1e-9)
    np.testing.assert_allclose(ours["lower"][inside], lower[inside], atol=1e-9)


@settings(deadline=None)
@given(cohorts, st.lists(st.integers(0, 2), min_size=60, max_size=60))
def test_log_rank_as_statsmodels_has_it(cohort: list[tuple[int, bool]], labels: list[int]) -> None:
    from statsmodels.duration.survfunc import survdiff

    days, closed = (np.array(side) for side in zip(*cohort, strict=True))
    group = np.array(labels[: len(days)])
    result = log_rank(days, closed, group)
    if np.isnan(result.p) or result.df < len(np.unique(group)) - 1:
        return
    with np.errstate(all="ignore"):
        chi2, p = survdiff(days.astype(float), closed.astype(int), group)
    assert (result.chi2, result.p) == (pytest.approx(chi2, abs=1e-6), pytest.approx(p, abs=1e-6))


@settings(deadline=None)
@given(cohorts)
def test_limits_enclose_the_estimate_and_it_never_falls(cohort: list[tuple[int, bool]]) -> None:
    days, closed = (np.array(side) for side in zip(*cohort, strict=True))
    table = closed_by(days, closed, np.arange(32))
    known = table.dropna()
    assert (known["lower"] <= known["estimate"] + 1e-12).all()
    assert (known["estimate"] <= known["upper"] + 1e-12).all()
    assert (known["estimate"].diff().dropna() >= 0).all()
    middle = median(days, closed)
    assert not middle.lower > middle.estimate
    assert not middle.upper < middle.estimate


@settings(deadline=None)
@given(cohorts, st.randoms(use_true_random=False))
def test_order_of_rows_is_no_matter(cohort: list[tuple[int, bool]], random) -> None:
    shuffled = random.sample(cohort, len(cohort))
    one, other = (closed_by(*zip(*rows, strict=True), [3, 10, 20]) for rows in (cohort, shuffled))
    pd.testing.assert_frame_equal(one, other)


def test_chart_begins_at_nought_and_ends_with_the_follow_up() -> None:
    steps = curve(np.array([86_400, 2 * 86_400, 5 * 86_400]), np.array([True, True, False])).steps()
    assert steps["days"].tolist() == [0, 1, 2, 5]
    np.testing.assert_allclose(steps["estimate"], [0, 1 / 3, 2 / 3, 2 / 3])


def test_more_than_34_years_still_fit() -> None:
    assert closed_by([20_000, 30_000], [True, False], 20_000)["estimate"].tolist() == [0.5]


def test_a_million_petitions_in_a_blink() -> None:
    rng = np.random.default_rng(1)
    seconds = rng.integers(0, 2**24, 1_000_000, dtype=np.int32)
    closed = rng.random(1_000_000) < 0.9
    curve(seconds, closed)
    begin = time.process_time()
    table = curve(seconds, closed).at(np.array(time_to_close.DAY * np.array([3, 30, 182])))
    assert time.process_time() - begin < 0.5  # about 0.06 s on an idle core
    assert table["estimate"].is_monotonic_increasing
