"""A zip as it comes from outside: how much is in it, and which kind of document, before anything unpacks."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from typing import Final, Literal

from analytics.intake.limits import MAX_UNPACKED_BYTES, MAX_ZIP_ENTRIES, MIB
from analytics.intake.refusals import Unreadable

_END_OF_DIRECTORY: Final = b"PK\x05\x06"
_LONGEST_END: Final = 22 + 65_535


class _Watched(io.BytesIO):
    """Bytes that tell which share of them has been read."""

    def __init__(self, data: bytes, tell: Callable[[float], None]) -> None:
        super().__init__(data)
        self.read_so_far, self.length, self.tell_share = 0, max(len(data), 1), tell

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.read_so_far += len(found)
        self.tell_share(min(self.read_so_far / self.length, 1.0))
        return found


def open_archive(data: bytes, tell: Callable[[float], None]) -> zipfile.ZipFile:
    """The archive; raises :class:`Unreadable` if it is broken, or larger inside than a table would be.

    Entries are only ever read into memory by the name of a part, so their paths lead nowhere. ``tell`` hears
    how much of the archive has been unpacked.
    """
    _check_entries(data)
    try:
        archive = zipfile.ZipFile(_Watched(data, tell))
    except (zipfile.BadZipFile, EOFError, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable("damaged") from error
    entries = archive.infolist()
    if len(entries) > MAX_ZIP_ENTRIES:
        raise Unreadable("too_many_entries", count=len(entries))
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise Unreadable("unpacked_too_big", limit=MAX_UNPACKED_BYTES // MIB)
    return archive


def _check_entries(data: bytes) -> None:
    """Refuse by the count in the directory's end, before a long directory becomes objects."""
    place = data.rfind(_END_OF_DIRECTORY, max(0, len(data) - _LONGEST_END))
    if place < 0 or place + 22 > len(data):
        raise Unreadable("damaged")
    (count,) = struct.unpack_from("<H", data, place + 10)
    if count > MAX_ZIP_ENTRIES:
        raise Unreadable("too_many_entries", count=count)


def document_kind(archive: zipfile.ZipFile) -> Literal["xlsx", "ods"]:
    """Which spreadsheet the archive is; raises :class:`Unreadable` naming what it is instead."""
    names = {name.lower().lstrip("/") for name in archive.namelist()}
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise Unreadable("password")
    if "mimetype" in names and "content.xml" in names:
        return _open_document_kind(archive)
    if any(name.endswith("workbook.bin") for name in names):
        raise Unreadable("xlsb")
    if any(name.startswith("word/") for name in names):
        raise Unreadable("not_a_table", kind="word")
    if any(name.startswith("ppt/") for name in names):
        raise Unreadable("not_a_table", kind="slides")
    if any(name.endswith(".iwa") for name in names):
        raise Unreadable("not_a_table", kind="numbers")
    if "[content_types].xml" not in names:
        raise Unreadable("archive")
    return "xlsx"


def _open_document_kind(archive: zipfile.ZipFile) -> Literal["ods"]:
    if b"encryption-data" in _small_entry(archive, "META-INF/manifest.xml"):
        raise Unreadable("password")
    mime = _small_entry(archive, "mimetype")
    if b"opendocument.spreadsheet" in mime:
        return "ods"
    kinds = {b"opendocument.text": "word", b"opendocument.presentation": "slides"}
    found = next((kind for mark, kind in kinds.items() if mark in mime), "archive")
    raise Unreadable("not_a_table", kind=found)


def _small_entry(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        return b""
    with archive.open(name) as stream:
        return stream.read(MIB)
