"""The letters there are: a report with its file. Their words say what the file holds and that it is masked."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.i18n import gettext as _
from analytics.report.model import Content
from analytics.sending import telling
from analytics.sending.delivery import Result
from analytics.sending.letter import File, Letter, letter
from analytics.sending.outbox import Target


def report(places: Sequence[str], file: File, opening: str, foot: str) -> Letter:
    """A month's report: its first sentence, the line of its footer, and the file under its own name.

    ``places`` (communities and courtyards of its scope) and the name say which paper it is.
    """
    about = _("附件：{name}。其中的姓名、电话已隐去；由系统自动发出。").format(name=file.name)
    text = "\n".join(part for part in (opening, foot, about) if part)
    return letter(" | ".join([file.name, *sorted(places)]), file.name.rpartition(".")[0], text, file)


def opening(content: Content) -> str:
    """The first sentence of the report."""
    texts = (sentence.text for section in content.sections for sentence in section.sentences)
    return next((text for text in texts if text), "")


def preview(found: Letter, planned: Sequence[Result | Target]) -> list[str]:
    """What would be sent to how many, and who has it already."""
    to = telling.plan(planned)
    already = sum(isinstance(each, Result) for each in planned)
    lines = [_("将发「{title}」：{to}。").format(title=found.title, to=to)] if to else []
    if found.file is not None:
        text = _("附件「{name}」，{size} KB；其中的姓名、电话已隐去。")
        lines.append(text.format(name=found.file.name, size=-(-len(found.file.data) // 1024)))
    if already:
        lines.append(_("以前发过、不再发的有 {n} 个。").format(n=already))
    return lines
