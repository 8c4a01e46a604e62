"""In Chromium: a long import shows a bar that moves, and given up while it writes it leaves nothing behind."""

from __future__ import annotations

import shutil

import pytest

from analytics import store
from tests.serving import server

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]

ROWS = 300_000


def test_an_import_is_given_up_while_it_writes(tmp_path):
    from playwright.sync_api import sync_playwright

    file = tmp_path / "long.csv"
    lines = (f"{n},2024-06-03 08:05,{n % 9}号院,楼道灯不亮\n" for n in range(ROWS))
    file.write_text("诉求编号,上报时间,院落,诉求内容\n" + "".join(lines), encoding="utf-8")
    url = f"sqlite:///{tmp_path}/long.db"
    with server(url, tmp_path / "log.txt") as where, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{where}/imports")
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_text(f"读到 {ROWS} 行").wait_for()
        page.get_by_role("button", name="确认导入").click()
        page.get_by_text("正在写入 long.csv").wait_for()
        page.get_by_role("button", name="取消").click()
        page.get_by_text("「long.csv」的导入已取消，没有写入任何内容").wait_for()
        browser.close()
    engine = store.connect(url)
    assert store.imports(engine).empty
    assert store.check(engine).problems == ()
