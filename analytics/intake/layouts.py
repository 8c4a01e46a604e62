"""Layouts: how one source heads its columns and writes its values, described once in TOML and remembered."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.i18n import gettext as _
from analytics.intake.aliases import BUILDING_UNIT, COLUMNS, REQUIRED, normal
from analytics.intake.faults import refuse
from analytics.intake.result import IntakeRefused
from analytics.intake.time_shapes import UnknownFormat, compiled
from analytics.vocabulary import PETITION_TIMES

CHINA: Final = "Asia/Shanghai"
SHIPPED: Final = Path(__file__).with_name("shipped")
_LAST: Final = "last:"
_ENTRIES: Final = ("kind", "name", "timezone", "columns", "datetime", "values", "milestones")


@dataclass(frozen=True)
class Milestone:
    """The activities of an event log that make one of our milestones: the first of them, or the last."""

    activities: tuple[str, ...]
    last: bool = False


@dataclass(frozen=True)
class Layout:
    """One source's headings and ways of writing. Frozen and hashable.

    ``columns``: our column → their headings, the first non-blank one counting; our column → () leaves it
    out even if a heading would be recognised. Headings not named here are recognised as usual.
    ``values``: our column → their value → ours ("" = blank). ``date_only``: time columns whose clock time
    means nothing (00:00:00 throughout).
    """

    kind: str
    name: str = ""
    timezone: str = CHINA
    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    formats: tuple[str, ...] = ()
    date_only: tuple[str, ...] = ()
    values: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    milestones: tuple[tuple[str, Milestone], ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """Our columns that this source shall not fill."""
        return tuple(ours for ours, theirs in self.columns if not theirs)

    @property
    def theirs(self) -> frozenset[str]:
        """All their headings, as they are compared."""
        return frozenset(normal(name) for _ours, names in self.columns for name in names)

    def values_of(self, column: str) -> dict[str, str]:
        """Their value → our value for one column; empty when nothing is said."""
        return dict(dict(self.values).get(column, ()))


def load(name_or_path: str | Path, folders: Iterable[Path] = ()) -> Layout:
    """The layout in a TOML file, or the one called so in ``folders`` or among those shipped.

    Raises IntakeRefused (``bad_layout``) with a sentence naming the entry that cannot be followed.
    """
    path = Path(name_or_path)
    places = [path, *(folder / f"{name_or_path}.toml" for folder in (*folders, SHIPPED))]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise _refuse(str(name_or_path), _("没有这个版式，也没有这个文件"))
    try:
        return parse(found.read_text(encoding="utf-8-sig"), found.stem)
    except (OSError, UnicodeDecodeError) as error:
        raise _refuse(found.name, _("文件读不出来，应是 UTF-8 文本")) from error


def parse(text: str, name: str) -> Layout:
    """The layout written in ``text``; ``name`` names it in messages and where the text gives no name."""
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refuse(name, _("不是有效的 TOML：{why}").format(why=error)) from error
    try:
        return _layout(entries, name)
    except _Mistake as mistake:
        raise _refuse(name, str(mistake)) from mistake


def find(headings: Sequence[str], layouts: Iterable[Layout]) -> Layout | None:
    """The saved layout that knows ``headings``: all it needs are there; of several, the fullest match."""
    present = {normal(heading) for heading in headings if heading}
    best, best_score = None, 0
    for layout in layouts:
        score = len(layout.theirs & present)
        if score > best_score and _fits(layout, present):
            best, best_score = layout, score
    return best


def dumps(layout: Layout) -> str:
    """The layout as TOML text; ``parse(dumps(layout), layout.name) == layout``."""
    lines = [f"{key} = {_quoted(getattr(layout, key))}" for key in ("kind", "name", "timezone")]
    columns = {ours: theirs[0] if len(theirs) == 1 else list(theirs) for ours, theirs in layout.columns}
    lines += _section("columns", columns)
    moments = {"formats": list(layout.formats), "date_only": list(layout.date_only)}
    lines += _section("datetime", {key: value for key, value in moments.items() if value})
    for column, values in layout.values:
        lines += _section(f"values.{column}", dict(values))
    activities = {
        ours: [(_LAST if milestone.last else "") + activity for activity in milestone.activities]
        for ours, milestone in layout.milestones
    }
    lines += _section("milestones", activities)
    return "\n".join(lines) + "\n"


class _Mistake(ValueError):  # noqa: N818 - caught here and told as a refusal
    """What is wrong with one entry."""


def _refuse(name: str, why: str) -> IntakeRefused:
    return refuse("bad_layout", file=name, why=why)


def _fits(layout: Layout, present: set[str]) -> bool:
    columns = dict(layout.columns)
    needed = [
        columns[ours] for ours in _columns_of(layout.kind) if ours in columns and _is_required(layout, ours)
    ]
    return all(present & {normal(name) for name in theirs} for theirs in needed)


def _is_required(layout: Layout, column: str) -> bool:
    shapes = ("complaints", "complaint_months") if layout.kind == "complaints" else (layout.kind,)
    return any(column in REQUIRED[shape] for shape in shapes)


def _columns_of(kind: str) -> tuple[str, ...]:
    both = COLUMNS["complaint_months"] if kind == "complaints" else ()
    return tuple(dict.fromkeys((*COLUMNS[kind], *both)))


def _layout(entries: dict[str, Any], name: str) -> Layout:
    if extra := sorted(set(entries) - set(_ENTRIES)):
        raise _Mistake(_("有不认识的项 {names}").format(names=_("、").join(extra)))
    kind = entries.get("kind")
    if kind not in COLUMNS:
        raise _Mistake(
            _("kind 应是 {kinds} 之一，现在是「{kind}」").format(kinds=_("、").join(COLUMNS), kind=kind)
        )
    moments = _table(entries, "datetime")
    if extra := sorted(set(moments) - {"formats", "date_only"}):
        raise _Mistake(_("[datetime] 里有不认识的项 {names}").format(names=_("、").join(extra)))
    return Layout(
        kind=kind,
        name=_text(entries.get("name", name), "name"),
        timezone=_timezone(entries.get("timezone", CHINA)),
        columns=tuple((ours, _theirs(ours, theirs)) for ours, theirs in _ours(entries, "columns", kind)),
        formats=_formats(moments.get("formats", [])),
        date_only=_date_only(moments.get("date_only", []), kind),
        values=tuple((ours, _values(ours, pairs)) for ours, pairs in _ours(entries, "values", kind)),
        milestones=_milestones(_table(entries, "milestones"), kind),
    )


def _table(entries: dict[str, Any], section: str) -> dict[str, Any]:
    table = entries.get(section, {})
    if not isinstance(table, dict):
        raise _Mistake(_("[{section}] 应是一节，下面逐行写“名 = 值”").format(section=section))
    return table


def _ours(entries: dict[str, Any], section: str, kind: str) -> list[tuple[str, Any]]:
    table = _table(entries, section)
    known = _columns_of(kind) + ((BUILDING_UNIT,) if section == "columns" else ())
    if unknown := [name for name in table if name not in known]:
        raise _Mistake(
            _("[{section}] 里没有「{names}」这样的列；可用的列是 {known}").format(
                section=section, names=_("、").join(unknown), known=_("、").join(known)
            )
        )
    return list(table.items())


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _Mistake(_("{where} 应是带引号的文字，现在是「{value}」").format(where=where, value=value))
    return value


def _texts(value: object, where: str) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(_text(item, where) for item in listed)


def _theirs(ours: str, theirs: object) -> tuple[str, ...]:
    return tuple(name for name in _texts(theirs, ours) if name.strip())


def _values(ours: str, pairs: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(pairs, dict):
        raise _Mistake(_("[values.{column}] 应逐行写“他们的值 = 我们的值”").format(column=ours))
    return tuple(
        (theirs, value if isinstance(value, str) else json.dumps(value)) for theirs, value in pairs.items()
    )


def _timezone(name: object) -> str:
    text = _text(name, "timezone")
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _Mistake(_("不认识时区「{name}」，例如 Asia/Shanghai").format(name=text)) from error
    return text


def _formats(formats: object) -> tuple[str, ...]:
    texts = _texts(formats, "formats")
    for text in texts:
        try:
            compiled(text)
        except UnknownFormat as error:
            raise _Mistake(
                _("时间格式「{format}」不能用：{why}；例如 %m/%d/%Y %H:%M:%S").format(format=text, why=error)
            ) from error
    return texts


def _date_only(columns: object, kind: str) -> tuple[str, ...]:
    texts = _texts(columns, "date_only")
    if unknown := [name for name in texts if name not in _columns_of(kind)]:
        raise _Mistake(_("date_only 里没有「{names}」这样的列").format(names=_("、").join(unknown)))
    return texts


def _milestones(table: dict[str, Any], kind: str) -> tuple[tuple[str, Milestone], ...]:
    if table and kind != "events":
        raise _Mistake(_('[milestones] 只用于 kind = "events"'))
    if unknown := [name for name in table if name not in PETITION_TIMES]:
        raise _Mistake(
            _("[milestones] 里没有「{names}」这样的节点；可用的是 {known}").format(
                names=_("、").join(unknown), known=_("、").join(PETITION_TIMES)
            )
        )
    return tuple((ours, _milestone(ours, theirs)) for ours, theirs in table.items())


def _milestone(ours: str, theirs: object) -> Milestone:
    texts = _texts(theirs, ours)
    lasts = {text.startswith(_LAST) for text in texts}
    if len(lasts) != 1:
        raise _Mistake(_("节点 {name} 要写明环节，并且都取首次或都写 last: 取末次").format(name=ours))
    return Milestone(tuple(text.removeprefix(_LAST).strip() for text in texts), lasts.pop())


def _section(title: str, table: dict[str, Any]) -> list[str]:
    if not table:
        return []
    return ["", f"[{title}]", *(f"{_quoted(key)} = {_quoted(value)}" for key, value in table.items())]


def _quoted(value: object) -> str:
    # JSON's text and lists of text are TOML's too, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
