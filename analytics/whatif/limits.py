"""The same petitions under another limit: measured again, with everything a limit does not touch kept."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pandas as pd

from analytics import clocks, frame, links, rollup
from analytics.calendars import build as build_calendar
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.policy import Limit, Policy
from analytics.review import keep_launches
from analytics.vocabulary import COLOUR_LABELS
from analytics.whatif.scenario import LIMITED_COLOURS, Scenario, ScenarioError


def changed_policy(policy: Policy, scenario: Scenario) -> Policy:
    """The policy that the scenario supposes; raises :class:`ScenarioError` where that is no policy."""
    for clock, iso in scenario.limits:
        policy = policy.with_limit(clock, iso)
    calendars = dict(scenario.calendars)
    known = dict(policy.calendars)
    for name in filter(None, calendars.values()):
        if name not in known:
            raise ScenarioError(
                _("口径文件里没有叫「{name}」的日历，有的是：{known}。").format(
                    name=name, known=_("、").join(known) or _("（空）")
                )
            )
    moved = tuple(
        replace(clock, calendar=calendars[clock.name] or None) if clock.name in calendars else clock
        for clock in policy.clocks
    )
    coloured = {**dict(policy.colour_limits), **{c: Limit.parse(iso) for c, iso in scenario.colour_limits}}
    _check_order(coloured)
    return replace(policy, clocks=moved, colour_limits=tuple(coloured.items()))


def _check_order(limits: dict[str, Limit]) -> None:
    """Green ends before yellow ends before red; a month is taken as 28 to 31 days."""
    for lower, upper in pairwise(LIMITED_COLOURS):
        if _length(limits[lower], 28) > _length(limits[upper], 31):
            raise ScenarioError(
                _("{lower}的时限（{first}）比{upper}的（{second}）还长，分不出颜色。").format(
                    lower=_(COLOUR_LABELS[lower]), first=limits[lower].words,
                    upper=_(COLOUR_LABELS[upper]), second=limits[upper].words,
                )
            )  # fmt: skip


def _length(limit: Limit, month: int) -> int:
    return (limit.months * month + limit.days) * 86_400 + limit.seconds


def measured_again(dataset: Dataset, policy: Policy) -> Dataset:
    """``dataset`` under ``policy``, equal to measuring the records anew at the same moment.

    The clocked rows are already masked as known at as-of, so the records themselves are not needed; what
    comes back does not depend on a limit, progress owed does only on those of the colours. Rows keep their
    positions.
    """
    fresh = clock_rows(dataset.rows, dataset.as_of, policy)
    kept: dict[str, Any] = {n: dataset.rows[n].array for n in dataset.rows.columns if n not in fresh.columns}
    if policy.colour_limits != dataset.policy.colour_limits:
        kept |= links.feedback(fresh, dataset.progress, policy)
    linked = fresh.assign(**kept)
    linked.attrs = dict(fresh.attrs)
    warnings = tuple(dict.fromkeys((*dataset.warnings, *_uncovered_years(fresh, policy))))
    again = replace(dataset, policy=policy, rollup=rollup.build(linked), warnings=warnings)
    keep_launches(dataset, again)
    return again


def clock_rows(rows: pd.DataFrame, as_of: pd.Timestamp, policy: Policy) -> pd.DataFrame:
    """Already clocked rows, clocked once more under another policy; without what ties rows together."""
    return clocks.measure(rows[list(_typed_columns())], as_of, policy)


@cache
def _typed_columns() -> tuple[str, ...]:
    """What a row is before it is clocked."""
    nothing = pd.DataFrame({"case_id": [], "reported_at": pd.to_datetime([])})
    return tuple(frame.typed(nothing).columns)


def _uncovered_years(rows: pd.DataFrame, policy: Policy) -> list[str]:
    used = {clock.calendar for clock in policy.clocks if clock.calendar}
    years = clocks.calendar_years(rows["reported"].to_numpy())
    rules = dict(policy.calendars)
    return [warning for name in sorted(used) for warning in build_calendar(rules[name], years)[1]]
