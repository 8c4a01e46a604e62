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
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MADE: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms)")


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _CONTROLS.sub("", text)


def unbroken(text: str) -> str:
    """Clean text in which no line ends between a number and its per cent sign."""
    return clean(text).replace(" %", "\u00a0%")


def moment(content: Content) -> Timestamp:
    """As-of as a plain China time: what files give as the time at which they were made."""
    return Timestamp(content.as_of).tz_localize(None)


def steady(package: bytes, made: Timestamp) -> bytes:
    """An Office file, and those embedded in it, with every entry dated alike: same content, same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            same = zipfile.ZipInfo(entry.filename, _EPOCH)
            same.compress_type = zipfile.ZIP_DEFLATED
            same.external_attr = 0o600 << 16
            new.writestr(same, _dated(entry.filename, old.read(entry.filename), made))
    return out.getvalue()


def _dated(name: str, data: bytes, made: Timestamp) -> bytes:
    if name.endswith(".xlsx"):
        return steady(data, made)
    if name == "docProps/core.xml":
        return _MADE.sub(rb"\g<1>" + f"{made:%Y-%m-%dT%H:%M:%SZ}".encode() + rb"\g<2>", data)
    return data
