"""Layouts: read from TOML, written back, recognised by their headings; each mistake told in a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.intake.layouts import SHIPPED, Layout, Milestone, dumps, find, load, parse
from analytics.intake.result import IntakeRefused
from tests.tables_by_hand import take, text_table

EXAMPLE = """
kind = "petitions"
timezone = "America/New_York"
[columns]
case_id = "CASE_ENQUIRY_ID"
reported_at = "OPEN_DT"
content = ["TITLE", "REASON"]
status = ""
[datetime]
formats = ["%m/%d/%Y %I:%M:%S %p"]
date_only = ["promised_at"]
[values.assigned_colour]
"一般" = "green"
[values.needs_visit]
"maybe" = false
"""


def test_every_entry_of_a_layout() -> None:
    layout = parse(EXAMPLE, "boston")
    assert layout == Layout(
        kind="petitions",
        name="boston",
        timezone="America/New_York",
        columns=(
            ("case_id", ("CASE_ENQUIRY_ID",)),
            ("reported_at", ("OPEN_DT",)),
            ("content", ("TITLE", "REASON")),
            ("status", ()),
        ),
        formats=("%m/%d/%Y %I:%M:%S %p",),
        date_only=("promised_at",),
        values=(("assigned_colour", (("一般", "green"),)), ("needs_visit", (("maybe", "false"),))),
    )
    assert layout.left_out == ("status",)


def test_milestones_of_an_event_log() -> None:
    layout = parse(
        'kind="events"\n[milestones]\nresponded_at="Take"\nresolved_at=["last:Close","last:Resolve"]', "log"
    )
    assert layout.milestones == (
        ("responded_at", Milestone(("Take",))),
        ("resolved_at", Milestone(("Close", "Resolve"), last=True)),
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("kind = ", "TOML"),
        ('kind = "诉求"', "kind"),
        ('kind = "petitions"\ncolour = 1', "colour"),
        ('kind = "petitions"\n[columns]\ncase = "A"', "case"),
        ('kind = "petitions"\n[columns]\ncase_id = 3', "case_id"),
        ('kind = "petitions"\ncolumns = 3', "columns"),
        ('kind = "petitions"\ntimezone = "Mars/Olympus"', "Mars/Olympus"),
        ('kind = "petitions"\n[datetime]\nformats = ["%Q"]', "%Q"),
        ('kind = "petitions"\n[datetime]\nformat = "x"', "format"),
        ('kind = "petitions"\n[datetime]\ndate_only = ["x"]', "date_only"),
        ('kind = "petitions"\n[values]\nassigned_colour = "green"', "assigned_colour"),
        ('kind = "petitions"\n[values.colour]\na = "green"', "colour"),
        ('kind = "petitions"\n[milestones]\nresponded_at = "x"', "milestones"),
        ('kind = "events"\n[milestones]\nanswered = "x"', "answered"),
        ('kind = "events"\n[milestones]\nresolved_at = ["a", "last:b"]', "last:"),
        ('kind = "events"\n[milestones]\nresolved_at = []', "resolved_at"),
    ],
)
def test_a_mistake_is_told_by_name(text: str, word: str) -> None:
    with pytest.raises(IntakeRefused, match=re.escape(word)) as refused:
        parse(text, "某来源")
    assert refused.value.code == "bad_layout"
    assert "某来源" in refused.value.message


def test_a_layout_is_found_by_path_by_name_and_among_the_shipped(tmp_path: Path) -> None:
    (tmp_path / "boston.toml").write_text(EXAMPLE, encoding="utf-8-sig")
    by_path = load(tmp_path / "boston.toml")
    assert load("boston", [tmp_path]) == by_path
    assert load("events").kind == "events"
    with pytest.raises(IntakeRefused, match="波士顿"):
        load("波士顿", [tmp_path])


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(IntakeRefused):
        load(tmp_path / "x.toml")


def test_every_shipped_layout_can_be_read() -> None:
    kinds = {path.stem: load(path).kind for path in SHIPPED.glob("*.toml")}
    assert kinds == {"events": "events", "open311": "petitions"}


def test_a_saved_layout_is_recognised_by_its_headings() -> None:
    boston = Layout("petitions", "boston", columns=(("case_id", ("CASE",)), ("reported_at", ("OPEN",))))
    fuller = Layout("petitions", "fuller", columns=(*boston.columns, ("category", ("TYPE",))))
    other = Layout("petitions", "other", columns=(("case_id", ("KEY",)),))
    assert find(("case", "open", "type"), [boston, fuller, other]) == fuller
    assert find(("Case", "Open"), [other, boston]) == boston
    assert find(("case", "type"), [boston, fuller, other]) is None


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(
    theirs=st.lists(NAMES, max_size=3).map(tuple),
    pairs=st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]))).map(
        lambda d: tuple(d.items())
    ),
    name=NAMES,
)
def test_writing_and_reading_give_the_same_layout(theirs: tuple, pairs: tuple, name: str) -> None:
    layout = Layout(
        "petitions",
        name,
        columns=(("case_id", ("A", "B")), ("content", theirs)),
        formats=("%d/%m/%Y",),
        date_only=("resolved_at",),
        values=(("category", pairs),) if pairs else (),
    )
    assert parse(dumps(layout), "x") == layout


def test_milestones_are_written_back() -> None:
    layout = load("events")
    assert parse(dumps(layout), "x") == layout


def test_a_layout_says_which_of_a_sources_words_mean_closed() -> None:
    """「已处理」 may mean answered or closed: only the source knows, and its layout says so."""
    table = text_table("诉求编号|上报时间|状态", "1|2024-06-03 08:00|已处理", "2|2024-06-03 08:00|待回访")
    layout = parse('kind = "petitions"\n[values.status]\n"已处理" = "已办结"\n', "热线")
    assert take(table, "petitions").records["status"].tolist() == ["已处理", "待回访"]
    assert take(table, "petitions", layout).records["status"].tolist() == ["已办结", "待回访"]
