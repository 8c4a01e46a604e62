"""Workbooks that are encrypted although nobody set a password.

Excel encrypts a workbook whose structure is protected, or that asks to be opened read-only, with a password
that it knows by itself (MS-OFFCRYPTO 2.3.7.1), and opens it without asking. So must we.
"""

from __future__ import annotations

import io
from typing import Final

from analytics.intake.refusals import Unreadable

_EXCELS_OWN: Final = "VelvetSweatshop"


def open_without_asking(data: bytes) -> bytes:
    """The workbook decrypted; raises :class:`Unreadable` if somebody did set a password."""
    import msoffcrypto

    plain = io.BytesIO()
    try:
        book = msoffcrypto.OfficeFile(io.BytesIO(data))
        book.load_key(password=_EXCELS_OWN, verify_password=True)
        book.decrypt(plain)
    except Exception as error:  # the library tells a wrong password, and much else, in many ways
        raise Unreadable("password") from error
    return plain.getvalue()
