"""``events`` on the command line: the same list that the page keeps."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from analytics import intake, store
from analytics.__main__ import main

NOW = pd.Timestamp("2024-07-01")
COURTYARDS = "社区,院落\n甲社区,1号院\n乙社区,1号院\n乙社区,2号院\n"


@pytest.fixture
def url(tmp_path):
    found = f"sqlite:///{tmp_path}/own.db"
    read = intake.read(COURTYARDS.encode(), "c.csv", "courtyards", now=NOW)
    store.save(store.connect(found), read, who="test", now=NOW)
    return found


def asked(url, *words):
    return main(["events", *words, "--db", url])


def test_an_event_is_recorded_listed_and_taken_back(url, capsys):
    assert asked(url) == 0
    assert "还没有登记事件" in capsys.readouterr().out
    assert (
        asked(url, "add", "合院", "--on", "2024-03-05", "--kind", "merger", "--courtyard", "甲社区/1号院")
        == 0
    )
    assert asked(url, "add", "高温", "--on", "2024-02-01", "--kind", "weather") == 0
    capsys.readouterr()
    assert asked(url) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2  2024-02-01  天气  高温  所有地方",
        "1  2024-03-05  合院  合院  甲社区 · 1号院",
    ]
    assert asked(url, "remove", "1") == 0
    assert store.events(store.connect(url))["label"].tolist() == ["高温"]


def test_json_says_what_was_recorded(url, capsys):
    assert (
        asked(url, "add", "换人", "--on", "2024-03-05", "--community", "乙社区", "--note", "组长", "--json")
        == 0
    )
    assert json.loads(capsys.readouterr().out)["event"] == 1
    assert asked(url, "--json") == 0
    (event,) = json.loads(capsys.readouterr().out)["events"]
    assert event == {
        "event": 1, "label": "换人", "kind": "other", "on": "2024-03-05",
        "community": "乙社区", "courtyard": "", "note": "组长",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", " ", "--on", "2024-03-05"], "请写明"),
        (["add", "合院", "--on", "someday"], "不是时间"),
        (["add", "合院", "--on", "2024-03-05", "--courtyard", "1号院"], "对应 2 个地方"),
        (["add", "合院", "--on", "2024-03-05", "--courtyard", "9号院"], "对应 0 个地方"),
        (["add", "合院", "--on", "2024-03-05", "--community", "丙社区"], "对应 0 个地方"),
        (["remove", "7"], "没有编号为 7 的事件"),
    ],
)
def test_what_cannot_be_meant_is_wrong_use_and_nothing_is_recorded(url, capsys, words, said):
    assert asked(url, *words) == 2
    assert said in capsys.readouterr().err
    assert store.events(store.connect(url)).empty
