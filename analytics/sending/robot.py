"""To a WeCom group robot: a short message, then the file.

As https://developer.work.weixin.qq.com/document/path/91770 describes: a message of at most 4096 bytes, a file
of 5 bytes to 20 MB that is uploaded first, 20 messages a minute; the answer's ``errcode`` tells what happened,
whatever the HTTP status says.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, Request, build_opener

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.sending.errors import StepError
from analytics.sending.letter import File, Letter
from analytics.sending.mail import PATIENCE, unreachable
from analytics.sending.outbox import Target
from analytics.sending.settings import Robot

CHANNEL: Final = "wecom"
MESSAGE_BYTES: Final = 4096
FILE_BYTES: Final = (5, 20 * 1024 * 1024)
_ANSWER_BYTES: Final = 1 << 16
#: What may help to wait for: busy, too many messages a minute, too many at once.
_TEMPORARY: Final = (-1, 45009, 45033)
_CODES: Final = {
    -1: mark("系统繁忙"),
    45009: mark("一分钟内发得太多"),
    45033: mark("同时发得太多"),
    93000: mark("机器人地址不对，或机器人已被移出群"),
    93004: mark("机器人已被停用"),
    40006: mark("文件大小不合要求"),
    40058: mark("内容不合要求"),
}
#: Signs that the group would take for a mention, a link, code or emphasis, and those that look like them.
_SIGNS: Final = str.maketrans({"<": "＜", ">": "＞", "[": "［", "]": "］", "`": "＇", "*": "＊", "#": "＃"})


class _NoRedirect(HTTPRedirectHandler):
    """A key must not be carried on to another address."""

    def redirect_request(self, *_given: Any) -> None:
        return None


def targets(robot: Robot, letter: Letter) -> list[Target]:
    """The message and, where there is one, the file: each is sent once."""
    found = [Target(CHANNEL, f"{robot.url} text", _("文字消息"))]
    if letter.file is not None:
        found.append(Target(CHANNEL, f"{robot.url} file", _("文件")))
    return found


def attempt(
    robot: Robot, letter: Letter, chosen: Sequence[Target]
) -> Iterator[tuple[Target, StepError | None]]:
    """Try the chosen ones once; yields each with what went wrong, or None. Without the file, no message either."""
    left = list(chosen)
    try:
        bodies = _bodies(robot, letter, left)
        while left:
            _post(robot, robot.url, json.dumps(bodies[0]).encode(), "application/json", _("发到群里"))
            bodies.pop(0)
            yield left.pop(0), None
    except StepError as failure:
        yield from ((target, failure) for target in left)


def markdown(letter: Letter) -> str:
    """Title and text, cut after a whole line so that all of it fits into one message."""
    lines = [f"**{letter.title.translate(_SIGNS)}**", *letter.text.translate(_SIGNS).splitlines()]
    ending = _("……（太长，以下略）")
    room = MESSAGE_BYTES - len(f"\n{ending}".encode())
    kept: list[str] = []
    for line in lines:
        room -= len(f"{line}\n".encode())
        if room < 0:
            return "\n".join([*(kept or [_cut(line, room + len(line.encode()))]), ending])
        kept.append(line)
    return "\n".join(kept)


def _cut(line: str, size: int) -> str:
    return line.encode()[: max(size, 0)].decode(errors="ignore")


def _bodies(robot: Robot, letter: Letter, chosen: Sequence[Target]) -> list[dict[str, Any]]:
    """What to post for each target; the file is uploaded here, which the group does not see yet."""
    text, *file = targets(robot, letter)
    bodies: dict[Target, dict[str, Any]] = {
        text: {"msgtype": "markdown", "markdown": {"content": markdown(letter)}}
    }
    if file and file[0] in chosen:
        assert letter.file is not None
        bodies[file[0]] = {"msgtype": "file", "file": {"media_id": _upload(robot, letter.file)}}
    return [bodies[target] for target in chosen]


def _upload(robot: Robot, file: File) -> str:
    """The id under which the group can be given the file."""
    step = _("上传文件")
    least, most = FILE_BYTES
    if not least <= len(file.data) <= most:
        raise StepError(step, _("文件要在 5 字节到 20 MB 之间"), temporary=False)
    edge = "--mashangbao-7d1f0c5a9b"
    while edge.encode() in file.data:
        edge += "x"
    # The robot reads a plain UTF-8 name, not RFC 2231's; a letter's file name holds no quotation marks.
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="media"; filename="{file.name}"; '
        f"filelength={len(file.data)}\r\nContent-Type: {file.media_type}\r\n\r\n"
    )
    body = b"".join([head.encode(), file.data, f"\r\n--{edge}--\r\n".encode()])
    answer = _post(robot, robot.upload_url, body, f"multipart/form-data; boundary={edge}", step)
    found = answer.get("media_id")
    if not isinstance(found, str) or not found:
        raise _unreadable(step)
    return found


def _post(robot: Robot, url: str, body: bytes, kind: str, step: str) -> dict[str, Any]:
    """The answer, when it says that all went well; else :class:`StepError`, which keeps nothing of the address."""
    failure, data = None, b""
    try:
        request = Request(url, body, {"Content-Type": kind, "User-Agent": "mashangbao"})
        with build_opener(_NoRedirect).open(request, timeout=PATIENCE) as answer:
            data = _read(answer)
    except HTTPError as error:
        error.close()
        failure = _status(step, error.code)
    except URLError as error:
        reason = error.reason if isinstance(error.reason, OSError) else OSError()
        failure = unreachable(step, reason)
    except OSError as error:
        failure = unreachable(step, error)
    except (http.client.HTTPException, ValueError):
        failure = _unreadable(step)
    if failure is not None:
        raise failure
    return _checked(robot, data, step)


def _read(answer: IO[bytes]) -> bytes:
    return answer.read(_ANSWER_BYTES)


def _status(step: str, code: int) -> StepError:
    reason = _("服务器答复 {code}").format(code=f"HTTP {code}")
    return StepError(step, reason, temporary=code == 429 or code >= 500)


def _unreadable(step: str) -> StepError:
    return StepError(step, _("对方的答复看不懂，可能不是企业微信"), temporary=False)


def _checked(robot: Robot, data: bytes, step: str) -> dict[str, Any]:
    try:
        answer = json.loads(data)
        code = int(answer["errcode"])
    except (ValueError, KeyError, TypeError):
        answer, code = {}, None
    if code is None:
        raise _unreadable(step)
    if code:
        raise StepError(step, _said(robot, code, answer.get("errmsg")), temporary=code in _TEMPORARY)
    return dict(answer)


def _said(robot: Robot, code: int, message: Any) -> str:
    """「企业微信答复 93000：…」; of codes unknown here the first words of WeCom's own, without anything like a key."""
    known = _(_CODES[code]) if code in _CODES else ""
    if not known and isinstance(message, str):
        for secret in (robot.url, robot.key, quote(robot.key)):
            message = message.replace(secret, "0")
        words = re.match(r"[A-Za-z_ ]{0,60}", message)
        known = words.group().strip() if words else ""
    reason = _("企业微信答复 {code}").format(code=code)
    return _("{reason}：{known}").format(reason=reason, known=known) if known else reason
