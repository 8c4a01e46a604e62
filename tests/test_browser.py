"""The journey in Chromium: import a file, read the overview, click a bar, open one petition, come back."""

from __future__ import annotations

import re
import shutil

import pytest

from analytics import cases, dataset, intake, policy, store
from analytics.scope import Scope
from sample_data import COMMITTED, FILES, SAMPLE_AS_OF
from tests.serving import server

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('browser')}/sample.db"
    for name, kind in COMMITTED:
        read = intake.read(FILES / name, name, kind, now=SAMPLE_AS_OF)
        store.save(store.connect(url), read, who="test", now=SAMPLE_AS_OF, sample=True)
    return url


@pytest.fixture(scope="module")
def address(sample_url, tmp_path_factory):
    with server(sample_url, tmp_path_factory.mktemp("log") / "log.txt") as where:
        yield where


@pytest.fixture
def visit(chromium, address):
    contexts = []

    def opened(path: str, **settings):
        context = chromium.new_context(viewport={"width": 1440, "height": 1000}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(address + path)
        page.wait_for_selector("h1")
        return page

    yield opened
    for context in contexts:
        context.close()


def finding(page) -> str:
    return page.locator(".finding").first.inner_text()


def count(page) -> int:
    page.wait_for_function("document.querySelector('.finding')?.innerText.startsWith('共')")
    return int(re.search(r"共 ([\d,]+) 件", finding(page)).group(1).replace(",", ""))


def settle(page) -> None:
    """Until nothing on the page has changed for a moment: a click on what still moves goes astray."""
    page.evaluate(
        """() => new Promise(done => {
            let timer = setTimeout(done, 400);
            new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 400); }).observe(
                document.querySelector('[data-testid=stMain]'),
                {subtree: true, childList: true, attributes: true});
        })"""
    )


def click_row(page, number: int = 0) -> None:
    """Choose a row of the list of petitions by its box, the way a hand does."""
    table = page.locator("[data-testid=stDataFrame] canvas").first
    table.wait_for()
    settle(page)
    box = table.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 52 + 35 * number)


def click_bar(page, chart: str, trace: int, point: int) -> None:
    bar = page.locator(f"[class*='st-key-{chart}'] .barlayer .trace").nth(trace).locator(".point").nth(point)
    bar.wait_for()
    settle(page)
    box = bar.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    page.wait_for_timeout(300)
    page.mouse.click(x, y)


def test_a_click_on_a_bar_narrows_the_page_its_link_opens_the_petitions_and_back_is_one_step_each(visit):
    page = visit("/clocks?community=太极社区")
    click_bar(page, "states", 1, 0)
    page.wait_for_url("**/clocks?**state=missed**")
    page.wait_for_selector(".st-key-narrowed button")
    link = page.locator(".st-key-narrowed a")
    said = int(re.search(r"（([\d,]+) 件）", link.inner_text()).group(1))
    settle(page)
    link.click()
    page.wait_for_url("**/cases?**state=missed**")
    page.wait_for_selector(".st-key-chips button")
    assert "community=" in page.url, "the scope stays in the address"
    assert count(page) == said
    assert 0 < said < 92
    page.go_back()
    page.wait_for_url("**/clocks?**state=missed**")
    page.wait_for_selector(".st-key-narrowed button")
    page.go_back()
    page.wait_for_url(lambda address: "/clocks" in address and "state=" not in address)
    page.wait_for_selector(".st-key-narrowed button", state="detached")
    assert "太极社区" in page.locator("p.scope").inner_text()


def test_a_click_within_a_part_of_the_page_narrows_the_whole_and_the_chip_takes_it_back(visit):
    page = visit("/clocks?community=太极社区")
    before = finding(page)
    click_bar(page, "taken-response", 0, 2)
    page.wait_for_url("**/clocks?**upto=180**")
    chip = page.locator(".st-key-narrowed button")
    chip.wait_for()
    settle(page)
    assert finding(page) != before
    chip.click()
    chip.wait_for(state="detached")
    settle(page)
    assert finding(page) == before
    assert "upto=" not in page.url


def test_a_click_on_a_cell_narrows_the_page_to_the_petitions_whose_number_stands_in_it(visit):
    page = visit("/colours?community=桂东社区")
    table = page.locator("[class*='st-key-months-table'] canvas").first
    table.scroll_into_view_if_needed()
    settle(page)
    box = table.bounding_box()
    page.mouse.click(box["x"] + 30 + box["width"] / 14, box["y"] + 52)
    page.wait_for_url("**/colours?**month=**")
    page.wait_for_selector(".st-key-narrowed button")


def test_a_row_opens_its_petition_at_an_address_of_its_own(visit):
    page = visit("/cases?community=太极社区")
    click_row(page)
    page.wait_for_url("**case=**")
    page.get_by_text("办理经过").wait_for()
    case_id = re.search(r"case=([^&]+)", page.url).group(1)
    assert case_id in page.locator("h1").inner_text()


def test_the_journey_from_a_file_to_one_petition(chromium, tmp_path):
    with server(f"sqlite:///{tmp_path}/new.db", tmp_path / "log.txt") as address:
        page = chromium.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(30_000)
        page.goto(f"{address}/imports")
        page.locator("input[type=file]").set_input_files(str(FILES / "petitions_taiji.csv"))
        page.get_by_text("确认导入").click()
        page.get_by_text("已导入第 1 批").wait_for()
        page.get_by_text("成效", exact=True).first.click()
        page.get_by_text("总览", exact=True).first.click()
        page.get_by_text("5分钟响应").first.wait_for()
        assert count(page) == 92
        click_bar(page, "colour-bar", 2, 0)
        page.wait_for_url("**/?**outcome=closed_red**")
        page.wait_for_selector(".st-key-narrowed a")
        settle(page)
        page.locator(".st-key-narrowed a").click()
        page.wait_for_url("**/cases?**outcome=closed_red**")
        page.wait_for_selector(".st-key-chips button")
        assert count(page) == 12
        click_row(page)
        page.wait_for_url("**case=**")
        page.get_by_text("办理经过").wait_for()
        assert re.search(r"case=([^&]+)", page.url).group(1) in page.locator("h1").inner_text()
        page.close()


@pytest.mark.parametrize(
    "path", ["/", "/colours", "/clocks", "/complaints", "/cases", "/imports", "/definitions"]
)
def test_a_phone_needs_no_sideways_scrolling(visit, path):
    page = visit(path, is_mobile=True, has_touch=True, color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(1500)
    widths = page.evaluate(
        "[document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
    )
    assert max(widths) <= 390


def test_nothing_is_fetched_from_outside(visit, address):
    page = visit("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_selector(".js-plotly-plot")
    page.wait_for_timeout(1000)
    own = (address, address.replace("http", "ws", 1), "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []


def test_the_language_switch_keeps_the_choice(visit):
    page = visit("/?months=last3")
    before = finding(page)
    page.get_by_text("English", exact=True).click()
    page.wait_for_url("**lang=English**")
    page.get_by_text("中文", exact=True).click()
    page.wait_for_function("!location.search.includes('lang=')")
    page.wait_for_timeout(500)
    assert finding(page) == before


def order_of(sample_url: str, **scope) -> list[str]:
    """The ids of a scope, newest first, as the list has them."""
    data = dataset.open(store.connect(sample_url), SAMPLE_AS_OF, policy.load())
    return data.rows["case_id"].iloc[cases.select(data, Scope(**scope))].tolist()


def shown_case(page) -> str:
    page.wait_for_url("**case=**")
    page.get_by_text("办理经过").wait_for()
    case_id = re.search(r"case=([^&]+)", page.url).group(1)
    page.wait_for_function(f"document.querySelector('h1').innerText.includes('{case_id}')")
    return case_id


def test_a_selection_never_slips_to_another_petition(visit, sample_url):
    third = order_of(sample_url, communities=("太极社区",))[2]
    page = visit("/cases?community=太极社区")
    click_row(page, 2)
    page.get_by_text("桂东社区", exact=True).first.click()  # in the same moment
    assert shown_case(page) == third
    page.get_by_text("← 回到列表").click()
    page.wait_for_selector("[data-testid=stDataFrame]")
    assert "case=" not in page.url
    settle(page)
    assert not page.locator("[data-testid=stDataFrame] [role=row][aria-selected=true]").count()


def test_one_petition_leads_to_the_next_and_its_address_opens_it_again(visit, sample_url):
    order = order_of(sample_url, communities=("太极社区",))
    page = visit("/cases?community=太极社区")
    click_row(page, 2)
    assert shown_case(page) == order[2]
    page.get_by_text("第 3 件，共 92 件").wait_for()
    page.get_by_text("下一件 ›").click()
    page.wait_for_url(f"**case={order[3]}**")
    page.get_by_text("第 4 件，共 92 件").wait_for()
    box = page.locator("[data-testid=stCode]")
    box.filter(has_text=f"case={order[3]}").wait_for()  # it is drawn after the words above it
    copied = box.inner_text().strip()
    page.go_back()
    page.wait_for_url(f"**case={order[2]}**")
    page.get_by_text("第 3 件，共 92 件").wait_for()
    page.goto(copied)
    page.get_by_text("第 4 件，共 92 件").wait_for()
    assert shown_case(page) == order[3]


def test_a_search_stays_in_the_address_and_the_file_holds_all_that_was_found(visit):
    page = visit("/cases")
    page.get_by_placeholder(re.compile("几个词")).fill("请")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    page.wait_for_selector(".st-key-chip-search")
    found = count(page)
    assert 100 < found < 692
    with page.expect_download() as started:
        page.get_by_text("下载 CSV").click()
    text = started.value.path().read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if re.match(r'"?(TJB?|GDB?)-\d+', line)]
    assert len(lines) == found
    page.reload()
    page.wait_for_selector(".st-key-chip-search")
    assert count(page) == found


def test_a_heading_puts_the_whole_list_in_order_and_back_again(visit, sample_url):
    ids = sorted(order_of(sample_url))
    page = visit("/cases?page=3")
    for order, first in (("case_id", ids[0]), ("-case_id", ids[-1])):
        table = page.locator("[data-testid=stDataFrame] canvas").first
        table.wait_for()
        settle(page)
        box = table.bounding_box()
        page.mouse.click(box["x"] + 70, box["y"] + 17)
        page.wait_for_url(f"**sort={order}")
        page.wait_for_function(
            "id => document.querySelector('[data-testid=stDataFrame]').textContent.includes(id)", arg=first
        )
        assert "page=" not in page.url
