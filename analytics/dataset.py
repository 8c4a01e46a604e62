"""Everything known at one moment under one policy: what pages, reports and commands measure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analytics import clocks, complaints, doubles, frame, links, programme, renaming, rollup
from analytics import narrowing as narrowings
from analytics.calendars import build as build_calendar
from analytics.i18n import gettext as _
from analytics.policy import Policy
from analytics.scope import Scope, month_text


@dataclass(frozen=True, eq=False)
class Source:
    """All records, typed, whatever the moment. ``petitions``: :func:`analytics.frame.typed`."""

    petitions: pd.DataFrame = field(repr=False)
    complaints: pd.DataFrame = field(repr=False)
    complaint_months: pd.DataFrame = field(repr=False)
    courtyards: pd.DataFrame = field(repr=False)
    progress: pd.DataFrame = field(repr=False)
    events: pd.DataFrame = field(default_factory=programme.none, repr=False)


@dataclass(frozen=True, eq=False)
class Dataset:
    """One moment: the rollup of petitions with its rows, complaints by month, the registry of places.

    ``complaints``: see :func:`analytics.complaints.monthly`; ``places``: index 「社区/院落」, columns
    ``launch`` (months since year 0, <NA> = not launched), ``households``, ``residents``; ``events``:
    :func:`analytics.programme.known`; ``complaint_times``: :func:`analytics.complaints.dated`.
    """

    as_of: pd.Timestamp
    policy: Policy
    rollup: rollup.Rollup = field(repr=False)
    complaints: pd.DataFrame = field(repr=False)
    places: pd.DataFrame = field(repr=False)
    progress: pd.DataFrame = field(repr=False)
    events: pd.DataFrame = field(repr=False)
    complaint_times: pd.DataFrame = field(repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> pd.DataFrame:
        """The clocked petitions, one row each."""
        return self.rollup.rows

    @cached_property
    def choices(self) -> dict[str, list[str]]:
        """What can be chosen on each axis of a scope, sorted."""
        keys = sorted({*self.rollup.places, *self.places.index, *self.complaints["place"]})
        rows = self.rows
        axes = {
            name: [str(c) for c in rows[name].cat.categories] for name in ("handler", "category", "channel")
        }
        return {
            "communities": sorted({key.partition("/")[0] for key in keys} - {""}),
            "places": keys,
            "months": self.rollup.months,
            "handlers": axes["handler"],
            "categories": axes["category"],
            "channels": axes["channel"],
        }

    @cached_property
    def launches(self) -> dict[str, str]:
        """The month ``"YYYY-MM"`` in which each place that has launched did so."""
        return {str(key): month_text(int(month)) for key, month in self.places["launch"].dropna().items()}


def load(engine: Any) -> Source:
    """Read all records from the store under the names that count (:mod:`analytics.renaming`).

    Residents' names and telephones only become codes. Beside the columns of :func:`analytics.frame.typed` the
    petitions have ``batch`` (the import that wrote them last), ``twin`` (:func:`analytics.doubles.twins`) and
    ``unregistered`` (the courtyard is not in the registry; never where there is no registry).
    """
    from analytics import store

    written = store.courtyards(engine)
    rules = renaming.rules(store.renamings(engine))
    courtyards = renaming.registry(written, rules)
    return Source(
        petitions=_petitions(engine, written, courtyards, rules),
        complaints=renaming.placed(store.complaints(engine), written, rules),
        complaint_months=renaming.complaint_months(store.complaint_months(engine), written, rules),
        courtyards=courtyards,
        progress=store.progress(engine),
        events=renaming.placed(store.events(engine), written, rules),
    )


def _petitions(
    engine: Any, written: pd.DataFrame, courtyards: pd.DataFrame, rules: renaming.Rules
) -> pd.DataFrame:
    from analytics import store
    from analytics.vocabulary import PETITION_COLUMNS

    columns = [c for c in PETITION_COLUMNS if c not in ("content", "follow_up_note")]
    records = store.petitions(engine, columns=[*columns, "batch"])

    def texts(ids: list[str]) -> pd.Series:
        return store.petition_texts(engine, ids, ["content"]).set_index("case_id")["content"]

    typed = frame.typed(renaming.petitions(records, written, rules), courtyards)
    return typed.assign(
        batch=records["batch"].to_numpy().astype("int32"),
        twin=doubles.twins(typed, texts),
        unregistered=_unregistered(typed["place"], courtyards),
    )


def _unregistered(place: pd.Series, courtyards: pd.DataFrame) -> Any:
    registered = {str(key) for key in frame.places(courtyards)} if len(courtyards) else set()
    unknown = [
        bool(registered) and not key.endswith("/") and key not in registered for key in place.cat.categories
    ]
    return np.array([*unknown, False], dtype=bool)[place.cat.codes.to_numpy()]


def at(source: Source, as_of: Any, policy: Policy) -> Dataset:
    """What was known at ``as_of`` (without an offset: China time), measured under ``policy``."""
    moment = frame.china_time(as_of)
    clocked = clocks.measure(source.petitions, moment, policy)
    linked = links.attach(clocked, source.progress, policy)
    table, overlap = complaints.monthly(source.complaints, source.complaint_months, source.courtyards, moment)
    return Dataset(
        as_of=moment,
        policy=policy,
        rollup=rollup.build(linked),
        complaints=table,
        places=_places(source.courtyards),
        progress=source.progress,
        events=programme.known(source.events, source.courtyards, moment),
        complaint_times=complaints.dated(source.complaints, source.courtyards, moment),
        warnings=(
            *_calendar_warnings(source.petitions, policy),
            *_overlap_warning(overlap),
            *_no_progress_warning(source.progress, linked),
        ),
    )


def narrowed(data: Dataset, narrowing: narrowings.Narrowing) -> Dataset:
    """The same moment with only the petitions that meet ``narrowing``; complaints are no petitions and stay.

    A repeat among the others is no longer pointed at (``repeat_row``), though still counted (``repeated``).
    """
    inside = narrowings.mask(data.rows, narrowing)
    kept = data.rollup.of(inside)
    places = np.append(np.where(inside, np.cumsum(inside) - 1, -1), -1).astype(np.int64)
    rows = kept.rows.assign(repeat_row=places[kept.rows["repeat_row"].to_numpy()])
    return replace(data, rollup=replace(kept, rows=rows))


def open(engine: Any, as_of: Any, policy: Policy) -> Dataset:
    """:func:`load` and :func:`at` in one step."""
    return at(load(engine), as_of, policy)


def _places(courtyards: pd.DataFrame) -> pd.DataFrame:
    keys = [str(key) for key in frame.places(courtyards)] if len(courtyards) else []
    launched = courtyards["launched_on"].to_numpy().astype("datetime64[M]")
    launch = pd.array(launched.astype(np.int64) + 1970 * 12, dtype="Int64")
    launch[np.isnat(launched)] = pd.NA
    columns = {"launch": launch, **{n: courtyards[n].to_numpy() for n in ("households", "residents")}}
    return pd.DataFrame(columns, index=pd.Index(keys, name="place"))


def _calendar_warnings(petitions: pd.DataFrame, policy: Policy) -> tuple[str, ...]:
    """Years that a working calendar in use does not cover, said aloud."""
    used = {clock.calendar for clock in policy.clocks if clock.calendar}
    if not used or not len(petitions):
        return ()
    years = clocks.calendar_years(petitions["reported"].to_numpy())
    rules = dict(policy.calendars)
    return tuple(w for name in sorted(used) for w in build_calendar(rules[name], years)[1])


def _overlap_warning(overlap: int) -> tuple[str, ...]:
    if not overlap:
        return ()
    message = _("有 {n} 个院落月份既有逐件投诉又有月度合计，以月度合计为准。")
    return (message.format(n=overlap),)


def _no_progress_warning(progress: pd.DataFrame, linked: pd.DataFrame) -> tuple[str, ...]:
    """No record of any report is not the same as no report made, so a rate of 0 is explained."""
    if len(progress) or not linked["feedback_missed"].any():
        return ()
    return (_("还没有导入任何进度反馈记录，反馈及时率按全部未反馈计算。"),)


def happened(dataset: Dataset, scope: Scope) -> dict[str, Any]:
    """What the trends of a scope are marked with: ``launches`` (place, month) of its places, and ``events``."""
    known = launch_months(dataset, [key for key in dataset.places.index if scope.includes_place(key)])
    return {
        "launches": [{"place": key, "month": month} for key, month in sorted(known.items())],
        "events": programme.of_scope(dataset.events, scope),
    }


def event_months(dataset: Dataset, scope: Scope) -> list[str]:
    """The months in which something happened in a scope, launches included; they may explain a change."""
    found = happened(dataset, scope)
    return sorted({row["month"] for kind in ("launches", "events") for row in found[kind]})


def launch_months(dataset: Dataset, keys: list[str]) -> dict[str, str]:
    """Launch month ``"YYYY-MM"`` of those of ``keys`` that have one."""
    return {key: dataset.launches[key] for key in keys if key in dataset.launches}
