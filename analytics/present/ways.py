"""The way from a cell of a table to its petitions: per column, for each row, a narrowing and how many it opens.

They go beside the tables that :mod:`tables` and :mod:`tables_follow_up` make of the same rows. A rate leads to
the petitions it is about, whose number stands in it; a cell without petitions leads nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from pandas import DataFrame

from analytics.i18n import gettext as _
from analytics.measures import REGISTRY
from analytics.policy import Policy
from analytics.present import wording
from analytics.present.sentences_follow_up import title
from analytics.present.tables import RATES
from analytics.present.tables_follow_up import RATES as FOLLOWED
from analytics.vocabulary import COLOURS

#: Column → for each row the narrowing and the number of petitions that it opens.
Ways = dict[str, list[tuple[dict[str, Any], int]]]


def months(rows: Sequence[Mapping[str, Any]], policy: Policy) -> Ways:
    """The cells of :func:`tables.rated` by month."""
    counts = {_("受理"): ("petitions", {}), _("在办"): ("open", {"flag": "is_open"})}
    counts |= {wording.colour(c): (c, {"outcome": f"closed_{c}"}) for c in COLOURS}
    ways = {
        column: [({"month": row["month"], **more}, int(row[name])) for row in rows]
        for column, (name, more) in counts.items()
    }
    rates = {
        REGISTRY[name].titled(policy): [_about(name, row, {"month": row["month"]}) for row in rows]
        for name in RATES
    }
    return ways | rates


def followed(table: DataFrame, axis: str, policy: Policy) -> Ways:
    """The cells of :func:`tables_follow_up.groups` along ``axis``."""
    rows = table.sort_values("petitions", ascending=False, kind="stable")
    keyed = [({axis: str(key)}, row) for key, row in rows.iterrows()]
    ways: Ways = {_("受理"): [(own, int(row["petitions"])) for own, row in keyed]}
    return ways | {title(name, policy): [_about(name, row, own) for own, row in keyed] for name in FOLLOWED}


def _about(name: str, row: Any, own: dict[str, Any]) -> tuple[dict[str, Any], int]:
    known = row[f"{name}_rate"] is not None and not pd.isna(row[f"{name}_rate"])
    return {**REGISTRY[name].base, **own}, int(row[f"{name}_due"]) if known else 0
