"""What happened in the programme beside the launch: a merger of courtyards, a renovation, a heat wave.

Events are drawn on the trends, and those near a launch are rival explanations of what followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from analytics.complaints import month_of
from analytics.frame import places
from analytics.i18n import mark
from analytics.scope import Scope, month_number, month_text

KIND_LABELS: Final = {
    "launch": mark("上线"),
    "merger": mark("合院"),
    "renovation": mark("改造施工"),
    "weather": mark("天气"),
    "staff": mark("人员变动"),
    "counting": mark("统计口径变化"),
    "other": mark("其他"),
}
#: An event at most this many months from a launch may explain what followed as well as the launch does.
NEAR: Final = 6
COLUMNS: Final = ("event", "label", "kind", "on", "place", "month", "note")


def known(events: pd.DataFrame, courtyards: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The events that had happened at ``as_of``, by date; columns :data:`COLUMNS`.

    ``place``: "" everywhere, 「社区/」 in all of a community, else the key of a courtyard.
    """
    past = events[events["on"] <= as_of]
    keys = [str(key) for key in places(past, courtyards)] if len(past) else []
    table = past.assign(
        place=["" if key == "/" else key for key in keys],
        month=[month_text(month_of(pd.Timestamp(on))) for on in past["on"]],
    )
    return table.sort_values(["on", "event"], ignore_index=True)[list(COLUMNS)]


def none() -> pd.DataFrame:
    """A store without events."""
    types = {"event": "int64", "on": "datetime64[s]"}
    return pd.DataFrame(
        {
            name: pd.Series(dtype=types.get(name, "str"))
            for name in ("event", "label", "kind", "on", "community", "courtyard", "note")
        }
    )


def of_scope(events: pd.DataFrame, scope: Scope) -> list[dict[str, Any]]:
    """The events that touch a place of ``scope``, oldest first, as plain values (``on`` an ISO date)."""
    if not len(events):
        return []
    inside = [touches(place, scope) for place in events["place"]]
    rows = events[pd.Series(inside, index=events.index, dtype=bool)]
    return [
        {**row, "event": int(row["event"]), "on": f"{row['on']:%Y-%m-%d}"} for row in rows.to_dict("records")
    ]


def rivals(events: Sequence[Mapping[str, Any]], launch: str) -> list[Mapping[str, Any]]:
    """The events other than launches within :data:`NEAR` months of ``launch`` ("YYYY-MM")."""
    start = month_number(launch)
    return [
        event
        for event in events
        if event["kind"] != "launch" and abs(month_number(event["month"]) - start) <= NEAR
    ]


def touches(place: str, scope: Scope) -> bool:
    """Whether an event at ``place`` (as in :func:`known`) touches a place of ``scope``."""
    community, _sep, courtyard = place.partition("/")
    if courtyard:
        return scope.includes_place(place)
    if not community:
        return True
    in_courtyards = any(key.partition("/")[0] == community for key in scope.courtyards)
    return (not scope.communities or community in scope.communities) and (
        not scope.courtyards or in_courtyards
    )
