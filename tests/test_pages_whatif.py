"""情景推演: the address is the scenario, the page says what the core computes, and who moved can be opened."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics import cases, intake, store, whatif
from analytics.policy import Limit
from analytics.present import charts_whatif, sentences_whatif, tables_whatif, what_if_text
from analytics.report import from_json
from analytics.scope import Scope
from analytics.staffing import roster
from analytics.whatif import Scenario, from_address, to_address
from tests.test_pages import empty_url, said, sample, sample_url, visit
from ui import both_sides, components, supposed, supposing

__all__ = ["empty_url", "sample", "sample_url", "visit"]

SIXTH = "桂东社区/6号院"
TEN_MINUTES = Scenario(limits=(("response", "PT10M"),))
MUCH = Scenario(
    leave_out=(("courtyard", SIXTH), ("colour", "grey")),
    merge=(("桂东社区/大院", ("桂东社区/2号院", "桂东社区/3号院")),),
    limits=(("response", "PT10M"),),
    colour_limits=(("green", "P5D"),),
    calendars=(("plan", "office"),),
    lift=(("桂东社区/1号院", "target"),),
)


def address(app: AppTest) -> Scenario:
    """The scenario in the address bar."""
    given = app.query_params.get("if", [""])
    return from_address(given if isinstance(given, str) else given[0])


def test_nothing_supposed_changes_nothing(visit):
    app = visit("what_if")
    assert "情景与现状相同" in said(app)
    assert {row[-1] for row in shown(app)} <= {"不变", "—"}


@pytest.mark.parametrize("scenario", [TEN_MINUTES, MUCH], ids=["limit", "much"])
def test_the_page_says_what_the_core_computes(visit, sample, scenario):
    app = visit("what_if", **{"if": to_address(scenario)})
    found = whatif.apply(sample, Scope(), scenario)
    assert sentences_whatif.finding(found).replace(" %", "\u00a0%") in said(app)
    assert shown(app) == worded(found)
    assert sentences_whatif.moved(found).replace(" %", "\u00a0%") in said(app)


def test_a_base_at_hand_changes_nothing(sample):
    from analytics.review import review

    again = whatif.apply(sample, Scope(), TEN_MINUTES, review(sample, Scope()))
    assert whatif.to_dict(again, sample) == whatif.to_dict(whatif.apply(sample, Scope(), TEN_MINUTES), sample)


def test_the_controls_show_the_scenario_of_the_address(visit):
    app = visit("what_if", **{"if": to_address(MUCH)})
    assert app.multiselect(key="if-leave-courtyard").value == [SIXTH]
    assert app.multiselect(key="if-leave-colour").value == ["grey"]
    assert app.number_input(key="if-limit-response").value == 10
    assert app.number_input(key="if-limit-arrival").value == 15
    assert app.number_input(key="if-colour-green").value == 5
    assert app.multiselect(key="if-calendars").value == ["plan"]


def test_a_control_writes_the_address_and_keeps_the_rest(visit):
    app = visit("what_if", **{"if": to_address(MUCH)})
    app.number_input(key="if-limit-arrival").set_value(20).run()
    assert address(app).limits == (("arrival", "PT20M"), ("response", "PT10M"))
    assert address(app).merge == MUCH.merge
    app.number_input(key="if-limit-arrival").set_value(15).run()
    assert address(app) == MUCH


def test_leaving_out_and_taking_back_is_the_start(visit):
    app = visit("what_if")
    app.multiselect(key="if-leave-courtyard").set_value([SIXTH]).run()
    assert address(app) == Scenario(leave_out=(("courtyard", SIXTH),))
    app.button(key="unsuppose-0").click().run()
    assert address(app).changes_nothing
    assert app.multiselect(key="if-leave-courtyard").value == []


def test_a_limit_that_no_control_can_say_survives(visit):
    odd = Scenario(limits=(("response", "PT90S"),))
    app = visit("what_if", **{"if": to_address(odd)})
    app.multiselect(key="if-leave-courtyard").set_value([SIXTH]).run()
    assert address(app).limits == odd.limits


def test_a_whole_community_is_merged_by_one_button(visit):
    app = visit("what_if")
    app.button(key="merge-桂东社区").click().run()
    ((new, places),) = address(app).merge
    assert new == "桂东社区/桂东社区合院"
    assert len(places) == 9
    assert "合并前后" in [header.value for header in app.header]


def test_chosen_courtyards_are_merged_and_lifted(visit):
    app = visit("what_if")
    pair = ["桂东社区/2号院", "桂东社区/3号院"]
    app.multiselect(key="merge-places").set_value(pair)
    app.text_input(key="merge-name").set_value("大院")
    app.button(key="FormSubmitter:merge-some-合并").click().run()
    assert address(app).merge == (("桂东社区/大院", tuple(pair)),)
    app.multiselect(key="lift-places").set_value(["桂东社区/大院"])
    app.button(key="FormSubmitter:lift-some-补到位").click().run()
    assert address(app).lift == (("桂东社区/大院", "target"),)
    assert "补到位要再有几件按时" in [header.value for header in app.header]


def test_a_merge_that_cannot_be_is_said(visit):
    app = visit("what_if")
    app.multiselect(key="merge-places").set_value(["桂东社区/2号院"])
    app.text_input(key="merge-name").set_value("大院")
    app.button(key="FormSubmitter:merge-some-合并").click().run()
    assert "至少要有两个院落" in app.warning[0].value


@pytest.fixture
def own_url(sample_url, tmp_path):
    """A copy of the sample database, to be written to."""
    store.backup(store.connect(sample_url), tmp_path / "own.db")
    return f"sqlite:///{tmp_path}/own.db"


def save(app: AppTest, name: str, note: str = "") -> None:
    app.text_input(key="keep-name").set_value(name)
    app.text_input(key="keep-note").set_value(note)
    app.button(key="FormSubmitter:keep-存下").click().run()


def button(app: AppTest, key: str, name: str) -> Any:
    """A button of one kept scenario."""
    return app.button(key=f"{key}-{components.fingerprint(name)}")


def test_a_saved_scenario_is_there_for_everybody_with_its_scope(visit, own_url):
    app = visit(
        "what_if", own_url, community="桂东社区", **{"from": "2024-01", "if": to_address(TEN_MINUTES)}
    )
    save(app, "十分钟", "会上提的")
    assert app.success[0].value == "已存为情景「十分钟」。"
    another = visit("what_if", own_url)
    assert "响应时限改为 10分钟 · 桂东社区 · 全部院落 · 2024年1月起" in said(another)
    assert "会上提的" in said(another)
    button(another, "saved", "十分钟").click().run()
    assert not another.exception
    assert address(another) == TEN_MINUTES
    assert another.number_input(key="if-limit-response").value == 10
    assert another.session_state["view"].scope == Scope(communities=("桂东社区",), first_month="2024-01")


def test_a_taken_name_is_said_in_words(visit, own_url):
    app = visit("what_if", own_url, **{"if": to_address(TEN_MINUTES)})
    save(app, "十分钟")
    save(app, "十分钟")
    assert app.warning[0].value.startswith("已有叫「十分钟」的情景")
    save(app, "  ")
    assert app.warning[0].value == "情景要有名字。"
    assert len(store.scenarios(store.connect(own_url))) == 1


def test_nothing_supposed_is_nothing_to_save(visit):
    assert "keep-name" not in [box.key for box in visit("what_if").text_input]


def test_a_scenario_is_renamed(visit, own_url):
    app = visit("what_if", own_url, **{"if": to_address(TEN_MINUTES)})
    save(app, "十分钟")
    key = components.fingerprint("十分钟")
    app.text_input(key=f"new-name-{key}").set_value("放到十分钟")
    app.button(key=f"FormSubmitter:rename-{key}-改名").click().run()
    assert app.success[0].value == "「十分钟」已改名为「放到十分钟」。"
    assert store.scenarios(store.connect(own_url))["name"].tolist() == ["放到十分钟"]


def test_a_scenario_is_deleted_only_when_confirmed(visit, own_url):
    app = visit("what_if", own_url, **{"if": to_address(TEN_MINUTES)})
    save(app, "十分钟")
    button(app, "delete", "十分钟").click().run()
    button(app, "delete-no", "十分钟").click().run()
    assert len(store.scenarios(store.connect(own_url))) == 1
    button(app, "delete", "十分钟").click().run()
    button(app, "delete-yes", "十分钟").click().run()
    assert app.success[0].value == "已删除情景「十分钟」。"
    assert not len(store.scenarios(store.connect(own_url)))
    assert address(app) == TEN_MINUTES, "what is supposed just now stays"


GONE = Scenario(
    leave_out=(("courtyard", "桂东社区/拆了的院"),),
    merge=(("桂东社区/大院", ("桂东社区/2号院", "桂东社区/3号院", "桂东社区/拆了的院")),),
    limits=TEN_MINUTES.limits,
    lift=(("桂东社区/拆了的院", "target"),),
)


def test_what_a_saved_scenario_names_in_vain_is_said_and_the_rest_applies(visit, own_url, sample):
    scope = Scope(courtyards=("桂东社区/拆了的院", SIXTH), first_month="2019-01")
    store.save_scenario(
        store.connect(own_url), "旧的", scenario=to_address(GONE), scope=scope.to_text(), who="书记",
        now=pd.Timestamp("2024-07-01"),
    )  # fmt: skip
    app = visit("what_if", own_url)
    button(app, "saved", "旧的").click().run()
    told = [warning.value for warning in app.warning]
    assert len(told) == 4
    assert told[0].startswith("保存时的范围里有「桂东社区 · 拆了的院」")
    assert sum("拆了的院" in text for text in told) == 4
    rest = Scenario(
        merge=(("桂东社区/大院", ("桂东社区/2号院", "桂东社区/3号院")),), limits=TEN_MINUTES.limits
    )
    found = whatif.apply(sample, Scope(courtyards=(SIXTH,)), rest)
    assert app.session_state["view"].scope == Scope(courtyards=(SIXTH,))
    assert shown(app) == worded(found)


def test_the_address_to_copy_carries_scope_and_scenario(visit):
    app = visit("what_if", community="桂东社区", **{"if": to_address(TEN_MINUTES)})
    query = parse_qs(app.code[0].value.partition("?")[2])
    assert query["if"] == [to_address(TEN_MINUTES)]
    assert query["community"] == ["桂东社区"]


def test_what_the_data_contradict_is_said_and_the_controls_stay(visit):
    app = visit("what_if")
    app.number_input(key="if-colour-green").set_value(300).run()
    assert "分不出颜色" in app.error[0].value
    app.number_input(key="if-colour-green").set_value(3).run()
    assert not app.error


def test_an_address_that_cannot_be_read_is_said(visit):
    app = visit("what_if", **{"if": "nonsense"})
    assert "读不懂" in app.warning[0].value
    assert "情景与现状相同" in said(app)


def test_everything_left_out_is_said(visit, sample):
    every = Scenario(leave_out=tuple(("courtyard", key) for key in sample.choices["places"]))
    assert "一件诉求也不剩" in said(visit("what_if", **{"if": to_address(every)}))


def test_an_empty_scope_is_said(visit):
    assert "还没有诉求" in said(visit("what_if", as_of="2020-01-01T00:00"))


def test_few_moved_petitions_open_as_they_are(visit, sample):
    found = whatif.apply(sample, Scope(), TEN_MINUTES)
    ids = sample.rows["case_id"].iloc[found.moved["position"].unique()].tolist()
    assert 0 < len(ids) <= 200
    assert f"共 {len(ids)} 件诉求" in said(visit("cases", only=ids))


def test_moved_petitions_say_what_changes(sample):
    found = whatif.apply(sample, Scope(), MUCH)
    shown = tables_whatif.moved(sample, found.moved)
    assert len(shown) == len(found.moved)
    words = set(shown["有什么不同"])
    assert "响应：超时 → 按时" in words
    assert "不计入" in words
    assert any(word.startswith("颜色：▲ 黄 · 已办结 → ● 绿") for word in words)
    assert any("补到位的候选" in word for word in words)


def test_every_line_has_its_dumbbell(sample):
    found = whatif.apply(sample, Scope(), TEN_MINUTES)
    lines = both_sides.markup(found, dark=False).split("<tr>")[2:]
    assert len(lines) == len(tables_whatif.indicators(found))
    line = found.indicators.loc["response"]
    (drawn,) = (text for text in lines if sentences_whatif.label(found, "response") in text)
    assert f'<i class="base" style="left:{100 * line["base_rate"]:.2f}%">' in drawn
    assert f'<i class="then" style="left:{100 * line["scenario_rate"]:.2f}%">' in drawn
    assert f'<i class="way" style="left:{100 * line["base_rate"]:.2f}%;width:{line["change"]:.2f}%">' in drawn
    assert '<i class="aim" style="left:95.00%">' in drawn
    assert sum("track" in text for text in lines) == found.indicators["base_rate"].notna().sum()


@pytest.mark.parametrize(
    "scenario", [TEN_MINUTES, replace(MUCH, lift=()), MUCH], ids=["limit", "much", "lifted"]
)
def test_the_curve_depends_on_who_counts_alone(sample, scenario):
    for clock in ("response", "arrival", "plan"):
        whole = whatif.stage(sample, Scope(), scenario)
        less = whatif.stage(sample, Scope(), supposed._who_counts(scenario))
        pd.testing.assert_frame_equal(
            whatif.sensitivity(whole.data, whole.scope, clock),
            whatif.sensitivity(less.data, less.scope, clock),
        )


def shown(app: AppTest) -> list[list[str]]:
    """The cells of the table of both sides, but for the pictures."""
    (table,) = (block for block in said(app).split("\n") if 'class="both-sides"' in block)
    lines = re.findall(r"<tr>(.*?)</tr>", table)[1:]
    return [
        [unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)[:-1]] for line in lines
    ]


def worded(found: whatif.WhatIf) -> list[list[str]]:
    """What those cells should say."""
    return [
        [cell.replace(" %", "\u00a0%") for cell in row]
        for row in tables_whatif.indicators(found).to_numpy().tolist()
    ]


def test_the_curve_is_measured_and_drawn_only_while_it_is_open(visit, monkeypatch):
    asked = []
    monkeypatch.setattr(supposed, "_curve_of_one", lambda _view, _found, timed: asked.append(timed))
    app = visit("what_if")
    assert asked == []
    app.session_state["curve-part"] = True
    app.run()
    assert asked == [["response", "arrival", "plan"]]


def test_the_curve_passes_through_the_rate_of_today(sample):
    rates = whatif.sensitivity(sample, Scope(), "response")
    drawn = charts_whatif.sensitivity(rates, "response", limits={"现行 5分钟": 5}, target=0.95)
    found = whatif.apply(sample, Scope(), Scenario())
    assert drawn.data[2].y[4] == pytest.approx(found.base["clocks"]["response"]["rate"])
    assert any(shape.x0 == 5 for shape in drawn.layout.shapes)
    words = sentences_whatif.sensitivity(rates, "response", 5, 0.95)
    assert "时限 5 分钟时为 77 %（531/688）" in words


def test_a_limit_that_reaches_the_target_is_named():
    curve = pd.DataFrame(
        {"rate": [0.5, 0.96], "numerator": [10, 20], "denominator": [20, 21]}, index=pd.Index([1, 2])
    )
    assert "时限须是 2 分钟" in sentences_whatif.sensitivity(curve, "response", 1, 0.95)
    assert "放到 2 分钟也只有 96 %" in sentences_whatif.sensitivity(curve, "response", 1, 0.99)


def test_one_petition_is_enough_for_a_scenario(visit, tmp_path):
    url = f"sqlite:///{tmp_path}/one.db"
    now = pd.Timestamp("2024-07-01")
    text = "诉求编号,上报时间,院落,响应时间\nA-1,2024-06-03 08:05,1号院,2024-06-03 08:12\n".encode()
    store.save(store.connect(url), intake.read(text, "1.csv", "petitions", now=now), who="test", now=now)
    app = visit("what_if", url, as_of="2024-07-01T08:00", **{"if": to_address(TEN_MINUTES)})
    assert "1 件中 0 件 → 1 件中 1 件，+100.0 个百分点；1 件诉求判得不同" in said(app)
    app.button(key="FormSubmitter:roster-模拟").click().run()
    assert "不足 30 件" in said(app)


def test_a_roster_is_simulated_when_asked_for(visit):
    app = visit("what_if")
    assert "每周约" not in said(app)
    assert "先报先办" in said(app), "the assumptions stand there before"
    app.button(key="FormSubmitter:roster-模拟").click().run()
    assert "每周约" in said(app)
    assert "每班人数" in app.dataframe[-1].value.columns


@pytest.mark.parametrize(("hours", "on_duty"), [((8, 20), 12), ((0, 24), 24), ((8, 24), 16), ((9, 9), 0)])
# The small hours of Monday are the night of Sunday, so a Tuesday is looked at.
def test_day_and_night_cover_every_hour_once(hours, on_duty):
    people = roster(supposed._shifts(hours, (10, 1, 20, 2)))
    assert people[1].sum() == on_duty * 10 + (24 - on_duty)
    assert (people > 0).all()


@pytest.mark.parametrize(
    ("iso", "unit", "number"),
    [("PT5M", "minutes", 5), ("PT2H", "minutes", 120), ("P3D", "days", 3), ("P1M", "months", 1), ("PT90S", None, None), ("P1DT1H", None, None)],
)  # fmt: skip
def test_a_limit_has_the_unit_of_its_control(iso, unit, number):
    limit = Limit.parse(iso)
    assert supposing._unit(limit) == unit
    assert unit is None or supposing._number(limit, unit) == number


def test_the_workbook_holds_every_indicator_and_every_line_moved(sample):
    class View:
        dataset = sample
        notes = ("范围",)

    found = whatif.apply(sample, Scope(), MUCH)
    book = openpyxl.load_workbook(io.BytesIO(supposed._workbook(View(), found)))
    assert book.sheetnames == ["各项指标", "补到位", "合并", "不同的诉求", "说明"]
    assert book["不同的诉求"].max_row - 1 == len(found.moved)
    notes = [row[0].value for row in book["说明"]]
    assert set(what_if_text.clauses(MUCH)) <= set(notes)


def test_files_hold_numbers(sample):
    found = whatif.apply(sample, Scope(), TEN_MINUTES)
    table = tables_whatif.figures(found)
    words = tables_whatif.indicators(found)
    assert table["指标"].tolist() == words["指标"].tolist()
    line = table.set_index("指标").loc[sentences_whatif.label(found, "response")]
    assert line["现状：件数"] / line["现状：应计"] == pytest.approx(line["现状：率"])
    assert line["差别（率为百分点）"] == pytest.approx(100 * (line["情景：率"] - line["现状：率"]))
    assert table.dtypes.iloc[1:].tolist() == [np.dtype(float)] * 7


def test_scope_and_scenario_are_asked_together(visit, sample):
    scope = Scope(communities=("桂东社区",), first_month="2024-01")
    app = visit("what_if", community="桂东社区", **{"from": "2024-01", "if": to_address(TEN_MINUTES)})
    found = whatif.apply(sample, scope, TEN_MINUTES)
    assert sentences_whatif.finding(found).replace(" %", "\u00a0%") in said(app)
    assert len(cases.select(sample, scope)) == found.base["counts"]["petitions"]


def test_the_page_of_the_report_annexes_a_kept_scenario_and_freezes_it(visit, own_url):
    store.save_scenario(
        store.connect(own_url), "十分钟", scenario=to_address(TEN_MINUTES), scope="{}", who="书记",
        now=pd.Timestamp("2024-07-01"),
    )  # fmt: skip
    app = visit("report", own_url)
    assert "情景推演：" not in said(app)
    app.multiselect(key="report-scenarios").set_value(["十分钟"]).run()
    assert not app.exception
    assert "情景推演：十分钟" in said(app)
    assert "以下是假设推演，不是实际结果" in said(app)
    app.text_input(key="report-who").set_value("书记").run()
    next(box for box in app.checkbox if box.key.startswith("report-sure")).check().run()
    app.button(key="report-freeze").click().run()
    assert not app.exception
    kept = store.frozen_month(store.connect(own_url), "2024-06", "{}")
    assert kept.scenarios == f'{{"十分钟":"{to_address(TEN_MINUTES)}"}}'
    assert from_json(kept.content).section("scenario_1").title == "情景推演：十分钟"


def test_the_report_asks_for_no_scenario_where_none_is_kept(visit):
    assert "report-scenarios" not in [box.key for box in visit("report").multiselect]
