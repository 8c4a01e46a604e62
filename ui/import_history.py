"""The imports made: who, when, which file, what became of its rows; and the way back."""

from __future__ import annotations

import streamlit as st

from analytics import store
from analytics.i18n import gettext as _
from analytics.present import tables
from ui import components, data, importing


def show() -> None:
    """All imports, newest first; one of those in force can be undone or its rejected rows fetched."""
    found = store.imports(data.engine())
    if not len(found):
        components.nothing(_("还没有导入过。"))
        return
    components.table(tables.imports(found, importing.KIND_LABELS), "history")
    live = found[found["status"].isin(("accepted", "partial"))].set_index("batch")
    if not len(live):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        batch = st.selectbox(_("批次"), live.index.tolist(), key=f"batch-{live.index[0]}", width=160)
        st.button(_("撤销这一批"), key="undo", on_click=_undo, args=(batch,))
    if live.at[batch, "rejected"]:
        importing.corrected(
            lambda: store.rejected_records(data.engine(), int(batch)), str(live.at[batch, "file"]), "batch"
        )


def _undo(batch: int) -> None:
    try:
        store.undo(data.engine(), int(batch), who=importing.who(), now=data.now())
        st.session_state["imported"] = [_("第 {batch} 批已撤销，数据和导入前一样。").format(batch=batch)]
    except store.StoreError as error:
        st.session_state["imported"] = [str(error)]
        st.session_state["import_failed"] = True
