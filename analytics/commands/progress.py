"""A line on the terminal that says how far an import is; nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from typing import Final

from analytics.i18n import gettext as _
from analytics.intake.progress import STEPS

#: Seconds between two lines.
_PULSE: Final = 0.1


class Line:
    """Tells the steps of one import on standard error, each line in the place of the one before."""

    def __init__(self) -> None:
        self.is_seen = sys.stderr.isatty()
        self.width = 0
        self.next = time.monotonic() + _PULSE

    def __call__(self, step: str, share: float) -> None:
        """Write the line, unless one was written a moment ago."""
        if self.is_seen and (now := time.monotonic()) >= self.next:
            self.next = now + _PULSE
            self._write(_("正在{step} {percent} %").format(step=_(STEPS[step]), percent=int(share * 100)))

    def end(self) -> None:
        """Take the line away."""
        if self.width:
            self._write("")

    def _write(self, text: str) -> None:
        # Chinese takes two places on the terminal.
        width = sum(1 + (character > "\u2e80") for character in text)
        print("\r" + text + " " * (self.width - width), end="\r", file=sys.stderr, flush=True)
        self.width = width
