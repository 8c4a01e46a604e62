"""Control charts against figures that fit in the head and against NHSRplotthedots and qcc."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.evaluation.control_limits import (
    days_between,
    p_chart,
    run_ends,
    states,
    target_assurance,
    trend_ends,
    two_of_three,
    u_chart,
    word,
    xmr,
)

STATISTICS = Path(__file__).parents[2] / "shared" / "data" / "statistics"
EXAMPLES, VECTORS = STATISTICS / "xmr_examples.json", STATISTICS / "spc_rules_vectors.json"

# Twenty standard normal numbers (R: set.seed(123); rnorm(20)) with the limits that NHSRplotthedots gives them.
NORMAL = [
    -0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621, -1.26506123,
    -0.68685285, -0.44566197, 1.22408180, 0.35981383, 0.40077145, 0.11068272, -0.55584113, 1.78691314,
    0.49785048, -1.96661716, 0.70135590, -0.47279141,
]  # fmt: skip

UP_AND_DOWN = [10, 12] * 6  # mean 11, every moving range 2: limits 11 ± 5.32


def test_limits_of_a_steady_up_and_down() -> None:
    frame = xmr(UP_AND_DOWN)
    row = frame.iloc[-1]
    assert (row["mean"], row.lower, row.upper) == pytest.approx((11, 5.68, 16.32))
    assert (row.lower_near, row.upper_near) == pytest.approx((11 - 5.32 * 2 / 3, 11 + 5.32 * 2 / 3))
    assert not frame[["outside", "run", "trend", "two_of_three"]].any(axis=None)


def test_one_huge_moving_range_is_dropped_once() -> None:
    """Moving ranges: 28 of 1 and two of 90, mean 6.9; both 90 exceed 3.267 × 6.9, and 1 remains."""
    frame = xmr([0, 1] * 10 + [91] + [1, 0] * 5)
    assert frame["upper"].iloc[0] - frame["mean"].iloc[0] == pytest.approx(2.66)
    assert frame["outside"].iloc[20] == 1


def test_limits_as_nhsrplotthedots_gives_them() -> None:
    frame = xmr(NORMAL)
    row = frame.iloc[0]
    assert (row["mean"], row.lower, row.upper) == pytest.approx((0.14162380, -3.01137960, 3.29462720))
    assert set(states(frame, "up")) == {"none"}


def test_rebase_starts_a_new_mean_at_the_label() -> None:
    months = pd.period_range("2024-01", periods=24, freq="M")
    frame = xmr(pd.Series([10, 12] * 6 + [4, 6] * 6, index=months), rebase=["2025-01"])
    assert frame["mean"].tolist() == [11] * 12 + [5] * 12
    assert frame["segment"].tolist() == [0] * 12 + [1] * 12
    assert not frame["run"].any()
    assert xmr([1, 2], rebase=[0])["segment"].tolist() == [0, 0]
    with pytest.raises(ValueError, match="2026-01"):
        xmr(pd.Series([1.0], index=months[:1]), rebase=["2026-01"])


def test_a_gap_has_no_signal_and_changes_no_limit() -> None:
    values = pd.Series([*UP_AND_DOWN[:6], np.nan, *UP_AND_DOWN[6:]])
    frame = xmr(values)
    assert frame["mean"].tolist() == [11] * 13
    assert frame["upper"].iloc[0] == pytest.approx(16.32)
    assert states(frame, "up").tolist() == ["none"] * 6 + [None] + ["none"] * 6


@pytest.mark.parametrize("values", [[], [np.nan], [np.nan, np.nan], [5.0], [5.0, np.nan]])
def test_too_little_for_limits(values: list[float]) -> None:
    frame = xmr(values)
    assert len(frame) == len(values)
    assert frame[["lower", "upper"]].isna().all(axis=None)
    assert word(frame, "up") is None
    assert target_assurance(frame, 1, "up") is None


def test_equal_values_are_no_signal_whatever_the_rounding() -> None:
    frame = xmr([0.1] * 30)
    assert not frame[["outside", "run", "trend", "two_of_three"]].any(axis=None)
    assert word(frame, "up") == "none"


def test_word_needs_twelve_points_since_the_last_rebase() -> None:
    assert word(xmr(UP_AND_DOWN), "up") == "none"
    assert word(xmr(UP_AND_DOWN[:11]), "up") is None
    assert word(xmr(UP_AND_DOWN * 2, rebase=[13]), "up") is None


def test_word_of_a_jump_depends_on_the_good_direction() -> None:
    jump = xmr([*UP_AND_DOWN, 40])
    assert (word(jump, "up"), word(jump, "down")) == ("improve", "worse")
    drop = xmr([*UP_AND_DOWN, -20])
    assert (word(drop, "up"), word(drop, "down")) == ("worse", "improve")
    assert word(xmr([*UP_AND_DOWN, 40, 11]), "up") == "none"  # only the latest point speaks


def test_seven_rising_is_a_trend_in_its_own_direction() -> None:
    frame = xmr([30, -30] * 10 + [-9, -8, -7, -6, -5, -4, -3])
    assert frame["trend"].tolist()[-7:] == [1] * 7
    assert xmr([3, 2, 1, 1, 0, -1, -2])["trend"].tolist() == [0] * 7  # two equal values break it


def test_trend_alone_gives_the_word_and_a_side_outweighs_it() -> None:
    blank = {"value": 1.0, "outside": 0, "run": 0, "two_of_three": 0, "trend": 1}
    assert states(pd.DataFrame([blank]), "up").tolist() == ["improve"]
    assert states(pd.DataFrame([blank | {"run": -1}]), "up").tolist() == ["worse"]


@pytest.mark.parametrize(
    ("target", "better", "expected"),
    [  # limits 5.68 … 16.32
        (5.6, "up", "reliably"),
        (11, "up", "by_luck"),
        (16.4, "up", "never"),
        (5.6, "down", "never"),
        (11, "down", "by_luck"),
        (16.4, "down", "reliably"),
    ],
)
def test_target_assurance(target: float, better: str, expected: str) -> None:
    assert target_assurance(xmr(UP_AND_DOWN), target, better) == expected


def test_exactly_at_the_target_is_met() -> None:
    assert target_assurance(xmr([0.9] * 12), 0.9, "up") == "reliably"
    assert target_assurance(xmr([0.9] * 12), 0.9, "down") == "reliably"


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="better"):
        word(xmr(UP_AND_DOWN), "left")


def test_run_and_trend_and_two_of_three_as_the_nhs_has_them() -> None:
    """A few of the cases of NHSRplotthedots' own tests (test-ptd_calculate_point_type.R, MIT)."""
    assert run_ends([1] * 6).tolist() == [0] * 6
    assert run_ends([1] * 8 + [-1]).tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 0]
    assert trend_ends([2, 1, 2, 3, 4, 5, 6, 7, 3]).tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert trend_ends([7, 6, 5, 4, 3, 2, 1]).tolist() == [0, 0, 0, 0, 0, 0, -1]
    assert trend_ends([]).tolist() == []
    assert two_of_three([0, 0, 1, 0, 1, 0, 0], [1] * 7).tolist() == [
        False,
        False,
        True,
        True,
        True,
        False,
        False,
    ]
    assert two_of_three([1, 0, 1], [1, -1, 1]).tolist() == [False] * 3


@pytest.mark.skipif(not VECTORS.exists(), reason="published vectors are not at hand")
def test_run_rules_as_published() -> None:
    data = json.loads(VECTORS.read_text(encoding="utf-8"))
    ours = {"seven_one_side": run_ends, "seven_trend": trend_ends}
    for case in data["nhs_making_data_count"]["cases"]:
        found = ours[case["fn"]](case["x"])
        flags = np.abs(found) if case["fn"] == "seven_one_side" else found  # theirs does not tell the side
        assert flags.tolist() == case["flags"], case
    for case in data["nhs_making_data_count"]["two_in_three"]:
        assert two_of_three(case["close"], case["side"]).astype(int).tolist() == case["expected"], case


@pytest.mark.skipif(not VECTORS.exists(), reason="published vectors are not at hand")
def test_qcc_rules_of_the_same_kind_as_published() -> None:
    """Western Electric 1 and 4, Nelson 1, 2 and 3 are our rules with their run lengths; centre 0, sigma 1."""
    data = json.loads(VECTORS.read_text(encoding="utf-8"))
    rules = {
        "WE1": lambda x: np.abs(x) > 3,
        "NEL1": lambda x: np.abs(x) > 3,
        "WE4": lambda x: run_ends(np.sign(x), 8),
        "NEL2": lambda x: run_ends(np.sign(x), 9),
        "NEL3": lambda x: trend_ends(x, 6),
    }
    cases = [case for case in data["qcc"]["cases"] if case["rule"] in rules]
    assert len(cases) == 9
    for case in cases:
        found = np.flatnonzero(rules[case["rule"]](np.array(case["x"], dtype=float))) + 1
        assert found.tolist() == case["violating_1based"], case


def published_examples() -> list[tuple[str, dict]]:
    data = json.loads(EXAMPLES.read_text(encoding="utf-8")) if EXAMPLES.exists() else {}
    return list(data.items())


SIGNALS = {
    "Above UCL": ("outside", 1),
    "Below LCL": ("outside", -1),
    "7 Points Above CL": ("run", 1),
    "7 Points Below CL": ("run", -1),
    "7 Points Increasing": ("trend", 1),
    "7 Points Decreasing": ("trend", -1),
    "2 in 3 Above CL": ("two_of_three", 1),
    "2 in 3 Below CL": ("two_of_three", -1),
}
STATES = {
    "common_cause": "none",
    "special_cause_improvement": "improve",
    "special_cause_concern": "worse",
}
ASSURANCES = {"consistent_fail": "never", "consistent_pass": "reliably", "inconsistent": "by_luck"}


@pytest.mark.skipif(not EXAMPLES.exists(), reason="published examples are not at hand")
@pytest.mark.parametrize(("name", "example"), published_examples(), ids=lambda value: str(value)[:20])
def test_examples_as_nhsrplotthedots_has_them(name: str, example: dict) -> None:
    options = example["options"] or {}
    points = pd.DataFrame(example["points"])
    values = points.set_index(pd.DatetimeIndex(points["x"]))["y"]
    frame = xmr(values, rebase=[options["rebase"]] if "rebase" in options else ())
    for ours, theirs in (("mean", "mean_col"), ("lower", "lpl"), ("upper", "upl")):
        np.testing.assert_allclose(frame[ours], points[theirs], rtol=1e-8)
    assert frame["segment"].tolist() == points["rebase_group"].tolist()
    assert (frame["outside"] != 0).tolist() == points["outside_limits"].tolist()
    assert np.sign(values - frame["mean"]).tolist() == points["relative_to_mean"].tolist()
    near = ((frame["value"] > frame["upper_near"]) | (frame["value"] < frame["lower_near"])) & (
        frame["outside"] == 0
    )
    assert near.tolist() == points["close_to_limits"].tolist()
    better = {"increase": "up", "decrease": "down"}.get(options.get("improvement_direction"), "up")
    assert states(frame, better).tolist() == [STATES[kind] for kind in points["point_type"]]
    for (_date, row), kind in zip(frame.iterrows(), points["special_cause_type"], strict=True):
        if kind != "Common Cause":
            signal, side = SIGNALS[kind]
            assert row[signal] == side
    last = example["summary"][-1]
    assert word(frame, better) == STATES[last["variation_type"]]
    if "target" in options:
        assert target_assurance(frame, options["target"], better) == ASSURANCES[last["assurance_type"]]


def test_p_chart_limits_widen_where_there_are_few() -> None:
    """50 of 100 altogether: standard error 0.05 for 100, 0.125 for 16; limits stay within 0–1."""
    frame = p_chart([50, 8, 2, 0], [100, 16, 4, 0])
    assert frame["mean"].tolist()[:3] == [0.5] * 3
    assert frame["upper"].tolist()[:3] == pytest.approx([0.65, 0.875, 1])
    assert frame["lower"].tolist()[:3] == pytest.approx([0.35, 0.125, 0])
    assert np.isnan(frame["value"].iloc[3])
    assert np.isnan(frame["upper"].iloc[3])


def test_p_chart_totals_come_from_counts_not_from_rates() -> None:
    assert p_chart([1, 99], [1, 199])["mean"].tolist() == [0.5, 0.5]


def test_u_chart_limits_by_exposure() -> None:
    """4 complaints per household-month on average: ± 3 × 2 with one unit, ± 3 with four."""
    frame = u_chart([4, 16, 11], [1, 4, 0])
    assert frame["upper"].tolist()[:2] == pytest.approx([10, 7])
    assert frame["lower"].tolist()[:2] == pytest.approx([0, 1])
    assert frame["outside"].tolist() == [0, 0, 0]
    assert u_chart([1] * 20 + [20], [1] * 21)["outside"].tolist() == [0] * 20 + [1]


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="大于分母"):
        p_chart([3], [2])
    with pytest.raises(ValueError, match="为负"):
        u_chart([-1], [2])
    with pytest.raises(ValueError, match="不对应"):
        u_chart(pd.Series([1], index=[1]), pd.Series([1], index=[2]))


def test_days_between_rare_events() -> None:
    frame = days_between(
        pd.DatetimeIndex(["2024-03-01 00:00", "2024-01-01 00:00", "2024-01-11 00:00", "2024-01-11 12:00"])
    )
    assert frame["value"].tolist() == [10, 0.5, 49.5]
    assert frame.index.tolist() == list(
        pd.DatetimeIndex(["2024-01-11 00:00", "2024-01-11 12:00", "2024-03-01 00:00"])
    )
    assert (frame["lower"] >= 0).all()
    assert (frame["lower"] <= frame["mean"]).all()
    assert (frame["mean"] <= frame["upper"]).all()


def test_a_long_quiet_spell_after_weekly_events_is_an_improvement() -> None:
    days = np.cumsum([0, *[6, 8] * 8, 200])
    frame = days_between(pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D"))
    assert word(frame, "up") == "improve"
    assert frame["outside"].iloc[-1] == 1


@pytest.mark.parametrize("dates", [[], ["2024-01-01"], ["2024-01-01", "2024-01-01"]])
def test_too_few_events(dates: list[str]) -> None:
    frame = days_between(pd.to_datetime(dates))
    assert len(frame) == max(len(dates) - 1, 0)
    assert word(frame, "up") is None


series = st.lists(st.one_of(st.integers(-50, 50).map(float), st.just(np.nan)), max_size=40)


@settings(deadline=None)
@given(series)
def test_turning_the_chart_over_turns_the_signals_over(values: list[float]) -> None:
    frame, turned = xmr(values), xmr([-value for value in values])
    for signal in ("outside", "run", "trend", "two_of_three"):
        assert (frame[signal] == -turned[signal]).all()
    assert states(frame, "up").tolist() == states(turned, "down").tolist()


@settings(deadline=None)
@given(series, st.sampled_from([0.01, 7.0]), st.integers(-100, 100))
def test_another_unit_changes_no_signal(values: list[float], scale: float, shift: int) -> None:
    frame, other = xmr(values), xmr([(value + shift) * scale for value in values])
    for signal in ("outside", "run", "two_of_three"):
        assert (frame[signal] == other[signal]).all()


@settings(deadline=None)
@given(series)
def test_a_gap_is_as_if_it_were_not_there(values: list[float]) -> None:
    frame = xmr(values)
    without = xmr([value for value in values if not np.isnan(value)])
    known = frame[frame["value"].notna()].reset_index(drop=True)
    pd.testing.assert_frame_equal(known, without)
