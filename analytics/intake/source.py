"""A file given by its path or by its bytes, read as often as needed without a second copy."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from dataclasses import dataclass
from typing import IO

from analytics.intake.limits import MAX_TEXT_BYTES, MIB
from analytics.intake.refusals import Unreadable


@dataclass(frozen=True)
class Source:
    """Where the bytes come from: a path, or the bytes themselves."""

    origin: str | os.PathLike[str] | bytes

    def open(self) -> IO[bytes]:
        """A new stream from the first byte; raises :class:`Unreadable` if the file cannot be opened."""
        if isinstance(self.origin, bytes):
            return io.BytesIO(self.origin)
        try:
            return open(self.origin, "rb")
        except (OSError, ValueError) as error:
            raise Unreadable("not_found") from error

    @property
    def size(self) -> int:
        """Length in bytes."""
        with self.open() as stream:
            return stream.seek(0, os.SEEK_END)

    def head(self, length: int) -> bytes:
        """The first ``length`` bytes, or all there are."""
        with self.open() as stream:
            return stream.read(length)

    def read(self) -> bytes:
        """All bytes."""
        if isinstance(self.origin, bytes):
            return self.origin
        with self.open() as stream:
            return stream.read()

    def check_size(self, limit: int) -> None:
        """Refuse more than ``limit`` bytes."""
        if self.size > limit:
            raise too_big(self.size, limit)

    def unpacked(self) -> Source:
        """The content of a gzip file; raises :class:`Unreadable` if it is broken or unpacks to too much."""
        try:
            with self.open() as stream, gzip.GzipFile(fileobj=stream) as packed:
                data = packed.read(MAX_TEXT_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable("damaged") from error
        if len(data) > MAX_TEXT_BYTES:
            raise Unreadable("unpacked_too_big", limit=MAX_TEXT_BYTES // MIB)
        return Source(data)


def too_big(size: int, limit: int) -> Unreadable:
    """The refusal of a file of ``size`` bytes where ``limit`` are allowed."""
    return Unreadable("file_too_big", size=-(-size // MIB), limit=limit // MIB)
