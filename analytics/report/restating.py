"""What has changed since a month was frozen: every printed figure that is another now, and the petitions behind it.

The records of today are measured again as of the frozen moment and under the frozen policy, so that whatever
differs comes from the records alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from analytics import store
from analytics.dataset import Dataset
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import wording
from analytics.present.tables import group_label
from analytics.report.cells import words
from analytics.report.content import content
from analytics.report.freezing import KEPT, scope_of, snapshot
from analytics.report.gathered import Texts
from analytics.report.model import Cell, Content, Table, from_json
from analytics.vocabulary import CLOCKS, place_label
from analytics.whatif import Scenario, from_address

_STATES: Final = tuple(f"{clock}_state" for clock in CLOCKS)
#: What of a petition a table's figures depend on.
_DEPENDS: Final[Mapping[str, tuple[str, ...]]] = {
    "colours": ("outcome", "expected"), "migration": ("outcome", "expected"),
    "places": ("place", "outcome", "is_open"), "place_rates": ("place", *_STATES),
    "handler": ("handler", *_STATES, "resolution_state"), "period": ("hour", "response_state"),
    # Under another limit or in another place anything may decide, and of a fault any value.
    "scenario_counts": KEPT, "scenario_rates": KEPT, "faults": KEPT,
}  # fmt: skip
_MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    **{clock: (f"{clock}_state",) for clock in CLOCKS},
    "on_time": ("resolution_state",), "resolved": ("is_closed",),
    "follow_up_share": ("followed_up", "follow_up_state"), "satisfaction": ("rated", "satisfied"),
    "participation": ("rated", "is_closed"), "solved": ("answered", "confirmed"),
    "repeats": ("repeat_base", "repeated"), "feedback": ("feedback_met", "feedback_missed"),
}  # fmt: skip
#: Printed for reference; they follow from the policy, which is the frozen one.
_FIXED: Final = ("definitions", "limits")
_GROUPED: Final = {"places": "place", "place_rates": "place", "handler": "handler"}
#: What became of a petition, in words.
WHAT: Final = {"added": mark("新增"), "removed": mark("不再计入"), "changed": mark("有改动")}


@dataclass(frozen=True)
class Moved:
    """A petition that counts otherwise now: added, removed or changed, and what of it."""

    case_id: str
    what: str
    fields: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One printed figure that is another now. ``cases``: petitions of the month behind it (none: other records)."""

    table: str
    title: str
    row: str
    column: str
    before: str
    after: str
    cases: tuple[str, ...]


@dataclass(frozen=True)
class Restated:
    """Everything that is other than when the month was frozen."""

    frozen: store.FrozenMonth
    before: Content
    after: Content
    figures: tuple[Change, ...]
    sentences: tuple[tuple[str, str, str], ...]
    petitions: tuple[Moved, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing that was printed has changed."""
        return not self.figures and not self.sentences


def restate(kept: store.FrozenMonth, dataset: Dataset, *, texts: Texts | None = None) -> Restated:
    """Compare a frozen month with ``dataset``: today's records as of the frozen moment under the frozen policy."""
    before = from_json(kept.content)
    scope = scope_of(kept.scope)
    after = content(
        dataset, kept.month, scope, texts=texts, changes=_edits(kept), scenarios=_scenarios(kept), sample=kept.sample,
    )  # fmt: skip
    moved = tuple(_moved(orjson.loads(kept.petitions), snapshot(dataset, kept.month, scope)))
    return Restated(
        frozen=kept,
        before=before,
        after=after,
        figures=tuple(_changes(before, after, moved, dataset.policy)),
        sentences=tuple(_sentences(before, after)),
        petitions=moved,
    )


def _edits(kept: store.FrozenMonth) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(kept.edits)
    return found


def _scenarios(kept: store.FrozenMonth) -> dict[str, Scenario]:
    return {name: from_address(text) for name, text in orjson.loads(kept.scenarios).items()}


def _moved(before: Mapping[str, list[Any]], after: Mapping[str, list[Any]]) -> Iterator[Moved]:
    for case_id in sorted({*before, *after}):
        old, new = (
            dict(zip(KEPT, side[case_id], strict=True)) if case_id in side else {} for side in (before, after)
        )
        if not old or not new:
            yield Moved(case_id, "added" if new else "removed", KEPT, old, new)
        elif fields := tuple(name for name in KEPT if old[name] != new[name]):
            yield Moved(case_id, "changed", fields, old, new)


def _changes(before: Content, after: Content, moved: Sequence[Moved], policy: Policy) -> Iterator[Change]:
    old, new = ({table.id: table for table in made.tables} for made in (before, after))
    for name in dict.fromkeys((*old, *new)):
        if name not in _FIXED:
            yield from _table_changes(name, old.get(name), new.get(name), moved, policy)


def _table_changes(
    name: str, old: Table | None, new: Table | None, moved: Sequence[Moved], policy: Policy
) -> Iterator[Change]:
    shape = new or old
    assert shape is not None
    lines = [_lines(table) for table in (old, new)]
    for label in dict.fromkeys((*lines[0], *lines[1])):
        behind = _behind(name, label, moved, policy)
        for column in shape.columns[1:]:
            # Of the month before, this month's petitions can change one thing: what was reported again.
            is_before = column.name == _("上月") and label != REGISTRY["repeats"].titled(policy)
            causes = () if is_before else behind
            was, now = (words(side.get(label, {}).get(column.name), column.kind) for side in lines)
            if was != now:
                yield Change(name, shape.title, label, column.name, was, now, causes)


def _lines(table: Table | None) -> dict[str, dict[str, Cell]]:
    """Row label → column → value."""
    if table is None:
        return {}
    heads = [column.name for column in table.columns]
    kind = table.columns[0].kind
    return {words(row[0], kind): dict(zip(heads, row, strict=True)) for row in table.rows}


def _behind(name: str, label: str, moved: Sequence[Moved], policy: Policy) -> tuple[str, ...]:
    """Petitions of the month that can have changed a row: those that came or went, or changed in what it counts."""
    fields = _DEPENDS.get(name.partition(".")[0]) or _fields_of_measure(label, policy)
    if name == "progress":
        return tuple(m.case_id for m in moved if m.case_id == label)
    if fields is None:
        return ()
    axis = _GROUPED.get(name)
    return tuple(
        m.case_id
        for m in moved
        if (m.what != "changed" or set(fields) & set(m.fields)) and (axis is None or _is_of(m, axis, label))
    )


def _fields_of_measure(label: str, policy: Policy) -> tuple[str, ...] | None:
    """Rows that are named after an indicator depend on its counters."""
    titles = {measure.titled(policy): name for name, measure in REGISTRY.items()}
    return _MEASURES.get(titles.get(label, ""))


def _is_of(moved: Moved, axis: str, label: str) -> bool:
    """Whether a petition was or is in the row's group; every one is in the total."""
    if label == _("合计"):
        return True
    names = [side.get(axis) for side in (moved.before, moved.after) if side]
    if axis == "place":
        return any(label == place_label(str(name), several) for name in names for several in (True, False))
    return any(label == group_label(str(name or ""), axis) for name in names)


def _sentences(before: Content, after: Content) -> Iterator[tuple[str, str, str]]:
    old, new = (
        {s.id: s.text for part in (*made.sections, *made.annexes) for s in part.sentences}
        for made in (before, after)
    )
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield name, old.get(name, ""), new.get(name, "")


def lines(found: Restated) -> Iterator[str]:
    """更正说明 for people: each figure with its petitions, then the petitions themselves."""
    kept = found.frozen
    head = _("{month} 第 {n} 版，{at}冻结，截至 {as_of}。")
    yield head.format(
        month=kept.month, n=kept.version, at=wording.moment(kept.at), as_of=wording.moment(kept.as_of)
    )
    if found.is_same and not found.petitions:
        yield _("没有变化：按现有记录重算，与冻结时相同。")
        return
    for change in found.figures:
        text = _("{title}｜{row}｜{column}：{before} → {after}（{cause}）")
        yield text.format(
            title=change.title, row=change.row, column=change.column, before=change.before, after=change.after,
            cause=_cause(change.cases),
        )  # fmt: skip
    if not found.figures and found.sentences:
        yield _("表中数字没有变化，文字有 {n} 句不同。").format(n=len(found.sentences))
    if found.petitions:
        yield _("涉及的诉求：")
    for moved in found.petitions:
        yield f"  {moved.case_id} {_(WHAT[moved.what])}"


def _cause(case_ids: Sequence[str]) -> str:
    if not case_ids:
        return _("由其他月份或其他记录引起")
    return wording.listing(case_ids, 5)


def as_dict(found: Restated) -> dict[str, Any]:
    """The same for programs."""
    kept = found.frozen
    return {
        "month": kept.month,
        "version": kept.version,
        "as_of": found.before.as_of,
        "sha256": kept.sha256,
        "same": found.is_same and not found.petitions,
        "figures": [
            {"table": c.table, "row": c.row, "column": c.column, "before": c.before, "after": c.after, "cases": list(c.cases)}
            for c in found.figures
        ],
        "sentences": [{"id": name, "before": old, "after": new} for name, old, new in found.sentences],
        "petitions": [
            {"case_id": m.case_id, "what": m.what, **_both_sides(m)} for m in found.petitions
        ],
    }  # fmt: skip


def _both_sides(moved: Moved) -> dict[str, dict[str, Any]]:
    """What changed of a petition, before and after."""
    return {
        side: {name: values.get(name) for name in moved.fields if name in values}
        for side, values in (("before", moved.before), ("after", moved.after))
    }
