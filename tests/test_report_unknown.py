"""What nobody wrote down is unknown in the report as on the pages: no rate of 0, no band, no 转差."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics import breakdown, dataset, policy
from analytics.report.content import content
from analytics.report.gathered import gather
from analytics.review import review
from analytics.scope import Scope
from tests.stored import intake, save

AS_OF = pd.Timestamp("2024-08-20 12:00")
MONTHS = pd.period_range("2023-07", "2024-07", freq="M")


def petitions(month, handler, courtyard, count, *, answered, hour=9):
    """``count`` petitions of one month, each closed after an hour; answered within two minutes or not noted."""
    reported = [month.start_time + pd.Timedelta(days=n % 28, hours=hour) for n in range(count)]
    return [
        {
            "case_id": f"{month}-{handler}-{n}", "reported_at": at, "handler": handler, "courtyard": courtyard,
            "responded_at": at + pd.Timedelta(minutes=2) if answered else pd.NaT,
            "resolved_at": at + pd.Timedelta(hours=1),
        }
        for n, at in enumerate(reported)
    ]  # fmt: skip


def opened(engine, rows):
    save(engine, intake(*rows))
    return dataset.at(dataset.load(engine), AS_OF, policy.load())


@pytest.fixture
def silent_group(engine):
    """物业 (甲, mornings) and 社区 (乙, noon) answer in time; 微网格长 (丙, evenings) noted nothing in any month."""
    rows = []
    for month in MONTHS:
        rows += petitions(month, "物业", "甲", 20, answered=True)
        rows += petitions(month, "社区", "乙", 20, answered=True, hour=13)
        rows += petitions(month, "微网格长", "丙", 20, answered=False, hour=20)
    return opened(engine, rows)


@pytest.mark.parametrize(
    ("axis", "key"), [("handler", "微网格长"), ("place", "/丙"), ("period", "晚上（18–24 时）")]
)
def test_a_group_that_noted_nothing_has_no_rate_and_no_band(silent_group, axis, key):
    groups = {group.key: group for group in gather(silent_group, "2024-07").groups(axis, "response")}
    assert (groups[key].due, groups[key].is_known, groups[key].band) == (20, False, None)
    assert all(group.is_known for other, group in groups.items() if other != key and group.due)


def test_a_year_without_a_note_puts_no_courtyard_below_the_others(silent_group):
    groups = {group.key: group.band for group in gather(silent_group, "2024-07").places_of_the_year}
    assert groups == {"/甲": "normal", "/乙": "normal", "/丙": None}
    bands = {row["courtyard"]: row["band_code"] for row in review(silent_group)["courtyards"]}
    assert bands == {"甲": "normal", "乙": "normal", "丙": None}


def test_no_sentence_of_the_report_blames_who_noted_nothing(silent_group):
    written = content(silent_group, "2024-07", Scope())
    (part,) = [section for section in written.sections if section.id == "problems"]
    assert not [one.text for one in part.sentences if "丙" in one.text or "低于其他" in one.text]
    (handling,) = [section for section in written.sections if section.id == "clocks"]
    (table,) = [table for table in handling.tables if table.id == "period"]
    assert table.rows[-1] == ("晚上（18–24 时）", 20, None)


@pytest.mark.parametrize("silent", ["2024-07", "2024-01"])
def test_a_month_in_which_nobody_noted_anything_is_a_gap_as_on_the_page(engine, silent):
    rows = []
    for month in MONTHS:
        rows += petitions(month, "物业", "甲", 30, answered=str(month) != silent)
    data = opened(engine, rows)
    told = gather(data, "2024-07").trend("response")
    page = breakdown.trend(review(data)["months"], "response", data.as_of)
    assert told == (None if silent == "2024-07" else page["word"])
    assert page["values"][page["months"].index(silent)] is None
