"""The policy file: what it may say, and a clear sentence for what it may not."""

from __future__ import annotations

import pytest

from analytics import policy
from analytics.policy import Limit, PolicyError


def written(tmp_path, text):
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return policy.load(path)


def test_what_a_file_leaves_out_keeps_the_shipped_value(tmp_path):
    found = written(tmp_path, '[clocks.response]\nlimit = "PT10M"')
    assert found.clock("response").limit == Limit.parse("PT10M")
    assert found.clock("response").target == 0.95
    assert found.clock("arrival") == policy.load().clock("arrival")
    assert found.digest != policy.load().digest


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[clocks.response]\ntagret = 0.9", "tagret"),
        ('[colours]\ngren = "P3D"', "gren"),
        ('[colours]\nyellow = "P1D"', "绿 < 黄 < 红"),
        ('[feedback]\nblue = "P3D"', "blue"),
        ("[targets]\nontime = 0.9", "ontime"),
        ("[targets]\non_time = 95", "95"),
        ('[clocks.responce]\nlimit = "PT5M"', "responce"),
        ('[clocks.plan]\nlimit = "30"', "30"),
        ('[clocks.plan]\nstart = "noon"', "noon"),
        ('[clocks.plan]\ncalendar = "night"', "night"),
        ('[calendars.office]\nholidays = "CHINA"', "CHINA"),
        ("[calendars.office]\nhours = []", "office"),
        ('[calendars.office]\nhours = [["25:00", "26:00"]]', "office"),
        ('[calendars.office]\nhours = [["09:00", "8:00"]]', "office"),
        ('[calendars.office]\nhours = [["09:00", "12:00"], ["11:00", "13:00"]]', "office"),
        ("[clock]\n", "clock"),
        ("not toml", "TOML"),
    ],
)
def test_a_slip_of_the_pen_is_named(tmp_path, text, named):
    with pytest.raises(PolicyError, match=named):
        written(tmp_path, text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(PolicyError, match="nowhere"):
        policy.load(tmp_path / "nowhere.toml")


def test_limits_are_iso_8601():
    assert (Limit.parse("P1M").months, Limit.parse("P1W").days, Limit.parse("PT1H30M").seconds) == (
        1,
        7,
        5400,
    )
    assert Limit.parse("P1M").fixed_seconds is None
    for wrong in ("P", "PT", "5M", "P0D", "", "P1M1Y"):
        with pytest.raises(PolicyError):
            Limit.parse(wrong)
