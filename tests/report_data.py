"""Months to report on: the committed samples in a database, and invented ones of any size."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from analytics import dataset, policy, store
from analytics.commands.load_sample import run as load_sample
from analytics.dataset import Dataset
from analytics.frame import typed
from sample_data import SAMPLE_AS_OF

POLICY = policy.load()
MONTH = "2024-06"
AS_OF = SAMPLE_AS_OF

_KEPT = tempfile.TemporaryDirectory(prefix="report-")


class _Options:
    json = False

    def __init__(self, db: str) -> None:
        self.db = db


@functools.cache
def sample_url() -> str:
    """A database with the committed samples; nobody may write to it."""
    url = f"sqlite:///{Path(_KEPT.name) / 'sample.db'}"
    load_sample(_Options(url))  # type: ignore[arg-type]
    return url


@functools.cache
def sample() -> Dataset:
    """The samples as of the moment at which they end."""
    return dataset.open(store.connect(sample_url()), AS_OF, POLICY)


def sample_texts(case_ids):
    """What residents wrote, from the sample database."""
    found = store.petition_texts(store.connect(sample_url()), case_ids, ["content"])
    return dict(zip(found["case_id"], found["content"], strict=True))


@functools.cache
def invented(petitions: int = 300, courtyards: int = 40, long_names: bool = False, seed: int = 1) -> Dataset:
    """Petitions of 2024-05 and 2024-06 in many courtyards, as of 2 July."""
    rng = np.random.default_rng(seed)
    stem = "湖畔春天国际花园二期安置小区东区第" if long_names else ""
    names = [f"{stem}{n}号院" for n in range(1, courtyards + 1)]
    reported = pd.Timestamp("2024-05-01") + pd.to_timedelta(rng.integers(0, 86_400 * 61, petitions), unit="s")

    def after(limit):
        times = pd.Series(reported + pd.to_timedelta(rng.integers(1, limit, petitions), unit="s"))
        return times.where(rng.random(petitions) > 0.1)

    frame = pd.DataFrame(
        {
            "case_id": [f"X{n:05d}" for n in range(petitions)],
            "reported_at": reported,
            "community": "大河社区",
            "courtyard": rng.choice(names, petitions),
            "building": "1", "unit": "1",
            "category": rng.choice(["停车秩序", "噪音扰民", "漏水渗水"], petitions),
            "handler": rng.choice(["社区", "物业", "小区党支部", "微网格长"], petitions),
            "channel": "扫码上报",
            "assigned_colour": rng.choice(["绿", "黄", "红", "灰"], petitions, p=[0.6, 0.25, 0.1, 0.05]),
            "responded_at": after(400), "arrived_at": after(1200), "planned_at": after(2400),
            "resolved_at": after(86_400 * 20), "followed_up_at": after(86_400 * 4),
            "needs_visit": True, "unsolvable": False, "satisfaction": rng.integers(1, 6, petitions),
        }
    )  # fmt: skip
    registry = pd.DataFrame(
        {
            "community": "大河社区", "courtyard": names,
            "launched_on": pd.to_datetime(["2024-01-01"] * courtyards).astype("datetime64[s]"),
            "households": pd.array([100] * courtyards, dtype="Int64"),
            "residents": pd.array([None] * courtyards, dtype="Int64"),
        }
    )  # fmt: skip
    source = dataset.Source(
        typed(frame, registry),
        pd.DataFrame({"received_at": pd.to_datetime([]), "courtyard": [], "community": []}),
        pd.DataFrame({"month": [], "courtyard": [], "count": []}),
        registry,
        pd.DataFrame({"case_id": [], "reported_at": pd.to_datetime([])}),
    )
    return dataset.at(source, pd.Timestamp("2024-07-02 09:00"), POLICY)
