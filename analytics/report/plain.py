"""What every written file needs: texts without control characters, the same bytes for the same content."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

from pandas import Timestamp

from analytics.report.model import Content

#: Characters that XML 1.0 does not have; Word and Excel call a file with them damaged.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
#: Half-width characters of 2号 on a line of 156 mm.
_TITLE_WIDTH: Final = 38
#: Where a title may be broken: after a month, after 上报, between English words.
_PHRASES: Final = re.compile(r"月|上报|社区|\s")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MADE: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms)")


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _CONTROLS.sub("", text)


def unbroken(text: str) -> str:
    """Clean text in which no line ends between a number and its per cent sign."""
    return clean(text).replace(" %", "\u00a0%")


def breadth(text: str) -> int:
    """Half-width characters that a text takes in a Chinese font: signs beyond the Latin ones count two."""
    return sum(1 if ord(sign) < 0x2000 else 2 for sign in text)


def title_lines(title: str) -> list[str]:
    """A title on one line, or on two of about the same length, broken where a phrase ends."""
    total = breadth(title)
    if total <= _TITLE_WIDTH:
        return [title]
    ends = [at.end() for at in _PHRASES.finditer(title) if at.end() < len(title)] or range(1, len(title))
    best = min(ends, key=lambda at: abs(2 * breadth(title[:at]) - total))
    return [title[:best].rstrip(), title[best:].lstrip()]


def moment(content: Content) -> Timestamp:
    """As-of as a plain China time."""
    return Timestamp(content.as_of).tz_localize(None)


def made(content: Content) -> Timestamp:
    """As-of in UTC: what files give as the time at which they were made."""
    return Timestamp(content.as_of).tz_convert("UTC").tz_localize(None)


def steady(package: bytes, at: Timestamp) -> bytes:
    """An Office file, and those embedded in it, with every entry dated alike: same content, same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            same = zipfile.ZipInfo(entry.filename, _EPOCH)
            same.compress_type = zipfile.ZIP_DEFLATED
            same.external_attr = 0o600 << 16
            new.writestr(same, _dated(entry.filename, old.read(entry.filename), at))
    return out.getvalue()


def _dated(name: str, data: bytes, at: Timestamp) -> bytes:
    if name.endswith(".xlsx"):
        return steady(data, at)
    if name == "docProps/core.xml":
        return _MADE.sub(rb"\g<1>" + f"{at:%Y-%m-%dT%H:%M:%SZ}".encode() + rb"\g<2>", data)
    return data
