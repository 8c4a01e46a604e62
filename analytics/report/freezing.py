"""Freezing a month as reported, and taking it out again: the same bytes, the same policy, the same moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

import orjson
from pandas import Timestamp
from pandas.tseries.offsets import MonthBegin

from analytics import store
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.policy import CalendarRule, Clock, Limit, Policy
from analytics.report.content import content
from analytics.report.gathered import ContentError, Texts
from analytics.report.public import public_content
from analytics.report.scenarios import NOTHING
from analytics.scope import Scope
from analytics.vocabulary import CLOCKS
from analytics.whatif import Scenario, to_address

#: What a petition's part in the figures rests on: kept for every petition of a frozen month.
KEPT: Final = (
    "place", "category", "channel", "handler", "expected", "outcome", "is_open", "is_closed",
    *(f"{clock}_{part}" for clock in CLOCKS for part in ("state", "seconds")),
    "resolution_state", "duration", "followed_up", "rated", "satisfied", "answered", "confirmed",
    "repeat_base", "repeated", "feedback_met", "feedback_missed", "hour",
)  # fmt: skip


def freeze(
    engine: store.Engine,
    dataset: Dataset,
    month: str,
    scope: Scope,
    *,
    data_version: int,
    texts: Texts,
    changes: Mapping[str, str],
    scenarios: Mapping[str, Scenario] = NOTHING,
    who: str,
    now: Timestamp,
    again: bool = False,
) -> int:
    """Keep ``month`` of ``scope`` as the report says it now, with ``scenarios`` annexed; its version.

    ``dataset`` was read at ``data_version``. Raises ContentError for a month that is not over, StoreError when
    it is frozen already (unless ``again``) or the records have changed meanwhile.
    """
    sample = store.sample_as_of(engine) is not None
    made = content(dataset, month, scope, texts=texts, changes=changes, scenarios=scenarios, sample=sample)
    if dataset.as_of < Timestamp(f"{month}-01") + MonthBegin(1):
        raise ContentError(_("{month} 还没有结束，不能冻结。").format(month=month))
    return store.freeze_month(
        engine,
        month=month,
        scope=scope_key(scope),
        as_of=dataset.as_of,
        policy=policy_text(dataset.policy),
        data_version=data_version,
        content=made.to_json(),
        public=public_content(dataset, month, scope, sample=sample).to_json(),
        petitions=orjson.dumps(snapshot(dataset, month, scope)).decode(),
        edits=orjson.dumps(dict(changes), option=orjson.OPT_SORT_KEYS).decode(),
        scenarios=orjson.dumps({name: to_address(one) for name, one in scenarios.items()}).decode(),
        sample=sample,
        who=who,
        now=now,
        again=again,
    )


def scope_key(scope: Scope) -> str:
    """The choices of a scope but for its months, written one way only."""
    return replace(scope, first_month=None, last_month=None).to_text()


def scope_of(key: str) -> Scope:
    """The scope that :func:`scope_key` wrote."""
    return Scope.from_text(key)


def snapshot(dataset: Dataset, month: str, scope: Scope) -> dict[str, list[Any]]:
    """Case id → the values of :data:`KEPT` of every petition of the month."""
    only = replace(scope, first_month=month, last_month=month)
    rows = dataset.rows[dataset.rollup.mask(only)]
    columns = [rows[name].astype(object).where(rows[name].notna(), None).tolist() for name in KEPT]
    return dict(zip(rows["case_id"].tolist(), map(list, zip(*columns, strict=True)), strict=True))


def policy_text(policy: Policy) -> str:
    """A policy as JSON; :func:`policy_of` reads it back."""
    plain = asdict(policy)
    for clock in plain["clocks"]:
        clock["limit"] = clock["limit"]["iso"]
    for name in ("colour_limits", "feedback"):
        plain[name] = [(key, limit["iso"]) for key, limit in plain[name]]
    plain["repeat_within"] = plain["repeat_within"]["iso"]
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode()


def policy_of(text: str) -> Policy:
    """The policy under which a month was frozen."""
    plain = orjson.loads(text)
    return Policy(
        clocks=tuple(Clock(**{**clock, "limit": Limit.parse(clock["limit"])}) for clock in plain["clocks"]),
        colour_limits=_limits(plain["colour_limits"]),
        feedback=_limits(plain["feedback"]),
        repeat_within=Limit.parse(plain["repeat_within"]),
        targets=tuple((name, value) for name, value in plain["targets"]),
        calendars=tuple((name, _rule(rule)) for name, rule in plain["calendars"]),
    )


def _limits(plain: list[list[str]]) -> tuple[tuple[str, Limit], ...]:
    return tuple((name, Limit.parse(iso)) for name, iso in plain)


def _rule(plain: dict[str, Any]) -> CalendarRule:
    hours = tuple((day, tuple((a, b) for a, b in spans)) for day, spans in plain["hours"])
    return CalendarRule(hours, plain["china_holidays"])
