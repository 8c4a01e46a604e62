"""What people change before they sign: texts by id, over what the figures say; never a figure itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Final

from analytics.i18n import gettext as _
from analytics.report.gathered import ContentError
from analytics.report.model import Content, Heading, Section, Sentence

_HEADING: Final = tuple(field.name for field in fields(Heading))
#: Parts that are points of a list, numbered once there is more than one.
POINTS: Final = ("problems", "suggestions")


def apply(content: Content, edits: Mapping[str, str]) -> Content:
    """``content`` with the texts of ``edits`` (id → text) in place; a blank text takes a sentence out.

    Ids: a sentence's; a section's (its sentences are then the lines of the text); ``title``, ``addressee``,
    ``signature``. The data notes say which parts were edited. Raises :class:`ContentError` naming the ids
    that this report does not have.
    """
    known = {*_HEADING, *editable(content)}
    if unknown := sorted(set(edits) - known):
        message = _("这份报告里没有这些可改的文字：{names}。")
        raise ContentError(message.format(names=_("、").join(unknown)))
    if not edits:
        return content
    heading = replace(content.heading, **{n: edits[n] for n in _HEADING if n in edits})
    sections = tuple(_edited(part, edits) for part in content.sections)
    annexes = tuple(_noted(_edited(part, edits), content, edits) for part in content.annexes)
    return replace(content, heading=heading, sections=sections, annexes=annexes)


def editable(content: Content) -> dict[str, str]:
    """Every id that can be edited in the body, with its present text."""
    found = {}
    for part in (*content.sections, *content.annexes):
        found[part.id] = "\n".join(sentence.text for sentence in part.sentences)
        found |= {sentence.id: sentence.text for sentence in part.sentences}
    return found


def _edited(part: Section, edits: Mapping[str, str]) -> Section:
    if part.id in edits:
        lines = [line.strip() for line in edits[part.id].splitlines() if line.strip()]
        own = tuple(Sentence(f"{part.id}.{n}", line, True) for n, line in enumerate(lines, 1))
        return replace(part, sentences=own, numbered=len(own) > 1 if part.id in POINTS else part.numbered)
    changed = tuple(
        Sentence(s.id, edits[s.id].strip(), True) if s.id in edits and edits[s.id] != s.text else s
        for s in part.sentences
    )
    return replace(part, sentences=tuple(s for s in changed if s.text))


def _noted(part: Section, content: Content, edits: Mapping[str, str]) -> Section:
    """The data notes name the parts whose words are people's, so that a reader can tell them from the rest."""
    if part.id != "notes":
        return part
    titles = [s.title for s in content.sections if any(key.partition(".")[0] == s.id for key in edits)]
    if not titles:
        return part
    text = _("以下部分的文字经人工修改：{titles}；表和图中的数字没有改动。")
    note = Sentence("notes.edited", text.format(titles=_("、").join(titles)))
    return replace(part, sentences=(*part.sentences, note))
