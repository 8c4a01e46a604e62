"""Files that can hurt are parsed in a child process with limits, so that a bad one never takes us along."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Final

import orjson

from analytics.intake.grid import Grid
from analytics.intake.limits import CHILD_PROCESSES, CHILD_SECONDS
from analytics.intake.refusals import Unreadable
from analytics.intake.transfer import decode

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

_slots = threading.BoundedSemaphore(CHILD_PROCESSES)


def read_in_child(kind: str, data: bytes, sheet: str | None = None, codec: str = "utf-8") -> Grid:
    """Parse ``data`` by the child's reader ``kind``; raises :class:`Unreadable` whatever happens to it.

    ``codec`` is the encoding that a web page or XML text was found to be in.
    """
    request = orjson.dumps({"kind": kind, "sheet": sheet, "codec": codec}) + b"\n"
    with _slots, _start() as child:
        try:
            answer, _errors = child.communicate(request + data, timeout=CHILD_SECONDS)
        except subprocess.TimeoutExpired as error:
            child.kill()
            raise Unreadable("too_slow", seconds=CHILD_SECONDS) from error
    if child.returncode == _TOO_SLOW:
        raise Unreadable("too_slow", seconds=CHILD_SECONDS)
    if child.returncode != 0:
        raise Unreadable("too_heavy" if child.returncode in _TOO_HEAVY else "damaged")
    try:
        return decode(io.BytesIO(answer))
    except (StopIteration, ValueError, TypeError, KeyError) as error:
        raise Unreadable("damaged") from error


def _start() -> subprocess.Popen[bytes]:
    path = json.dumps([os.path.abspath(entry) for entry in sys.path])
    return subprocess.Popen(
        [sys.executable, "-E", "-s", "-S", "-c", _BOOT, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={key: os.environ[key] for key in _ENVIRONMENT if key in os.environ},
        creationflags=_NO_WINDOW,
    )
