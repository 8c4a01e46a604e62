"""How large a file may be, checked before memory is spent; each limit has its own refusal code."""

from __future__ import annotations

from typing import Final

MIB: Final = 1 << 20

#: Bytes of the file as it comes: text (also unpacked from .gz), and everything parsed in the child process.
MAX_TEXT_BYTES: Final = 1024 * MIB
MAX_SPREADSHEET_BYTES: Final = 128 * MIB

#: A zip's directory: entries, and bytes that they say they unpack to.
MAX_ZIP_ENTRIES: Final = 5_000
MAX_UNPACKED_BYTES: Final = 1024 * MIB
#: One small XML part (workbook, relations, styles), which is read as a whole.
MAX_PART_BYTES: Final = 32 * MIB

MAX_TEXT_ROWS: Final = 5_000_000
MAX_TEXT_CELLS: Final = 150_000_000
MAX_COLUMNS: Final = 1_000
#: Cells of one sheet, counted as the rectangle from A1 to the last cell, which readers allocate.
MAX_SHEET_CELLS: Final = 10_000_000
#: As the csv module has it by default.
MAX_CELL_CHARACTERS: Final = 131_072
#: What the child process may hand back.
MAX_ANSWER_BYTES: Final = 768 * MIB

#: The child process: address space where the system can bound it, and seconds of the clock everywhere.
CHILD_MEMORY_BYTES: Final = 2048 * MIB
CHILD_SECONDS: Final = 120
#: Child processes at work at the same time, whatever the number of sessions.
CHILD_PROCESSES: Final = 2
