"""督办 and 回访满意: what they say is what the core counts, each row leads to its case, nothing personal leaves."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from analytics import intake, store, supervision
from analytics.present import downloads, messages, sentences_supervision, tables_supervision
from analytics.scope import Scope
from tests.test_pages import empty_url, said, sample, sample_url, visit

__all__ = ["empty_url", "sample", "sample_url", "visit"]

NOW = pd.Timestamp("2024-07-01 08:00")


@pytest.fixture
def opened(visit, tmp_path):
    """The page 督办 on a few petitions written here, at 2024-07-01 08:00."""

    def page(text: str, name: str = "supervision", **parameters):
        url = f"sqlite:///{tmp_path}/few.db"
        read = intake.read(text.encode(), "few.csv", "petitions", now=NOW)
        assert not len(read.rejected)
        store.save(store.connect(url), read, who="test", now=NOW)
        return visit(name, url, as_of="2024-07-01T08:00", **parameters)

    return page


#: One late answer that nobody wrote down, one clock still running for 2 minutes, one promise due in three days.
FEW = """诉求编号,上报时间,院落,接单主体,预期颜色,响应时间,到场时间,方案时间,承诺办结时间
A-1,2024-06-30 08:00,1号院,物业,黄,,,,
A-2,2024-07-01 07:57,2号院,社区,绿,,,,
A-3,2024-06-30 20:00,2号院,社区,黄,2024-06-30 20:01,2024-06-30 20:05,2024-06-30 20:09,2024-07-04 08:00
"""


def test_the_finding_counts_what_the_core_counts(opened):
    words = said(opened(FEW))
    assert "3 件诉求有事要办；已超期 3 项，拖得最久的是 A-1（已超 23 小时 55 分）" in words
    assert "3 项正在计时，最急的是 A-2（还剩 2′00″）" in words


def test_the_list_is_by_urgency_and_says_what_is_promised(opened):
    shown = opened(FEW).dataframe[0].value
    assert list(shown["诉求编号"])[:3] == ["A-1", "A-1", "A-1"]
    assert shown["还剩或已超"].iloc[3] == "还剩 2′00″"
    assert "7 天内到期（承诺的时间）" in list(shown["要办什么"])


def test_the_filter_stands_in_the_address_and_narrows(opened):
    app = opened(FEW, todo="clock_running")
    assert set(app.dataframe[0].value["诉求编号"]) == {"A-2"}
    app.multiselect(key="choose-todo").set_value([]).run()
    assert "A-1" in set(app.dataframe[0].value["诉求编号"])


def test_a_filter_that_leaves_nothing_says_so(opened):
    assert "没有要办的事项" in said(opened(FEW, todo="handed_on"))


def test_nothing_to_do_is_said(opened):
    done = "2024-05-01 08:00,1号院,绿,2024-05-01 08:01,2024-05-01 08:02,2024-05-01 08:03,2024-05-01 09:00,2024-05-02 09:00"
    head = "诉求编号,上报时间,院落,预期颜色,响应时间,到场时间,方案时间,办结时间,回访时间"
    assert sentences_supervision.nothing() in said(opened(f"{head}\nA-1,{done}\n"))


def test_every_count_of_the_page_is_the_summary(visit, sample):
    numbers = supervision.summary(supervision.items(sample, Scope()))
    words = said(visit("supervision"))
    for group in sentences_supervision.GROUPS:
        assert f"{sentences_supervision.of_group(numbers, group)} 项" in words
    assert sum(sentences_supervision.of_group(numbers, g) for g in sentences_supervision.GROUPS) == sum(
        numbers.values()
    )


def test_every_kind_is_in_one_group():
    kinds = [kind for _label, kinds in sentences_supervision.GROUPS.values() for kind in kinds]
    assert sorted(kinds) == sorted(supervision.KINDS)


def test_handlers_have_what_the_list_has(sample):
    found = supervision.items(sample, Scope())
    shown = tables_supervision.handlers(found)
    assert shown[["已超期", "还来得及", "要留意"]].to_numpy().sum() == len(found)


def test_the_workbook_has_a_sheet_per_handler_and_nothing_personal(sample, sample_url):
    found = supervision.items(sample, Scope())
    sheets = messages.handler_tables(found)
    book = openpyxl.load_workbook(io.BytesIO(downloads.xlsx_book(sheets, ["截至"])))
    assert book.sheetnames == [*sheets, "说明"]
    written = " ".join(str(cell.value) for sheet in book for row in sheet for cell in row)
    for case in found["case_id"].unique():
        whole = store.petition(store.connect(sample_url), case)
        assert whole["phone"] not in written
    assert sum(sheet.max_row - 1 for sheet in book.worksheets[:-1]) == len(found)


def test_sheets_of_like_names_are_told_apart():
    one = pd.DataFrame({"a": [1]})
    book = openpyxl.load_workbook(
        io.BytesIO(downloads.xlsx_book({"物业/甲": one, "物业:甲": one, "说明": one}))
    )
    assert book.sheetnames == ["物业 甲", "物业 甲 2", "说明 2"]


def owing(handler: str) -> str:
    """Seven petitions that owe a report since 20 June, the last handled by another."""
    rows = [
        f"A-{i},2024-06-0{i} 08:00,1号院,{handler if i < 7 else '社区'},红,2024-06-0{i} 08:01,2024-06-0{i} 08:02,2024-06-0{i} 08:03"
        for i in range(1, 8)
    ]
    return "\n".join(["诉求编号,上报时间,院落,接单主体,预期颜色,响应时间,到场时间,方案时间", *rows])


def test_what_a_handler_owes_stands_together_and_leads_to_the_rest(opened):
    words = said(opened(owing("物业")))
    assert "<th colspan=3>物业 <i>已超期 6 项，7 天内到期 0 项。</i></th>" in words
    assert "<th colspan=3>社区 <i>已超期 1 项，7 天内到期 0 项。</i></th>" in words
    rest = "todo=feedback_overdue&amp;todo=feedback_due&amp;todo_by=%E7%89%A9%E4%B8%9A"
    assert f'{rest}" target="_self">另有 1 项</a>' in words
    assert words.count("还没有反馈") >= 6


def test_a_handlers_name_is_shown_as_written_and_never_as_markup(opened):
    words = said(opened(owing("<b>甲</b>")))
    assert "<b>甲</b>" not in words
    assert "&lt;b&gt;甲&lt;/b&gt;" in words


def paper(app) -> tuple[int, int]:
    """How many lines stand on paper, and how many of them on paper alone."""
    lines = next(block for block in said(app).splitlines() if 'class="paper-list"' in block)
    return lines.count("<tr"), lines.count('<tr class="print-only"')


def many(count: int) -> str:
    """So many petitions handed on five times, and nothing else to do."""
    done = "2024-06-30 20:01,2024-06-30 20:02,2024-06-30 20:03,2024-06-30 21:00"
    head = "诉求编号,上报时间,院落,接单主体,响应时间,到场时间,方案时间,回访时间,转办次数"
    return "\n".join([head, *(f"A-{i},2024-06-30 20:00,1号院,物业,{done},5" for i in range(count))])


def test_a_list_of_several_pages_is_whole_on_paper(opened):
    app = opened(many(120), todo="handed_on")
    assert len(app.dataframe[0].value) == 100
    assert paper(app) == (120, 20)


def test_a_long_list_is_whole_on_paper_once_printing_is_asked_for(opened):
    app = opened(many(301), todo="handed_on")
    assert paper(app) == (100, 0)
    assert "第 1–100 项，共 301 项。要印整张，请点「打印清单」" in said(app)
    app.button(key="todo-print").click().run()
    assert paper(app) == (301, 201)
    assert "window.print()" in said(app)


def test_paper_says_what_was_chosen(opened):
    assert '<p class="print-only">只列：时限将到 · 社区</p>' in said(
        opened(FEW, todo="clock_running", todo_by="社区")
    )
    assert "只列" not in said(opened(FEW))


def test_paper_is_white_however_dark_the_screen(opened):
    app = opened(FEW)
    assert "Paper is white" not in said(app)
    app.context["theme"] = "dark"
    assert "Paper is white" in said(app.run())


def test_a_kind_that_does_not_exist_is_left_out_and_said(opened):
    app = opened(FEW, todo=["clock_running", "<i>x"])
    assert set(app.dataframe[0].value["诉求编号"]) == {"A-2"}
    assert app.info[0].value == "网址里有认不出的筛选值，已略去：「\\<i>x」"


@pytest.mark.parametrize("moment", ["昨天", "1900-01-01T08:00", "2024-07-01T08:00:00+00:00"])
def test_a_moment_that_cannot_be_meant_is_said_and_never_replaced_in_silence(visit, moment):
    words = visit("supervision", as_of=moment).info[0].value
    assert words.replace("\\:", ":") == f"网址里有认不出的筛选值，已略去：「{moment}」"


def test_the_message_is_made_when_asked_for(visit):
    app = visit("supervision")
    assert not app.code
    app.toggle(key="todo-message").set_value(True).run()
    assert app.code[0].value.startswith("【督办】截至 2024年7月1日 08:00")
