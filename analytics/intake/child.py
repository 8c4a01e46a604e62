"""The child process: reads one file from its standard input and answers on its standard output.

It knows nothing else of the program: no database, no session, no secrets of the environment.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import IO, Final

import orjson

from analytics.intake.grid import Grid
from analytics.intake.limits import CHILD_MEMORY_BYTES, CHILD_SECONDS
from analytics.intake.refusals import Unreadable
from analytics.intake.transfer import encode, encode_progress, encode_refusal

#: Hears which share of the reading is done.
Tell = Callable[[float], None]


def _read_zip(data: bytes, sheet: str | None, _codec: str, tell: Tell) -> Grid:
    from analytics.intake.spreadsheet import read_zip

    return read_zip(data, sheet, tell)


def _read_ole(data: bytes, sheet: str | None, _codec: str, tell: Tell) -> Grid:
    from analytics.intake.spreadsheet import read_ole

    return read_ole(data, sheet, tell)


def _read_xml(data: bytes, sheet: str | None, codec: str, _tell: Tell) -> Grid:
    from analytics.intake.spreadsheet_xml import read_spreadsheet_xml

    return read_spreadsheet_xml(data, sheet, codec)


def _read_html(data: bytes, sheet: str | None, codec: str, _tell: Tell) -> Grid:
    from analytics.intake.html_table import read_html

    if sheet is not None:
        raise Unreadable("no_sheets")
    return read_html(data, codec)


def _read_open311_json(data: bytes, sheet: str | None, codec: str, _tell: Tell) -> Grid:
    from analytics.intake.open311 import read_json

    return read_json(data, codec)


def _read_open311_xml(data: bytes, sheet: str | None, codec: str, _tell: Tell) -> Grid:
    from analytics.intake.open311 import read_xml

    return read_xml(data, codec)


#: Each is imported only when it is asked for: start-up is most of a small file's time.
READERS: Final[dict[str, Callable[[bytes, str | None, str, Tell], Grid]]] = {
    "zip": _read_zip, "ole": _read_ole, "xml": _read_xml, "html": _read_html,
    "open311_json": _read_open311_json, "open311_xml": _read_open311_xml,
}  # fmt: skip


def bound_resources() -> None:
    """Limit address space and processor time, where the system can; the parent's clock holds everywhere."""
    try:
        import resource
    except ImportError:
        return
    for what, soft, hard in (
        (resource.RLIMIT_AS, CHILD_MEMORY_BYTES, CHILD_MEMORY_BYTES),
        (resource.RLIMIT_CPU, CHILD_SECONDS, CHILD_SECONDS + 5),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        try:
            resource.setrlimit(what, (soft, hard))
        except (ValueError, OSError):
            continue


class _Teller:
    """Writes a line for every percent of the reading that is done, before the answer."""

    def __init__(self, answer: IO[bytes]) -> None:
        self.answer = answer
        self.percent = 0

    def __call__(self, share: float) -> None:
        if (percent := int(share * 100)) > self.percent:
            self.percent = percent
            self.answer.write(encode_progress(percent) + b"\n")
            self.answer.flush()


def main() -> None:
    """Answer one request: a line of JSON (``kind``, ``sheet``), then the file's bytes."""
    answer, sys.stdout = sys.stdout.buffer, sys.stderr
    request = orjson.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    bound_resources()
    try:
        read = READERS[request["kind"]]
        for line in encode(read(data, request["sheet"], request["codec"], _Teller(answer))):
            answer.write(line + b"\n")
    except Unreadable as reason:
        answer.write(encode_refusal(reason) + b"\n")
    except MemoryError:
        answer.write(encode_refusal(Unreadable("too_heavy")) + b"\n")
    except BaseException:  # a reader that trips over what the file contains, or panics in native code
        answer.write(encode_refusal(Unreadable("damaged")) + b"\n")
    answer.flush()
