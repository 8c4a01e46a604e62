"""Narrowings that meet: what a page is narrowed to and what is clicked on it are one way to the same petitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import dataset, measures, narrowing
from analytics.present import conditions
from analytics.vocabulary import CLOCKS, OUTCOMES, STATES
from tests.test_pages import sample, sample_url

__all__ = ["sample", "sample_url"]

_several = {"min_size": 1, "max_size": 3, "unique": True}
NARROWINGS = st.one_of(
    st.fixed_dictionaries({"clock": st.sampled_from(CLOCKS), "state": st.lists(st.sampled_from(STATES), **_several)}),
    st.builds(lambda c, low, high: {"clock": c, "above": low, "upto": high}, st.sampled_from(CLOCKS), st.integers(-1, 600), st.integers(60, 90_000)),
    st.fixed_dictionaries({"outcome": st.lists(st.sampled_from(OUTCOMES), **_several)}),
    st.fixed_dictionaries({"month": st.sampled_from(["2024-03", "2024-04"]), "outcome": st.sampled_from(OUTCOMES)}),
    st.fixed_dictionaries({"weekday": st.integers(0, 6), "hour": st.integers(0, 23)}),
    st.fixed_dictionaries({"flag": st.lists(st.sampled_from(["is_open", "rated", "not_rated", "confirmed"]), **_several)}),
    st.fixed_dictionaries({"feedback": st.sampled_from(["met", "missed"])}),
    st.fixed_dictionaries({"resolution": st.lists(st.sampled_from(["met", "missed"]), **_several), "handler": st.sampled_from(["物业", "社区"])}),
    st.builds(lambda first, last: {"month_from": first, "month_upto": last}, st.sampled_from(["2023-09", "2024-02"]), st.sampled_from(["2024-01", "2024-05"])),
    st.builds(lambda low, high: {"age_above": low, "age_upto": high}, st.integers(0, 60), st.integers(30, 400)),
)  # fmt: skip


@given(first=NARROWINGS, second=NARROWINGS, third=NARROWINGS)
@settings(max_examples=150, deadline=None)
def test_both_narrowings_together_are_their_intersection_also_as_an_address(sample, first, second, third):
    rows = sample.rows
    wanted = narrowing.mask(rows, first) & narrowing.mask(rows, second)
    joined = narrowing.both(first, second)
    assert np.array_equal(narrowing.mask(rows, joined), wanted)
    written = {
        name: [str(v) for v in (value if isinstance(value, list) else [value])]
        for name, value in joined.items()
    }
    assert np.array_equal(narrowing.mask(rows, written), wanted)
    thrice = narrowing.both(written, third)
    assert np.array_equal(narrowing.mask(rows, thrice), wanted & narrowing.mask(rows, third))
    assert all(words for _names, words in conditions.chips(thrice))


def test_two_clocks_stand_side_by_side_and_read_as_both():
    met, missed = {"clock": "response", "state": ["met"]}, {"clock": "arrival", "state": ["missed"]}
    joined = narrowing.both(met, missed)
    assert joined["also"] == ['{"clock": "arrival", "state": ["missed"]}']
    assert [words for _names, words in conditions.chips(joined)] == ["响应 · 按时", "到场 · 超时"]


@pytest.mark.parametrize("nonsense", ["[]", "x", '{"also": ["{}"]}', '{"clock": "none", "state": "met"}'])
def test_a_forged_further_narrowing_is_refused(sample, nonsense):
    with pytest.raises(narrowing.NarrowingError):
        narrowing.mask(sample.rows, {"also": [nonsense]})


def test_a_narrowed_dataset_counts_its_petitions_and_leaves_complaints_alone(sample):
    misses = dict(measures.REGISTRY["response"].misses)
    found = dataset.narrowed(sample, misses)
    assert len(found.rows) == narrowing.mask(sample.rows, misses).sum()
    assert measures.evaluate(found.rollup, dataset.Scope()).value("response").numerator == 0
    assert found.complaints is sample.complaints
