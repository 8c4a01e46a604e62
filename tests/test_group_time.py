"""Launched places against the others: tiny panels by hand, an independent regression, coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.evaluation import launch_effect as le
from analytics.evaluation.group_time import Staggered
from tests.launch_cases import within


def panel(rows: dict[str, list[float]], launch: dict[str, int]) -> pd.DataFrame:
    """One line per unit and period 1, 2, 3 …; units not in ``launch`` never launch."""
    return pd.DataFrame(
        [
            {"unit": unit, "period": t, "first": launch.get(unit, np.nan), "y": value}
            for unit, values in rows.items()
            for t, value in enumerate(values, start=1)
        ]
    )


NAMES = ("unit", "period", "first", "y")


def effects(frame: pd.DataFrame, **options) -> dict[tuple[int, int], float]:
    table = le.group_time_effects(frame, *NAMES, **options)
    assert list(table.columns) == ["group", "period", "effect", "std_error"]
    return {(row.group, row.period): row.effect for row in table.itertuples()}


def test_change_since_the_last_period_before_launch_minus_that_of_the_never_launched():
    """甲 falls 10 → 4, the never-launched rise by 1: effect −7."""
    frame = panel({"甲": [9, 10, 4], "乙": [5, 6, 7], "丙": [3, 3, 4]}, {"甲": 3})
    assert effects(frame) == {(3, 1): -0.5, (3, 2): 0.0, (3, 3): -7.0}


def test_without_never_launched_units_those_waiting_are_the_comparison():
    """In period 2 both 乙 and 丙 wait; in period 3 only 丙; in period 4 nobody is left."""
    rows = {"甲": [10, 6, 6, 6], "乙": [10, 11, 5, 5], "丙": [10, 13, 12, 3]}
    found = effects(panel(rows, {"甲": 2, "乙": 3, "丙": 4}))
    assert found[2, 2] == (6 - 10) - (1 + 3) / 2
    assert found[2, 3] == (6 - 10) - (12 - 10)
    assert found[3, 3] == (5 - 11) - (12 - 13)
    assert np.isnan(found[2, 4])
    assert np.isnan(found[4, 4])


def test_never_launched_units_are_preferred_and_can_be_widened():
    rows = {"甲": [10, 6, 6], "乙": [10, 12, 5], "丁": [10, 11, 11]}
    frame = panel(rows, {"甲": 2, "乙": 3})
    assert effects(frame)[2, 2] == -4 - 1
    assert effects(frame, comparison="never")[2, 2] == -4 - 1
    assert effects(frame, comparison="not_yet")[2, 2] == -4 - 1.5


def test_a_unit_that_launches_before_the_base_period_is_no_comparison():
    """Without never-launched: for group 4 in period 1 the base is 3, when 甲 (launched in 2) has changed."""
    rows = {"甲": [10, 1, 1, 1, 1], "乙": [10, 10, 10, 5, 5], "丙": [8, 9, 10, 10, 5]}
    found = effects(panel(rows, {"甲": 2, "乙": 4, "丙": 5}))
    assert found[4, 1] == (10 - 10) - (8 - 10)


def test_already_launched_and_later_than_the_data_are_no_groups():
    rows = {"甲": [1, 2], "乙": [1, 2], "丙": [1, 2]}
    assert {group for group, _ in effects(panel(rows, {"甲": 1, "乙": 2, "丙": 9}))} == {2}


def test_groups_under_three_units_have_no_standard_error():
    rows = {name: [1.0, value] for name, value in zip("abcdefg", (3, 5, 4, 1, 2, 1, 2), strict=True)}
    two = le.group_time_effects(panel(rows, {"a": 2, "b": 2}), *NAMES)
    assert two["effect"].notna().all()
    assert two["std_error"].isna().all()
    three = le.group_time_effects(panel(rows, {"a": 2, "b": 2, "c": 2}), *NAMES)
    # changes 2, 4, 3 (variance 1) against 0, 1, 0, 1 (variance 1/3)
    assert three["std_error"].iloc[1] == pytest.approx(np.sqrt(1 / 3 + 1 / 12))
    assert np.isnan(three["std_error"].iloc[0])


def test_one_group_agrees_with_a_regression_of_the_changes():
    import statsmodels.api as sm

    rng = np.random.default_rng(5)
    rows = {f"u{i}": list(rng.normal(10, 2, 2)) for i in range(12)}
    frame = panel(rows, {f"u{i}": 2 for i in range(5)})
    change = np.array([b - a for a, b in rows.values()])
    fit = sm.OLS(change, sm.add_constant((np.arange(12) < 5).astype(float))).fit(cov_type="HC2")
    row = le.group_time_effects(frame, *NAMES).iloc[1]
    assert (row["effect"], row["std_error"]) == pytest.approx((fit.params[1], fit.bse[1]))


def test_months_dates_and_texts_are_the_same_periods():
    frame = panel({"甲": [9, 10, 4], "乙": [5, 6, 7]}, {"甲": 3})
    month = {t: pd.Period(f"2024-{t + 9}", "M") for t in (1, 2, 3)}
    periods = frame.assign(
        period=frame["period"].map(month), first=pd.to_datetime(frame["first"].map({3: "2024-12-15"}))
    )
    texts = periods.assign(period=periods["period"].astype(str))
    table = le.group_time_effects(periods, *NAMES)
    assert list(table["effect"]) == [0.0, 0.0, -7.0]
    assert table["group"].iloc[0] == pd.Period("2024-12", "M")
    pd.testing.assert_frame_equal(le.group_time_effects(texts, *NAMES), table)
    assert list(Staggered(periods, *NAMES).event_study()["event_time"]) == [-2, -1, 0]


def test_a_missing_period_leaves_that_unit_out_of_that_cell_only():
    frame = panel({"甲": [9, 10, 4], "己": [9, 10, np.nan], "乙": [5, 6, 7]}, {"甲": 3, "己": 3})
    assert effects(frame)[3, 3] == -7.0


def test_grain_is_checked():
    frame = panel({"甲": [1, 2], "乙": [1, 2]}, {"甲": 2})
    with pytest.raises(ValueError, match="twice"):
        le.group_time_effects(pd.concat([frame, frame]), *NAMES)
    frame.loc[0, "first"] = 1
    with pytest.raises(ValueError, match="two launches"):
        le.group_time_effects(frame, *NAMES)


def test_nobody_launched_gives_an_empty_table():
    frame = panel({"甲": [1, 2], "乙": [1, 2]}, {})
    assert le.group_time_effects(frame, *NAMES).empty
    assert Staggered(frame, *NAMES).event_study().empty
    assert Staggered(frame, *NAMES).average()["units"] == 0


def test_event_study_averages_units_by_time_since_launch():
    """甲 −6 at launch, 乙 and 丙 −2 and −1 a period later; the never-launched do not move."""
    rows = {"甲": [6, 0, 0, 0], "乙": [4, 4, 2, 2], "丙": [4, 4, 3, 3], "丁": [5] * 4, "戊": [5] * 4}
    frame = panel(rows, {"甲": 2, "乙": 3, "丙": 3})
    study = Staggered(frame, *NAMES).event_study().set_index("event_time")
    assert study.loc[0, "effect"] == pytest.approx((-6 - 2 - 1) / 3)
    assert study.loc[0, "units"] == 3
    assert study.loc[0, "std_error"] == pytest.approx(np.std([-6, -2, -1], ddof=1) / np.sqrt(3))
    assert np.isnan(study.loc[2, "std_error"])  # 甲 alone
    assert study.loc[-1, "effect"] == 0
    assert Staggered(frame, *NAMES).average()["effect"] == pytest.approx((-6 - 2 - 1) / 3)


@pytest.mark.slow
def test_event_study_intervals_cover_the_truth():
    """12 units launching in three months, 8 never; true effect −2 at launch."""
    runs, rng = 2000, np.random.default_rng(21)
    launch = {f"u{i}": 3 + i % 3 for i in range(12)}
    frame = panel({f"u{i}": [0.0] * 6 for i in range(20)}, launch)
    since = frame["period"] >= frame["first"]
    level = np.repeat(rng.normal(10, 3, (runs, 20)), 6, axis=1)
    outcomes = level + rng.normal(0, 1, (runs, len(frame))) - 2.0 * since.to_numpy()
    hits = 0
    for y in outcomes:
        row = Staggered(frame.assign(y=y), *NAMES).average()
        hits += within(row["lower"], -2, row["upper"])
    assert 0.92 <= hits / runs <= 0.98
