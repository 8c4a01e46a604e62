"""Made-up courtyards with complaints and petitions, for the tests of the launch's effect and its pages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics import dataset, policy
from analytics.frame import typed

POLICY = policy.load()
AS_OF = pd.Timestamp("2025-01-01 08:00")
NO_SINGLES = pd.DataFrame({"received_at": pd.to_datetime([]), "courtyard": [], "community": []})
NO_MONTHS = pd.DataFrame({"month": [], "community": [], "courtyard": [], "count": []})
NO_PROGRESS = pd.DataFrame({"case_id": [], "reported_at": pd.to_datetime([])})
NO_PETITIONS = pd.DataFrame({"case_id": pd.Series(dtype=str), "reported_at": pd.to_datetime([])})


def month_labels(number, first="2023-01"):
    return [str(month) for month in pd.period_range(first, periods=number, freq="M")]


def registry(launches, households=None):
    """The courtyards of 甲社区: name → launch date or None; households of each (None: blank)."""
    names = list(launches)
    return pd.DataFrame(
        {
            "community": "甲社区",
            "courtyard": names,
            "launched_on": pd.to_datetime([launches[name] for name in names]).astype("datetime64[s]"),
            "households": pd.array([households] * len(names), dtype="Int64"),
            "residents": pd.array([None] * len(names), dtype="Int64"),
        }
    )


def monthly(counts, first="2023-01", **extra):
    """One row per courtyard and month: name → counts from ``first`` on (None: the month is absent)."""
    rows = [
        (label, "甲社区", name, value)
        for name, values in counts.items()
        for label, value in zip(month_labels(len(values), first), values, strict=True)
        if value is not None
    ]
    return pd.DataFrame(rows, columns=["month", "community", "courtyard", "count"]).assign(**extra)


def petitions(*rows, **columns):
    """Petitions of 甲社区 from (moment, courtyard, minutes to the response or None); more columns by name."""
    reported = pd.to_datetime([moment for moment, _name, _minutes in rows])
    taken = pd.to_timedelta([minutes for _moment, _name, minutes in rows], unit="min")
    return pd.DataFrame(
        {
            "case_id": [f"P{i}" for i in range(len(rows))],
            "reported_at": reported,
            "community": "甲社区",
            "courtyard": [name for _moment, name, _minutes in rows],
            "responded_at": reported + taken,
            **columns,
        }
    )


def opened(
    complaints=NO_MONTHS,
    launches=None,
    reported=NO_PETITIONS,
    events=None,
    singles=NO_SINGLES,
    as_of=AS_OF,
    households=None,
):
    """A dataset of made-up records; ``launches``: name → date."""
    known = registry(launches or {"1号院": None}, households)
    more = {} if events is None else {"events": events}
    source = dataset.Source(typed(reported, known), singles, complaints, known, NO_PROGRESS, **more)
    return dataset.at(source, as_of, POLICY)


def events(*rows):
    """Events of the programme from (date, kind, community, courtyard)."""
    return pd.DataFrame(
        {
            "event": range(1, len(rows) + 1),
            "label": [f"事件{i + 1}" for i in range(len(rows))],
            "kind": [row[1] for row in rows],
            "on": pd.to_datetime([row[0] for row in rows]).astype("datetime64[s]"),
            "community": [row[2] for row in rows],
            "courtyard": [row[3] for row in rows],
            "note": "",
        }
    )


def falling(before=20, after=10, each=12, seed=1):
    """Poisson months that fall by half at the thirteenth."""
    rng = np.random.default_rng(seed)
    return [*rng.poisson(before, each).tolist(), *rng.poisson(after, each).tolist()]
