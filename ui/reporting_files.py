"""The report as files: built when asked for, step by step, kept in the session until the paper is another."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import streamlit as st
from pandas import DataFrame

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.present import wording
from analytics.report import ContentError
from analytics.report.excel import listed
from analytics.report.files import MEDIA_TYPES, file_name, render
from analytics.report.footing import footing
from analytics.store import StoreError
from ui import components, reporting
from ui.reporting import Paper

LABELS: Final = {
    "docx": "Word", "xlsx": "Excel", "pdf": "PDF", "pptx": mark("PPT 幻灯片"), "json": mark("JSON 数据"),
}  # fmt: skip
#: The public edition is one page for the notice board.
_OFFERED: Final = {"internal": tuple(LABELS), "public": ("pdf", "docx")}
_WANTED: Final = "report_wanted"
_BUILT: Final = "report_built"
_MOST_KEPT: Final = 6
_MEGABYTES: Final = 10

Step = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """A finished file: ``seconds`` is how long it took."""

    name: str
    data: bytes = field(repr=False)
    media_type: str
    seconds: float


@st.fragment
def section(view: Any, paper: Paper) -> None:
    """Choose a format, have it built, take it away: only this part runs again meanwhile."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="report-files"):
        kind = st.segmented_control(
            _("格式"), _OFFERED[paper.edition], default=_OFFERED[paper.edition][0], required=True,
            format_func=lambda code: _(LABELS[code]), key=f"report-format-{paper.edition}", wrap=True,
        )  # fmt: skip
        st.button(_("生成文件"), key="report-make", type="primary", on_click=_want)
    template = _template(paper) if kind == "docx" and paper.edition == "internal" else None
    if st.session_state.pop(_WANTED, False):
        _build_aloud(view, paper, str(kind), template)
    if found := _kept().get(_name_of(view, paper, str(kind), template)):
        _offer(found, str(kind))


def _want() -> None:
    st.session_state[_WANTED] = True


def chosen(view: Any, paper: Paper) -> Built:
    """The file in the format chosen above the paper, on one's own template where there is one.

    Raises ContentError or StoreError.
    """
    kind = str(st.session_state.get(f"report-format-{paper.edition}") or _OFFERED[paper.edition][0])
    takes_one = kind == "docx" and paper.edition == "internal"
    template = st.session_state.get("report-template") if takes_one else None
    return build(view, paper, kind, template.getvalue() if template else None)


def build(
    view: Any, paper: Paper, kind: str, template: bytes | None = None, step: Step | None = None
) -> Built:
    """The file of ``kind``, from the session if it was built; ``step`` is told what is being done.

    Raises ContentError or StoreError.
    """
    name = _name_of(view, paper, kind, template)
    if name in _kept():
        return _kept()[name]
    begun, tell = time.perf_counter(), step or (lambda _text: None)
    with reporting.language_of(paper):
        listing = _listing(view, paper, tell) if kind == "xlsx" and paper.edition == "internal" else None
        tell(_laying_out(paper, kind))
        seal = footing(paper.content, paper.version)
        made = render(paper.content, kind, seal=seal, petitions=listing, template=template)
    built = Built(
        file_name(paper.content, paper.version, kind), made, MEDIA_TYPES[kind], time.perf_counter() - begun
    )
    _kept()[name] = built
    while len(_kept()) > _MOST_KEPT:
        _kept().pop(next(iter(_kept())))
    return built


def _kept() -> dict[str, Built]:
    found: dict[str, Built] = st.session_state.setdefault(_BUILT, {})
    return found


def _name_of(view: Any, paper: Paper, kind: str, template: bytes | None) -> str:
    """Content, version, records and template: when one is another, the file has to be built anew."""
    own = hashlib.sha256(template).hexdigest() if template else ""
    return components.fingerprint(paper.content.fingerprint, paper.version, view.key.version, kind, own)


def _build_aloud(view: Any, paper: Paper, kind: str, template: bytes | None) -> None:
    """Every step is said when it begins; what cannot be made is said in one sentence."""
    label = _(LABELS[kind])
    steps = 3 if kind == "xlsx" else 2
    with st.status(_("正在生成 {format}…").format(format=label), expanded=True) as status:
        bar, done = st.progress(0.0), []

        def step(text: str) -> None:
            done.append(text)
            bar.progress(len(done) / (steps + 1), components.plain(text))

        step(_("取出内容：{parts} 节，{tables} 张表，{charts} 幅图").format(**_size(paper)))
        try:
            built = build(view, paper, kind, template, step)
        except (ContentError, StoreError) as error:
            status.update(label=_("没有生成 {format}").format(format=label), state="error")
            st.error(components.plain(str(error)))
            return
        bar.progress(1.0, _("完成"))
        text = _("已生成 {format}：{size}，用时 {seconds} 秒")
        size = wording.count(max(len(built.data) // 1024, 1)) + " KB"
        told = text.format(format=label, size=size, seconds=wording.decimal(built.seconds))
        status.update(label=told, state="complete", expanded=False)


def _size(paper: Paper) -> dict[str, int]:
    parts = (*paper.content.sections, *paper.content.annexes)
    return {
        "parts": len(parts),
        "tables": sum(len(part.tables) for part in parts),
        "charts": sum(len(part.charts) for part in parts),
    }


def _laying_out(paper: Paper, kind: str) -> str:
    texts = {
        "docx": _("按公文格式排 Word，画可以改的图"),
        "xlsx": _("写各张工作表和图"),
        "pdf": _("排 PDF，嵌入字体"),
        "pptx": _("排幻灯片，画可以改的图"),
        "json": _("写成 JSON"),
    }
    return texts[kind]


def _listing(view: Any, paper: Paper, tell: Step) -> Callable[[], DataFrame]:
    """Lists the petitions of the month: of a frozen one, today's records as of then."""
    tell(_("列出这个月的诉求"))
    only = replace(paper.scope, first_month=paper.month, last_month=paper.month)
    records = view.dataset if paper.kept is None else reporting.records_then(paper.kept)
    return lambda: listed(records, only)


def _offer(built: Built, kind: str) -> None:
    st.download_button(
        _("下载 {format}（{size} KB）").format(
            format=_(LABELS[kind]), size=wording.count(max(len(built.data) // 1024, 1))
        ),
        built.data, built.name, built.media_type, key=f"report-download-{kind}", on_click="ignore",
    )  # fmt: skip


def _template(paper: Paper) -> bytes | None:
    """One's own Word template; ours can be fetched to begin with."""
    with st.expander(_("用自己的 Word 模板")):
        words = _("选择文件")
        components.html(f"<style>:root {{ --choose-file: '{words}'; }}</style>")
        file = st.file_uploader(
            _("模板（.docx，最大 {n} MB）；不选就用自带的").format(n=_MEGABYTES), type=["docx"],
            key="report-template", max_upload_size=_MEGABYTES,
        )  # fmt: skip
        st.download_button(
            _("下载自带的模板"), lambda: _starter(paper), _("月报模板") + ".docx",
            MEDIA_TYPES["docx"], key="report-starter", on_click="ignore", type="tertiary",
        )  # fmt: skip
        components.small_print(_("在 Word 里改好版式再传回来；写错的字段和标记会逐个指出"))
    return file.getvalue() if file else None


def _starter(paper: Paper) -> bytes:
    from analytics.report.word import starter  # only now: it loads the library for Word

    with reporting.language_of(paper):
        return starter(paper.content)
