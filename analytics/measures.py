"""The measure registry: what each indicator is, once, and its values from counted petitions.

Counts are added first and divided last; a measure without a denominator is unknown, never 0 or 100 %.
The registry prints 指标口径.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.intervals import wilson
from analytics.policy import Policy
from analytics.rollup import COUNTERS, EXPECTED, POSITION, Rollup
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS, OUTCOMES

_ALL: Final = tuple(f"{expected}>{outcome}" for expected in EXPECTED for outcome in OUTCOMES)


@dataclass(frozen=True)
class Measure:
    """One indicator: a count, or a rate of two counts.

    ``numerator``, ``denominator``, ``uncertain`` name counters that are added; ``uncertain`` are those in
    the denominator that may have been hits (unrecorded). ``narrowing`` leads to the numerator's petitions,
    ``base`` to the denominator's, ``misses`` to the difference.
    """

    name: str
    label: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    target: str | None = None
    better: str = "up"
    definition: str = ""
    example: str = ""
    unit: str = "%"
    narrowing: Mapping[str, Any] = field(default_factory=dict, hash=False)
    base: Mapping[str, Any] = field(default_factory=dict, hash=False)
    misses: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_rate(self) -> bool:
        """Whether it has a denominator."""
        return bool(self.denominator)

    def titled(self, policy: Policy) -> str:
        """The label in the reader's language, with the limit that ``policy`` sets."""
        return self._with_limit(self.label, policy)

    def explained(self, policy: Policy) -> str:
        """The definition in the reader's language, with the limit that ``policy`` sets."""
        return self._with_limit(self.definition, policy)

    def _with_limit(self, text: str, policy: Policy) -> str:
        limit = policy.clock(self.name).limit.words if self.name in CLOCKS else ""
        return _(text).format(limit=limit)


@dataclass(frozen=True)
class Value:
    """A measured indicator. ``rate``, ``interval`` and ``upper_bound`` are None when unknown."""

    numerator: int
    denominator: int
    uncertain: int
    rate: float | None
    interval: tuple[float, float] | None
    upper_bound: float | None


_CLOCK_TEXT: Final = {
    "response": (
        mark("{limit}响应"),
        mark("上报后 {limit}内响应的诉求 ÷ 响应时限已到的诉求。恰好在时限那一秒算按时。"),
    ),
    "arrival": (
        mark("{limit}到场"),
        mark("上报后 {limit}内到场的诉求 ÷ 到场时限已到的诉求。注明无需到场的不计入。"),
    ),
    "plan": (
        mark("{limit}方案"),
        mark("上报后 {limit}内给出初步方案的诉求 ÷ 方案时限已到的诉求。"),
    ),
    "follow_up": (
        mark("{limit}回访"),
        mark("{limit}内回访的诉求 ÷ 回访时限已到的诉求（按时回访率）。"),
    ),
}


def _clock_measure(clock: str) -> Measure:
    label, definition = _CLOCK_TEXT[clock]
    return Measure(
        name=clock,
        label=label,
        numerator=(f"{clock}_met",),
        denominator=(f"{clock}_met", f"{clock}_missed", f"{clock}_unrecorded"),
        uncertain=(f"{clock}_unrecorded",),
        left_out=(f"{clock}_pending", f"{clock}_exempt", f"{clock}_invalid"),
        target=clock,
        definition=definition,
        example=mark("10 件到期：8 件按时、1 件超时、1 件未记录，按时率 8/10 = 80 %，上限 9/10 = 90 %。"),
        narrowing={"clock": clock, "state": ("met",)},
        base={"clock": clock, "state": ("met", "missed", "unrecorded")},
        misses={"clock": clock, "state": ("missed", "unrecorded")},
    )


REGISTRY: Final[dict[str, Measure]] = {
    m.name: m
    for m in (
        Measure(
            "petitions", mark("受理诉求"), _ALL, unit=mark("件"), better="none",
            definition=mark("统计期内上报、且在截至时间之前的诉求，一件一个编号。网络理政投诉从不加进来。"),
            example=mark("6 月上报 82 件，其中 3 件在截至时间之后上报：计 79 件。"),
        ),
        *(_clock_measure(clock) for clock in CLOCKS),
        Measure(
            "on_time", mark("按期办结率"), ("resolution_met",), ("resolution_met", "resolution_missed"),
            left_out=("resolution_pending", "resolution_invalid", "resolution_no_deadline"),
            target="on_time",
            definition=mark(
                "期限内办结的诉求 ÷ 期限已到或已按期办结的诉求。期限：有承诺时间的用承诺时间，否则上报时间加预期颜色的时限；"
                "到期仍未办结算超期。既无承诺又无预期颜色（或预期为灰）的不计入。"
            ),
            example=mark("12 件：8 件按期、2 件超期办结、1 件超期未办、1 件未到期，按期办结率 8/11。"),
            narrowing={"resolution": ("met",)},
            base={"resolution": ("met", "missed")},
            misses={"resolution": ("missed",)},
        ),
        Measure(
            "resolved", mark("办结率"), ("is_closed",), _ALL, target="resolved",
            definition=mark("截至时间前已办结的诉求 ÷ 统计期内全部诉求。旁边列出未办结件数和已等待的时间。"),
            example=mark("受理 20 件，办结 17 件，办结率 85 %。"),
            narrowing={"flag": ("is_closed",)},
        ),
        Measure(
            "follow_up_share", mark("回访率"), ("followed_up",),
            ("follow_up_met", "follow_up_missed", "follow_up_unrecorded"), uncertain=("follow_up_unrecorded",),
            target="follow_up",
            left_out=("follow_up_pending", "follow_up_invalid"),
            definition=mark("已回访的诉求（不论早晚） ÷ 回访时限已到的诉求。"),
            example=mark("20 件应回访，18 件已回访（其中 2 件晚了），回访率 90 %，按时回访率 80 %。"),
            narrowing={"flag": ("followed_up",)},
            base={"clock": "follow_up", "state": ("met", "missed", "unrecorded")},
        ),
        Measure(
            "satisfaction", mark("满意率"), ("satisfied",), ("rated",), target="satisfaction",
            definition=mark("满意（4–5 分、非常满意、满意、基本满意） ÷ 办结后给出评价的诉求。没有评价不等于满意，旁边列出参评率。"),
            example=mark("办结 20 件，15 件有评价，12 件满意：满意率 12/15，参评率 15/20。"),
            narrowing={"flag": ("rated", "satisfied")},
            base={"flag": ("rated",)},
        ),
        Measure(
            "participation", mark("参评率"), ("rated",), ("is_closed",), better="up",
            definition=mark("办结后给出评价的诉求 ÷ 已办结的诉求。"),
            example=mark("办结 20 件，15 件有评价，参评率 75 %。"),
            narrowing={"flag": ("rated",)},
            base={"flag": ("is_closed",)},
        ),
        Measure(
            "solved", mark("解决率"), ("confirmed",), ("answered",), target="solved",
            definition=mark("回访时居民确认已解决 ÷ 办结后回访且有答复的诉求。与接单主体自报的办结率并列。"),
            example=mark("回访 18 件有答复，居民确认解决 15 件，解决率 15/18。"),
            narrowing={"flag": ("answered", "confirmed")},
            base={"flag": ("answered",)},
        ),
        Measure(
            "repeats", mark("重复诉求率"), ("repeated",), ("repeat_base",), better="down",
            definition=mark(
                "办结后 30 天内，同一院落、楼栋、单元、类别又有诉求（双方上报人都已知时须一致） ÷ "
                "截至时间 30 天以前办结的诉求。地点不全的不计入；在筛选范围之外再次上报也算。"
            ),
            example=mark("30 天前办结 40 件，3 件又被反映，重复诉求率 3/40。"),
            narrowing={"flag": ("repeat_base", "repeated")},
            base={"flag": ("repeat_base",)},
        ),
        Measure(
            "feedback", mark("反馈及时率"), ("feedback_met",), ("feedback_met", "feedback_missed"),
            target="feedback", unit=mark("次"),
            definition=mark(
                "红、灰诉求应向居民定期反馈进度（默认红 14 天、灰 30 天一次）：按时反馈的次数 ÷ 已到期的应反馈次数。"
                "每再过一个间隔没有反馈，再记一次未反馈。"
            ),
            example=mark("一件红色诉求 30 天内应反馈 2 次，第 10 天反馈 1 次：第 14 天那次按时，第 24 天那次未反馈，及时率 1/2。"),
            narrowing={"feedback": ("met",)},
            base={"feedback": ("met", "missed")},
            misses={"feedback": ("missed",)},
        ),
    )
}  # fmt: skip


RATES: Final = tuple(name for name, measure in REGISTRY.items() if measure.is_rate)


_PARTS: Final = ("numerator", "denominator", "uncertain")


def _terms() -> tuple[np.ndarray, ...]:
    """Columns to add for every part of every rate, part by part: so many arrays as the longest sum has terms.

    After the counters stand the petitions and a column of 0, which fills up the shorter sums.
    """
    width = len(COUNTERS)
    sums = [getattr(REGISTRY[name], part) for part in _PARTS for name in RATES]
    columns = [[width] if names == _ALL else [POSITION[name] for name in names] for names in sums]
    return tuple(np.array(terms) for terms in zip_longest(*columns, fillvalue=width + 1))


_TERMS: Final = _terms()


@dataclass(frozen=True, eq=False)
class Rates:
    """Every rate for every row of a table of counters: arrays of shape (rows, len(RATES)), NaN unknown.

    ``lower`` and ``upper``: Wilson, 95 %; ``upper_bound``: had everything unrecorded been a hit, NaN where
    nothing is unrecorded.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    uncertain: np.ndarray
    rate: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    upper_bound: np.ndarray

    @property
    def trials(self) -> np.ndarray:
        """``denominator``, 0 where the rate is unknown."""
        return _trials(self.denominator, self.uncertain)

    def of(self, name: str) -> pd.DataFrame:
        """One rate, a column per field."""
        at = RATES.index(name)
        return pd.DataFrame({part: values[:, at] for part, values in vars(self).items()})

    def first(self, name: str) -> Value:
        """One rate of the first row."""
        at = (0, RATES.index(name))
        known = not np.isnan(self.rate[at])
        bound = self.upper_bound[at]
        return Value(
            numerator=int(self.numerator[at]),
            denominator=int(self.denominator[at]),
            uncertain=int(self.uncertain[at]),
            rate=float(self.rate[at]) if known else None,
            interval=(float(self.lower[at]), float(self.upper[at])) if known else None,
            upper_bound=None if np.isnan(bound) else float(bound),
        )


def _trials(denominator: np.ndarray, uncertain: np.ndarray) -> np.ndarray:
    """When nobody wrote down anything that was due, the rate is unknown, not zero: there is no trial."""
    return np.where(denominator > uncertain, denominator, 0)


def rates(counters: np.ndarray) -> Rates:
    """Every rate of a table of counters, shape (rows, counters): counts are added first, divided last."""
    # Not a matrix product, which would wake the threads of BLAS: they go on spinning for a while.
    wide = np.column_stack([counters, petitions(counters), np.zeros(len(counters), dtype=np.int64)])
    sums = sum(wide.take(columns, axis=1) for columns in _TERMS)
    numerator, denominator, uncertain = np.split(sums, len(_PARTS), axis=1)
    trials = _trials(denominator, uncertain)
    known = trials > 0
    blank = np.full(trials.shape, np.nan)
    rate = np.divide(numerator, trials, out=blank.copy(), where=known)
    lower, upper = wilson(numerator * known, trials)
    bound = np.divide(numerator + uncertain, trials, out=blank, where=known & (uncertain > 0))
    return Rates(numerator, denominator, uncertain, rate, lower, upper, bound)


def petitions(counters: np.ndarray) -> np.ndarray:
    """Number of petitions per row of a table of counters."""
    return counters[..., : len(_ALL)].sum(axis=-1)


def migration(counters: np.ndarray) -> np.ndarray:
    """Petitions by expected colour (rows; the last: not given) and outcome: shape (…, 5, 9)."""
    return counters[..., : len(_ALL)].reshape(*counters.shape[:-1], len(EXPECTED), len(OUTCOMES))


def outcomes(counters: np.ndarray) -> np.ndarray:
    """Petitions by outcome per row of a table of counters: shape (…, 9)."""
    return migration(counters).sum(axis=-2)


class Times(NamedTuple):
    """Recorded times of one clock in seconds; NaN where there is none."""

    recorded: int
    median: float
    p90: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Every indicator of the petitions in one scope."""

    rollup: Rollup = field(repr=False)
    scope: Scope

    @cached_property
    def table(self) -> np.ndarray:
        """Counters by place and month, also of places and months outside the scope, where all are 0."""
        return self.rollup.counts(self.scope)

    @cached_property
    def totals(self) -> np.ndarray:
        """Counters of the whole scope, int64, in the order of :data:`analytics.rollup.COUNTERS`."""
        return self._added[1].sum(axis=0)

    @cached_property
    def rates(self) -> Rates:
        """Every rate of the whole scope, one row."""
        return rates(self.totals[None, :])

    def count(self, counter: str) -> int:
        """One counter of the whole scope."""
        return int(self.totals[POSITION[counter]])

    def value(self, name: str) -> Value:
        """The indicator ``name`` of the whole scope; KeyError when the registry has none."""
        if REGISTRY[name].is_rate:
            return self.rates.first(name)
        return Value(int(petitions(self.totals)), 0, 0, None, None, None)

    @cached_property
    def times(self) -> dict[str, Times]:
        """For each clock: median and 90th percentile of the recorded times, and their number."""
        found = self.rollup.quantiles((0.5, 0.9), self.scope)
        return {
            clock: Times(count, float(half), float(most)) for clock, (count, (half, most)) in found.items()
        }

    def by_month(self) -> tuple[list[str], np.ndarray]:
        """Months of the scope without gaps, and their counters: shape (months, counters)."""
        return self._added[:2]

    def by_place(self) -> tuple[list[str], np.ndarray]:
        """Places of the scope that have a petition, and their counters: shape (places, counters)."""
        keys, counters = self._added[2:]
        some = np.flatnonzero(petitions(counters))
        return [keys[i] for i in some], counters[some]

    @cached_property
    def _added(self) -> tuple[list[str], np.ndarray, list[str], np.ndarray]:
        return self.rollup.added(self.scope)


def evaluate(rollup: Rollup, scope: Scope | None = None) -> Evaluation:
    """The indicators of the petitions in ``scope`` (default: all)."""
    return Evaluation(rollup, scope or Scope())


def columns(counters: np.ndarray) -> dict[str, np.ndarray]:
    """What tables by month, courtyard or handler show, an array each with one entry per row of ``counters``.

    ``petitions``, the four colours (closed), ``open_<colour>``, ``unknown``, ``resolved``, ``open``, and for
    each rate ``<name>_rate``, ``_lower``, ``_upper``, ``_met`` (numerator), ``_due`` (denominator). Show the
    counts as a rate only where the rate is known.
    """
    outcome, found = outcomes(counters), rates(counters)
    shown: dict[str, np.ndarray] = {"petitions": petitions(counters)}
    shown |= {name.removeprefix("closed_"): outcome[:, i] for i, name in enumerate(OUTCOMES)}
    shown |= {"resolved": counters[:, POSITION["is_closed"]], "open": counters[:, POSITION["is_open"]]}
    for at, name in enumerate(RATES):
        shown |= {
            f"{name}_rate": found.rate[:, at],
            f"{name}_lower": found.lower[:, at],
            f"{name}_upper": found.upper[:, at],
            f"{name}_met": found.numerator[:, at],
            f"{name}_due": found.denominator[:, at],
        }
    return shown


def table(labels: list[str], counters: np.ndarray) -> pd.DataFrame:
    """:func:`columns` as a table, one row per label."""
    return pd.DataFrame(columns(counters), index=pd.Index(labels))
