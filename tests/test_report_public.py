"""What leaves the committee: nothing of fewer than three petitions, not even by subtraction."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.i18n import use
from analytics.report import public_content
from analytics.report.suppression import LEAST, share, suppress
from analytics.scope import Scope
from tests.report_data import MONTH, invented, sample

counts = st.dictionaries(st.text("甲乙丙丁戊己庚辛", min_size=1, max_size=3), st.integers(0, 12), max_size=9)


@given(counts, st.none() | st.integers(1, 6))
def test_no_small_group_is_shown_and_none_stands_alone(groups, most):
    found = suppress(groups, most=most)
    shown = dict(found.groups)
    assert all(shown[name] == groups[name] >= LEAST for name in shown)
    hidden = [n for name, n in groups.items() if name not in shown]
    if shown and hidden:
        assert len(hidden) >= 2
        assert sum(hidden) >= LEAST
        assert found.remainder == sum(hidden)
    assert most is None or len(shown) <= most


@given(counts)
def test_what_is_shown_adds_up_to_the_total_or_nothing_is(groups):
    found = suppress(groups)
    assert not found.groups or sum(n for _name, n in found.groups) + (found.remainder or 0) == sum(
        groups.values()
    )


@given(st.lists(st.integers(0, 6), min_size=2, max_size=5))
def test_from_the_remainder_no_hidden_number_follows(sizes):
    """Not for a reader who takes the hidden ones for anything, nor for one who takes them all for under three."""
    groups = {str(i): n for i, n in enumerate(sizes)}
    printed = suppress(groups)
    hidden = [name for name in groups if name not in dict(printed.groups)]
    if not printed.groups or not hidden:
        return
    for most in (printed.remainder, LEAST - 1):
        ways = [
            w for w in itertools.product(range(most + 1), repeat=len(hidden)) if sum(w) == printed.remainder
        ]
        assert len(ways) != 1


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_share_names_no_group_under_three(hits, others):
    due = hits + others
    found = share(hits, due)
    if found is None:
        assert due < 2 * LEAST
        return
    how, fraction = found
    if how == "exactly":
        assert min(hits, others) >= LEAST
        assert fraction == hits / due
    elif how == "at_least":
        assert fraction <= hits / due
        assert others < LEAST
    else:
        assert fraction >= hits / due
        assert hits < LEAST


def test_the_order_of_a_list_can_be_kept():
    found = suppress({"快": 5, "慢": 9, "很慢": 1, "不明": 2}, ordered=True)
    assert found.groups == (("快", 5), ("慢", 9))
    assert found.remainder == 3


def test_negative_groups_are_refused():
    with pytest.raises(ValueError, match="fewer than none"):
        suppress({"甲": -1})


def everything(made):
    return made.to_json().decode()


@pytest.mark.parametrize("month", ["2024-06", "2024-05", "2023-11", "2022-12"])
@pytest.mark.parametrize(
    "scope", [Scope(), Scope(communities=("太极社区",)), Scope(courtyards=("桂东社区/2号院",))]
)
def test_every_number_in_the_tables_is_of_three_or_more(month, scope):
    made = public_content(sample(), month, scope)
    for table in made.tables:
        assert all(row[1] >= LEAST for row in table.rows)
        assert len(table.rows) <= 9


def test_nobody_and_no_single_petition_is_in_it():
    text = everything(public_content(sample(), MONTH))
    assert not made_of(text, "GD-", "TJ-", "物业", "微网格长", "小区党支部")
    assert public_content(sample(), MONTH).figures == {}


def made_of(text, *words):
    return [word for word in words if f'"{word}"' in text or (word.endswith("-") and word in text)]


def test_a_month_of_two_petitions_says_only_that_they_are_few():
    made = public_content(sample(), MONTH, Scope(courtyards=("桂东社区/4号院",)))
    assert not made.tables
    assert "不足 3 件" in everything(made)


def test_lists_are_short_enough_for_one_page():
    made = public_content(invented(), MONTH)
    assert all(len(table.rows) <= 9 for table in made.tables)
    assert sum(row[1] for row in made.section("asked").tables[1].rows) == sum(
        row[1] for row in made.section("asked").tables[0].rows
    )


def test_in_english():
    use(lambda: "en")
    assert public_content(sample(), MONTH).language == "en"
