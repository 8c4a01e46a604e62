"""成效评估 and 院落 in the dashboard: on the samples, on degenerate data, and what a reader does there."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics import intake, store
from sample_data import COMMITTED, FILES, SAMPLE_AS_OF

ROOT = Path(__file__).parents[1]
NOW = pd.Timestamp("2024-07-01")


@pytest.fixture
def sample_url(tmp_path):
    url = f"sqlite:///{tmp_path}/sample.db"
    engine = store.connect(url)
    for name, kind in COMMITTED:
        read = intake.read(FILES / name, name, kind, now=SAMPLE_AS_OF)
        store.save(engine, read, who="test", now=SAMPLE_AS_OF, sample=True)
    return url


@pytest.fixture
def own_url(tmp_path):
    """A database of the test's own records: kind → text of a file."""

    def filled(**files):
        url = f"sqlite:///{tmp_path}/own.db"
        for kind, text in files.items():
            store.save(
                store.connect(url),
                intake.read(text.encode(), f"{kind}.csv", kind, now=NOW),
                who="test",
                now=NOW,
            )
        return url

    return filled


@pytest.fixture
def visit(monkeypatch):
    def opened(page, url, **parameters):
        monkeypatch.setenv("DATABASE_URL", url)
        st.cache_resource.clear()
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
        app.switch_page(f"pages/{page}.py")
        for name, value in parameters.items():
            app.query_params[name] = value
        return run(app)

    return opened


def run(app):
    app.run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def said(app):
    return "\n".join(block.proto.body for block in app.get("html"))


def charts(app):
    return len(app.get("plotly_chart"))


def months(counts, place="1号院", first="2022-07"):
    labels = pd.period_range(first, periods=len(counts), freq="M")
    return "月份,社区,院落,投诉量\n" + "".join(
        f"{m},甲社区,{place},{n}\n" for m, n in zip(labels, counts, strict=True)
    )


def registry(launched):
    return f"社区,院落,上线日期,户数\n甲社区,1号院,{launched},100\n"


def test_the_samples_show_verdict_picture_and_both_columns(visit, sample_url):
    app = visit("effectiveness", sample_url)
    words = said(app)
    assert "10 个院落先后上线" in words
    for heading in (
        "支持",
        "存疑",
        "这说明什么",
        "不说明什么",
        "与其他院落比",
        "两个渠道",
        "按月",
        "同期的其他事件",
    ):
        assert heading in words or heading in [h.value for h in app.header]
    assert charts(app) == 4
    assert "不说明居民的问题变少了" in words


def test_one_courtyards_verdict_is_the_one_of_the_overview(visit, sample_url):
    app = visit("effectiveness", sample_url, community="太极社区")
    assert "2023年9月上线后月均 6.1 件" in said(app)
    assert "确有下降" in said(app)
    assert "确有下降" in said(visit("overview", sample_url, community="太极社区"))


def test_another_courtyard_is_chosen_within_the_page(visit, sample_url):
    app = visit("effectiveness", sample_url)
    app.selectbox(key="effect-place").select("桂东社区/6号院")
    assert "2023年11月上线后月均 1.5 件" in said(run(app))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"complaints": months([3] * 24)}, "没有上线日期"),
        ({"courtyards": registry("2023-07-01")}, "没有网络理政投诉数据"),
        ({"complaints": months([3] * 24), "courtyards": registry("2022-07-01")}, "上线前没有可用的月份"),
        ({"complaints": months([0] * 24), "courtyards": registry("2023-07-01")}, "没有一件投诉"),
        ({"complaints": months([9] * 3), "courtyards": registry("2022-09-01")}, "还太早"),
    ],
    ids=["no launch", "no complaints", "launch in the first month", "zero complaints", "too early"],
)
def test_degenerate_data_get_words(visit, own_url, files, words):
    app = visit("effectiveness", own_url(**files), as_of="2024-07-01T08:00")
    assert words in said(app)


def test_an_empty_store_has_words_on_both_pages(visit, tmp_path):
    url = f"sqlite:///{tmp_path}/empty.db"
    assert "没有网络理政投诉数据" in said(visit("effectiveness", url))
    assert "台账里还没有诉求" in said(visit("courtyards", url))


def test_an_event_is_recorded_drawn_named_as_a_rival_and_taken_back(visit, sample_url):
    app = visit("effectiveness", sample_url, community="太极社区")
    assert "没有登记同期的其他事件" in said(app)
    app.text_input[0].input("小区<b>改造</b>")
    app.date_input[0].set_value(pd.Timestamp("2023-11-05").date())
    app.button(key="event-record").click()
    run(app)
    assert "已登记" in app.success[0].value
    assert store.events(store.connect(sample_url))["label"].tolist() == ["小区<b>改造</b>"]
    words = said(app)
    assert "也可能是原因：2023年11月小区&lt;b&gt;改造&lt;/b&gt;" in words
    assert "① 2023年11月 小区&lt;b&gt;改造&lt;/b&gt;" in words
    app.button(key="event-remove").click()
    run(app)
    assert "已删除" in app.success[0].value
    assert store.events(store.connect(sample_url)).empty
    assert "没有登记同期的其他事件" in said(app)


def test_an_event_needs_a_name_and_a_later_one_says_when_it_will_show(visit, sample_url):
    app = visit("effectiveness", sample_url)
    app.button(key="event-record").click()
    run(app)
    assert "请写明是什么事" in app.error[0].value
    assert store.events(store.connect(sample_url)).empty
    app.text_input[0].input("合院")
    app.date_input[0].set_value(pd.Timestamp("2025-01-05").date())
    app.button(key="event-record").click()
    run(app)
    assert "晚于截至时间" in app.success[0].value


def test_the_courtyards_are_compared_and_one_has_its_card(visit, sample_url):
    app = visit("courtyards", sample_url)
    words = said(app)
    assert "需帮助 1 个（6号院），明显好 1 个（2号院）" in words
    assert "太极社区 · 丽晶公馆5分钟响应" in words
    assert "为什么变了" in [h.value for h in app.header][-1]
    assert charts(app) == 4


@pytest.mark.parametrize("measure", ["on_time", "repeats", "complaints"])
def test_another_measure_and_the_case_mix_switch_change_the_finding(visit, sample_url, measure):
    app = visit("courtyards", sample_url)
    before = said(app)
    app.selectbox(key="compared-by").select(measure)
    assert said(run(app)) != before
    if measure != "complaints":
        app.toggle(key="adjusted").set_value(True)
        assert "扣除来件难易" in said(run(app))


def test_a_change_is_split_over_another_axis(visit, sample_url):
    app = visit("courtyards", sample_url)
    (axis,) = [group for group in app.get("button_group") if group.key == "changed-by"]
    axis.set_value("handler")
    assert "社区 · 办理表现" in said(run(app))


def test_one_courtyard_alone_is_said_not_to_be_compared(visit, own_url):
    text = "诉求编号,上报时间,社区,院落,响应时间\nA-1,2024-06-03 08:05,甲社区,1号院,2024-06-03 08:08\n"
    app = visit("courtyards", own_url(petitions=text), as_of="2024-07-01T08:00")
    assert "能比较的院落不足两个" in said(app)


@pytest.mark.parametrize("page", ["effectiveness", "courtyards"])
def test_both_pages_speak_english_where_it_is_chosen(visit, sample_url, page):
    assert visit(page, sample_url, lang="English").title[0].value
