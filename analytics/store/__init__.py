"""The database: tables, imports and queries, through SQLAlchemy on SQLite or PostgreSQL.

One import is one transaction; :func:`save` and :func:`undo` are the only ways in and back.
"""

from analytics.store.engine import Engine, connect
from analytics.store.errors import StoreError, where
from analytics.store.frozen import FrozenMonth, freeze_month, frozen_month, frozen_months
from analytics.store.history import list_imports as imports
from analytics.store.history import rejected, rejected_records, rejections_by_reason, undo, watermark
from analytics.store.maintenance import Check, backup, check, restore
from analytics.store.notes import (
    add_event,
    events,
    remove_event,
    remove_layout,
    save_layout,
    saved_layout,
    saved_layouts,
)
from analytics.store.reading import (
    complaint_months,
    complaints,
    courtyards,
    data_version,
    petition,
    petition_texts,
    petitions,
    progress,
    sample_as_of,
)
from analytics.store.renaming import rename, renamings, take_back
from analytics.store.scenarios import SavedScenario, remove_scenario, rename_scenario, save_scenario, scenario
from analytics.store.scenarios import list_scenarios as scenarios
from analytics.store.searching import MOST_CHARACTERS, folded, known_texts, search, search_words
from analytics.store.writing import Saved, Watermark, save

__all__ = [
    "MOST_CHARACTERS",
    "Check",
    "Engine",
    "FrozenMonth",
    "Saved",
    "SavedScenario",
    "StoreError",
    "Watermark",
    "add_event",
    "backup",
    "check",
    "complaint_months",
    "complaints",
    "connect",
    "courtyards",
    "data_version",
    "events",
    "folded",
    "freeze_month",
    "frozen_month",
    "frozen_months",
    "imports",
    "known_texts",
    "petition",
    "petition_texts",
    "petitions",
    "progress",
    "rejected",
    "rejected_records",
    "rejections_by_reason",
    "remove_event",
    "remove_layout",
    "remove_scenario",
    "rename",
    "rename_scenario",
    "renamings",
    "restore",
    "sample_as_of",
    "save",
    "save_layout",
    "save_scenario",
    "saved_layout",
    "saved_layouts",
    "scenario",
    "scenarios",
    "search",
    "search_words",
    "take_back",
    "undo",
    "watermark",
    "where",
]
