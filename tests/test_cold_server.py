"""The first visitor of a freshly started server, over a real WebSocket: the page comes within its frame."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.serving import ROOT, server

PAGES = sorted((ROOT / "pages").glob("*.py"))
pytestmark = pytest.mark.slow


async def first_visit(address: str, page_name: str = "", page_hash: str = "") -> tuple[list[str], list[str]]:
    """What a visitor gets who asks for a page: titles and other texts, and the kinds of messages."""
    message = BackMsg()
    message.rerun_script.page_name = page_name
    message.rerun_script.page_script_hash = page_hash
    texts: list[str] = []
    kinds: list[str] = []
    socket_address = address.replace("http", "ws", 1) + "/_stcore/stream"
    async with websockets.connect(socket_address, subprotocols=["streamlit"], max_size=None) as connection:
        await connection.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(await asyncio.wait_for(connection.recv(), 30))
            kinds.append(str(answer.WhichOneof("type")))
            element = answer.delta.new_element
            texts += [text for text in (element.heading.body, element.html.body) if text]
            if (
                answer.WhichOneof("type") == "script_finished"
                and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            ):
                break
    return texts, kinds


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_cold_server_answers_an_address_with_the_page_in_its_frame(page: Path, tmp_path: Path):
    with server(f"sqlite:///{tmp_path}/cold.db", tmp_path / "log.txt") as address:
        texts, kinds = asyncio.run(first_visit(address, page_name=page.stem))
    assert "navigation" in kinds
    assert any('class="scope"' in text for text in texts), "the scope in words stands above the page"
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


def test_a_script_hash_does_not_get_past_the_frame(tmp_path: Path):
    page_hash = hashlib.md5(str(ROOT / "pages" / "cases.py").encode(), usedforsecurity=False).hexdigest()
    with server(f"sqlite:///{tmp_path}/cold.db", tmp_path / "log.txt") as address:
        texts, kinds = asyncio.run(first_visit(address, page_hash=page_hash))
    first_own_text = next(text for text in texts if "<style>" not in text)
    assert 'class="scope"' in first_own_text, "nothing of the page comes before the frame"
    assert "navigation" in kinds
