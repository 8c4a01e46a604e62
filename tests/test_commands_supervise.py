"""The command ``supervise``: the list for people and as the contract's JSON."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from analytics import intake, store
from analytics.__main__ import main

AS_OF = "2024-06-21T08:00"
PETITIONS = """诉求编号,上报时间,院落,社区,诉求类别,接单主体,四色等级,响应时间,到场时间,方案时间,办结时间,回访时间,联系电话
T-1,2024-06-03 08:00,1号院,太极社区,漏水,物业,红,2024-06-03 08:02,2024-06-03 08:10,2024-06-03 08:20,,2024-06-05,13812341234
T-2,2024-06-21 07:58,2号院,太极社区,停车,社区,绿,,,,,,
T-3,2024-06-19 08:00,1号院,太极社区,停车,社区,绿,2024-06-19 08:03,,2024-06-19 08:20,2024-06-19 12:00,,
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('supervise')}/records.db"
    now = pd.Timestamp("2024-06-21 08:00")
    taken = intake.read(PETITIONS.encode(), "诉求.csv", "petitions", now=now)
    store.save(store.connect(url), taken, who="test", now=now)
    return url


def run(capsys, database, *options):
    code = main(["supervise", "--db", database, *options])
    return code, capsys.readouterr()


def test_json_is_the_contracts(capsys, database):
    code, said = run(capsys, database, "--as-of", AS_OF, "--json")
    result = json.loads(said.out)
    assert (code, result["as_of"]) == (0, "2024-06-21T08:00:00+08:00")
    wanted = ("kind", "case_id", "courtyard", "handler", "due", "overdue_seconds")
    assert [tuple(item[name] for name in wanted) for item in result["items"][:2]] == [
        ("feedback_overdue", "T-1", "1号院", "物业", "2024-06-17T08:00:00+08:00", 345600),
        ("clock_running", "T-2", "2号院", "社区", "2024-06-21T08:03:00+08:00", -180),
    ]
    assert {item["kind"] for item in result["items"] if item["case_id"] == "T-3"} == {"follow_up_due"}
    assert sum(result["counts"].values()) == len(result["items"])


def test_for_people_most_urgent_first_and_without_telephone_numbers(capsys, database):
    code, said = run(capsys, database, "--as-of", AS_OF)
    lines = said.out.splitlines()
    assert code == 0
    assert lines[0] == "全部社区 · 全部月份 · 截至 2024年6月21日 08:00"
    assert lines[1].startswith("时限将到 3 · 进度反馈超期 1")
    assert lines[2] == "已超 4 天 0 小时（6月17日 08:00） · 进度反馈超期 · T-1 · 1号院 · 漏水 · 物业"
    assert "1381234" not in said.out


def test_the_scope_narrows_it(capsys, database):
    code, said = run(capsys, database, "--as-of", AS_OF, "--json", "--courtyard", "2号院")
    assert code == 0
    assert {item["case_id"] for item in json.loads(said.out)["items"]} == {"T-2"}


def test_nothing_to_do(capsys, database):
    code, said = run(capsys, database, "--as-of", "2024-06-01")
    assert (code, said.out.splitlines()[1:]) == (0, ["没有到期或超期的事项"])


@pytest.mark.parametrize("wrong", [("--as-of", "昨天"), ("--courtyard", "9号院")])
def test_wrong_use_is_one_line_and_exit_2(capsys, database, wrong):
    code, said = run(capsys, database, *wrong)
    assert code == 2
    assert len(said.err.splitlines()) == 1
