"""What-if: laws, agreement with measuring anew and with plain pandas, and facts to check in the head."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from functools import cache
from importlib import import_module
from math import ceil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import dataset, policy, whatif
from analytics.frame import typed
from analytics.review import review
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS, COLOURS
from analytics.whatif import Scenario, ScenarioError
from tests.report_data import sample
from tests.test_complaints import NO_MONTHS
from tests.test_review import NO_PROGRESS, NO_SINGLES, REGISTRY
from tests.test_rollup import records, scopes

POLICY = policy.load()
AS_OF = pd.Timestamp("2024-08-01 12:00")
FIRST, SECOND = "甲社区/1号院", "乙社区/2号院"
seeds = st.integers(0, 9)
#: Leaves nobody out, but sends the data the long way round.
NOBODY = Scenario(leave_out=(("category", "没有这一类"),))


def source(frame, months=NO_MONTHS, registry=REGISTRY, progress=NO_PROGRESS):
    return dataset.Source(typed(frame, registry), NO_SINGLES, months, registry, progress)


def opened(frame, rules=POLICY, **others):
    return dataset.at(source(frame, **others), AS_OF, rules)


@cache
def drawn(seed):
    """Some hundred petitions of two communities, drawn once."""
    return opened(many(seed))


def many(seed, parts=8):
    return pd.concat([records(seed + 100_000 * i) for i in range(parts)], ignore_index=True)


def reports(frame, seed):
    """Progress reports of about half the petitions."""
    rng = np.random.default_rng(seed)
    chosen = frame.sample(frac=0.5, random_state=seed)
    after = pd.to_timedelta(rng.integers(0, 86_400 * 60, len(chosen)), unit="s")
    return pd.DataFrame({"case_id": chosen["case_id"], "reported_at": chosen["reported_at"] + after})


def response_table(**places):
    """Petitions whose first clock alone matters: {place: (met, missed, unrecorded)}."""
    answers = {"met": "2024-06-03 08:01", "missed": "2024-06-03 08:09", "unrecorded": None}
    rows = [
        {"courtyard": place, "responded_at": answers[state], "planned_at": "2024-06-03 08:20"}
        for place, counts in places.items()
        for state, n in zip(answers, counts, strict=True)
        for _i in range(n)
    ]
    frame = pd.DataFrame(rows)
    ids = [f"T{i}" for i in range(len(rows))]
    return frame.assign(case_id=ids, reported_at="2024-06-03 08:00", community="甲")


def asked(data, scope=None, **options):
    return whatif.apply(data, scope or Scope(), whatif.parse(data.choices, **options))


# --- laws ---------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(seeds, scopes, st.sampled_from([Scenario(), NOBODY, Scenario(limits=(("response", "PT5M"),))]))
def test_nothing_changed_is_the_review_exactly(seed, scope, scenario):
    data = drawn(seed)
    found = whatif.apply(data, scope, scenario)
    assert found.review == found.base == review(data, scope)
    assert not len(found.moved)
    assert (found.indicators["change"].fillna(0) == 0).all()


@settings(max_examples=12, deadline=None)
@given(seeds, scopes, st.sets(st.sampled_from([FIRST, SECOND, "甲社区/"]), min_size=1))
def test_left_out_and_the_left_out_alone_are_the_whole(seed, scope, places):
    data = drawn(seed)
    without = whatif.apply(data, scope, Scenario(leave_out=tuple(("courtyard", p) for p in places)))
    chosen = tuple(p for p in places if scope.includes_place(p)) or ("/nowhere",)
    alone = review(data, replace(scope, courtyards=chosen))
    for clock in CLOCKS:
        for state in ("met", "missed", "unrecorded", "pending", "exempt", "invalid"):
            whole = without.base["clocks"][clock][state]
            assert without.review["clocks"][clock][state] + alone["clocks"][clock][state] == whole
    assert -without.difference["counts"]["petitions"] == alone["counts"]["petitions"] == len(without.moved)
    assert whatif.apply(data, scope, Scenario()).review == without.base


@settings(max_examples=12, deadline=None)
@given(seeds, scopes)
def test_the_short_way_and_the_long_way_agree(seed, scope):
    data = drawn(seed)
    short = Scenario(leave_out=(("courtyard", FIRST),))
    long = replace(short, leave_out=(*short.leave_out, *NOBODY.leave_out))
    assert whatif.apply(data, scope, short).review == whatif.apply(data, scope, long).review


@settings(max_examples=12, deadline=None)
@given(seeds, scopes)
def test_differences_of_counts_add_up(seed, scope):
    data = drawn(seed)
    parts = [("category", "停车"), ("category", ""), ("category", "噪音")]
    each = [whatif.apply(data, scope, Scenario(leave_out=(part,))).difference for part in parts]
    whole = whatif.apply(data, scope, Scenario(leave_out=tuple(parts))).difference
    for section, name in (("counts", "petitions"), ("counts", "open"), ("repeats", "repeated")):
        assert sum(d[section][name] for d in each) == whole[section][name]
    for colour in COLOURS:
        found = [d["colours"]["actual"][colour] for d in each]
        assert sum(found) == whole["colours"]["actual"][colour]
    assert sum(line["petitions"] for line in whole["courtyards"]) == whole["counts"]["petitions"]
    assert sum(line["petitions"] for line in whole["months"]) == whole["counts"]["petitions"]


@settings(max_examples=12, deadline=None)
@given(seeds, scopes)
def test_merged_counts_are_the_sums(seed, scope):
    data = drawn(seed)
    found = whatif.apply(data, scope, Scenario(merge=(("甲社区/大院", (FIRST, "甲社区/2号院")),)))
    assert found.review["counts"] == found.base["counts"]
    assert found.review["clocks"] == found.base["clocks"]
    before = {c["place"]: c for c in found.base["courtyards"]}
    parts = [before[p] for p in (FIRST, "甲社区/2号院") if p in before]
    whole = [c for c in found.review["courtyards"] if c["place"] == "甲社区/大院"]
    if not parts:
        assert not whole
        return
    for name in ("petitions", "green", "open_red", "response_met", "response_due", "feedback_due"):
        assert whole[0][name] == sum(part[name] for part in parts)
    assert not {c["place"] for c in found.review["courtyards"]} & {FIRST, "甲社区/2号院"}
    assert not len(found.moved)


@settings(max_examples=12, deadline=None)
@given(seeds, scopes, st.sampled_from(["target", "average", "best"]))
def test_lifting_never_lowers_and_takes_no_more_than_asked(seed, scope, goal):
    data = drawn(seed)
    found = whatif.apply(data, scope, Scenario(lift=((FIRST, goal), (SECOND, goal))))
    for clock in CLOCKS:
        before, after = (side["clocks"][clock] for side in (found.base, found.review))
        more = sum(one.more for one in found.lifts if one.clock == clock)
        assert after["met"] == before["met"] + more
        assert sum(after[s] for s in ("met", "missed", "unrecorded")) == sum(
            before[s] for s in ("met", "missed", "unrecorded")
        )
        assert min(after["missed"], after["unrecorded"]) >= 0
        assert before["rate"] is None or after["rate"] >= before["rate"]
    for one in found.lifts:
        assert 0 <= one.more <= one.due - one.met
        assert (
            one.more == 0
            or (one.met + one.more - 1) / one.due < one.rate <= (one.met + one.more) / one.due + 1e-9
        )
        lines = found.moved[(found.moved["change"] == "candidate") & (found.moved["clock"] == one.clock)]
        places = data.rows["place"].iloc[lines["position"]]
        assert (places == one.place).sum() == (one.due - one.met if one.more else 0)
    json.dumps(whatif.to_dict(found, data))


@settings(max_examples=12, deadline=None)
@given(seeds, scopes, st.sampled_from(CLOCKS), st.integers(1, 90), st.integers(0, 90))
def test_a_longer_limit_never_lowers_a_hit_rate(seed, scope, clock, minutes, more):
    data = drawn(seed)
    rates = [
        whatif.apply(data, scope, Scenario(limits=((clock, f"PT{m}M"),))).review["clocks"][clock]["rate"]
        for m in (minutes, minutes + more)
    ]
    assert None in rates or rates[0] <= rates[1]


@settings(max_examples=12, deadline=None)
@given(seeds, scopes, st.sampled_from(["target", "average", "best"]))
def test_lifting_lowers_no_courtyard_and_touches_no_other(seed, scope, goal):
    found = whatif.apply(drawn(seed), scope, Scenario(lift=((FIRST, goal),)))
    for before, after in zip(found.base["courtyards"], found.review["courtyards"], strict=True):
        for clock in CLOCKS:
            assert after[f"{clock}_met"] >= before[f"{clock}_met"]
            assert after[f"{clock}_due"] == before[f"{clock}_due"]
        names = [n for n in before if not n.startswith("band")]  # a band is a place among the others
        assert before["place"] == FIRST or [after[n] for n in names] == [before[n] for n in names]


@settings(max_examples=12, deadline=None)
@given(
    seeds,
    scopes,
    st.lists(st.sampled_from([FIRST, SECOND, "甲社区/2号院"]), min_size=1, max_size=3, unique=True),
)
def test_leaving_out_and_adding_back_is_the_start(seed, scope, places):
    data = drawn(seed)
    every = [Scenario(leave_out=tuple(("courtyard", p) for p in places[:n])) for n in range(len(places) + 1)]
    there = [whatif.apply(data, scope, scenario).review for scenario in every]
    back = [whatif.apply(data, scope, replace(scenario)).review for scenario in reversed(every)]
    assert back == there[::-1]
    assert back[-1] == review(data, scope)


@settings(max_examples=12, deadline=None)
@given(seeds, scopes)
def test_where_clocks_alone_differ_the_rest_is_the_base(seed, scope):
    """Other parts are taken from the base: measured anew they must be the same."""
    data = drawn(seed)
    found = whatif.apply(data, scope, Scenario(limits=(("response", "PT9M"), ("follow_up", "P1D"))))
    anew = review(found.stage.data, found.stage.scope)
    assert found.review == anew | {"scope": found.review["scope"]}


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(limits=(("response", "PT10M"),)),
        Scenario(merge=(("桂东社区/大院", ("桂东社区/2号院", "桂东社区/3号院")),), colour_limits=(("green", "P5D"),)),
        Scenario(merge=(("桂东社区/2号院", ("桂东社区/2号院", "桂东社区/3号院")),)),
        Scenario(leave_out=(("category", "停车秩序"), ("courtyard", "桂东社区/6号院"))),
    ],
    ids=["limit", "merge", "merge into one", "leave out"],
)  # fmt: skip
@pytest.mark.parametrize("scope", [Scope(), Scope(communities=("桂东社区",))], ids=["all", "one"])
def test_launches_that_are_kept_are_those_fitted_anew(scenario, scope, monkeypatch):
    data = sample()
    review(data, Scope())
    review(data, scope)
    kept = whatif.apply(data, scope, scenario).review["complaints"]
    for name in ("limits", "stage"):
        module = import_module(f"analytics.whatif.{name}")
        monkeypatch.setattr(module, "keep_launches", lambda *given, **options: None)
    assert whatif.apply(data, scope, scenario).review["complaints"] == kept


# --- what the data still have ------------------------------------------------------------------------------

known = st.builds(
    Scenario,
    leave_out=st.sampled_from([(), (("courtyard", FIRST), ("handler", ""), ("colour", "red")), (("category", "停车"),)]),
    merge=st.sampled_from([(), (("甲社区/大院", (FIRST, "甲社区/2号院")),), ((FIRST, (FIRST, SECOND)),)]),
    calendars=st.sampled_from([(), (("plan", "office"), ("arrival", ""))]),
    limits=st.sampled_from([(), (("response", "PT10M"),)]),
    lift=st.sampled_from([(), ((SECOND, "best"),)]),
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(known)
def test_what_the_data_have_is_meant_as_it_stands(scenario):
    assert whatif.still_meant(drawn(0), scenario) == (scenario, ())


def test_what_the_data_do_not_have_is_left_out_and_said():
    gone = "甲社区/拆了的院"
    scenario = Scenario(
        leave_out=(("courtyard", gone), ("handler", "没有的人"), ("category", "停车")),
        merge=(
            ("甲社区/大院", (FIRST, "甲社区/2号院", gone)),
            ("甲社区/小院", ("乙社区/", "甲社区/也拆了")),
            (SECOND, ("乙社区/1号院", "甲社区/")),
        ),
        calendars=(("plan", "夜班"),),
        limits=(("response", "PT10M"),),
        lift=((gone, "target"), ("甲社区/小院", "target"), ("甲社区/大院", "target")),
    )
    meant, notes = whatif.still_meant(drawn(0), scenario)
    assert meant == Scenario(
        leave_out=(("category", "停车"),),
        merge=(("甲社区/大院", (FIRST, "甲社区/2号院")),),
        limits=(("response", "PT10M"),),
        lift=(("甲社区/大院", "target"),),
    )
    assert len(notes) == 9
    assert all(name in "".join(notes) for name in ("拆了的院", "没有的人", "夜班", "小院"))


def test_a_scope_keeps_what_is_there():
    data = drawn(0)
    whole = Scope(courtyards=(FIRST,), handlers=("社区",), first_month="2024-02")
    assert whatif.still_chosen(data, whole) == (whole, ())
    less, notes = whatif.still_chosen(
        data, replace(whole, courtyards=(FIRST, "甲社区/拆了的院"), handlers=("某",))
    )
    assert less == replace(whole, handlers=())
    assert notes == ("保存时的范围里有「甲社区 · 拆了的院」、「某」，数据里已没有，已从范围里略去。",)


# --- agreement -----------------------------------------------------------------------------------------

changes = st.builds(
    Scenario,
    limits=st.sampled_from(
        [(), (("response", "PT10M"), ("follow_up", "P5D")), (("plan", "PT1H"),), (("follow_up", "P1M"),)]
    ),
    colour_limits=st.sampled_from([(), (("green", "P7D"), ("yellow", "P60D")), (("red", "P45D"),)]),
    calendars=st.sampled_from([(), (("response", "office"), ("plan", "office")), (("follow_up", "office"),)]),
)


@settings(max_examples=12, deadline=None)
@given(seeds, scopes, changes)
def test_another_limit_equals_measuring_the_records_anew(seed, scope, scenario):
    frame = many(seed)
    data = opened(frame, progress=reports(frame, seed))
    if scope.colours and scenario.colour_limits:
        scope = replace(scope, colours=())  # who is counted stands as today, see the test below
    found = whatif.apply(data, scope, scenario)
    anew = dataset.at(
        source(frame, progress=reports(frame, seed)), AS_OF, whatif.limits.changed_policy(POLICY, scenario)
    )
    assert found.review == review(anew, scope)


@settings(max_examples=8, deadline=None)
@given(seeds, scopes, st.sampled_from(CLOCKS), st.sampled_from([None, "office"]))
def test_the_curve_is_the_rate_under_each_limit(seed, scope, clock, calendar):
    rules = POLICY
    if calendar:
        rules = whatif.limits.changed_policy(POLICY, Scenario(calendars=((clock, calendar),)))
    data = opened(many(seed), rules)
    curve = whatif.sensitivity(data, scope, clock, (1, 4, 5, 15, 60, 600))
    for minutes, line in curve.iterrows():
        limit = Scenario(limits=((clock, f"PT{minutes}M"),))
        found = whatif.apply(data, scope, limit).review["clocks"][clock]
        counted = [line["numerator"], line["denominator"], line["uncertain"]]
        due = found["met"] + found["missed"] + found["unrecorded"]
        assert counted == [found["met"], due, found["unrecorded"]]
        assert (None if np.isnan(line["rate"]) else line["rate"]) == found["rate"]
    rates = curve["rate"].dropna()
    assert rates.is_monotonic_increasing


def plain(frame, scope, scenario):
    """The same question in plain pandas: one table in, counts by courtyard out, nothing shared."""
    table = frame.copy()
    table["place"] = table["community"] + "/" + table["courtyard"]
    table = table[table["reported_at"] <= AS_OF]
    for name in ("responded_at", "arrived_at", "planned_at", "resolved_at", "followed_up_at"):
        table[name] = table[name].where(table[name] <= AS_OF)
    end = table["resolved_at"].fillna(AS_OF)
    months = [(table["reported_at"] + pd.DateOffset(months=n)) for n in (1, 6)]
    bounds = [table["reported_at"] + pd.Timedelta(days=3), *months]
    colour = pd.Series(sum((end > bound).astype(int) for bound in bounds)).map(dict(enumerate(COLOURS)))
    table["colour"] = colour.mask(table["unsolvable"], "grey").mask(
        (table["resolved_at"] < table["reported_at"]) & ~table["unsolvable"], "unknown"
    )
    kept = table["reported_at"].dt.strftime("%Y-%m").between(scope.first_month or "", scope.last_month or "9")
    names = {
        "communities": "community",
        "courtyards": "place",
        "handlers": "handler",
        "categories": "category",
    }
    for field, column in (names | {"colours": "colour"}).items():
        if wanted := getattr(scope, field):
            kept &= table[column].isin(wanted)
    if scope.expected_colours:
        kept &= table["assigned_colour"].isin(["绿", "黄"])
    for axis, value in scenario.leave_out:
        kept &= table["place" if axis == "courtyard" else axis] != value
    table = table[kept]
    for new, places in scenario.merge:
        table["place"] = table["place"].mask(table["place"].isin(places), new)
    minutes = int(dict(scenario.limits).get("response", "PT5M")[2:-1])
    lag = (table["responded_at"] - table["reported_at"]).dt.total_seconds()
    due = (lag >= 0) | (
        table["responded_at"].isna() & (table["reported_at"] + pd.Timedelta(minutes=minutes) < AS_OF)
    )
    later = table[["arrived_at", "planned_at", "resolved_at", "followed_up_at"]].notna().any(axis=1)
    marks = pd.DataFrame(
        {"n": 1, "met": lag.between(0, minutes * 60), "due": due, "unrecorded": due & lag.isna() & later}
    )
    counts = marks.groupby(table["place"]).sum().astype(int)
    for place, goal in scenario.lift:
        if place in counts.index and counts.loc[place, "due"] > counts.loc[place, "unrecorded"]:
            line, whole = counts.loc[place].copy(), counts_before(counts)
            rate = Fraction(95, 100) if goal == "target" else whole
            counts.loc[place, "met"] = max(line["met"], ceil(rate * int(line["due"])))
    return counts


def counts_before(counts):
    whole = counts.sum()
    return Fraction(int(whole["met"]), int(whole["due"]))


@settings(max_examples=25, deadline=None)
@given(
    seeds,
    scopes,
    st.builds(
        Scenario,
        leave_out=st.sampled_from(
            [(), (("courtyard", FIRST),), (("handler", ""), ("category", "停车")), (("colour", "green"),)]
        ),
        merge=st.sampled_from([(), (("/大院", (FIRST, SECOND)),)]),
        limits=st.sampled_from([(), (("response", "PT3M"),), (("response", "PT10M"),)]),
        lift=st.sampled_from([(), (("甲社区/2号院", "target"),), (("甲社区/", "average"),)]),
    ),
)
def test_agrees_with_plain_pandas_on_random_scopes(seed, scope, scenario):
    frame = many(seed)
    found = whatif.apply(opened(frame), scope, scenario).review
    wanted = plain(frame, scope, scenario)
    shown = {c["place"]: [c["petitions"], c["response_met"], c["response_due"]] for c in found["courtyards"]}
    assert shown == {p: [line["n"], line["met"], line["due"]] for p, line in wanted.iterrows()}
    clock = found["clocks"]["response"]
    assert found["counts"]["petitions"] == wanted["n"].sum()
    assert clock["met"] == wanted["met"].sum()
    known = wanted["due"].sum() > wanted["unrecorded"].sum()
    assert clock["rate"] == (pytest.approx(wanted["met"].sum() / wanted["due"].sum()) if known else None)


# --- facts -----------------------------------------------------------------------------------------------


def test_three_of_four_lifted_to_95_per_cent_is_four():
    data = opened(response_table(一=(3, 1, 0), 二=(1, 9, 0)))
    found = asked(data, lift=["一=target"])
    assert found.review["clocks"]["response"]["met"] == 5
    lifted = next(one for one in found.lifts if one.clock == "response")
    assert (lifted.met, lifted.due, lifted.more, lifted.rate) == (3, 4, 1, 0.95)
    assert list(data.rows["case_id"].iloc[found.moved["position"]]) == ["T3"]


def test_19_of_20_is_95_per_cent_and_needs_no_twentieth():
    found = asked(opened(response_table(一=(18, 2, 0))), lift=["一=target"])
    assert found.review["clocks"]["response"]["met"] == 19


def test_the_average_is_that_of_the_scope_and_the_best_has_ten_due():
    data = opened(response_table(一=(2, 8, 0), 二=(8, 2, 0), 三=(9, 0, 0)))
    average, best = (asked(data, lift=[f"一={goal}"]) for goal in ("average", "best"))
    assert average.review["clocks"]["response"]["met"] == 19 + (7 - 2)  # 19 of 29; ⌈10 × 19/29⌉ = 7
    lifted = next(one for one in best.lifts if one.clock == "response")
    assert (lifted.example, lifted.more) == ("甲/二", 6)  # 三 has only 9


def test_nothing_to_compare_with_is_said_and_changes_nothing():
    data = opened(response_table(一=(2, 8, 0), 二=(3, 0, 0)))
    found = asked(data, lift=["一=best"])
    assert found.review["clocks"] == found.base["clocks"]
    assert any("10" in note for note in found.notes)


def test_the_late_become_met_before_the_unrecorded():
    found = asked(opened(response_table(一=(1, 1, 2))), lift=["一=target"])
    clock = found.review["clocks"]["response"]
    assert (clock["met"], clock["missed"], clock["unrecorded"]) == (4, 0, 0)
    half = asked(opened(response_table(一=(1, 1, 2), 二=(3, 1, 0))), lift=["一=average"])
    clock = half.review["clocks"]["response"]  # 4 of 8; ⌈4 × 1/2⌉ = 2
    assert (clock["met"], clock["missed"], clock["unrecorded"]) == (5, 1, 2)
    assert clock["median_minutes"] is None


def test_a_clock_nobody_recorded_cannot_be_lifted():
    found = asked(opened(response_table(一=(0, 0, 3))), lift=["一=target"])
    assert found.review["clocks"]["response"]["rate"] is None
    assert any("响应" in note for note in found.notes)


def test_months_with_misses_of_a_lifted_courtyard_are_unknown():
    found = asked(opened(response_table(一=(1, 3, 0), 二=(5, 0, 0))), lift=["一=target"])
    month = found.review["months"][0]
    assert (month["petitions"], month["response_due"]) == (9, 9)
    assert month["response_rate"] is None
    assert month["response_met"] is None
    place = next(c for c in found.review["courtyards"] if c["courtyard"] == "一")
    assert (place["response_met"], place["response_rate"]) == (4, 1.0)


def test_a_followed_up_petition_is_never_fewer_than_those_followed_up_in_time():
    frame = response_table(一=(4, 0, 0)).assign(followed_up_at=["2024-06-04", None, None, None])
    found = asked(opened(frame), lift=["一=target"])
    follow_up = found.review["follow_up"]
    assert follow_up["on_time"]["met"] == 4
    assert follow_up["followed_up"] == 4
    assert found.base["follow_up"]["followed_up"] == 1


def test_ten_minutes_instead_of_five_moves_exactly_the_late_ones():
    data = opened(response_table(一=(3, 2, 1)))
    found = asked(data, limit=["response=PT10M"])
    lines = found.moved[found.moved["change"] == "state"]
    assert list(data.rows["case_id"].iloc[lines["position"]]) == ["T3", "T4"]
    assert set(lines["before"]) == {"missed"}
    assert set(lines["after"]) == {"met"}
    assert found.difference["clocks"]["response"]["points"] == pytest.approx(100 * (5 / 6 - 3 / 6))
    assert found.review["clocks"]["response"]["limit"] == "PT10M"


def test_another_colour_limit_moves_colours_and_deadlines():
    frame = response_table(一=(2, 0, 0)).assign(
        resolved_at=["2024-06-05 08:00", "2024-06-08 08:00"], assigned_colour="绿"
    )
    data = opened(frame)
    found = asked(data, limit=["绿=P7D"])
    assert found.difference["colours"]["actual"] == {"green": 1, "yellow": -1, "red": 0, "grey": 0}
    assert found.difference["resolution"]["on_time"]["met"] == 1
    moved = found.moved.set_index("change")
    assert moved.loc["colour", "before"] == "closed_yellow"
    assert moved.loc["resolution", ["before", "after"]].tolist() == ["missed", "met"]
    assert set(moved["position"]) == {1}


def test_who_is_counted_does_not_depend_on_a_supposed_colour_limit():
    frame = response_table(一=(2, 0, 0)).assign(resolved_at=["2024-06-05 08:00", "2024-06-08 08:00"])
    found = asked(opened(frame), Scope(colours=("yellow",)), limit=["green=P7D"])
    assert found.review["counts"]["petitions"] == found.base["counts"]["petitions"] == 1
    assert found.review["colours"]["actual"]["green"] == 1


def test_merging_narrows_the_interval_and_says_from_what():
    data = opened(response_table(一=(8, 2, 0), 二=(8, 2, 0)))
    table = asked(data, merge=["大院=一,二"]).merged["甲/大院"]
    width = table["response_upper"] - table["response_lower"]
    assert list(table.index) == ["甲/一", "甲/二", "甲/大院"]
    assert width["甲/大院"] < 0.8 * width["甲/一"]
    assert table["response_rate"].tolist() == [0.8, 0.8, 0.8]


def registered(*lines):
    columns = ["courtyard", "launched_on", "households", "residents"]
    table = pd.DataFrame(lines, columns=columns).assign(community="甲")
    launched = pd.to_datetime(table["launched_on"]).astype("datetime64[s]")
    sizes = {name: table[name].astype("Int64") for name in ("households", "residents")}
    return table.assign(launched_on=launched, **sizes)


def test_merged_households_are_the_sum_and_one_blank_makes_them_unknown():
    registry = registered(("一", "2024-01-05", 30, 70), ("二", "2024-01-20", 20, None))
    data = opened(response_table(一=(1, 0, 0), 二=(1, 0, 0)), registry=registry)
    place = asked(data, merge=["大院=一,二"]).review["courtyards"][0]
    assert (place["place"], place["households"], place["residents"]) == ("甲/大院", 50, None)


def monthly(**places):
    rows = [(f"2024-{m:02d}", place, "甲", n) for place, counts in places.items() for m, n in counts.items()]
    return pd.DataFrame(rows, columns=["month", "courtyard", "community", "count"])


@pytest.mark.parametrize(("second", "common"), [("2024-03-20", True), ("2024-04-01", False), (None, False)])
def test_merged_courtyards_share_a_launch_only_where_it_is_the_same_month(second, common):
    registry = registered(("一", "2024-03-05", 1, 1), ("二", second, 1, 1))
    table = monthly(一={1: 5, 2: 4, 3: 2, 4: 1}, 二={1: 6, 2: None, 3: 2, 4: 3})
    data = opened(response_table(一=(1, 0, 0), 二=(1, 0, 0)), months=table, registry=registry)
    found = asked(data, merge=["大院=一,二"])
    complaints = found.review["complaints"]
    assert [month["count"] for month in complaints["months"]] == [11, None, 4, 4]
    assert complaints["months"] == found.base["complaints"]["months"]
    assert (complaints["launch"] is not None) == common
    assert bool(found.notes) != common


def test_what_else_is_known_of_merged_courtyards_bears_their_new_name():
    single = pd.DataFrame(
        {"received_at": pd.to_datetime(["2024-05-03"]), "courtyard": "一", "community": "甲"}
    )
    event = {
        "event": [1],
        "on": pd.to_datetime(["2024-05-01"]),
        "label": "换热线",
        "kind": "other",
        "note": "",
    }
    events = pd.DataFrame({**event, "community": "甲", "courtyard": "二"})
    known = replace(
        source(response_table(一=(1, 0, 0), 二=(1, 0, 0)), registry=registered()),
        complaints=single,
        events=events,
    )
    found = asked(dataset.at(known, AS_OF, POLICY), merge=["大院=一,二"])
    data = found.stage.data
    assert found.review["complaints"]["events"] == found.base["complaints"]["events"] != []
    assert list(data.complaint_times["place"]) == list(data.events["place"]) == ["甲/大院"]


def test_a_courtyard_left_out_takes_its_complaints_along():
    table = monthly(一={1: 5, 2: 4}, 二={1: 6, 2: 3})
    data = opened(response_table(一=(1, 0, 0), 二=(1, 0, 0)), months=table, registry=registered())
    found = asked(data, leave_out=["courtyard:二"])
    assert [month["count"] for month in found.review["complaints"]["months"]] == [5, 4]
    assert found.difference["complaints"]["months"][0] == {"month": "2024-01", "count": -6}


def test_everything_left_out_is_nothing_and_unknown():
    data = opened(response_table(一=(1, 0, 0)))
    for left in ("courtyard:一", "channel:"):
        found = asked(data, leave_out=[left])
        assert found.review["counts"]["petitions"] == 0
        assert found.review["clocks"]["response"]["rate"] is None
        assert found.difference["clocks"]["response"]["points"] is None
        assert list(found.moved["change"]) == ["left_out"]


def test_all_at_once():
    data = opened(response_table(一=(3, 1, 0), 二=(1, 3, 0), 三=(9, 1, 0), 四=(0, 9, 0)))
    found = asked(
        data,
        leave_out=["courtyard:四"],
        merge=["大院=一,二"],
        limit=["response=PT10M"],
        lift=["大院=target", "三=best"],
    )
    assert found.review["clocks"]["response"]["met"] == 18
    assert [c["courtyard"] for c in found.review["courtyards"]] == ["三", "大院"]
    assert found.moved["change"].value_counts().to_dict() == {"left_out": 9, "state": 5}
    plain_json = json.loads(json.dumps(whatif.to_dict(found, data)))
    assert list(plain_json)[:4] == ["base", "scenario", "difference", "moved"]
    assert plain_json["moved"][0] == {
        "case_id": "T18", "place": "甲/四", "change": "left_out", "clock": None, "before": None, "after": None,
    }  # fmt: skip


# --- texts -----------------------------------------------------------------------------------------------

CHOICES = {
    "places": ["甲/1号院", "甲/2号院", "乙/1号院", "/散户", "甲/"],
    "categories": ["停车", "噪音"],
    "handlers": ["社区"],
    "channels": ["电话"],
    "communities": ["甲", "乙"],
    "months": [],
}


def test_the_options_are_read_as_the_contract_writes_them():
    scenario = whatif.parse(
        CHOICES,
        leave_out=["courtyard:甲/1号院", "category:停车", "handler:", "channel:电话", "colour:灰"],
        merge=["大院=甲/1号院,2号院"],
        limit=["response=PT10M", "green=P5D"],
        calendar=["plan=office", "arrival=24h"],
        lift=["2号院=best", "大院=target"],
    )
    assert scenario == Scenario(
        leave_out=(
            ("courtyard", "甲/1号院"), ("category", "停车"), ("handler", ""), ("channel", "电话"), ("colour", "grey"),
        ),
        merge=(("甲/大院", ("甲/2号院", "甲/1号院")),),
        limits=(("response", "PT10M"),),
        colour_limits=(("green", "P5D"),),
        calendars=(("plan", "office"), ("arrival", "")),
        lift=(("甲/2号院", "best"), ("甲/大院", "target")),
    )  # fmt: skip
    assert hash(scenario) == hash(whatif.from_address(whatif.to_address(scenario)))


def test_a_name_of_two_communities_means_both():
    assert whatif.parse(CHOICES, leave_out=["courtyard:1号院"]).left_out("courtyard") == (
        "乙/1号院",
        "甲/1号院",
    )
    assert whatif.parse(CHOICES, leave_out=["courtyard:散户"]).left_out("courtyard") == ("/散户",)
    assert whatif.parse(CHOICES, leave_out=["courtyard:未填院落"]).left_out("courtyard") == ("甲/",)
    assert whatif.parse(CHOICES, merge=["大院=1号院"]).merge == (("/大院", ("乙/1号院", "甲/1号院")),)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"leave_out": ["停车"]}, "停车"),
        ({"leave_out": ["street:甲"]}, "street"),
        ({"leave_out": ["category:卫生"]}, "卫生"),
        ({"leave_out": ["colour:blue"]}, "blue"),
        ({"leave_out": ["courtyard:9号院"]}, "9号院"),
        ({"merge": ["大院"]}, "大院"),
        ({"merge": ["大院=2号院"]}, "大院"),
        ({"merge": ["大院=甲/1号院,2号院", "小院=乙/1号院,甲/1号院"]}, "1号院"),
        ({"limit": ["response"]}, "response"),
        ({"limit": ["response=10"]}, "10"),
        ({"limit": ["speed=PT10M"]}, "speed"),
        ({"limit": ["grey=P10D"]}, "grey"),
        ({"limit": ["response=PT10M", "response=PT20M"]}, "response"),
        ({"calendar": ["speed=office"]}, "speed"),
        ({"lift": ["2号院"]}, "2号院"),
        ({"lift": ["2号院=top"]}, "top"),
        ({"lift": ["9号院=best"]}, "9号院"),
        ({"lift": ["2号院=best", "2号院=target"]}, "2号院"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(options, said):
    with pytest.raises(ScenarioError, match=said):
        whatif.parse(CHOICES, **options)


def test_what_the_data_contradict_is_refused_by_name():
    data = opened(response_table(一=(1, 0, 0), 二=(1, 0, 0), 三=(1, 0, 0)))
    with pytest.raises(ScenarioError, match="三"):
        asked(data, merge=["三=一,二"])
    with pytest.raises(ScenarioError, match="夜班"):
        asked(data, calendar=["plan=夜班"])
    with pytest.raises(ScenarioError, match="绿"):
        asked(data, limit=["green=P40D"])


words = st.text(min_size=1, max_size=8)
scenarios = st.builds(
    Scenario,
    leave_out=st.lists(
        st.tuples(st.sampled_from(["category", "handler", "courtyard"]), st.text(max_size=8))
    ).map(tuple),
    merge=st.lists(st.sets(words, min_size=2, max_size=3), max_size=1).map(
        lambda sets: tuple(("/新院", tuple(places)) for places in sets)
    ),
    limits=st.sampled_from([(), (("response", "PT10M"), ("plan", "PT1H30M"))]),
    calendars=st.sampled_from([(), (("response", ""), ("plan", "office_2~.x"))]),
    lift=st.dictionaries(words, st.sampled_from(["target", "average", "best"]), max_size=3).map(
        lambda d: tuple(d.items())
    ),
)


@given(scenarios)
def test_an_address_carries_the_scenario_whole(scenario):
    assert whatif.from_address(whatif.to_address(scenario)) == scenario


@pytest.mark.parametrize(
    "text", ["x", "x.a", "q.a.b", "t.response.soon", "t.response.PT5M.PT6M", "%%%", "m.甲"]
)
def test_an_address_that_says_nothing_is_refused(text):
    with pytest.raises(ScenarioError):
        whatif.from_address(text)


def test_no_scenario_is_no_address():
    assert whatif.to_address(Scenario()) == ""
    assert whatif.from_address("") == Scenario()
    assert Scenario().changes_nothing


def test_a_limit_below_a_minute_has_no_curve():
    with pytest.raises(ValueError, match="minute"):
        whatif.sensitivity(opened(response_table(一=(1, 0, 0))), Scope(), "response", (0,))
