"""Staffing: the queue against M/M/k, and facts that can be checked in the head."""

from __future__ import annotations

from math import exp, factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import dataset, policy, staffing
from analytics.frame import typed
from analytics.scope import Scope
from analytics.staffing import HOUR, Demand, Shift, StaffingError
from tests.test_complaints import NO_MONTHS
from tests.test_review import NO_PROGRESS, NO_SINGLES, REGISTRY

POLICY = policy.load()
ALWAYS = staffing.roster([Shift(0, 24, 1)])


def erlang_c(servers, load):
    """Probability of having to wait in M/M/k (Erlang 1917); ``load`` = arrival rate × mean service."""
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**n / factorial(n) for n in range(servers)) + last)


@pytest.mark.parametrize(
    ("servers", "load", "published"), [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (10, 8.0, 0.4092)]
)
def test_the_formula_itself_is_the_published_one(servers, load, published):
    assert erlang_c(servers, load) == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (2, 1.4), (5, 4.0)])
def test_the_queue_waits_as_m_m_k_does(servers, load):
    rng = np.random.default_rng(1)
    size = 200_000
    reported = np.cumsum(rng.exponential(1.0, size))
    occupied = rng.exponential(load, size)
    wait = staffing.take_up(reported, occupied, [(0.0, np.inf)] * servers) - reported
    waits = erlang_c(servers, load)
    drain = (servers - load) / load  # how fast a queue empties, per unit of time
    assert (wait > 0).mean() == pytest.approx(waits, abs=0.015)
    assert (wait > 1).mean() == pytest.approx(waits * exp(-drain), abs=0.015)
    assert wait.mean() == pytest.approx(waits / drain, rel=0.06)


def demand(per_hour, occupied, response=0.0, arrival=np.nan, weeks=200):
    """The same rate in every hour; handling as given, or drawn from an array."""
    values = np.broadcast_arrays(np.atleast_1d(response), arrival, occupied)
    handling = pd.DataFrame(dict(zip(("response", "arrival", "occupied"), values, strict=True)))
    hours = np.full((7, 24), float(weeks))
    return Demand(hours * per_hour, hours, 1.0, handling, True, (300, 900))


def test_the_whole_simulation_waits_as_m_m_k_does():
    occupied = np.random.default_rng(2).exponential(1200.0, 20_000)
    found = staffing.simulate(demand(4.0, occupied), ALWAYS * 2, weeks=4, runs=60)
    load, servers = 4.0 * 1200 / HOUR, 2
    waits = erlang_c(servers, load)
    late = waits * exp(-(servers - load) / 1200 * 300)
    assert found.waited.rate == pytest.approx(waits, abs=0.03)
    assert found.response.rate == pytest.approx(1 - late, abs=0.03)
    assert found.per_week == pytest.approx(4 * 168, rel=0.02)
    assert found.occupied == pytest.approx(load / servers, rel=0.05)
    assert found.response.lower < found.response.rate < found.response.upper


def test_first_come_first_served_by_the_first_to_be_free():
    reported = np.array([0.0, 1.0, 2.0, 30.0])
    occupied = np.array([10.0, 5.0, 5.0, 5.0])
    assert staffing.take_up(reported, occupied, [(0, 100), (0, 100)]).tolist() == [0, 1, 6, 30]
    assert staffing.take_up(reported, occupied, [(0, 100)]).tolist() == [0, 10, 15, 30]


def test_after_duty_the_last_is_finished_and_no_other_taken_up():
    taken = staffing.take_up(np.array([0.0, 1.0, 2.0]), np.array([10.0, 1.0, 1.0]), [(0, 5), (20, 25)])
    assert taken.tolist() == [0, 20, 21]
    assert staffing.take_up(np.array([0.0, 9.0]), np.array([1.0, 1.0]), [(0, 5)]).tolist() == [0, np.inf]


def test_nobody_on_duty_answers_nobody():
    found = staffing.simulate(demand(1.0, 600.0, arrival=60.0), ALWAYS * 0, runs=3)
    assert (found.response.rate, found.arrival.rate, found.waited.rate) == (0.0, 0.0, 1.0)
    assert found.wait_p90 == np.inf
    assert np.isnan(found.occupied)
    assert found.misses.sum() == pytest.approx(found.per_week)


def test_always_somebody_free_leaves_only_the_handling_itself():
    late = demand(0.01, 60.0, response=np.array([200.0, 301.0]), arrival=np.array([900.0, np.nan]))
    found = staffing.simulate(late, ALWAYS * 50, runs=100)
    assert found.response.rate == pytest.approx(0.5, abs=0.1)
    assert found.arrival.rate == 1.0
    assert found.waited.rate == 0.0


def test_misses_lie_where_nobody_is_on_duty():
    day = staffing.roster([Shift(8, 20, 3, (0, 1, 2, 3, 4))])
    misses = staffing.simulate(demand(0.5, 60.0), day, runs=20).misses
    assert misses[0, 12] == 0
    assert misses[5:].min() > 0
    assert misses[:, :7].min() > 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 4))
def test_one_more_on_duty_until_the_same_hour_never_makes_anybody_wait_longer(seed, people):
    """Until different hours it can: an earlier start may leave the one who goes home first as the only one free."""
    rng = np.random.default_rng(seed)
    reported = np.sort(rng.random(80) * 1000)
    occupied = rng.exponential(40, 80)
    begin = rng.random(people + 1) * 500
    duties = [(b, 1000.0) for b in begin]
    fewer, more = (staffing.take_up(reported, occupied, d) for d in (duties[:-1], duties))
    assert (more <= fewer).all()


def test_more_people_never_lower_the_rates_and_the_same_seed_says_the_same():
    data = demand(3.0, 1500.0, response=60.0, arrival=400.0)
    table = staffing.by_people(data, ALWAYS, (1, 2, 3), runs=10)
    assert table["response"].is_monotonic_increasing
    assert table["waited"].is_monotonic_decreasing
    pd.testing.assert_frame_equal(table, staffing.by_people(data, ALWAYS, (1, 2, 3), runs=10))


def test_very_many_petitions_are_simulated_fewer_times():
    found = staffing.simulate(demand(60.0, 30.0), ALWAYS * 2, weeks=1, runs=200)
    assert found.runs == 20


def test_shifts_overlap_add_up_and_pass_midnight():
    people = staffing.roster([Shift(8, 20, 2), Shift(18, 20, 1), Shift(22, 6, 1, (6,))])
    assert people[2, 8] == people[2, 17] == 2
    assert people[2, 19] == 3
    assert people[2, 20] == 0
    assert people[6, 23] == people[0, 5] == 1
    assert people[0, 6] == 0
    assert staffing.roster([Shift(0, 24, 1)]).sum() == 168


@pytest.mark.parametrize("wrong", [(24, 6, 1), (8, 25, 1), (8, 20, -1)])
def test_an_impossible_shift_is_refused(wrong):
    with pytest.raises(StaffingError):
        Shift(*wrong)
    with pytest.raises(StaffingError):
        staffing.simulate(demand(1.0, 60.0), -ALWAYS)


def opened(frame, rules=POLICY, as_of="2024-07-01"):
    source = dataset.Source(typed(frame, REGISTRY), NO_SINGLES, NO_MONTHS, REGISTRY, NO_PROGRESS)
    return dataset.at(source, as_of, rules)


def weekly(times=20, **others):
    """Every Monday from 1 January 2024: one at 10:00, one at 10:03, one at 23:00."""
    mondays = pd.date_range("2024-01-01", periods=times, freq="7D").repeat(3)
    reported = mondays + pd.to_timedelta(["10:00:00", "10:03:00", "23:00:00"] * times)
    minutes = {
        "responded_at": [2, 4, 30] * times,
        "arrived_at": [10] * 3 * times,
        "planned_at": [20, 20, 300] * times,
    }
    frame = {name: reported + pd.to_timedelta(values, unit="min") for name, values in minutes.items()}
    ids = [f"T{i}" for i in range(len(reported))]
    return pd.DataFrame({"case_id": ids, "reported_at": reported, "courtyard": "1号院", **frame} | others)


def test_what_is_observed_is_the_undisturbed_handling_of_office_hours():
    found = staffing.observe(opened(weekly(40), as_of="2024-12-31"), Scope())
    # That of 10:03 found another in hand, that of 23:00 is outside office hours.
    assert len(found.handling) == 40
    assert found.undisturbed
    assert found.handling.iloc[0].tolist() == [120, 600, 1200]
    assert found.counts[0, 10] == 80
    assert found.counts[0, 23] == 40
    assert found.counts.sum() == 120


def test_too_few_undisturbed_ones_are_taken_together_with_the_others():
    found = staffing.observe(opened(weekly()), Scope())
    assert (len(found.handling), found.undisturbed) == (40, False)
    with pytest.raises(StaffingError, match="20"):
        staffing.observe(opened(weekly(10)), Scope())


def test_hours_are_those_of_the_scopes_months():
    data = opened(weekly())
    whole = staffing.observe(data, Scope())
    assert whole.hours[0, 12] == 26  # Mondays from 1 January to 30 June
    assert whole.per_week == pytest.approx(60 / 26, rel=0.02)
    longer = opened(weekly(40), as_of="2024-12-31")
    part = staffing.observe(longer, Scope(first_month="2024-02", last_month="2024-09"))
    assert part.hours.sum() == (29 + 31 + 30 + 31 + 30 + 31 + 31 + 30) * 24


def test_a_petition_without_a_time_of_day_counts_but_in_no_hour():
    dated = pd.DataFrame(
        {"case_id": [f"D{i}" for i in range(6)], "reported_at": "2024-03-04", "courtyard": "1号院"}
    )
    frame = weekly().astype({"reported_at": object})
    frame["reported_at"] = frame["reported_at"].map(lambda t: t.isoformat())
    found = staffing.observe(opened(pd.concat([frame, dated], ignore_index=True)), Scope())
    assert found.counts.sum() == 60
    assert found.untimed == pytest.approx(66 / 60)


def test_no_petition_holds_anybody_longer_than_two_hours():
    late = weekly(40).assign(planned_at="2024-12-30 08:00")
    found = staffing.observe(opened(late, as_of="2024-12-31"), Scope())
    assert found.handling["occupied"].max() == 2 * HOUR


def test_a_clock_on_working_hours_is_not_simulated():
    clocks = tuple(
        type(c)(c.name, c.end, c.limit, calendar="office") if c.name == "response" else c
        for c in POLICY.clocks
    )
    rules = type(POLICY)(**{**vars(POLICY), "clocks": clocks})
    with pytest.raises(StaffingError, match="响应"):
        staffing.observe(opened(weekly(), rules), Scope())


def test_every_assumption_is_said():
    said = staffing.assumptions()
    assert len(said) == len(staffing.ASSUMPTIONS)
    assert not any("{" in text for text in said)
