"""What residents said and what was noted on follow-up: searched and read as people may see it, masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pandas import DataFrame, Timestamp
from sqlalchemy import ColumnElement, Engine, and_, case, or_, select

from analytics.privacy import FREE_TEXT_COLUMNS, mask_frame, mask_text
from analytics.store.engine import reading
from analytics.store.reading import petition_texts
from analytics.store.schema import KINDS
from analytics.store.values import to_epoch

SEARCHED_COLUMNS: Final = ("case_id", "content", "follow_up_note")
#: So much of a search is read; the rest is cut off.
MOST_CHARACTERS: Final = 100

_HALF_WIDTH: Final = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
_FULL_WIDTH: Final = {half: full for full, half in _HALF_WIDTH.items()}
#: A word with one of these may stand in a number or an address that is hidden.
_HIDEABLE: Final = re.compile(r"[0-9a-z@]")
#: A text without one of these hides nothing, which is quicker to see than what it hides.
_HIDING: Final = re.compile(r"[@＠]|(?:\d\D{0,2}){7}")
_columns: Final = KINDS["petitions"].table.c


def search_words(text: str) -> tuple[str, ...]:
    """The words of a search, each once: half-width, small letters, nothing that cannot be printed."""
    readable = "".join(sign if sign.isprintable() else " " for sign in text[:MOST_CHARACTERS])
    return tuple(dict.fromkeys(folded(readable).split()))


def folded(text: str) -> str:
    """The text as it is compared: full-width signs as half-width ones, letters small."""
    return text.translate(_HALF_WIDTH).lower()


def search(
    engine: Engine, text: str, columns: Sequence[str] = SEARCHED_COLUMNS, *, as_of: Timestamp | None = None
) -> list[str]:
    """Ids of the petitions that have every word of ``text`` in one of ``columns``, newest first.

    Signs like % mean themselves; small and capital, half-width and full-width letters are alike. A note of a
    follow-up after ``as_of`` is not known yet. A number that is hidden where the text is shown cannot be
    found in it. ``resident`` and ``phone`` may be asked for by those who may see them. No word, no petition.
    """
    words = search_words(text)
    if not words:
        return []
    read = {name: _known(name, as_of) for name in columns}
    hideable = [name for name in read if name in FREE_TEXT_COLUMNS and any(map(_HIDEABLE.search, words))]
    query = (
        select(_columns.case_id, *(read[name].label(f"read_{name}") for name in (read if hideable else ())))
        .where(and_(*(or_(*(_has(column, word) for column in read.values())) for word in words)))
        .order_by(_columns.reported_at.desc(), _columns.case_id)
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    if not hideable:
        return [row[0] for row in rows]
    return [row[0] for row in rows if _shows(dict(zip(read, row[1:], strict=True)), hideable, words)]


def known_texts(engine: Engine, case_ids: Iterable[str], as_of: Timestamp) -> DataFrame:
    """``content`` and ``follow_up_note`` of some petitions by ``case_id``, masked, as known at ``as_of``."""
    found = petition_texts(engine, case_ids, ["content", "follow_up_note", "followed_up_at"])
    early = found.pop("followed_up_at") > as_of
    known = found.assign(follow_up_note=found["follow_up_note"].astype(object).mask(early, None))
    return mask_frame(known).set_index("case_id")


def _known(name: str, as_of: Timestamp | None) -> ColumnElement:
    """A column; a note is written when the resident is called, and not read before."""
    column = _columns[name]
    if name != "follow_up_note" or as_of is None:
        return column
    called = _columns.followed_up_at
    return case((or_(called.is_(None), called <= to_epoch(as_of)), column))


def _has(column: ColumnElement, word: str) -> ColumnElement:
    if word == word.upper():  # no letters, as in Chinese: no need to make a text small first
        spellings = dict.fromkeys((word, word.translate(_FULL_WIDTH)))
        return or_(*(column.contains(spelling, autoescape=True) for spelling in spellings))
    spellings = dict.fromkeys((word, word.translate(_FULL_WIDTH), word.upper().translate(_FULL_WIDTH)))
    return or_(*(column.icontains(spelling, autoescape=True) for spelling in spellings))


def _shows(texts: Mapping[str, Any], hideable: Sequence[str], words: Sequence[str]) -> bool:
    """Whether every word still stands in the texts when what is personal is hidden."""
    if not any(texts[name] and _HIDING.search(texts[name]) for name in hideable):
        return True
    shown = [mask_text(text) if name in hideable else text for name, text in texts.items() if text]
    return all(any(word in folded(text or "") for text in shown) for word in words)
