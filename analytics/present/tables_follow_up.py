"""回访满意 as tables: groups side by side, and the petitions whose record contradicts itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from pandas import DataFrame

from analytics.i18n import gettext as _
from analytics.policy import Policy
from analytics.present import tables, wording
from analytics.present.sentences_follow_up import CONTRADICTIONS, THREE, title
from analytics.vocabulary import COLUMN_LABELS, place_label

RATES = (*THREE, "participation", "resolved", "repeats")


def groups(table: DataFrame, axis: str, heading: str, policy: Policy) -> DataFrame:
    """Handlers or places side by side: each rate with its counts and interval, most petitions first.

    ``table``: :func:`analytics.measures.table` along ``axis``. No rank, no score.
    """
    rows = table.sort_values("petitions", ascending=False, kind="stable")
    return DataFrame(
        [
            {
                heading: tables.group_label(str(key), axis),
                _("受理"): int(row["petitions"]),
                **{title(name, policy): _rate(row, name) for name in RATES},
            }
            for key, row in rows.iterrows()
        ]
    )


def contradicting(found: DataFrame, what: Mapping[str, Sequence[str]]) -> DataFrame:
    """Petitions (:func:`analytics.cases.table`) and what contradicts what in each (``what``: id → names)."""
    return DataFrame(
        {
            _(COLUMN_LABELS["case_id"]): found["case_id"].astype(object),
            _("哪里对不上"): [
                _("；").join(_(CONTRADICTIONS[name][0]) for name in what[case]) for case in found["case_id"]
            ],
            _(COLUMN_LABELS["courtyard"]): found["place"].astype(object).map(place_label),
            _(COLUMN_LABELS["category"]): found["category"].astype(object),
            _(COLUMN_LABELS["handler"]): found["handler"].astype(object),
            _(COLUMN_LABELS["resolved_at"]): found["resolved_at"],
        }
    ).reset_index(drop=True)


def _rate(row: Any, name: str) -> str:
    if pd.isna(row[f"{name}_rate"]):
        return wording.UNKNOWN
    interval = wording.interval((row[f"{name}_lower"], row[f"{name}_upper"]))
    return f"{wording.rate_with_counts(row[f'{name}_met'], row[f'{name}_due'])} {interval}"
