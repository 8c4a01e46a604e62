"""Near duplicates: the same thing entered twice within minutes; two neighbours are two."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics import doubles
from analytics.frame import typed

SAID = "三单元门口的路灯不亮了"


def found(*rows: dict) -> list[int]:
    records = [{"courtyard": "1号院", "category": "照明", "content": SAID, **row} for row in rows]
    frame = pd.DataFrame(records).assign(case_id=[f"{i}" for i in range(len(rows))])
    times = pd.to_datetime("2024-06-03 " + frame["time"], format="ISO8601")
    texts = frame.set_index("case_id")["content"]
    return doubles.twins(typed(frame.assign(reported_at=times)), lambda ids: texts[ids]).tolist()


@pytest.mark.parametrize(
    ("first", "second", "twin"),
    [
        ({"phone": "1"}, {"phone": "1", "content": "别的"}, 0),
        ({"phone": "1"}, {"phone": "2"}, -1),  # two neighbours about one lamp
        ({"resident": "张三"}, {"resident": "张三", "content": "别的"}, 0),
        ({"resident": "张三"}, {"resident": "李四"}, -1),
        ({"resident": "张三"}, {}, 0),  # the same words, one without a name
        ({}, {}, 0),
        ({"content": "漏水"}, {"content": "漏水"}, -1),  # too short to be one person's words
        ({"phone": "1"}, {"phone": "1", "time": "08:15:01"}, -1),
        ({"phone": "1"}, {"phone": "1", "category": "噪音"}, -1),
        ({"phone": "1"}, {"phone": "1", "courtyard": "2号院"}, -1),
    ],
)
def test_two_petitions(first, second, twin):
    assert found({"time": "08:05", **first}, {"time": "08:15", **second}) == [-1, twin]


def test_the_nearest_earlier_one_is_the_twin_also_with_others_between():
    rows = ["08:05", "08:06", "08:07", "08:08"]
    phones = ["1", "2", "1", "1"]
    assert found(*({"time": t, "phone": p} for t, p in zip(rows, phones, strict=True))) == [-1, -1, 0, 2]


def test_dates_without_a_time_of_day_are_never_near():
    frame = pd.DataFrame({"case_id": ["1", "2"], "reported_at": "2024-06-03", "phone": "1"})
    assert doubles.twins(typed(frame), lambda ids: pd.Series(index=ids)).tolist() == [-1, -1]
