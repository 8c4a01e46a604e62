"""Names that mean the same: rules beside the records, which stay as they were written.

A rule says how a name on an axis counts (丽晶公馆 → 丽晶公馆小区). It is applied when records are read for
measuring (:mod:`analytics.renaming`) and can be taken back at any time.
"""

from __future__ import annotations

from typing import Final

from pandas import DataFrame, Timestamp
from sqlalchemy import Connection, Engine, select

from analytics.i18n import gettext as _
from analytics.store.engine import reading, writing
from analytics.store.errors import StoreError
from analytics.store.schema import renamings as rules
from analytics.store.values import from_epoch, to_epoch
from analytics.store.writing import bump_data_version

#: ``place``: keys 「社区/院落」; ``handler``: names as written.
AXES: Final = ("place", "handler")


def rename(engine: Engine, axis: str, old: str, new: str, *, who: str, now: Timestamp) -> None:
    """From now on ``old`` counts as ``new``; an earlier rule for ``old`` is replaced.

    Raises :class:`StoreError` when the names are the same, or when ``new`` itself already counts as ``old``.
    """
    if axis not in AXES:
        raise ValueError(f"no such axis: {axis!r}")
    with writing(engine) as connection:
        if _leads_to(connection, axis, new, old):
            message = _("「{new}」已经算作「{old}」，不能再反过来合并。请先撤销那一条。")
            raise StoreError(message.format(old=old, new=new))
        connection.execute(rules.delete().where(rules.c.axis == axis, rules.c.old == old))
        connection.execute(rules.insert().values(axis=axis, old=old, new=new, who=who, at=to_epoch(now)))
        bump_data_version(connection)


def renamings(engine: Engine) -> DataFrame:
    """All rules: ``axis, old, new, who, at`` (China time), by axis and old name."""
    with reading(engine) as connection:
        rows = connection.execute(select(rules).order_by(rules.c.axis, rules.c.old)).all()
    found = DataFrame(rows, columns=list(rules.c.keys()))
    return found.assign(at=found["at"].map(from_epoch).astype("datetime64[s]"))


def take_back(engine: Engine, axis: str, old: str) -> None:
    """``old`` counts as itself again. Raises :class:`StoreError` when there is no such rule."""
    with writing(engine) as connection:
        found = connection.execute(rules.delete().where(rules.c.axis == axis, rules.c.old == old))
        if not found.rowcount:
            raise StoreError(_("没有「{old}」的合并规则。").format(old=old))
        bump_data_version(connection)


def _leads_to(connection: Connection, axis: str, name: str, other: str) -> bool:
    """Whether ``name`` is ``other``, or counts as it by the rules there are."""
    pairs = connection.execute(select(rules.c.old, rules.c.new).where(rules.c.axis == axis)).all()
    counts_as: dict[str, str] = {row.old: row.new for row in pairs}
    while name != other and name in counts_as:
        name = counts_as[name]
    return name == other
