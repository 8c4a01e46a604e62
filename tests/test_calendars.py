"""Work calendars against a week that fits in the head, published answers, and laws."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import calendars, policy
from analytics.calendars import WorkCalendar

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "clocks" / "sla_published_cases.json"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Monday to Friday 9–12 and 13:30–17:30 (7 hours), Saturday 9–12. 2024-06-03 is a Monday.
OFFICE = {**{key: [("09:00", "12:00"), ("13:30", "17:30")] for key in range(5)}, 5: [("09:00", "12:00")]}
office = WorkCalendar(OFFICE)
weekdays = WorkCalendar({key: [("09:00", "17:00")] for key in range(5)})


def times(*written: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(list(written))).dt.as_unit("s")


def due(calendar: WorkCalendar, start: str, limit: str, pauses: list | None = None) -> str:
    answer = calendar.deadline(times(start), limit, None if pauses is None else [pauses])
    return answer.iloc[0].strftime("%Y-%m-%d %H:%M:%S")


def worked(calendar: WorkCalendar, start: str, end: str, pauses: list | None = None) -> float:
    return calendar.elapsed(times(start), times(end), None if pauses is None else [pauses]).iloc[0]


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("2024-06-03 10:00:00", "PT30M", "2024-06-03 10:30:00"),
        ("2024-06-03 11:50:00", "PT30M", "2024-06-03 13:50:00"),  # over lunch
        ("2024-06-03 12:30:00", "PT30M", "2024-06-03 14:00:00"),  # reported at lunch
        ("2024-06-03 11:30:00", "PT30M", "2024-06-03 12:00:00"),  # used up at closing: the closing time
        ("2024-06-03 11:30:00", "PT30M1S", "2024-06-03 13:30:01"),
        ("2024-06-08 11:50:00", "PT30M", "2024-06-10 09:20:00"),  # Saturday noon to Monday
        ("2024-06-03 09:00:00", "PT7H", "2024-06-03 17:30:00"),
        ("2024-06-03 20:00:00", "PT0S", "2024-06-04 09:00:00"),  # no time: the next working moment
        ("2024-06-03 10:00:00", "P3D", "2024-06-06 10:00:00"),
        ("2024-06-07 10:00:00", "P1D", "2024-06-08 10:00:00"),
        ("2024-06-07 15:00:00", "P1D", "2024-06-08 12:00:00"),  # Saturday closes at noon
        ("2024-06-07 18:00:00", "P1D", "2024-06-10 09:00:00"),  # after closing: as if at Saturday's opening
        ("2024-06-09 15:00:00", "P1D", "2024-06-11 09:00:00"),  # Sunday: as if at Monday's opening
        ("2024-06-03 12:30:00", "P1D", "2024-06-04 13:30:00"),
        ("2024-06-03 10:00:00", "P1DT2H", "2024-06-04 12:00:00"),
        ("2024-06-03 10:00:00", "P1W", "2024-06-11 10:00:00"),  # seven working days, Saturday is one
        ("2024-06-03 10:00:00", "P1M", "2024-07-03 10:00:00"),
        ("2024-05-09 10:00:00", "P1M", "2024-06-10 09:00:00"),  # 9 June is a Sunday
        ("2024-05-31 10:00:00", "P1M", "2024-07-01 09:00:00"),  # 30 June is a Sunday
    ],
)
def test_deadline_in_office_hours(start: str, limit: str, expected: str) -> None:
    assert due(office, start, limit) == expected


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2024-06-03 11:00:00", "2024-06-03 14:30:00", 2),
        ("2024-06-03 00:00:00", "2024-06-10 00:00:00", 5 * 7 + 3),
        ("2024-06-08 13:00:00", "2024-06-09 23:00:00", 0),
        ("2024-06-03 14:00:00", "2024-06-03 11:00:00", 0),  # an end before the start
    ],
)
def test_elapsed_in_office_hours(start: str, end: str, hours: float) -> None:
    assert worked(office, start, end) == hours * 3600


def test_holiday_is_skipped_and_a_makeup_sunday_works() -> None:
    calendar = WorkCalendar(
        OFFICE, holidays=["2024-06-10"], workdays={dt.date(2024, 6, 9): [("09:00", "12:00")]}
    )
    assert due(calendar, "2024-06-08 11:00:00", "PT2H") == "2024-06-09 10:00:00"
    assert due(calendar, "2024-06-09 11:00:00", "PT2H") == "2024-06-11 10:00:00"
    assert due(calendar, "2024-06-08 10:00:00", "P2D") == "2024-06-11 10:00:00"


def test_a_workday_wins_over_a_holiday_of_the_same_date() -> None:
    calendar = WorkCalendar(OFFICE, ["2024-06-10"], {"2024-06-10": [("10:00", "11:00")]})
    assert worked(calendar, "2024-06-10 00:00:00", "2024-06-11 00:00:00") == 3600


def test_a_long_holiday_at_the_very_beginning_of_the_data() -> None:
    holidays = pd.date_range("2024-06-01", periods=30)
    calendar = WorkCalendar(OFFICE, holidays)
    assert due(calendar, "2024-06-10 10:00:00", "PT1H") == "2024-07-01 10:00:00"
    assert worked(calendar, "2024-06-10 10:00:00", "2024-06-20 10:00:00") == 0


def test_whole_days_meet_at_midnight() -> None:
    calendar = WorkCalendar({0: [("00:00", "00:00")], 1: [("00:00", "24:00")]})
    assert due(calendar, "2024-06-03 23:00:00", "PT2H") == "2024-06-04 01:00:00"
    assert due(calendar, "2024-06-04 23:00:00", "PT1H") == "2024-06-05 00:00:00"
    assert due(calendar, "2024-06-04 23:00:00", "P1D") == "2024-06-10 23:00:00"


@pytest.mark.parametrize(
    ("start", "limit", "pauses", "expected"),
    [
        ("2024-06-03 10:00:00", "PT1H", [("2024-06-03 10:30", "2024-06-03 11:00")], "2024-06-03 11:30:00"),
        ("2024-06-03 10:00:00", "PT1H", [("2024-06-03 11:00", "2024-06-03 11:30")], "2024-06-03 11:00:00"),
        ("2024-06-03 10:00:00", "PT1H", [("2024-06-03 09:30", "2024-06-03 10:30")], "2024-06-03 11:30:00"),
        ("2024-06-03 10:00:00", "PT1H", [("2024-06-02 09:30", "2024-06-02 10:30")], "2024-06-03 11:00:00"),
        # Two pauses that overlap take 40 minutes away, not 60; the order in which they are told is no matter.
        (
            "2024-06-03 09:00:00",
            "PT1H",
            [("2024-06-03 09:20", "2024-06-03 09:50"), ("2024-06-03 09:10", "2024-06-03 09:40")],
            "2024-06-03 10:40:00",
        ),
        # A pause over night takes away working time only; a whole paused day moves a day limit by a day.
        ("2024-06-03 17:00:00", "PT1H", [("2024-06-03 17:15", "2024-06-04 09:15")], "2024-06-04 10:00:00"),
        ("2024-06-03 10:00:00", "P1D", [("2024-06-04 00:00", "2024-06-05 00:00")], "2024-06-05 10:00:00"),
        ("2024-06-03 10:00:00", "PT1H", [], "2024-06-03 11:00:00"),
    ],
)
def test_a_pause_moves_the_deadline(start: str, limit: str, pauses: list, expected: str) -> None:
    assert due(office, start, limit, pauses) == expected


def test_elapsed_takes_pauses_out_once() -> None:
    pauses = [("2024-06-03 09:30", "2024-06-03 10:30"), ("2024-06-03 10:00", "2024-06-03 11:00")]
    assert worked(office, "2024-06-03 09:00:00", "2024-06-03 12:00:00", pauses) == 1.5 * 3600
    assert worked(office, "2024-06-03 09:00:00", "2024-06-03 10:15:00", pauses) == 0.5 * 3600


def test_only_the_rows_with_pauses_move_and_blanks_pass_through() -> None:
    starts = times("2024-06-03 10:00", None, "2024-06-03 10:00", "2024-06-03 10:00")
    starts.index = [2.5, 0.5, 1.5, 9.5]
    pauses = pd.Series([None, [("2024-06-03 10:30", "2024-06-03 11:00")], np.nan, None], index=starts.index)
    pauses.iat[3] = [("2024-06-03 10:30", "2024-06-03 11:00")]
    answer = office.deadline(starts, "PT1H", pauses)
    assert answer.index.equals(starts.index)
    assert answer.dtype == starts.dtype
    assert list(answer.dt.strftime("%H:%M").fillna("-")) == ["11:00", "-", "11:00", "11:30"]
    assert np.isnan(office.elapsed(starts, answer, pauses).iloc[1])
    assert set(office.elapsed(starts, answer, pauses).dropna()) == {3600.0}


def test_no_rows_and_only_blanks() -> None:
    empty = times()
    assert len(office.deadline(empty, "P1D")) == 0
    assert office.deadline(times(None), "P1M", [[("2024-06-03", "2024-06-04")]]).isna().all()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_fractions_of_a_second_are_kept(unit: str) -> None:
    starts = pd.Series(pd.to_datetime(["2024-06-03 11:59:30.250"])).dt.as_unit(unit)
    lost = starts.iloc[0] - pd.Timestamp("2024-06-03 11:59:30")
    answer = office.deadline(starts, "PT1M")
    assert answer.iloc[0] == pd.Timestamp("2024-06-03 13:30:30") + lost
    assert answer.dtype == starts.dtype
    assert office.elapsed(starts, answer).iloc[0] == 60


def test_far_dates_are_computed_or_refused_in_words() -> None:
    assert due(weekdays, "9998-01-01 10:00:00", "PT8H") == "9998-01-02 10:00:00"
    assert due(weekdays, "1582-10-15 16:00:00", "PT2H") == "1582-10-18 10:00:00"  # Friday to Monday
    with pytest.raises(ValueError, match="年份"):
        weekdays.deadline(pd.Series(np.array(["12024-01-01"], "datetime64[s]")), "P1D")


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ({0: [("12:00", "09:00")]}, "12:00–09:00"),
        ({0: [("09:00", "09:00")]}, "09:00–09:00"),
        ({0: [("09:00", "12:00"), ("11:00", "13:00")]}, "重叠"),
        ({0: [("9点", "12:00")]}, "9点"),
        ({0: [("09:00", "25:00")]}, "25:00"),
        ({7: [("09:00", "12:00")]}, "7"),
        ({0: []}, "没有任何工作时间"),
    ],
)
def test_impossible_hours_are_refused_with_the_hour(hours: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WorkCalendar(hours)


def test_impossible_input_is_refused_in_words() -> None:
    start = times("2024-06-03 10:00")
    with pytest.raises(ValueError, match="早于开始"):
        office.deadline(start, "PT1H", [[("2024-06-03 11:00", "2024-06-03 10:30")]])
    with pytest.raises(ValueError, match="开始和结束都要写"):
        office.elapsed(start, start, [[("2024-06-03 11:00", None)]])
    with pytest.raises(ValueError, match="不对应"):
        office.deadline(start, "PT1H", [[], []])
    with pytest.raises(ValueError, match="不对应"):
        office.elapsed(start, start.set_axis([5]))
    with pytest.raises(TypeError, match="时区"):
        office.deadline(start.dt.tz_localize("Asia/Shanghai"), "PT1H")
    with pytest.raises(ValueError, match="3天"):
        office.deadline(start, "3天")


def test_a_limit_may_come_read_from_the_policy() -> None:
    start = times("2024-06-03 10:00")
    assert office.deadline(start, policy.Limit.parse("P3D")).equals(office.deadline(start, "P3D"))


def test_add_months_keeps_the_last_day_of_a_shorter_month() -> None:
    moments = np.array(["2024-01-31T10:00", "2023-01-31T10:00", "2024-12-15T08:30", "NaT"], "datetime64[s]")
    expected = ["2024-02-29T10:00", "2023-02-28T10:00", "2025-01-15T08:30", "NaT"]
    np.testing.assert_array_equal(calendars.add_months(moments, 1), np.array(expected, "datetime64[s]"))


# Chinese holidays -------------------------------------------------------------------------------------


def china(years: list[int], overrides: Path = calendars.public_holidays.OVERRIDES):
    rule = policy.CalendarRule(tuple((day, (("09:00", "17:00"),)) for day in range(5)), china_holidays=True)
    return calendars.build(rule, years, overrides)


def test_national_day_2024_and_its_makeup_saturday() -> None:
    calendar, warnings = china([2024])  # closed 1–7 October; Sunday 29 September and Saturday 12 October work
    assert warnings == ()
    assert due(calendar, "2024-09-30 16:30:00", "PT1H") == "2024-10-08 09:30:00"
    assert worked(calendar, "2024-10-12 00:00:00", "2024-10-13 00:00:00") == 8 * 3600


def test_each_unknown_year_has_its_own_warning() -> None:
    _calendar, warnings = china([2026, 2031, 2030])
    assert [year for warning in warnings for year in ("2030", "2031") if year in warning] == ["2030", "2031"]


def test_the_override_file_fills_a_year_and_wins(tmp_path: Path) -> None:
    file = tmp_path / "holidays.toml"
    file.write_text(
        '[2031]\nholidays = ["2031-01-01", 2031-01-22, "2031-01-23/2031-01-28"]\nworkdays = ["2031-01-19"]\n'
        '[2024]\nholidays = ["2024-10-12"]\n',
        encoding="utf-8",
    )
    calendar, warnings = china([2024, 2031], file)
    assert warnings == ()
    assert worked(calendar, "2031-01-19 00:00:00", "2031-01-29 00:00:00") == 3 * 8 * 3600  # Sunday, Mon, Tue
    assert worked(calendar, "2024-10-12 00:00:00", "2024-10-13 00:00:00") == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[2031]\nholidays = ["2030-01-01"]', "2030-01-01"),
        ('[2031]\nholidays = ["2031-13-01"]', "holidays.toml"),
        ('[2031]\nholiday = ["2031-01-01"]', "holiday"),
        ('[2031]\nholidays = ["2031-01-05/2031-01-01"]', "2031-01-05/2031-01-01"),
        ('[2031]\nholidays = ["2031-01-05"]\nworkdays = ["2031-01-05"]', "2031-01-05"),
        ("holidays = 3", "holidays.toml"),
        ("[2031", "holidays.toml"),
    ],
)
def test_a_faulty_override_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "holidays.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        china([2031], file)


def test_without_china_holidays_nothing_is_asked() -> None:
    rule = policy.CalendarRule(((6, (("09:00", "10:00"),)),))
    calendar, warnings = calendars.build(rule, [2099])
    assert warnings == ()
    assert due(calendar, "2024-06-03 10:00:00", "PT1H") == "2024-06-09 10:00:00"


# Published answers ------------------------------------------------------------------------------------


def published() -> dict:
    if not PUBLISHED.exists():
        return {"calendars": {}, "cases": []}
    return json.loads(PUBLISHED.read_text(encoding="utf-8"))


def calendar_of(entry: dict) -> WorkCalendar:
    hours = {WEEKDAYS.index(day): [tuple(span) for span in spans] for day, spans in entry["hours"].items()}
    return WorkCalendar(hours, entry["holidays"])


def local(written: list[str], zone: str) -> pd.Series:
    return pd.Series(pd.to_datetime(written)).dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="published cases are not at hand")
def test_every_published_case() -> None:
    data = published()
    wrong = []
    for case in data["cases"]:
        entry = data["calendars"][case["calendar"]]
        zone = entry["tz"]
        calendar = calendar_of(entry)
        start = local([case["start"]], zone)
        pauses = [[tuple(local(list(pause), zone)) for pause in case["pauses"]]]
        if case["kind"] == "elapsed":
            answer = calendar.elapsed(start, local([case["end"]], zone), pauses).iloc[0] / 60
            expected = [case["expected_minutes"]]
        else:
            limit = f"PT{round(case['business_minutes'] * 60)}S"
            answer = calendar.deadline(start, limit, pauses).iloc[0]
            ours = min(case.get("acceptable", [case["expected"]]))  # closing comes before the next opening
            expected = [local([ours], zone).iloc[0]]
        if answer not in expected:
            wrong.append((case["id"], answer, expected))
    assert len(data["cases"]) == 201
    assert wrong == []


# Laws -------------------------------------------------------------------------------------------------

minutes = st.integers(0, 60 * 24 * 60).map(lambda n: pd.Timestamp("2024-05-25") + pd.Timedelta(minutes=n))
lengths = st.integers(1, 60 * 200).map(lambda n: f"PT{n}M")


@st.composite
def day_hours(draw: st.DrawFn) -> list[tuple[str, str]]:
    marks = sorted(draw(st.lists(st.integers(0, 24 * 4), max_size=6, unique=True)))
    edges = [f"{mark // 4:02d}:{mark % 4 * 15:02d}" for mark in marks]
    return list(zip(edges[::2], edges[1::2], strict=False))


@st.composite
def calendars_of_any_kind(draw: st.DrawFn) -> WorkCalendar:
    hours = {day: draw(day_hours()) for day in range(7)}
    hours[draw(st.integers(0, 6))] = [("09:00", "12:00")]
    days = st.dates(dt.date(2024, 5, 20), dt.date(2024, 8, 1))
    return WorkCalendar(
        hours, draw(st.lists(days, max_size=20)), draw(st.dictionaries(days, day_hours(), max_size=5))
    )


pause_lists = st.lists(st.tuples(minutes, st.integers(1, 4000)), max_size=4).map(
    lambda found: [(begin, begin + pd.Timedelta(minutes=length)) for begin, length in found]
)


@settings(deadline=None)
@given(calendars_of_any_kind(), minutes, lengths, pause_lists)
def test_elapsed_until_the_deadline_is_the_limit(calendar, start, limit, pauses) -> None:
    begins = pd.Series([start]).dt.as_unit("s")
    deadline = calendar.deadline(begins, limit, [pauses])
    assert calendar.elapsed(begins, deadline, [pauses]).iloc[0] == policy.Limit.parse(limit).seconds
    just_before = deadline - pd.Timedelta(seconds=1)
    assert calendar.elapsed(begins, just_before, [pauses]).iloc[0] < policy.Limit.parse(limit).seconds


@settings(deadline=None)
@given(
    calendars_of_any_kind(), minutes, minutes, st.sampled_from(["PT5M", "PT9H", "P1D", "P3D", "P1M", "PT0S"])
)
def test_a_later_start_is_never_due_earlier(calendar, one, other, limit) -> None:
    starts = pd.Series(sorted([one, other])).dt.as_unit("s")
    first, second = calendar.deadline(starts, limit)
    assert starts.iloc[0] <= first <= second


@settings(deadline=None)
@given(calendars_of_any_kind(), minutes, st.integers(1, 9000), st.integers(0, 500))
def test_a_longer_limit_is_never_due_earlier(calendar, start, length, more) -> None:
    begins = pd.Series([start]).dt.as_unit("s")
    shorter, longer = (calendar.deadline(begins, f"PT{n}M").iloc[0] for n in (length, length + more))
    assert shorter <= longer


@settings(deadline=None)
@given(calendars_of_any_kind(), minutes, minutes, minutes)
def test_working_time_adds_up(calendar, one, two, three) -> None:
    first, second, third = (pd.Series([moment]) for moment in sorted([one, two, three]))
    parts = calendar.elapsed(first, second).iloc[0] + calendar.elapsed(second, third).iloc[0]
    assert parts == calendar.elapsed(first, third).iloc[0]


@settings(deadline=None)
@given(minutes, lengths)
def test_intervals_that_touch_are_one(start, limit) -> None:
    begins = pd.Series([start]).dt.as_unit("s")
    apart = WorkCalendar(
        {key: [("09:00", "10:15"), ("10:15", "12:00"), ("14:00", "00:00")] for key in range(6)}
    )
    merged = WorkCalendar({key: [("14:00", "24:00"), ("09:00", "12:00")] for key in range(6)})
    assert apart.deadline(begins, limit).equals(merged.deadline(begins, limit))


@settings(deadline=None)
@given(minutes, lengths)
def test_hours_without_end_are_ordinary_time(start, limit) -> None:
    begins = pd.Series([start]).dt.as_unit("s")
    always = WorkCalendar({key: [("00:00", "00:00")] for key in range(7)})
    seconds = policy.Limit.parse(limit).seconds
    assert always.deadline(begins, limit).iloc[0] == start + pd.Timedelta(seconds=seconds)
    assert always.deadline(begins, "P3D").iloc[0] == start + pd.Timedelta(days=3)


@settings(deadline=None)
@given(st.lists(minutes, min_size=1, max_size=5), lengths)
def test_rows_do_not_influence_each_other(starts, limit) -> None:
    together = office.deadline(pd.Series(starts), limit)
    alone = [office.deadline(pd.Series([start]), limit).iloc[0] for start in starts]
    assert list(together) == alone


def test_a_million_rows_take_about_a_second() -> None:
    rng = np.random.default_rng(1)
    starts = pd.Series((rng.integers(0, 3 * 365 * 86_400, 1_000_000) + 1_700_000_000).astype("datetime64[s]"))
    calendar, _warnings = china([2023, 2024, 2025, 2026])
    answer = calendar.deadline(starts, "PT30M")
    assert (calendar.elapsed(starts, answer) == 1800).all()
