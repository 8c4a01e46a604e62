"""What ties rows together: petitions that came back, and progress reports owed while red or grey.

Both look beyond one row, so they are attached over the whole store before anything is counted.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from analytics.clocks import limit_lag
from analytics.frame import NA, epoch
from analytics.policy import Policy
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
    reported = clocked["reported"].to_numpy()
    resolved = reported + clocked["duration"].to_numpy()
    window_end = resolved + _after(policy.repeat_within, resolved)
    group = _group(clocked)
    closed = clocked["is_closed"].to_numpy()
    base = closed & (group >= 0) & (window_end <= epoch(clocked.attrs["as_of"]))
    row = np.full(len(clocked), -1, dtype=np.int64)
    candidates = np.flatnonzero(closed & (group >= 0))
    row[candidates] = _first_repeat(clocked, candidates, group, resolved, window_end)
    return {"repeat_base": base, "repeated": base & (row >= 0), "repeat_row": row}


def _after(limit: object, start: np.ndarray) -> np.ndarray:
    return np.asarray(limit_lag(limit, start), dtype=np.int64)  # type: ignore[arg-type]


def _group(clocked: pd.DataFrame) -> np.ndarray:
    """One number per category and exact place; -1 where any part is unknown."""
    group = clocked["place"].cat.codes.to_numpy().astype(np.int64)
    named = np.array([not key.endswith("/") for key in clocked["place"].cat.categories], dtype=bool)
    known = named[group] if len(named) else np.zeros(len(group), dtype=bool)
    for name in ("building", "unit", "category"):
        codes = clocked[name].cat.codes.to_numpy().astype(np.int64)
        known &= codes >= 0
        group = group * (len(clocked[name].cat.categories) + 1) + codes
    return np.where(known, group, -1)


def _first_repeat(
    clocked: pd.DataFrame, rows: np.ndarray, group: np.ndarray, resolved: np.ndarray, window_end: np.ndarray
) -> np.ndarray:
    """Position of the first petition of the same group reported in (resolved, window_end], else -1."""
    reported = clocked["reported"].to_numpy()
    order = np.lexsort((reported, group))
    # Groups far apart on one line, so that a single binary search finds "same group, later".
    _codes, dense = np.unique(group, return_inverse=True)
    low, span = (int(reported.min()), int(window_end[rows].max())) if len(rows) else (0, 0)
    span = max(span, int(reported.max()) if len(reported) else 0) - low + 2
    line = dense[order] * span + (reported[order] - low)
    at = np.searchsorted(line, dense[rows] * span + (resolved[rows] - low), side="right")
    last = np.searchsorted(line, dense[rows] * span + (window_end[rows] - low), side="right")
    found = np.full(len(rows), -1, dtype=np.int64)
    pending = np.flatnonzero(at < last)
    while len(pending):
        candidate = order[at[pending]]
        agree = _same_reporter(clocked, rows[pending], candidate)
        found[pending[agree]] = candidate[agree]
        pending = pending[~agree]
        at[pending] += 1
        pending = pending[at[pending] < last[pending]]
    return found


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
    expected = clocked["expected"].cat.codes.to_numpy()
    unsolvable = clocked["unsolvable"].to_numpy() == 1
    red_by_age = np.broadcast_to(limit_lag(policy.colour_limit("yellow"), reported), reported.shape)
    grey_by_age = np.broadcast_to(limit_lag(policy.colour_limit("red"), reported), reported.shape)
    grey_now = unsolvable | (expected == _GREY)
    grey_from = np.where(grey_now, 0, grey_by_age).astype(np.int64)
    start = np.where(grey_now | (expected == _RED), 0, red_by_age).astype(np.int64)
    end = clocked["duration"].to_numpy().astype(np.int64)
    known = clocked["outcome"].cat.codes.to_numpy() < len(clocked["outcome"].cat.categories) - 1
    rows = np.flatnonzero(known & (start < end))
    return rows, start[rows], grey_from[rows], end[rows]


def _reports(
    clocked: pd.DataFrame, rows: np.ndarray, progress: pd.DataFrame | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moments of the reports, sorted by petition, and the slice of each petition in ``rows``."""
    none = np.zeros(len(rows), dtype=np.int64)
    if progress is None or not len(progress):
        return np.zeros(0, dtype=np.int64), none, none
    moments = progress["reported_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    position = pd.Index(clocked["case_id"].to_numpy()[rows]).get_indexer(progress["case_id"])
    kept = np.flatnonzero((position >= 0) & (moments <= epoch(clocked.attrs["as_of"])))
    kept = kept[np.lexsort((moments[kept], position[kept]))]
    owner = position[kept]
    numbers = np.arange(len(rows))
    return moments[kept], np.searchsorted(owner, numbers, "left"), np.searchsorted(owner, numbers, "right")


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
