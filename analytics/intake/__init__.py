"""Intake: a file as it is → a raw table → mapped headings → checked records, with a reason for each fault.

The readers' child process imports this package, so it must stay cheap to import: names are re-exported
lazily (PEP 562), one line each in ``_EXPORTS``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from analytics.intake.headings import guess_kind
    from analytics.intake.layouts import Layout
    from analytics.intake.reading import file_hash, read, read_table
    from analytics.intake.result import Intake, IntakeRefused, IntakeWarning
    from analytics.intake.tables import RawTable, read_tables

_EXPORTS: Final = {
    "Intake": "analytics.intake.result",
    "IntakeRefused": "analytics.intake.result",
    "IntakeWarning": "analytics.intake.result",
    "Layout": "analytics.intake.layouts",
    "RawTable": "analytics.intake.tables",
    "file_hash": "analytics.intake.reading",
    "guess_kind": "analytics.intake.headings",
    "read": "analytics.intake.reading",
    "read_table": "analytics.intake.reading",
    "read_tables": "analytics.intake.tables",
}

__all__ = [
    "Intake",
    "IntakeRefused",
    "IntakeWarning",
    "Layout",
    "RawTable",
    "file_hash",
    "guess_kind",
    "read",
    "read_table",
    "read_tables",
]


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(name)
    return getattr(import_module(_EXPORTS[name]), name)
