"""What has been sent to whom, one JSON line each in a file beside the database; recipients only as hashes.

It is written after every single recipient, so that a second run sends to those who are still missing.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from pandas import Timestamp

from analytics import store
from analytics.i18n import gettext as _
from analytics.sending.errors import SendingError, StepError
from analytics.sending.letter import Letter
from analytics.store.engine import DEFAULT_FOLDER, is_sqlite

#: A byte far behind the end of the file: on Windows nobody could read a byte that is locked.
_LOCKED_BYTE: Final = 1 << 30


@dataclass(frozen=True)
class Target:
    """One thing to hand over: ``identity`` stays inside, ``shown`` is what people see of it."""

    channel: str
    identity: str
    shown: str

    def __repr__(self) -> str:
        return f"Target({self.channel}, {self.shown})"

    @property
    def hash(self) -> str:
        """What the outbox knows the recipient by."""
        return hashlib.sha256(f"{self.channel} {self.identity}".encode()).hexdigest()[:32]


class Outbox:
    """The record of one database. Whoever sends holds it alone (:meth:`alone`)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def sent(self, letter: Letter, target: Target) -> list[str]:
        """The contents (digests) of this paper that ``target`` has got, in order; empty: none yet."""
        paper = _paper(letter)
        return [
            line["content"]
            for line in self._lines()
            if (line["paper"], line["to"], line["result"]) == (paper, target.hash, "sent")
        ]

    def record(self, letter: Letter, target: Target, at: Timestamp, failure: StepError | None) -> None:
        """Add a line and see it on the disk. Raises SendingError when it cannot be written."""
        line = {
            "at": f"{at.isoformat()}+08:00", "title": letter.title, "paper": _paper(letter), "content": letter.digest,
            "channel": target.channel, "to": target.hash, "result": "failed" if failure else "sent",
            **({"step": failure.step, "reason": failure.reason} if failure else {}),
        }  # fmt: skip
        try:
            with self._path.open("ab") as file:
                file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            text = _("{who} 的结果（{result}）记不进 {file}：{why}。已停下，后面的没有发。")
            result = _("没有发出") if failure else _("已发出")
            why = error.strerror
            raise SendingError(
                text.format(who=target.shown, result=result, file=self._path, why=why)
            ) from None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else sends meanwhile. Raises SendingError when somebody does, or when nothing can be recorded."""
        with self._explained():
            self._path.touch(mode=0o600)
            file = self._path.open("r+b")
        with file:
            _lock(file)
            yield

    def _lines(self) -> Iterator[dict[str, Any]]:
        with self._explained():
            lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        for number, line in enumerate(lines, start=1):
            try:
                found = orjson.loads(line)
                yield {name: found[name] for name in ("paper", "content", "to", "result")}
            except (orjson.JSONDecodeError, KeyError, TypeError):
                text = _("发送记录 {file} 第 {n} 行看不懂，不能确定谁已收到。请改正或删去这一行再发。")
                raise SendingError(text.format(file=self._path, n=number)) from None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            text = _("读写不了发送记录 {file}：{why}。记不下来就不能发，以免重复。")
            raise SendingError(text.format(file=self._path, why=error.strerror)) from None


def beside(engine: store.Engine) -> Outbox:
    """The outbox of a database: next to its file, for other databases in the program's data folder."""
    name = engine.url.database or ""
    if is_sqlite(engine) and name and name != ":memory:":
        return Outbox(Path(name).with_suffix(".sent.jsonl"))
    DEFAULT_FOLDER.mkdir(exist_ok=True)
    return Outbox(DEFAULT_FOLDER / "mashangbao.sent.jsonl")


def _paper(letter: Letter) -> str:
    return hashlib.sha256(letter.key.encode()).hexdigest()[:32]


def _lock(file: Any) -> None:
    """Until the file is closed, also by a crash."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise SendingError(_("另一次发送正在进行，请等它结束再试。")) from None
