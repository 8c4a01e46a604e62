"""Everything one month's report is made from, measured once: the month, what came before, and what is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import pandas as pd

from analytics import breakdown, cases, complaints, unfinished
from analytics.dataset import Dataset, event_months
from analytics.evaluation import control_limits, fair_comparison
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.intervals import Ratio, rate_ratio_exact
from analytics.present import wording
from analytics.review import Review, review
from analytics.scope import Scope, month_number, month_text
from analytics.unfinished import Unfinished

#: Reads what residents wrote: case ids → texts. The dataset itself holds no free text.
Texts = Callable[[Sequence[str]], Mapping[str, str]]

#: Parts of the day by the hour of the report, first hour included, last not.
PERIODS: Final = (
    (0, 8, mark("夜间（0–8 时）")),
    (8, 12, mark("上午（8–12 时）")),
    (12, 18, mark("下午（12–18 时）")),
    (18, 24, mark("晚上（18–24 时）")),
)


class ContentError(ValueError):
    """A report that cannot be made; the message says why in one sentence."""


@dataclass(frozen=True)
class Group:
    """One handler, category, part of the day or place: hits, due, and its band (None: nothing to compare).

    ``is_known``: whether anything due was written down; if not, the hits are no rate.
    """

    key: str
    hits: int
    due: int
    is_known: bool
    band: str | None


@dataclass(frozen=True, eq=False)
class Gathered:
    """The results for ``month`` (and the months before it) of the places and values in ``scope``."""

    dataset: Dataset
    scope: Scope
    month: str
    texts: Texts | None = None
    sample: bool = False
    review: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "review", review(self.dataset, self.scope))

    @property
    def policy(self) -> Any:
        """The limits and targets in force."""
        return self.dataset.policy

    @property
    def number(self) -> int:
        """The month, in months since year 0."""
        return month_number(self.month)

    @property
    def petitions(self) -> int:
        """How many petitions the month has."""
        return int(self.review["counts"]["petitions"])

    @property
    def is_over(self) -> bool:
        """Whether the whole month lies before as-of."""
        return bool(self.dataset.as_of >= _begin(self.number + 1))

    @property
    def is_covered(self) -> bool:
        """Whether the records reach back to this month (a month before them is unknown, not empty)."""
        known = self.dataset.rollup.months
        return bool(known) and known[0] <= self.month

    def absence(self) -> str:
        """Why the month has no petition: there was none, or the records do not reach it."""
        known = self.dataset.rollup.months
        name = wording.month(self.month)
        if not known:
            return _("还没有导入诉求记录，{month}情况不明。").format(month=name)
        if not self.is_covered:
            text = _("已导入的记录从{first}开始，{month}情况不明。")
            return text.format(first=wording.month(known[0]), month=name)
        if self.month > known[-1]:
            text = _("{month}没有诉求记录；最后一件诉求在{last}，请核对该月的记录是否已经导入。")
            return text.format(month=name, last=wording.month(known[-1]))
        return _("{month}没有诉求。").format(month=name)

    @cached_property
    def until(self) -> Scope:
        """The same choices, all months up to this one."""
        return replace(self.scope, first_month=None)

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        """Months without gaps up to this one, as the review has them."""
        months: list[dict[str, Any]] = Review(self.dataset, self.until)["months"]
        return months

    @cached_property
    def before(self) -> dict[str, Any] | None:
        """The month before this one, or None where the records do not reach back to it."""
        return next((row for row in self.history if row["month"] == month_text(self.number - 1)), None)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The month's clocked petitions."""
        return self.dataset.rows[self.dataset.rollup.mask(self.scope)]

    @cached_property
    def open_rows(self) -> pd.DataFrame:
        """All petitions reported up to this month and still open, red and grey progress reports included."""
        return self.dataset.rows.iloc[cases.select(self.dataset, self.until, {"flag": "is_open"})]

    @cached_property
    def unfinished(self) -> dict[str, Unfinished | None]:
        """Whether the last months up to this one look as if records were still missing, by channel."""
        return unfinished.channels(self.dataset, replace(self.scope, first_month=None, last_month=self.month))

    @cached_property
    def complaint_series(self) -> pd.DataFrame:
        """Complaints by month of the scope's places, up to this month; index months since year 0."""
        series = complaints.by_month(complaints.in_scope(self.dataset.complaints, self.scope))
        return series[series.index <= self.number] if len(series) else series

    def change(self) -> Ratio | None:
        """This month's petitions a day against the month before, with its exact interval; None: cannot."""
        if self.before is None or not self.is_over:
            return None
        days = [(_begin(n + 1) - _begin(n)).days for n in (self.number, self.number - 1)]
        return rate_ratio_exact(self.petitions, self.before["petitions"], *days)

    def volume(self) -> tuple[str, int] | None:
        """Petitions a day against the months before: signal (outside, run, none) and its side; None: too few."""
        if not self._can_judge() or len(self.history) < control_limits.MIN_POINTS:
            return None
        numbers = [month_number(row["month"]) for row in self.history]
        days = [(_begin(n + 1) - _begin(n)).days for n in numbers]
        daily = [row["petitions"] / d for row, d in zip(self.history, days, strict=True)]
        last = control_limits.xmr(daily).iloc[-1]
        for signal in ("outside", "run"):
            if last[signal]:
                return signal, int(last[signal])
        return "none", 0

    def trend(self, measure: str) -> str | None:
        """A rate against the months before: improve, worse, none, or None (cannot tell, or under 12 months)."""
        if not self._can_judge() or self.history[-1][f"{measure}_rate"] is None:
            return None
        events = event_months(self.dataset, self.scope)
        word: str | None = breakdown.trend(self.history, measure, self.dataset.as_of, events=events)["word"]
        return word

    def groups(self, axis: str, measure: str) -> list[Group]:
        """The month's rate of every value of ``axis`` (handler, category, period), blank left out of bands."""
        if axis == "period":
            found = breakdown.rates_by_hour(self.dataset, self.scope, measure, [p[0] for p in PERIODS])
            return banded(
                [{**row, "key": _(label)} for row, (*_hours, label) in zip(found, PERIODS, strict=True)]
            )
        return banded(breakdown.rates_by(self.dataset, self.scope, axis, measure))

    def _can_judge(self) -> bool:
        """Whether this month is over and the last one of the records so far."""
        return self.is_over and bool(self.history) and self.history[-1]["month"] == self.month

    @cached_property
    def places_of_the_year(self) -> list[Group]:
        """The response clock of every named place over the last twelve months, to see what a month cannot."""
        year = replace(self.scope, first_month=month_text(self.number - 11))
        rows = breakdown.rates_by(self.dataset, year, "place", "response")
        return banded([row for row in rows if not row["key"].endswith("/")])

    @property
    def adjustment(self) -> str | None:
        """Whether the limits between places were widened; a key of fair_comparison.ADJUSTMENT_LABELS."""
        rows = [
            row for row in self.review["courtyards"] if row["courtyard"] and row["response_rate"] is not None
        ]
        if not rows:
            return None
        met, due = (
            pd.Series([row[f"response_{part}"] for row in rows], dtype=float) for part in ("met", "due")
        )
        return str(fair_comparison.funnel(met, due)["adjustment"].iloc[0])


def gather(
    dataset: Dataset,
    month: str,
    scope: Scope | None = None,
    *,
    texts: Texts | None = None,
    sample: bool = False,
) -> Gathered:
    """Measure ``month`` ("YYYY-MM") for ``scope``, whose own months do not count.

    Raises :class:`ContentError` for a month that has not begun by as-of, ScopeError for no month at all.
    """
    number = month_number(month)
    if _begin(number) > dataset.as_of:
        message = _("{month} 还没有开始（截至 {as_of:%Y-%m-%d %H:%M}），没有可报告的。")
        raise ContentError(message.format(month=month, as_of=dataset.as_of))
    only = replace(scope or Scope(), first_month=month, last_month=month)
    return Gathered(dataset, only, month, texts, sample)


def banded(rows: Sequence[Mapping[str, Any]]) -> list[Group]:
    """Groups of rows with key, hits, due and rate, with their bands around the overall rate.

    A blank key ("") has no band, nor has an unknown rate.
    """
    named = [row for row in rows if row["key"] and row["rate"] is not None]
    hits, due = (pd.Series([row[name] for row in named], dtype=float) for name in ("hits", "due"))
    bands: dict[str, str | None] = {}
    if len(named) > 1:
        codes = fair_comparison.funnel(hits, due)["band"]
        bands = {
            row["key"]: None if pd.isna(code) else str(code) for row, code in zip(named, codes, strict=True)
        }
    return [
        Group(row["key"], row["hits"], row["due"], row["rate"] is not None, bands.get(row["key"]))
        for row in rows
    ]


def _begin(number: int) -> pd.Timestamp:
    return pd.Timestamp(year=number // 12, month=number % 12 + 1, day=1)
