"""What is carried away from 督办: a text, a calendar, rows per handler; nothing personal in any of them."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from analytics import i18n, supervision
from analytics.present import downloads, messages
from analytics.scope import Scope
from tests.test_supervision import CLOSED, GREEN, RED, SECOND, opened

AS_OF = "2024-06-21 08:00"
ROWS = [
    {**RED, "handler": "物业"},
    {**GREEN, "promised_at": "2024-06-22 18:00:00", "category": "停车"},
    {"reported_at": "2024-06-21 07:58:00", "handovers": 4, "handler": None, "category": None},
]
PERSONAL = {
    "resident": "王建国",
    "phone": "13812341234",
    "content": "我家住三单元四楼，身份证510102199001011234",
    "follow_up_note": "已与王建国通话",
    "building": "七栋",
    "unit": "四单元",
    "handler": "李小兰",
}


def found(rows=ROWS, as_of=AS_OF, reports=()):
    data = opened(rows, as_of, reports)
    return supervision.items(data, Scope()), data.as_of


def unfolded(content):
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_the_text_names_each_kind_and_its_petitions():
    text = messages.group_text(*found())
    assert text.splitlines()[0] == "【督办】截至 2024年6月21日 08:00，共 10 项"
    assert "· T0 1号院 漏水 已超 4 天 0 小时（6月17日 08:00）" in text
    assert "· T2 1号院 未填 响应时限将到 还剩 3′00″（6月21日 08:03）" in text
    assert "· T1 1号院 停车 还剩 1 天 10 小时（6月22日 18:00）" in text


def test_the_text_counts_what_it_does_not_name():
    rows = [{**RED, "case_id": f"R{i}"} for i in range(7)]
    section = messages.group_text(*found(rows)).split("■ 进度反馈超期：7 项\n")[1].split("■")[0].splitlines()
    assert len(section) == 6
    assert section[-1] == "· 另有 2 项"


def test_a_repeat_names_the_petition_and_nothing_to_do_says_so():
    items, as_of = found([CLOSED, SECOND], "2024-06-12")
    assert "T0 1号院 漏水 办结后又有诉求 T1 6月10日 08:00" in messages.group_text(items, as_of)
    assert messages.counts(items[:0]) == "没有到期或超期的事项"


def test_places_of_two_communities_are_told_apart():
    text = messages.group_text(*found([ROWS[0], {**ROWS[1], "community": "桂东社区"}]))
    assert "太极社区 · 1号院" in text
    assert "桂东社区 · 1号院" in text


def test_the_lines_are_in_the_order_of_the_list_and_name_the_handler():
    items, as_of = found()
    lines = messages.lines(items, as_of)
    assert len(lines) == len(items)
    assert lines[-1] == "— · 转办超过 2 次 · T2 · 1号院 · 未填 · 未填"


def test_the_calendar_holds_what_is_still_to_come_in_utc():
    items, as_of = found()
    content = messages.calendar(items, as_of)
    lines = unfolded(content)
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    coming = items["due"] >= as_of
    assert lines.count("BEGIN:VEVENT") == coming.sum() + 1
    assert "DTSTART:20240622T100000Z" in lines
    overdue = (items["overdue_seconds"] > 0).sum()
    assert f"SUMMARY:督办：已有 {overdue} 项超期" in lines
    assert "DTSTART;VALUE=DATE:20240621" in lines


def test_calendar_lines_are_short_and_events_keep_their_ids():
    rows = [{**ROWS[1], "case_id": "一个很长很长的编号" * 9 + ",;\\\n", "courtyard": "院" * 60}]
    content = messages.calendar(*found(rows))
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert any(r"编号\,\;\\" in line for line in unfolded(content))
    ids = [line for line in unfolded(content) if line.startswith("UID:")]
    later = [
        line
        for line in unfolded(messages.calendar(*found(rows, "2024-06-21 09:00")))
        if line.startswith("UID:")
    ]
    assert len(ids) == len(set(ids))
    assert ids == later


def test_rows_per_handler_add_up_and_become_a_spreadsheet():
    items, _as_of = found()
    tables = messages.handler_tables(items)
    assert {name: len(table) for name, table in tables.items()} == {"未填": 6, "物业": 4}
    assert list(tables) == ["未填", "物业"]
    first = tables["物业"].iloc[0]
    assert (first["诉求编号"], first["诉求类别"]) == ("T0", "漏水")
    assert pd.api.types.is_datetime64_any_dtype(tables["物业"]["到期时间"])
    assert downloads.xlsx_bytes(tables["物业"]).startswith(b"PK")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_personal_leaves(language, monkeypatch):
    monkeypatch.setattr(i18n, "_resolver", lambda: language)
    rows = [{**row, **PERSONAL} for row in (*ROWS, CLOSED, SECOND)]
    rows[1] |= {"category": "停车 13812341234", "courtyard": "王家院 510102199001011234"}
    reports = [("T0", "2024-06-10", "王建国不满意，电话13812341234")]
    items, as_of = found(rows, AS_OF, reports)
    tables = messages.handler_tables(items)
    carried = [
        messages.group_text(items, as_of),
        "\n".join(unfolded(messages.calendar(items, as_of))),
        "".join(table.to_csv() for table in tables.values()),
    ]
    for text in carried:
        assert "T1" in text
        for value in PERSONAL.values():
            assert value not in text
        assert not re.search(r"\d{11}|\d{17}", re.sub(r"\d{8}T\d{6}Z", "", text))
