"""The command ``what-if``: the same answer as the function, in words and as JSON; wrong use is one line."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from analytics import dataset, policy, store, whatif
from analytics.__main__ import main
from analytics.commands.evaluated import evaluation
from analytics.i18n import use
from analytics.scope import Scope

AS_OF = "2024-07-01"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('what_if') / 'sample.db'}"
    assert main(["load-sample", "--db", url]) == 0
    return url


@pytest.fixture(autouse=True)
def chinese():
    use(lambda: "zh")


@pytest.fixture
def ask(database, capsys):
    def run(*options):
        capsys.readouterr()
        code = main(["what-if", "--db", database, "--as-of", AS_OF, *options])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_the_json_is_the_functions_answer(ask, database):
    code, out, _err = ask(
        "--json", "--leave-out", "courtyard:3号院", "--limit", "response=PT10M", "--lift", "1号院=best"
    )
    data = dataset.open(store.connect(database), AS_OF, policy.load())
    scenario = whatif.parse(
        data.choices, leave_out=["courtyard:3号院"], limit=["response=PT10M"], lift=["1号院=best"]
    )
    found = whatif.apply(data, Scope(), scenario)
    assert code == 0
    answer = json.loads(out)
    told = [answer[side].pop("evaluation") for side in ("base", "scenario")]
    assert answer == json.loads(json.dumps(whatif.to_dict(found, data)))
    sides = ((data, Scope()), (found.stage.data, found.stage.scope))
    assert told == [json.loads(json.dumps(evaluation(*side))) for side in sides]


def test_base_is_the_review_of_the_same_options(ask, database, capsys):
    options = ("--from", "2024-03", "--community", "桂东社区", "--handler", "社区", "--json")
    _code, out, _err = ask(*options)
    answer = json.loads(out)
    assert main(["review", "--db", database, "--as-of", AS_OF, *options]) == 0
    assert answer["base"] == answer["scenario"] == json.loads(capsys.readouterr().out)
    assert answer["moved"] == []
    assert answer["asked"]["address"] == ""


def test_every_petition_that_moved_explains_the_difference(ask):
    _code, out, _err = ask("--json", "--limit", "response=PT10M")
    answer = json.loads(out)
    moved = [line for line in answer["moved"] if line["change"] == "state"]
    assert len(moved) == answer["difference"]["clocks"]["response"]["met"] > 0
    assert {(line["before"], line["after"]) for line in moved} == {("missed", "met")}


def test_for_people_it_says_what_is_supposed_and_both_sides(ask):
    code, out, _err = ask("--merge", "大院=1号院,2号院", "--lift", "大院=target", "--leave-out", "colour:灰")
    assert code == 0
    assert out.startswith("假设：")
    for words in ("大院", "灰", "→", "个百分点", "候选"):
        assert words in out


def test_without_a_supposition_it_says_so(ask):
    code, out, _err = ask()
    assert code == 0
    assert "与现状相同" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--leave-out", "courtyard:没有的院"), "没有的院"),
        (("--leave-out", "停车"), "停车"),
        (("--limit", "response=ten"), "ten"),
        (("--merge", "3号院=1号院,2号院"), "3号院"),
        (("--calendar", "plan=夜班"), "夜班"),
        (("--lift", "1号院=top"), "top"),
        (("--courtyard", "没有的院"), "没有的院"),
        (("--from", "六月"), "六月"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(ask, options, said):
    code, out, err = ask(*options)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_the_help_says_what_the_json_holds(capsys):
    assert main(["what-if", "--help"]) == 0
    out = capsys.readouterr().out
    for word in (
        "base",
        "scenario",
        "difference",
        "moved",
        "--leave-out",
        "--merge",
        "--limit",
        "--lift",
        "PT10M",
    ):
        assert word in out


# --- scenarios under a name ---------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path, capsys):
    """A database of one's own, to be written to: ``run(command, options…)`` → code, output, errors."""
    url = f"sqlite:///{tmp_path / 'own.db'}"
    assert main(["load-sample", "--db", url]) == 0

    def run(command, *options):
        capsys.readouterr()
        code = main([command, "--db", url, *options])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


TEN = ("--as-of", AS_OF, "--limit", "response=PT10M")


def test_what_is_saved_is_opened_with_its_scope(own):
    scope = ("--from", "2024-03", "--courtyard", "6号院")
    code, out, _err = own(
        "what-if", *TEN, *scope, "--save", "十分钟", "--note", "会上", "--who", "书记", "--json"
    )
    saved = json.loads(out)
    assert code == 0
    kept = saved["saved"]
    assert (kept["name"], kept["note"], kept["who"]) == ("十分钟", "会上", "书记")
    assert kept["address"] == saved["asked"].pop("address") == "t.response.PT10M"
    assert (kept["asked"], kept["scope"]) == (saved["asked"], saved["base"]["scope"])
    _code, out, _err = own("what-if", "--as-of", AS_OF, "--saved", "十分钟", "--json")
    again = json.loads(out)
    again["asked"].pop("address")
    assert again == saved
    _code, out, _err = own("what-if", "--as-of", AS_OF, "--saved", "十分钟", "--from", "2024-01", "--json")
    other = json.loads(out)
    assert other["asked"]["limits"] == {"response": "PT10M"}
    assert other["base"]["scope"]["courtyards"] == []


def test_saved_ones_are_listed_and_deleted(own):
    assert own("what-if", "--list") == (0, "还没有存下情景。\n", "")
    own("what-if", *TEN, "--save", "十分钟", "--note", "会上提的", "--who", "书记")
    _code, out, _err = own("what-if", "--list")
    for words in ("十分钟：响应时限改为 10分钟", "全部社区", "书记", "会上提的"):
        assert words in out
    _code, out, _err = own("what-if", "--list", "--json")
    assert [one["name"] for one in json.loads(out)["scenarios"]] == ["十分钟"]
    _code, out, _err = own("what-if", "--delete", "十分钟", "--json")
    assert json.loads(out)["deleted"] == "十分钟"
    _code, out, _err = own("what-if", "--list", "--json")
    assert json.loads(out) == {"scenarios": []}


def test_saving_says_so_and_a_taken_name_is_refused(own):
    _code, out, _err = own("what-if", *TEN, "--save", "十分钟")
    assert out.endswith("已存为情景「十分钟」。\n")
    code, out, err = own("what-if", *TEN, "--save", "十分钟")
    assert (code, out) == (2, "")
    assert "已有叫「十分钟」的情景" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--saved", "没有"), "没有叫「没有」的情景"),
        (("--delete", "没有"), "没有叫「没有」的情景"),
        (("--as-of", AS_OF, "--save", "空的"), "没有任何假设"),
        (("--list", "--delete", "甲"), "不能和"),
    ],
)
def test_what_cannot_be_saved_or_opened_is_one_line(own, options, said):
    code, out, err = own("what-if", *options)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_saved_takes_no_further_supposition(own):
    own("what-if", *TEN, "--save", "十分钟")
    code, _out, err = own("what-if", *TEN, "--saved", "十分钟")
    assert code == 2
    assert "--saved 不能和其他假设一起用" in err


def test_a_courtyard_that_is_gone_is_named_and_the_rest_applies(own, tmp_path):
    gone = whatif.Scenario(leave_out=(("courtyard", "甲社区/拆了的院"),), limits=(("response", "PT10M"),))
    url = f"sqlite:///{tmp_path / 'own.db'}"
    scope = Scope(courtyards=("甲社区/拆了的院", "桂东社区/6号院"))
    store.save_scenario(
        store.connect(url), "旧的", scenario=whatif.to_address(gone), scope=scope.to_text(), who="书记",
        now=pd.Timestamp(AS_OF),
    )  # fmt: skip
    _code, out, _err = own("what-if", "--as-of", AS_OF, "--saved", "旧的", "--json")
    answer = json.loads(out)
    assert answer["notes"][:2] == [
        "保存时的范围里有「甲社区 · 拆了的院」，数据里已没有，已从范围里略去。",
        "数据里没有院落「甲社区 · 拆了的院」，「不计」它这一条没有用上。",
    ]
    assert answer["asked"]["limits"] == {"response": "PT10M"}
    assert answer["base"]["scope"]["courtyards"] == ["桂东社区/6号院"]
    _code, out, _err = own("what-if", *TEN, "--courtyard", "6号院", "--json")
    assert json.loads(out)["scenario"] == answer["scenario"]


def test_a_report_annexes_what_is_saved(own, tmp_path):
    own("what-if", *TEN, "--save", "十分钟")
    month = ("2024-06", "--as-of", AS_OF, "--format", "json", "--out", str(tmp_path / "r.json"))
    code, _out, err = own("report", *month, "--scenario", "十分钟")
    assert (code, err) == (0, "")
    annex = json.loads((tmp_path / "r.json").read_text())["annexes"][-1]
    assert annex["title"] == "情景推演：十分钟"
    assert annex["sentences"][0]["text"].startswith("以下是假设推演，不是实际结果。假设响应时限改为 10分钟")
    for options, said in (
        (("--scenario", "没有"), "没有叫「没有」的情景"),
        (("--scenario", "十分钟", "--public"), "公开版不附情景推演"),
    ):
        code, _out, err = own("report", *month, *options)
        assert code == 2
        assert said in err


def test_a_frozen_month_keeps_its_annex(own, tmp_path):
    own("what-if", *TEN, "--save", "十分钟")
    assert own("freeze", "2024-05", "--scenario", "十分钟")[0] == 0
    own("what-if", "--delete", "十分钟")
    out = ("--format", "json", "--out", str(tmp_path / "r.json"))
    assert own("report", "2024-05", *out)[0] == 0
    assert json.loads((tmp_path / "r.json").read_text())["annexes"][-1]["title"] == "情景推演：十分钟"
    code, said, _err = own("restatements", "2024-05")
    assert code == 0, said
    code, _said, err = own("report", "2024-05", *out, "--scenario", "十分钟")
    assert code == 2
    assert "已冻结，不能再附情景" in err


def test_commands_follow_the_policy_that_the_dashboard_follows(database, capsys, tmp_path, monkeypatch):
    own = tmp_path / "own.toml"
    own.write_text('[clocks.response]\nlimit = "PT10M"\n', encoding="utf-8")

    def response(*options):
        capsys.readouterr()
        assert main(["review", "--db", database, "--as-of", AS_OF, "--json", *options]) == 0
        return json.loads(capsys.readouterr().out)["clocks"]["response"]

    shipped, named = response(), response("--policy", str(own))
    monkeypatch.setenv("ANALYTICS_POLICY", str(own))
    assert response() == named != shipped
    assert response("--policy", str(policy.DEFAULT_PATH)) == shipped
    monkeypatch.setenv("ANALYTICS_POLICY", "")
    assert response() == shipped
