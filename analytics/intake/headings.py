"""Find the heading row of a raw table and say which of its columns is which of ours.

Above the heading there may be titles; the heading itself may be two rows (时间 over 响应 and 办结).
Nothing is guessed between two equal candidates: the file is refused and both are named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.intake.aliases import BUILDING_UNIT, COLUMNS, NATIVE, OTHERS, REQUIRED, SECOND_CHOICE, normal
from analytics.intake.faults import listed, refuse
from analytics.vocabulary import COLUMN_LABELS

if TYPE_CHECKING:
    from analytics.intake.layouts import Layout
    from analytics.intake.result import IntakeRefused
    from analytics.intake.tables import RawTable

#: The heading is looked for in this many lines from the top.
SEARCHED_LINES: Final = 50
#: Kinds as the command line names them, in the order in which a file is tried.
KINDS: Final = ("petitions", "complaints", "courtyards", "progress", "events")
_LABELS: Final = COLUMN_LABELS | {
    "activity": mark("环节"),
    "at": mark("操作时间"),
    BUILDING_UNIT: mark("楼栋单元"),
}
_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")


def label(column: str) -> str:
    """What people call a column, in the language of the moment; its own name where it has no other."""
    return _(_LABELS.get(column, column))


@dataclass(frozen=True)
class Assignment:
    """Positions of our columns among some headings; a layout's list of headings gives several positions.

    ``doubled`` names, for one of our columns, the headings that claim it equally; ``passed_over`` tells
    which column a position would have meant, had not a better heading taken it.
    """

    columns: dict[str, tuple[int, ...]]
    passed_over: dict[int, str] = field(default_factory=dict)
    doubled: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Heading:
    """The heading of a table: its last line, its names column by column, and what they mean."""

    kind: str
    line: int
    row: int
    names: tuple[str, ...]
    assignment: Assignment

    @property
    def columns(self) -> dict[str, tuple[int, ...]]:
        """Our column → positions in the table."""
        return self.assignment.columns

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns that no heading stands for."""
        return tuple(name for name in REQUIRED[self.kind] if name not in self.columns)

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headings that mean nothing to us."""
        taken = {position for positions in self.columns.values() for position in positions}
        known = taken | set(self.assignment.passed_over)
        return tuple(name for i, name in enumerate(self.names) if name and i not in known)

    @property
    def seconds(self) -> dict[str, tuple[str, ...]]:
        """Our column → headings that mean it too, but are not taken."""
        found: dict[str, tuple[str, ...]] = {}
        for position, column in sorted(self.assignment.passed_over.items()):
            found[column] = (*found.get(column, ()), self.names[position])
        return found

    @property
    def rank(self) -> tuple[bool, int]:
        """How well this row serves as a heading: complete or not, and the columns found."""
        return not self.missing, len(self.columns) + len(self.assignment.doubled)

    def name_of(self, column: str) -> str:
        """The source's own heading of one of our columns."""
        return self.names[self.columns[column][0]] if column in self.columns else label(column)


def find_heading(table: RawTable, kind: str, file: str, layout: Layout | None = None) -> Heading:
    """The heading of ``table`` for records of ``kind`` (``complaints`` may answer ``complaint_months``).

    Raises IntakeRefused, naming ``file``, when there is none, when two headings claim the same column, or
    when a required column is missing.
    """
    heading = max((locate(table, shape, layout) for shape in shapes_of(kind)), key=lambda h: h.rank)
    if heading.assignment.doubled:
        raise _refuse_doubled(heading, file)
    if heading.missing:
        raise _refuse_missing(heading, file)
    return heading


def locate(table: RawTable, kind: str, layout: Layout | None = None) -> Heading:
    """The row that serves best as heading, complete or not; for the import page's preview."""
    candidates = [*_candidates(table, kind, layout)]
    best = max(candidates, key=lambda heading: heading.rank, default=None)
    if best is not None and (best.rank[0] or best.rank[1] > 1):
        return best
    wide = (heading for heading in candidates if sum(map(bool, heading.names)) > 1)
    return next(wide, best or Heading(kind, 0, 0, (), Assignment({})))


def guess_kind(table: RawTable) -> str | None:
    """What the file seems to hold, one of :data:`KINDS`, by its headings; None when nothing fits.

    One with a heading twice, by far better known as another kind, is that kind: it is to be refused as such. So
    is one that lacks a column, where it would else pass for a registry, which needs no more than 院落.
    """
    sound, doubled, lacking = [(0, "")], [(0, "")], [(0, "")]
    for kind in KINDS:
        for heading in (locate(table, shape) for shape in shapes_of(kind)):
            found = lacking if heading.missing else doubled if heading.assignment.doubled else sound
            found.append((_familiarity(heading), kind))
    score, guess = _best(sound)
    other, instead = _best(doubled + lacking if guess == "courtyards" else doubled)
    return (instead if guess and other > 2 * score else guess) or None


def _best(found: list[tuple[int, str]]) -> tuple[int, str]:
    return max(found, key=lambda pair: pair[0])


def assign(names: Sequence[str], kind: str, layout: Layout | None = None) -> Assignment:
    """Which of ``names`` (blank = no heading) is which column of ``kind``."""
    chosen = _by_layout(names, layout) if layout else {}
    unwanted = set(layout.left_out) if layout else set()
    used = {position for positions in chosen.values() for position in positions}
    claims: dict[str, list[tuple[int, int]]] = {}  # our column → (rank, position); a smaller rank is better
    for position, name in enumerate(names):
        if position not in used and (found := _meaning(name, kind)):
            ours, rank = found
            claims.setdefault(ours, []).append((rank, position))
    return _settle(names, chosen, claims, unwanted)


def shapes_of(kind: str) -> tuple[str, ...]:
    """The kinds of record that a kind of the command line may turn out to be."""
    return ("complaints", "complaint_months") if kind == "complaints" else (kind,)


def _familiarity(heading: Heading) -> int:
    native = NATIVE[heading.kind]
    own = sum(normal(heading.names[places[0]]) in native for places in heading.columns.values())
    return len(heading.columns) + own


def _by_layout(names: Sequence[str], layout: Layout) -> dict[str, tuple[int, ...]]:
    places: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        places.setdefault(normal(name) or name.strip(), []).append(position)
    found = {
        ours: tuple(position for name in theirs for position in places.get(normal(name) or name.strip(), ()))
        for ours, theirs in layout.columns
    }
    return {ours: positions for ours, positions in found.items() if positions}


def _meaning(name: str, kind: str) -> tuple[str, int] | None:
    """Our column and how good a name it is: 0 the product's own heading, else its place in the list."""
    for spelling in (normal(name), normal(_IN_BRACKETS.sub("", name))):
        if spelling in NATIVE[kind]:
            return NATIVE[kind][spelling], 0
        if spelling in OTHERS[kind]:
            # Spellings with a second choice stand back, in the order of the list; all others are equal.
            behind = list(OTHERS[kind]).index(spelling) if spelling in SECOND_CHOICE else 0
            return OTHERS[kind][spelling], 1 + behind
    return None


def _settle(
    names: Sequence[str],
    chosen: dict[str, tuple[int, ...]],
    claims: dict[str, list[tuple[int, int]]],
    unwanted: set[str],
) -> Assignment:
    columns = dict(chosen)
    passed_over: dict[int, str] = {}
    doubled = _repeats_of_layout(names, chosen)
    for ours, claimants in claims.items():
        if ours in unwanted:
            continue
        best = min(claimants)[0] if ours not in chosen else -1
        winners = [position for rank, position in claimants if rank == best]
        if winners:
            columns[ours] = tuple(winners[:1])
        if len(winners) > 1:
            doubled[ours] = tuple(names[position] for position in winners)
        passed_over |= {position: ours for rank, position in claimants if rank != best}
    _take_second_choices(names, columns, passed_over, unwanted)
    return Assignment(_without_split(columns), passed_over, doubled)


def _repeats_of_layout(
    names: Sequence[str], chosen: dict[str, tuple[int, ...]]
) -> dict[str, tuple[str, ...]]:
    """Columns for which a heading named by the layout stands more than once."""
    repeats: dict[str, tuple[str, ...]] = {}
    for ours, positions in chosen.items():
        counted = Counter(normal(names[position]) for position in positions)
        if again := [names[p] for p in positions if counted[normal(names[p])] > 1]:
            repeats[ours] = tuple(again)
    return repeats


def _take_second_choices(
    names: Sequence[str], columns: dict[str, tuple[int, ...]], passed_over: dict[int, str], unwanted: set[str]
) -> None:
    """Move from ``passed_over`` to ``columns`` what can mean another column that is still free."""
    for position in list(passed_over):
        other = SECOND_CHOICE.get(normal(_IN_BRACKETS.sub("", names[position])))
        if other and other not in columns and other not in unwanted:
            columns[other] = (position,)
            del passed_over[position]


def _without_split(columns: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """楼栋 or 单元 of their own are better than 楼栋单元 to be split."""
    apart = "building" in columns or "unit" in columns
    return {ours: places for ours, places in columns.items() if not (apart and ours == BUILDING_UNIT)}


def _candidates(table: RawTable, kind: str, layout: Layout | None) -> Iterator[Heading]:
    lines = [_texts(row) for row in table.cells.head(SEARCHED_LINES).itertuples(index=False, name=None)]
    single = [_heading(table, kind, line, names, layout) for line, names in enumerate(lines)]
    for line, heading in enumerate(single):
        yield heading
        if line + 1 < len(lines):
            joined = _joined(lines[line], lines[line + 1], kind, layout)
            pair = _heading(table, kind, line + 1, joined, layout)
            if _needs_both_rows(pair, heading, single[line + 1]):
                yield pair


def _needs_both_rows(pair: Heading, upper: Heading, lower: Heading) -> bool:
    """A data row under a heading must never pass for its second row: one name alike is not enough."""
    gain = pair.rank[1] - max(upper.rank[1], lower.rank[1])
    composed = any(
        pair.names[places[0]] not in (upper.names[places[0]], lower.names[places[0]])
        for places in pair.columns.values()
    )
    return gain > 1 or (gain == 1 and composed)


def _heading(table: RawTable, kind: str, line: int, names: Sequence[str], layout: Layout | None) -> Heading:
    allowed = {*COLUMNS[kind], BUILDING_UNIT}
    found = assign(names, kind, layout)
    columns = {ours: places for ours, places in found.columns.items() if ours in allowed}
    assignment = Assignment(columns, found.passed_over, found.doubled)
    return Heading(kind, line, int(table.rows[line]), tuple(names), assignment)


def _texts(row: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(" ".join(cell.split()) if isinstance(cell, str) else "" for cell in row)


def _joined(upper: Sequence[str], lower: Sequence[str], kind: str, layout: Layout | None) -> tuple[str, ...]:
    """Two heading rows as one: a group's name stands over its columns, blank to the right of its first."""
    theirs = {normal(name) for _ours, names in layout.columns for name in names} if layout else set()
    names: list[str] = []
    group = ""
    for above, below in zip(upper, lower, strict=True):
        group = above or (group if below else "")
        spellings = (below, group + below, below + group) if below else (above,)
        known = (s for s in spellings if normal(s) in theirs or _meaning(s, kind))
        names.append(next(known, below or above))
    return tuple(names)


def _refuse_doubled(heading: Heading, file: str) -> IntakeRefused:
    found = _("；").join(
        _("{names} 都是「{column}」").format(names=listed(names), column=label(column))
        for column, names in heading.assignment.doubled.items()
    )
    return refuse("duplicate_heading", file=file, row=heading.row, found=found)


def _own_heading(column: str, kind: str) -> str:
    """A heading that an import takes for ``column``: its label, or its name where that is not known."""
    return label(column) if NATIVE[kind].get(normal(label(column))) == column else column


def _refuse_missing(heading: Heading, file: str) -> IntakeRefused:
    missing = listed(_own_heading(column, heading.kind) for column in heading.missing)
    if not any(heading.names):
        return refuse("no_heading", file=file, missing=missing)
    found = listed(name[:30] for name in heading.names[:40] if name)
    return refuse("missing_column", file=file, missing=missing, row=heading.row, found=found)
