"""督办 to carry away: a text for a group, a calendar, rows for a spreadsheet per handler.

What leaves the committee this way holds ids, places, categories and due times, nothing else: no resident,
no telephone, no text that anybody wrote, no handler's name. A number that looks like a person's is starred
wherever it stands in a place or category.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd
from pandas import DataFrame, Timestamp

from analytics.i18n import gettext as _
from analytics.present import tables, wording
from analytics.privacy import mask_text
from analytics.supervision import KINDS, summary
from analytics.vocabulary import CLOCK_LABELS, COLOUR_LABELS, COLUMN_LABELS, place_label

CALENDAR_TYPE: Final = "text/calendar"
#: A message names this many of each kind; the rest are counted.
_NAMED: Final = 5
#: How long before a due moment a calendar reminds.
_REMIND: Final = "-PT1H"
_CHINA: Final = pd.Timedelta(hours=8)
_FOLD_BYTES: Final = 75


class _Item(NamedTuple):
    """One thing to do in words."""

    what: str
    case_id: str
    place: str
    category: str
    due: Timestamp | None
    since: Timestamp | None
    left: str


def counts(found: DataFrame) -> str:
    """「办理超期 3 · 回访将到期 2」: every kind that occurs in :func:`analytics.supervision.items`."""
    shown = [f"{_(KINDS[kind])} {wording.count(n)}" for kind, n in summary(found).items() if n]
    return " · ".join(shown) or _("没有到期或超期的事项")


def thing(kind: str, clock: str = "", next_colour: Any = None, other: Any = None) -> str:
    """What is to be done or seen: 「响应时限将到」, 「将转黄」, 「办结后又有诉求 T-7」, 「办理超期」."""
    if kind == "clock_running":
        return _("{clock}时限将到").format(clock=_(CLOCK_LABELS[clock]))
    if kind == "clock_missed":
        return _("{clock}时限已过，尚未登记").format(clock=_(CLOCK_LABELS[clock]))
    if kind == "colour_change":
        return _("将转{colour}").format(colour=_(COLOUR_LABELS[next_colour]))
    if kind == "repeated":
        return _("办结后又有诉求 {case_id}").format(case_id=other)
    return _(KINDS[kind])


def lines(found: DataFrame, as_of: Timestamp) -> list[str]:
    """One line per thing to do, handler included: for people who may see it, not for sending away."""
    handlers = found["handler"].astype(object)
    return [
        " · ".join(
            [_urgency(item, as_of), item.what, item.case_id, item.place, item.category, _named(handler)]
        )
        for item, handler in zip(_items(found, _several(found)), handlers, strict=True)
    ]


def group_text(found: DataFrame, as_of: Timestamp) -> str:
    """A message to paste into a group: a heading, then the first five of each kind and how many more there are."""
    heading = _("【督办】{as_of}，共 {n} 项").format(
        as_of=wording.as_of_words(as_of), n=wording.count(len(found))
    )
    return "\n".join([heading, *_sections(found, as_of)])


def calendar(found: DataFrame, as_of: Timestamp) -> bytes:
    """An iCalendar file (RFC 5545): one event per due moment still to come, with a reminder an hour before.

    What is overdue already has no moment left; how many those are stands as one event on the day of
    ``as_of``. Importing a later file again moves the events instead of doubling them.
    """
    events = [
        line
        for item, key in zip(_items(found, _several(found)), _keys(found), strict=True)
        if item.due is not None and item.due >= as_of
        for line in _event(item, key, as_of)
    ]
    overdue = int((found["overdue_seconds"] > 0).sum())
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//mashangbao//supervise//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    content = [*head, *(_overdue_event(overdue, as_of) if overdue else ()), *events, "END:VCALENDAR"]
    return "".join(f"{_folded(line)}\r\n" for line in content).encode()


def handler_tables(found: DataFrame) -> dict[str, DataFrame]:
    """For each handler (blank: 「未填」), who has most to do first, the rows of a spreadsheet of its own.

    Columns: what, id, courtyard, category, due (datetime, blank where there is none), left or over in words,
    id of the petition that repeats it.
    """
    handlers = found["handler"].astype(object).map(_named)
    shown = _table(found)
    order = handlers.value_counts(sort=False).sort_values(ascending=False, kind="stable").index
    return {name: shown[(handlers == name).to_numpy()].reset_index(drop=True) for name in order}


def _table(found: DataFrame) -> DataFrame:
    items = list(_items(found, _several(found)))
    return DataFrame(
        {
            _("事项"): [item.what for item in items],
            _(COLUMN_LABELS["case_id"]): [item.case_id for item in items],
            _(COLUMN_LABELS["courtyard"]): [item.place for item in items],
            _(COLUMN_LABELS["category"]): [item.category for item in items],
            _("到期时间"): found["due"].to_numpy(),
            _("还剩或已超"): [item.left for item in items],
            _("重复它的诉求"): found["other"].astype(object).where(found["other"].notna(), None).to_numpy(),
        }
    )


def _several(found: DataFrame) -> bool:
    """Whether places must be told apart by their community."""
    return len({str(key).partition("/")[0] for key in found["place"].unique()}) > 1


def _items(found: DataFrame, with_community: bool) -> Iterator[_Item]:
    """Every thing to do in words, in the order given."""
    place = _shown(found["place"], lambda key: place_label(key, with_community))
    category = _shown(found["category"], str)
    for row, where, what in zip(found.itertuples(), place, category, strict=True):
        seconds: Any = row.overdue_seconds
        yield _Item(
            what=thing(str(row.kind), str(row.clock), row.next_colour, row.other),
            case_id=str(row.case_id),
            place=where,
            category=what,
            due=_moment(row.due),
            since=_moment(row.since),
            left="" if wording.missing(seconds) else tables.left(-int(seconds)),
        )


def _shown(column: pd.Series, label_of: Any) -> list[str]:
    """A column of few distinct names as they are shown, personal numbers in them starred."""
    names = {key: mask_text(label_of(str(key))) or "" for key in column.dropna().unique()}
    return [_named(names.get(key)) for key in column.astype(object)]


def _moment(value: Any) -> Timestamp | None:
    return None if wording.missing(value) else Timestamp(value)


def _named(value: Any) -> str:
    return _("未填") if wording.missing(value) or value == "" else str(value)


def _urgency(item: _Item, as_of: Timestamp) -> str:
    if item.due is None:
        return wording.UNKNOWN if item.since is None else wording.moment(item.since, as_of)
    return _("{left}（{due}）").format(left=item.left, due=wording.moment(item.due, as_of))


def _sections(found: DataFrame, as_of: Timestamp) -> Iterator[str]:
    kinds = found["kind"].astype(str)
    for kind in (kind for kind in KINDS if (kinds == kind).any()):
        chosen = found[(kinds == kind).to_numpy()]
        yield _("■ {kind}：{n} 项").format(kind=_(KINDS[kind]), n=wording.count(len(chosen)))
        for item in _items(chosen.head(_NAMED), _several(found)):
            parts = [item.case_id, item.place, item.category]
            parts += [item.what] if item.what != _(KINDS[kind]) else []
            parts += [_urgency(item, as_of)] if kind != "handed_on" else []
            yield "· " + " ".join(parts)
        if len(chosen) > _NAMED:
            yield _("· 另有 {n} 项").format(n=wording.count(len(chosen) - _NAMED))


def _keys(found: DataFrame) -> Iterable[str]:
    return (f"{row.kind}-{row.clock}-{row.case_id}" for row in found.itertuples())


def _event(item: _Item, key: str, as_of: Timestamp) -> Sequence[str]:
    title = " · ".join([item.what, item.case_id, item.place, item.category])
    return (
        "BEGIN:VEVENT",
        f"UID:{_escaped(key)}@mashangbao",
        f"DTSTAMP:{_utc(as_of)}",
        f"DTSTART:{_utc(item.due)}",
        f"SUMMARY:{_escaped(title)}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(title)}",
        f"TRIGGER:{_REMIND}",
        "END:VALARM",
        "END:VEVENT",
    )


def _overdue_event(count: int, as_of: Timestamp) -> Sequence[str]:
    title = _("督办：已有 {n} 项超期").format(n=wording.count(count))
    return (
        "BEGIN:VEVENT",
        "UID:overdue@mashangbao",
        f"DTSTAMP:{_utc(as_of)}",
        f"DTSTART;VALUE=DATE:{as_of:%Y%m%d}",
        f"SUMMARY:{_escaped(title)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    )


def _utc(moment: Timestamp | None) -> str:
    """China time as iCalendar's UTC, so that no time zone has to be described."""
    return "" if moment is None else f"{moment - _CHINA:%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,")


def _folded(line: str) -> str:
    """At most 75 bytes a line, never within a character; what follows begins with a blank."""
    pieces, piece, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > _FOLD_BYTES:
            pieces.append(piece)
            piece, size = "", 1
        piece, size = piece + character, size + width
    return "\r\n ".join([*pieces, piece])
