"""Counts add up, whatever the order and however they are split; the drill-down's rows are the figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import clocks, links, measures, policy, rollup
from analytics.narrowing import NarrowingError, mask
from analytics.scope import Scope, ScopeError, month_number, month_text
from analytics.vocabulary import CLOCKS, STATES

POLICY = policy.load()
AS_OF = "2024-08-01 12:00"


def records(numbers):
    """A few petitions drawn from whole numbers, so that every shape of record comes up."""
    rng = np.random.default_rng(numbers)
    size = int(rng.integers(1, 40))
    reported = pd.Timestamp("2024-01-15") + pd.to_timedelta(rng.integers(0, 86_400 * 190, size), unit="s")

    def after(limit):
        times = pd.Series(reported + pd.to_timedelta(rng.integers(-100, limit, size), unit="s"))
        return times.where(rng.random(size) > 0.2)

    return pd.DataFrame(
        {
            "case_id": [f"{numbers}-{i}" for i in range(size)],
            "reported_at": reported,
            "community": rng.choice(["甲社区", "乙社区"], size),
            "courtyard": rng.choice(["1号院", "2号院", ""], size),
            "building": rng.choice(["1", "2"], size),
            "unit": "1",
            "category": rng.choice(["停车", "噪音", ""], size),
            "handler": rng.choice(["社区", "物业", ""], size),
            "channel": rng.choice(["扫码上报", "电话"], size),
            "assigned_colour": rng.choice(["绿", "黄", "红", "灰", ""], size),
            "responded_at": after(600),
            "arrived_at": after(1800),
            "planned_at": after(3600),
            "resolved_at": after(86_400 * 200),
            "followed_up_at": after(86_400 * 6),
            "needs_visit": rng.choice([True, False], size),
            "unsolvable": rng.random(size) < 0.1,
            "satisfaction": rng.integers(1, 6, size),
        }
    )


def clocked(frame):
    return links.attach(clocks.measure(frame, AS_OF, POLICY), None, POLICY)


def counted(frame):
    return rollup.build(clocked(frame))


seeds = st.integers(0, 10_000)
scopes = st.builds(
    Scope,
    communities=st.sampled_from([(), ("甲社区",)]),
    courtyards=st.sampled_from([(), ("甲社区/1号院", "乙社区/2号院"), ("甲社区/",)]),
    first_month=st.sampled_from([None, "2024-02", "2024-05"]),
    last_month=st.sampled_from([None, "2024-06", "2024-12"]),
    handlers=st.sampled_from([(), ("社区",)]),
    categories=st.sampled_from([(), ("停车", "噪音")]),
    colours=st.sampled_from([(), ("green",), ("red", "grey")]),
    expected_colours=st.sampled_from([(), ("green", "yellow")]),
)


def totals(counts, scope=None):
    return dict(zip(rollup.COUNTERS, counts.totals(scope or Scope()), strict=True))


@settings(max_examples=30, deadline=None)
@given(seeds, seeds, scopes)
def test_two_parts_added_are_the_whole(first, second, scope):
    a, b = records(first), records(second + 20_000)
    whole = counted(pd.concat([a, b], ignore_index=True))
    # What ties rows together is attached over the whole store, so it is compared without it.
    plain = [rollup.build(clocks.measure(part, AS_OF, POLICY)) for part in (a, b, pd.concat([a, b]))]
    added = plain[0] + plain[1]
    assert totals(added, scope) == totals(plain[2], scope)
    assert added.months == plain[2].months
    assert set(added.places) == set(whole.places)


@settings(max_examples=30, deadline=None)
@given(seeds, scopes)
def test_filter_then_count_is_count_then_slice(seed, scope):
    counts = counted(records(seed))
    assert totals(counts.slice(scope)) == totals(counts, scope)
    assert int(measures.petitions(counts.totals(scope))) == int(counts.mask(scope).sum())
    assert (counts.counts(scope).sum(axis=(0, 1)) == counts.totals(scope)).all()


@settings(max_examples=30, deadline=None)
@given(seeds, seeds)
def test_the_order_of_rows_is_irrelevant(seed, shuffle):
    frame = records(seed)
    mixed = frame.sample(frac=1, random_state=shuffle)
    assert totals(counted(frame)) == totals(counted(mixed))


@settings(max_examples=30, deadline=None)
@given(seeds, scopes)
def test_states_and_colours_sum_to_the_petitions(seed, scope):
    found = measures.evaluate(counted(records(seed)), scope)
    size = found.value("petitions").numerator
    assert measures.outcomes(found.totals).sum() == size
    for clock in CLOCKS:
        assert sum(found.count(f"{clock}_{state}") for state in STATES) == size
    assert sum(found.count(f"resolution_{s}") for s in clocks.RESOLUTION_STATES) == size


@settings(max_examples=30, deadline=None)
@given(seeds, scopes)
def test_the_drill_down_of_every_measure_has_exactly_its_petitions(seed, scope):
    counts = counted(records(seed))
    found = measures.evaluate(counts, scope)
    rows = counts.rows[counts.mask(scope)]
    for name, measure in measures.REGISTRY.items():
        if name == "feedback":  # counts reports, not petitions
            continue
        value = found.value(name)
        assert mask(rows, measure.narrowing).sum() == value.numerator, name
        if measure.is_rate and measure.base:
            assert mask(rows, measure.base).sum() == value.denominator, name
        if measure.misses:
            assert mask(rows, measure.misses).sum() == value.denominator - value.numerator, name


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_rates_lie_between_0_and_1_or_are_unknown(seed):
    found = measures.evaluate(counted(records(seed))).rates
    for part in (found.rate, found.lower, found.upper, found.upper_bound):
        assert ((part >= 0) & (part <= 1) | np.isnan(part)).all()
    assert (np.isnan(found.rate) == (found.denominator <= found.uncertain)).all()


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_merged_courtyards_lie_between_their_parts(seed):
    frame = records(seed)
    parts = measures.evaluate(counted(frame))
    one = measures.evaluate(counted(frame.assign(courtyard="合院", community="")))
    _places, counters = parts.by_place()
    rates = measures.rates(counters).of("on_time")["rate"].dropna()
    merged = one.value("on_time").rate
    assert merged is None or rates.min() - 1e-12 <= merged <= rates.max() + 1e-12


def test_renaming_courtyards_only_relabels():
    frame = records(7)
    renamed = counted(frame.assign(courtyard=frame["courtyard"].replace({"1号院": "一号院"})))
    assert totals(renamed) == totals(counted(frame))


def test_a_rate_is_3_of_4_when_one_of_four_is_late():
    frame = pd.DataFrame(
        {
            "case_id": list("abcd"),
            "reported_at": "2024-06-03 08:00",
            "courtyard": "1号院",
            "responded_at": ["2024-06-03 08:01", "2024-06-03 08:05", "2024-06-03 08:02", "2024-06-03 08:06"],
        }
    )
    value = measures.evaluate(counted(frame)).value("response")
    assert (value.numerator, value.denominator, value.rate) == (3, 4, 0.75)
    assert value.interval == pytest.approx(
        (0.3006, 0.9544), abs=1e-4
    )  # Wilson, R: prop.test(3, 4, correct = F)
    assert value.upper_bound is None


def test_when_everything_due_is_unrecorded_the_rate_is_unknown():
    frame = pd.DataFrame({"case_id": ["a"], "reported_at": ["2024-06-03 08:00"], "courtyard": "1号院"})
    value = measures.evaluate(counted(frame)).value("response")
    assert (value.denominator, value.uncertain, value.rate, value.interval) == (1, 1, None, None)


def test_unrecorded_counts_against_and_opens_an_upper_bound():
    frame = pd.DataFrame(
        {
            "case_id": list("ab"),
            "reported_at": "2024-06-03 08:00",
            "courtyard": "1号院",
            "responded_at": ["2024-06-03 08:01", None],
            "planned_at": [None, "2024-06-03 08:20"],
        }
    )
    value = measures.evaluate(counted(frame)).value("response")
    assert (value.rate, value.upper_bound) == (0.5, 1.0)


def test_months_have_no_gaps():
    frame = pd.DataFrame(
        {"case_id": list("ab"), "reported_at": ["2023-11-03", "2024-02-03"], "courtyard": "1"}
    )
    months, counters = measures.evaluate(counted(frame)).by_month()
    assert months == ["2023-11", "2023-12", "2024-01", "2024-02"]
    assert list(measures.petitions(counters)) == [1, 0, 0, 1]


def test_no_petitions_at_all_have_no_rate_and_no_month():
    none = counted(records(1).head(0))
    found = measures.evaluate(none)
    assert found.value("petitions").numerator == 0
    assert found.value("response").rate is None
    assert found.by_month()[0] == []
    assert totals(none + counted(records(3))) == totals(counted(records(3)))


def test_rollups_of_another_moment_or_policy_do_not_add_up():
    frame = records(1)
    other = rollup.build(clocks.measure(frame, AS_OF, POLICY.with_limit("response", "PT10M")))
    with pytest.raises(rollup.RollupError):
        counted(frame) + other


def test_two_communities_have_two_courtyards_of_one_name():
    frame = pd.DataFrame(
        {"case_id": list("ab"), "reported_at": "2024-06-03", "courtyard": "1号院", "community": ["甲", "乙"]}
    )
    assert counted(frame).places == ("乙/1号院", "甲/1号院")


def test_a_blank_community_takes_the_registrys_if_that_is_unique():
    frame = pd.DataFrame(
        {"case_id": list("ab"), "reported_at": "2024-06-03", "courtyard": ["1号院", "2号院"]}
    )
    registry = pd.DataFrame({"community": ["甲", "甲", "乙"], "courtyard": ["1号院", "2号院", "2号院"]})
    assert rollup.build(clocks.measure(frame, AS_OF, POLICY, registry)).places == ("/2号院", "甲/1号院")


def test_months_are_read_and_written_one_way():
    assert month_text(month_number("2024-06")) == "2024-06"
    for wrong in ("2024-13", "2024-6", "24-06", "2024/06", "june"):
        with pytest.raises(ScopeError, match=wrong):
            month_number(wrong)


def test_an_unknown_condition_is_refused_by_name():
    with pytest.raises(NarrowingError, match="colour"):
        mask(clocked(records(1)), {"colour": "red"})
