"""Sending papers by e-mail or to a WeCom group: off unless set up, and only when asked for.

``settings.read`` the environment, make a ``letter``, ``deliver`` it; the ``outbox`` remembers who has it.
"""

from analytics.sending.delivery import Result, deliver, plan
from analytics.sending.errors import SendingError
from analytics.sending.letter import File, Letter, letter
from analytics.sending.outbox import Outbox, Target, beside
from analytics.sending.settings import Settings, read

__all__ = [
    "File",
    "Letter",
    "Outbox",
    "Result",
    "SendingError",
    "Settings",
    "Target",
    "beside",
    "deliver",
    "letter",
    "plan",
    "read",
]
