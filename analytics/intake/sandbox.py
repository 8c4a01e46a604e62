"""Files that can hurt are parsed in a child process with limits, so that a bad one never takes us along."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import IO, Final

import orjson

from analytics.intake.grid import Grid
from analytics.intake.limits import CHILD_PROCESSES, CHILD_SECONDS
from analytics.intake.progress import Tell, untold
from analytics.intake.refusals import Unreadable
from analytics.intake.transfer import decode, progress

#: The child gets our import path as an argument; without site packages' start-up files it starts faster.
_BOOT: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);from analytics.intake.child import main; main()"
)
#: All that the child sees of our environment; a database's address with its password stays here.
_ENVIRONMENT: Final = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TEMP", "TMP", "TMPDIR")
_NO_WINDOW: Final = getattr(subprocess, "CREATE_NO_WINDOW", 0)

#: How a child ends that asked for too much memory: abort, also as Windows reports it, or killed (SIGKILL).
_TOO_HEAVY: Final = frozenset((-signal.SIGABRT, 3, 0xC0000409, -9))
#: SIGXCPU, by which the processor limit ends a child; Windows has none.
_TOO_SLOW: Final = -24

#: Seconds between two looks at how far the child has come.
_PULSE: Final = 0.1
_BUFFER: Final = 1 << 20

_slots = threading.BoundedSemaphore(CHILD_PROCESSES)


def read_in_child(
    kind: str, data: bytes, sheet: str | None = None, codec: str = "utf-8", tell: Tell = untold
) -> Grid:
    """Parse ``data`` by the child's reader ``kind``; raises :class:`Unreadable` whatever happens to it.

    ``codec`` is the encoding that a web page or XML text was found to be in. Ends the child when ``tell`` raises.
    """
    request = orjson.dumps({"kind": kind, "sheet": sheet, "codec": codec}) + b"\n"
    with _slots, _start() as child:
        answer = _await(child, request + data, tell)
    if child.returncode == _TOO_SLOW:
        raise Unreadable("too_slow", seconds=CHILD_SECONDS)
    if child.returncode != 0:
        raise Unreadable("too_heavy" if child.returncode in _TOO_HEAVY else "damaged")
    try:
        return decode(answer)
    except (StopIteration, ValueError, TypeError, KeyError) as error:
        raise Unreadable("damaged") from error


def _await(child: subprocess.Popen[bytes], request: bytes, tell: Tell) -> list[bytes]:
    """Hand over the request and wait for the lines of the answer, telling how far the child has come."""
    assert child.stdin is not None
    assert child.stdout is not None
    conversation = _Conversation(child.stdin, child.stdout, request)
    deadline = time.monotonic() + CHILD_SECONDS
    try:
        while not conversation.ended(_PULSE):
            _check_time(deadline)
            tell("read", conversation.share)
        _wait_for_end(child, deadline)
    finally:
        child.kill()  # where it has not ended by itself
        conversation.wait()
    return conversation.answer


def _wait_for_end(child: subprocess.Popen[bytes], deadline: float) -> None:
    """What ends its output is nearly always its end, but it may go on and say nothing."""
    try:
        child.wait(max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired as error:
        raise Unreadable("too_slow", seconds=CHILD_SECONDS) from error


def _check_time(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise Unreadable("too_slow", seconds=CHILD_SECONDS)


class _Conversation:
    """Writes to the child and reads from it, each in a thread, for either may have to wait."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], request: bytes) -> None:
        self.share = 0.0
        self.answer: list[bytes] = []
        self.threads = [
            threading.Thread(target=self._write, args=(stdin, request), daemon=True),
            threading.Thread(target=self._read, args=(stdout,), daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    def ended(self, seconds: float) -> bool:
        """Whether all is said, waiting so long for it."""
        until = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(until - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self.threads)

    def wait(self) -> None:
        """Until all is said, or cannot be any more."""
        for thread in self.threads:
            thread.join()

    def _write(self, stdin: IO[bytes], request: bytes) -> None:
        with suppress(OSError):  # a child that has died reads no further
            with suppress(OSError):
                stdin.write(request)
            stdin.close()

    def _read(self, stdout: IO[bytes]) -> None:
        for line in stdout:
            share = None if self.answer else progress(line)
            if share is None:
                self.answer.append(line)
            else:
                self.share = share


def _start() -> subprocess.Popen[bytes]:
    path = json.dumps([os.path.abspath(entry) for entry in sys.path])
    return subprocess.Popen(
        [sys.executable, "-E", "-s", "-S", "-c", _BOOT, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=_BUFFER,
        stderr=subprocess.DEVNULL,
        env={key: os.environ[key] for key in _ENVIRONMENT if key in os.environ},
        creationflags=_NO_WINDOW,
    )
