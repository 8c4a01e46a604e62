"""What is sent: a title, a few lines, perhaps a file; nothing in it can end a header or name a resident's number."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from analytics.privacy import mask_text

_NOT_IN_NAMES: Final = re.compile(r'[\\/:*?"<>|]')
#: Longer names are cut by some servers in the middle of a character.
_NAME_LENGTH: Final = 80


@dataclass(frozen=True)
class File:
    """A file to attach."""

    name: str
    data: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class Letter:
    """``key`` says which paper this is, of which month and scope: the same key is never sent twice by itself."""

    key: str
    title: str
    text: str = field(repr=False)
    file: File | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of everything the recipient gets, by which a changed paper is known."""
        parts = [self.title, self.text, self.file.name if self.file else ""]
        sums = [hashlib.sha256(part.encode()).digest() for part in parts]
        sums.append(hashlib.sha256(self.file.data if self.file else b"").digest())
        return hashlib.sha256(b"".join(sums)).hexdigest()


def letter(key: str, title: str, text: str, file: File | None = None) -> Letter:
    """A letter with a title on one line, numbers that look like a person's starred, a file name that is none else."""
    if file is not None:
        file = File(_file_name(file.name), file.data, file.media_type)
    lines = [_one_line(mask_text(line) or "") for line in text.splitlines()]
    return Letter(key, _one_line(mask_text(title) or ""), "\n".join(lines).strip(), file)


def _one_line(text: str) -> str:
    """No control characters, line ends or marks that turn the direction of writing."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _file_name(name: str) -> str:
    stem, dot, ending = _NOT_IN_NAMES.sub("_", _one_line(name)).rpartition(".")
    return f"{stem[:_NAME_LENGTH].strip(' .') or '_'}{dot}{ending}"
