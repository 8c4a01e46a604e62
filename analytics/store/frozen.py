"""Months as they were reported: what was printed, under which policy, as of when, and whose states it rests on.

Lines are never changed or deleted: a month reported anew is a further version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from pandas import DataFrame, Timestamp
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    Select,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)

from analytics.i18n import gettext as _
from analytics.store.engine import reading, writing
from analytics.store.errors import StoreError
from analytics.store.schema import meta, metadata
from analytics.store.values import from_epoch, to_epoch

#: ``scope``, ``policy``, ``content``, ``public``, ``petitions``, ``edits`` and ``scenarios`` are JSON texts of
#: the report's.
frozen = Table(
    "frozen_months",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("month", String(7), nullable=False),
    Column("scope", Text, nullable=False),
    Column("scope_hash", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("policy", Text, nullable=False),
    Column("data_version", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Column("public", Text, nullable=False),
    Column("petitions", Text, nullable=False),
    Column("edits", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("sample", SmallInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("scenarios", Text, nullable=False, server_default="{}"),
    UniqueConstraint("month", "scope_hash", "version"),
    sqlite_autoincrement=True,
)
_LISTED: Final = ("month", "scope", "version", "as_of", "data_version", "sha256", "sample", "who", "at")


@dataclass(frozen=True)
class FrozenMonth:
    """One version of a month as reported; texts are what :func:`freeze_month` was given."""

    month: str
    scope: str
    version: int
    as_of: Timestamp
    policy: str
    data_version: int
    content: bytes
    public: bytes
    petitions: str
    edits: str
    scenarios: str
    sha256: str
    sample: bool
    who: str
    at: Timestamp


def freeze_month(
    engine: Engine,
    *,
    month: str,
    scope: str,
    as_of: Timestamp,
    policy: str,
    data_version: int,
    content: bytes,
    public: bytes,
    petitions: str,
    edits: str,
    scenarios: str,
    sample: bool,
    who: str,
    now: Timestamp,
    again: bool = False,
) -> int:
    """Keep a month as reported; its version, 1 for the first.

    Raises :class:`StoreError` when the records are no longer those of ``data_version``, or when the month is
    frozen for this scope already and not meant to be frozen ``again``.
    """
    with writing(engine) as connection:
        version = 1 + _latest(connection, month, scope)
        if version > 1 and not again:
            raise StoreError(
                _("{month} 已经冻结过（第 {n} 版）。确要按现有记录再冻结一版，请加 --again。").format(
                    month=month, n=version - 1
                )
            )
        current = connection.execute(select(meta.c.value).where(meta.c.name == "data_version")).scalar_one()
        if current != data_version:
            raise StoreError(_("冻结时记录又有变动，没有冻结。请再试一次。"))
        entry = frozen.insert().values(
            month=month, scope=scope, scope_hash=_hash(scope), version=version, as_of=to_epoch(as_of),
            policy=policy, data_version=data_version, content=content.decode(), public=public.decode(),
            petitions=petitions, edits=edits, scenarios=scenarios, sha256=_digest(content, public), sample=int(sample), who=who,
            at=to_epoch(now),
        )  # fmt: skip
        connection.execute(entry)
    return version


def frozen_months(engine: Engine) -> DataFrame:
    """The history, newest first: ``month, scope, version, as_of, data_version, sha256, sample, who, at``."""
    query = select(*(frozen.c[name] for name in _LISTED)).order_by(frozen.c.number.desc())
    with reading(engine) as connection:
        found = DataFrame(connection.execute(query).all(), columns=list(_LISTED))
    for name in ("as_of", "at"):
        found[name] = pd.Series([from_epoch(seconds) for seconds in found[name]], dtype="datetime64[s]")
    return found.assign(sample=found["sample"].astype(bool))


def frozen_month(engine: Engine, month: str, scope: str, version: int | None = None) -> FrozenMonth | None:
    """One version (default: the latest) of a month, or None; StoreError if it is no longer what was kept."""
    query: Select = select(frozen).where(frozen.c.month == month, frozen.c.scope_hash == _hash(scope))
    if version is not None:
        query = query.where(frozen.c.version == version)
    with reading(engine) as connection:
        row = connection.execute(query.order_by(frozen.c.version.desc()).limit(1)).mappings().one_or_none()
    return None if row is None else _kept(dict(row))


def _kept(row: dict[str, Any]) -> FrozenMonth:
    content, public = row["content"].encode(), row["public"].encode()
    if _digest(content, public) != row["sha256"]:
        raise StoreError(
            _("冻结的 {month}（第 {n} 版）与当时的校验码不符，可能被改动过。请用备份核对。").format(
                month=row["month"], n=row["version"]
            )
        )
    same = (
        "month", "scope", "version", "policy", "data_version", "petitions", "edits", "scenarios", "sha256", "who",
    )  # fmt: skip
    as_of, at = from_epoch(row["as_of"]), from_epoch(row["at"])
    assert as_of is not None
    assert at is not None
    return FrozenMonth(
        **{name: row[name] for name in same},
        as_of=as_of, at=at, content=content, public=public, sample=bool(row["sample"]),
    )  # fmt: skip


def _latest(connection: Connection, month: str, scope: str) -> int:
    same = (frozen.c.month == month, frozen.c.scope_hash == _hash(scope))
    return int(connection.execute(select(func.max(frozen.c.version)).where(*same)).scalar() or 0)


def _hash(scope: str) -> str:
    return hashlib.sha256(scope.encode()).hexdigest()


def _digest(content: bytes, public: bytes) -> str:
    return hashlib.sha256(content + b"\n" + public).hexdigest()
