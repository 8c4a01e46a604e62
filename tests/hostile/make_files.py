"""Write all hostile files into a folder, to try them by hand: ``python -m tests.hostile.make_files FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.hostile import book_files, text_files, web_files
from tests.hostile.case import CASES, Case

__all__ = ["CASES", "Case", "book_files", "text_files", "web_files"]


def main(folder: Path) -> None:
    """Write every case's file into ``folder`` and print what is expected of it."""
    folder.mkdir(parents=True, exist_ok=True)
    for made in CASES:
        (folder / made.name).write_bytes(made.build())
        print(made.name, "→", made.refused or "opens")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
