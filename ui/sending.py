"""The foot of the page 月报: the file by e-mail or to a group, where that is set up, and only after a second yes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

import streamlit as st

from analytics import sending
from analytics.i18n import gettext as _
from analytics.report import ContentError
from analytics.report.files import MEDIA_TYPES
from analytics.sending import letters, telling
from analytics.store import StoreError
from ui import components, data, reporting
from ui.reporting import Paper
from ui.reporting_files import Built

#: Papers to read; a list of petitions or bare data is not for a group.
_SENT: Final = (MEDIA_TYPES["docx"], MEDIA_TYPES["pdf"])
#: Kept in the session between two runs: asked for, the letter to confirm, confirmed, what has come of it.
_ASKED, _LETTER, _YES, _TOLD = "sending_asked", "sending_letter", "sending_yes", "sending_told"


def section(paper: Paper, build: Callable[[], Built]) -> None:
    """Offer to send the file of ``paper`` that ``build`` makes; it may raise ContentError or StoreError."""
    components.section(_("发送"))
    try:
        settings = sending.read(os.environ)
    except sending.SendingError as error:
        st.error(components.plain(str(error)))
        return
    if not settings.is_on:
        off = _("没有开启。由管理员在服务器上设好邮箱或企业微信群，设法见 docs/sending.md。")
        components.small_print(off)
        return
    st.button(_("发送 Word 或 PDF…"), key="sending-ask", on_click=_ask)
    if st.session_state.pop(_ASKED, False):
        st.session_state[_LETTER] = _letter(paper, build)
    if letter := st.session_state.get(_LETTER):
        st.dialog(_("确认发送"), on_dismiss=_forget)(_confirm)(letter, settings)
    _tell()


def _ask() -> None:
    _forget()
    st.session_state[_ASKED] = True


def _forget() -> None:
    """An earlier yes is no yes to another letter."""
    for name in (_ASKED, _LETTER, _YES, _TOLD):
        st.session_state.pop(name, None)


def _say_yes() -> None:
    st.session_state[_YES] = True


def _letter(paper: Paper, build: Callable[[], Built]) -> sending.Letter | None:
    """What would be sent; None, with the reason shown, when there is nothing to send."""
    try:
        with st.spinner(_("正在生成要发送的文件…")):
            built = build()
    except (ContentError, StoreError) as error:
        st.error(components.plain(str(error)))
        return None
    if built.media_type not in _SENT:
        st.warning(_("只发 Word 或 PDF。请先在上面选其中一种格式。"))
        return None
    file = sending.File(built.name, built.data, built.media_type)
    with reporting.language_of(paper):
        return letters.report(paper.content, paper.version, file)


def _confirm(letter: sending.Letter, settings: sending.Settings) -> None:
    """To how many, which file, what is masked; nobody is contacted before the second yes."""
    outbox = sending.beside(data.engine())
    try:
        planned = sending.plan(letter, settings, outbox)
        had = any(isinstance(each, sending.Result) for each in planned)
        again = had and st.checkbox(_("发过的也再发"), key="sending-again")
        planned = sending.plan(letter, settings, outbox, again=again)
        for line in letters.preview(letter, planned):
            components.small(line)
        components.small_print(_("典型诉求引用了居民的原话，发送前请看一遍；发出后收不回来"))
        is_left = any(isinstance(each, sending.Target) for each in planned)
        st.button(_("确认发送"), key="sending-go", type="primary", disabled=not is_left, on_click=_say_yes)
        if st.session_state.pop(_YES, False):
            _send(letter, settings, outbox, again)
            st.rerun()
    except sending.SendingError as error:
        st.error(components.plain(str(error)))


def _send(letter: sending.Letter, settings: sending.Settings, outbox: sending.Outbox, again: bool) -> None:
    with st.spinner(_("正在发送；对方一时不通会再试三次，最多等一两分钟…")):
        results = sending.deliver(letter, settings, outbox, now=data.now, wait=time.sleep, again=again)
    lines = [telling.sentence(letter, results), *telling.details(results)]
    _forget()
    st.session_state[_TOLD] = (telling.status(results), lines)


def _tell() -> None:
    """What the last sending of this session has done; a failure is an error in red."""
    status, lines = st.session_state.get(_TOLD, ("", []))
    show = st.success if status in ("sent", "already") else st.error
    if lines:
        show("\n\n".join(components.plain(line) for line in lines))
