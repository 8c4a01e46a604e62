"""页 导入: drop, map, try, confirm, correct, undo — without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics import store

ROOT = Path(__file__).parents[1]
GOOD = "诉求编号,上报时间,院落\n1,2024-06-03 08:05,甲\n2,2024-06-03 08:06,甲\n"
FOREIGN = "No.,When,Where\nA-1,2024-06-03 08:05,1号院\n"


@pytest.fixture
def url(tmp_path, monkeypatch):
    address = f"sqlite:///{tmp_path}/page.db"
    monkeypatch.setenv("DATABASE_URL", address)
    st.cache_resource.clear()
    return address


@pytest.fixture
def page(url):
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30)
    app.switch_page("pages/imports.py")
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def drop(app: AppTest, **files: str) -> AppTest:
    """Choose files. A test session forgets them with every run, so what follows goes through here too."""
    named = [(name.replace("_", "."), text.encode(), "text/csv") for name, text in files.items()]
    app.file_uploader[0].set_value(named)
    return run(app)


def confirm(app: AppTest, **files: str) -> AppTest:
    app.button(key="confirm-import").click()
    return drop(app, **files)


def said(app: AppTest) -> str:
    return "\n".join(block.proto.body for block in app.get("html"))


def test_a_file_is_tried_before_it_is_confirmed(page, url):
    text = GOOD + "3,昨天,甲\n"
    words = said(drop(page, a_csv=text))
    assert "读到 3 行：可收 2 行，未收 1 行" in words
    assert "试导入：新增 2，更新 0，未变 0" in words
    assert "表头在第 1 行" in words
    assert len(store.imports(store.connect(url))) == 0
    confirm(page, a_csv=text)
    assert "已导入第 1 批：新增 2" in page.success[0].value
    assert "未收 1 行" in page.success[0].value
    (line,) = store.imports(store.connect(url)).to_dict("records")
    assert (line["file"], line["inserted"], line["rejected"]) == ("a.csv", 2, 1)
    assert page.dataframe[-1].value["文件指纹"].tolist() == [line["sha256"][:12]]


def test_several_files_are_imported_one_after_the_other(page, url):
    files = {"a_csv": GOOD, "b_csv": GOOD.replace(",甲", ",乙"), "c_csv": "什么也不是\n"}
    drop(page, **files)
    assert "c.csv" in "".join(error.value for error in page.error)
    confirm(page, **files)
    found = store.imports(store.connect(url))
    assert found[["file", "inserted", "updated"]].values.tolist() == [["b.csv", 0, 2], ["a.csv", 2, 0]]
    assert len(page.success) == 2


def test_headings_mapped_by_hand_are_kept_and_recognised(page, url):
    drop(page, a_csv=FOREIGN)
    assert page.error, "refused as it is"
    editor = page.data_editor[0].key
    columns = ("诉求编号", "上报时间", "院落")
    edits = {row: {"是哪一列": column} for row, column in enumerate(columns)}
    page.session_state[editor] = {"edited_rows": edits, "added_rows": [], "deleted_rows": []}
    drop(page, a_csv=FOREIGN)
    assert not page.error
    page.text_input[-1].set_value("外来")
    drop(page, a_csv=FOREIGN)
    next(button for button in page.button if button.label == "保存版式").click()
    drop(page, a_csv=FOREIGN)
    assert "外来" in page.success[0].value
    drop(page, b_csv=FOREIGN.replace("A-1", "A-2"))
    assert "版式「外来」" in said(page)
    assert not page.error
    confirm(page, b_csv=FOREIGN.replace("A-1", "A-2"))
    assert store.petition(store.connect(url), "A-2")["courtyard"] == "1号院"


def test_an_older_export_is_told_before_it_is_confirmed(page):
    head = "诉求编号,上报时间,院落,办结时间\n"
    newer, older = head + "1,2024-06-03 08:05,甲,2024-06-05 09:00\n", head + "1,2024-06-03 08:05,乙,\n"
    drop(page, a_csv=newer)
    confirm(page, a_csv=newer)
    drop(page, b_csv=older)
    assert any("比库里的记录旧" in caption.value for caption in page.caption)
    assert "试导入：新增 0，更新 0，未变 1" in said(page)


def test_an_import_is_taken_back(page, url):
    drop(page, a_csv=GOOD)
    confirm(page, a_csv=GOOD)
    page.button(key="undo").click()
    run(page)
    assert "已撤销" in page.success[0].value
    assert store.petition(store.connect(url), "1") is None
