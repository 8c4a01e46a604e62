"""The report as a Word document that can be signed as it is, from our template or the user's own.

A template is an ordinary .docx: ``{{ 标题 }}``-like fields (see :func:`fields`) are filled in by docxtpl, and a
paragraph that holds only a marker is replaced: ``[[正文]]`` by all parts, ``[[附件]]`` by the annexes,
``[[表:ID]]`` and ``[[图:ID]]`` by one table or chart (English: body, annexes, table:ID, chart:ID).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment
from lxml.etree import XMLSyntaxError

from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.report import word_styles
from analytics.report.gathered import ContentError
from analytics.report.model import Content
from analytics.report.plain import clean, made, moment, steady, title_lines
from analytics.report.word_body import Body

_MARKER: Final = re.compile(r"\[\[\s*([^\[\]:：]+?)\s*(?:[:：]\s*([^\[\]]+?)\s*)?\]\]")
MARKERS: Final = {
    "正文": "body", "body": "body", "附件": "annexes", "annexes": "annexes", "附件目录": "annex_list",
    "annex_list": "annex_list", "表": "table", "table": "table", "图": "chart", "chart": "chart",
}  # fmt: skip

_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.Const, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip
#: Bytes of a template unpacked.
_LARGEST: Final = 30_000_000


def write(content: Content, template: bytes | None = None, seal: str = "") -> bytes:
    """The document's bytes; ``template`` None: ours. ``seal``: a line under the page numbers.

    Raises :class:`ContentError` naming what a template asks for that there is not.
    """
    document = _filled(
        starter(content) if template is None else template, fields(content, seal), template is not None
    )
    body = Body(document, content)
    for paragraph, command, argument in list(_markers(document)):
        _replace(body.at(paragraph._p), command, argument)
        paragraph._p.getparent().remove(paragraph._p)
    if template is None:
        _keep_signature(document)
    _about(document, content)
    out = io.BytesIO()
    document.save(out)
    return steady(out.getvalue(), made(content))


def fields(content: Content, seal: str = "") -> dict[str, str]:
    """What a template may name, with its text: the heading, dates, and each part's sentences by its id."""
    head, as_of = content.heading, moment(content)
    found = {
        "标题": "\n".join(title_lines(head.title)), "title": head.title,
        "期间": content.period, "period": content.period,
        "主送": head.addressee, "addressee": head.addressee,
        "落款": head.signature, "signature": head.signature,
        "日期": wording.date(as_of), "date": wording.date(as_of),
        "截至": wording.moment(as_of), "as_of": wording.moment(as_of),
        "范围": content.place, "place": content.place,
        "校验": seal, "seal": seal,
    }  # fmt: skip
    for part in (*content.sections, *content.annexes):
        found[part.id] = "\n".join(sentence.text for sentence in part.sentences)
    return {name: clean(text) for name, text in found.items()}


def starter(content: Content) -> bytes:
    """Our template, to be used as it is or changed in Word: for the internal edition with signature and annexes."""
    document = word_styles.empty(compact=content.edition == "public")
    lines = [
        ("{{ 标题 }}", word_styles.TITLE),
        (_("（{text}）").format(text="{{ 期间 }}"), word_styles.SUBTITLE),
    ]
    if content.heading.addressee:
        lines.append((_("{text}：").format(text="{{ 主送 }}"), word_styles.ADDRESSEE))
    lines.append(("[[正文]]", "Normal"))
    if content.annexes:
        lines.append(("[[附件目录]]", "Normal"))
    if content.heading.signature:
        lines += [("{{ 落款 }}", word_styles.SIGNATURE), ("{{ 日期 }}", word_styles.SIGNATURE)]
    if content.annexes:
        lines.append(("[[附件]]", "Normal"))
    for text, style in lines:
        document.add_paragraph(text, style=style)
    out = io.BytesIO()
    document.save(out)
    return steady(out.getvalue(), made(content))


class _FieldsOnly(SandboxedEnvironment):
    """Templates come from outside: they may name fields and choose with ``if``, but not loop, compute or call."""

    def _parse(self, *source: Any) -> nodes.Template:
        tree = super()._parse(*source)
        if not all(isinstance(node, _ALLOWED) for node in tree.find_all(nodes.Node)):
            raise ContentError(_("模板里只能写字段的名字，也可以用 if；循环、计算和函数不能用。"))
        return tree


def _filled(template: bytes, values: dict[str, str], theirs: bool) -> Document:
    """The template with its fields filled in a sandbox: it is a file from outside."""
    environment = _FieldsOnly(undefined=StrictUndefined, autoescape=True)
    try:
        with ZipFile(io.BytesIO(template)) as package:
            if sum(part.file_size for part in package.infolist()) > _LARGEST:
                raise ContentError(_("模板太大，没有读。"))
        found = DocxTemplate(io.BytesIO(template))
        if theirs and (unknown := sorted(_asked(found, environment) - set(values))):
            message = _("模板里有不认识的字段：{names}。可用的字段：{known}。")
            listed = _("、").join
            raise ContentError(message.format(names=listed(unknown), known=listed(values)))
        found.render(dict(values), jinja_env=environment, autoescape=True)
    except ContentError:
        raise
    except (BadZipFile, PackageNotFoundError, KeyError, ValueError, XMLSyntaxError) as error:
        raise ContentError(_("模板不是 Word 文档（.docx），或已损坏。")) from error
    except TemplateError as error:
        raise ContentError(_("模板里的字段写得不对：请看每个 {{ }} 和 {% %} 是否成对。")) from error
    return found.docx


def _asked(template: DocxTemplate, environment: SandboxedEnvironment) -> set[str]:
    """Names that the template uses in its body, headers and footers."""
    template.init_docx()
    sources = [template.patch_xml(template.get_xml())]
    for kind in (template.HEADER_URI, template.FOOTER_URI):
        sources += [
            template.patch_xml(template.get_part_xml(part))
            for _id, part in template.get_headers_footers(kind)
        ]
    return set().union(*(meta.find_undeclared_variables(environment.parse(source)) for source in sources))


def _markers(document: Document) -> Iterator[tuple[Paragraph, str, str]]:
    """Paragraphs that hold a marker only; an unknown one is refused by name."""
    for paragraph in document.paragraphs:
        found = _MARKER.fullmatch(paragraph.text.strip())
        if not found:
            continue
        command = MARKERS.get(found[1].lower())
        if command is None:
            raise ContentError(_("模板里有不认识的标记：{name}。").format(name=found[0]))
        yield paragraph, command, found[2] or ""


def _replace(body: Body, command: str, argument: str) -> None:
    if command == "body":
        body.sections()
    elif command == "annexes":
        body.annexes()
    elif command == "annex_list":
        body.annex_list()
    else:
        _one(body, command, argument)


def _one(body: Body, command: str, name: str) -> None:
    """One table or chart by its id. Known to the report but empty this month: nothing."""
    content = body.content
    parts = (*content.sections, *content.annexes)
    found: dict[str, Any] = {
        item.id: item for part in parts for item in (part.tables if command == "table" else part.charts)
    }
    if name not in found:
        label = _("表") if command == "table" else _("图")
        message = _("这份报告里没有模板要的{label}「{name}」，有的是：{known}。")
        raise ContentError(
            message.format(label=label, name=name, known=_("、").join(found) or wording.UNKNOWN)
        )
    (body.table if command == "table" else body.chart)(found[name])


def _keep_signature(document: Document) -> None:
    """Signature and date take the last paragraph of the text along to a new page."""
    paragraphs = document.paragraphs
    signed = [
        i for i, p in enumerate(paragraphs) if p.style is not None and p.style.name == word_styles.SIGNATURE
    ]
    if not signed:
        return
    for paragraph in paragraphs[max(signed[0] - 3, 0) : signed[-1]]:
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.keep_together = True


def _about(document: Document, content: Content) -> None:
    """The file's own properties; python-docx's template would name its author and year."""
    properties = document.core_properties
    properties.title = clean(content.heading.title)[:255]
    properties.author = clean(content.heading.signature)[:255]
    properties.last_modified_by = ""
    properties.comments = ""
    properties.created = properties.modified = made(content).to_pydatetime()
