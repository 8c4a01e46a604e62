"""Suppositions kept under a name: the text that the address carries, and the scope that they were made for.

They stand beside the records and outlive every import; what they mean is :mod:`analytics.whatif`'s to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pandas import DataFrame, Timestamp
from sqlalchemy import Connection, Engine, select

from analytics.i18n import gettext as _
from analytics.store.engine import reading, writing
from analytics.store.errors import StoreError
from analytics.store.schema import scenarios
from analytics.store.values import from_epoch, to_epoch

#: Characters of a name, so that it fits a button, a chip and a heading.
LONGEST_NAME: Final = 40


@dataclass(frozen=True)
class SavedScenario:
    """One supposition as it was kept; ``scope`` is JSON, ``at`` China time."""

    name: str
    scenario: str
    scope: str
    note: str
    who: str
    at: Timestamp


def save_scenario(
    engine: Engine, name: str, *, scenario: str, scope: str, note: str = "", who: str, now: Timestamp
) -> str:
    """Keep a scenario; its name as kept, without blanks around it.

    Raises :class:`StoreError` for a name that is blank, too long or taken.
    """
    with writing(engine) as connection:
        kept = _free(connection, name)
        values = {"scenario": scenario, "scope": scope, "note": note.strip(), "who": who, "at": to_epoch(now)}
        connection.execute(scenarios.insert().values(name=kept, **values))
    return kept


def list_scenarios(engine: Engine) -> DataFrame:
    """All that are kept, newest first: ``name, scenario, scope, note, who, at`` (China time)."""
    query = select(scenarios).order_by(scenarios.c.at.desc(), scenarios.c.name)
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    found = DataFrame(rows, columns=list(scenarios.c.keys()))
    return found.assign(at=found["at"].map(from_epoch).astype("datetime64[s]"))


def scenario(engine: Engine, name: str) -> SavedScenario:
    """One that is kept; raises :class:`StoreError` naming those that are where there is none of that name."""
    with reading(engine) as connection:
        row = connection.execute(select(scenarios).where(scenarios.c.name == name.strip())).one_or_none()
        if row is None:
            raise _unknown(connection, name)
    at = from_epoch(row.at)
    assert at is not None
    return SavedScenario(row.name, row.scenario, row.scope, row.note, row.who, at)


def rename_scenario(engine: Engine, old: str, new: str) -> str:
    """Call a scenario otherwise; its name as kept. Raises :class:`StoreError` as saving does."""
    if new.strip() == old:
        return old
    with writing(engine) as connection:
        kept = _free(connection, new)
        if not connection.execute(
            scenarios.update().where(scenarios.c.name == old).values(name=kept)
        ).rowcount:
            raise _unknown(connection, old)
    return kept


def remove_scenario(engine: Engine, name: str) -> None:
    """Let go of a scenario. Raises :class:`StoreError` when there is none of that name."""
    with writing(engine) as connection:
        if not connection.execute(scenarios.delete().where(scenarios.c.name == name.strip())).rowcount:
            raise _unknown(connection, name)


def _free(connection: Connection, name: str) -> str:
    """``name`` as it is kept, when nobody has it yet."""
    kept = " ".join(name.split())
    if not kept:
        raise StoreError(_("情景要有名字。"))
    if len(kept) > LONGEST_NAME:
        raise StoreError(_("情景的名字最多 {n} 个字，现在是 {m} 个。").format(n=LONGEST_NAME, m=len(kept)))
    taken = connection.execute(select(scenarios).where(scenarios.c.name == kept)).one_or_none()
    if taken is not None:
        text = _("已有叫「{name}」的情景（{who} 于 {at:%Y-%m-%d %H:%M} 存的）。请换个名字，或先删除那一个。")
        raise StoreError(text.format(name=kept, who=taken.who, at=from_epoch(taken.at)))
    return kept


def _unknown(connection: Connection, name: str) -> StoreError:
    known = connection.execute(select(scenarios.c.name).order_by(scenarios.c.name)).scalars().all()
    return StoreError(
        _("没有叫「{name}」的情景，有的是：{known}。").format(
            name=name, known=_("、").join(known[:20]) or _("（空）")
        )
    )
