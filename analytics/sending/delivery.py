"""One letter to everybody who is set up: what has been sent is not sent again, what failed for a moment is retried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pandas import Timestamp

from analytics.sending import mail, robot
from analytics.sending.errors import StepError
from analytics.sending.letter import Letter
from analytics.sending.outbox import Outbox, Target
from analytics.sending.settings import Settings

#: Seconds before the second, third and fourth try; together most of the minute that WeCom counts messages by.
PAUSES: Final = (2, 10, 40)


@dataclass(frozen=True)
class Result:
    """What has become of one target. ``changed``: it got this paper before, with another content."""

    target: Target
    status: Literal["sent", "already", "failed"]
    failure: StepError | None = None
    changed: bool = False


def plan(letter: Letter, settings: Settings, outbox: Outbox, *, again: bool = False) -> list[Result | Target]:
    """Everybody in order: a Target is still to be sent to, a Result has got it already. Contacts nobody."""
    found: list[Result | Target] = []
    for target in _targets(letter, settings):
        before = outbox.sent(letter, target)
        done = Result(target, "already", changed=letter.digest not in before)
        found.append(done if before and not again else target)
    return found


def deliver(
    letter: Letter,
    settings: Settings,
    outbox: Outbox,
    *,
    now: Callable[[], Timestamp],
    wait: Callable[[float], None],
    again: bool = False,
) -> list[Result]:
    """Send to all who have not got it yet (``again``: to all), trying up to four times; one result for each.

    Every success is recorded before the next is tried. Raises SendingError when that is impossible, or when
    somebody else is sending.
    """
    with outbox.alone():
        planned = plan(letter, settings, outbox, again=again)
        todo = [found for found in planned if isinstance(found, Target)]
        results = {found.target: found for found in planned if isinstance(found, Result)}
        for channel in (mail.CHANNEL, robot.CHANNEL):
            chosen = [target for target in todo if target.channel == channel]
            results |= {r.target: r for r in _tried(letter, settings, outbox, chosen, now, wait)}
    return [results[target] for target in _targets(letter, settings)]


def _targets(letter: Letter, settings: Settings) -> list[Target]:
    found = mail.targets(settings.mail) if settings.mail else []
    return found + (robot.targets(settings.robot, letter) if settings.robot else [])


def _tried(
    letter: Letter,
    settings: Settings,
    outbox: Outbox,
    chosen: Sequence[Target],
    now: Callable[[], Timestamp],
    wait: Callable[[float], None],
) -> Iterator[Result]:
    """Targets of one channel, again and again while those that are left failed for the moment only."""
    left = list(chosen)
    for pause in (*PAUSES, None):
        failed: dict[Target, StepError] = {}
        for target, failure in _attempt(letter, settings, outbox, left, now()):
            if failure is not None and failure.temporary and pause is not None:
                failed[target] = failure
                continue
            outbox.record(letter, target, now(), failure)
            yield Result(target, "failed" if failure else "sent", failure)
        left = list(failed)
        if not left or pause is None:
            return
        wait(pause)


def _attempt(
    letter: Letter, settings: Settings, outbox: Outbox, left: Sequence[Target], now: Timestamp
) -> Iterator[tuple[Target, StepError | None]]:
    if not left:
        return iter(())
    if left[0].channel == robot.CHANNEL:
        assert settings.robot is not None
        return robot.attempt(settings.robot, letter, left)
    assert settings.mail is not None
    earlier = {target: len(outbox.sent(letter, target)) for target in left}
    return mail.attempt(settings.mail, letter, left, now, earlier)
