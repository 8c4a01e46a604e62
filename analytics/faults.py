"""Data faults of petitions: what a record cannot mean, or does not say, told apart by kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from analytics.frame import BIT, NA
from analytics.i18n import mark
from analytics.vocabulary import CLOCKS, HANDLERS


def _state(clock: str, state: str) -> Callable[[pd.DataFrame], np.ndarray]:
    return lambda rows: (rows[f"{clock}_state"] == state).to_numpy()


def _zero_seconds(rows: pd.DataFrame) -> np.ndarray:
    return np.any([rows[f"{c}_seconds"].to_numpy() == 0 for c in CLOCKS[:3]], axis=0)


def _closed_within_a_minute(rows: pd.DataFrame) -> np.ndarray:
    dated = rows["date_only"].to_numpy() & (BIT["reported_at"] | BIT["resolved_at"]) != 0
    return rows["is_closed"].to_numpy() & (rows["duration"].to_numpy() < 60) & ~dated


def _early_promise(rows: pd.DataFrame) -> np.ndarray:
    promised = rows["promised_lag"].to_numpy().astype(np.int64)
    dated = rows["date_only"].to_numpy() & BIT["promised_at"] != 0
    return np.where(dated, promised + 86_399, promised) < 0


def _unknown_handler(rows: pd.DataFrame) -> np.ndarray:
    return ~rows["handler"].isin(HANDLERS).to_numpy()


def _noted(column: str, blank: int) -> Callable[[pd.DataFrame], np.ndarray]:
    """What :func:`analytics.dataset.load` found out; rows that do not come from a store know nothing of it."""

    def find_noted(rows: pd.DataFrame) -> np.ndarray:
        return (rows[column] != blank).to_numpy() if column in rows else np.zeros(len(rows), bool)

    return find_noted


def _blank_place(part: int) -> Callable[[pd.DataFrame], np.ndarray]:
    def find_blank(rows: pd.DataFrame) -> np.ndarray:
        blank = [not key.partition("/")[part] for key in rows["place"].cat.categories]
        return (
            np.array(blank, dtype=bool)[rows["place"].cat.codes.to_numpy()]
            if len(rows)
            else np.zeros(0, bool)
        )

    return find_blank


FAULTS: Final[dict[str, tuple[str, Callable[[pd.DataFrame], np.ndarray]]]] = {
    "negative_response": (mark("响应早于上报"), _state("response", "invalid")),
    "negative_arrival": (mark("到场早于上报"), _state("arrival", "invalid")),
    "negative_plan": (mark("方案早于上报"), _state("plan", "invalid")),
    "negative_follow_up": (mark("回访早于起算时间"), _state("follow_up", "invalid")),
    "negative_resolution": (
        mark("办结早于上报"),
        lambda r: ~r["is_closed"].to_numpy() & (r["resolved_lag"].to_numpy() != NA),
    ),
    "closed_untimed": (mark("已办结但无办结时间"), lambda r: r["closed_untimed"].to_numpy()),
    "zero_seconds": (mark("响应、到场或方案用时 0 秒"), _zero_seconds),
    "closed_within_a_minute": (mark("1 分钟内办结"), _closed_within_a_minute),
    "date_only": (mark("只有日期、没有时刻"), lambda r: r["date_only"].to_numpy() != 0),
    "unrecorded_response": (mark("响应时间未记录"), _state("response", "unrecorded")),
    "unrecorded_arrival": (mark("到场时间未记录"), _state("arrival", "unrecorded")),
    "unrecorded_plan": (mark("方案时间未记录"), _state("plan", "unrecorded")),
    "unrecorded_follow_up": (mark("回访时间未记录"), _state("follow_up", "unrecorded")),
    "early_promise": (mark("承诺时间早于上报"), _early_promise),
    "blank_courtyard": (mark("未填院落"), _blank_place(2)),
    "blank_community": (mark("社区未填且不能由院落确定"), _blank_place(0)),
    "unknown_courtyard": (mark("院落不在登记里"), _noted("unregistered", 0)),
    "unknown_handler": (mark("接单主体不在四类之内"), _unknown_handler),
    "near_duplicate": (mark("像是重复录入"), _noted("twin", -1)),
}


def find(rows: pd.DataFrame, kind: str) -> np.ndarray:
    """Which rows of a clocked frame have the fault ``kind``; KeyError when there is no such kind."""
    return np.asarray(FAULTS[kind][1](rows), dtype=bool)


def counts(rows: pd.DataFrame) -> dict[str, int]:
    """How many petitions have each kind of fault."""
    return {kind: int(find(rows, kind).sum()) for kind in FAULTS}
