"""What can go wrong with sending, in words that never hold an address, a key or a server's own text."""

from __future__ import annotations


class SendingError(Exception):
    """Nothing was tried: sending is off or set up wrongly; the message is one translated sentence."""


class StepError(Exception):
    """One step towards one recipient did not succeed.

    ``step`` and ``reason``: translated words; ``temporary``: whether trying again may help.
    """

    def __init__(self, step: str, reason: str, *, temporary: bool) -> None:
        super().__init__(step, reason)
        self.step, self.reason, self.temporary = step, reason, temporary
