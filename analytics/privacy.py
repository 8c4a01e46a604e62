"""Hiding what identifies a resident: names, telephone numbers, identity numbers, also inside free text.

Masking happens on the server before anything is shown or written; what is masked cannot be read back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pandas import DataFrame, Series

from analytics.vocabulary import HANDLERS, PERSONAL_COLUMNS

STAR: Final = "*"
#: Columns in which people write freely, and so may name themselves.
FREE_TEXT_COLUMNS: Final = ("content", "follow_up_note", "note")

_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９Ｘｘ－　＋＠．", "0123456789Xx- +@.")
_GAP: Final = r"[ \-.·]?"
_IDENTITY: Final = r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])"
_MOBILE: Final = rf"(?<!\d)(?:\+?86{_GAP})?1[3-9]\d(?:{_GAP}\d{{4}}){{2}}(?!\d)"
_LANDLINE: Final = rf"(?<!\d)0\d{{2,3}}{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)"
_LONG_RUN: Final = r"(?<!\d)\d{7,}(?!\d)"
_EMAIL: Final = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_PERSONAL: Final = re.compile("|".join((_IDENTITY, _MOBILE, _LANDLINE, _EMAIL, _LONG_RUN)))
_DAY: Final = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?"
)


def mask_name(name: str | None) -> str | None:
    """王建国 → 王**; a name keeps its first character, and no more than two stars tell its length."""
    text = _clean(name)
    return text[0] + STAR * min(len(text) - 1, 2) if text and len(text) > 1 else (text and STAR)


def without_name(text: str, name: str | None) -> str:
    """The text with the resident's own name masked; a single sign is no name that could be told from a word."""
    own = _clean(name)
    return text.replace(own, str(mask_name(own))) if own and len(own) > 1 else text


def mask_phone(phone: str | None) -> str | None:
    """13812341234 → 138****1234; a shorter number keeps its last two digits, other writing nothing."""
    text = _clean(phone)
    if not text:
        return text
    digits = re.sub(r"\D", "", text.translate(_FULL_WIDTH))
    if digits.startswith("86") and len(digits) == 13:
        digits = digits[2:]
    if not digits:
        return STAR * 3
    if len(digits) == 11 and digits[0] == "1":
        return f"{digits[:3]}{STAR * 4}{digits[-4:]}"
    return STAR * 4 + (digits[-2:] if len(digits) >= 7 else "")


def mask_text(text: str | None) -> str | None:
    """The text with telephone, identity and card numbers and e-mail addresses starred; dates stay."""
    if not isinstance(text, str):
        return text
    plain = text.translate(_FULL_WIDTH)  # the same length, so that places agree
    pieces, end = [], 0
    for found in _PERSONAL.finditer(plain):
        if _DAY.fullmatch(found.group()):
            continue
        pieces += [text[end : found.start()], _starred(found.group())]
        end = found.end()
    return "".join([*pieces, text[end:]])


def mask_frame(frame: DataFrame) -> DataFrame:
    """A copy in which every personal column is masked, whichever of them it has."""
    masks = {"resident": mask_name, "by": _mask_reporter, "phone": mask_phone}
    changed = {c: _mapped(frame[c], masks[c]) for c in (*PERSONAL_COLUMNS, "by") if c in frame}
    changed |= {c: _mapped(frame[c], mask_text) for c in FREE_TEXT_COLUMNS if c in frame}
    return frame.assign(**changed)


def _mask_reporter(name: str | None) -> str | None:
    """Who reported progress: a handler is no person and is shown whole."""
    text = _clean(name)
    return text if text in HANDLERS else mask_name(name)


def _mapped(column: Series, mask: Callable[[str], str | None]) -> Series:
    return column.astype(object).map(mask, na_action="ignore")


def _starred(number: str) -> str:
    if "@" in number:
        return STAR * 3
    digits = re.sub(r"[^\dXx]", "", number)
    is_mobile = len(digits) in (11, 13) and digits[-11] == "1"
    return f"{digits[-11:-8]}{STAR * 4}{digits[-4:]}" if is_mobile else STAR * 6


def _clean(value: str | None) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None
