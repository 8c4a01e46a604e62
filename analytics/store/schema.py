"""The tables: one per kind of record, each with its before-images, and the log of imports.

Times are seconds since the Unix epoch, UTC, so that SQL shows local time with
``datetime(reported_at, 'unixepoch', '+8 hours')``. Yes/no columns hold 1, 0 or null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from analytics.vocabulary import (
    COMPLAINT_COLUMNS,
    COMPLAINT_MONTH_COLUMNS,
    COURTYARD_COLUMNS,
    MILESTONES,
    PETITION_COLUMNS,
    PETITION_TIMES,
    PROGRESS_COLUMNS,
)

#: Raised whenever a table or column is added; an older database is brought up to it on connecting.
SCHEMA_VERSION: Final = 4

metadata = MetaData()

#: Whole numbers about the database itself: ``schema_version`` and ``data_version``.
meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

#: One line per import that was committed; lines are never deleted, an import taken back is marked.
imports = Table(
    "imports",
    metadata,
    Column("batch", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("encoding", Text),
    Column("sheet", Text),
    Column("layout", Text),
    Column("who", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("sample", SmallInteger, nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("inserted", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("undone_at", BigInteger),
    Column("undone_by", Text),
    #: For sample data: the first import of real records, which took the samples out.
    Column("replaced_by", Integer),
    sqlite_autoincrement=True,
)

#: One line per fault; a rejected row may have several.
rejections = Table(
    "rejections",
    metadata,
    Column("batch", Integer, ForeignKey("imports.batch"), nullable=False, index=True),
    Column("row", BigInteger, nullable=False),
    Column("column", Text),
    Column("value", Text),
    Column("code", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

#: The rejected rows as read, a JSON object of the source's own headings, for correction.
rejected_rows = Table(
    "rejected_rows",
    metadata,
    Column("batch", Integer, ForeignKey("imports.batch"), primary_key=True),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("cells", Text, nullable=False),
)

#: Descriptions of a source's headings, remembered by name, as TOML text.
layouts = Table(
    "layouts",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("text", Text, nullable=False),
)

#: What happened in the programme (a launch, a renovation), for the trend charts.
programme_events = Table(
    "programme_events",
    metadata,
    Column("event", Integer, primary_key=True, autoincrement=True),
    Column("label", Text, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("on", BigInteger, nullable=False),
    Column("community", Text, nullable=False),
    Column("courtyard", Text, nullable=False),
    Column("note", Text, nullable=False),
    sqlite_autoincrement=True,
)

#: Names that mean another one: an axis ("place" or "handler"), as it is written, as it counts.
renamings = Table(
    "renamings",
    metadata,
    Column("axis", String(20), primary_key=True),
    Column("old", String(400), primary_key=True),
    Column("new", String(400), nullable=False),
    Column("who", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

#: How far an import from another database has read it: the source's fingerprint, a value of its column as JSON.
watermarks = Table(
    "watermarks",
    metadata,
    Column("batch", Integer, ForeignKey("imports.batch"), primary_key=True, autoincrement=False),
    Column("source", String(64), nullable=False, index=True),
    Column("value", Text, nullable=False),
)

#: Suppositions kept under a name: the text that the address carries, and the scope they were made for, as JSON.
scenarios = Table(
    "scenarios",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("scenario", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

_FLAGS: Final = ("needs_visit", "unsolvable", "confirmed_solved", "incomplete")
_NUMBERS: Final = ("handovers", "satisfaction", "count", "households", "residents", "units")

#: Bit of each petition time in the masks ``date_only`` and ``recorded``.
TIME_BITS: Final = {name: 1 << i for i, name in enumerate(PETITION_TIMES)}

BOOKKEEPING: Final = ("first_batch", "batch")


def is_time(name: str) -> bool:
    """Whether a canonical column holds moments (kept as epoch seconds)."""
    return name.endswith("_at") or name == "launched_on"


def is_flag(name: str) -> bool:
    """Whether a canonical column is yes, no or unknown."""
    return name in _FLAGS


def is_number(name: str) -> bool:
    """Whether a canonical column is a whole number."""
    return name in _NUMBERS


def column_type(name: str) -> type[TypeEngine]:
    """How a canonical or bookkeeping column is kept."""
    if is_time(name):
        return BigInteger
    if is_flag(name):
        return SmallInteger
    if name == "exposure":
        return Float
    if is_number(name) or name in (*BOOKKEEPING, "date_only", "recorded"):
        return Integer
    return Text


@dataclass(frozen=True)
class Kind:
    """How records of one kind are kept: what makes two of them the same, what may be overwritten.

    ``table`` holds the present state, ``before`` the state of every row that an import changed or took
    out, as it was before that import (named by its ``by_batch``).
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    milestones: tuple[str, ...]
    masks: tuple[str, ...]
    table: Table
    before: Table


def _kind(
    name: str,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    milestones: tuple[str, ...] = (),
    masks: tuple[str, ...] = (),
) -> Kind:
    names = (*dict.fromkeys((*key, *columns)), *masks, *BOOKKEEPING)
    required = (*key, *masks, *BOOKKEEPING)

    def fresh(primary: bool) -> list[Column]:
        return [
            Column(n, column_type(n), primary_key=primary and n in key, nullable=n not in required)
            for n in names
        ]

    table = Table(name, metadata, *fresh(primary=True))
    by_batch = Column("by_batch", Integer, ForeignKey("imports.batch"), nullable=False)
    before = Table(f"{name}_before", metadata, by_batch, *fresh(primary=False))
    Index(f"ix_{name}_before", before.c.by_batch, *(before.c[n] for n in key))
    return Kind(name, key, columns, milestones, masks, table, before)


#: Progress reports have no id of their own: two are the same when all they say is the same, so their
#: key is a fingerprint of it (a note can be longer than an index takes).
KINDS: Final = {
    kind.name: kind
    for kind in (
        _kind("petitions", ("case_id",), PETITION_COLUMNS, MILESTONES, ("date_only", "recorded")),
        _kind("complaints", ("complaint_id",), COMPLAINT_COLUMNS),
        _kind("complaint_months", ("community", "courtyard", "month"), COMPLAINT_MONTH_COLUMNS),
        _kind("courtyards", ("community", "courtyard"), COURTYARD_COLUMNS),
        _kind("progress", ("fingerprint",), PROGRESS_COLUMNS),
    )
}

#: Lists and filters work on the frame in memory; the database is asked for single petitions, by their ids.
Index("ix_progress_case", KINDS["progress"].table.c.case_id)
