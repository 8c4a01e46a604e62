"""What ties rows together: petitions that came back, and progress reports owed while red or grey.

Both look beyond one row, so they are attached over the whole store before anything is counted.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from analytics.clocks import limit_lag
from analytics.frame import NA, coded, epoch
from analytics.policy import Limit, Policy
from analytics.vocabulary import COLOURS

_RED: Final = COLOURS.index("red")
_GREY: Final = COLOURS.index("grey")


def attach(clocked: pd.DataFrame, progress: pd.DataFrame | None, policy: Policy) -> pd.DataFrame:
    """``clocked`` with ``repeat_base``, ``repeated``, ``repeat_row`` and the feedback columns added."""
    linked = clocked.assign(**repeats(clocked, policy), **feedback(clocked, progress, policy))
    linked.attrs = dict(clocked.attrs)
    return linked


def repeats(clocked: pd.DataFrame, policy: Policy) -> dict[str, np.ndarray]:
    """Which closed petitions came back, by the indicator 重复诉求率.

    ``repeat_base``: closed at least the window before as-of, place and category known; ``repeated``: of
    those, followed by a repeat; ``repeat_row``: position of the first repeat in ``clocked``, else -1.
    """
    order, same = _line(clocked)
    asked, closed, lasting = (
        clocked[name].to_numpy().take(order) for name in ("reported", "is_closed", "duration")
    )
    done = asked + lasting
    until = done + _after(policy.repeat_within, done)
    base, row = np.zeros(len(clocked), dtype=bool), np.full(len(clocked), -1, dtype=np.int64)
    base[order] = closed & (until <= epoch(clocked.attrs["as_of"]))
    row[order] = _first_repeat(clocked, order, same, asked, done, np.where(closed, until, done))
    return {"repeat_base": base, "repeated": base & (row >= 0), "repeat_row": row}


def _after(limit: Limit, start: np.ndarray) -> np.ndarray:
    return np.asarray(limit_lag(limit, start), dtype=np.int64)


def _line(clocked: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Petitions of known place and category in one line, those of one group together and in order of time.

    Their rows, and which ones are of the same group as the one before.
    """
    keys = [coded(clocked[name]) for name in ("category", "unit", "building", "place")]
    blank = np.array([key.endswith("/") for key in clocked["place"].cat.categories] + [True], dtype=bool)
    rows = np.flatnonzero(np.all([key >= 0 for key in keys[:3]], axis=0) & ~blank[keys[3]])
    keys = [key[rows] for key in keys]
    reported = clocked["reported"].to_numpy()[rows]
    in_order = bool((reported[1:] >= reported[:-1]).all())
    # Sorting is stable; the codes are small numbers, which are sorted much faster than times.
    line = np.lexsort(keys if in_order else [reported, *keys])
    same = np.zeros(len(line), dtype=bool)
    same[1:] = np.all([key[line[1:]] == key[line[:-1]] for key in keys], axis=0)
    return rows[line], same


def _first_repeat(
    clocked: pd.DataFrame,
    order: np.ndarray,
    same: np.ndarray,
    asked: np.ndarray,
    done: np.ndarray,
    until: np.ndarray,
) -> np.ndarray:
    """For each of the line: the row of the first of its group ``asked`` in (``done``, ``until``], else -1."""
    found = np.full(len(order), -1, dtype=np.int64)
    # Mostly the next one of the group, if there is any, came after the window: that is seen at once.
    next_same = np.append(same[1:], False)
    next_asked = np.append(asked[1:], 0)
    pending = np.flatnonzero(next_same & (next_asked <= until))
    group = np.cumsum(~same)
    at = _later(asked, group, pending, done[pending])
    while len(pending):
        there = np.minimum(at, len(order) - 1)
        within = (at < len(order)) & (group[there] == group[pending]) & (asked[there] <= until[pending])
        pending, at = pending[within], at[within]
        agree = _same_reporter(clocked, order[pending], order[at])
        found[pending[agree]] = order[at[agree]]
        pending, at = pending[~agree], at[~agree] + 1
    return found


def _later(asked: np.ndarray, group: np.ndarray, places: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """For some places of the line, the first place of the same or a later group asked after a moment."""
    if not len(places):
        return places
    # Groups far apart on one axis, so that a single binary search finds "same group, later".
    low = int(asked.min())
    span = max(int(asked.max()), int(moments.max())) - low + 2
    return np.searchsorted(group * span + (asked - low), group[places] * span + (moments - low), side="right")


def _same_reporter(clocked: pd.DataFrame, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Where both reporters are known they must agree: by telephone if both gave one, else by name."""
    phone, name = (clocked[f"{n}_code"].to_numpy() for n in ("phone", "resident"))
    both_phones = (phone[first] >= 0) & (phone[second] >= 0)
    both_names = (name[first] >= 0) & (name[second] >= 0)
    by_name = ~both_names | (name[first] == name[second])
    return np.where(both_phones, phone[first] == phone[second], by_name)


def feedback(clocked: pd.DataFrame, progress: pd.DataFrame | None, policy: Policy) -> dict[str, np.ndarray]:
    """Progress reports owed and made, by the indicator 进度反馈.

    ``feedback_met`` and ``feedback_missed``: obligations that fell due by as-of or closing;
    ``feedback_due``: lag of the next due date of an open petition, or of the oldest one not answered;
    ``feedback_last``: lag of the last report; both :data:`analytics.frame.NA` where there is none.

    The interval is that of the colour at the moment it starts to run: red, or grey once it is grey.
    """
    size = len(clocked)
    met, missed = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
    next_due, last = np.full(size, NA), np.full(size, NA)
    rows, start, grey_from, end = _owed(clocked, policy)
    reports, first, stop = _reports(clocked, rows, progress)
    if len(rows):
        walk = _Walk(
            clocked["reported"].to_numpy()[rows], start, grey_from, end, reports, first, stop, policy
        )
        walk.run()
        met[rows], missed[rows] = walk.met, walk.missed
        is_open = clocked["is_open"].to_numpy()[rows]
        next_due[rows[is_open]] = np.minimum(walk.owed[is_open], int(NA) - 1)
        told = stop > first
        seconds = reports[stop[told] - 1] - clocked["reported"].to_numpy()[rows[told]]
        last[rows[told]] = seconds
    return {"feedback_met": met, "feedback_missed": missed, "feedback_due": next_due, "feedback_last": last}


def _owed(clocked: pd.DataFrame, policy: Policy) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows that ever owe reports; lags from which they do, from which they are grey, and until which."""
    reported = clocked["reported"].to_numpy()
    expected = coded(clocked["expected"])
    unsolvable = clocked["unsolvable"].to_numpy() == 1
    grey_now = unsolvable | (expected == _GREY)
    at_once = grey_now | (expected == _RED)
    end = clocked["duration"].to_numpy()
    known = coded(clocked["outcome"]) < len(clocked["outcome"].cat.categories) - 1
    # Most are closed long before age makes them red: only the others are looked at more closely.
    rows = np.flatnonzero(known & (at_once | (end > policy.colour_limit("yellow").at_least)))
    red_by_age, grey_by_age = (_after(policy.colour_limit(c), reported[rows]) for c in ("yellow", "red"))
    grey_from = np.where(grey_now[rows], 0, grey_by_age)
    start = np.where(at_once[rows], 0, red_by_age)
    owing = start < end[rows]
    return rows[owing], start[owing], grey_from[owing], end[rows[owing]].astype(np.int64)


def _reports(
    clocked: pd.DataFrame, rows: np.ndarray, progress: pd.DataFrame | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moments of the reports, sorted by petition, and the slice of each petition in ``rows``."""
    none = np.zeros(len(rows), dtype=np.int64)
    if progress is None or not len(progress):
        return np.zeros(0, dtype=np.int64), none, none
    moments = progress["reported_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    position = _positions(clocked["case_id"].iloc[rows], progress["case_id"])
    kept = np.flatnonzero((position >= 0) & (moments <= epoch(clocked.attrs["as_of"])))
    kept = kept[np.lexsort((moments[kept], position[kept]))]
    owner = position[kept]
    numbers = np.arange(len(rows))
    return moments[kept], np.searchsorted(owner, numbers, "left"), np.searchsorted(owner, numbers, "right")


def _positions(ids: pd.Series, wanted: pd.Series) -> np.ndarray:
    """Where each of ``wanted`` stands in ``ids``, else -1. (An index would turn all into Python objects.)"""
    codes, _values = pd.factorize(pd.concat([ids, wanted], ignore_index=True))
    position = np.full(int(codes.max(initial=-1)) + 1, -1, dtype=np.int64)
    position[codes[: len(ids)]] = np.arange(len(ids))
    return position[codes[len(ids) :]]


class _Walk:
    """All petitions walk from due date to due date at once; each round moves every unfinished one."""

    def __init__(
        self, reported: np.ndarray, start: np.ndarray, grey_from: np.ndarray, end: np.ndarray,
        reports: np.ndarray, first: np.ndarray, stop: np.ndarray, policy: Policy,
    ) -> None:  # fmt: skip
        self.reported, self.grey_from, self.end = reported, grey_from, end
        self.reports, self.stop, self.policy = reports, stop, policy
        self.base = start.copy()
        self.at = first.copy()
        self.met = np.zeros(len(start), dtype=np.int32)
        self.missed = np.zeros(len(start), dtype=np.int32)
        self.late = np.zeros(len(start), dtype=bool)
        self.owed = np.full(len(start), int(NA), dtype=np.int64)

    def run(self) -> None:
        going = np.arange(len(self.base))
        while len(going):
            going = self._round(going)

    def _round(self, going: np.ndarray) -> np.ndarray:
        due = self.base[going] + self._interval(going)
        report = self._next_report(going)
        told = report <= np.minimum(due, self.end[going])
        late = self.late[going]
        fresh = told & ~late & (due <= self.end[going])
        overdue = ~told & (due < self.end[going])
        self.owed[going] = np.where(late & ~told, self.owed[going], due)
        self.met[going[fresh]] += 1
        self.missed[going[overdue]] += 1
        self.base[going] = np.where(told, report, due)
        self.at[going[told]] += 1
        self.late[going] = overdue | (late & ~told)
        return going[told | overdue]

    def _interval(self, going: np.ndarray) -> np.ndarray:
        red, grey = (dict(self.policy.feedback)[name] for name in ("red", "grey"))
        moment = self.reported[going] + self.base[going]
        is_grey = self.base[going] >= self.grey_from[going]
        return np.where(is_grey, _after(grey, moment), _after(red, moment))

    def _next_report(self, going: np.ndarray) -> np.ndarray:
        """Lag of the next report after the base; reports before it (not yet owed) are passed over."""
        far = np.int64(NA) + 1
        if not len(self.reports):
            return np.full(len(going), far)
        while True:
            at = self.at[going]
            left = at < self.stop[going]
            moment = self.reports[np.minimum(at, len(self.reports) - 1)] - self.reported[going]
            report = np.where(left, moment, far)
            early = left & (report <= self.base[going])
            if not early.any():
                return report
            self.at[going[early]] += 1
