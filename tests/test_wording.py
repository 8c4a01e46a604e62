"""Figures in words: what a reader sees for numbers, lapses, moments, scopes and findings."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas import NaT, Timestamp

from analytics import i18n, policy
from analytics.present import sentences, wording

AS_OF = Timestamp("2024-07-01 08:05")


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (0.932, "93 %"),
        (0.125, "13 %"),
        (1, "100 %"),
        (0, "0 %"),
        (0.9996, "99.9 %"),
        (0.0004, "0.1 %"),
        (None, "—"),
    ],
)
def test_a_percentage_is_never_all_or_none_unless_it_is(fraction, shown):
    assert wording.percent(fraction) == shown


def test_a_rate_short_of_its_target_does_not_round_up_to_it():
    assert wording.percent_against(0.946, 0.95) == "94.6 %"
    assert wording.percent_against(0.95, 0.95) == "95 %"


@pytest.mark.parametrize(
    ("hits", "due", "shown"),
    [(8, 9, "9 件中 8 件"), (9, 10, "90 %"), (41, 44, "93 %"), (0, 0, "—"), (None, None, "—")],
)
def test_fewer_than_ten_are_counted_not_divided(hits, due, shown):
    assert wording.rate(hits, due) == shown


def test_a_rate_stands_beside_its_counts():
    assert wording.rate_with_counts(41, 44) == "93 %（41/44）"
    assert wording.rate_with_counts(8, 9) == "9 件中 8 件"


def test_intervals_and_bounds():
    assert wording.interval((0.817, 0.977)) == "82–98 %"
    assert wording.confidence((None, None)) == ""
    assert wording.upper_bound(0.97, 2) == "其中 2 件未记录，若都按时则为 97 %"
    assert wording.upper_bound(0.97, 0) == ""
    assert wording.change(0.53) == "−47 %"
    assert wording.change_interval((0.15, 1.44)) == "−85 % ~ +44 %"
    assert wording.change_interval((0.15, 48.4)) == "−85 % ~ 高至 48.4 倍"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (270, "4′30″"),
        (300, "5′00″"),
        (301, "5′01″"),
        (0, "0′00″"),
        (-120, "−2′00″"),
        (3 * 3600 + 300, "3 小时 5 分"),
        (50 * 3600, "2 天 2 小时"),
        (62 * 86_400, "62 天"),
        (None, "—"),
    ],
)
def test_a_lapse_of_time(seconds, shown):
    assert wording.lag(seconds) == shown


@pytest.mark.parametrize(
    ("iso", "shown"), [("PT5M", "5分钟"), ("P3D", "3天"), ("P1M", "1个月"), ("P1DT12H", "1天12小时")]
)
def test_a_limit_reads_as_words(iso, shown):
    assert wording.limit(iso) == shown


def test_a_moment_shows_its_year_only_when_it_is_another_one():
    assert wording.moment(Timestamp("2024-06-03 08:05"), AS_OF) == "6月3日 08:05"
    assert wording.moment(Timestamp("2023-06-03 08:05"), AS_OF) == "2023年6月3日 08:05"
    assert wording.moment(Timestamp("2024-06-03"), AS_OF, date_only=True) == "6月3日"
    assert wording.moment(NaT, AS_OF) == "—"


def test_a_span_of_months():
    assert wording.months("2024-06", "2024-06") == "2024年6月"
    assert wording.months("2024-01", "2024-06") == "2024年1月 – 2024年6月"
    assert wording.months("2024-01", None) == "2024年1月起"
    assert wording.months(None, None) == "全部月份"


def _scope(**chosen):
    blank = dict.fromkeys(
        ("communities", "courtyards", "handlers", "categories", "channels", "colours", "expected_colours"), ()
    )
    return SimpleNamespace(**{**blank, "first_month": None, "last_month": None, **chosen})


def test_a_scope_reads_as_a_heading():
    everything = wording.scope(_scope(), AS_OF)
    assert everything == "全部社区 · 全部月份 · 截至 2024年7月1日 08:05"
    one = _scope(
        communities=("太极社区",), courtyards=("太极社区/丽晶公馆",), handlers=("物业",), colours=("red",)
    )
    assert wording.scope(one, AS_OF).startswith("太极社区 · 丽晶公馆 · 全部月份 · 物业 · 实际■ 红 · 截至")


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_only_a_perfect_rate_reads_100_percent(hits, due):
    shown = wording.percent(min(hits, due) / due)
    assert (shown == "100 %") == (hits >= due)
    assert (shown == "0 %") == (hits == 0)


def _clock(met=0, missed=0, unrecorded=0, interval=(None, None)):
    due = met + missed + unrecorded
    return {
        "met": met,
        "missed": missed,
        "unrecorded": unrecorded,
        "rate": met / due if due else None,
        "interval": interval,
    }


def _review(**parts):
    return {
        "counts": {"petitions": 50, "resolved": 44, "open": 6},
        "clocks": {
            "response": _clock(41, 2, 1, (0.82, 0.98)),
            "arrival": _clock(),
            "plan": _clock(44, 0, 0, (0.92, 1)),
            "follow_up": _clock(44, 0, 0, (0.92, 1)),
        },
        "colours": {
            "actual": {"green": 30, "yellow": 8, "red": 4, "grey": 2},
            "open_by_age": {"green": 4, "yellow": 1, "red": 0, "grey": 0},
            "migration": [
                {"assigned": "green", "actual": "green", "count": 30},
                {"assigned": "green", "actual": "red", "count": 2},
            ],
        },
        "complaints": {"months": [], "launch": None},
        **parts,
    }


def test_the_overview_names_the_weakest_promise_and_the_doubt_of_few_petitions():
    said = sentences.overview(_review(), policy.load())
    assert said == (
        "共 50 件诉求，已办结 44 件，在办 6 件；"
        "响应按时率 93 %（41/44），低于目标 95 %，件数少，差距可能只是偶然。"
    )


def test_the_overview_counts_those_whose_closing_is_not_known():
    said = sentences.overview(_review(counts={"petitions": 50, "resolved": 42, "open": 6}), policy.load())
    assert said.startswith("共 50 件诉求，已办结 42 件，在办 6 件，2 件办结时间缺失或有误；")


def test_the_clocks_sentence_says_what_was_lost():
    assert "响应超时 2 件、未记录 1 件" in sentences.clocks(_review(), policy.load())


def test_the_colours_sentence_counts_what_was_slower_than_expected():
    said = sentences.colours(_review())
    assert said.startswith("已定颜色的 44 件中，● 绿 30 件、▲ 黄 8 件、■ 红 4 件、◆ 灰 2 件；")
    assert "；其中 1 件无法解决、仍未办结；另有 5 件在办，颜色还会变；" in said, "44 + 5 are all"
    assert said.endswith("比预期更慢的有 2 件。")


def test_complaints_say_why_there_is_no_comparison():
    assert "没有网络理政投诉数据" in sentences.complaints(_review())
    months = [{"month": "2024-06", "count": 3}]
    assert "没有上线日期" in sentences.complaints(_review(complaints={"months": months, "launch": None}))


def test_complaints_compare_before_and_after():
    plain = {"before_mean": 12.0, "after_mean": 6.1, "ratio": 0.53, "interval": [0.4, 0.7]}
    launch = {"month": "2023-09", "plain": plain, "series": None, "verdict": None}
    found = {"months": [{"month": "2023-09", "count": 6}], "launch": launch}
    said = sentences.complaints(_review(complaints=found))
    assert "上线后月均投诉 6.1 件，上线前 12.0 件，按日均变化 −47 %（可信范围 −60 % ~ −30 %）" in said
    assert said.endswith("还太早，月份不足以下结论。")


def test_an_empty_scope_is_said_to_be_empty():
    empty = _review(counts={"petitions": 0, "resolved": 0, "open": 0})
    assert sentences.overview(empty, policy.load()) == "所选范围内没有诉求。"


def test_english_puts_words_in_its_own_order(monkeypatch):
    english = {"{due} 件中 {hits} 件": "{hits} of {due}", "6月": "Jun", "{year}年{month}": "{month} {year}"}
    monkeypatch.setattr(i18n, "_resolver", lambda: "en")
    monkeypatch.setattr(i18n, "_catalogue", lambda lang: english)
    assert wording.rate(8, 9) == "8 of 9"
    assert wording.month("2024-06") == "Jun 2024"
