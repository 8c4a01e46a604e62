"""How parts are numbered: 一、（一）1． in Chinese documents, 1. otherwise."""

from __future__ import annotations

from typing import Final

from analytics import i18n

_DIGITS: Final = "零一二三四五六七八九十"


def part(number: int) -> str:
    """「一、」 of a main part."""
    return f"{_chinese(number)}、" if i18n.language() == "zh" else f"{number}. "


def point(number: int) -> str:
    """「1．」 of a point in a list."""
    return f"{number}．" if i18n.language() == "zh" else f"{number}. "


def _chinese(number: int) -> str:
    """1 to 99 as Chinese writes them."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens > 1 else "") + "十" + (_DIGITS[ones] if ones else "")
