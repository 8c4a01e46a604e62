"""Records that name a courtyard without its community, where the registry cannot tell which one is meant."""

from __future__ import annotations

from typing import Final

from pandas import DataFrame
from sqlalchemy import Connection, select

from analytics.i18n import gettext as _
from analytics.intake.result import IntakeWarning
from analytics.store.schema import KINDS, Kind, renamings

_NAMED: Final = 3


def find_unplaced(
    connection: Connection, kind: Kind, records: DataFrame, samples: list[int]
) -> tuple[IntakeWarning, ...]:
    """A warning on rows with a courtyard that, without a community, is none of the registered ones.

    Nothing is said where there is no registry (``samples``, batches about to go, are none), nor of names
    that somebody has merged already: those are known.
    """
    if kind.name == "courtyards" or "courtyard" not in records:
        return ()
    blank = records["community"].isna() | (records["community"] == "") if "community" in records else True
    is_named = records["courtyard"].notna() & (records["courtyard"] != "") & blank
    named = records.loc[is_named, ["courtyard", "row"]]
    if named.empty or not (known := _communities(connection, samples)):
        return ()
    settled = {name for name, communities in known.items() if len(communities) == 1} | _merged(connection)
    unplaced = named[~named["courtyard"].isin(settled)]
    if unplaced.empty:
        return ()
    names = [_("「{name}」").format(name=name) for name in unplaced["courtyard"].unique()]
    more = _("等") if len(names) > _NAMED else ""
    sentence = _(
        "有 {n} 行没有社区，只凭院落名称不能确定是登记的哪个院落（{names}），会与登记的院落分开统计。请补上社区，或先把院落登记好。"
    ).format(n=len(unplaced), names=_("、").join(names[:_NAMED]) + more)
    return (IntakeWarning("blank_community", sentence, tuple(map(int, unplaced["row"]))),)


def _communities(connection: Connection, samples: list[int]) -> dict[str, set[str]]:
    """The communities in which each registered courtyard name occurs."""
    stored = KINDS["courtyards"].table.c
    query = select(stored.courtyard, stored.community).where(stored.first_batch.not_in(samples))
    known: dict[str, set[str]] = {}
    for courtyard, community in connection.execute(query):
        known.setdefault(courtyard, set()).add(community)
    return known


def _merged(connection: Connection) -> set[str]:
    rules = select(renamings.c.old, renamings.c.new).where(renamings.c.axis == "place")
    return {key.partition("/")[2] for rule in connection.execute(rules) for key in rule}
