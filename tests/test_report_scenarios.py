"""附：情景推演. The annexed figures are the what-if's own, in every format, and nobody takes them for results."""

from __future__ import annotations

import io

import docx
import openpyxl
import pandas as pd
import pptx
import pypdf
import pytest

from analytics import dataset, policy, store, whatif
from analytics.report import ContentError, apply, content, public_content
from analytics.report.files import FORMATS, render
from analytics.report.freezing import freeze, policy_of, scope_key
from analytics.report.model import from_json
from analytics.report.restating import restate
from analytics.scope import Scope
from analytics.whatif import Scenario
from tests.report_data import MONTH, sample
from tests.report_words import plain
from tests.stored import intake, save
from tests.test_report_freeze import AS_OF, four, petition

TEN = Scenario(limits=(("response", "PT10M"),))
MUCH = Scenario(
    leave_out=(("courtyard", "桂东社区/6号院"), ("colour", "grey")),
    merge=(("桂东社区/大院", ("桂东社区/2号院", "桂东社区/3号院")),),
    lift=(("桂东社区/1号院", "target"),),
)
BOTH = {"十分钟响应": TEN, "一起推": MUCH}
JUNE = Scope(first_month=MONTH, last_month=MONTH)
NO_RESULT = "「情景」一栏是假设，不是实际结果。"


@pytest.fixture(scope="module")
def june():
    return content(sample(), MONTH, scenarios=BOTH, sample=True)


def test_without_a_scenario_nothing_is_annexed(june):
    bare = content(sample(), MONTH, sample=True)
    assert bare.to_json() == content(sample(), MONTH, scenarios={}, sample=True).to_json()
    assert june.annexes[: len(bare.annexes)] == bare.annexes
    assert [part.title for part in june.annexes[2:]] == ["情景推演：十分钟响应", "情景推演：一起推"]


@pytest.mark.parametrize("number", [1, 2])
def test_the_figures_are_those_of_the_what_if_for_the_month(june, number):
    answer = whatif.apply(sample(), JUNE, list(BOTH.values())[number - 1])
    counted, rated = june.section(f"scenario_{number}").tables
    assert counted.rows[0] == (
        "诉求", answer.base["counts"]["petitions"], answer.review["counts"]["petitions"],
        answer.difference["counts"]["petitions"],
    )  # fmt: skip
    for _label, before, after, change in counted.rows:
        assert after - before == change
    rates = answer.indicators[answer.indicators["is_rate"]]
    for (_label, before, after, change), (name, line) in zip(rated.rows, rates.iterrows(), strict=True):
        for cell, side in ((before, "base"), (after, "scenario")):
            known = not pd.isna(line[f"{side}_rate"])
            assert cell == ((line[f"{side}_numerator"], line[f"{side}_denominator"]) if known else None), name
        assert (change is None) == pd.isna(line["change"])
        assert change is None or change == line["change"]


def test_a_supposed_limit_stands_beside_the_one_in_force(june):
    assert "5分钟响应（情景按 10分钟）" in [row[0] for row in june.section("scenario_1").tables[1].rows]


def test_it_says_that_it_is_no_result_and_nobody_can_edit_that_away(june):
    part = june.section("scenario_2")
    assert part.sentences[0].text.startswith("以下是假设推演，不是实际结果。假设不计")
    blank = apply(june, {"scenario_2": "不错的结果。"}).section("scenario_2")
    assert [table.note for table in blank.tables] == [NO_RESULT, NO_RESULT]


def test_a_scenario_that_supposes_nothing_says_so():
    part = content(sample(), MONTH, scenarios={"空": Scenario()}).section("scenario_1")
    assert part.sentences[0].text == "本情景没有假设任何变化。"
    assert {row[3] for row in part.tables[1].rows} <= {0.0, None}


def test_what_the_records_no_longer_have_is_said():
    gone = Scenario(leave_out=(("courtyard", "桂东社区/拆了的院"),), limits=TEN.limits)
    part = content(sample(), MONTH, scenarios={"旧": gone}).section("scenario_1")
    assert any("数据里没有院落「桂东社区 · 拆了的院」" in sentence.text for sentence in part.sentences)
    assert part.tables == content(sample(), MONTH, scenarios={"旧": TEN}).section("scenario_1").tables


def test_what_cannot_be_supposed_is_no_report():
    with pytest.raises(ContentError, match=r"情景「乱」：.*分不出颜色"):
        content(sample(), MONTH, scenarios={"乱": Scenario(colour_limits=(("green", "P300D"),))})


def test_a_month_without_petitions_can_be_supposed_about():
    part = content(sample(), "2022-01", scenarios={"十分钟响应": TEN}).section("scenario_1")
    assert part.tables[0].rows[0] == ("诉求", 0, 0, 0)


def test_the_public_edition_has_none():
    assert public_content(sample(), MONTH).annexes == ()


def written(kind, data):
    """All words of a file."""
    if kind == "docx":
        paper = docx.Document(io.BytesIO(data))
        cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(p.text for p in paper.paragraphs), *cells])
    if kind == "pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data))
        return "\n".join(
            str(v) for sheet in book for row in sheet.iter_rows(values_only=True) for v in row
        ) + "".join(book.sheetnames)
    if kind == "pptx":
        shapes = [shape for slide in pptx.Presentation(io.BytesIO(data)).slides for shape in slide.shapes]
        cells = [c.text for s in shapes if s.has_table for row in s.table.rows for c in row.cells]
        return "\n".join([*(s.text_frame.text for s in shapes if s.has_text_frame), *cells])
    return data.decode()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_has_it(june, kind):
    found = "".join(plain(written(kind, render(june, kind))).split())
    for words in (
        "情景推演：十分钟响应",
        "以下是假设推演，不是实际结果。假设响应时限改为10分钟",
        "5分钟响应（情景按10分钟）",
    ):
        assert words in found


def test_excel_has_the_differences_as_numbers(june):
    book = openpyxl.load_workbook(io.BytesIO(render(june, "xlsx")))
    sheet = book["情景推演：十分钟响应"]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == "5分钟响应（情景按 10分钟）"]
    answer = whatif.apply(sample(), JUNE, TEN).indicators.loc["response"]
    assert rows[0][-1] == pytest.approx(answer["change"])


def test_what_was_frozen_is_restated_with_its_scenarios(engine):
    save(engine, intake(*four()))
    data = dataset.open(engine, AS_OF, policy.load())
    freeze(
        engine, data, "2024-06", Scope(), data_version=store.data_version(engine), texts=lambda ids: {},
        changes={}, scenarios={"十分钟响应": TEN}, who="测试", now=AS_OF,
    )  # fmt: skip

    def restated():
        kept = store.frozen_month(engine, "2024-06", scope_key(Scope()))
        return kept, restate(
            kept, dataset.open(engine, kept.as_of, policy_of(kept.policy)), texts=lambda ids: {}
        )

    kept, found = restated()
    assert found.is_same
    assert from_json(kept.content).section("scenario_1").tables[1].rows[0][1:3] == ((3, 4), (4, 4))
    save(engine, intake(petition(4, minutes=12)))  # now it would be late under ten minutes too
    _kept, found = restated()
    change = next(c for c in found.figures if c.table == "scenario_rates.1" and c.column == "情景")
    assert (change.before, change.after, change.cases) == ("4 件中 4 件", "4 件中 3 件", ("A4",))
