"""The import of one file by hand: read, preview, dry run, confirm; and the history with its way back.

What was read stays in the visitor's own session until it is confirmed or another file is chosen.
"""

from __future__ import annotations

import getpass
import hashlib
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from analytics import intake, store
from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.intake import layouts
from analytics.intake.tables import RawTable
from analytics.present import tables
from ui import components, data

KIND_LABELS: Final = {
    "petitions": mark("诉求（一行一件）"),
    "complaints": mark("网络理政投诉（逐条或按月）"),
    "courtyards": mark("院落登记（上线日期、户数）"),
    "progress": mark("进度反馈"),
    "events": mark("流转记录（一行一个环节）"),
}
_SHOWN: Final = 20
_HELD: Final = "import_held"
_ROUND: Final = "import_round"


@dataclass(frozen=True)
class Upload:
    """A file as it came, read once as a raw table."""

    name: str
    sha256: str
    content: bytes
    table: RawTable


def choose_file() -> Upload | None:
    """The drop zone. A file that is no table is refused with one sentence, and nothing is kept."""
    choose = _("选择文件")
    components.html(f"<style>:root {{ --choose-file: '{choose}'; }}</style>")
    file = st.file_uploader(
        _("把文件拖到这里，或点按钮选择：CSV、Excel、WPS、ODS、网页表格"),
        key="upload",
        label_visibility="visible",
    )
    if file is None:
        st.session_state.pop(_HELD, None)
        return None
    content = file.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    held = st.session_state.get(_HELD)
    if held is None or held.sha256 != digest or held.name != file.name:
        try:
            held = Upload(file.name, digest, content, intake.read_tables(content, file.name))
        except intake.IntakeRefused as refusal:
            st.error(components.plain(str(refusal)))
            return None
        st.session_state[_HELD] = held
    return held


def choose_reading(upload: Upload) -> intake.Intake | None:
    """What the file holds, which sheet, which layout; then the checked rows, or one sentence of refusal."""
    kinds = list(KIND_LABELS)
    guess = intake.guess_kind(upload.table)
    first, second, third = st.columns(3)
    kind = first.selectbox(
        _("内容"),
        kinds,
        index=kinds.index(guess) if guess in kinds else 0,
        format_func=lambda code: _(KIND_LABELS[code]),
        key=f"kind-{upload.sha256[:8]}",
    )
    sheet = _choose_sheet(second, upload)
    layout = _choose_layout(third, str(kind))
    try:
        table = (
            upload.table
            if sheet in (None, upload.table.sheet)
            else intake.read_tables(upload.content, upload.name, sheet)
        )
        return intake.read_table(
            table, upload.name, str(kind), now=data.now(), sha256=upload.sha256, layout=layout
        )
    except intake.IntakeRefused as refusal:
        st.error(components.plain(str(refusal)))
        return None


def show_reading(read: intake.Intake) -> None:
    """What was taken and what was not, with reasons, and the first rows as they will be stored (masked)."""
    rejected = read.rejected["row"].nunique()
    components.finding(
        _("读到 {read} 行：可收 {accepted} 行，未收 {rejected} 行；认出 {columns} 列。").format(
            read=read.rows_read, accepted=len(read.records), rejected=rejected, columns=len(read.columns)
        )
    )
    for warning in read.warnings:
        st.caption(components.plain(warning.message))
    if rejected:
        components.section(_("未收的行"))
        components.table(tables.rejected(read.rejected), "rejected-now")
        components.download(lambda: read.raw_rejected, _("未收的行"), "rejected-file")
    components.section(_("预览（前 {n} 行）").format(n=_SHOWN))
    components.table(tables.records(read.records.head(_SHOWN)), "preview")


def confirm(read: intake.Intake) -> None:
    """What the import would do, then the button that does it in one transaction."""
    try:
        dry = store.save(data.engine(), read, who=who(), now=data.now(), dry_run=True)
        for warning in dry.warnings:
            st.info(components.plain(warning.message))
        st.write(_outcome(_("试导入"), dry))
        if st.button(_("确认导入"), type="primary", key="confirm-import", disabled=not len(read.records)):
            saved = store.save(data.engine(), read, who=who(), now=data.now())
            st.session_state["imported"] = _outcome(_("已导入第 {batch} 批").format(batch=saved.batch), saved)
            st.session_state.pop(_HELD, None)
            st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1  # an empty drop zone again
            st.rerun()
    except store.StoreError as error:
        st.error(components.plain(str(error)))


def tell_last() -> None:
    """The outcome of the import or undo just made."""
    if told := st.session_state.pop("imported", None):
        st.success(components.plain(told))


def history() -> None:
    """All imports, newest first; the way back for one that is still in force."""
    found = store.imports(data.engine())
    if not len(found):
        components.nothing(_("还没有导入过。"))
        return
    components.table(tables.imports(found, KIND_LABELS), "history")
    live = found.loc[found["status"].isin(("accepted", "partial")), "batch"].tolist()
    if not live:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        batch = st.selectbox(_("批次"), live, key="batch", width=160)
        st.button(_("撤回这一批"), key="undo", on_click=_undo, args=(batch,))


def _undo(batch: int) -> None:
    try:
        store.undo(data.engine(), int(batch), who=who(), now=data.now())
        st.session_state["imported"] = _("第 {batch} 批已撤回，数据和导入前一样。").format(batch=batch)
    except store.StoreError as error:
        st.session_state["imported"] = str(error)


def _choose_sheet(place: Any, upload: Upload) -> str | None:
    names = [sheet.name for sheet in upload.table.sheets if sheet.visible]
    if len(names) < 2:
        return None
    index = names.index(upload.table.sheet) if upload.table.sheet in names else 0
    chosen: str | None = place.selectbox(_("工作表"), names, index=index, key=f"sheet-{upload.sha256[:8]}")
    return chosen


def _choose_layout(place: Any, kind: str) -> layouts.Layout | None:
    saved = store.saved_layouts(data.engine())
    names = saved.loc[saved["kind"] == kind, "name"].tolist() if len(saved) else []
    if not names:
        return None
    chosen = place.selectbox(
        _("版式"), names, index=None, placeholder=_("按标题自动识别"), key=f"layout-{kind}"
    )
    text = store.saved_layout(data.engine(), chosen) if chosen else None
    return None if text is None else layouts.parse(text, chosen)


def _outcome(what: str, saved: store.Saved) -> str:
    return _("{what}：新增 {inserted}，更新 {updated}，未变 {unchanged}。").format(
        what=what, inserted=saved.inserted, updated=saved.updated, unchanged=saved.unchanged
    )


def who() -> str:
    """Who is at work, for the history of imports and rules."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return _("看板")
