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
    search,
)
from analytics.store.renaming import rename, renamings, take_back
from analytics.store.writing import Saved, Watermark, save

__all__ = [
    "Check",
    "Engine",
    "FrozenMonth",
    "Saved",
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
    "freeze_month",
    "frozen_month",
    "frozen_months",
    "imports",
    "petition",
    "petition_texts",
    "petitions",
    "progress",
    "rejected",
    "rejected_records",
    "rejections_by_reason",
    "remove_event",
    "remove_layout",
    "rename",
    "renamings",
    "restore",
    "sample_as_of",
    "save",
    "save_layout",
    "saved_layout",
    "saved_layouts",
    "search",
    "take_back",
    "undo",
    "watermark",
    "where",
]
