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


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _CONTROLS.sub("", text)


def moment(content: Content) -> Timestamp:
    """As-of as a plain China time: what files give as the time at which they were made."""
    return Timestamp(content.as_of).tz_localize(None)


def steady(package: bytes) -> bytes:
    """An Office file with every entry dated alike, so that the same content is the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            same = zipfile.ZipInfo(entry.filename, _EPOCH)
            same.compress_type = zipfile.ZIP_DEFLATED
            same.external_attr = 0o600 << 16
            new.writestr(same, old.read(entry.filename))
    return out.getvalue()
