"""Merge rules at the command line: added, listed, taken back; the same rules as on the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analytics import dataset, store
from analytics.__main__ import main
from tests.stored import NOW, intake, save

OLD, NEW = "太极社区/丽晶公馆", "太极社区/丽晶公馆小区"


@pytest.fixture(autouse=True)
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> store.Engine:
    """Two spellings of one courtyard, one spelling in two communities, one odd handler."""
    monkeypatch.setenv("DATABASE_URL", str(tmp_path / "names.db"))
    engine = store.connect()
    places = [
        ("太极社区", "丽晶公馆"),
        ("太极社区", "丽晶公馆小区"),
        ("太极社区", "1号院"),
        ("西社区", "1号院"),
    ]
    save(
        engine,
        intake(
            *(
                {
                    "case_id": str(n),
                    "reported_at": NOW,
                    "community": c,
                    "courtyard": y,
                    "handler": "物业公司" if n else "物业",
                }
                for n, (c, y) in enumerate(places)
            )
        ),
    )
    return engine


def run_json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["names", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def counted(engine: store.Engine) -> dict[str, int]:
    data = dataset.load(engine)
    return data.petitions["place"].astype(str).value_counts().to_dict()


def test_a_rule_is_added_listed_and_taken_back(
    capsys: pytest.CaptureFixture[str], engine: store.Engine
) -> None:
    before = counted(engine)
    added = run_json(capsys, "add", "place", "丽晶公馆", "丽晶公馆小区", "--who", "王")
    assert (added["axis"], added["old"], added["new"]) == ("place", OLD, NEW)
    (rule,) = run_json(capsys)["rules"]
    assert (rule["old"], rule["new"], rule["who"], rule["at"][-6:]) == (OLD, NEW, "王", "+08:00")
    assert run_json(capsys, "list")["rules"] == [rule]
    assert (counted(engine)[NEW], OLD in counted(engine)) == (2, False)
    assert run_json(capsys, "remove", "place", OLD)["new"] is None
    assert run_json(capsys)["rules"] == []
    assert counted(engine) == before


def test_a_handler_may_get_a_name_that_no_record_has(
    capsys: pytest.CaptureFixture[str], engine: store.Engine
) -> None:
    assert main(["names", "add", "handler", "物业公司", "物业服务中心"]) == 0
    assert "「物业公司」从现在起算作「物业服务中心」。" in capsys.readouterr().out
    assert main(["names"]) == 0
    assert "接单主体：「物业公司」算作「物业服务中心」" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "place", "丽晶", "丽晶公馆"), "数据里没有「丽晶」，有的是：太极社区/1号院"),
        (("add", "place", "1号院", "丽晶公馆"), "有几个「1号院」，请写全：太极社区/1号院、西社区/1号院。"),
        (("add", "place", "丽晶公馆", "新院"), "数据里没有「新院」"),
        (("add", "handler", "物业", "物业"), "已经算作"),
        (("remove", "place", "丽晶公馆"), "没有「丽晶公馆」的合并规则"),
        (("add", "street", "甲", "乙"), "可选"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], engine: store.Engine, words: tuple[str, ...], said: str
) -> None:
    assert main(["names", *words]) == 2
    streams = capsys.readouterr()
    assert said in streams.err
    assert (streams.out, streams.err.count("\n")) == ("", 1)
    assert not len(store.renamings(engine))
