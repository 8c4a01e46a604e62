"""Which sheet of a workbook is read, and what is said of the others."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.intake.cells import SheetInfo
from analytics.intake.grid import Facts, Grid
from analytics.intake.refusals import Note, Unreadable


def unknown_sheet(sheet: str, visible: Mapping[str, bool]) -> Unreadable:
    """The refusal of a sheet that is not there, naming those that are."""
    return Unreadable("unknown_sheet", sheet=sheet, sheets=list(visible))


def choose(facts: Mapping[str, Facts]) -> str:
    """The first sheet with a table, two rows of two cells or more; else the first with anything at all."""
    for enough in (lambda f: f.wide_rows > 1, lambda f: f.rows > 0):
        for name, found in facts.items():
            if enough(found):
                return name
    raise Unreadable("no_table")


def describe(
    grid: Grid,
    chosen: str,
    visible: Mapping[str, bool],
    facts: Mapping[str, Facts],
    *,
    was_named: bool,
    is_1904: bool = False,
) -> Grid:
    """Add to ``grid`` which sheet it is, which there are, and what was left unread."""
    grid.sheet = chosen
    grid.sheets = [
        SheetInfo(name, shown, facts[name].rows if name in facts else None) for name, shown in visible.items()
    ]
    if is_1904:
        grid.notes.append(Note("date_1904"))
    if was_named:
        return grid
    others = [name for name, found in facts.items() if name != chosen and found.rows]
    hidden = [name for name, shown in visible.items() if not shown]
    if others:
        grid.notes.append(Note("other_sheets", details={"sheet": chosen, "sheets": others}))
    if hidden:
        grid.notes.append(Note("hidden_sheets", details={"sheets": hidden}))
    return grid
