"""The same review by DuckDB, tuned: what turned out fastest of the ways tried is what stands here.

The typed columns are a table in memory with small integer types; the codes of a petition are made once, into a
temporary table, and counted by two packed keys for each axis. (A ``filter`` or a sum per counter, grouping
sets, and one query without the temporary table are all slower.) Both quantiles come from one sorted list.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from analytics.frame import BIT, DAY, NA, add_months, coded, epoch
from analytics.rollup import COUNTERS
from analytics.vocabulary import CLOCKS
from benchmarks.answer import CLOCK_CODE, FLAGS, OTHER_CODE, SHARES, Answer, Span, unpack
from benchmarks.polars_review import ENDS, LIMITS, ORDER

BLANK = int(NA)


class Review:
    """``review`` starts at the typed columns, ``choose`` at the coded petitions."""

    def __init__(self, petitions: pd.DataFrame, as_of: pd.Timestamp) -> None:
        self.span, self.moment = Span.of(petitions), epoch(as_of)
        self.database = duckdb.connect()
        self.database.execute("set threads = 2")
        codes = {name: coded(petitions[name]) for name in ("place", "expected")}
        self._store("petitions", petitions.select_dtypes(["number", "bool"]).assign(**codes))
        days = np.arange(self.span.first_day, self.span.last_day + 1)
        lags = {name: (add_months(days, n) - days) * DAY for name, n in (("yellow", 1), ("red", 6))}
        self._store("days", pd.DataFrame({"day": days, **lags}).astype("int32"))

    def review(self) -> Answer:
        """The whole review from the typed columns."""
        self._code("coded")
        return self._answer("coded")

    def prepare(self) -> None:
        """What is kept between two choices: the coded petitions."""
        self._code("ready")

    def choose(self, places: np.ndarray) -> Answer:
        """The review of some courtyards, by code."""
        self._store("chosen", pd.DataFrame({"place": places.astype("int16")}))
        return self._answer("(from ready semi join chosen using (place))")

    def _store(self, name: str, frame: pd.DataFrame) -> None:
        self.database.register("given", frame)
        self.database.execute(f"create or replace table {name} as select * from given")
        self.database.unregister("given")

    def _code(self, name: str) -> None:
        self.database.execute(f"create or replace temp table {name} as {_query(self.moment)}")

    def _answer(self, source: str) -> Answer:
        tables = [np.zeros((n, len(COUNTERS)), dtype=np.int64) for n in (self.span.months, self.span.places)]
        for table, axis in zip(tables, (f"month - {self.span.first_month}", "place"), strict=True):
            for code, names in (("clocks", CLOCK_CODE), ("others", OTHER_CODE)):
                counted = f"select ({axis})::int8 as row, {code}::int8 as code, count(*) as n from {source} group by all"
                found = self.database.execute(counted).fetchnumpy()
                unpack(
                    table, *(np.asarray(found[key], dtype=np.int64) for key in ("row", "code", "n")), names
                )
        return Answer.of_all(tables[0], tables[1], np.array(self._times(source), dtype=float))

    def _times(self, source: str) -> list[list[float]]:
        shares = list(SHARES)
        wanted = [f"count({c}_seconds), quantile_cont({c}_seconds, {shares})" for c in CLOCKS]
        row = self.database.execute(f"select {', '.join(wanted)} from {source}").fetchall()[0]
        nothing = [np.nan] * len(SHARES)
        return [[row[2 * i], *(row[2 * i + 1] or nothing)] for i in range(len(CLOCKS))]


def _query(moment: int) -> str:
    known = [f"if({n}_lag <= horizon, {n}_lag, {BLANK}) as {n}" for n in ORDER]
    followed = f"(followed_up <> {BLANK})"
    return f"""
with moments as (
  select *, least({moment} - reported, {BLANK - 1})::int as horizon, reported // {DAY} as day,
    (reported % {DAY})::int as second, {_dated("reported")} as dated
  from petitions where reported <= {moment}
), known as (
  select moments.*, yellow, red, {", ".join(known)} from moments join days using (day)
), clocked as (
  select *, {", ".join(_clock(clock) for clock in CLOCKS)}, {_before_report("resolved")} as early,
    if(early, {BLANK}, greatest(resolved, 0)) as closing, closing <> {BLANK} as is_closed,
    (early or closed_untimed) and unsolvable <> 1 as unknown, not is_closed and not unknown as is_open,
    if(dated, {DAY - 1}, 0) as last, least(closing, horizon) - last as age,
    promised_lag::int8 + if({_dated("promised")}, {DAY - 1}, 0) as promise,
    case when promised_lag <> {BLANK} and promise >= 0 then promise
      when expected = 0 then {3 * DAY} + last when expected = 1 then yellow + last
      when expected = 2 then red + last else {BLANK} end as due,
    followed_up::int8 + if({followed} and {_dated("followed_up")}, {DAY - 1}, 0) as latest,
    if(followed_up_lag = {BLANK}, resolved_lag, followed_up_lag) as told,
    is_closed and latest >= closing and told <= horizon as said
  from known
), counted as (
  select *,
    if(expected < 0, 4, expected) * 9 + case when unknown then 8 when unsolvable = 1 then 3
      else (age > {3 * DAY})::int + (age > yellow)::int + (age > red)::int + 4 * is_open::int end as colours,
    case when due = {BLANK} then 4 when is_closed then (closing > due)::int
      when is_open then if(horizon <= due, 2, 1) else 3 end as resolution,
    {followed} and follow_up in (0, 1, 3) as followed_in_time, said and satisfaction > 0 as rated,
    said and satisfaction >= 4 as satisfied, said and confirmed_solved >= 0 as answered,
    said and confirmed_solved = 1 as confirmed
  from clocked
)
select place, month, {", ".join(f"{clock}_seconds" for clock in CLOCKS)},
  {_packed(dict.fromkeys(CLOCKS, 6))}::int2 as clocks,
  {_packed({"colours": 45, "resolution": 5, **dict.fromkeys(_FLAGS, 2)})}::int4 as others
from counted"""


#: The flags by their names in the query, where ``followed_up`` is the milestone.
_FLAGS = tuple("followed_in_time" if flag == "followed_up" else flag for flag in FLAGS)


def _dated(name: str) -> str:
    return f"(date_only & {BIT[f'{name}_at']} <> 0)"


def _before_report(name: str) -> str:
    return f"({name} < 0 and not ({_dated(name)} and second + least({name}, 0) >= 0))"


def _clock(clock: str) -> str:
    """State (met 0, missed 1, pending 2, unrecorded 3, exempt 4, invalid 5) and valid seconds."""
    end, limit = ENDS[clock], LIMITS[clock]
    due = f"({limit} + if(dated, {DAY - 1}, 0))" if clock == "follow_up" else str(limit)
    timeless = f"(dated or ({_dated(end)} and {end} <> {BLANK}))"
    later = [f"{name} <> {BLANK}" for name in ORDER[ORDER.index(end) + 1 :]]
    happened = " or ".join([*later, f"recorded & {BIT[f'{end}_at']} = 0"])
    exempt = "when needs_visit = 0 then 4" if clock == "arrival" else ""
    by_minutes = f"when {timeless} then if(horizon <= {due}, 2, 3)" if clock != "follow_up" else ""
    visited = "and needs_visit <> 0" if clock == "arrival" else ""
    return f"""
    (case {exempt} when {_before_report(end)} then 5 {by_minutes}
      when {end} <> {BLANK} then ({end} > {due})::int1 when horizon <= {due} then 2
      when {happened} then 3 else 1 end)::int1 as {clock},
    if({end} <> {BLANK} and not {timeless} and not {_before_report(end)} {visited}, {end}, null)
      as {clock}_seconds"""


def _packed(widths: dict[str, int]) -> str:
    names = list(widths)
    code = f"{names[0]}::int"
    for name in names[1:]:
        code = f"({code} * {widths[name]} + {name}::int)"
    return code
