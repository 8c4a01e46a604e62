"""Synthetic records for the benchmarks: the sample generator's petitions, as the store hands them over.

Numbers go straight from the generator into columns; no file is written or read.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from analytics import frame
from analytics.dataset import Source
from sample_data import DEFAULT_SEED, SAMPLE_AS_OF
from sample_data.complaints import complaint_table
from sample_data.draws import Draws
from sample_data.moments import BLANK
from sample_data.petitions import petitions
from sample_data.places import Community, invented
from sample_data.progress import progress_table
from sample_data.texts import CATEGORIES, CHANNELS, HANDLERS

AS_OF: Final = SAMPLE_AS_OF

#: Beyond a million petitions the courtyards stay the same 500 and grow busier.
_MOST_PLACES_FROM: Final = 1_000_000
_TIMES: Final = {
    "reported_at": "reported", "responded_at": "responded", "arrived_at": "arrived", "planned_at": "planned",
    "resolved_at": "resolved", "followed_up_at": "followed_up", "promised_at": "promised",
    "accepted_at": "accepted", "dispatched_at": "dispatched", "entered_at": "entered", "reopened_at": "reopened",
}  # fmt: skip
_DATED: Final = {"responded_at": "response_date", "promised_at": "promised_date"}


def source(count: int, seed: int = DEFAULT_SEED) -> Source:
    """``count`` petitions of up to 500 courtyards, typed, with complaints, registry and progress reports."""
    communities = list(invented(min(count, _MOST_PLACES_FROM), Draws(seed, 0)))
    records, reports, complaints = [], [], []
    for number, (community, share) in enumerate(zip(communities, _shares(communities, count), strict=True)):
        handled = petitions(community, share, Draws(seed, 1, number))
        case_ids = np.array([f"{community.code}-{n:06}" for n in range(1, share + 1)], dtype=object)
        records.append(_records(handled, community, case_ids))
        reports.append(_reports(handled, case_ids, Draws(seed, 3, number)))
        complaints.append(_complaints(community, Draws(seed, 2, number)))
    courtyards = _courtyards(communities)
    every = pd.concat(records, ignore_index=True).sort_values(["reported_at", "case_id"], ignore_index=True)
    return Source(
        petitions=frame.typed(_as_categories(every), courtyards),
        complaints=pd.concat(complaints, ignore_index=True),
        complaint_months=pd.DataFrame({"month": [], "courtyard": [], "count": []}),
        courtyards=courtyards,
        progress=pd.concat(reports, ignore_index=True),
    )


def _shares(communities: list[Community], count: int) -> np.ndarray:
    """``count`` petitions shared out by households, to the last one."""
    households = np.cumsum([c.households for c in communities])
    return np.diff(count * households // households[-1], prepend=0)


def _records(handled: pd.DataFrame, community: Community, case_ids: np.ndarray) -> pd.DataFrame:
    column = {name: handled[name].to_numpy() for name in handled}
    date_only = np.zeros(len(handled), dtype=np.int32)
    for name, mark in _DATED.items():
        date_only |= np.where(column[mark] == 1, np.int32(frame.BIT[name]), np.int32(0))
    placed = column["placeless"] == 0
    return pd.DataFrame(
        {
            "case_id": case_ids,
            **{name: _moments(column[source]) for name, source in _TIMES.items()},
            "date_only": date_only,
            "community": community.name,
            "courtyard": np.where(placed, _words([c.name for c in community.courtyards], column["courtyard"]), None),
            **_address(column, community, placed),
            "phone": _words([f"{community.code}{n}" for n in range(5000)], column["household"] % 5000),
            "category": _words([c.name for c in CATEGORIES], column["category"]),
            "channel": _words(CHANNELS, column["channel"]),
            "handler": _words(HANDLERS, column["handler"]),
            "assigned_colour": _words(("green", "yellow", "red", "grey"), column["expected"]),
            "needs_visit": column["needs_visit"].astype(np.int8),
            "unsolvable": column["unsolvable"].astype(np.int8),
            "confirmed_solved": column["solved"].astype(np.int8),
            "satisfaction": column["satisfaction"].astype(np.int8),
            "handovers": column["handovers"].astype(np.int16),
            "status": np.where(column["closed"] == 1, "已办结", "办理中"),
        }
    )  # fmt: skip


def _moments(seconds: np.ndarray) -> np.ndarray:
    return np.where(seconds == BLANK, np.datetime64("NaT", "s"), seconds.astype("datetime64[s]"))


def _words(words: list[str] | tuple[str, ...], codes: np.ndarray) -> np.ndarray:
    return np.array([*words, None], dtype=object)[codes]


def _address(
    column: dict[str, np.ndarray], community: Community, placed: np.ndarray
) -> dict[str, np.ndarray]:
    households = np.array([c.households for c in community.courtyards])[column["courtyard"]]
    units = np.array([c.units for c in community.courtyards])[column["courtyard"]]
    unit = np.where(placed & (column["located"] == 1), column["household"] * units // households, BLANK)
    names = [f"{n}" for n in range(1, int(units.max(initial=1)) + 1)]
    building = np.where(unit == BLANK, BLANK, unit // community.units_per_building)
    return {"building": _words(names, building), "unit": _words(names, unit)}


def _as_categories(records: pd.DataFrame) -> pd.DataFrame:
    texts = ("community", "courtyard", "building", "unit", "category", "channel", "handler", "status")
    return records.astype(dict.fromkeys(texts, "category"))


def _reports(handled: pd.DataFrame, case_ids: np.ndarray, draws: Draws) -> pd.DataFrame:
    table = progress_table(handled, case_ids, draws)
    return pd.DataFrame({"case_id": table["诉求编号"], "reported_at": _read(table["反馈时间"])})


def _complaints(community: Community, draws: Draws) -> pd.DataFrame:
    table = complaint_table(community, draws)
    columns = {
        "received_at": _read(table["投诉时间"]),
        "community": table["社区"],
        "courtyard": table["院落"],
    }
    return pd.DataFrame(columns)


def _read(texts: object) -> np.ndarray:
    return np.asarray(texts, dtype="datetime64[s]")


def _courtyards(communities: list[Community]) -> pd.DataFrame:
    places = [(c.name, y) for c in communities for y in c.courtyards]
    return pd.DataFrame(
        {
            "community": [name for name, _y in places],
            "courtyard": [y.name for _name, y in places],
            "launched_on": np.array([y.launched_on for _name, y in places], dtype="datetime64[s]"),
            "households": pd.array([y.households for _name, y in places], dtype="Int64"),
            "residents": pd.array([y.residents for _name, y in places], dtype="Int64"),
        }
    )
