"""What an import yields: accepted rows, rejected rows with reasons, warnings; or a refusal of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class IntakeWarning:
    """Something the reader of the import should know; ``rows`` are physical rows and may be empty."""

    code: str
    message: str
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Intake:
    """One file, read and checked: one line per record, each either accepted or rejected.

    ``rows_read`` counts the rows below the heading that are not blank, so accepted + rejected make it up.
    ``records`` has canonical columns plus ``row`` (and ``date_only`` for petitions); ``rejected`` has one
    line per fault: ``row``, ``column``, ``value``, ``code``, ``reason``; ``raw_rejected`` has the rejected
    source rows under the source's own headings, plus ``row``.
    """

    kind: str
    file: str
    sha256: str
    encoding: str | None
    sheet: str | None
    layout: str | None
    heading_row: int
    rows_read: int
    columns: tuple[str, ...]
    records: DataFrame
    rejected: DataFrame
    raw_rejected: DataFrame
    warnings: tuple[IntakeWarning, ...]


class IntakeRefused(ValueError):  # noqa: N818 - a refusal is an answer, not an error of the program
    """The whole file is refused and nothing is stored; the sentence names the file and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
