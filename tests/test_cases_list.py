"""The list of petitions: its order, its pages, what stands before and after one, and how it reads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import cases, dataset, i18n, policy
from analytics.dataset import Source
from analytics.frame import typed
from analytics.present import tables_cases
from analytics.scope import Scope

AS_OF = pd.Timestamp("2024-07-01 08:00")
#: Five petitions: B and C reported at the same second; D open; E without handler and colour.
PETITIONS = pd.DataFrame(
    {
        "case_id": ["A", "B", "C", "D", "E"],
        "reported_at": ["2024-06-01 08:00", "2024-06-02 08:00", "2024-06-02 08:00", "2024-06-30 08:00", "2024-06-20 08:00"],
        "community": ["桂东社区"] * 5,
        "courtyard": ["10号院", "2号院", "2号院", "9号院", "10号院"],
        "handler": ["物业", "社区", "物业", "社区", None],
        "assigned_colour": ["red", "green", "green", "yellow", None],
        "responded_at": ["2024-06-01 08:03", "2024-06-02 08:09", "2024-06-02 08:03", None, None],
        "resolved_at": ["2024-06-11 08:00", "2024-06-03 08:00", "2024-06-12 08:00", None, "2024-06-20 20:00"],
    }
)  # fmt: skip


def made(petitions):
    blank = pd.DataFrame
    courtyards = blank(
        {
            "community": [],
            "courtyard": [],
            "launched_on": pd.to_datetime([]),
            "households": [],
            "residents": [],
        }
    )
    singles = blank({"complaint_id": [], "received_at": pd.to_datetime([]), "community": [], "courtyard": []})
    months = blank({"month": [], "community": [], "courtyard": [], "count": []})
    progress = blank({"case_id": [], "reported_at": pd.to_datetime([]), "note": [], "by": []})
    return dataset.at(Source(typed(petitions), singles, months, courtyards, progress), AS_OF, policy.load())


_DATA = made(PETITIONS.sort_values(["reported_at", "case_id"], ignore_index=True))


@pytest.fixture
def data():
    return _DATA


def ids(data, positions):
    return "".join(data.rows["case_id"].iloc[positions])


@pytest.mark.parametrize(
    ("column", "descending", "expected"),
    [
        ("reported_at", True, "DEBCA"),  # B and C at the same second: in the order they had
        ("reported_at", False, "ABCED"),
        ("case_id", False, "ABCDE"),
        ("place", False, "BCDEA"),  # 2号院, 9号院, 10号院
        ("handler", False, "CADBE"),  # 物业 before 社区; blank last
        ("handler", True, "DBCAE"),
        ("expected", False, "BCDAE"),  # green, yellow, red; blank last
        ("response_minutes", False, "CABDE"),  # 3′, 3′, 9′; without a time last
        ("response_minutes", True, "BCADE"),
        ("resolved_at", True, "ECABD"),
        ("days", False, "EDBCA"),  # half a day, one (open until now), one, ten, ten
    ],
)
def test_a_list_lies_in_the_order_of_a_column(data, column, descending, expected):
    newest_first = cases.select(data, Scope())
    assert ids(data, newest_first) == "DEBCA"
    assert ids(data, cases.arranged(data, newest_first, column, descending)) == expected


@given(st.sampled_from(cases.SORTABLE), st.booleans(), st.lists(st.integers(0, 4), unique=True, min_size=1))
def test_order_keeps_every_petition_and_the_list_both_ways_agrees_on_blanks(column, descending, some):
    data = _DATA
    positions = np.array(some)
    ordered = cases.arranged(data, positions, column, descending)
    assert sorted(ordered) == sorted(positions)
    assert cases.arranged(data, ordered, column, descending).tolist() == ordered.tolist()
    there = cases.arranged(data, positions, column, not descending)
    blank = np.isnan(cases._ranks(data.rows, column))
    count = int(blank[positions].sum())
    assert set(ordered[len(ordered) - count :]) == set(there[len(there) - count :])


@given(st.sampled_from(cases.SORTABLE), st.booleans(), st.lists(st.integers(0, 4), unique=True, min_size=1))
def test_walking_visits_every_petition_once_and_next_then_previous_is_where_one_was(column, descending, some):
    data = _DATA
    positions = cases.arranged(data, np.array(some), column, descending)
    walked, at = [], str(data.rows["case_id"].iloc[positions[0]])
    while at is not None:
        where = cases.standing(data, positions, cases.find(data, at))
        walked.append(at)
        assert where.number == len(walked)
        assert where.count == len(positions)
        if where.next is not None:
            assert cases.standing(data, positions, cases.find(data, where.next)).previous == at
        at = where.next
    assert "".join(walked) == ids(data, positions)


def test_a_petition_outside_the_list_has_no_place_in_it(data):
    assert cases.standing(data, np.array([0, 1]), 4) is None


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2), (100_000, 1000)])
def test_pages_hold_a_hundred_each_and_together_the_list(count, pages):
    positions = np.arange(count)
    assert cases.pages(count) == pages
    parts = [cases.page(positions, number) for number in range(1, pages + 1)]
    assert np.concatenate(parts).tolist() == positions.tolist()
    if count > 100:
        assert [len(part) for part in parts[:2]] == [100, min(count - 100, 100)]


def test_a_petition_is_on_the_page_its_number_says():
    assert [cases.Standing(n, 250, None, None).page for n in (1, 100, 101, 200, 201)] == [1, 1, 2, 2, 3]


def test_petitions_are_found_by_their_ids(data):
    assert ids(data, np.flatnonzero(cases.named(data, ["E", "A", "X"]))) == "AE"


def test_every_choice_has_a_heading_of_its_own_in_both_languages(monkeypatch):
    for language in ("zh", "en"):
        monkeypatch.setenv("ANALYTICS_LANG", language)
        headings = [tables_cases.heading(name) for name in tables_cases.CHOICES]
        assert len(set(headings)) == len(headings)
    assert i18n.language() == "en"


def test_the_list_has_the_columns_asked_for_and_the_text_around_what_was_found(data):
    positions = cases.select(data, Scope())[:2]
    texts = pd.DataFrame(
        {"content": ["一" * 100 + "漏水" + "二" * 100]}, index=pd.Index(["D"], name="case_id")
    )
    shown = tables_cases.cases(
        cases.table(data, positions), ("case_id", "place", "content"), texts, ("漏水",)
    )
    assert list(shown.columns) == ["诉求编号", "院落", "诉求内容"]
    assert shown["诉求编号"].tolist() == ["D", "E"]
    assert shown["诉求内容"][0].startswith("…一一")
    assert "一漏水二" in shown["诉求内容"][0]
    assert pd.isna(shown["诉求内容"][1])


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("短\n句  子", (), "短 句 子"),
        ("一" * 61, (), "一" * 60 + "…"),
        ("一" * 60 + "漏水", ("漏水",), "…" + "一" * 12 + "漏水"),
        ("一" * 50 + "ＡＢ" + "二" * 50, ("ab",), "…" + "一" * 12 + "ＡＢ" + "二" * 46 + "…"),
        ("漏水" + "一" * 60, ("没有", "漏水"), "漏水" + "一" * 58 + "…"),
    ],
)
def test_an_excerpt_is_one_line_from_shortly_before_the_word(text, words, expected):
    assert tables_cases.excerpt(text, words) == expected
