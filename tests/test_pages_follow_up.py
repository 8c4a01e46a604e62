"""回访满意: denominators beside rates, links that hold exactly the petitions, questions and no accusations."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics import cases, intake, measures, narrowing, store
from analytics.measures import REGISTRY
from analytics.present import charts, charts_follow_up
from analytics.present.sentences_follow_up import BESIDE, CONTRADICTIONS, OTHERS, THREE
from analytics.scope import Scope
from tests.test_pages import empty_url, said, sample, sample_url, visit

__all__ = ["empty_url", "sample", "sample_url", "visit"]

#: Four closed petitions: solved and satisfied; satisfied but not solved; solved but not satisfied; not asked.
FOUR = """诉求编号,上报时间,院落,楼栋,单元,诉求类别,接单主体,响应时间,办结时间,回访时间,是否解决,满意度
A-1,2024-03-01 08:00,1号院,1,1,噪音扰民,物业,2024-03-01 08:01,2024-03-02 08:00,2024-03-03 08:00,是,满意
A-2,2024-03-01 09:00,1号院,2,1,噪音扰民,物业,2024-03-01 09:01,2024-03-02 08:00,2024-03-03 08:00,否,满意
A-3,2024-03-01 10:00,1号院,3,1,噪音扰民,物业,2024-03-01 10:01,2024-03-02 08:00,2024-03-03 08:00,是,不满意
A-4,2024-03-01 11:00,2号院,4,1,噪音扰民,社区,2024-03-01 11:30,2024-03-02 08:00,,,
"""


@pytest.fixture
def opened(visit, tmp_path):
    url = f"sqlite:///{tmp_path}/four.db"
    now = pd.Timestamp("2024-07-01 08:00")
    read = intake.read(FOUR.encode(), "four.csv", "petitions", now=now)
    assert not len(read.rejected)
    store.save(store.connect(url), read, who="test", now=now)
    return visit("follow_up", url, as_of="2024-07-01T08:00")


@pytest.fixture(scope="module")
def values(sample):
    evaluation = measures.evaluate(sample.rollup, Scope())
    return {name: evaluation.value(name) for name in REGISTRY}


def test_three_rates_side_by_side_with_the_claim_and_the_silence(opened):
    words = said(opened)
    assert "响应率 4 件中 3 件；解决率 3 件中 2 件；满意率 3 件中 2 件" in words
    assert "报办结 4 件，居民确认已解决 2 件，给出评价的 3 件" in words


def test_contradictions_lead_to_their_petitions(opened):
    shown = opened.dataframe[-1].value.set_index("诉求编号")["哪里对不上"]
    assert set(shown.index) == {"A-2", "A-3"}
    assert "没有确认已解决，却评了满意" in shown["A-2"]
    assert "办结了，居民没有确认已解决" in shown["A-2"]
    assert shown["A-3"] == "确认已解决，却没有评为满意"


@pytest.mark.parametrize("name", [*THREE, *BESIDE])
def test_a_link_beside_a_rate_holds_exactly_those_it_does_not_count(sample, values, name):
    behind = len(cases.select(sample, Scope(), OTHERS[name][0]))
    value = values[name]
    if name == "feedback":  # counted in reports, shown in petitions
        assert behind == int((sample.rows["feedback_missed"] > 0).sum())
    elif name == "repeats":
        assert behind == value.numerator
    else:
        assert behind == value.denominator - value.numerator


def test_every_segment_of_the_chart_is_its_petitions(sample, values):
    drawn = charts_follow_up.claimed_and_said(values)
    for trace in drawn.data:
        for count, key in zip(trace.x, trace.customdata, strict=True):
            assert not count or len(cases.select(sample, Scope(), charts.narrowing(key))) == count
    assert all(sum(t.x[i] for t in drawn.data) == values["resolved"].numerator for i in range(3))


def test_a_flag_and_its_opposite_part_the_petitions(sample):
    for flags in (flags for _w, _o, flags, _b in CONTRADICTIONS.values()):
        for flag in flags:
            name = flag.removeprefix("not_")
            yes, no = (narrowing.mask(sample.rows, {"flag": f}) for f in (name, f"not_{name}"))
            assert (yes ^ no).all()


def test_an_address_can_name_petitions_one_by_one(visit):
    app = visit("cases", only=["GD-000001", "GD-000002"])
    assert "共 2 件诉求" in said(app)
    assert "选出的 2 件" in app.button(key="chip-case").label


def test_findings_are_questions_with_an_innocent_explanation(visit):
    words = said(visit("follow_up"))
    assert "是逐户回访后写的，还是复制的？" in words
    assert "先想想" in words
    assert "不是结论" in words


def test_too_few_records_cannot_be_examined(opened):
    assert "还没有一项能检验" in said(opened)


def test_nothing_closed_yet_is_said(visit, tmp_path):
    url = f"sqlite:///{tmp_path}/open.db"
    now = pd.Timestamp("2024-07-01 08:00")
    text = "诉求编号,上报时间,院落\nA-1,2024-06-03 08:05,1号院\n".encode()
    store.save(store.connect(url), intake.read(text, "o.csv", "petitions", now=now), who="test", now=now)
    words = said(visit("follow_up", url, as_of="2024-07-01T08:00"))
    assert "还没有办结的诉求" in words
    assert "没有可以对照的" in words
