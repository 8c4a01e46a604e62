"""One file in, one :class:`Intake` out: the whole way from bytes to checked records."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from analytics.intake import contract, events, mapping
from analytics.intake.contract import Checked
from analytics.intake.corrections import without_reasons
from analytics.intake.faults import listed, refuse, remark
from analytics.intake.headings import KINDS, Heading, find_heading, label
from analytics.intake.layouts import Layout, load
from analytics.intake.progress import Tell, untold
from analytics.intake.result import Intake, IntakeWarning
from analytics.intake.tables import RawTable, read_tables
from analytics.intake.values import Circumstances

if TYPE_CHECKING:
    from os import PathLike

_CHINA: Final = "Asia/Shanghai"
_CHUNK: Final = 1 << 20


def read(
    source: str | PathLike[str] | bytes,
    name: str,
    kind: str,
    *,
    now: pd.Timestamp,
    sheet: str | None = None,
    layout: Layout | None = None,
    tell: Tell = untold,
) -> Intake:
    """Read and check the file at ``source`` (or its bytes), called ``name`` in messages.

    ``kind`` is one of headings.KINDS; ``complaints`` may turn out monthly and ``events`` become petitions.
    ``now`` (China time where naive) bounds what can have happened. Raises IntakeRefused when the file as a
    whole cannot be taken; nothing else is raised for anything that a file may hold.
    """
    table = read_tables(source, name, sheet, tell)
    return read_table(table, name, kind, now=now, sha256=file_hash(source), layout=layout, tell=tell)


def read_table(
    table: RawTable,
    name: str,
    kind: str,
    *,
    now: pd.Timestamp,
    sha256: str,
    layout: Layout | None = None,
    tell: Tell = untold,
) -> Intake:
    """Check a raw table, wherever it comes from; see :func:`read`."""
    if kind not in KINDS:
        raise ValueError(f"no such kind: {kind!r}")
    if layout is not None and layout.kind.replace("complaint_months", "complaints") != kind:
        raise refuse("other_kind", layout=layout.name, expected=layout.kind, kind=kind, file=name)
    table = without_reasons(table)
    if layout is None:
        layout = next((shipped for shipped in mapping.shipped_for(table) if shipped.kind == kind), None)
    heading = find_heading(table, kind, name, layout)
    checked = contract.check(table, heading, _circumstances(now, layout), tell)
    remarks = (*table.notes, *_remarks(heading, layout, checked), *checked.warnings)
    if kind == "events":
        checked, joined = _joined(checked, layout)
        remarks = (*remarks, *joined)
    return Intake(
        kind="petitions" if kind == "events" else heading.kind,
        file=name,
        sha256=sha256,
        encoding=table.encoding,
        sheet=table.sheet,
        layout=layout.name if layout else None,
        heading_row=heading.row,
        rows_read=checked.rows_read,
        columns=checked.columns,
        records=checked.records,
        rejected=checked.rejected,
        raw_rejected=checked.raw_rejected,
        warnings=remarks,
    )


def _circumstances(now: pd.Timestamp, layout: Layout | None) -> Circumstances:
    moment = now.tz_convert(_CHINA).tz_localize(None) if now.tzinfo else now
    if layout is None:
        return Circumstances(moment)
    mappings = {column: dict(pairs) for column, pairs in layout.values}
    return Circumstances(moment, layout.timezone, layout.formats, layout.date_only, mappings)


def file_hash(source: str | PathLike[str] | bytes) -> str:
    """The SHA-256 of a file or its bytes, in hexadecimal."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    digest = hashlib.sha256()
    with Path(os.fspath(source)).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _remarks(heading: Heading, layout: Layout | None, checked: Checked) -> list[IntakeWarning]:
    remarks = []
    if not checked.rows_read:
        remarks.append(remark("no_rows"))
    if heading.ignored:
        remarks.append(remark("ignored_columns", names=_listed(heading.ignored)))
    for column, names in heading.seconds.items():
        taken = heading.name_of(column)
        remarks.append(remark("second_column", column=label(column), taken=taken, names=_listed(names)))
    absent = (
        [theirs for ours, theirs in layout.columns if theirs and ours not in heading.columns]
        if layout
        else []
    )
    if absent:
        remarks.append(remark("layout_column_absent", names=_listed(tuple(theirs[0] for theirs in absent))))
    return remarks


def _listed(names: tuple[str, ...]) -> str:
    return listed(name[:30] for name in names)


def _joined(checked: Checked, layout: Layout | None) -> tuple[Checked, tuple[IntakeWarning, ...]]:
    """Event lines as petitions, with a remark where rejected lines leave a petition incomplete."""
    told = layout is not None and bool(layout.milestones)
    milestones = dict(layout.milestones if layout is not None and told else load("events").milestones)
    petitions, remarks = events.join(checked.records, milestones, expected=told)
    gaps = set(checked.rejected_keys) & set(petitions["case_id"])
    if gaps:
        remarks = (*remarks, remark("events_incomplete", cases=len(gaps)))
    columns = tuple(name for name in petitions.columns if name not in ("row", "date_only"))
    return replace(checked, records=petitions, columns=columns), remarks
