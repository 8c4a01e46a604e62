"""How far an import is: whoever waits hands in a function, and may end the work from inside it.

The function is called in the caller's own thread. An exception that it raises ends the import; before the
transaction is committed nothing of it is in the database then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from analytics.i18n import mark

#: Called with the code of a step (see :data:`STEPS`) and how much of it is done, 0 to 1.
Tell = Callable[[str, float], None]

#: The steps in their order, in words.
STEPS: Final = {
    "read": mark("读取"),
    "check": mark("检查"),
    "compare": mark("与库里比对"),
    "write": mark("写入"),
}

Item = TypeVar("Item")


def untold(_step: str, _share: float) -> None:
    """For callers that nobody waits for."""


def told(items: Sequence[Item], tell: Tell, step: str) -> Iterator[Item]:
    """``items`` one by one, with the share of those done told before each."""
    for i, item in enumerate(items):
        tell(step, i / len(items))
        yield item
