"""Comparing places: limits and bands by hand, published shrinkage, laws, false alarms by simulation."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.evaluation import fair_comparison as fc

# Hits of 18 players in their first 45 at-bats of 1970 (Efron & Morris 1977, Scientific American 236:119-127).
BATTING = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]


def series(values, names=None):
    return pd.Series(values, index=list(names) if names else None)


def test_limits_by_hand_at_one_half():
    """Overall 1/2, 100 cases: on the arcsine-root scale π/4 ± 1.96 / 20."""
    table = fc.funnel(series([50, 50]), series([100, 100]))
    assert table["lower_95"][0] == pytest.approx(np.sin(np.pi / 4 - 1.959964 / 20) ** 2)
    assert table["upper_998"][0] == pytest.approx(np.sin(np.pi / 4 + 3.090232 / 20) ** 2)
    assert table["upper_95"][0] == pytest.approx(0.5975, abs=0.0005)


def test_z_is_on_the_arcsine_root_scale_and_index_is_kept():
    table = fc.funnel(series([90, 50], "乙甲"), series([100, 100], "乙甲"))
    assert list(table.index) == ["乙", "甲"]
    expected = 2 * 10 * (np.arcsin(np.sqrt(0.9)) - np.arcsin(np.sqrt(0.7)))
    assert table.loc["乙", "z"] == pytest.approx(expected)
    assert table["centre"].tolist() == [0.7, 0.7]


def test_series_are_matched_by_place_not_by_position():
    table = fc.funnel(series([1, 9], "ab"), series([100, 10], "ba"))
    assert table["rate"].tolist() == [0.1, 0.09]
    with pytest.raises(ValueError, match="different places"):
        fc.funnel(series([1, 9], "ab"), series([100, 10], "bc"))


def neighbours_of_the_limit(level: str, side: str):
    """Beside an enormous place at one half: the last count of 100 inside a limit and the first outside."""
    limits = fc.funnel_limits(0.5, [100])
    edge = 100 * limits[f"{side}_{level}"][0]
    return (int(np.ceil(edge)), int(np.ceil(edge)) - 1) if side == "lower" else (int(edge), int(edge) + 1)


@pytest.mark.parametrize(
    ("level", "side", "inside", "outside"),
    [
        ("95", "lower", "normal", "watch"),
        ("95", "upper", "normal", "watch"),
        ("998", "lower", "watch", "help"),
        ("998", "upper", "watch", "better"),
    ],
)
def test_bands_from_both_sides_of_every_limit(level, side, inside, outside):
    for count, band in zip(neighbours_of_the_limit(level, side), (inside, outside), strict=True):
        table = fc.funnel(series([count, 5 * 10**8]), series([100, 10**9]))
        assert table["band"][0] == band, count
        flipped = fc.funnel(series([count, 5 * 10**8]), series([100, 10**9]), better="down")
        assert flipped["band"][0] == {"help": "better", "better": "help"}.get(band, band)


def test_bands_in_words():
    assert [fc.BAND_LABELS[b] for b in ("better", "normal", "watch", "help")] == [
        "明显好",
        "正常波动",
        "留意",
        "需帮助",
    ]


def test_overdispersion_by_hand():
    """Ten places of 100 around one half, z winsorised at 10 % on both ends."""
    hits = series([20, 35, 40, 45, 50, 50, 55, 60, 65, 80])
    table = fc.funnel(hits, series([100] * 10))
    z = 20 * (np.arcsin(np.sqrt(hits / 100)) - np.pi / 4)
    low, high = np.quantile(z, 0.1), np.quantile(z, 0.9)
    phi = (z.clip(low, high) ** 2).mean()
    assert table["phi"][0] == pytest.approx(phi)
    # equal weights w = 400: τ² = (I φ − (I − 1)) / (w (I − 1))
    assert table["tau2"][0] == pytest.approx((10 * phi - 9) / (400 * 9))
    assert table["adjustment"][0] == "additive"
    assert table["z_adjusted"][0] == pytest.approx(z[0] / 20 / np.sqrt(1 / 400 + table["tau2"][0]))
    assert (table["band"] == "normal").sum() > (np.abs(z) < 1.96).sum()


def test_nine_places_are_too_few_to_adjust_and_it_is_said():
    table = fc.funnel(series([20, 35, 40, 45, 50, 55, 60, 65, 80]), series([100] * 9))
    assert table["phi"][0] > 1
    assert (table["tau2"][0], table["adjustment"][0]) == (0, "too_few")
    assert (table["z"] == table["z_adjusted"]).all()


def test_places_that_differ_less_than_chance_are_not_adjusted():
    table = fc.funnel(series([50] * 12), series([100] * 12))
    assert (table["phi"][0], table["tau2"][0], table["adjustment"][0]) == (0, 0, "none")
    assert (table["band"] == "normal").all()


def test_baseball_as_published():
    """Efron & Morris: shrinking factor c = 1 − (k − 3) σ² / Σ(y − ȳ)² = 0.212, ȳ = 0.265.

    Ours is the moment estimate with k − 1 in place of k − 3, times n / (n − 1).
    """
    table = fc.funnel(series(BATTING), series([45] * 18))
    assert round(table["centre"][0], 3) == 0.265
    spread = (18 - 3) / (1 - 0.212)
    factor = 45 / 44 * (1 - (18 - 1) / spread)
    shrunken = table["centre"] + factor * (table["rate"] - table["centre"])
    assert table["shrunken"].to_numpy() == pytest.approx(shrunken.to_numpy(), abs=0.0005)


def test_shrunken_proportions_by_hand():
    """Two places of 10, 9 and 3 met: overall 0.6, scatter 0.24, spread 2 × 10 × 0.09 / 0.24 = 7.5.

    ρ = (7.5 − 1) / (20 − 10 − 1) = 13/18; share kept = 10 ρ / (1 + 9 ρ) = 130 / 135.
    """
    table = fc.funnel(series([9, 3]), series([10, 10]))
    assert table["shrunken"].tolist() == pytest.approx([0.6 + 0.3 * 130 / 135, 0.6 - 0.3 * 130 / 135])


def test_equal_places_shrink_wholly_and_different_ones_hardly():
    equal = fc.funnel(series([5, 6, 5]), series([10, 10, 10]))
    assert equal["shrunken"].to_numpy() == pytest.approx([16 / 30] * 3)
    apart = fc.funnel(series([100, 900]), series([1000, 1000]))
    assert apart["shrunken"].to_numpy() == pytest.approx([0.1, 0.9], abs=0.01)


def test_a_small_place_is_pulled_further_than_a_large_one_of_the_same_rate():
    table = fc.funnel(series([9, 900, 300]), series([10, 1000, 1000]))
    assert table["shrunken"][0] < table["shrunken"][1] < 0.9


# --- rates ---


def test_rates_on_the_square_root_scale():
    """Petitions per 100 households: 16 of 4 hundred against 4 of 4 hundred, overall 2.5."""
    table = fc.funnel_rates(series([16, 4], "ab"), series([4, 4], "ab"))
    assert table["z"].to_numpy() == pytest.approx([2 * 2 * (2 - np.sqrt(2.5)), 2 * 2 * (1 - np.sqrt(2.5))])
    assert table["upper_95"].iloc[0] == pytest.approx((np.sqrt(2.5) + 1.959964 / 4) ** 2)
    assert table.loc["b", "rate"] == 1
    assert (table["lower_998"] >= 0).all()


def test_fewer_petitions_are_better_unless_said_otherwise():
    counts, homes = series([400, 100, 100]), series([1.0, 1.0, 1.0])
    assert fc.funnel_rates(counts, homes)["band"].tolist() == ["help", "better", "better"]
    assert fc.funnel_rates(counts, homes, better="up")["band"].tolist() == ["better", "help", "help"]


def test_shrunken_rates_by_hand():
    """Two places, rates 30 and 10 with exposure 1: mean 20, between-variance by moments 200 − 20 = 180."""
    table = fc.funnel_rates(series([30, 10]), series([1, 1]))
    share = 180 / (180 + 20)
    assert table["shrunken"].to_numpy() == pytest.approx([20 + 10 * share, 20 - 10 * share])


# --- case-mix ---


def case_mix():
    """甲 has the hard cases (1 of 2 everywhere), 乙 the easy ones (9 of 10 everywhere); both do as all do."""
    return pd.DataFrame(
        {
            "place": ["甲", "甲", "乙", "乙"],
            "colour": ["hard", "easy", "hard", "easy"],
            "met": [40, 18, 5, 81],
            "due": [80, 20, 10, 90],
        }
    )


def test_case_mix_explains_the_whole_difference():
    table = fc.standardise(case_mix(), "place", "colour", "met", "due")
    assert table["rate"].tolist() == [0.86, 0.58]  # 乙, 甲
    assert table["ratio"].tolist() == pytest.approx([1, 1])
    assert table["standardised"].tolist() == pytest.approx([0.72, 0.72])
    assert table["expected"].sum() == pytest.approx(table["numerator"].sum())
    plain = fc.funnel(table["numerator"], table["denominator"])
    fair = fc.funnel(table["numerator"], table["denominator"], expected=table["expected"])
    assert plain["band"].tolist() == ["better", "watch"]
    assert fair["band"].tolist() == ["normal", "normal"]
    assert fair["centre"].tolist() == pytest.approx([0.86, 0.58])


def test_standardised_to_nothing_in_common_is_the_plain_rate():
    one_stratum = case_mix().assign(colour="all")
    table = fc.standardise(one_stratum, "place", ["colour"], "met", "due")
    assert table["standardised"].tolist() == pytest.approx(table["rate"].tolist())


def test_blank_strata_and_empty_units_are_kept():
    frame = case_mix()
    frame.loc[1, "colour"] = None
    frame = pd.concat([frame, pd.DataFrame({"place": ["丙"], "colour": ["hard"], "met": [0], "due": [0]})])
    table = fc.standardise(frame, "place", "colour", "met", "due")
    assert table["denominator"].sum() == 200
    assert table.loc["丙", ["rate", "ratio", "standardised"]].isna().all()
    assert table["expected"].sum() == pytest.approx(144)


# --- degenerate data ---


@pytest.mark.parametrize(
    ("numerators", "denominators"),
    [
        ([], []),
        ([0], [0]),
        ([3], [4]),
        ([0, 0], [0, 0]),
        ([0, 0], [5, 9]),
        ([5, 9], [5, 9]),
        ([1, None, 0], [2, 3, 1]),
    ],
)
def test_degenerate_data_give_blanks(numerators, denominators):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for table in (
            fc.funnel(series(numerators, None).astype(float), series(denominators).astype(float)),
            fc.funnel_rates(series(numerators).astype(float), series(denominators).astype(float)),
        ):
            assert len(table) == len(numerators)
            assert set(table["band"].dropna()) <= set(fc.BAND_LABELS)
            assert set(table["adjustment"]) <= set(fc.ADJUSTMENT_LABELS)


def test_a_place_without_cases_is_blank_and_changes_nothing():
    table = fc.funnel(series([9, 0, 5], "abc"), series([10, 0, 10], "abc"))
    without = fc.funnel(series([9, 5], "ac"), series([10, 10], "ac"))
    assert table.loc["b", ["rate", "z", "lower_95", "shrunken"]].isna().all()
    assert pd.isna(table.loc["b", "band"])
    pd.testing.assert_frame_equal(table.drop("b"), without)


def test_one_place_is_compared_with_nothing():
    table = fc.funnel(series([3]), series([4]))
    assert table["band"].isna().all()
    assert table["adjustment"][0] == "unknown"


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="exceeds"):
        fc.funnel(series([5]), series([4]))
    with pytest.raises(ValueError, match="negative"):
        fc.funnel_rates(series([-1]), series([4]))


# --- laws ---

PLACES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60)), min_size=1, max_size=14)


@settings(max_examples=60, deadline=None)
@given(PLACES, st.randoms())
def test_laws_of_the_funnel(places, random):
    hits = series([min(a, a + b) for a, b in places]).astype(float)
    size = series([a + b for a, b in places]).astype(float)
    table = fc.funnel(hits, size)
    shuffled = list(hits.index)
    random.shuffle(shuffled)
    pd.testing.assert_frame_equal(fc.funnel(hits[shuffled], size[shuffled]).loc[hits.index], table)
    known = table[table["rate"].notna()]
    tiny = 1e-12
    for low, high in (
        ("lower_998", "lower_95"),
        ("lower_95", "centre"),
        ("centre", "upper_95"),
        ("upper_95", "upper_998"),
    ):
        assert (known[low] <= known[high] + tiny).all()
    between = (known["shrunken"] - known["centre"]) * (known["rate"] - known["shrunken"])
    assert (between >= -tiny).all()
    misses = fc.funnel(size - hits, size, better="down")
    assert misses["z"].to_numpy() == pytest.approx(-table["z"].to_numpy(), nan_ok=True, abs=1e-9)
    assert misses["shrunken"].to_numpy() == pytest.approx(1 - table["shrunken"].to_numpy(), nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(PLACES, st.floats(0.01, 100))
def test_the_unit_of_exposure_only_rescales_rates(places, factor):
    counts = series([a for a, _ in places]).astype(float)
    exposure = series([b for _, b in places]).astype(float)
    one, other = fc.funnel_rates(counts, exposure), fc.funnel_rates(counts, exposure * factor)
    assert other["z_adjusted"].to_numpy() == pytest.approx(
        one["z_adjusted"].to_numpy(), nan_ok=True, abs=1e-9
    )
    assert (other["shrunken"] * factor).to_numpy() == pytest.approx(one["shrunken"].to_numpy(), nan_ok=True)


def test_funnel_limits_are_those_of_the_table():
    table = fc.funnel(series([9, 50, 5]), series([10, 90, 10]))
    limits = fc.funnel_limits(table["centre"][0], table["denominator"], tau2=table["tau2"][0])
    for name in ("lower_95", "upper_95", "lower_998", "upper_998"):
        assert limits[name].tolist() == table[name].tolist()
    rates = fc.funnel_rates(series([9, 50]), series([10, 90]))
    curve = fc.funnel_limits(rates["centre"][0], [10, 90], rates=True)
    assert curve["upper_95"].tolist() == rates["upper_95"].tolist()


@pytest.mark.slow
def test_nine_equal_places_leave_the_limits_as_often_as_chance_says():
    """At least one of nine outside 95 %: about 37 %; outside 99.8 %: about 2 %."""
    runs, rng = 2000, np.random.default_rng(6)
    outside = np.zeros(2)
    size = series([200] * 9)
    for hits in rng.binomial(200, 0.7, (runs, 9)):
        bands = fc.funnel(series(hits), size)["band"]
        outside += [(bands != "normal").any(), bands.isin(["better", "help"]).any()]
    # the overall rate contains the place itself, so slightly fewer leave it
    assert 0.24 < outside[0] / runs < 0.40
    assert outside[1] / runs < 0.03


@pytest.mark.slow
def test_shrunken_estimates_are_nearer_the_truth_than_raw_rates():
    rng = np.random.default_rng(9)
    size = rng.integers(5, 60, 30)
    errors = np.zeros(2)
    for _ in range(300):
        truth = rng.beta(16, 4, 30)
        table = fc.funnel(series(rng.binomial(size, truth)), series(size))
        errors += [((table[name] - truth) ** 2).mean() for name in ("rate", "shrunken")]
    assert errors[1] < 0.7 * errors[0]
