"""Small things kept beside the records: named layouts and the events of the programme."""

from __future__ import annotations

from typing import Any

from pandas import DataFrame, Timestamp
from sqlalchemy import Engine, Table, select

from analytics.i18n import gettext as _
from analytics.store.engine import reading, writing
from analytics.store.errors import StoreError
from analytics.store.schema import layouts, programme_events
from analytics.store.values import from_epoch, to_epoch
from analytics.store.writing import bump_data_version


def save_layout(engine: Engine, name: str, kind: str, text: str) -> None:
    """Remember a layout (TOML text) under a name; the name's earlier layout is replaced."""
    with writing(engine) as connection:
        connection.execute(layouts.delete().where(layouts.c.name == name))
        connection.execute(layouts.insert().values(name=name, kind=kind, text=text))


def saved_layouts(engine: Engine) -> DataFrame:
    """All remembered layouts by name: ``name, kind, text``."""
    return _all(engine, layouts, "name")


def saved_layout(engine: Engine, name: str) -> str | None:
    """The TOML text of a remembered layout, or None."""
    with reading(engine) as connection:
        return connection.execute(select(layouts.c.text).where(layouts.c.name == name)).scalar()


def remove_layout(engine: Engine, name: str) -> None:
    """Forget a layout. Raises :class:`StoreError` when there is none of that name."""
    with writing(engine) as connection:
        if not connection.execute(layouts.delete().where(layouts.c.name == name)).rowcount:
            raise StoreError(_("没有名为「{name}」的版式。").format(name=name))


def add_event(
    engine: Engine,
    *,
    label: str,
    kind: str,
    on: Timestamp,
    community: str | None = None,
    courtyard: str | None = None,
    note: str | None = None,
) -> int:
    """Record an event of the programme (launch, renovation …); blank places mean everywhere. Its number."""
    values: dict[str, Any] = {"label": label, "kind": kind, "on": to_epoch(on), "note": note or ""}
    place = {"community": community or "", "courtyard": courtyard or ""}
    with writing(engine) as connection:
        entry = programme_events.insert().values(**values, **place).returning(programme_events.c.event)
        bump_data_version(connection)
        return int(connection.execute(entry).scalar_one())


def events(engine: Engine) -> DataFrame:
    """Events of the programme by date: ``event, label, kind, on, community, courtyard, note`` (blank: ``""``)."""
    found = _all(engine, programme_events, "on")
    return found.assign(on=found["on"].map(from_epoch).astype("datetime64[s]"))


def remove_event(engine: Engine, event: int) -> None:
    """Delete an event. Raises :class:`StoreError` when there is none of that number."""
    with writing(engine) as connection:
        if not connection.execute(
            programme_events.delete().where(programme_events.c.event == event)
        ).rowcount:
            raise StoreError(_("没有编号为 {event} 的事件。").format(event=event))
        bump_data_version(connection)


def _all(engine: Engine, table: Table, order: str) -> DataFrame:
    with reading(engine) as connection:
        rows = connection.execute(select(table).order_by(table.c[order])).all()
    return DataFrame(rows, columns=list(table.c.keys()))
