"""``effect`` on the command line says what the pages say."""

from __future__ import annotations

import json

import pytest

from analytics import comparison, dataset, effectiveness, intake, policy, store
from analytics.__main__ import main
from analytics.scope import Scope
from sample_data import COMMITTED, FILES, SAMPLE_AS_OF


@pytest.fixture
def url(tmp_path):
    found = f"sqlite:///{tmp_path}/sample.db"
    for name, kind in COMMITTED:
        read = intake.read(FILES / name, name, kind, now=SAMPLE_AS_OF)
        store.save(store.connect(found), read, who="test", now=SAMPLE_AS_OF, sample=True)
    return found


def asked(url, *words):
    return main(["effect", "--db", url, "--as-of", "2024-07-01T08:00", *words])


def test_the_json_is_what_the_pages_measure(url, capsys):
    assert asked(url, "--json", "--measure", "on_time", "--adjusted", "--by", "handler") == 0
    found = json.loads(capsys.readouterr().out)
    data = dataset.open(store.connect(url), SAMPLE_AS_OF, policy.load())
    assert found["effect"] == json.loads(json.dumps(effectiveness.evaluate(data)))
    shown = comparison.compare(data, Scope(), "on_time", adjusted=True)
    assert found["courtyards"] == json.loads(json.dumps(shown))
    assert (found["change"]["measure"], found["change"]["axis"]) == ("on_time", "handler")


def test_people_read_the_verdict_with_its_doubts(url, capsys):
    assert asked(url, "--community", "太极社区") == 0
    said = capsys.readouterr().out
    assert "确有下降" in said.splitlines()[0]
    assert "存疑" in said
    assert "个百分点" in said


def test_complaints_have_no_rate_to_be_explained_so_the_response_is(url, capsys):
    assert asked(url, "--json", "--measure", "complaints") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["courtyards"]["measure"], found["change"]["measure"]) == ("complaints", "response")


def test_an_unknown_measure_is_wrong_use(url, capsys):
    assert asked_or_exit(url, "--measure", "nothing") == 2
    assert "Traceback" not in capsys.readouterr().err


def asked_or_exit(url, *words):
    try:
        return asked(url, *words)
    except SystemExit as left:
        return left.code


@pytest.mark.parametrize("as_of", ["2022-06-01", "2023-03-20T09:00", "2023-11-15T10:07:33", "2025-01-01"])
def test_the_review_is_json_as_of_any_moment_also_where_effects_differ(url, capsys, as_of):
    assert main(["review", "--json", "--db", url, "--as-of", as_of]) == 0
    assert json.loads(capsys.readouterr().out)["as_of"].startswith(as_of)
