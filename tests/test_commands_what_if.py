"""The command ``what-if``: the same answer as the function, in words and as JSON; wrong use is one line."""

from __future__ import annotations

import json

import pytest

from analytics import dataset, policy, store, whatif
from analytics.__main__ import main
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
    assert json.loads(out) == json.loads(json.dumps(whatif.to_dict(found, data)))


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
