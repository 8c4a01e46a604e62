"""The native layout: whole numbers become the headings and words of a community's own tables."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sample_data.draws import Ints
from sample_data.moments import BLANK, written
from sample_data.places import Community
from sample_data.texts import (
    AGAIN,
    CATEGORIES,
    CHANNELS,
    ENDINGS,
    FOLLOW_UP_NOTES,
    HANDLERS,
    INTERIM_NOTES,
    KIND_ENDINGS,
    OPENERS,
    RATINGS,
    SINCE,
    SURNAMES,
    TITLES,
)

#: A table as it is written: heading → texts, all of one length.
Table = dict[str, Sequence[str] | NDArray[Any]]

#: No telephone number in China begins so and has eleven digits: nobody can be rung up.
PHONE_PREFIX: Final = "1004"

_COLOURS: Final = ("绿", "黄", "红", "灰")


def petition_table(handled: pd.DataFrame, community: Community, case_ids: Sequence[str]) -> Table:
    """Petitions under their native headings, in the order of ``handled``."""
    column = {name: handled[name].to_numpy() for name in handled}
    placed = column["placeless"] == 0
    located = (column["located"] == 1) & placed
    building, unit = _address(column["courtyard"], column["household"], community)
    building, unit = np.where(located, building, ""), np.where(located, unit, "")
    name, phone = _people(column["courtyard"], column["household"], community)
    return {
        "诉求编号": case_ids,
        "上报时间": written(column["reported"]),
        "社区": np.full(len(handled), community.name, dtype=object),
        "院落": np.where(placed, _words([c.name for c in community.courtyards], column["courtyard"]), ""),
        "楼栋": building,
        "单元": unit,
        "诉求人": name,
        "联系电话": phone,
        "诉求类别": _words([c.name for c in CATEGORIES], column["category"]),
        "诉求内容": _content(column, building + unit),
        "来源": _words(CHANNELS, column["channel"]),
        "接单主体": _words(HANDLERS, column["handler"]),
        "诉求颜色": _words(_COLOURS, column["expected"]),
        "接件时间": written(column["accepted"]),
        "派单时间": written(column["dispatched"]),
        "录入时间": written(column["entered"]),
        "响应时间": written(column["responded"], column["response_date"] == 1),
        "到场时间": written(column["arrived"]),
        "方案时间": written(column["planned"]),
        "办结时间": written(column["resolved"]),
        "回访时间": written(column["followed_up"]),
        "承诺办结时间": written(column["promised"], column["promised_date"] == 1),
        "是否需到场": _words(("否", "是"), column["needs_visit"]),
        "是否无法解决": _words(("否", "是"), column["unsolvable"]),
        "重开时间": written(column["reopened"]),
        "转办次数": _words([str(n) for n in range(4)], column["handovers"]),
        "回访情况": _note(column),
        "满意度": _words(RATINGS, column["satisfaction"]),
        "是否解决": _words(("否", "是"), column["solved"]),
        "状态": _status(column),
    }


def courtyard_table(communities: Sequence[Community]) -> Table:
    """The registry of courtyards with launch date, households and residents."""
    places = [(c.name, y) for c in communities for y in c.courtyards]
    return {
        "社区": [name for name, _y in places],
        "院落": [y.name for _name, y in places],
        "上线日期": ["" if y.launched_on is None else y.launched_on.isoformat() for _name, y in places],
        "户数": [str(y.households) for _name, y in places],
        "人口": [str(y.residents) for _name, y in places],
        "单元数": [str(y.units) for _name, y in places],
    }


def numbered(code: str, count: int) -> list[str]:
    """Case ids in order: ``GD-000001`` …"""
    return [f"{code}-{n:06}" for n in range(1, count + 1)]


def write(path: Path, table: Table) -> None:
    """Writes one table as a CSV file: UTF-8 with byte order mark and CRLF, as Excel in China wants it."""
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        append(handle, table, heading=True)


def append(handle: TextIO, table: Table, *, heading: bool) -> int:
    """Writes one table's rows, after its headings if asked; returns the rows written."""
    writer = csv.writer(handle, lineterminator="\r\n")
    if heading:
        writer.writerow(table)
    columns = [c.tolist() if isinstance(c, np.ndarray) else c for c in table.values()]
    writer.writerows(zip(*columns, strict=True))
    return len(columns[0])


def content(category: Ints, core: Ints, place: NDArray[Any]) -> NDArray[Any]:
    """The middle of a text: what it is about, after the place where the words call for one."""
    here, words = [], []
    starts = np.cumsum([0] + [len(c.here) + len(c.plain) for c in CATEGORIES])
    for kind in CATEGORIES:
        words += [*kind.here, *kind.plain]
        here += [True] * len(kind.here) + [False] * len(kind.plain)
    chosen = starts[category] + core
    return np.where(np.array(here)[chosen], place, "") + _words(words, chosen)


def _words(words: Sequence[str], codes: Ints) -> NDArray[Any]:
    """The word of each code; blank for :data:`BLANK`."""
    return np.array([*words, ""], dtype=object)[codes]


def _content(column: dict[str, NDArray[Any]], place: NDArray[Any]) -> NDArray[Any]:
    kindly = np.array([c.kindly for c in CATEGORIES])[column["category"]]
    repeated = column["again"] != BLANK
    opener = np.where(repeated, _words(AGAIN, column["again"]), _words(OPENERS, column["opener"]))
    since = np.where(kindly | repeated, "", _words(SINCE, column["since"]))
    last = column["ending"]
    ending = np.where(kindly, _words(KIND_ENDINGS, np.where(kindly, last, 0)), _words(ENDINGS, last))
    return opener + since + content(column["category"], column["core"], place) + ending


def _address(courtyard: Ints, household: Ints, community: Community) -> tuple[NDArray[Any], NDArray[Any]]:
    households = np.array([c.households for c in community.courtyards], dtype=np.int64)[courtyard]
    units = np.array([c.units for c in community.courtyards], dtype=np.int64)[courtyard]
    unit = household * units // households
    names = np.array([f"{n}单元" for n in range(1, int(units.max(initial=1)) + 1)], dtype=object)
    buildings = np.array([f"{n}栋" for n in range(1, len(names) + 1)], dtype=object)
    return buildings[unit // community.units_per_building], names[unit]


def _people(courtyard: Ints, household: Ints, community: Community) -> tuple[NDArray[Any], NDArray[Any]]:
    """One invented name and number for each household, the same at every petition."""
    sizes = np.cumsum([0] + [c.households for c in community.courtyards])
    number = community.first_household + sizes[courtyard] + household
    scattered = number * 7919 % 10_000_000
    surname = _words(SURNAMES, scattered // 7 % len(SURNAMES))
    phones = [f"{PHONE_PREFIX}{n:07}" for n in scattered.tolist()]
    return surname + _words(TITLES, scattered // 11 % len(TITLES)), np.array(phones, dtype=object)


def _note(column: dict[str, NDArray[Any]]) -> NDArray[Any]:
    spoken = column["followed_up"] != BLANK
    interim = _words(INTERIM_NOTES, column["note"] % len(INTERIM_NOTES))
    final = np.full(len(spoken), "", dtype=object)
    for rating, notes in enumerate(FOLLOW_UP_NOTES):
        mine = column["satisfaction"] == rating
        final[mine] = _words(notes, column["note"][mine] % len(notes))
    return np.where(spoken, np.where(column["interim"] == 1, interim, final), "")


def _status(column: dict[str, NDArray[Any]]) -> NDArray[Any]:
    started = (column["responded"] != BLANK) | (column["arrived"] != BLANK) | (column["planned"] != BLANK)
    return np.select([column["closed"] == 1, started], ["已办结", "办理中"], "待响应").astype(object)
