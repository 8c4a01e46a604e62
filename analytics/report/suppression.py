"""Small groups in what leaves the committee: fewer than three are never shown, nor found by subtraction.

A list of groups whose total is known (a partition) keeps its large groups; the others become one remainder.
The remainder holds at least two groups and at least three petitions, and is not what it would be if each of
its groups had two: so that neither a single group nor its number follows from the total. Groups of none are
treated as small ones: that nobody is in them is also news about somebody. (Which large group goes with a lone
small one follows from the numbers, as in all such rules: a reader who knows the rule may reason further.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LEAST: Final = 3


@dataclass(frozen=True)
class Shown:
    """Groups that may be shown, largest first, and the sum of all others (None: there are no others)."""

    groups: tuple[tuple[str, int], ...]
    remainder: int | None


def suppress(counts: Mapping[str, int], *, most: int | None = None, ordered: bool = False) -> Shown:
    """What of a partition may be shown; at most ``most`` groups. With fewer than three in all: nothing.

    ``ordered`` keeps the order of ``counts`` instead of largest first. ValueError for a negative count.
    """
    if min(counts.values(), default=0) < 0:
        raise ValueError("a group cannot hold fewer than none")
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    shown = [name for name in ranked if counts[name] >= LEAST][:most]
    hidden = [name for name in ranked if name not in shown]
    while shown and _can_be_found([counts[name] for name in hidden]):
        hidden.append(shown.pop())
    if not shown:
        return Shown((), None)
    order = [name for name in counts if name in shown] if ordered else shown
    rest = sum(counts[name] for name in hidden) if hidden else None
    return Shown(tuple((name, counts[name]) for name in order), rest)


def _can_be_found(hidden: list[int]) -> bool:
    """Whether the sum of hidden groups gives one of them away: of one group, a small sum, or each at its most."""
    total = sum(hidden)
    return bool(hidden) and (len(hidden) < 2 or total < LEAST or total == (LEAST - 1) * len(hidden))


def share(hits: int, due: int) -> tuple[str, float] | None:
    """A share that names no small group: ("exactly", …), ("at_least", …) or ("at_most", …) a fraction.

    Where those who did, or those who did not, are fewer than three, only the bound that three would give.
    None with too few to say even that.
    """
    if due < 2 * LEAST:
        return None
    if due - hits < LEAST:
        return "at_least", (due - LEAST) / due
    if hits < LEAST:
        return "at_most", LEAST / due
    return "exactly", hits / due
