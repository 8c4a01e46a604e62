"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import re
from typing import Final, Literal

from analytics.intake.refusals import Unreadable

Family = Literal["zip", "ole", "xml", "html", "gzip", "text", "open311_json", "open311_xml"]

_FAMILIES: Final[tuple[tuple[bytes, Family], ...]] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x1f\x8b", "gzip"),
)
_NO_TABLES: Final = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"RIFF", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"SQLite format 3\x00", "database"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"{\\rtf", "rtf"),
)
#: Bare BIFF, as Excel 2 to 4 wrote it: BOF record, its length.
_OLD_EXCEL: Final = re.compile(rb"\x09[\x00\x02\x04\x08][\x04-\x10]\x00", re.DOTALL)
#: Two letters only, so they must be followed by what no text has.
_SHORT_MARKS: Final = (b"BM", b"MZ")

_HTML: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    r"<(?:!doctype\s+html|html|head|meta|title|body|style|script|table|thead|tbody|tr|div|center|form|frameset)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML: Final = re.compile(r"\s*(?:<\?xml\b|<(?:\w+:)?Workbook\b|<service_requests\b)")
_SPREADSHEET_XML: Final = "urn:schemas-microsoft-com:office:spreadsheet"
_JSON: Final = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"])")
_OPEN311: Final = "service_request_id"
#: A web page kept in one file (MHTML) begins like a mail.
_MAIL: Final = re.compile(r"\s*(?:MIME-Version:|From: <?Saved by)", re.IGNORECASE)


def family(head: bytes) -> Family | None:
    """The family that binary marks at the start tell; None: it looks like text.

    Raises :class:`Unreadable` with what it is, if that is known and no table.
    """
    for mark, found in _FAMILIES:
        if head.startswith(mark):
            return found
    for mark, kind in _NO_TABLES:
        if head.startswith(mark) and (mark not in _SHORT_MARKS or b"\x00" in head[:64]):
            raise Unreadable("not_a_table", kind=kind)
    if head[4:8] == b"ftyp":
        raise Unreadable("not_a_table", kind="image")
    if _OLD_EXCEL.match(head):
        raise Unreadable("old_excel")
    return None


def text_family(start: str) -> Family:
    """The family of a text by its first characters; raises :class:`Unreadable` for other JSON and XML."""
    if _MAIL.match(start) or _HTML.match(start):
        return "html"
    if _XML.match(start):
        if _SPREADSHEET_XML in start:
            return "xml"
        if _OPEN311 in start:
            return "open311_xml"
        raise Unreadable("not_a_table", kind="xml")
    if _JSON.match(start):
        if _OPEN311 in start:
            return "open311_json"
        raise Unreadable("not_a_table", kind="json")
    return "text"
