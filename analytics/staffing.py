"""Staffing what-if: how many would be answered in 5 and reached in 15 minutes with so many people on duty.

A queue is simulated: petitions come at random at the rates observed by weekday and hour, the first free
person on duty takes the next one, and what happens from then on is drawn from what was observed. What this
assumes is :data:`ASSUMPTIONS`; every page that shows a figure of it shows them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heapreplace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.dataset import Dataset
from analytics.frame import NA, epoch
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.policy import Policy
from analytics.scope import Scope, month_number
from analytics.vocabulary import CLOCK_LABELS

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

HOUR: Final = 3600
WEEK: Final = 168 * HOUR
#: A petition holds its person no longer than this, however late the plan was written down.
LONGEST: Final = 2 * HOUR
#: Handled petitions without which nothing can be said about how long handling takes.
ENOUGH: Final = 30
#: Hours (Monday to Friday, from, to) in which somebody surely was on duty when handling was observed.
OBSERVED_HOURS: Final = (9, 17)
#: Simulated petitions of one answer, so that it comes within a second or two.
MOST: Final = 400_000
FEWEST_RUNS: Final = 20

ASSUMPTIONS: Final = (
    mark("诉求按历史上每周各小时的频率随机到来，不考虑节假日、天气和突发事件。"),
    mark("范围内的值班人员是一个组：先报先办，谁先空谁接，不分颜色和院落远近。"),
    mark("每人一次只办一件，从接手到给出方案一直占用（最多按 {hours} 小时计）；之后的办理不占用值班人员。"),
    mark(
        "接手之后多久响应、到场、给方案，取自实际记录：周一至周五 {first}–{last} 时上报、"
        "当时没有别的诉求在办的那些。没有记录时间的不在其中，所以从来没人理的不会因排班而出现。"
    ),
    mark("下班时办完手上的一件，不再接新的；无人值班时上报的，等到下一班。"),
    mark("范围是 95 % 的模拟结果所在，同时含历史数据的偶然和今后几周的偶然。"),
)


class StaffingError(ValueError):
    """The records do not allow a simulation; the message says why."""


@dataclass(frozen=True)
class Shift:
    """``people`` on duty from ``begin`` to ``end`` o'clock; an end not after the begin is on the next day.

    ``weekdays``: Monday 0 … Sunday 6, of the begin.
    """

    begin: int
    end: int
    people: int
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)

    def __post_init__(self) -> None:
        if not (0 <= self.begin <= 23 and 0 <= self.end <= 24 and self.people >= 0):
            raise StaffingError(
                _("班次 {begin}–{end} 时 {people} 人不成立。").format(
                    begin=self.begin, end=self.end, people=self.people
                )
            )


@dataclass(frozen=True, eq=False)
class Demand:
    """What was observed. ``counts``: petitions by weekday and hour, shape (7, 24); ``hours``: how many such
    hours were observed; ``untimed``: factor for petitions whose hour is not known.

    ``handling``: one row per petition, seconds from being taken up: ``response``, ``arrival`` (NaN = no visit
    needed), ``occupied``; ``undisturbed``: whether these are only such as had nothing else in hand.
    """

    counts: Floats = field(repr=False)
    hours: Floats = field(repr=False)
    untimed: float
    handling: pd.DataFrame = field(repr=False)
    undisturbed: bool
    limits: tuple[int, int]

    @property
    def per_week(self) -> float:
        """Petitions expected in a week."""
        return float(_divide(self.counts, self.hours).sum() * self.untimed)


class Share(NamedTuple):
    """A simulated share, with the range in which 95 % of the simulations lie; NaN where nothing came."""

    rate: float
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class Simulation:
    """What so many people would achieve.

    ``response`` and ``arrival``: the two hit rates; ``waited``: share that found nobody free or on duty;
    ``wait_p90``: seconds until taken up, 90th percentile (inf: nobody ever comes); ``occupied``: share of duty
    time spent on petitions; ``misses``: response misses per week by weekday and hour of the report,
    shape (7, 24); ``runs``: simulations of ``weeks`` each.
    """

    response: Share
    arrival: Share
    waited: Share
    wait_p90: float
    occupied: float
    per_week: float
    misses: Floats = field(repr=False)
    runs: int
    weeks: int


def assumptions() -> list[str]:
    """:data:`ASSUMPTIONS` in the reader's language."""
    first, last = OBSERVED_HOURS
    return [_(text).format(hours=LONGEST // HOUR, first=first, last=last) for text in ASSUMPTIONS]


def roster(shifts: Iterable[Shift]) -> Integers:
    """People on duty by weekday and hour, shape (7, 24); shifts that overlap add up."""
    people = np.zeros(168, dtype=np.int64)
    for shift in shifts:
        length = (shift.end - shift.begin) % 24 or 24
        for weekday in shift.weekdays:
            slots = (weekday * 24 + shift.begin + np.arange(length)) % 168
            people[slots] += shift.people
    return people.reshape(7, 24)


def observe(dataset: Dataset, scope: Scope) -> Demand:
    """Arrivals and handling of the petitions in ``scope``; raises :class:`StaffingError` where they say too little."""
    limits = _limits(dataset.policy)
    rows = dataset.rows[dataset.rollup.mask(scope)]
    timed = rows[rows["hour"].to_numpy() >= 0]
    handling, undisturbed = _handling(timed)
    if len(handling) < ENOUGH:
        raise StaffingError(
            _("有响应时间和到场时间的诉求只有 {n} 件，不足 {enough} 件，没法模拟排班。").format(
                n=len(handling), enough=ENOUGH
            )
        )
    slot = timed["weekday"].to_numpy().astype(np.int64) * 24 + timed["hour"].to_numpy()
    return Demand(
        counts=np.bincount(slot, minlength=168).reshape(7, 24).astype(float),
        hours=_hours_observed(dataset, scope),
        untimed=len(rows) / len(timed),
        handling=handling,
        undisturbed=undisturbed,
        limits=limits,
    )


def simulate(
    demand: Demand, people: npt.ArrayLike, weeks: int = 4, runs: int = 200, seed: int = 0
) -> Simulation:
    """Run ``runs`` stretches of ``weeks`` (after one more to settle in) with ``people`` on duty.

    ``people``: whole numbers by weekday and hour, shape (7, 24). The same seed meets every roster with the same
    petitions, so that rosters can be compared. Fewer runs where there are very many petitions.
    """
    duties = _duties(np.asarray(people, dtype=np.int64), weeks + 2)
    wanted = int(MOST / max(1.0, demand.per_week * (weeks + 1)))
    runs = max(min(runs, wanted), min(runs, FEWEST_RUNS))
    found = [_run(demand, duties, weeks, np.random.default_rng([seed, number])) for number in range(runs)]
    on_duty = float(np.asarray(people).sum()) * HOUR * weeks * runs
    petitions = pd.concat(found, keys=range(runs), names=["run", None])
    return _summarised(petitions, runs, weeks, on_duty)


def by_people(
    demand: Demand,
    pattern: npt.ArrayLike,
    numbers: Sequence[int],
    weeks: int = 4,
    runs: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Both hit rates for each number of people on every hour of ``pattern`` (shape (7, 24), 0 or 1).

    Index ``people``; columns ``response``, ``response_lower``, ``response_upper``, ``arrival`` …, ``waited``,
    ``occupied``.
    """
    lines = {}
    for number in numbers:
        found = simulate(demand, np.asarray(pattern) * number, weeks, runs, seed)
        lines[number] = {
            **dict(zip(("response", "response_lower", "response_upper"), found.response, strict=True)),
            **dict(zip(("arrival", "arrival_lower", "arrival_upper"), found.arrival, strict=True)),
            "waited": found.waited.rate,
            "occupied": found.occupied,
        }
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("people")


def take_up(reported: Floats, occupied: Floats, duties: Sequence[tuple[float, float]]) -> Floats:
    """When each petition is taken up: first come, first served, by the first person on duty to be free.

    ``reported``: moments in rising order; ``occupied``: how long each then holds its person; ``duties``: from and
    until when somebody takes up petitions. inf where nobody ever does.
    """
    free = [(float(begin), float(end)) for begin, end in duties if begin < end]
    heapify(free)
    taken = np.full(len(reported), np.inf)
    for i, (moment, length) in enumerate(zip(reported.tolist(), occupied.tolist(), strict=True)):
        while free and max(free[0][0], moment) >= free[0][1]:
            heappop(free)  # off duty before this or any later petition could be taken up
        if not free:
            break
        begin, end = free[0]
        taken[i] = max(begin, moment)
        heapreplace(free, (taken[i] + length, end))
    return taken


def _limits(policy: Policy) -> tuple[int, int]:
    """Both limits in seconds; only clocks that run from the report, round the clock, can be simulated."""
    found = []
    for name in ("response", "arrival"):
        clock = policy.clock(name)
        seconds = clock.limit.fixed_seconds
        if clock.start != "reported_at" or clock.calendar or seconds is None:
            raise StaffingError(
                _("{clock}时限不是从上报起全天计时，没法模拟排班。").format(clock=_(CLOCK_LABELS[name]))
            )
        found.append(seconds)
    return found[0], found[1]


def _hours_observed(dataset: Dataset, scope: Scope) -> Floats:
    """How often each hour of the week lies in the months of the scope, from the first report on to as-of."""
    first = int(dataset.rows["reported"].to_numpy().min())
    begin, end = first, epoch(dataset.as_of)
    if scope.first_month:
        begin = max(begin, _month_begin(month_number(scope.first_month)))
    if scope.last_month:
        end = min(end, _month_begin(month_number(scope.last_month) + 1))
    slots = np.arange(begin // HOUR, -(-end // HOUR))
    thursday = 3 * 24  # 1970-01-01
    return np.bincount((slots + thursday) % 168, minlength=168).reshape(7, 24).astype(float)


def _month_begin(month: int) -> int:
    return int(np.datetime64(month - 1970 * 12, "M").astype("datetime64[s]").astype(np.int64))


def _handling(rows: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """What happened from the report on, where nothing else was in hand; else (too few) of all."""
    rows = rows.iloc[np.argsort(rows["reported"].to_numpy(), kind="stable")]
    response, arrival, plan = (_seconds(rows, name) for name in ("response", "arrival", "plan"))
    exempt = (rows["arrival_state"] == "exempt").to_numpy()
    held = np.minimum(np.fmax.reduce([response, arrival, plan]), LONGEST)
    known = np.isfinite(response) & (np.isfinite(arrival) | exempt)
    reported = rows["reported"].to_numpy().astype(float)
    until = np.maximum.accumulate(np.where(np.isfinite(held), reported + held, -np.inf))
    alone = np.ones(len(rows), dtype=bool)
    alone[1:] = reported[1:] >= until[:-1]
    first, last = OBSERVED_HOURS
    hour = rows["hour"].to_numpy()
    known &= (rows["weekday"].to_numpy() < 5) & (hour >= first) & (hour < last)
    undisturbed = bool((known & alone).sum() >= ENOUGH)
    chosen = known & alone if undisturbed else known
    table = pd.DataFrame({"response": response, "arrival": arrival, "occupied": held})
    return table[chosen].reset_index(drop=True), undisturbed


def _seconds(rows: pd.DataFrame, clock: str) -> Floats:
    seconds = rows[f"{clock}_seconds"].to_numpy()
    return np.where(seconds == NA, np.nan, seconds)


def _duties(people: Integers, weeks: int) -> list[tuple[float, float]]:
    """Stretches of duty, in seconds from the first Monday; one who stays on takes no break."""
    if people.shape != (7, 24) or (people < 0).any():
        raise StaffingError(_("值班人数要按 7 天 24 小时给出，不能是负数。"))
    line = np.tile(people.reshape(168), weeks)
    found: list[tuple[float, float]] = []
    for number in range(1, int(line.max(initial=0)) + 1):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], line >= number, [False]]).astype(np.int8)))
        found += [(begin * HOUR, end * HOUR) for begin, end in edges.reshape(-1, 2).tolist()]
    return found


def _run(
    demand: Demand, duties: list[tuple[float, float]], weeks: int, rng: np.random.Generator
) -> pd.DataFrame:
    """One stretch: petitions after the first week, one row each: slot, wait, response, arrival, occupied.

    Rates and handling are drawn anew from what was observed (a bootstrap), then the petitions from them.
    """
    rates = _divide(rng.poisson(demand.counts), demand.hours).reshape(168) * demand.untimed
    slot = np.repeat(np.arange(168 * (weeks + 1)), rng.poisson(np.tile(rates, weeks + 1)))
    reported = np.sort((slot + rng.random(len(slot))) * HOUR)
    known = rng.integers(0, len(demand.handling), len(demand.handling))
    drawn = demand.handling.to_numpy()[known[rng.integers(0, len(known), len(slot))]]
    response, arrival, occupied = drawn.T
    wait = take_up(reported, occupied, duties) - reported
    table = pd.DataFrame(
        {
            "slot": (reported // HOUR).astype(np.int64) % 168,
            "wait": wait,
            "response": wait + response <= demand.limits[0],
            "arrival": np.where(np.isnan(arrival), np.nan, wait + arrival <= demand.limits[1]),
            "occupied": np.where(np.isfinite(wait), occupied, 0),
        }
    )
    return table[reported >= WEEK]


def _summarised(petitions: pd.DataFrame, runs: int, weeks: int, on_duty: float) -> Simulation:
    missed = petitions["slot"].to_numpy()[~petitions["response"].to_numpy(dtype=bool)]
    wait = petitions["wait"].to_numpy()
    return Simulation(
        response=_share(petitions["response"].astype(float)),
        arrival=_share(petitions["arrival"]),
        waited=_share((petitions["wait"] > 0).astype(float)),
        wait_p90=float(np.quantile(wait, 0.9, method="lower")) if len(wait) else np.nan,
        occupied=float(petitions["occupied"].sum() / on_duty) if on_duty else np.nan,
        per_week=len(petitions) / (runs * weeks),
        misses=np.bincount(missed, minlength=168).reshape(7, 24) / (runs * weeks),
        runs=runs,
        weeks=weeks,
    )


def _share(hits: pd.Series) -> Share:
    by_run = hits.groupby(level="run").mean().dropna()
    if not len(by_run):
        return Share(np.nan, np.nan, np.nan)
    lower, upper = np.quantile(by_run, (0.025, 0.975))
    return Share(float(hits.mean()), float(lower), float(upper))


def _divide(counts: npt.ArrayLike, hours: Floats) -> Floats:
    """Rates per hour; an hour that was never observed has none."""
    return np.divide(counts, hours, out=np.zeros_like(hours), where=hours > 0)
