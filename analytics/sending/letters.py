"""The letters there are: a report with its file. Their words say what the file holds and that it is masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.report.footing import footing
from analytics.report.model import Content
from analytics.sending import telling
from analytics.sending.delivery import Result
from analytics.sending.letter import File, Letter, letter
from analytics.sending.outbox import Target

#: What every report that leaves the committee has in common.
MASKED: Final = mark("不含诉求人的姓名和电话，引用的原文隐去了电话和证件号。")


def report(content: Content, version: int | None, file: File) -> Letter:
    """A month's report: its first sentence, its period and the line of its footer, and the file.

    The file's name and the places of the scope say which paper it is, wherever it is sent from.
    """
    foot = f"{content.period} · {footing(content, version)}"
    about = _("附件：{name}。{masked}由系统自动发出。").format(name=file.name, masked=_(MASKED))
    text = "\n".join(part for part in (_opening(content), foot, about) if part)
    places = [*content.scope["communities"], *content.scope["courtyards"]]
    return letter(" | ".join([file.name, *sorted(places)]), file.name.rpartition(".")[0], text, file)


def preview(found: Letter, planned: Sequence[Result | Target]) -> list[str]:
    """What would be sent to how many, and who has it already."""
    to = telling.plan(planned)
    already = sum(isinstance(each, Result) for each in planned)
    lines = [_("将发「{title}」：{to}。").format(title=found.title, to=to)] if to else []
    if found.file is not None:
        text = _("附件「{name}」，{size} KB。{masked}")
        size = -(-len(found.file.data) // 1024)
        lines.append(text.format(name=found.file.name, size=size, masked=_(MASKED)))
    if already:
        lines.append(_("以前发过、不再发的有 {n} 个。").format(n=already))
    return [*lines, *telling.changes(planned)]


def _opening(content: Content) -> str:
    """The first sentence of the report."""
    texts = (sentence.text for section in content.sections for sentence in section.sentences)
    return next((text for text in texts if text), "")
