"""Headings mapped by hand become a layout, and the next file of the source is recognised by it."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from analytics import intake, store
from analytics.intake import corrections, layouts, mapping
from analytics.present import downloads
from tests.stored import NOW

FOREIGN = "No.,When,Where,Who knows\nA-1,2024-06-03 08:05,1号院,x\nA-2,2024-06-04 09:00,2号院,y\n"


def table(text: str):
    return intake.read_tables(text.encode(), "t.csv")


def read(text: str | bytes, layout=None, name="t.csv", kind="petitions"):
    content = text.encode() if isinstance(text, str) else text
    return intake.read(content, name, kind, now=NOW, layout=layout)


def test_what_is_not_recognised_is_offered_with_examples():
    offered = mapping.offers(table(FOREIGN), "petitions")
    assert offered["heading"].tolist() == ["No.", "When", "Where", "Who knows"]
    assert offered["examples"].tolist()[0] == ["A-1", "A-2"]
    assert set(offered["column"]) == {""}


def test_aliases_are_offered_and_a_double_claim_stands_beside_both():
    text = "工单编号,上报时间,小区,小区名称\n1,2024-06-03,甲,乙\n"
    offered = mapping.offers(table(text), "petitions")
    assert offered["column"].tolist() == ["case_id", "reported_at", "courtyard", "courtyard"]
    with pytest.raises(intake.IntakeRefused):
        read(text)
    chosen = mapping.layout_of(
        "petitions", "网格", offered["heading"], ["case_id", "reported_at", "courtyard", ""]
    )
    assert read(text, chosen).records["courtyard"].tolist() == ["甲"]


def test_a_mapping_by_hand_reads_the_file_and_recognises_the_next_one():
    columns = ["case_id", "reported_at", "courtyard", ""]
    made = mapping.layout_of("petitions", "外来", ["No.", "When", "Where", "Who knows"], columns)
    found = read(FOREIGN, made)
    assert found.records["case_id"].tolist() == ["A-1", "A-2"]
    kept = layouts.parse(layouts.dumps(made), "外来")
    following = "导出,,\nNo.,When,Where\nA-9,2024-06-09,3号院\n"
    assert mapping.recognise(table(following), [kept]) == kept
    assert mapping.recognise(table("No.,When\nA-9,2024-06-09\n"), [kept]) is None
    assert mapping.recognise(table("诉求编号,上报时间,院落\n1,2024-06-09,甲\n"), [kept]) is None


def test_a_column_taken_away_by_hand_stays_away():
    text = "诉求编号,上报时间,院落,响应时间\n1,2024-06-03 08:00,甲,2024-06-03 08:01\n"
    offered = mapping.offers(table(text), "petitions")
    made = mapping.layout_of("petitions", "无响应", offered["heading"], [*offered["column"][:3], ""])
    assert "responded_at" not in read(text, made).columns


@pytest.mark.parametrize("source", ["csv", "xlsx"])
def test_rejected_rows_corrected_in_the_workbook_come_in(tmp_path, source):
    rows = [
        {"诉求编号": "0007", "上报时间": "昨天", "院落": "甲", "诉求颜色": "紫"},
        {"诉求编号": "0008", "上报时间": "2024-06-03 08:05", "院落": "乙", "诉求颜色": "绿"},
    ]
    plain = pd.DataFrame(rows)
    content = plain.to_csv(index=False).encode() if source == "csv" else downloads.xlsx_bytes(plain)
    first = read(content, name=f"t.{source}")
    engine = store.connect(str(tmp_path / "c.db"))
    saved = store.save(engine, first, who="测试", now=NOW)
    wrong = corrections.to_correct(first.raw_rejected, first.rejected)
    assert wrong["未收原因"].str.count("；").tolist() == [1]
    pd.testing.assert_frame_equal(wrong, store.rejected_records(engine, saved.batch), check_dtype=False)
    book = pd.read_excel(io.BytesIO(downloads.xlsx_bytes(wrong, "未收的行")), dtype=str, engine="openpyxl")
    book.loc[0, ["上报时间", "诉求颜色"]] = ["2024-06-02 08:00", "黄"]
    again = read(downloads.xlsx_bytes(book, "未收的行"), name="未收的行.xlsx")
    assert (len(again.records), len(again.rejected), again.warnings) == (1, 0, ())
    assert store.save(engine, again, who="测试", now=NOW).inserted == 1
    assert store.petition(engine, "0007")["courtyard"] == "甲"
