"""Which heading of a file is which of our columns: offered, corrected by hand, kept under a name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import streamlit as st

from analytics import store
from analytics.i18n import gettext as _
from analytics.intake import layouts, mapping
from analytics.intake.headings import label
from analytics.intake.tables import RawTable
from analytics.privacy import mask_name, mask_text
from analytics.vocabulary import PERSONAL_COLUMNS
from ui import data

_NOT_USED: Final = ""


def edit(key: str, table: RawTable, kind: str, base: layouts.Layout | None) -> layouts.Layout | None:
    """The headings of a file and what they mean; the layout that comes of changing them, else ``base``."""
    offered = mapping.offers(table, kind, base)
    if not len(offered):
        return base
    complete = not mapping.best_heading(table, kind, base).missing and not _is_doubled(offered)
    with st.expander(_("列的对应（可以改）"), expanded=not complete):
        columns = _edited(f"{key}-{kind}-{base.name if base else ''}", offered, kind)
        if columns == offered["column"].tolist():
            return base
        return _kept(key, mapping.layout_of(kind, "", offered["heading"].tolist(), columns, base))


def _edited(key: str, offered: Any, kind: str) -> list[str]:
    names = {column: label(column) for column in mapping.columns_of(kind)}
    by_name = {name: column for column, name in names.items()}
    heading, examples, ours = _("文件里的列"), _("例"), _("是哪一列")
    shown = offered.assign(
        examples=[_masked(row["column"], row["examples"]) for row in offered.to_dict("records")],
        column=[names.get(column) for column in offered["column"]],
    ).set_axis([heading, examples, ours], axis=1)[[heading, ours, examples]]
    edited = st.data_editor(
        shown,
        key=f"map-{key}",
        hide_index=True,
        disabled=[heading, examples],
        column_config={ours: st.column_config.SelectboxColumn(options=list(by_name))},
        placeholder=_("不用"),
    )
    return [by_name.get(name, _NOT_USED) for name in edited[ours]]


def _kept(key: str, made: layouts.Layout) -> layouts.Layout:
    """The layout under the name it is given; without a name it serves this file only."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            _("存为版式，下次自动认出"),
            key=f"name-{key}",
            placeholder=_("例如：网格通导出"),
            max_chars=60,
            width=320,
        ).strip()
        named = replace(made, name=name)
        st.button(_("保存版式"), key=f"save-layout-{key}", disabled=not name, on_click=_save, args=(named,))
    return named if name else made


def _save(layout: layouts.Layout) -> None:
    store.save_layout(data.engine(), layout.name, layout.kind, layouts.dumps(layout))
    st.session_state["imported"] = [
        _("版式「{name}」已保存，有同样标题的文件会自动认出。").format(name=layout.name)
    ]


def _masked(column: str, examples: list[str]) -> str:
    mask = mask_name if column in PERSONAL_COLUMNS else mask_text
    return "、".join(mask(text) or "" for text in examples)


def _is_doubled(offered: Any) -> bool:
    used = [column for column in offered["column"] if column]
    return len(used) != len(set(used))
