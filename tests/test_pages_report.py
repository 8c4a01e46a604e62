"""月报: the page shows the report's own content, keeps what was rewritten, freezes it, and tells what changed since."""

from __future__ import annotations

import hashlib
import io
import re
from html import unescape

import docx
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics import intake, store
from analytics.present import charts_report, wording
from analytics.report import content, from_json, public_content
from analytics.report.cells import texts
from analytics.report.edits import POINTS
from analytics.report.freezing import scope_key
from analytics.report.model import Chart, Series
from analytics.review import review
from analytics.scope import Scope
from analytics.whatif import Scenario, to_address
from sample_data import SAMPLE_AS_OF
from tests.test_pages import ROOT, empty_url, said, sample, sample_url, visit
from ui import reporting, reporting_files

__all__ = ["empty_url", "sample", "sample_url", "visit"]

JULY = "2024-07-02T09:00"
HEAD = "诉求编号,上报时间,社区,院落,诉求类别,接单主体,诉求颜色,响应时间,办结时间,诉求内容,诉求人,联系电话"


def line(number: int, minutes: int = 3, courtyard: str = "1号院") -> str:
    """One petition of June, answered after some minutes and closed the same day."""
    day = pd.Timestamp("2024-06-03 08:00") + pd.Timedelta(hours=number)
    times = (day, day + pd.Timedelta(minutes=minutes), day + pd.Timedelta(hours=5))
    reported, responded, resolved = (f"{at:%Y-%m-%d %H:%M}" for at in times)
    return (
        f"A{number},{reported},甲社区,{courtyard},停车秩序,物业,绿,{responded},{resolved},"
        f"路灯不亮，请打13812345678,王建国,13812345678"
    )


FOUR = (line(1), line(2), line(3, courtyard="2号院"), line(4, minutes=9))


def bring(url: str, *lines: str) -> None:
    """Import petitions."""
    now = pd.Timestamp("2024-07-01")
    read = intake.read("\n".join((HEAD, *lines)).encode(), "a.csv", "petitions", now=now)
    store.save(store.connect(url), read, who="test", now=now)


@pytest.fixture
def url(tmp_path):
    found = f"sqlite:///{tmp_path}/four.db"
    bring(found, *FOUR)
    return found


def parts(app: AppTest) -> str:
    """The page's own words without markup."""
    return unescape(re.sub(r"<[^>]+>", "\n", said(app))).replace("\u00a0", " ")


def rows(app: AppTest, table: str) -> list[list[str]]:
    """The cells of the table whose title ends so."""
    block = next(
        b.proto.body for b in app.get("html") if re.search(rf"\u3000{re.escape(table)}</h4>", b.proto.body)
    )
    found = re.findall(r"<tr>(.*?)</tr>", block.split("<tbody>")[1])
    return [
        [
            unescape(re.sub("<[^>]+>", "", cell)).replace("\u00a0", " ")
            for cell in re.findall(r"<td.*?</td>", row)
        ]
        for row in found
    ]


def history(app: AppTest) -> list[list[str]]:
    """The cells of the frozen months."""
    block = next(b.proto.body for b in app.get("html") if "经手人</th>" in b.proto.body)
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", block)[1:]]


def rewritten(app: AppTest, part: str, **texts_by_id: str) -> AppTest:
    """The page after texts of a part were rewritten (``__`` stands for the dot of an id)."""
    app.button(key=f"edit-{part}").click().run()
    for name, text in texts_by_id.items():
        area = next(a for a in app.text_area if a.key.endswith(f"-{name.replace('__', '.')}"))
        area.set_value(text)
    app.button(key=f"keep-{part}").click().run()
    assert not app.exception
    return app


def built(app: AppTest, kind: str, edition: str = "internal") -> reporting_files.Built:
    """What the page offers for download once a format was asked for."""
    app.segmented_control(key=f"report-format-{edition}").set_value(kind).run()
    app.button(key="report-make").click().run()
    assert not app.exception
    assert not app.error, [e.value for e in app.error]
    assert any(b.key == f"report-download-{kind}" for b in app.get("download_button"))
    return list(app.session_state["report_built"].values())[-1]


def words_of(file: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(file)).paragraphs)


def frozen(app: AppTest, who: str = "张书记") -> AppTest:
    app.text_input(key="report-who").set_value(who).run()
    next(box for box in app.checkbox if "照此留存" in box.label).check().run()
    app.button(key="report-freeze").click().run()
    assert not app.exception
    return app


# --- the paper ----------------------------------------------------------------------------------------


def test_it_begins_with_the_last_month_that_is_over(visit, sample):
    app = visit("report")
    assert app.selectbox(key="report").value == "2024-06"
    made = content(sample, "2024-06", sample=True)
    shown = parts(app)
    for part in (*made.sections, *made.annexes):
        if part.id != "examples":
            assert all(sentence.text in shown for sentence in part.sentences), part.id
        for table in part.tables:
            assert rows(app, table.title) == texts(table, SAMPLE_AS_OF), table.id
    assert len(app.get("plotly_chart")) == sum(len(part.charts) for part in made.sections)


def test_the_numbers_are_those_of_the_review(visit, sample):
    app = visit("report", community="桂东社区", report="2024-05")
    found = review(sample, Scope(communities=("桂东社区",), first_month="2024-05", last_month="2024-05"))
    states = {row[0]: row for row in rows(app, "四项时限的办理状态（件）")}
    response = found["clocks"]["response"]
    due = response["met"] + response["missed"] + response["unrecorded"]
    assert states["5分钟响应"][1] == wording.rate_with_counts(response["met"], due)
    assert states["5分钟响应"][2:4] == [str(response["met"]), str(response["missed"])]
    colours = rows(app, "四色构成")
    assert [row[2] for row in colours[:4]] == [str(n) for n in found["colours"]["actual"].values()]
    assert f"共 {found['counts']['petitions']} 件诉求" in parts(app)


def test_only_places_and_the_month_are_honoured_and_that_is_said(visit, sample):
    app = visit("report", handler="物业", months="本月")
    assert "只按社区和院落取范围" in parts(app)
    assert content(sample, "2024-06").section("overall").sentences[0].text in parts(app)


def test_a_month_that_is_not_over_is_said_and_not_frozen(visit):
    app = visit("report", report="2024-07")
    assert "还没有结束" in app.info[0].value
    assert not [b for b in app.button if b.key == "report-freeze"]


def test_a_month_without_petitions_and_an_empty_store_are_said(visit, url, empty_url):
    shown = parts(visit("report", url, as_of="2024-09-02T09:00"))
    assert "2024年8月没有诉求记录" in shown
    assert "台账里还没有诉求" in parts(visit("report", empty_url))


def test_an_unknown_month_is_left_out_and_said(visit):
    app = visit("report", report="1999-01")
    assert "1999-01" in app.info[0].value
    assert app.selectbox(key="report").value == "2024-06"


def test_the_public_edition_is_shown_and_written_as_the_report_makes_it(visit, sample):
    app = visit("report")
    app.segmented_control(key="report-edition").set_value("public").run()
    made = public_content(sample, "2024-06", sample=True)
    shown = parts(app)
    assert all(s.text in shown for part in made.sections for s in part.sentences)
    assert "典型诉求" not in shown.split("截至 2024年7月1日 08:00 · 口径")[0]
    assert app.segmented_control(key="report-format-public").options == ["PDF", "Word"]
    words = words_of(built(app, "docx", "public").data)
    assert made.sections[0].sentences[0].text in words


def test_residents_are_masked(visit, url):
    app = visit("report", url, as_of=JULY)
    shown = parts(app)
    assert "路灯不亮" in shown
    assert "13812345678" not in shown
    assert "王建国" not in shown


# --- rewriting ----------------------------------------------------------------------------------------


def test_a_rewritten_suggestion_goes_into_the_word_file(visit, url):
    app = visit("report", url, as_of=JULY)
    rewritten(app, "suggestions", suggestions="请物业一周内修好路灯。\n七月复查。")
    assert "已改写" in parts(app)
    assert "改写了 1 处，还没有留存" in app.warning[0].value
    words = words_of(built(app, "docx").data)
    assert "1．请物业一周内修好路灯。" in words
    assert "2．七月复查。" in words
    assert "以下部分的文字经人工修改：下一步建议" in words


def test_every_text_that_the_report_lets_be_edited_can_be_edited_here(visit, sample):
    app = visit("report")
    made = content(sample, "2024-06", sample=True)
    for part in (*made.sections, *made.annexes):
        if not part.sentences:
            continue
        app.button(key=f"edit-{part.id}").click().run()
        areas = [area.key for area in app.text_area]
        wanted = (
            [part.id] if part.numbered or part.id in POINTS else [sentence.id for sentence in part.sentences]
        )
        assert [key.split("-", 2)[2] for key in areas] == wanted
        app.button(key=f"cancel-{part.id}").click().run()
    assert not app.text_area


def test_a_sentence_can_be_taken_out_and_brought_back(visit, url):
    app = visit("report", url, as_of=JULY)
    first = parts(app).split("一、总体情况")[1].strip().splitlines()[0]
    rewritten(app, "overall", overall__summary="")
    assert first not in parts(app).split("一、总体情况")[1]
    app.button(key="edit-overall").click().run()
    app.button(key="undo-overall").click().run()
    assert first in parts(app).split("一、总体情况")[1]
    assert not app.warning


def test_a_title_is_rewritten_and_everything_is_dropped_at_once(visit, url):
    app = visit("report", url, as_of=JULY)
    rewritten(app, "heading", title="六月通报", signature="中共甲社区委员会")
    assert "六月通报" in parts(app)
    assert "改写了 1 处" in app.warning[0].value
    app.button(key="report-forget").click().run()
    assert "六月通报" not in parts(app)


def test_several_parts_can_be_open_at_once(visit, url):
    app = visit("report", url, as_of=JULY)
    app.button(key="edit-overall").click().run()
    app.button(key="edit-suggestions").click().run()
    assert {area.key.split("-", 2)[2] for area in app.text_area} >= {"overall.summary", "suggestions"}
    app.button(key="cancel-overall").click().run()
    assert [area.key.split("-", 2)[2] for area in app.text_area] == ["suggestions"]


def test_what_was_rewritten_for_one_month_is_not_shown_in_another(visit):
    app = visit("report")
    rewritten(app, "overall", overall__summary="只说六月。")
    app.selectbox(key="report").set_value("2024-05").run()
    assert "只说六月。" not in parts(app)
    app.selectbox(key="report").set_value("2024-06").run()
    assert "只说六月。" in parts(app)


# --- files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pdf", "pptx", "json"])
def test_every_format_is_built_when_asked_for(visit, sample, kind):
    app = visit("report")
    assert "report_built" not in app.session_state or not app.session_state["report_built"]
    found = built(app, kind)
    assert found.name == f"2024-06 情况通报.{kind}"
    assert "已生成" in app.get("status")[0].label
    if kind == "json":
        made = from_json(found.data)
        assert (
            made.figures["counts"]
            == review(sample, Scope(first_month="2024-06", last_month="2024-06"))["counts"]
        )


def test_a_template_with_a_wrong_field_is_refused_by_name(visit):
    own = docx.Document()
    own.add_paragraph("{{ 标题 }} {{ 书记姓名 }}")
    app = visit("report")
    app.file_uploader(key="report-template").set_value(
        ("own.docx", saved(own), "application/octet-stream")
    ).run()
    app.button(key="report-make").click().run()
    assert "书记姓名" in app.error[0].value
    assert not [b for b in app.get("download_button") if b.key == "report-download-docx"]


def test_ones_own_template_is_used(visit):
    own = docx.Document()
    own.add_paragraph("本单位：{{ 标题 }}")
    app = visit("report")
    app.file_uploader(key="report-template").set_value(
        ("own.docx", saved(own), "application/octet-stream")
    ).run()
    assert words_of(built(app, "docx").data).startswith("本单位：2024年6月")


@pytest.mark.parametrize("rubbish", [b"", b"no document", b"PK\x03\x04 broken"])
def test_a_template_that_is_no_document_is_said(visit, rubbish):
    app = visit("report")
    app.file_uploader(key="report-template").set_value(
        ("own.docx", rubbish, "application/octet-stream")
    ).run()
    app.button(key="report-make").click().run()
    assert not app.exception
    assert "模板" in app.error[0].value


def saved(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_signs_that_no_font_has_are_said(visit, url, monkeypatch):
    from analytics.report import ContentError, pdf

    def refuse(*_args, **_kwargs):
        raise ContentError("没有这个字体文件夹")

    monkeypatch.setattr(pdf, "write", refuse)
    app = visit("report", url, as_of=JULY)
    app.segmented_control(key="report-format-internal").set_value("pdf").run()
    app.button(key="report-make").click().run()
    assert app.error[0].value == "没有这个字体文件夹"


# --- frozen months ------------------------------------------------------------------------------------


def test_freezing_asks_for_a_name_and_a_yes_and_is_in_the_history(visit, url):
    app = visit("report", url, as_of=JULY)
    assert app.button(key="report-freeze").disabled
    rewritten(app, "suggestions", suggestions="请物业一周内修好路灯。")
    frozen(app)
    kept = store.frozen_month(store.connect(url), "2024-06", scope_key(Scope()))
    digits = hashlib.sha256(kept.content).hexdigest()[:16]
    assert f"第 1 版，校验码 {digits}" in app.success[0].value
    month, _place, version, _at, who, _as_of, records, fingerprint, _sample = history(app)[0]
    assert (month, version, who, fingerprint) == ("2024-06", "第 1 版", "张书记", digits)
    assert records == str(kept.data_version)
    assert "suggestions" in kept.edits


def test_a_frozen_month_comes_out_as_it_was_and_what_changed_is_told(visit, url):
    app = frozen(visit("report", url, as_of=JULY))
    kept = store.frozen_month(store.connect(url), "2024-06", scope_key(Scope()))
    bring(url, line(4, minutes=4))  # it had been in time after all
    app = visit("report", url)
    app.selectbox(key="report").set_value("2024-06").run()
    assert "已冻结第 1 版" in parts(app)
    assert rows(app, "四项时限的办理状态（件）")[0][1] == "4 件中 3 件"
    assert built(app, "json").data == kept.content
    assert built(app, "docx").name == "2024-06 情况通报 第1版.docx"
    shown = said(app)
    assert "冻结以后又有更正" in shown
    assert "更正说明" in app.warning[0].value
    assert re.search(r"5分钟响应 · 按时率</td>.*?4 件中 3 件</td>.*?4 件中 4 件</td>.*?case=A4", shown)
    assert not [b for b in app.button if b.key.startswith("edit-")]


def test_a_kept_scenario_is_annexed_and_frozen_with_the_month(visit, url):
    ten = to_address(Scenario(limits=(("response", "PT10M"),)))
    now = pd.Timestamp("2024-07-01")
    store.save_scenario(
        store.connect(url), "放到十分钟", scenario=ten, scope=Scope().to_text(), who="test", now=now
    )
    app = visit("report", url, as_of=JULY)
    assert "情景推演：放到十分钟" not in parts(app)
    app.multiselect(key="report-scenarios").set_value(["放到十分钟"]).run()
    assert "情景推演：放到十分钟" in parts(app)
    assert "不是实际结果" in parts(app)
    frozen(app)
    kept = store.frozen_month(store.connect(url), "2024-06", scope_key(Scope()))
    assert "放到十分钟" in kept.scenarios
    assert from_json(kept.content).annexes[-1].title == "情景推演：放到十分钟"


def test_nothing_changed_is_said(visit, url):
    app = frozen(visit("report", url, as_of=JULY))
    version = next(box for box in app.selectbox if box.label == "出哪一份")
    version.set_value(1).run()
    assert "没有变化" in parts(app)


def test_a_version_of_the_history_is_opened_whatever_is_chosen(visit, url):
    app = frozen(visit("report", url, as_of=JULY, courtyard="1号院"))
    app = visit("report", url, as_of="2024-09-02T09:00")
    app.button(key="report-open").click().run()
    assert "正在看历史里的一份：2024年6月 · 1号院 · 第 1 版" in parts(app)
    assert rows(app, "四项时限的办理状态（件）")[0][1] == "3 件中 2 件"
    app.button(key="report-back").click().run()
    assert "正在看历史里的一份" not in parts(app)


def test_freezing_again_keeps_both_and_takes_the_texts_over(visit, url):
    app = visit("report", url, as_of=JULY)
    rewritten(app, "overall", overall__summary="由书记改写。")
    frozen(app)
    bring(url, line(5))
    app = visit("report", url, as_of=JULY)
    app.button(key="report-take-over").click().run()
    assert "由书记改写。" in parts(app)
    frozen(app, "李主任")
    assert store.frozen_months(store.connect(url))[["version", "who"]].values.tolist() == [
        [2, "李主任"], [1, "张书记"],
    ]  # fmt: skip


def test_another_ones_freezing_meanwhile_is_said(visit, url, monkeypatch):
    app = visit("report", url, as_of=JULY)
    app.text_input(key="report-who").set_value("张书记").run()
    next(box for box in app.checkbox if "照此留存" in box.label).check().run()
    monkeypatch.setattr(reporting, "versions_of", lambda month, scope: (1,))
    app.button(key="report-freeze").click().run()
    assert "已有人冻结了第 1 版" in app.error[0].value
    assert not len(store.frozen_months(store.connect(url)))


def test_a_frozen_month_that_was_tampered_with_is_refused_in_words(visit, url):
    from sqlalchemy import update

    from analytics.store.engine import writing
    from analytics.store.frozen import frozen as table

    frozen(visit("report", url, as_of=JULY))
    with writing(store.connect(url)) as connection:
        connection.execute(update(table).values(content="{}"))
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30)
    app.switch_page("pages/report.py")
    app.query_params["report"] = "2024-06"
    app.run()
    assert not app.exception
    assert "校验码不符" in app.error[0].value
    assert "与当时不符" in history(app)[0]


def test_a_month_frozen_from_sample_data_says_so_among_real_records(visit, tmp_path):
    url, now = f"sqlite:///{tmp_path}/sample.db", pd.Timestamp("2024-07-01")
    read = intake.read("\n".join((HEAD, *FOUR)).encode(), "a.csv", "petitions", now=now)
    store.save(store.connect(url), read, who="sample", now=now, sample=True)
    warned = "用示例数据冻结的"
    frozen(visit("report", url, as_of=JULY, report="2024-06"))
    app = visit("report", url, report="2024-06")
    assert not any(warned in one.value for one in app.warning)
    bring(url, line(7))
    app = visit("report", url, report="2024-06")
    (which,) = [box for box in app.selectbox if box.label == "出哪一份"]
    assert which.value == 0  # the records as they are now
    which.set_value(1).run()
    assert any(warned in one.value for one in app.warning)


def test_a_month_frozen_in_chinese_is_shown_in_chinese_to_an_english_reader(visit, url):
    frozen(visit("report", url, as_of=JULY))
    app = visit("report", url, lang="en", report="2024-06")
    assert rows(app, "四项时限的办理状态（件）")[0][1] == "4 件中 3 件"


# --- charts -------------------------------------------------------------------------------------------


def test_a_chart_on_screen_has_the_figures_of_the_paper():
    chart = Chart(
        "c", "各院落", "说明", "stacked_bars", ("甲", "乙"),
        (Series("绿", (3, 0), "green"), Series("在办", (1, 2), "pale")),
    )  # fmt: skip
    drawn = charts_report.drawn(chart, "图 1")
    assert [list(trace.x) for trace in drawn.data] == [[3, 0], [1, 2]]
    assert list(drawn.data[0].text) == ["3", ""]
    assert [entry[2] for entry in charts_report.legend(chart)] == ["fill", "hatched"]
    rates = Chart(
        "r", "率", "", "columns", ("响应（3/4）",), (Series("按时率", (0.75,), "volume"),), "percent"
    )
    drawn = charts_report.drawn(rates, "图 2", dark=True)
    assert drawn.data[0].text[0] == "75 %"
    assert charts_report.legend(rates) == []
