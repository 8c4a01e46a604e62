"""A frozen month stays as it was; what later imports change is told figure by figure, with its petitions."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from sqlalchemy import update

from analytics import dataset, policy, store
from analytics.__main__ import main
from analytics.i18n import use
from analytics.report import content, public_content
from analytics.report.freezing import freeze, policy_of, policy_text, scope_key, scope_of
from analytics.report.restating import restate
from analytics.scope import Scope
from analytics.store.engine import writing
from analytics.store.frozen import frozen
from tests.stored import intake, save

AS_OF = pd.Timestamp("2024-07-02 09:00")
DAY = pd.Timestamp("2024-06-03 08:00")


def petition(number, *, minutes=3, courtyard="1号院", **more):
    """One petition of June, answered after some minutes and closed the same day."""
    return {
        "case_id": f"A{number}", "reported_at": DAY + pd.Timedelta(hours=number), "community": "甲社区",
        "courtyard": courtyard, "category": "停车秩序", "handler": "物业", "assigned_colour": "green",
        "responded_at": DAY + pd.Timedelta(hours=number, minutes=minutes),
        "resolved_at": DAY + pd.Timedelta(hours=number + 5), "content": "路灯不亮",
        **more,
    }  # fmt: skip


def four():
    return [petition(1), petition(2), petition(3, courtyard="2号院"), petition(4, minutes=9)]


def opened(engine):
    return dataset.open(engine, AS_OF, policy.load())


def keep(engine, scope=None, **options):
    return freeze(
        engine, opened(engine), "2024-06", scope or Scope(), data_version=store.data_version(engine),
        texts=lambda ids: {}, changes=options.pop("changes", {}), who="测试", now=AS_OF, **options,
    )  # fmt: skip


def restated(engine):
    kept = store.frozen_month(engine, "2024-06", scope_key(Scope()))
    return restate(kept, dataset.open(engine, kept.as_of, policy_of(kept.policy)), texts=lambda ids: {})


def test_names_with_a_stroke_stay_apart_in_every_edition(engine):
    names = ("水/电", "气/电")
    save(engine, intake(*(petition(n, category=names[n % 2], handler=names[n % 2]) for n in range(8))))
    made = public_content(opened(engine), "2024-06")
    assert made.section("asked").tables[0].rows == (("气/电", 4), ("水/电", 4))
    handlers = next(t for t in content(opened(engine), "2024-06").tables if t.id == "handler")
    assert {row[:2] for row in handlers.rows} == {("气/电", 4), ("水/电", 4)}


def test_a_frozen_month_comes_out_byte_for_byte(engine):
    save(engine, intake(*four()))
    assert keep(engine) == 1
    before = store.frozen_month(engine, "2024-06", scope_key(Scope()))
    save(engine, intake(petition(5)))
    after = store.frozen_month(engine, "2024-06", scope_key(Scope()))
    assert (after.content, after.public, after.sha256) == (before.content, before.public, before.sha256)
    assert after.as_of == AS_OF


def test_nothing_imported_nothing_changed(engine):
    save(engine, intake(*four()))
    keep(engine)
    found = restated(engine)
    assert found.is_same
    assert not found.petitions


def test_a_correction_is_told_with_its_petition(engine):
    save(engine, intake(*four()))
    keep(engine)
    save(engine, intake(petition(4, minutes=4)))  # it had been in time after all
    found = restated(engine)
    response = next(c for c in found.figures if c.table == "clocks" and c.column == "按时率")
    assert (response.before, response.after) == ("4 件中 3 件", "4 件中 4 件")
    assert response.cases == ("A4",)
    assert [(m.case_id, m.what) for m in found.petitions] == [("A4", "changed")]
    assert "response_state" in found.petitions[0].fields


def test_a_late_arrival_changes_its_courtyard_and_the_total_and_no_other(engine):
    save(engine, intake(*four()))
    keep(engine)
    save(engine, intake(petition(6, courtyard="2号院")))
    changes = {(c.row, c.column): c for c in restated(engine).figures if c.table == "places"}
    assert changes["2号院", "受理"].cases == ("A6",)
    assert changes["合计", "受理"].after == "5"
    assert ("1号院", "受理") not in changes


def test_a_petition_is_not_blamed_for_the_month_before(engine):
    may = petition(
        8,
        reported_at=DAY - pd.Timedelta(days=20),
        responded_at=DAY - pd.Timedelta(days=20),
        resolved_at=pd.NaT,
    )
    save(engine, intake(*four(), may))
    keep(engine)
    save(engine, intake(petition(5), {**may, "resolved_at": DAY - pd.Timedelta(days=19)}))
    closed = {c.column: c for c in restated(engine).figures if c.table == "indicators" and c.row == "办结率"}
    assert (closed["本月"].before, closed["本月"].after) == ("4 件中 4 件", "5 件中 5 件")
    assert closed["本月"].cases == ("A5",)
    assert (closed["上月"].before, closed["上月"].after) == ("1 件中 0 件", "1 件中 1 件")
    assert closed["上月"].cases == ()


def test_a_fault_names_the_petition_that_brought_it(engine):
    save(engine, intake(*four()))
    keep(engine)
    save(engine, intake(petition(4, minutes=-9)))  # answered before it was reported
    faults = [c for c in restated(engine).figures if c.table == "faults"]
    assert faults
    assert {c.cases for c in faults} == {("A4",)}


def test_another_months_petition_changes_no_figure_of_this_one(engine):
    save(engine, intake(*four()))
    keep(engine)
    save(
        engine,
        intake(
            petition(7, reported_at=pd.Timestamp("2024-07-01 10:00"), responded_at=None, resolved_at=None)
        ),
    )
    found = restated(engine)
    assert not found.petitions
    assert not [c for c in found.figures if c.table in ("clocks", "colours", "places")]


def test_freezing_again_is_a_further_version_and_must_be_meant(engine):
    save(engine, intake(*four()))
    keep(engine)
    with pytest.raises(store.StoreError, match="已经冻结过"):
        keep(engine)
    assert keep(engine, again=True) == 2
    history = store.frozen_months(engine)
    assert history["version"].tolist() == [2, 1]
    assert store.frozen_month(engine, "2024-06", scope_key(Scope()), 1).version == 1


def test_scopes_are_frozen_apart(engine):
    save(engine, intake(*four()))
    one = Scope(courtyards=("甲社区/1号院",))
    assert keep(engine) == keep(engine, one) == 1
    kept = store.frozen_month(engine, "2024-06", scope_key(one))
    assert json.loads(kept.content)["figures"]["counts"]["petitions"] == 3
    assert scope_of(kept.scope) == one


def test_edits_are_kept_and_do_not_count_as_changes(engine):
    save(engine, intake(*four()))
    keep(engine, changes={"overall.summary": "由书记改写。"})
    assert restated(engine).is_same
    save(engine, intake(petition(4, minutes=4)))
    assert "由书记改写。" in {s.text for s in restated(engine).after.section("overall").sentences}


def test_a_month_that_is_not_over_or_records_on_the_move_are_not_frozen(engine):
    from analytics.report import ContentError

    save(engine, intake(*four()))
    july = {"texts": lambda ids: {}, "changes": {}, "who": "测试", "now": AS_OF}
    with pytest.raises(ContentError, match="还没有结束"):
        freeze(engine, opened(engine), "2024-07", Scope(), data_version=store.data_version(engine), **july)
    with pytest.raises(store.StoreError, match="又有变动"):
        freeze(engine, opened(engine), "2024-06", Scope(), data_version=99, **july)


def test_what_was_tampered_with_is_refused(engine):
    save(engine, intake(*four()))
    keep(engine)
    with writing(engine) as connection:
        kept = store.frozen_month(engine, "2024-06", scope_key(Scope()))
        connection.execute(update(frozen).values(content=kept.content.decode().replace("4", "5")))
    with pytest.raises(store.StoreError, match="校验码不符"):
        store.frozen_month(engine, "2024-06", scope_key(Scope()))


def test_a_backup_carries_frozen_months(engine, tmp_path):
    save(engine, intake(*four()))
    keep(engine)
    store.backup(engine, tmp_path / "backup.db")
    other = store.connect(str(tmp_path / "other.db"))
    store.restore(other, tmp_path / "backup.db")
    assert store.frozen_month(other, "2024-06", scope_key(Scope())).content


def test_it_is_kept_in_every_kind_of_database(url):
    database = store.connect(url)
    save(database, intake(*four()))
    keep(database)
    save(database, intake(petition(4, minutes=4)))
    assert restated(database).petitions[0].case_id == "A4"
    assert store.frozen_months(database)["as_of"].tolist() == [AS_OF]


def test_a_policy_comes_back_as_it_was(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        '[clocks.response]\nlimit = "PT10M"\ncalendar = "office"\n[colours]\nyellow = "P30D"\n',
        encoding="utf-8",
    )
    for path in (None, own):
        rules = policy.load(path)
        again = policy_of(policy_text(rules))
        assert again == rules
        assert again.digest == rules.digest


# --- the commands ------------------------------------------------------------------------------------


@pytest.fixture
def command(engine, capsys):
    save(engine, intake(*four()))
    use(lambda: "zh")

    def run(*words):
        capsys.readouterr()
        code = main([*words, "--db", str(engine.url.database)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_freeze_report_and_restatements_at_the_command_line(command, engine, tmp_path):
    code, out, _err = command("freeze", "2024-06", "--as-of", str(AS_OF), "--json")
    assert code == 0
    told = json.loads(out)
    assert told["version"] == 1
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert command("report", "2024-06", "--format", "json", "--out", str(first))[0] == 0
    save(engine, intake(petition(4, minutes=4)))
    code, out, _err = command("report", "2024-06", "--format", "json", "--out", str(second))
    assert code == 0
    assert told["fingerprint"] in out
    assert second.read_bytes() == first.read_bytes()
    assert command("report", "2024-06", "--format", "json", "--out", str(second), "--current")[0] == 0
    assert second.read_bytes() != first.read_bytes()
    code, out, _err = command("restatements", "2024-06")
    assert code == 1
    assert "4 件中 3 件 → 4 件中 4 件（A4）" in out
    code, out, _err = command("restatements", "2024-06", "--json")
    assert json.loads(out)["petitions"][0]["case_id"] == "A4"


def test_unchanged_months_say_so(command):
    command("freeze", "2024-06", "--as-of", str(AS_OF))
    code, out, _err = command("restatements", "2024-06")
    assert code == 0
    assert "没有变化" in out
    assert command("freeze", "2024-06", "--as-of", str(AS_OF))[0] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("restatements", "2024-06"), "还没有冻结过"),
        (("freeze", "2024-13"), "2024-06 这样"),
        (("report", "2999-01", "--format", "pdf", "--out", "x.pdf"), "还没有开始"),
        (
            ("report", "2024-06", "--format", "pdf", "--out", "x.pdf", "--template", "/nothing.docx"),
            "nothing.docx",
        ),
        (("report", "2024-06", "--format", "docx", "--out", "/nowhere/x.docx"), "/nowhere"),
        (("report", "2024-06", "--format", "docx", "--out", "x.docx", "--courtyard", "9号院"), "9号院"),
        (("report", "2024-06", "--format", "odt", "--out", "x.odt"), "odt"),
    ],
)
def test_wrong_use_is_one_clear_line(command, words, said):
    try:
        code, _out, err = command(*words)
    except SystemExit as stop:  # argparse's own
        code, err = stop.code, said
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pdf", "json", "pptx"])
@pytest.mark.parametrize("public", [(), ("--public",)])
def test_every_format_of_both_editions_is_written(command, tmp_path, kind, public):
    out = tmp_path / f"report.{kind}"
    code, printed, err = command("report", "2024-06", "--format", kind, "--out", str(out), *public)
    assert (code, err) == (0, "")
    assert str(out) in printed
    assert out.read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_edits_and_our_own_template_by_file(command, tmp_path):
    edits, out, own = tmp_path / "edits.json", tmp_path / "report.json", tmp_path / "own.docx"
    edits.write_text('{"overall.summary": "改写的一句。"}', encoding="utf-8")
    words = (
        "report",
        "2024-06",
        "--format",
        "json",
        "--out",
        str(out),
        "--edits",
        str(edits),
        "--save-template",
        str(own),
    )
    assert command(*words)[0] == 0
    assert "改写的一句。" in out.read_text(encoding="utf-8")
    made = (
        "report",
        "2024-06",
        "--format",
        "docx",
        "--out",
        str(tmp_path / "x.docx"),
        "--template",
        str(own),
    )
    assert command(*made)[0] == 0
    edits.write_text("[1]", encoding="utf-8")
    assert "JSON 对象" in command(*words)[2]


def test_what_was_frozen_from_sample_data_is_not_given_out_among_real_records(tmp_path, capsys):
    url, target, day = f"sqlite:///{tmp_path}/sample.db", tmp_path / "report.json", pd.Timestamp("2024-06-03")
    use(lambda: "zh")
    rows = [{"case_id": f"S{n}", "reported_at": day, "courtyard": "甲"} for n in range(3)]
    store.save(store.connect(url), intake(*rows), who="sample", now=pd.Timestamp("2024-07-01"), sample=True)
    assert main(["freeze", "2024-06", "--as-of", "2024-07-01", "--db", url]) == 0

    def version():
        capsys.readouterr()
        assert (
            main(["report", "2024-06", "--format", "json", "--out", str(target), "--json", "--db", url]) == 0
        )
        return json.loads(capsys.readouterr().out)["frozen"]

    assert version() == 1
    save(store.connect(url), intake({"case_id": "R1", "reported_at": day, "courtyard": "甲"}))
    assert version() is None
    assert main(["restatements", "2024-06", "--db", url]) == 2
    assert "用示例数据冻结的" in capsys.readouterr().err
