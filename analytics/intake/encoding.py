"""In which encoding a text file is: a byte-order mark, else UTF-8, else GB18030, else refused.

Guessing libraries take short GBK files for Japanese, so this knows only what Chinese offices produce.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.intake.limits import MIB
from analytics.intake.progress import Tell, untold
from analytics.intake.refusals import Unreadable
from analytics.intake.source import Source

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE_BYTES: Final = 64 * 1024
#: Of reading a text file, the share that deciding its encoding takes.
EXAMINED: Final = 0.3
REPLACEMENT: Final = "\ufffd"
_HIGH_BYTES: Final = bytes(range(128, 256))
#: Bytes of one character beyond ASCII, mostly.
_BYTES_EACH: Final = {"utf-8": 3, "utf-8-sig": 3}
#: Of the characters beyond ASCII, how many may be broken in a file that is nevertheless of that encoding.
#: Hardly any GB 18030 text passes for UTF-8, while broken UTF-8 often passes for GB 18030.
_BROKEN: Final = {"utf-8": 0.1, "utf-8-sig": 0.1}
#: So many errors decide without reading on.
_HOPELESS: Final = 1_000
#: How many must be everyday Chinese (GB 2312) for bytes that decode as GB18030 to be believed.
_EVERYDAY: Final = 0.5
#: Control characters, NUL aside, beyond this share tell that it is no text at all.
_CONTROLS: Final = 0.02
_FEW_CONTROLS: Final = 8
_ALLOWED_CONTROLS: Final = frozenset("\t\n\r\f\v\0\x1a")


@dataclass(frozen=True)
class Text:
    """What a scan of the whole file found: its codec and whether a NUL or a broken character is in it."""

    codec: str
    has_nul: bool
    is_damaged: bool


@dataclass
class _Trial:
    """What decoding by one codec came to."""

    codec: str
    high_bytes: int = 0
    errors: int = 0
    replacements: int = 0
    has_nul: bool = False
    has_content: bool = False

    @property
    def share_broken(self) -> float:
        """Errors among the characters beyond ASCII, roughly."""
        return (
            min(1.0, self.errors * _BYTES_EACH.get(self.codec, 2) / max(self.high_bytes, 1))
            if self.errors
            else 0.0
        )

    @property
    def is_believed(self) -> bool:
        return self.share_broken <= _BROKEN.get(self.codec, 0.01)


def examine(source: Source, tell: Tell = untold) -> Text:
    """Decide the encoding by decoding everything once; raises :class:`Unreadable` if nothing fits."""
    head = source.head(SAMPLE_BYTES)
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None) or _unmarked_utf16(head)
    for codec in (marked,) if marked else ("utf-8", "gb18030"):
        trial = _try(source, codec, tell)
        if trial.is_believed and (codec != "gb18030" or _is_everyday_chinese(source)):
            return _accept(source, trial)
    raise Unreadable("unknown_encoding")


def characters(source: Source, codec: str) -> Iterator[tuple[bytes, str]]:
    """The text with its bytes, a piece at a time; broken bytes are replaced by U+FFFD."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    with source.open() as stream:
        while block := stream.read(MIB):
            yield block, decoder.decode(block)
        yield b"", decoder.decode(b"", True)


def start_of_text(source: Source, codec: str, length: int = SAMPLE_BYTES) -> str:
    """The first characters of the text."""
    return codecs.getincrementaldecoder(codec)("replace").decode(source.head(length))


def _try(source: Source, codec: str, tell: Tell) -> _Trial:
    trial, size, seen = _Trial(codec), max(source.size, 1), 0
    written = REPLACEMENT.encode(codec if codec in ("utf-8", "gb18030") else "utf-8")
    for block, text in characters(source, codec):
        seen += len(block)
        tell("read", seen / size * EXAMINED)
        trial.high_bytes += int(np.count_nonzero(np.frombuffer(block, dtype=np.uint8) > 127))
        if REPLACEMENT in text:
            replacements = text.count(REPLACEMENT)
            trial.replacements += replacements
            trial.errors += max(replacements - block.count(written), 0)
        trial.has_nul = trial.has_nul or "\0" in text
        trial.has_content = trial.has_content or bool(text.replace("\0", "").strip())
        if trial.errors > _HOPELESS and not trial.is_believed:
            break
    return trial


def _accept(source: Source, trial: _Trial) -> Text:
    if not trial.has_content:
        raise Unreadable("empty")
    sample = start_of_text(source, trial.codec)
    controls = sum(n for c, n in Counter(sample).items() if c < " " and c not in _ALLOWED_CONTROLS)
    if controls > max(_FEW_CONTROLS, len(sample) * _CONTROLS):
        raise Unreadable("not_a_table", kind="binary")
    return Text(trial.codec, trial.has_nul, trial.replacements > 0)


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 without a mark shows in zero bytes at every other place, and in line ends of two bytes."""
    half = max(len(head) // 2, 1)
    even, odd = head[0::2], head[1::2]
    if odd.count(0) > half * 0.05 and even.count(0) < half * 0.01 and b"\n\0" in _pairs(even, odd):
        return "utf-16-le"
    if even.count(0) > half * 0.05 and odd.count(0) < half * 0.01 and b"\n\0" in _pairs(odd, even):
        return "utf-16-be"
    return None


def _pairs(low: bytes, high: bytes) -> set[bytes]:
    return {bytes(pair) for pair in zip(low, high, strict=False)}


def _is_everyday_chinese(source: Source) -> bool:
    seen = Counter(start_of_text(source, "gb18030", MIB))
    beyond = {c: n for c, n in seen.items() if c > "\x7f" and c != REPLACEMENT}
    everyday = sum(n for c, n in beyond.items() if c.encode("gb2312", "ignore"))
    return everyday >= sum(beyond.values()) * _EVERYDAY
