"""One hostile file: how to make it, and what the readers must make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """``refused`` is the code of the refusal, else ``cells`` are the lines and ``rows`` their numbers."""

    name: str
    build: Callable[[], bytes]
    refused: str | None = None
    cells: list[list[Any]] | None = None
    rows: list[int] | None = None
    notes: tuple[str, ...] = ()
    encoding: str | None = None


CASES: list[Case] = []


def case(name: str, **expected: Any) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Register the function as the maker of the file ``name``."""

    def register(build: Callable[[], bytes]) -> Callable[[], bytes]:
        CASES.append(Case(name, build, **expected))
        return build

    return register
