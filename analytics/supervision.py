"""督办: what is overdue or due at as-of, one row per thing to do, and which petitions change colour next.

A petition may stand here several times, once for each thing owed. One whose outcome is unknown (closed
without a time, or before it was reported) does not stand here: nobody can say what is still owed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics import narrowing as narrowings
from analytics.clocks import limit_lag
from analytics.dataset import Dataset
from analytics.frame import BIT, DAY, LAGS, NA, epoch
from analytics.i18n import mark
from analytics.policy import Clock
from analytics.privacy import mask_text
from analytics.scope import Scope
from analytics.vocabulary import COLOURS, MILESTONES, OUTCOMES

#: What is due within this many seconds is listed: the coming week.
AHEAD: Final = 7 * DAY
#: A closed petition's missing follow-up is chased for this long after it fell due; it stays in 回访率 for good.
CHASED: Final = 30 * DAY
#: A petition that came back is listed while the new one is open, and at least this long after its report.
FRESH: Final = 7 * DAY
#: Handed on more often than this.
MANY_HANDOVERS: Final = 2

#: Code and name of every kind, in the order in which kinds due at the same moment stand.
KINDS: Final = {
    "clock_running": mark("时限将到"),
    "clock_missed": mark("时限已过，尚未登记"),
    "resolution_overdue": mark("办理超期"),
    "feedback_overdue": mark("进度反馈超期"),
    "follow_up_overdue": mark("回访超期"),
    "resolution_due_week": mark("7 天内到期"),
    "feedback_due": mark("进度反馈将到期"),
    "follow_up_due": mark("回访将到期"),
    "colour_change": mark("将变颜色"),
    "reopened": mark("办结后重开"),
    "repeated": mark("办结后重复诉求"),
    "handed_on": mark("转办超过 2 次"),
}
_ORDER: Final = {kind: position for position, kind in enumerate(KINDS)}
_MINUTE_CLOCKS: Final = ("response", "arrival", "plan")
_UNKNOWN: Final = OUTCOMES.index("unknown")
_OPEN: Final = OUTCOMES.index("open_green")
#: A moment that does not exist; as datetime64 it is NaT.
_NEVER: Final = np.iinfo(np.int64).min


_EVERYTHING: Final[narrowings.Narrowing] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class _Found:
    """Things to do of one kind: positions in the rows, moments in seconds (:data:`_NEVER` = none)."""

    kind: str
    rows: np.ndarray
    due: np.ndarray
    clock: str = ""
    since: np.ndarray | None = None
    other: np.ndarray | None = None
    next_colour: np.ndarray | None = None


class _Watch:
    """The rows of a dataset as arrays, and which of them a scope looks at."""

    def __init__(self, dataset: Dataset, scope: Scope, narrowing: narrowings.Narrowing = _EVERYTHING) -> None:
        self.frame, self.policy, self.now = dataset.rows, dataset.policy, epoch(dataset.as_of)
        self.outcome = self.frame["outcome"].cat.codes.to_numpy()
        inside = dataset.rollup.mask(scope) & narrowings.mask(self.frame, narrowing)
        self.watched = inside & (self.outcome != _UNKNOWN)
        self.open = self.watched & self["is_open"]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.frame[name].to_numpy()

    @cached_property
    def reported(self) -> np.ndarray:
        """Seconds of China time since 1970."""
        return self["reported"]

    @cached_property
    def open_rows(self) -> np.ndarray:
        """Positions of the open ones: few, so that what is asked of them alone is answered fast."""
        return np.flatnonzero(self.open)

    def is_state(self, column: str, state: str, rows: np.ndarray) -> np.ndarray:
        """At which of ``rows`` a categorical column says ``state``."""
        states = self.frame[column].cat
        return states.codes.to_numpy()[rows] == states.categories.get_loc(state)

    def blank(self, milestone: str, rows: np.ndarray) -> np.ndarray:
        """At which of ``rows`` a milestone has not been recorded."""
        return self[LAGS[milestone]][rows] == NA

    def dated(self, name: str, rows: np.ndarray) -> np.ndarray:
        """At which of ``rows`` a time is a date without a time of day."""
        return self["date_only"][rows] & np.int32(BIT[name]) != 0

    def after(self, lag: str, rows: np.ndarray) -> np.ndarray:
        """The moment of a lag, in seconds; :data:`_NEVER` where the lag is blank."""
        seconds = self[lag][rows].astype(np.int64)
        return np.where(seconds == NA, _NEVER, self.reported[rows] + seconds)


def items(dataset: Dataset, scope: Scope, narrowing: narrowings.Narrowing = _EVERYTHING) -> pd.DataFrame:
    """Everything owed or noteworthy in ``scope``, most urgent first: the longest overdue, then the soonest due.

    ``narrowing``: only of the petitions that meet it.

    One row per thing to do; what has no due moment (reopened, repeated, handed on) comes last. Columns:
    ``kind`` (of :data:`KINDS`), ``clock`` (its name, or ""), ``case_id``, ``place``, ``category``,
    ``handler``, ``due`` (datetime64[s], NaT = none), ``overdue_seconds`` (Int64; negative = time left),
    ``colour`` (reached by age, or closed with), ``next_colour`` (colour_change only), ``promised`` (the due
    moment is a promise), ``since`` (when it was reopened or came back), ``last_report`` (last progress
    report), ``other`` (id of the petition that repeats it), ``reported_at``, ``row`` (position in the rows).
    """
    watch = _Watch(dataset, scope, narrowing)
    turning = _turns(watch)
    soon = turning.due <= watch.now + AHEAD
    found = [
        *_clocks(watch),
        *_resolution(watch),
        *_feedback(watch),
        *_follow_up(watch),
        _kept(turning, soon),
        *_came_back(watch),
        _handed_on(watch),
    ]
    return _sorted(_table(watch, found))


def colour_changes(dataset: Dataset, scope: Scope) -> pd.DataFrame:
    """Every open petition that is not grey yet: ``next_colour`` and ``due``, the last second of its present one.

    Columns as in :func:`items`, soonest first, however far ahead.
    """
    watch = _Watch(dataset, scope)
    return _sorted(_table(watch, [_turns(watch)]))


def summary(found: pd.DataFrame) -> dict[str, int]:
    """How many of each kind, in the order of :data:`KINDS`; kinds without any are 0."""
    counts = np.bincount(found["kind"].cat.codes.to_numpy(), minlength=len(KINDS))
    return dict(zip(KINDS, counts.tolist(), strict=True))


def by_handler(found: pd.DataFrame) -> pd.DataFrame:
    """Counts per handler (rows; blank: "") and kind (columns: all of :data:`KINDS`), most to do first."""
    handler = found["handler"].astype(object).where(found["handler"].notna(), "")
    counts = pd.crosstab(handler, found["kind"].astype(object)).reindex(columns=list(KINDS), fill_value=0)
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    return counts.loc[order].rename_axis(index="handler", columns="kind")


def first_of_each_handler(found: pd.DataFrame, most: int) -> pd.DataFrame:
    """The first ``most`` rows of each handler (a blank one too), in the order given."""
    return found[(found.groupby("handler", observed=True, dropna=False).cumcount() < most).to_numpy()]


def last_notes(dataset: Dataset, case_ids: Sequence[str]) -> dict[str, str]:
    """What each petition's last progress report by as-of said, numbers of people masked; none: no entry."""
    told = dataset.progress
    if "note" not in told:
        return {}
    told = told[
        told["case_id"].isin(case_ids) & (told["reported_at"] <= dataset.as_of) & told["note"].notna()
    ]
    last = told.sort_values("reported_at", kind="stable").drop_duplicates("case_id", keep="last")
    notes = zip(last["case_id"], last["note"], strict=True)
    return {str(case): mask_text(str(note)) or "" for case, note in notes}


def as_dict(dataset: Dataset, scope: Scope, found: pd.DataFrame) -> dict[str, Any]:
    """:func:`items` as the contract of ``supervise --json`` has it; what is unknown or does not apply is None."""
    places = [key.partition("/") for key in found["place"].astype(str)]
    columns: dict[str, list[Any]] = {
        "kind": found["kind"].tolist(),
        "case_id": found["case_id"].tolist(),
        "courtyard": [courtyard for _community, _sep, courtyard in places],
        "handler": _plain(found["handler"]),
        "due": _iso(found["due"]),
        "overdue_seconds": _plain(found["overdue_seconds"]),
        "community": [community for community, _sep, _courtyard in places],
        "category": _plain(found["category"]),
        "clock": [clock or None for clock in found["clock"]],
        "colour": _plain(found["colour"]),
        "next_colour": _plain(found["next_colour"]),
        "promised": found["promised"].tolist(),
        "since": _iso(found["since"]),
        "last_report": _iso(found["last_report"]),
        "repeated_by": _plain(found["other"]),
    }
    records = zip(*columns.values(), strict=True)
    return {
        "as_of": f"{dataset.as_of.isoformat()}+08:00",
        "scope": scope.to_dict(),
        "counts": summary(found),
        "open_by_age": open_by_age(dataset, scope),
        "items": [dict(zip(columns, record, strict=True)) for record in records],
    }


def _clocks(watch: _Watch) -> Iterator[_Found]:
    """Minute clocks of open petitions on which nothing, and nothing later, is recorded."""
    for name in _MINUTE_CLOCKS:
        clock = watch.policy.clock(name)
        rows = watch.open_rows[_waiting(watch, clock, watch.open_rows)]
        for kind, state in (("clock_running", "pending"), ("clock_missed", "missed")):
            yield _clock(watch, kind, clock, rows[watch.is_state(f"{name}_state", state, rows)])


def _waiting(watch: _Watch, clock: Clock, rows: np.ndarray) -> np.ndarray:
    """At which of ``rows`` nothing is recorded though it could be, nothing later either, and the clock has begun."""
    waiting = watch["recorded"][rows] & np.int32(BIT[clock.end]) != 0
    for milestone in MILESTONES[MILESTONES.index(clock.end) :]:
        waiting &= watch.blank(milestone, rows)
    if clock.start != "reported_at":
        waiting &= ~watch.blank(clock.start, rows)
    return waiting


def _clock(watch: _Watch, kind: str, clock: Clock, rows: np.ndarray) -> _Found:
    return _Found(kind, rows, watch.after(f"{clock.name}_due", rows), clock.name)


def _resolution(watch: _Watch) -> Iterator[_Found]:
    """Open petitions with a deadline, promised or by expected colour."""
    yield from _due_or_overdue(
        watch, "resolution_due", "resolution_due_week", "resolution_overdue", watch.open_rows
    )


def _feedback(watch: _Watch) -> Iterator[_Found]:
    """Progress reports owed to the residents of red and grey petitions."""
    yield from _due_or_overdue(watch, "feedback_due", "feedback_due", "feedback_overdue", watch.open_rows)


def _follow_up(watch: _Watch) -> Iterator[_Found]:
    """Follow-ups not made; of closed petitions only those not long forgotten."""
    clock = watch.policy.clock("follow_up")
    rows = np.flatnonzero(watch.watched & (watch[LAGS[clock.end]] == NA))
    rows = rows[_waiting(watch, clock, rows) & ~watch.is_state("follow_up_state", "invalid", rows)]
    for found in _due_or_overdue(watch, "follow_up_due", "follow_up_due", "follow_up_overdue", rows):
        chased = watch.open[found.rows] | (found.due >= watch.now - CHASED)
        yield _kept(found, chased)


def _due_or_overdue(
    watch: _Watch, lag: str, due_kind: str, overdue_kind: str, rows: np.ndarray
) -> Iterator[_Found]:
    rows = rows[watch[lag][rows] != NA]
    due = watch.after(lag, rows)
    overdue = watch.now > due
    clock = "follow_up" if lag == "follow_up_due" else ""
    yield _kept(_Found(due_kind, rows, due, clock), ~overdue & (due <= watch.now + AHEAD))
    yield _kept(_Found(overdue_kind, rows, due, clock), overdue)


def _turns(watch: _Watch) -> _Found:
    """Open green, yellow and red petitions with the last moment of their colour and the one that follows."""
    reached = watch.outcome.astype(np.int16) - _OPEN
    rows = np.flatnonzero(watch.open & (reached >= 0) & (reached < len(COLOURS) - 1))
    reported, colour = watch.reported[rows], reached[rows]
    due = np.full(len(rows), _NEVER)
    for code, name in enumerate(COLOURS[:-1]):
        turns = reported + limit_lag(watch.policy.colour_limit(name), reported)
        due = np.where(colour == code, turns, due)
    # A report without a time of day keeps its colour to the end of the last day.
    due = due + np.where(watch.dated("reported_at", rows), DAY - 1, 0)
    return _Found("colour_change", rows, due, next_colour=colour + 1)


def _came_back(watch: _Watch) -> Iterator[_Found]:
    """Closed petitions that were reopened and not closed again, or that a later petition repeats."""
    rows = np.flatnonzero(watch.watched & (watch["reopened_lag"] != NA))
    reopened, resolved = (watch[f"{name}_lag"][rows].astype(np.int64) for name in ("reopened", "resolved"))
    # A date is any moment of its day: reopened on the day of closing counts as reopened after it.
    latest = reopened + np.where(watch.dated("reopened_at", rows), DAY - 1, 0)
    rows = rows[(resolved == NA) | (latest > resolved)]
    since = watch.after("reopened_lag", rows)
    yield _Found("reopened", rows, np.full(len(rows), _NEVER), since=since)
    repeat = watch["repeat_row"]
    rows = np.flatnonzero(watch.watched & (repeat >= 0))
    other = repeat[rows]
    current = watch["is_open"][other] | (watch.reported[other] >= watch.now - FRESH)
    rows, other = rows[current], other[current]
    yield _Found("repeated", rows, np.full(len(rows), _NEVER), since=watch.reported[other], other=other)


def _handed_on(watch: _Watch) -> _Found:
    rows = np.flatnonzero(watch.open & (watch["handovers"] > MANY_HANDOVERS))
    return _Found("handed_on", rows, np.full(len(rows), _NEVER))


def _kept(found: _Found, kept: np.ndarray) -> _Found:
    turned = None if found.next_colour is None else found.next_colour[kept]
    return _Found(found.kind, found.rows[kept], found.due[kept], found.clock, next_colour=turned)


def _table(watch: _Watch, found: Sequence[_Found]) -> pd.DataFrame:
    """The things to do of all kinds as one frame, in no order yet."""
    sizes = [len(part.rows) for part in found]
    rows = np.concatenate([part.rows for part in found])
    due = np.concatenate([part.due for part in found])
    others = _joined([part.other for part in found], sizes, -1)
    frame = watch.frame
    taken = {name: frame[name].array.take(rows) for name in ("case_id", "place", "category", "handler")}
    return pd.DataFrame(
        {
            "kind": _coded([_ORDER[part.kind] for part in found], sizes, list(KINDS)),
            "clock": _coded(
                [("", *_MINUTE_CLOCKS, "follow_up").index(p.clock) for p in found],
                sizes,
                ["", *_MINUTE_CLOCKS, "follow_up"],
            ),
            **taken,
            "due": due.view("datetime64[s]"),
            "overdue_seconds": pd.arrays.IntegerArray(watch.now - due, due == _NEVER),
            "colour": pd.Categorical.from_codes(watch.outcome[rows] % _OPEN, list(COLOURS)),
            "next_colour": pd.Categorical.from_codes(
                _joined([part.next_colour for part in found], sizes, -1), list(COLOURS)
            ),
            "promised": _promised(watch, rows, due),
            "since": _joined([part.since for part in found], sizes, _NEVER).view("datetime64[s]"),
            "last_report": watch.after("feedback_last", rows).view("datetime64[s]"),
            "other": _ids(frame, others),
            "reported_at": watch.reported[rows].view("datetime64[s]"),
            "row": rows,
        }
    )


def _joined(parts: Sequence[np.ndarray | None], sizes: Sequence[int], blank: int) -> np.ndarray:
    filled = [
        np.full(size, blank, dtype=np.int64) if part is None else part.astype(np.int64)
        for part, size in zip(parts, sizes, strict=True)
    ]
    return np.concatenate(filled)


def _coded(codes: Sequence[int], sizes: Sequence[int], names: list[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(np.repeat(np.array(codes, dtype=np.int8), sizes), names)


def _promised(watch: _Watch, rows: np.ndarray, due: np.ndarray) -> np.ndarray:
    """Where the due moment is what a resident was promised."""
    lag = watch["promised_lag"][rows].astype(np.int64)
    promise = watch.reported[rows] + lag + np.where(watch.dated("promised_at", rows), DAY - 1, 0)
    return (lag != NA) & (promise == due)


def _ids(frame: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    ids = np.full(len(rows), None, dtype=object)
    known = rows >= 0
    ids[known] = frame["case_id"].array.take(rows[known])
    return ids


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    """By due moment, what has none last; then by kind, then the one reported first."""
    due = table["due"].to_numpy().view(np.int64)
    last = np.where(due == _NEVER, np.iinfo(np.int64).max, due)
    kind = table["kind"].cat.codes.to_numpy()
    order = np.lexsort((table["row"].to_numpy(), table["reported_at"].to_numpy(), kind, last))
    return table.iloc[order].reset_index(drop=True)


def open_by_age(dataset: Dataset, scope: Scope) -> dict[str, int]:
    """Open petitions by the colour that their age has reached; an unsolvable one is grey."""
    watch = _Watch(dataset, scope)
    counts = np.bincount(watch.outcome[watch.open] % _OPEN, minlength=len(COLOURS))
    return dict(zip(COLOURS, counts.tolist(), strict=True))


def _plain(column: pd.Series) -> list[Any]:
    return column.astype(object).where(column.notna(), None).tolist()


def _iso(column: pd.Series) -> list[str | None]:
    text = np.datetime_as_string(column.to_numpy().astype("datetime64[s]"), unit="s")
    return [None if moment == "NaT" else f"{moment}+08:00" for moment in text.tolist()]
