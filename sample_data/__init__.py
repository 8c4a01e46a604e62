"""Invented records in the native layout: two pilot places as small files, larger sets on demand.

Same seed, same bytes, on any machine: see :mod:`sample_data.draws`. README.md is the data dictionary.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

#: The moment at which the samples end; nothing in them has happened later (China time).
SAMPLE_AS_OF: Final = pd.Timestamp("2024-07-01 08:00")

#: The seed of the committed files, and the default of ``sample --seed``.
DEFAULT_SEED: Final = 329_756

#: Where the committed files are.
FILES: Final = Path(__file__).parent / "files"

#: The committed files in the order of loading (petitions last: once they are in, all is in), with the
#: kind each is imported as.
COMMITTED: Final = (
    ("courtyards.csv", "courtyards"),
    ("complaints_taiji.csv", "complaints"),
    ("complaint_months_guidong.csv", "complaints"),
    ("progress.csv", "progress"),
    ("petitions_taiji.csv", "petitions"),
    ("petitions_guidong.csv", "petitions"),
)
