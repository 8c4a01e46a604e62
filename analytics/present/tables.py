"""Tables as people read them: headings in their language, figures in words, states with their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Timestamp

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.intake.headings import label
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import wording
from analytics.present.conditions import RESOLUTION_LABELS
from analytics.privacy import mask_frame, mask_text
from analytics.vocabulary import (
    CLOCK_LABELS,
    CLOCKS,
    COLOURS,
    COLUMN_LABELS,
    MILESTONE_OF_CLOCK,
    PETITION_TIMES,
    STATE_LABELS,
    place_label,
)

#: A state is read by its sign and its name; the sign alone never stands.
STATE_SIGNS: Final = {
    "met": "✓",
    "missed": "✕",
    "pending": "…",
    "unrecorded": "?",
    "exempt": "–",
    "invalid": "!",
}
IMPORT_STATES: Final = {
    "accepted": mark("已收"),
    "partial": mark("部分收下"),
    "undone": mark("已撤销"),
    "replaced": mark("示例，已移出"),
}
_IMPORT_COUNTS: Final = {
    "inserted": mark("新增"),
    "updated": mark("更新"),
    "unchanged": mark("未变"),
    "rejected": mark("未收"),
    "rows_read": mark("读到"),
}
_HOUR: Final = pd.Timedelta(hours=1)
#: Rates shown in the tables of months and courtyards.
RATES: Final = (*CLOCKS, "on_time", "resolved", "satisfaction")


def state(code: str) -> str:
    """「✓ 按时」."""
    return f"{STATE_SIGNS[code]} {_(STATE_LABELS[code])}"


def rated(
    rows: Sequence[Mapping[str, Any]], first: str, policy: Policy, incomplete: Collection[str] = ()
) -> DataFrame:
    """Months or courtyards of a review: petitions by colour, then the rates with their counts.

    ``first`` is the key of the first column: ``month`` or ``place``; months of ``incomplete`` are flagged.
    """
    heading = _("月份") if first == "month" else _("院落")
    return DataFrame(
        [
            {
                heading: _name(row, first, incomplete),
                **_band(row),
                **_counts(row),
                **_shown_rates(row, policy),
            }
            for row in rows
        ]
    )


def group_label(key: str, axis: str) -> str:
    """A handler, category or channel as it is, strokes included; a place without its community; a blank one so."""
    return place_label(key) if axis == "place" else key or _("未填")


def clocks(review: Mapping[str, Any]) -> DataFrame:
    """The four clocks: limit, all six states, rate, interval, upper bound, median and 90th percentile."""
    return DataFrame([_clock_row(name, review["clocks"][name]) for name in CLOCKS])


def left(seconds: float) -> str:
    """「还剩 2 天 3 小时」 or 「已超 5 天 0 小时」."""
    text = _("还剩 {lapse}") if seconds >= 0 else _("已超 {lapse}")
    return text.format(lapse=wording.lag(abs(seconds)))


def complaint_months(wide: DataFrame, incomplete: Collection[str] = ()) -> DataFrame:
    """Complaints by courtyard and month, newest month first, with the sum; ``incomplete`` months flagged."""
    months = list(wide.columns)[::-1]
    table = DataFrame({_("院落"): [place_label(str(key)) for key in wide.index]})
    table[_("合计")] = wide.sum(axis=1).to_numpy()
    return table.join(
        wide[months].rename(columns=lambda month: flagged_month(month, incomplete)).reset_index(drop=True)
    )


def rejected(faults: DataFrame) -> DataFrame:
    """The faults of a file: row, column, value as it stands (masked), reason."""
    return DataFrame(
        {
            _("行号"): faults["row"],
            _("列"): [label(name) if isinstance(name, str) and name else "" for name in faults["column"]],
            _("值"): faults["value"].astype(object).map(mask_text, na_action="ignore"),
            _("原因"): faults["reason"],
        }
    )


def records(found: DataFrame) -> DataFrame:
    """Accepted rows under our headings, residents masked; colours in words, a date without its clock as a date."""
    shown = mask_frame(found.drop(columns=["date_only"], errors="ignore"))
    if "assigned_colour" in shown:
        codes = shown["assigned_colour"]
        shown["assigned_colour"] = [None if wording.missing(code) else wording.colour(code) for code in codes]
    for bit, name in enumerate(PETITION_TIMES):
        if name in shown and "date_only" in found:
            shown[name] = _as_written(shown[name], (found["date_only"].to_numpy() >> bit) & 1 == 1)
    labels = {name: _(COLUMN_LABELS[name]) for name in shown.columns if name in COLUMN_LABELS}
    shown = shown.rename(columns={**labels, "row": _("行号")})
    return shown[[_("行号"), *(c for c in shown.columns if c != _("行号"))]]


def _as_written(times: pd.Series, is_date: np.ndarray) -> pd.Series:
    """Text where a date without its clock is among ``times``: midnight would say more than was recorded."""
    if not is_date.any():
        return times
    return times.dt.strftime("%Y-%m-%d").where(is_date, times.dt.strftime("%Y-%m-%d %H:%M:%S"))


def imports(found: DataFrame, kinds: Mapping[str, str]) -> DataFrame:
    """The import history, newest first; what became of a file stands before its particulars."""
    return DataFrame(
        {
            _("批次"): found["batch"],
            _("状态"): [_(IMPORT_STATES[state]) for state in found["status"]],
            _("文件"): found["file"],
            _("时间"): found["at"],
            **{_(label): found[name] for name, label in _IMPORT_COUNTS.items()},
            _("内容"): [
                _(kinds["complaints" if kind == "complaint_months" else kind]) for kind in found["kind"]
            ],
            _("谁"): found["who"],
            _("文件指纹"): [sha[:12] for sha in found["sha256"]],
            _("撤销"): [
                "" if wording.missing(at) else _("{who} {at}").format(who=who, at=f"{at:%Y-%m-%d %H:%M}")
                for who, at in zip(found["undone_by"], found["undone_at"], strict=True)
            ],
        }
    )


def turns(changes: DataFrame, as_of: Timestamp) -> dict[str, str]:
    """For each colour, when the first open petition turns to the next (supervision's changes, soonest first)."""
    first = changes.drop_duplicates("colour").set_index("colour")
    text = _("最早 {date}转{next}")
    return {
        str(code): text.format(date=wording.date(row["due"], as_of), next=wording.colour(row["next_colour"]))
        for code, row in first.iterrows()
    }


def course_sentence(course: Mapping[str, Any], as_of: Timestamp) -> str:
    """One petition in a sentence: where, when, whose colour it is and what was expected."""
    return _("{place}，{when}上报；现为{outcome}，预期{expected}；{resolution}。").format(
        place=place_label(course["place"], True),
        when=wording.moment(course["milestones"]["reported_at"], as_of, "reported_at" in course["date_only"]),
        outcome=_now(course),
        expected=wording.colour(course["expected"]),
        resolution=_(RESOLUTION_LABELS[course["resolution_state"]]),
    )


def _now(course: Mapping[str, Any]) -> str:
    """The outcome of one petition: here it is known whether a grey one is still open."""
    if course["is_open"] and course["outcome"] == "closed_grey":
        return _("{colour} · 无法解决，未办结").format(colour=wording.colour("grey"))
    return wording.outcome(course["outcome"])


def progress(reports: DataFrame, case_id: str, as_of: Timestamp) -> DataFrame:
    """The progress reports of one petition known at ``as_of``, oldest first, numbers in them masked."""
    own = reports[(reports["case_id"] == case_id) & (reports["reported_at"] <= as_of)].sort_values(
        "reported_at"
    )
    shown = mask_frame(own)
    columns = {
        _("时间"): [wording.moment(Timestamp(at), as_of) for at in shown["reported_at"]],
        **{_(COLUMN_LABELS[name]): shown[name].tolist() for name in ("note", "by") if name in shown},
    }
    return DataFrame(columns)


def course_lanes(course: Mapping[str, Any], policy: Policy, as_of: Timestamp) -> list[dict[str, Any]]:
    """The lanes of one petition's timeline, from :func:`analytics.cases.course`."""
    lanes = [_clock_lane(clock, course, policy, as_of) for clock in course["clocks"]]
    return [*lanes, _resolution_lane(course, as_of)]


def _clock_lane(clock: str, course: Mapping[str, Any], policy: Policy, as_of: Timestamp) -> dict[str, Any]:
    rule, found = policy.clock(clock), course["clocks"][clock]
    start = course["milestones"].get(rule.start)
    end = course["milestones"].get(MILESTONE_OF_CLOCK[clock])
    dated = MILESTONE_OF_CLOCK[clock] in course["date_only"]
    taken = (
        wording.lag((end - start).total_seconds())
        if end is not None and start is not None and not dated
        else ""
    )
    missing_for = (
        wording.lag((as_of - found["due"]).total_seconds())
        if end is None and found["state"] == "missed"
        else ""
    )
    begun = start if start is not None else course["milestones"]["reported_at"]
    words = [taken, state(found["state"]), missing_for and _("已过 {lapse}").format(lapse=missing_for)]
    return {
        "label": f"{_(CLOCK_LABELS[clock])} {wording.limit(rule.limit.iso)}",
        "start": begun,
        "due": None if found["state"] == "exempt" else found["due"],
        "end": end if found["state"] != "invalid" else None,
        "state": " ".join(word for word in words if word),
        "late": found["state"] == "missed",
        "short": rule.limit.is_minutes and found["due"] - begun <= _HOUR,
    }


def _resolution_lane(course: Mapping[str, Any], as_of: Timestamp) -> dict[str, Any]:
    start, end = course["milestones"]["reported_at"], course["milestones"].get("resolved_at")
    lapse = wording.lag(((end if end is not None else as_of) - start).total_seconds())
    words = [
        lapse if end is not None else _("在办 {lapse}").format(lapse=lapse),
        _(RESOLUTION_LABELS[course["resolution_state"]]),
    ]
    return {
        "label": _("办结"),
        "start": start,
        "due": course["resolution_due"],
        "end": end,
        "state": " · ".join(words),
        "late": course["resolution_state"] == "missed",
        "short": False,
    }


def milestones(course: Mapping[str, Any], as_of: Timestamp) -> DataFrame:
    """One petition's recorded times in order."""
    known = sorted(course["milestones"].items(), key=lambda item: item[1])
    return DataFrame(
        [
            {
                _("节点"): _(COLUMN_LABELS[name]),
                _("时间"): wording.moment(at, as_of, name in course["date_only"]),
            }
            for name, at in known
        ]
    )


def _name(row: Mapping[str, Any], first: str, incomplete: Collection[str]) -> str:
    return flagged_month(row["month"], incomplete) if first == "month" else place_label(row["place"], True)


def flagged_month(month: str, incomplete: Collection[str]) -> str:
    """「2024年6月」, with a word where it looks incomplete."""
    name = wording.month(month)
    return _("{month}（可能没有收齐）").format(month=name) if month in incomplete else name


def _counts(row: Mapping[str, Any]) -> dict[str, Any]:
    colours = {wording.colour(code): row[code] for code in COLOURS}
    return {_("受理"): row["petitions"], **colours, _("在办"): row["open"]}


def _shown_rates(row: Mapping[str, Any], policy: Policy) -> dict[str, str]:
    return {
        REGISTRY[name].titled(policy): wording.rate_with_counts(row[f"{name}_met"], row[f"{name}_due"])
        if row[f"{name}_rate"] is not None
        else wording.UNKNOWN
        for name in RATES
    }


def _band(row: Mapping[str, Any]) -> dict[str, str]:
    """How the response rate of a courtyard stands to the others, beyond chance; months have none."""
    if "band" not in row:
        return {}
    return {_("响应与各院落相比"): _(row["band"]) if row["band"] else wording.UNKNOWN}


def _clock_row(name: str, clock: Mapping[str, Any]) -> dict[str, Any]:
    due = clock["met"] + clock["missed"] + clock["unrecorded"]
    known = clock["rate"] is not None
    return {
        _("时限"): f"{_(CLOCK_LABELS[name])} {wording.limit(clock['limit'])}",
        _("按时率"): wording.rate_with_counts(clock["met"], due, clock["target"])
        if known
        else wording.UNKNOWN,
        _("95% 可信范围"): wording.interval(clock["interval"]),
        _("目标"): wording.percent(clock["target"]),
        **{_(STATE_LABELS[code]): clock[code] for code in STATE_LABELS},
        _("上限"): wording.percent(clock["upper_bound"]),
        _("中位用时"): wording.minutes(clock["median_minutes"]),
        _("九成在…以内"): wording.minutes(clock["p90_minutes"]),
        _("有记录"): clock["n_recorded"],
    }


def _mapped(column: Any, words: Any) -> Any:
    return pd.Series(column).astype(object).map(words, na_action="ignore").to_numpy()
