"""The import of files by hand: read, map, preview, dry run, confirm.

What was read stays in the visitor's own session until it is confirmed or other files are chosen.
"""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st

from analytics import intake, store
from analytics.i18n import gettext as _
from analytics.i18n import language as language_code
from analytics.i18n import mark
from analytics.intake import corrections, layouts, mapping
from analytics.intake.tables import RawTable
from analytics.present import downloads, tables
from ui import components, data, import_mapping, import_progress, language

KIND_LABELS: Final = {
    "petitions": mark("诉求（一行一件）"),
    "complaints": mark("网络理政投诉（逐条或按月）"),
    "courtyards": mark("院落登记（上线日期、户数）"),
    "progress": mark("进度反馈"),
    "events": mark("流转记录（一行一个环节）"),
}
_SHOWN: Final = 20
_HELD: Final = "import_held"
_READ: Final = "import_read"
_ROUND: Final = "import_round"
_WANTED: Final = "import_wanted"


@dataclass(frozen=True)
class Upload:
    """A file as it came, read once as a raw table; ``key`` tells it from the others on the page."""

    name: str
    sha256: str
    content: bytes = field(repr=False)
    table: RawTable = field(repr=False)
    other_sheets: dict[str, RawTable] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """A short name for widgets."""
        return components.fingerprint(self.name, self.sha256)

    def sheet(self, name: str | None) -> RawTable:
        """One of the sheets, None for the one first read; another one is read once, with a bar."""
        if name in (None, self.table.sheet):
            return self.table
        assert name is not None
        if name not in self.other_sheets:
            with import_progress.waiting(self.name, f"{self.key}-sheet", _nothing_written()) as tell:
                self.other_sheets[name] = intake.read_tables(self.content, self.name, name, tell)
        return self.other_sheets[name]


@dataclass(frozen=True)
class Tried:
    """A file that was read and checked, and what its import would do."""

    read: intake.Intake = field(repr=False)
    dry: store.Saved


def choose_files() -> list[Upload]:
    """The drop zone. A file that is no table is refused with one sentence, and nothing of it is kept."""
    choose = _("选择文件")
    components.html(f"<style>:root {{ --choose-file: '{choose}'; }}</style>")
    files = st.file_uploader(
        _("把文件拖到这里，或点按钮选择，可以一次选几个：CSV、Excel、WPS、ODS、网页表格、Open311"),
        key=f"upload-{st.session_state.get(_ROUND, 0)}",
        accept_multiple_files=True,
    )
    held: dict[str, Upload] = st.session_state.get(_HELD, {})
    kept: dict[str, Upload] = {}
    for at, file in enumerate(files):
        if file.file_id in held:
            kept[file.file_id] = held[file.file_id]
        elif found := _opened(file, at):
            kept[file.file_id] = found
    st.session_state[_HELD] = kept
    if not kept:
        st.session_state.pop(_READ, None)
    return list({upload.key: upload for upload in kept.values()}.values())


def one_file(upload: Upload, alone: bool) -> Tried | None:
    """What one file holds, how it is read, what was taken and what not; None when it cannot be imported."""
    place = st.container() if alone else st.expander(components.plain(upload.name), expanded=True)
    with place:
        found = _choose_reading(upload)
        if found is not None:
            _show_reading(upload, found)
        return found


def confirm(tried: Sequence[Tried]) -> None:
    """The button that imports, file by file, each in a transaction of its own."""
    ready = [one for one in tried if len(one.read.records)]
    if not tried:
        return
    if len(tried) > 1:
        components.small_print(_("试导入都按现在的库计算；导入时按上面的顺序一个一个写入，各成一批"))
    label = _("确认导入") if len(tried) == 1 else _("确认导入 {n} 个文件").format(n=len(ready))
    st.button(label, type="primary", key="confirm-import", disabled=not ready, on_click=_want)
    if st.session_state.pop(_WANTED, False):
        _import(ready)


def _want() -> None:
    st.session_state[_WANTED] = True


def _import(ready: Sequence[Tried]) -> None:
    """Write one file after the other; the first that fails ends it, those before it are in."""
    writing = import_progress.begin()
    try:
        for at, one in enumerate(ready):
            _write(one, writing, f"{at}-write")
    except store.StoreError as error:
        writing.file, writing.failure = "", str(error)
    st.rerun()


def _write(one: Tried, writing: import_progress.Writing, key: str) -> None:
    engine, name, moment = data.engine(), who(), data.now()
    note = _("写完之前取消或离开本页，数据库和导入前完全一样")
    with import_progress.waiting(one.read.file, key, note) as tell:
        writing.file = one.read.file
        rejected = one.read.rejected["row"].nunique()
        saved = store.save(engine, one.read, who=name, now=moment, tell=tell)
        # Nothing between the commit and this account asks Streamlit: a click would end the script there.
        writing.done.append((saved, rejected))
        writing.file = ""


def _empty_drop_zone() -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    for name in (_HELD, _READ):
        st.session_state.pop(name, None)


def _last_import() -> list[str]:
    """What the import just made has come to; what was given up is said here."""
    writing, was_given_up = import_progress.end(), import_progress.was_given_up()
    if writing or was_given_up:
        _empty_drop_zone()
    told = [_done(saved, rejected) for saved, rejected in writing.done] if writing else []
    if writing and writing.failure:
        st.session_state["import_failed"] = True
        return [*told, writing.failure]
    if writing and writing.file:
        given_up = _("「{file}」的导入已取消，没有写入任何内容，数据库和导入前一样。")
        st.info(components.plain(given_up.format(file=writing.file)))
    elif was_given_up and not told:
        st.info(_("已取消，没有写入任何内容。"))
    return told


def _done(saved: store.Saved, rejected: int) -> str:
    done = _outcome(_("已导入第 {batch} 批").format(batch=saved.batch), saved)
    return done + (_("未收 {n} 行，见导入历史。").format(n=rejected) if rejected else "")


def tell_last() -> None:
    """The outcome of the import or undo just made."""
    told = [*_last_import(), *st.session_state.pop("imported", [])]
    say = st.error if st.session_state.pop("import_failed", False) else st.success
    for sentence in told:
        (say if sentence == told[-1] else st.success)(components.plain(sentence))


def rules() -> None:
    """What a second import of the same petition does; shown before it is done."""
    with st.expander(_("同一件诉求再次导入会怎样")):
        lines = (
            _("内容相同：不变，不会重复。"),
            _("有改动：按新文件更新；空白从不清除已有的内容。"),
            _("较旧的导出（缺少库里已有的响应、到场、方案、办结或回访时间）：只补空白，不改动已有内容，并在试导入时说明有几行。"),
            _("每一批都可以撤销，被它更新过的记录也恢复原样；后来的导入改过同样的记录时，先撤销后来的。"),
        )  # fmt: skip
        items = "".join(f"<li>{components.escape(line)}</li>" for line in lines)
        components.html(f'<ul class="points">{items}</ul>')


def who() -> str:
    """Who is at work, for the history of imports and rules."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return _("看板")


def _nothing_written() -> str:
    return _("还没有写入任何内容，可以随时取消")


def _opened(file: Any, at: int) -> Upload | None:
    content = file.getvalue()
    try:
        with import_progress.waiting(file.name, f"{at}-read", _nothing_written()) as tell:
            table = intake.read_tables(content, file.name, tell=tell)
        return Upload(file.name, hashlib.sha256(content).hexdigest(), content, table)
    except intake.IntakeRefused as refusal:
        st.error(components.plain(str(refusal)))
        return None


def _choose_reading(upload: Upload) -> Tried | None:
    """What the file holds, which sheet, which layout and headings; then the checked rows, or a refusal."""
    known = [*_saved_layouts(), *mapping.shipped_for(upload.table)]
    seen = mapping.recognise(upload.table, known)
    kinds = list(KIND_LABELS)
    guess = seen.kind if seen else intake.guess_kind(upload.table)
    first, second, third = st.columns(3)
    kind = first.selectbox(
        _("内容"),
        kinds,
        index=kinds.index(guess) if guess in kinds else 0,
        format_func=lambda code: _(KIND_LABELS[code]),
        key=f"kind-{upload.key}",
    )
    sheet = _choose_sheet(second, upload)
    base = _choose_layout(third, upload, [layout for layout in known if layout.kind == kind], seen)
    try:
        table = upload.sheet(sheet)
        layout = import_mapping.edit(upload.key, corrections.without_reasons(table), kind, base)
        return _tried(upload, table, kind, layout)
    except (intake.IntakeRefused, store.StoreError) as refusal:
        st.error(components.plain(str(refusal)))
        return None


def _tried(upload: Upload, table: RawTable, kind: str, layout: layouts.Layout | None) -> Tried:
    """Read and tried once, then kept until something about it changes."""
    version = store.data_version(data.engine())
    key = (upload.key, table.sheet, kind, layout, version, language_code())
    kept: dict[Any, Tried] = st.session_state.setdefault(_READ, {})
    if key not in kept:
        for old in [other for other in kept if other[0] == upload.key]:
            del kept[old]
        now, sha256 = data.now(), upload.sha256
        with import_progress.waiting(upload.name, f"{upload.key}-try", _nothing_written()) as tell:
            read = intake.read_table(
                table, upload.name, kind, now=now, sha256=sha256, layout=layout, tell=tell
            )
            dry = store.save(data.engine(), read, who=who(), now=now, dry_run=True, tell=tell)
        kept[key] = Tried(read, dry)
    return kept[key]


def _show_reading(upload: Upload, found: Tried) -> None:
    """What was taken and what was not, with reasons; what the import would do; the first rows (masked)."""
    read = found.read
    rejected = read.rejected["row"].nunique()
    components.finding(
        _("读到 {read} 行：可收 {accepted} 行，未收 {rejected} 行；认出 {columns} 列。").format(
            read=read.rows_read, accepted=len(read.records), rejected=rejected, columns=len(read.columns)
        )
    )
    components.small_print(*_facts(read))
    components.finding(_outcome(_("试导入"), found.dry))
    for warning in (*read.warnings, *found.dry.warnings):
        st.caption(components.plain(warning.message))
    if rejected:
        components.section(_("未收的行"))
        components.table(tables.rejected(read.rejected), f"rejected-{upload.key}")
        corrected(lambda: corrections.to_correct(read.raw_rejected, read.rejected), upload.name, upload.key)
    components.section(_("预览（前 {n} 行）").format(n=_SHOWN))
    components.table(tables.records(read.records.head(_SHOWN)), f"preview-{upload.key}")


def corrected(make: Any, file: str, key: str) -> None:
    """The rejected rows as a workbook with the reason beside each; corrected, it is imported like any file."""
    st.download_button(
        _("下载未收的行（Excel，附原因）"),
        language.keeping(lambda: downloads.xlsx_bytes(make(), _("未收的行"))),
        _("未收的行 {file}.xlsx").format(file=file),
        downloads.XLSX_TYPE,
        key=f"corrected-{key}",
        on_click="ignore",
    )
    components.small_print(
        _("在这个文件里改正后直接导入即可，前两列不会读；流转记录请改正原文件，整份重新导入。")
    )


def _facts(read: intake.Intake) -> list[str]:
    by_hand = _("按标题识别") if read.layout is None else _("按手工对应")
    return [
        _("工作表「{name}」").format(name=read.sheet) if read.sheet else "",
        _("表头在第 {row} 行").format(row=read.heading_row),
        _("编码 {name}").format(name=read.encoding) if read.encoding else "",
        _("版式「{name}」").format(name=read.layout) if read.layout else by_hand,
        _("文件指纹 {sha}").format(sha=read.sha256[:12]),
    ]


def _choose_sheet(place: Any, upload: Upload) -> str | None:
    names = [sheet.name for sheet in upload.table.sheets if sheet.visible]
    if len(names) < 2:
        return None
    index = names.index(upload.table.sheet) if upload.table.sheet in names else 0
    chosen: str | None = place.selectbox(_("工作表"), names, index=index, key=f"sheet-{upload.key}")
    return chosen


def _saved_layouts() -> list[layouts.Layout]:
    saved = store.saved_layouts(data.engine())
    found = []
    for name, text in zip(saved["name"], saved["text"], strict=True):
        try:
            found.append(layouts.parse(text, name))
        except intake.IntakeRefused as refusal:
            st.caption(components.plain(str(refusal)))
    return found


def _choose_layout(
    place: Any, upload: Upload, known: list[layouts.Layout], seen: layouts.Layout | None
) -> layouts.Layout | None:
    if not known:
        return None
    by_name = {layout.name: layout for layout in known}
    names = list(by_name)
    chosen = place.selectbox(
        _("版式"),
        names,
        index=names.index(seen.name) if seen and seen.name in by_name else None,
        placeholder=_("按标题自动识别"),
        key=f"layout-{upload.key}",
    )
    return by_name.get(chosen) if chosen else None


def _outcome(what: str, saved: store.Saved) -> str:
    return _("{what}：新增 {inserted}，更新 {updated}，未变 {unchanged}。").format(
        what=what, inserted=saved.inserted, updated=saved.updated, unchanged=saved.unchanged
    )
