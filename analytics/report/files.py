"""One name for each format: content in, the file's bytes out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pandas import DataFrame

from analytics.i18n import gettext as _
from analytics.report.gathered import ContentError
from analytics.report.model import Content

FORMATS: Final = ("docx", "xlsx", "pdf", "json", "pptx")
MEDIA_TYPES: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

_NOT_IN_NAMES: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def file_name(content: Content, version: int | None, kind: str) -> str:
    """「2024-06 情况通报 太极社区 第1版.docx」."""
    parts = [content.month, _("情况通报") if content.edition == "internal" else _("公开版"), content.place]
    if version:
        parts.append(_("第{n}版").format(n=version))
    return f"{_NOT_IN_NAMES.sub('_', ' '.join(part for part in parts if part))}.{kind}"


def render(
    content: Content,
    kind: str,
    *,
    seal: str = "",
    petitions: Callable[[], DataFrame] | None = None,
    template: bytes | None = None,
    fonts: Path | None = None,
) -> bytes:
    """The report as a file of ``kind``, one of :data:`FORMATS`; the libraries are only loaded when needed.

    ``petitions`` lists them for the workbook; ``template`` is for Word, ``fonts`` for PDF alone. Raises
    :class:`ContentError`.
    """
    if template is not None and kind != "docx":
        raise ContentError(_("只有 Word（docx）可以用模板。"))
    if fonts is not None and kind != "pdf":
        raise ContentError(_("只有 PDF 可以指定字体文件夹。"))
    if kind == "json":
        return content.to_json()
    if kind == "xlsx":
        from analytics.report import excel

        return excel.write(content, petitions() if petitions else None, seal)
    if kind == "docx":
        from analytics.report import word

        return word.write(content, template, seal)
    if kind == "pdf":
        from analytics.report import pdf

        return pdf.write(content, seal, fonts)
    from analytics.report import slides

    return slides.write(content, seal)
