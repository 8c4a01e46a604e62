"""What would be asked about the records: each test on a table by hand, and how often all of them cry wolf."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import believability, i18n, narrowing
from analytics.believability import density, tails
from analytics.scope import Scope
from tests.test_supervision import held

START = np.datetime64("2024-01-01T00:00:00")
AS_OF = "2025-06-01"


def records(size, rng=None, **columns):
    """Petitions over 2024, one every few hours, whose columns are lapses in seconds or plain values."""
    rng = rng or np.random.default_rng(1)
    reported = START + np.sort(rng.integers(0, 360 * 86_400, size)).astype("timedelta64[s]")
    frame = pd.DataFrame({"case_id": [f"T{i}" for i in range(size)], "reported_at": reported})
    frame = frame.assign(
        community="太极社区", courtyard="1号院", building="1", category="漏水", handler="物业"
    )
    frame["unit"] = [str(i) for i in range(size)]
    for name, values in columns.items():
        if name.endswith("_at"):
            lag = pd.Series(values).astype("float64").round().astype("Int64").astype("timedelta64[s]")
            frame[name] = frame["reported_at"] + lag.to_numpy()
        else:
            frame[name] = values
    return frame


def examined(frame, notes=None, scope=None):
    return believability.examine(held(frame, AS_OF), scope or Scope(), notes)


def only(examination, test, subject=None):
    hits = [f for f in examination.tests if f.test == test and subject in (None, f.subject)]
    assert len(hits) == 1, [(f.test, f.subject) for f in examination.tests]
    return hits[0]


def found(examination):
    return {(f.test, f.subject) for f in examination.findings}


# --- tails -------------------------------------------------------------------------------------------


def test_binomial_tails_of_two_coins():
    assert [tails.at_least(k, 2, 0.5) for k in (0, 1, 2, 3)] == pytest.approx([1, 0.75, 0.25, 0])
    assert [tails.at_most(k, 2, 0.5) for k in (0, 1, 2)] == pytest.approx([0.25, 0.75, 1])


def test_fishers_tea():
    """Four of eight cups had the milk first; she named three of the four: 17 of 70 ways do as well (Fisher 1935)."""
    assert 1 - tails.at_most_drawn(2, 4, 4, 8) == pytest.approx(17 / 70)
    assert tails.at_most_drawn(4, 4, 4, 8) == pytest.approx(1)


def test_events_of_different_chances():
    assert tails.at_least_of(1, [0.5, 0.2]) == pytest.approx(1 - 0.5 * 0.8)
    assert tails.at_least_of(2, [0.5, 0.2]) == pytest.approx(0.1)
    assert tails.at_least_of(0, []) == pytest.approx(1)


def test_the_example_of_benjamini_and_hochberg():
    """The 15 p values of their section 4 (1995); at 5 % the four smallest are found."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1,
    ]
    adjusted = tails.adjusted(p)
    assert (adjusted <= 0.05).sum() == 4
    assert adjusted[0] == pytest.approx(0.0015)
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)


@given(st.lists(st.floats(0, 1), max_size=20))
def test_adjusting_keeps_the_order_and_never_lessens(p):
    adjusted = tails.adjusted(p)
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()
    assert ((adjusted >= np.array(p)) & (adjusted <= 1)).all()


# --- limits ------------------------------------------------------------------------------------------


def lapses(rng, size, limit):
    return np.floor(np.exp(rng.normal(np.log(limit * 0.8), 0.6, size))).astype(np.int64)


def moved(rng, seconds, limit, into):
    """Six in ten of those just over the limit written down as ``into``."""
    late = (seconds > limit) & (seconds <= 1.4 * limit) & (rng.random(len(seconds)) < 0.6)
    changed = seconds.copy()
    changed[late] = into(late.sum())
    return changed


@pytest.mark.parametrize("limit", [300, 900, 1800])
def test_times_moved_under_a_limit_are_seen_where_they_went(limit):
    rng = np.random.default_rng(5)
    honest = lapses(rng, 1500, limit)
    assert density.just_under(honest, limit).p_value > 0.01
    width = limit * 2 // 15
    cheated = moved(rng, honest, limit, lambda n: rng.integers(limit - width + 1, limit, n))
    excess = density.just_under(cheated, limit)
    assert excess.p_value < 1e-4
    assert (excess.low, excess.high) == (limit - width, limit)
    assert excess.seen == ((cheated > excess.low) & (cheated <= limit) & (cheated % 60 != 0)).sum()


def test_whole_minutes_moved_under_a_limit_are_seen_too():
    rng = np.random.default_rng(6)
    minutes = np.ceil(lapses(rng, 3000, 900) / 60).astype(np.int64) * 60
    assert density.just_under(minutes, 900).p_value > 0.01
    cheated = moved(rng, minutes, 900, lambda n: rng.choice([780, 840], n))
    assert density.just_under(cheated, 900).p_value < 0.001


def test_a_limit_that_draws_more_than_other_multiples_of_five():
    rng = np.random.default_rng(7)
    seconds = lapses(rng, 6000, 1800)
    rounded = np.where(rng.random(6000) < 0.3, np.rint(seconds / 300) * 300, seconds).astype(np.int64)
    assert density.exactly_at(rounded, 1800).p_value > 0.05
    cheated = moved(rng, rounded, 1800, lambda n: np.full(n, 1800))
    excess = density.exactly_at(cheated, 1800)
    assert excess.p_value < 1e-3
    assert excess.seen == (cheated == 1800).sum()
    assert (excess.low, excess.high) == (1799, 1800)


def test_days_moved_under_the_third_day():
    rng = np.random.default_rng(8)
    days = rng.exponential(2.5, 4000) * 86_400
    assert density.just_under(days.astype(np.int64), 3 * 86_400).p_value > 0.05
    cheated = np.where((days > 259_200) & (days < 345_600), 259_000, days).astype(np.int64)
    assert density.just_under(cheated, 3 * 86_400).p_value < 0.01


def test_fewer_than_fifty_say_nothing():
    rng = np.random.default_rng(9)
    assert density.just_under(lapses(rng, 40, 300), 300) is None
    assert density.exactly_at(lapses(rng, 40, 300), 300) is None
    assert density.just_under(np.zeros(0, dtype=np.int64), 300) is None


SHAPES = {
    "log-normal": lambda rng, n, limit: np.exp(rng.normal(np.log(0.6 * limit), 0.55, n)),
    "wide": lambda rng, n, limit: np.exp(rng.normal(np.log(limit), 1.0, n)),
    "gamma": lambda rng, n, limit: rng.gamma(2.5, 0.27 * limit, n),
    "exponential": lambda rng, n, limit: rng.exponential(0.8 * limit, n),
    "day and night": lambda rng, n, limit: np.where(
        rng.random(n) < 0.6, rng.gamma(6, limit / 15, n), rng.gamma(4, limit / 3, n)
    ),
}
ROUNDING = {
    "seconds": lambda rng, s: np.floor(s),
    "minutes": lambda rng, s: np.ceil(s / 60) * 60,
    "some to five minutes": lambda rng, s: np.where(
        rng.random(len(s)) < 0.3, np.rint(s / 300) * 300, np.floor(s)
    ),
    "minutes, some to five": lambda rng, s: np.where(
        rng.random(len(s)) < 0.3, np.rint(s / 300) * 300, np.ceil(s / 60) * 60
    ),
    "quarters too": lambda rng, s: np.where(
        rng.random(len(s)) < 0.15, np.rint(s / 900) * 900, ROUNDING["minutes, some to five"](rng, s)
    ),
}


def alarms(test, size, runs, seed, level=0.05):
    """Share of honest series called surprising at ``level``, over all shapes, roundings and limits."""
    rng = np.random.default_rng(seed)
    calls = []
    for shape, rounding, limit in itertools.product(SHAPES.values(), ROUNDING.values(), (300, 900, 1800)):
        for _run in range(runs):
            excess = test(rounding(rng, shape(rng, size, limit)).astype(np.int64), limit)
            calls.append(excess is not None and excess.p_value <= level)
    return np.mean(calls)


@pytest.mark.parametrize("test", [density.just_under, density.exactly_at])
def test_honest_times_seldom_alarm_however_they_are_rounded(test):
    assert alarms(test, 800, runs=3, seed=11) <= 0.06


@pytest.mark.slow
@pytest.mark.parametrize("size", [150, 1000, 20_000])
@pytest.mark.parametrize("test", [density.just_under, density.exactly_at])
def test_honest_times_seldom_alarm_in_many_runs(test, size):
    assert alarms(test, size, runs=40, seed=12) <= 0.05
    assert alarms(test, size, runs=40, seed=13, level=0.005) <= 0.01


# --- entries -----------------------------------------------------------------------------------------


def test_minutes_that_end_in_nought_or_five():
    rng = np.random.default_rng(2)
    frame = records(200, rng, responded_at=rng.integers(60, 400, 200))
    assert only(examined(frame), "round_minutes", "responded_at").p_value > 0.05
    half = frame.index < 100
    frame.loc[half, "responded_at"] = frame.loc[half, "responded_at"].dt.ceil("5min")
    examination = examined(frame)
    finding = only(examination, "round_minutes", "responded_at")
    assert (finding.n, finding.expected) == (200, 40)
    assert 100 <= finding.seen <= 130
    assert ("round_minutes", "responded_at") in found(examination)
    assert "响应时间" in finding.question


def test_two_times_at_the_same_second():
    rng = np.random.default_rng(3)
    response = rng.integers(60, 300, 300)
    frame = records(300, rng, responded_at=response, arrived_at=response + rng.integers(60, 600, 300))
    assert "same_second" in examined(frame).untested
    frame.loc[:79, "arrived_at"] = frame.loc[:79, "responded_at"]
    examination = examined(frame)
    finding = only(examination, "same_second", "arrived_at")
    assert (finding.n, finding.seen) == (80, 80)
    assert finding in examination.findings
    assert finding.narrowing == {"case": tuple(f"T{i}" for i in range(80))}


def test_times_noted_to_the_minute_may_well_share_one():
    rng = np.random.default_rng(4)
    frame = records(400, rng, responded_at=rng.integers(10, 500, 400))
    frame["reported_at"] = frame["reported_at"].dt.floor("min")
    frame["responded_at"] = frame["responded_at"].dt.floor("min")
    finding = only(examined(frame), "same_second", "responded_at")
    assert finding.n > 100
    assert finding.p_value == 1


def closings(gaps, handlers=("物业",)):
    """Closings one after the other, ``gaps`` seconds apart, by handlers in turn."""
    size = len(gaps)
    frame = records(size)
    frame["resolved_at"] = np.datetime64("2025-01-05T08:00:00") + np.cumsum(gaps).astype("timedelta64[s]")
    frame["handler"] = [handlers[i % len(handlers)] for i in range(size)]
    return frame


def test_many_closings_by_one_handler_within_a_minute():
    batch = [3600] + [5] * 9
    examination = examined(closings(batch * 8))
    finding = only(examination, "closed_together")
    assert (finding.n, finding.seen) == (72, 72)
    assert finding in examination.findings
    assert len(finding.narrowing["case"]) == 80


def test_closings_of_different_handlers_or_at_a_steady_pace_are_no_question():
    assert "closed_together" in examined(closings([3600, 5] * 60, ("物业", "社区"))).untested
    steady = only(examined(closings([30, 90, 150] * 40)), "closed_together")
    assert steady.p_value > 0.5


def late_entries(missed_late):
    """60 entered two days after the response and 100 at once; a fifth of those entered at once missed."""
    missed = np.array([i < missed_late for i in range(60)] + [i < 20 for i in range(100)])
    response = np.where(missed, 600, 200)
    entered = np.where(np.arange(160) < 60, response + 2 * 86_400, 30)
    return records(160, responded_at=response, entered_at=entered)


def test_times_typed_long_afterwards_that_are_nearly_all_in_time():
    examination = examined(late_entries(0))
    finding = only(examination, "late_entry", "response")
    assert (finding.seen, finding.expected, finding.words["late"]) == (0, 12, 60)
    assert finding in examination.findings
    assert only(examined(late_entries(12)), "late_entry", "response").p_value > 0.3


def by_day(keep):
    """Three petitions a day at eight in the evening of every day that ``keep`` (weekday, Monday 0) allows."""
    days = pd.date_range("2024-01-01", "2024-06-30").repeat(3)
    days = days[[keep(day.day_of_week) for day in days]]
    frame = records(len(days))
    return frame.assign(reported_at=days + pd.Timedelta(hours=20))


def test_weekends_without_any_record():
    examination = examined(by_day(lambda weekday: weekday < 5))
    finding = only(examination, "empty_weekends")
    # 26 weekends, the last of which nothing follows.
    assert (finding.seen, finding.words["weekends"]) == (25, 25)
    assert finding in examination.findings
    assert only(examined(by_day(lambda weekday: True)), "empty_weekends").seen == 0


def test_a_follow_up_on_sunday_is_a_record():
    frame = by_day(lambda weekday: weekday < 5)
    friday = frame["reported_at"].dt.day_of_week == 4
    frame["followed_up_at"] = (frame["reported_at"] + pd.Timedelta(days=2)).where(friday)
    assert only(examined(frame), "empty_weekends").seen == 0


# --- answers -----------------------------------------------------------------------------------------


def test_closed_and_soon_reported_again():
    """Each of 120 is closed within the hour; 80 come back after 10 days, 20 after 45."""
    frame = records(120, resolved_at=np.full(120, 3600))
    again = frame.head(100).copy()
    after = np.where(np.arange(100) < 80, 10, 45) * 86_400
    again["reported_at"] = again["reported_at"] + pd.to_timedelta(after, unit="s")
    again = again.assign(case_id=[f"R{i}" for i in range(100)], resolved_at=pd.NaT)
    examination = examined(pd.concat([frame, again], ignore_index=True))
    finding = only(examination, "came_back")
    assert (finding.n, finding.seen, finding.words["control"]) == (100, 80, 20)
    assert finding in examination.findings
    assert set(finding.narrowing["case"]) == {f"T{i}" for i in range(80)}


def rated(unhappy, size=200, **columns):
    stars = [2 if i < unhappy else 5 for i in range(size)]
    day = np.full(size, 86_400)
    return records(size, resolved_at=day, followed_up_at=day + 3600, satisfaction=stars, **columns)


def test_nobody_is_ever_dissatisfied():
    examination = examined(rated(0))
    finding = only(examination, "satisfied_only")
    assert (finding.n, finding.seen, finding.expected) == (200, 0, 4)
    assert finding.p_value == pytest.approx(0.98**200)
    assert only(examined(rated(4)), "satisfied_only").p_value == 1


def test_one_place_where_nobody_is_dissatisfied_against_the_others():
    """60 ratings of 1号院 without a complaint, 140 of 2号院 of which 42 are not satisfied."""
    places = ["2号院"] * 140 + ["1号院"] * 60
    examination = examined(rated(42, courtyard=places))
    assert ("satisfied_only_place", "太极社区/1号院") in found(examination)
    other = only(examination, "satisfied_only_place", "太极社区/2号院")
    assert other.p_value == 1


def notes(*texts):
    return pd.Series(list(texts), index=[f"T{i}" for i in range(len(texts))])


def test_long_notes_word_for_word_the_same():
    own = [f"第{i}户说漏水已经修好，墙面还要再粉刷" for i in range(60)]
    copied = ["已电话回访，居民表示满意， 无其他诉求。", "已电话回访，居民表示满意,无其他诉求"] * 20
    (finding,) = believability.identical_notes(notes(*own, *copied))
    assert (finding.n, finding.seen, finding.words["most"]) == (100, 40, 40)
    assert finding.p_value < 1e-6
    (honest,) = believability.identical_notes(notes(*own))
    assert (honest.seen, honest.p_value) == (0, 1)


def test_short_and_blank_notes_are_alike_by_nature():
    assert not list(believability.identical_notes(notes(*["满意"] * 80, *[None] * 80)))


def test_notes_of_other_petitions_are_not_looked_at():
    everybody = notes(*[f"第{i}户说漏水已经修好，墙面还要粉刷" for i in range(200)])
    frame = rated(40, courtyard=["1号院"] * 60 + ["2号院"] * 140)
    examination = examined(frame, everybody, Scope(courtyards=("太极社区/1号院",)))
    assert only(examination, "identical_notes").n == 60


# --- the page as a whole -----------------------------------------------------------------------------


def honest(rng, size=900):
    """Records as they come about: skewed times, some missed, a fifth dissatisfied, notes of their own."""
    response = np.exp(rng.normal(np.log(170), 0.5, size))
    arrival = response + np.exp(rng.normal(np.log(330), 0.5, size))
    plan = arrival + np.exp(rng.normal(np.log(550), 0.5, size))
    closing = plan + rng.exponential(4 * 86_400, size)
    follow_up = closing + rng.exponential(1.5 * 86_400, size)
    frame = records(
        size, rng, responded_at=response, arrived_at=arrival, planned_at=plan, resolved_at=closing,
        followed_up_at=np.where(rng.random(size) < 0.9, follow_up, np.nan),
        entered_at=np.where(rng.random(size) < 0.3, rng.integers(2 * 86_400, 5 * 86_400, size), 30),
    )  # fmt: skip
    frame["satisfaction"] = rng.choice([1, 2, 3, 4, 5], size, p=[0.03, 0.07, 0.1, 0.4, 0.4])
    frame["courtyard"] = rng.choice([f"{i}号院" for i in range(1, 5)], size)
    frame["unit"] = rng.choice(["1", "2", "3"], size)
    frame["building"] = rng.choice([str(i) for i in range(12)], size)
    frame["handler"] = rng.choice(["社区", "物业", "微网格长"], size)
    return frame


def pages(runs, seed):
    rng = np.random.default_rng(seed)
    for _run in range(runs):
        frame = honest(rng)
        texts = pd.Series([f"第{i}次回访，居民说已经修好" for i in range(len(frame))], index=frame["case_id"])
        yield examined(frame, texts)


def test_an_honest_page_has_nothing_to_ask():
    asked = [bool(page.findings) for page in pages(12, seed=21)]
    assert sum(asked) <= 2


@pytest.mark.slow
def test_no_more_than_one_honest_page_in_twenty_asks_anything():
    asked = [bool(page.findings) for page in pages(200, seed=22)]
    assert np.mean(asked) <= believability.FDR


def everything_wrong():
    """A page with all kinds of findings, for what holds of every one of them."""
    rng = np.random.default_rng(31)
    frame = honest(rng, 2000)
    taken = (frame["responded_at"] - frame["reported_at"]).dt.total_seconds()
    late = (taken > 300) & (taken < 480)
    frame.loc[late, "responded_at"] = frame["reported_at"] + pd.to_timedelta(
        rng.integers(265, 300, len(frame)), unit="s"
    )
    frame.loc[:200, "planned_at"] = frame.loc[:200, "arrived_at"]
    frame["satisfaction"] = 5
    frame["resident"], frame["phone"] = "王建国", "13812341234"
    texts = pd.Series("已电话回访王建国13812341234，居民表示满意", index=frame["case_id"])
    return held(frame, AS_OF), texts


@pytest.fixture(scope="module")
def page():
    data, texts = everything_wrong()
    return data, believability.examine(data, Scope(), texts)


def test_what_was_planted_is_found(page):
    planted = {
        ("just_under", "response"),
        ("same_second", "planned_at"),
        ("satisfied_only", ""),
        ("identical_notes", ""),
    }
    assert planted <= found(page[1])


def test_every_finding_is_a_question_with_petitions_and_an_innocent_explanation(page):
    data, examination = page
    for finding in examination.findings:
        assert finding.question.endswith("？")
        assert finding.innocent
        assert finding.surprise.startswith("若只是巧合")
        assert finding.n >= believability.MIN_N
        assert finding.adjusted <= believability.FDR
        assert finding.p_value <= finding.adjusted
        assert narrowing.mask(data.rows, finding.narrowing).any()


def test_the_petitions_behind_bunching_are_those_counted(page):
    data, examination = page
    finding = only(examination, "just_under", "response")
    behind = narrowing.mask(data.rows, finding.narrowing)
    whole = data.rows["response_seconds"].to_numpy() % 60 == 0
    assert (behind & ~whole).sum() == finding.seen


def test_nobody_is_named_and_nobody_is_scored(page):
    said = " ".join(
        f.question + f.innocent + f.surprise + f.title + str(dict(f.narrowing)) for f in page[1].tests
    )
    for name in ("王建国", "1381234", "物业", "微网格长"):
        assert name not in said
    assert {f.subject for f in page[1].tests}.isdisjoint({"社区", "物业", "微网格长", "小区党支部"})


def test_the_most_surprising_comes_first_and_what_was_not_tested_is_said(page):
    examination = page[1]
    p_values = [finding.p_value for finding in examination.findings]
    assert p_values == sorted(p_values)
    assert set(examination.untested) == set(believability.TESTS) - {f.test for f in examination.tests}
    assert len(examination.untested_titles) == len(examination.untested)


def test_it_speaks_the_language_of_the_moment(page, monkeypatch):
    chinese = page[1].findings[0].question
    monkeypatch.setattr(i18n, "_resolver", lambda: "en")
    monkeypatch.setattr(
        i18n, "_catalogue", lambda lang: dict.fromkeys(believability.TESTS["satisfied_only"], "Q {n}?")
    )
    assert only(page[1], "satisfied_only").question == f"Q {only(page[1], 'satisfied_only').n}?"
    assert chinese != "Q"


def test_no_records_no_tests():
    examination = examined(records(3))
    assert (examination.tests, examination.findings) == ((), ())
    assert set(examination.untested) == set(believability.TESTS)
