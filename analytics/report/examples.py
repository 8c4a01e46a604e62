"""典型诉求: a few petitions worth telling at the meeting, each chosen by a rule, residents' numbers masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import Timestamp

from analytics import cases
from analytics.frame import NA
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import wording
from analytics.privacy import mask_text
from analytics.report.gathered import Gathered
from analytics.report.model import Section, Sentence
from analytics.vocabulary import COLOURS, place_label

#: Characters of what a resident wrote that are quoted.
_QUOTED: Final = 60
_WHY: Final = {
    "longest_open": mark("在办最久"),
    "slower": mark("比预期慢得最多"),
    "late_response": mark("响应最晚"),
    "again": mark("办结后又有反映"),
    "well_done": mark("办得好"),
}


def section(found: Gathered) -> Section:
    """At most one petition for each reason, each petition once."""
    chosen = choose(found)
    wrote = found.texts(list(chosen.values())) if found.texts and chosen else {}
    points = tuple(
        Sentence(f"examples.{why}", _told(found, why, case_id, wrote)) for why, case_id in chosen.items()
    )
    if not points:
        points = (Sentence("examples.none", _("本月没有需要单独列出的诉求。")),)
    return Section("examples", _("典型诉求"), points, numbered=len(points) > 1)


def choose(found: Gathered) -> dict[str, str]:
    """Reason → case id, in the order of telling."""
    rows = found.rows
    chosen: dict[str, str] = {}
    for why, score in _scores(found, rows):
        taken = rows["case_id"].isin(list(chosen.values())).to_numpy()
        free = np.where(taken, 0, score)
        if len(free) and free.max() > 0:
            chosen[why] = str(rows["case_id"].iloc[int(free.argmax())])
    return chosen


def _scores(found: Gathered, rows: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """How well each petition fits a reason: not at all is 0."""
    duration = rows["duration"].to_numpy().astype(np.int64)
    known = duration != NA
    yield "longest_open", np.where(rows["is_open"] & known, duration, 0)
    yield "slower", np.where(known, _gap(rows) * 10**9 + duration, 0) * (_gap(rows) > 0)
    seconds = rows["response_seconds"].to_numpy().astype(np.int64)
    yield "late_response", np.where((rows["response_state"] == "missed") & (seconds != NA), seconds, 0)
    yield "again", _repeats(found, rows)
    # Hard ones done in time and confirmed by the resident, the harder the better.
    expected = rows["expected"].cat.codes.to_numpy().astype(np.int64)
    praised = rows["confirmed"] & rows["satisfied"] & (rows["resolution_state"] == "met")
    yield "well_done", np.where(praised & known, (expected + 2) * 10**9 - duration, 0)


def _gap(rows: pd.DataFrame) -> np.ndarray:
    """Steps by which the actual colour of a closed petition is worse than the expected one."""
    expected = rows["expected"].cat.codes.to_numpy().astype(np.int64)
    actual = rows["outcome"].cat.codes.to_numpy().astype(np.int64)
    return np.where((expected >= 0) & (actual < len(COLOURS)), np.maximum(actual - expected, 0), 0)


def _repeats(found: Gathered, rows: pd.DataFrame) -> np.ndarray:
    """Petitions of this month that repeat one closed before."""
    following = found.dataset.rows["repeat_row"].to_numpy()
    ids = found.dataset.rows["case_id"].iloc[following[following >= 0]]
    return rows["case_id"].isin(ids).to_numpy().astype(np.int64)


def _told(found: Gathered, why: str, case_id: str, wrote: Mapping[str, str]) -> str:
    position = cases.find(found.dataset, case_id)
    assert position is not None
    row = found.dataset.rows.iloc[[position]]
    text = _("{why}：{place}，{category}，{when}上报（编号 {case_id}），{state}。{quoted}")
    return text.format(
        why=_(_WHY[why]),
        place=place_label(str(row["place"].iloc[0]), True),
        category=_text(row["category"].iloc[0]),
        when=wording.date(Timestamp(int(row["reported"].iloc[0]), unit="s"), found.dataset.as_of),
        case_id=case_id,
        state=_state(row, why),
        quoted=_quoted(wrote.get(case_id)),
    )


def _state(row: pd.DataFrame, why: str) -> str:
    duration = int(row["duration"].iloc[0])
    lapse = wording.lag(duration) if duration != NA else wording.UNKNOWN
    if why == "late_response":
        return _("{lapse}后才响应").format(lapse=wording.lag(int(row["response_seconds"].iloc[0])))
    if bool(row["is_open"].iloc[0]):
        return _("已 {lapse}仍在办").format(lapse=lapse)
    expected = row["expected"].iloc[0]
    if why == "slower":
        text = _("预期{expected}，实际用时 {lapse}，为{actual}")
        actual = str(row["outcome"].iloc[0]).partition("_")[2]
        return text.format(expected=wording.colour(str(expected)), lapse=lapse, actual=wording.colour(actual))
    if why == "well_done":
        return _("{lapse}办结，居民确认已解决并表示满意").format(lapse=lapse)
    return _("用时 {lapse}").format(lapse=lapse)


def _quoted(content: str | None) -> str:
    """What the resident wrote, numbers starred before it is cut so that no half of one slips through."""
    masked = " ".join((mask_text(content) or "").split())
    if not masked:
        return ""
    short = masked if len(masked) <= _QUOTED else f"{masked[:_QUOTED]}……"
    return _("居民反映：“{text}”").format(text=short)


def _text(value: Any) -> str:
    return _("未填类别") if pd.isna(value) else str(value)
