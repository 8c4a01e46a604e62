"""A rate's change split into mix and performance: by hand, and as laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.evaluation.change_explained import KIND_LABELS, Contributor, explain_change


def month(**groups: tuple[int, int]) -> pd.DataFrame:
    """One month: group = (numerator, denominator)."""
    return pd.DataFrame.from_dict(groups, orient="index", columns=["numerator", "denominator"])


def test_everybody_stays_as_good_but_the_weak_one_has_more_petitions():
    """甲 9 of 10, 乙 5 of 10; then 乙 has thirty: the rate falls from 70 % to 60 % by mix alone."""
    found = explain_change(month(甲=(9, 10), 乙=(5, 10)), month(甲=(9, 10), 乙=(15, 30)))
    assert (found.before, found.after) == (0.7, 0.6)
    assert found.performance == pytest.approx(0)
    assert found.mix == pytest.approx(-0.1)
    # from the overall rate 65 %: 甲 loses a quarter of the petitions at +25 points, 乙 gains it at −15
    assert found.parts["mix"].tolist() == pytest.approx([-0.25 * 0.25, 0.25 * -0.15])
    assert [c.group for c in found.largest] == ["甲", "乙"]


def test_the_same_petitions_and_one_does_worse():
    found = explain_change(month(甲=(9, 10), 乙=(5, 10)), month(甲=(9, 10), 乙=(1, 10)))
    assert found.mix == pytest.approx(0)
    assert found.change == pytest.approx(-0.2)
    assert len(found.largest) == 1
    assert (found.largest[0].group, found.largest[0].kind) == ("乙", "performance")
    assert found.largest[0].effect == pytest.approx(-0.2)


def test_a_newcomer_changes_the_mix_only():
    found = explain_change(month(甲=(8, 10)), month(甲=(8, 10), 新=(10, 10)))
    assert found.parts.loc["新", "performance"] == 0
    assert np.isnan(found.parts.loc["新", "rate_before"])
    assert found.mix == pytest.approx(found.change)
    gone = explain_change(month(甲=(8, 10), 新=(10, 10)), month(甲=(8, 10)))
    assert gone.mix == pytest.approx(-found.change)


def test_three_largest_are_named_whatever_their_sign():
    before = month(a=(5, 10), b=(5, 10), c=(5, 10), d=(5, 10))
    found = explain_change(before, month(a=(9, 10), b=(2, 10), c=(7, 10), d=(5, 10)))
    assert [(c.group, c.kind) for c in found.largest] == [
        ("a", "performance"),
        ("b", "performance"),
        ("c", "performance"),
    ]
    assert [c.effect for c in found.largest] == pytest.approx([0.1, -0.075, 0.05])


@pytest.mark.parametrize("empty", [month(甲=(0, 0)), month(甲=(0, 0)).iloc[:0]])
def test_a_month_without_cases_explains_nothing(empty):
    full = month(甲=(1, 2))
    later, earlier = explain_change(full, empty), explain_change(empty, full)
    assert (later.before, later.after, later.change, later.largest) == (0.5, None, None, ())
    assert (earlier.before, earlier.after, earlier.mix) == (None, 0.5, None)
    assert later.parts.empty


def test_a_group_twice_in_a_month_is_refused():
    once = month(甲=(1, 2))
    with pytest.raises(ValueError, match="twice"):
        explain_change(pd.concat([once, once]), once)


def test_kinds_have_words():
    assert set(KIND_LABELS) == {"mix", "performance"}
    assert Contributor("甲", "mix", 0.1).kind in KIND_LABELS


COUNTS = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: (pair[0], sum(pair)))
MONTH = st.dictionaries(st.sampled_from("甲乙丙丁戊"), COUNTS, max_size=5).map(lambda groups: month(**groups))


@settings(max_examples=60, deadline=None)
@given(MONTH, MONTH)
def test_parts_add_up_to_the_change(before, after):
    found = explain_change(before, after)
    if found.change is None:
        assert not before["denominator"].sum() or not after["denominator"].sum()
        return
    assert found.change == pytest.approx(
        after["numerator"].sum() / after["denominator"].sum()
        - before["numerator"].sum() / before["denominator"].sum()
    )
    assert found.mix + found.performance == pytest.approx(found.change, abs=1e-12)
    assert found.parts["total"].sum() == pytest.approx(found.change, abs=1e-12)
    assert np.abs(found.parts[["mix", "performance"]].to_numpy()).max() <= 1
    sizes = [abs(c.effect) for c in found.largest]
    assert sizes == sorted(sizes, reverse=True)


@settings(max_examples=60, deadline=None)
@given(MONTH, MONTH)
def test_backwards_is_the_opposite_and_order_does_not_matter(before, after):
    there, back = explain_change(before, after), explain_change(after, before)
    turned = explain_change(before.iloc[::-1], after.iloc[::-1])
    if there.change is None:
        assert back.change is None
        return
    for name in ("mix", "performance", "change"):
        assert getattr(there, name) == pytest.approx(-getattr(back, name), abs=1e-12)
        assert getattr(there, name) == pytest.approx(getattr(turned, name), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(MONTH, MONTH, st.integers(2, 9))
def test_ten_times_the_petitions_give_the_same_explanation(before, after, times):
    one, many = explain_change(before, after), explain_change(before * times, after * times)
    assert (one.change is None) == (many.change is None)
    if one.change is not None:
        assert many.parts["mix"].to_numpy() == pytest.approx(one.parts["mix"].to_numpy(), abs=1e-12)
        assert many.performance == pytest.approx(one.performance, abs=1e-12)
