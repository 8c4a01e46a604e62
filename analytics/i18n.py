"""Words on screen: Chinese is the source language, other languages come from gettext catalogues.

``gettext("总览")`` answers in the language of the moment. Who decides that language differs (a session
of the dashboard, an option of the command line), so the decision is a function that the face installs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = {"zh": "中文", "en": "English"}
LOCALE_FOLDER: Final = Path(__file__).parent / "locale"


def _from_environment() -> str:
    wanted = os.environ.get("ANALYTICS_LANG", "zh")[:2].lower()
    return wanted if wanted in LANGUAGES else "zh"


_resolver: Callable[[], str] = _from_environment


def use(resolver: Callable[[], str]) -> None:
    """Let ``resolver`` decide the language from now on; it must answer a key of :data:`LANGUAGES`."""
    global _resolver
    _resolver = resolver


def language() -> str:
    """The language of the moment: ``"zh"`` or ``"en"``."""
    return _resolver()


def mark(message: str) -> str:
    """Mark a constant for the catalogue without translating it yet."""
    return message


@cache
def _catalogue(lang: str) -> dict[str, str]:
    """Messages of one catalogue. Read from the .po itself, so that no compiled copy can be stale."""
    from babel.messages.pofile import read_po

    path = LOCALE_FOLDER / lang / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as handle:
        return {str(m.id): str(m.string) for m in read_po(handle) if m.id and m.string}


def gettext(message: str) -> str:
    """``message`` in the language of the moment; an untranslated message stays Chinese."""
    lang = language()
    return message if lang == "zh" else _catalogue(lang).get(message, message)
