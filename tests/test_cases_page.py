"""台账 in use: search, order, pages, columns, one petition and its neighbours, and addresses that say nonsense."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics import cases, dataset, intake, policy, store
from analytics.scope import Scope
from sample_data import COMMITTED, FILES, SAMPLE_AS_OF

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('cases')}/sample.db"
    for name, kind in COMMITTED:
        read = intake.read(FILES / name, name, kind, now=SAMPLE_AS_OF)
        store.save(store.connect(url), read, who="test", now=SAMPLE_AS_OF, sample=True)
    st.cache_resource.clear()  # what tests before these have opened
    return url


@pytest.fixture(scope="module")
def sample(sample_url):
    return dataset.open(store.connect(sample_url), SAMPLE_AS_OF, policy.load())


@pytest.fixture
def visit(sample_url, monkeypatch):
    """台账 at an address."""

    def opened(**parameters: str | list[str]) -> AppTest:
        monkeypatch.setenv("DATABASE_URL", sample_url)
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30)
        app.switch_page("pages/cases.py")
        for name, value in parameters.items():
            app.query_params[name] = value
        return run(app)

    return opened


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [e.message for e in app.exception]
    assert not app.error, [e.value for e in app.error]
    return app


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click()
    run(app)


def said(app: AppTest) -> str:
    return "\n".join(block.proto.body for block in app.get("html"))


def listed(app: AppTest) -> list[str]:
    """The ids on the page that is shown."""
    return app.dataframe[0].value["诉求编号"].tolist()


def in_address(app: AppTest, name: str) -> list[str]:
    value = app.query_params.get(name, [])
    return value if isinstance(value, list) else [value]


def test_the_first_page_is_the_newest_hundred(visit, sample):
    newest = sample.rows["case_id"].iloc[cases.select(sample, Scope())].tolist()
    app = visit()
    assert listed(app) == newest[:100]
    assert f"第 1–100 件，共 {len(newest)} 件" in said(app)
    assert listed(visit(page="2")) == newest[100:200]


def test_a_search_narrows_the_list_and_its_chip_takes_it_back(visit, sample, sample_url):
    app = visit(community="太极社区")
    app.text_input(key="search-cases").input("漏水")
    run(app)
    texts = store.petition_texts(
        store.connect(sample_url), sample.rows["case_id"], ["content", "follow_up_note"]
    )
    hits = texts[
        texts["content"].str.contains("漏水") | texts["follow_up_note"].fillna("").str.contains("漏水")
    ]
    taiji = set(sample.rows["case_id"].iloc[cases.select(sample, Scope(communities=("太极社区",)))])
    assert set(listed(app)) == set(hits["case_id"]) & taiji
    assert in_address(app, "q") == ["漏水"]
    assert f"共 {len(listed(app))} 件诉求" in said(app)
    assert app.dataframe[0].value["诉求内容"].str.contains("漏水").any()
    press(app, "chip-search")
    assert in_address(app, "q") == []
    assert f"共 {len(taiji)} 件诉求" in said(app)


def test_a_search_meets_the_narrowing_and_words_add_up(visit):
    one = set(listed(visit(q="漏水")))
    assert set(listed(visit(q="漏水 厨房"))) <= one
    month = visit(q="漏水", month="2024-04")
    assert set(listed(month)) == one & set(listed(visit(month="2024-04")))
    assert {button.key for button in month.button} >= {"chip-month", "chip-search"}


def test_a_search_that_finds_nothing_says_so(visit):
    app = visit(q="没有人说过的话")
    assert "没有" in said(app) or "共 0 件" in said(app)
    assert not app.dataframe


def test_an_order_holds_over_all_pages(visit, sample):
    rows = sample.rows
    positions = cases.arranged(sample, cases.select(sample, Scope()), "days", True)
    pages = [listed(visit(sort="-days", page=str(n))) for n in range(1, cases.pages(len(positions)) + 1)]
    assert [case for page in pages for case in page] == rows["case_id"].iloc[positions].tolist()


def test_the_control_and_a_heading_both_put_the_whole_list_in_order(visit):
    app = visit(page="3")
    app.selectbox(key="order-column").set_value("days")
    run(app)
    assert in_address(app, "sort") == ["-days"]
    assert in_address(app, "page") == []
    longest = listed(app)
    assert longest == listed(visit(sort="-days"))
    app.segmented_control(key="order-direction").set_value(False)
    run(app)
    assert in_address(app, "sort") == ["days"]
    app.selectbox(key="order-column").set_value("reported_at")
    app.segmented_control(key="order-direction").set_value(True)
    run(app)
    assert in_address(app, "sort") == []


def test_columns_are_chosen_in_the_address(visit):
    app = visit(columns="content,place,bogus")
    assert list(app.dataframe[0].value.columns) == ["诉求编号", "院落", "诉求内容"]
    assert any("「bogus」" in caption.value for caption in app.caption)
    app.multiselect(key="shown-columns").set_value(["place", "days"])
    run(app)
    assert list(app.dataframe[0].value.columns) == ["诉求编号", "院落", "天数"]
    assert in_address(app, "columns") == ["case_id,place,days"]
    press(app, "usual-columns")
    assert in_address(app, "columns") == []
    assert "诉求内容" not in app.dataframe[0].value


def test_the_texts_of_the_list_are_masked(visit, sample_url):
    shown = pd.concat(
        visit(columns="content,follow_up_note", page=str(n)).dataframe[0].value for n in range(1, 8)
    )
    assert len(shown) > 600
    assert not shown["诉求内容"].str.contains(r"1[3-9]\d{9}").any()


def test_another_scope_begins_at_the_first_page(visit):
    app = visit(page="3")
    assert "第 201–300 件" in said(app)
    app.session_state["community"] = ["桂东社区"]
    run(app)
    assert in_address(app, "page") == []
    assert "第 1–100 件" in said(app)


def test_turning_the_page_stays_in_the_list(visit):
    app = visit(sort="days")
    first = listed(app)
    turned = visit(sort="days", page="2")
    assert not set(first) & set(listed(turned))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"page": "99"}, "没有第 99 页"),
        ({"page": "9" * 5000}, "没有第 999999999 页"),
        ({"page": "-1"}, "认不出的页码"),
        ({"page": "zwei"}, "认不出的页码"),
        ({"page": "0"}, "认不出的页码"),
        ({"sort": "nonsense"}, "认不出的排序「nonsense」"),
        ({"sort": "--days"}, "认不出的排序"),
        ({"sort": "content"}, "认不出的排序"),
        ({"q": "水" * 10_000}, "只按前 100 个字找"),
        ({"columns": "x" * 5000}, "没有这些列"),
    ],
)
def test_nonsense_in_the_address_is_answered_in_words(visit, parameters, words):
    app = visit(**parameters)
    assert any(words in caption.value for caption in app.caption)


@pytest.mark.parametrize(
    "text", ["%", "_", "'", '"; drop table petitions', "\\", "/", "\x00", "<b>", "😀", "   "]
)
def test_any_search_is_answered(visit, text):
    visit(q=text)
    visit(q=text, case="NO-1")


def test_one_petition_says_where_it_stands_and_leads_on(visit, sample):
    order = sample.rows["case_id"].iloc[cases.select(sample, Scope(communities=("太极社区",)))].tolist()
    app = visit(community="太极社区", case=order[2])
    assert "第 3 件，共 92 件" in said(app)
    press(app, "next")
    assert in_address(app, "case") == [order[3]]
    assert "第 4 件，共 92 件" in said(app)
    press(app, "previous")
    assert order[2] in app.title[0].value
    assert visit(community="太极社区", case=order[0]).button(key="previous").disabled
    assert visit(community="太极社区", case=order[-1]).button(key="next").disabled


def test_walking_follows_the_search_and_the_order(visit):
    found = listed(visit(q="漏水", sort="days"))
    app = visit(q="漏水", sort="days", case=found[0])
    walked = [found[0]]
    while not app.button(key="next").disabled:
        press(app, "next")
        walked += in_address(app, "case")
    assert walked == found


def test_the_way_back_leads_to_the_page_with_the_petition(visit, sample):
    order = sample.rows["case_id"].iloc[cases.select(sample, Scope())].tolist()
    app = visit(case=order[99], page="1")
    press(app, "next")
    press(app, "back-to-list")
    assert in_address(app, "page") == ["2"]
    assert listed(app)[0] == order[100]


def test_a_petition_outside_the_choice_is_shown_and_said_to_be_outside(visit):
    app = visit(community="桂东社区", case="TJ-000013")
    assert "TJ-000013" in app.title[0].value
    assert "不在现在所选的" in said(app)
    assert not [button for button in app.button if button.key == "next"]


def test_the_address_to_copy_opens_this_petition_in_this_list(visit):
    app = visit(q="水", sort="-days", community="太极社区", case="TJ-000013", page="2", lang="en")
    said_there = parse_qs(app.code[0].value.partition("?")[2])
    assert said_there == {"q": ["水"], "sort": ["-days"], "community": ["太极社区"], "case": ["TJ-000013"]}


def test_a_note_taken_later_is_not_shown_early(visit, sample_url):
    whole = store.petition(store.connect(sample_url), "TJ-000013")
    assert whole["follow_up_note"] in said(visit(case="TJ-000013"))
    before = whole["followed_up_at"] - pd.Timedelta("1min")
    assert whole["follow_up_note"] not in said(visit(case="TJ-000013", as_of=f"{before:%Y-%m-%dT%H:%M}"))
