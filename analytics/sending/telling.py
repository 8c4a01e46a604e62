"""What sending has done, in sentences and as JSON: exactly how many, which step failed and why, no address whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.sending import mail, robot
from analytics.sending.delivery import Result
from analytics.sending.letter import Letter
from analytics.sending.outbox import Target

#: Channel → its name, what would go where, how many of it there are.
_CHANNELS: Final = {
    mail.CHANNEL: (mark("邮件"), mark("邮件 {n} 位（{who}）"), mark("邮件共 {n} 位")),
    robot.CHANNEL: (mark("企业微信群"), mark("企业微信群 {n} 条（{who}）"), mark("企业微信群共 {n} 条")),
}


def status(results: Sequence[Result]) -> str:
    """``sent`` | ``already`` (nothing was left to send) | ``partial`` | ``failed`` (nobody has it)."""
    found = {result.status for result in results}
    if "failed" in found:
        return "failed" if found == {"failed"} else "partial"
    return "sent" if "sent" in found else "already"


def sentence(letter: Letter, results: Sequence[Result]) -> str:
    """How many of each channel have the paper now."""
    parts = [_counted(channel, results) for channel in _CHANNELS]
    heads = {
        "sent": _("已发出「{title}」：{parts}。"),
        "already": _("「{title}」以前都发过了，这次没有再发：{parts}。"),
        "partial": _("「{title}」没有发全：{parts}。"),
        "failed": _("「{title}」没有发出：{parts}。"),
    }
    return heads[status(results)].format(
        title=letter.title, parts=_("；").join(part for part in parts if part)
    )


def details(results: Sequence[Result]) -> Iterator[str]:
    """Every failure with its step and reason, then what to do."""
    failures = [result for result in results if result.failure]
    for result in failures:
        assert result.failure is not None
        text = _("没有发出：{channel}（{who}），{step}一步，{reason}。")
        channel, failure = _(_CHANNELS[result.target.channel][0]), result.failure
        yield text.format(channel=channel, who=result.target.shown, step=failure.step, reason=failure.reason)
    if failures:
        yield _("排除原因后照原样再发一次：只补发没有发出的，不会重复。")
    yield from changes(results)


def changes(found: Sequence[Result | Target]) -> Iterator[str]:
    """Whether somebody has this paper with another content: one sentence, or none."""
    if any(isinstance(each, Result) and each.changed for each in found):
        yield _("以前发过的那份与现在的内容不同。确要再发，选「发过的也再发」（命令行 --again）。")


def plan(planned: Sequence[Result | Target]) -> str:
    """To how many of each channel it would be sent: 「邮件 3 位（z…@example.cn、…）」."""
    parts = []
    for channel, (_name, text, _all) in _CHANNELS.items():
        shown = [t.shown for t in planned if isinstance(t, Target) and t.channel == channel]
        if shown:
            parts.append(_(text).format(n=len(shown), who=_("、").join(shown)))
    return _("；").join(parts)


def as_list(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Each target as JSON has it; addresses starred."""
    return [
        {
            "channel": result.target.channel,
            "to": result.target.shown,
            "status": result.status,
            "step": result.failure.step if result.failure else None,
            "reason": result.failure.reason if result.failure else None,
            "temporary": result.failure.temporary if result.failure else None,
            "changed": result.changed,
        }
        for result in results
    ]


def _counted(channel: str, results: Sequence[Result]) -> str:
    own = [result.status for result in results if result.target.channel == channel]
    if not own:
        return ""
    clauses = [_(_CHANNELS[channel][2]).format(n=len(own))]
    for name, text in (
        ("sent", _("这次发出 {n}")),
        ("already", _("以前发过 {n}")),
        ("failed", _("没有发出 {n}")),
    ):
        if name in own:
            clauses.append(text.format(n=own.count(name)))
    return _("，").join(clauses)
