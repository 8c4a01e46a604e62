"""Where papers may be sent, from the environment alone: with nothing set, sending is off.

The same names may stand in a TOML file outside the program's folder, which ``ANALYTICS_SENDING`` names;
the environment wins. No value is ever repeated in a message: it may be an address or a key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from analytics.i18n import gettext as _
from analytics.sending.errors import SendingError

FILE: Final = "ANALYTICS_SENDING"
SMTP_URL: Final = "ANALYTICS_SMTP_URL"
PASSWORD: Final = "ANALYTICS_SMTP_PASSWORD"
PASSWORD_FILE: Final = "ANALYTICS_SMTP_PASSWORD_FILE"
MAIL_FROM: Final = "ANALYTICS_MAIL_FROM"
MAIL_TO: Final = "ANALYTICS_MAIL_TO"
WEBHOOK: Final = "ANALYTICS_WECOM_WEBHOOK"
NAMES: Final = (SMTP_URL, PASSWORD, PASSWORD_FILE, MAIL_FROM, MAIL_TO, WEBHOOK)

_PROGRAM: Final = Path(__file__).parents[2]
_ADDRESS: Final = re.compile(r"[\w+%-]+(?:\.[\w+%-]+)*@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
#: With TLS from the first byte, or after STARTTLS.
_PORTS: Final = {"smtps": 465, "smtp": 587}


@dataclass(frozen=True)
class Mail:
    """A mail server and who gets mail. What identifies somebody stays out of ``repr``."""

    host: str = field(repr=False)
    port: int
    is_tls_at_once: bool
    user: str = field(repr=False)
    password: str = field(repr=False)
    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Robot:
    """A WeCom group robot: the address to post messages to. Who knows its key may write to the group."""

    url: str = field(repr=False)

    @property
    def key(self) -> str:
        """The secret part of the address."""
        return parse_qs(urlsplit(self.url).query)["key"][0]

    @property
    def upload_url(self) -> str:
        """The address that takes files."""
        parts = urlsplit(self.url)
        path = parts.path.removesuffix("send") + "upload_media"
        return parts._replace(path=path, query=f"{parts.query}&type=file").geturl()


@dataclass(frozen=True)
class Settings:
    """What is set up; both None: sending is off."""

    mail: Mail | None = None
    robot: Robot | None = None

    @property
    def is_on(self) -> bool:
        """Whether there is anybody to send to."""
        return self.mail is not None or self.robot is not None


def read(environment: Mapping[str, str]) -> Settings:
    """The settings; raises :class:`SendingError` naming the variable that is missing or cannot be used."""
    values = {
        **_from_file(environment.get(FILE, "")),
        **{n: environment[n] for n in NAMES if n in environment},
    }
    given = {name: value.strip() for name, value in values.items() if value.strip()}
    return Settings(_mail(given), _robot(given))


def is_local(host: str | None) -> bool:
    """Whether a host is this computer, where nothing needs to be encrypted."""
    return host in _LOCAL


def _from_file(name: str) -> dict[str, str]:
    if not name:
        return {}
    try:
        found = tomllib.loads(_outside(FILE, name).decode("utf-8-sig"))
    except ValueError:
        raise _unusable(FILE, _("不是 UTF-8 的 TOML 文件")) from None
    for key, value in found.items():
        if key not in NAMES or not isinstance(value, str):
            raise _unusable(FILE, _("里面只能是这些名字和文字：{names}").format(names=_("、").join(NAMES)))
    return found


def _outside(name: str, path: str) -> bytes:
    """A secret's file, which must not lie where it could be published with the program."""
    file = Path(path).expanduser().resolve()
    if file.is_relative_to(_PROGRAM):
        raise _unusable(name, _("文件要放在程序文件夹以外"))
    try:
        return file.read_bytes()
    except OSError:
        raise _unusable(name, _("读不了所指的文件")) from None


def _mail(given: Mapping[str, str]) -> Mail | None:
    if SMTP_URL not in given:
        if others := [name for name in (PASSWORD, PASSWORD_FILE, MAIL_FROM, MAIL_TO) if name in given]:
            raise SendingError(
                _("设了 {name}，但没有设 {missing}。").format(name=others[0], missing=SMTP_URL)
            )
        return None
    parts, port = _server(given[SMTP_URL])
    user = unquote(parts.username or "")
    password = _password(given) if user else ""
    if not (user + password).isascii() or not (user + password).isprintable():
        raise _unusable(SMTP_URL, _("账号和密码只能用英文字母、数字和符号"))
    sender = given.get(MAIL_FROM, user)
    if not _ADDRESS.fullmatch(sender):
        raise _unusable(MAIL_FROM, _("要写一个电子邮箱"))
    return Mail(
        parts.hostname or "", port, parts.scheme == "smtps", user, password, sender, _recipients(given)
    )


def _server(url: str) -> tuple[SplitResult, int]:
    """The parts of ``smtps://user@host:port`` and its port."""
    wrong = _unusable(SMTP_URL, _("应是 smtps://账号@服务器:465 或 smtp://账号@服务器:587"))
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise wrong from None
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment or not url.isprintable():
        raise wrong
    if parts.password:
        raise _unusable(SMTP_URL, _("密码不写在地址里，写在 {name}").format(name=PASSWORD))
    return parts, port


def _password(given: Mapping[str, str]) -> str:
    if PASSWORD in given:
        return given[PASSWORD]
    if PASSWORD_FILE not in given:
        raise SendingError(_("设了 {name}，但没有设 {missing}。").format(name=SMTP_URL, missing=PASSWORD))
    try:
        return _outside(PASSWORD_FILE, given[PASSWORD_FILE]).decode("ascii").strip()
    except UnicodeDecodeError:
        raise _unusable(PASSWORD_FILE, _("账号和密码只能用英文字母、数字和符号")) from None


def _recipients(given: Mapping[str, str]) -> tuple[str, ...]:
    if MAIL_TO not in given:
        raise SendingError(_("设了 {name}，但没有设 {missing}。").format(name=SMTP_URL, missing=MAIL_TO))
    found = [address.strip() for address in given[MAIL_TO].replace(";", ",").split(",") if address.strip()]
    for place, address in enumerate(found, start=1):
        if not _ADDRESS.fullmatch(address):
            raise _unusable(MAIL_TO, _("第 {n} 个不是电子邮箱").format(n=place))
    return tuple({address.lower(): address for address in found}.values())


def _robot(given: Mapping[str, str]) -> Robot | None:
    url = given.get(WEBHOOK)
    if url is None:
        return None
    wrong = _unusable(WEBHOOK, _("应是群机器人页面给出的 https 地址，以 /send?key=… 结尾"))
    try:
        parts, host = urlsplit(url), urlsplit(url).hostname
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_local(host))
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        raise wrong from None
    is_plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc
    if not (is_safe and host and port_is_right and is_plain and parts.path.endswith("/send")):
        raise wrong
    if not parse_qs(parts.query).get("key") or parts.fragment:
        raise wrong
    return Robot(url)


def _unusable(name: str, why: str) -> SendingError:
    return SendingError(_("{name} 不能用：{why}。").format(name=name, why=why))
