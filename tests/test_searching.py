"""Searching what residents said: every word, signs as themselves, nothing that is hidden, nothing too early."""

from __future__ import annotations

import pytest
from pandas import Timestamp

from analytics import store
from tests import stored

ROWS = [
    {"case_id": "A-1", "content": "楼上卫生间漏水，滴到厨房", "follow_up_note": None},
    {"case_id": "A-2", "content": "电梯漏水，回电13812341234", "follow_up_note": None},
    {"case_id": "A-3", "content": "楼道灯不亮", "follow_up_note": "厨房也漏水"},
    {"case_id": "A-4", "content": "１栋电梯ＡＢ坏了，写信到 li.ming@example.com", "follow_up_note": None},
    {"case_id": "A-5", "content": "门禁 100% 坏了_x", "follow_up_note": None},
]


@pytest.fixture
def filled(url):
    engine = store.connect(url)
    rows = [
        {**row, "reported_at": Timestamp(2024, 6, 9 - n), "followed_up_at": Timestamp("2024-06-10 09:00")}
        for n, row in enumerate(ROWS)
    ]
    stored.save(engine, stored.intake(*rows))
    return engine


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("漏水", ["A-1", "A-2", "A-3"]),
        ("漏水 厨房", ["A-1", "A-3"]),
        ("厨房　漏水", ["A-1", "A-3"]),  # a full-width space between the words
        ("漏水 电梯", ["A-2"]),
        ("1栋", ["A-4"]),
        ("１栋 ab", ["A-4"]),
        ("100%", ["A-5"]),
        ("%", ["A-5"]),
        ("坏了_", ["A-5"]),
        ("a-1", ["A-1"]),
        ("没有的话", []),
        (" \x00\t", []),
        ("", []),
    ],
)
def test_every_word_is_found_and_signs_mean_themselves(filled, text, found):
    assert store.search(filled, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("13812341234", []),
        ("3412", []),
        ("138****1234", []),  # the stars are not in the record
        ("138", ["A-2"]),  # what stays visible can be found
        ("li.ming", []),
        ("example", []),
        ("漏水 13812341234", []),
    ],
)
def test_what_is_hidden_where_the_text_is_shown_cannot_be_found(filled, text, found):
    assert store.search(filled, text) == found


def test_a_note_is_not_known_before_the_follow_up(filled):
    assert store.search(filled, "厨房", as_of=Timestamp("2024-06-10 08:59")) == ["A-1"]
    assert store.search(filled, "厨房", as_of=Timestamp("2024-06-10 09:00")) == ["A-1", "A-3"]
    early = store.known_texts(filled, ["A-3"], Timestamp("2024-06-10 08:59"))
    late = store.known_texts(filled, ["A-3"], Timestamp("2024-06-10 09:00"))
    assert not isinstance(early.loc["A-3", "follow_up_note"], str)
    assert late.loc["A-3", "follow_up_note"] == "厨房也漏水"


def test_texts_are_read_masked_and_in_the_order_asked_for(filled):
    texts = store.known_texts(filled, ["A-2", "nobody", "A-1"], Timestamp("2024-07-01"))
    assert texts.index.tolist() == ["A-2", "A-1"]
    assert texts.loc["A-2", "content"] == "电梯漏水，回电138****1234"


def test_a_very_long_search_is_cut_and_words_count_once():
    assert store.search_words("水" * 10_000) == ("水" * store.MOST_CHARACTERS,)
    assert store.search_words("Ａb  ab 漏水\n漏水") == ("ab", "漏水")


def test_a_hundred_words_can_be_searched(filled):
    assert store.search(filled, " ".join(chr(0x4E00 + n) for n in range(50))) == []
