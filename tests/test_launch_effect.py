"""The launch effect of one place: the exact ratio, degenerate data in words, cautions, speed."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from analytics.evaluation import launch_effect as le
from tests.launch_cases import months, noisy, within


def test_twelve_to_six_over_equal_periods_is_half_and_may_be_chance():
    plain = le.plain_ratio(12, 6, 30, 30)
    assert plain.change == -0.5
    assert [round(end - 1, 2) for end in plain.interval] == [-0.85, 0.44]


def test_ratio_is_of_daily_rates_not_of_totals():
    plain = le.plain_ratio([31, 28], [30], 59, 30)
    assert plain.ratio == pytest.approx(1)
    assert (plain.before_mean, plain.after_mean) == (29.5, 30.0)


def test_nothing_before_has_no_ratio_and_no_upper_end():
    plain = le.plain_ratio([0, 0], [3], 59, 30)
    assert plain.ratio is None
    assert plain.change is None
    assert plain.interval[1] == np.inf


def test_no_days_on_one_side_has_no_plain_ratio():
    assert le.plain_ratio([], [3], 0, 30) is None


def test_counts_that_halve_without_scatter_give_a_half_and_are_doubted():
    index = months(20)
    found = le.assess([12] * 10 + [6] * 10, index, index[10], exposure=[1] * 20)
    assert found.series.ratio == pytest.approx(0.5)
    assert found.series.avoided == pytest.approx(60)
    assert found.series.dispersion == pytest.approx(0, abs=1e-9)
    assert "no_variation" in found.cautions


def test_equal_counts_without_scatter_are_no_evidence():
    index = months(20)
    found = le.assess([7] * 20, index, index[10], exposure=[1] * 20)
    assert found.verdict == "insufficient"


def test_eight_months_on_either_side_are_enough_and_seven_are_too_early():
    assert le.interrupted_series(*noisy(8, 8)) is not None
    assert le.interrupted_series(*noisy(7, 9)) is None
    assert le.interrupted_series(*noisy(9, 7)) is None
    late, early = le.assess(*noisy(9, 7)), le.assess(*noisy(7, 9))
    assert (late.verdict, late.reason) == ("too_early", "few_after")
    assert (early.verdict, early.reason) == ("too_early", "few_before")
    assert late.plain.ratio is not None


def test_months_left_out_count_in_no_layer():
    y, index, launch = noisy(12, 9)
    found = le.assess(y, index, launch, exclude=[index[-1]])
    shorter = le.assess(y[:-1], index[:-1], launch)
    assert found.series.ratio == shorter.series.ratio
    assert found.plain == shorter.plain
    assert le.assess(y[:-1], index[:-1], launch, exclude=[index[-2]]).reason == "few_after"


def test_exposure_changes_the_series_but_not_the_daily_ratio():
    y, index, launch = noisy(12, 9)
    homes = np.where(np.arange(21) < 12, 100, 200)
    found = le.assess(y, index, launch, exposure=homes * index.days_in_month)
    plain_days = le.assess(y, index, launch)
    assert found.plain == plain_days.plain
    assert found.series.ratio == pytest.approx(plain_days.series.ratio / 2)


FLAT = months(24)


@pytest.mark.parametrize(
    ("counts", "launch", "verdict", "reason"),
    [
        ([5] * 24, None, "no_launch", "no_launch"),
        ([5] * 24, pd.NaT, "no_launch", "no_launch"),
        ([5] * 24, FLAT[0], "too_early", "no_before"),
        ([5] * 24, FLAT[-1] + 3, "too_early", "no_after"),
        ([0] * 24, FLAT[12], "insufficient", "no_complaints"),
        ([0] * 12 + [3] * 12, FLAT[12], "insufficient", "none_before"),
        ([3] * 12 + [0] * 12, FLAT[12], "none_after", "none_after"),
        ([np.nan] * 24, FLAT[12], "too_early", "no_before"),
        ([4, *[0] * 22, 4], FLAT[12], "insufficient", "too_few"),
        ([5] * 24, FLAT[12], "insufficient", None),
    ],
)
def test_degenerate_data_give_words(counts, launch, verdict, reason):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = le.assess(counts, FLAT, launch)
    assert (found.verdict, found.reason) == (verdict, reason)
    assert verdict in le.VERDICT_LABELS
    assert (found.series is None) == (reason is not None)
    assert found.robustness is None or len(found.robustness.table)


def test_no_months_at_all():
    found = le.assess([], FLAT[:0], FLAT[0])
    assert (found.verdict, found.plain, found.series) == ("too_early", None, None)


def test_only_the_same_months_of_every_year_are_singular():
    index = pd.PeriodIndex([f"{year}-{m:02d}" for year in range(2010, 2022) for m in (1, 7)], freq="M")
    counts = np.random.default_rng(3).poisson(9, 24)
    assert le.assess(counts, index, index[12]).reason == "singular"


def test_unusable_input_is_refused():
    with pytest.raises(ValueError, match="lengths differ"):
        le.interrupted_series([1, 2], FLAT, FLAT[3])
    with pytest.raises(ValueError, match="twice"):
        le.interrupted_series([1, 2], [FLAT[0], FLAT[0]], FLAT[3])


def test_cautions_are_named_in_a_fixed_order():
    index = months(26)
    counts = np.array([10] * 10 + [9] * 15 + [0])
    kept = np.arange(26) != 4
    found = le.assess(counts[kept], index[kept], index[10])
    assert {"gaps", "tail_low"} <= set(found.cautions)
    assert list(found.cautions) == [code for code in le.CAUTION_LABELS if code in found.cautions]


def test_a_last_month_is_doubted_below_one_in_a_hundred():
    """Six months of 10, then 2 (chance 0.005) or 3 (chance 0.015), by binomial with a seventh."""
    index = months(17)
    tails = {x: le.assess([12] * 10 + [10] * 6 + [x], index, index[10], exposure=[1] * 17) for x in (2, 3)}
    assert "tail_low" in tails[2].cautions
    assert "tail_low" not in tails[3].cautions


def test_a_trend_that_turns_at_the_launch_is_said():
    index = months(30)
    assert "slope_changes" in le.assess([30] * 15 + list(range(30, 0, -2)), index, index[15]).cautions
    assert "slope_changes" not in le.assess(*noisy(15, 15, seed=2)).cautions


def test_months_that_hang_together_are_said_and_may_undo_the_verdict():
    rng, drift = np.random.default_rng(0), np.zeros(60)
    for t in range(1, 60):
        drift[t] = 0.6 * drift[t - 1] + rng.normal(0, 0.25)
    index = months(60)
    found = le.assess(rng.poisson(30 * np.exp(drift)), index, index[36])
    assert found.verdict == "rose"
    assert found.series.hac_interval[0] < 1 < found.series.interval[0]
    assert found.cautions == ("autocorrelated", "hac_disagrees")


def test_a_last_month_as_full_as_the_others_is_not_doubted():
    index = months(26)
    assert "tail_low" not in le.assess([10] * 26, index, index[10]).cautions


def test_the_exact_interval_covers_at_least_95_of_100():
    """All outcomes of 9 before and 5 after, weighted by their probability, for several true ratios."""
    from scipy.stats import poisson

    old, new = np.meshgrid(np.arange(40), np.arange(40), indexing="ij")
    plain = {
        (a, b): le.plain_ratio(a, b, 30, 30).interval for a, b in zip(old.ravel(), new.ravel(), strict=True)
    }
    for ratio in (0.3, 0.5556, 1.0, 1.8):
        covered = np.array(
            [[within(plain[a, b][0], ratio, plain[a, b][1]) for b in range(40)] for a in range(40)]
        )
        chance = poisson.pmf(old, 9) * poisson.pmf(new, 9 * ratio)
        assert (covered * chance).sum() >= 0.95 * chance.sum()


def test_importing_does_not_load_the_statistics_libraries():
    code = (
        "import sys, analytics.evaluation.launch_effect, analytics.evaluation.fair_comparison\n"
        "import analytics.evaluation.change_explained\n"
        "sys.exit(any(name.split('.')[0] in ('statsmodels', 'scipy', 'streamlit') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_twenty_courtyards_by_sixty_months():
    """A page's worth: under 1.5 s with cold libraries, under 200 ms warm, the robustness of one included.

    Processor time, so that other programs on the machine do not count.
    """
    code = (
        "import time, numpy as np, pandas as pd\n"
        "from analytics.evaluation.launch_effect import assess\n"
        "m = pd.period_range('2020-01', periods=60, freq='M')\n"
        "y = np.random.default_rng(1).poisson(8, (20, 60))\n"
        "for _ in range(5):\n"
        "    t = time.process_time()\n"
        "    found = [assess(row, m, m[36]) for row in y]\n"
        "    found[0].robustness\n"
        "    print(time.process_time() - t)\n"
    )
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    cold, *warm = (float(line) for line in output.split())
    assert cold < 1.5
    assert min(warm) < 0.2
