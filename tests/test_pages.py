"""Every page on a cold server by its address, on full, empty and narrowed data: it answers, in words."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics import cases, dataset, intake, policy, store
from analytics.review import review
from analytics.scope import Scope
from sample_data import COMMITTED, FILES, SAMPLE_AS_OF

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "pages").glob("*.py"))
NAMES = [page.stem for page in PAGES]
#: Pages that show petitions, and so have something to say of an empty scope.
OF_PETITIONS = ["overview", "colours", "clocks"]


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('pages')}/sample.db"
    engine = store.connect(url)
    for name, kind in COMMITTED:
        read = intake.read(FILES / name, name, kind, now=SAMPLE_AS_OF)
        store.save(engine, read, who="test", now=SAMPLE_AS_OF, sample=True)
    return url


@pytest.fixture(scope="module")
def sample(sample_url):
    return dataset.open(store.connect(sample_url), SAMPLE_AS_OF, policy.load())


@pytest.fixture
def visit(sample_url, monkeypatch):
    """A first visitor's deep link on a fresh server: the page, then parameters of the address."""

    def opened(page: str, url: str = sample_url, **parameters: str | list[str]) -> AppTest:
        monkeypatch.setenv("DATABASE_URL", url)
        st.cache_resource.clear()
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30)
        app.switch_page(f"pages/{page}.py")
        for name, value in parameters.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, [e.message for e in app.exception]
        assert not app.error, [e.value for e in app.error]
        return app

    return opened


@pytest.fixture
def empty_url(tmp_path):
    return f"sqlite:///{tmp_path}/empty.db"


def said(app: AppTest) -> str:
    """All words of our own markup on the page, in order."""
    return "\n".join(block.proto.body for block in app.get("html"))


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_a_page_begins_with_the_guard_and_reads_like_a_list_of_contents(path):
    text = path.read_text(encoding="utf-8")
    body = [node for node in ast.parse(text).body if not isinstance(node, (ast.Import, ast.ImportFrom))]
    assert isinstance(body[0], ast.Expr), "the docstring"
    assert ast.unparse(body[1]) == "frame.guard()"
    assert len(text.splitlines()) <= 60
    assert "groupby" not in text


@pytest.mark.parametrize("page", NAMES)
def test_a_first_visitors_deep_link_opens_the_page_within_the_frame(visit, page):
    app = visit(page)
    assert app.title[0].value
    assert "示例数据" in said(app)
    assert app.sidebar.children


@pytest.mark.parametrize("page", NAMES)
def test_an_empty_database_is_said_to_be_empty(visit, page, empty_url):
    app = visit(page, empty_url)
    assert app.title[0].value
    if page in OF_PETITIONS:
        assert "台账里还没有诉求" in said(app)


@pytest.mark.parametrize("page", OF_PETITIONS)
def test_an_empty_scope_is_said_to_be_empty(visit, page):
    app = visit(page, community="太极社区", as_of="2020-01-01T00:00")
    assert "还没有诉求" in said(app)
    app = visit(page, community="桂东社区", colour="grey", handler="小区党支部", months="本月")
    assert "所选范围内没有诉求" in said(app)


@pytest.mark.parametrize("page", NAMES)
def test_a_single_petition_is_shown(visit, page, tmp_path):
    url = f"sqlite:///{tmp_path}/one.db"
    text = "诉求编号,上报时间,院落\nA-1,2024-06-03 08:05,1号院\n".encode()
    now = pd.Timestamp("2024-07-01")
    store.save(store.connect(url), intake.read(text, "one.csv", "petitions", now=now), who="test", now=now)
    visit(page, url, as_of="2024-07-01T08:00")


def test_no_launch_date_is_said(visit, tmp_path):
    url = f"sqlite:///{tmp_path}/complaints.db"
    text = "月份,院落,投诉量\n2024-05,1号院,3\n2024-06,1号院,2\n".encode()
    now = pd.Timestamp("2024-07-01")
    store.save(store.connect(url), intake.read(text, "c.csv", "complaints", now=now), who="test", now=now)
    assert "没有上线日期" in said(visit("complaints", url, as_of="2024-07-01T08:00"))


def test_the_address_narrows_as_the_command_line_does(visit, sample):
    app = visit("overview", community="太极社区", colour="red", **{"from": "2023-09", "to": "2024-03"})
    scope = Scope(communities=("太极社区",), colours=("red",), first_month="2023-09", last_month="2024-03")
    petitions = review(sample, scope)["counts"]["petitions"]
    assert f"共 {petitions} 件诉求" in said(app)
    assert "2023年9月 – 2024年3月" in said(app)


def test_an_unknown_value_in_the_address_is_left_out_and_said(visit, sample):
    app = visit("overview", community="没有的社区", months="whenever")
    assert "「没有的社区」" in app.info[0].value
    assert f"共 {len(sample.rows)} 件诉求" in said(app)


def test_what_an_address_says_is_shown_as_it_is_and_never_as_a_picture(visit):
    app = visit("overview", community="![x](http://127.0.0.1/x.png)")
    assert "!\\[x\\](http\\://127.0.0.1/x.png)" in app.info[0].value


@pytest.mark.parametrize("clock", ["response", "follow_up"])
def test_the_list_behind_a_figure_is_the_figure(visit, sample, clock):
    missed = review(sample, Scope(communities=("桂东社区",)))["clocks"][clock]["missed"]
    app = visit("cases", community="桂东社区", clock=clock, state="missed")
    assert f"共 {missed} 件诉求" in said(app)
    assert len(app.dataframe[0].value) == min(missed, cases.PER_PAGE)


def test_a_chip_takes_its_narrowing_back(visit, sample):
    app = visit("cases", month="2024-06")
    assert "共" in said(app)
    app.button(key="chip-month").click().run()
    assert f"共 {len(sample.rows)} 件诉求" in said(app)


@pytest.mark.parametrize(
    "nonsense", [{"month": "June"}, {"fault": "none"}, {"state": "missed"}, {"flag": "x"}]
)
def test_a_narrowing_that_cannot_be_meant_is_left_out_and_said(visit, sample, nonsense):
    app = visit("cases", **nonsense)
    assert any("认不出的条件" in caption.value for caption in app.caption)
    assert f"共 {len(sample.rows)} 件诉求" in said(app)


def test_one_petition_shows_its_course_and_hides_the_resident(visit, sample, sample_url):
    case_id = str(sample.rows["case_id"].iloc[0])
    whole = store.petition(store.connect(sample_url), case_id)
    app = visit("cases", case=case_id)
    assert case_id in app.title[0].value
    assert whole["phone"] not in said(app)
    assert whole["resident"] not in said(app)


def test_an_unknown_petition_is_said_to_be_unknown(visit):
    assert "没有编号「NO-1」" in said(visit("cases", case="NO-1"))


def test_a_petition_after_as_of_is_unknown(visit, sample):
    newest = sample.rows.iloc[cases.select(sample, Scope())[0]]["case_id"]
    app = visit("cases", case=str(newest), as_of="2024-06-01T00:00")
    assert "没有编号" in said(app)


def test_everything_comes_back_with_the_default(visit, sample):
    app = visit("overview")
    app.session_state["community"] = ["太极社区"]
    app.run()
    assert f"共 {len(sample.rows)} 件诉求" not in said(app)
    app.button(key="reset-scope").click().run()
    assert f"共 {len(sample.rows)} 件诉求" in said(app)


@pytest.mark.parametrize("page", NAMES)
def test_every_page_speaks_english(visit, page):
    app = visit(page, lang="en", months="last3")
    assert app.session_state["lang"] == "en"
    assert app.session_state["months"] == "last3"


def test_data_quality_shows_what_a_fault_does_and_leads_to_its_petitions(visit, sample):
    shown = said(visit("quality"))
    assert "至少有一处要核对" in shown
    assert "影响最大的是" in shown
    faulty = review(sample)["data_quality"]["faults"]["unrecorded_response"]
    assert f"共 {faulty} 件诉求" in said(visit("cases", fault="unrecorded_response"))


def test_a_courtyard_under_another_name_is_offered_merged_and_taken_back(visit, tmp_path):
    url = f"sqlite:///{tmp_path}/names.db"
    engine, now = store.connect(url), pd.Timestamp("2024-07-01")
    petitions = "诉求编号,上报时间,院落\n1,2024-06-03 08:05,丽晶公馆\n2,2024-06-03 08:05,丽晶公馆小区\n"
    courtyards = "院落,户数\n丽晶公馆小区,300\n"
    for text, kind in ((petitions, "petitions"), (courtyards, "courtyards")):
        store.save(engine, intake.read(text.encode(), "a.csv", kind, now=now), who="test", now=now)
    app = visit("quality", url, as_of="2024-07-01T08:00")
    app.button(key="rename-place").click().run()
    assert store.renamings(engine)[["old", "new"]].values.tolist() == [["/丽晶公馆", "/丽晶公馆小区"]]
    assert dataset.load(engine).petitions["place"].nunique() == 1
    app.button(key="take-back").click().run()
    assert not len(store.renamings(engine))


@pytest.mark.parametrize("page", ["overview", "colours", "complaints", "effectiveness", "quality"])
def test_months_that_look_incomplete_are_said_beside_every_trend(visit, page):
    app = visit(page, as_of="2024-12-01T08:00")
    words = said(app) + "".join(box.value for box in app.warning)
    assert "可能还没有收齐" in words or "还没有数据" in words
