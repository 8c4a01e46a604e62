"""By e-mail: every recipient gets a message of their own and sees nobody else's address.

SMTP as RFC 5321 has it, encrypted and the server's certificate verified, unless the server is this computer.
"""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Final, TypeVar

from pandas import Timestamp

from analytics.i18n import gettext as _
from analytics.i18n import mark
from analytics.sending.errors import StepError
from analytics.sending.letter import Letter
from analytics.sending.outbox import Target
from analytics.sending.settings import Mail, is_local

T = TypeVar("T")

CHANNEL: Final = "mail"
#: Seconds to wait for one answer of the server.
PATIENCE: Final = 20
#: How we name ourselves to the server: by no name of this computer.
_OUR_NAME: Final = "[127.0.0.1]"
_CODES: Final = {
    535: mark("账号或密码不对（有的邮箱要用单独的授权码）"),
    530: mark("服务器要求登录或加密"),
    550: mark("没有这个收件人，或对方拒收"),
    551: mark("没有这个收件人，或对方拒收"),
    552: mark("邮件太大，或对方邮箱已满"),
    553: mark("发件人或收件人地址不被接受"),
    554: mark("服务器拒收这封邮件"),
}


def targets(mail: Mail) -> list[Target]:
    """One for each recipient."""
    return [Target(CHANNEL, address, masked(address)) for address in mail.recipients]


def masked(address: str) -> str:
    """zhang@example.cn → z…@example.cn."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def attempt(
    mail: Mail, letter: Letter, chosen: Sequence[Target], now: Timestamp, earlier: Mapping[Target, int]
) -> Iterator[tuple[Target, StepError | None]]:
    """Try every target once, over one connection; yields each with what went wrong, or None when it went.

    When the connection breaks, all that are left have failed alike. ``earlier``: how often each has got this
    paper before, so that only a paper sent on purpose again counts as another message.
    """
    left = list(chosen)
    try:
        with _session(mail) as server:
            while left:
                target = left[0]
                made = message(mail, letter, target.identity, now, earlier.get(target, 0))
                failure = _hand_over(server, mail.sender, target.identity, made)
                yield left.pop(0), failure
    except StepError as failure:
        yield from ((target, failure) for target in left)


def message(mail: Mail, letter: Letter, recipient: str, now: Timestamp, earlier: int = 0) -> EmailMessage:
    """The message to one recipient: plain text in UTF-8 and the file under its name (RFC 2231).

    A second try bears the same Message-ID, by which a mailbox knows it has this one already.
    """
    made = EmailMessage(policy=SMTP_POLICY)
    made["Subject"] = letter.title
    made["From"] = Address(display_name=_("码上报 · 诉求成效看板"), addr_spec=mail.sender)
    made["To"] = Address(addr_spec=recipient)
    made["Date"] = format_datetime(now.tz_localize("Asia/Shanghai").to_pydatetime())
    same = hashlib.sha256(f"{letter.key} {letter.digest} {recipient} {earlier}".encode()).hexdigest()[:32]
    made["Message-ID"] = f"<{same}@{mail.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # nobody's out-of-office notice comes back (RFC 3834)
    made.set_content(letter.text, cte="base64")
    if letter.file is not None:
        kind, _slash, sub = letter.file.media_type.partition("/")
        made.add_attachment(letter.file.data, maintype=kind, subtype=sub, filename=letter.file.name)
    return made


@contextmanager
def _session(mail: Mail) -> Iterator[smtplib.SMTP]:
    """A server that is ready to take messages."""
    context = ssl.create_default_context()
    server = _step(_("连接邮件服务器"), lambda: _connect(mail, context))
    try:
        if not mail.is_tls_at_once:
            _step(_("加密"), lambda: _encrypt(server, mail, context))
        if mail.user:
            _step(_("登录"), lambda: server.login(mail.user, mail.password))
        yield server
    finally:
        _close(server)


def _connect(mail: Mail, context: ssl.SSLContext) -> smtplib.SMTP:
    if mail.is_tls_at_once:
        return smtplib.SMTP_SSL(
            mail.host, mail.port, local_hostname=_OUR_NAME, timeout=PATIENCE, context=context
        )
    return smtplib.SMTP(mail.host, mail.port, local_hostname=_OUR_NAME, timeout=PATIENCE)


def _encrypt(server: smtplib.SMTP, mail: Mail, context: ssl.SSLContext) -> None:
    """STARTTLS, which only a server on this computer may do without."""
    server.ehlo_or_helo_if_needed()
    if server.has_extn("starttls") or not is_local(mail.host):
        server.starttls(context=context)


def _close(server: smtplib.SMTP) -> None:
    """Whatever happens at the farewell, what was accepted before it has been sent."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _hand_over(server: smtplib.SMTP, sender: str, recipient: str, made: EmailMessage) -> StepError | None:
    """One message to one recipient; a refusal is returned, a broken connection raised as :class:`StepError`."""
    try:
        _step(_("交出邮件"), lambda: server.send_message(made, sender, [recipient]))
    except StepError as failure:
        if server.sock is None:
            raise
        return failure
    return None


def _step(name: str, work: Callable[[], T]) -> T:
    """What ``work`` gives; what the library raises becomes a :class:`StepError` that keeps nothing of it.

    It is raised outside the handler, for the library's error, which names addresses, must not be its context.
    """
    try:
        return work()
    except (smtplib.SMTPException, OSError) as error:
        failure = _explained(name, error)
    raise failure


def _explained(step: str, error: Exception) -> StepError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return _answered(_("收件人"), code)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _answered(_("发件人"), error.smtp_code)
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(step, error.smtp_code)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return StepError(step, _("服务器中断了连接"), temporary=True)
    if isinstance(error, smtplib.SMTPException):
        return StepError(step, _("服务器不支持加密（STARTTLS）或这种登录"), temporary=False)
    assert isinstance(error, OSError)
    return unreachable(step, error)


def _answered(step: str, code: int) -> StepError:
    reason = _("服务器答复 {code}").format(code=code)
    if known := _CODES.get(code):
        reason = _("{reason}：{known}").format(reason=reason, known=_(known))
    return StepError(step, reason, temporary=not 500 <= code < 600)


def unreachable(step: str, error: OSError) -> StepError:
    """A connection that could not be made or kept, in words that do not say where to."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return StepError(step, _("服务器的证书没有通过核验，没有发送任何内容"), temporary=False)
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return StepError(step, _("服务器中断了连接"), temporary=True)
    if isinstance(error, ssl.SSLError):
        return StepError(step, _("加密连接没有建立起来，没有发送任何内容"), temporary=False)
    if isinstance(error, TimeoutError):
        return StepError(step, _("{n} 秒内没有答复").format(n=PATIENCE), temporary=True)
    if isinstance(error, socket.gaierror):
        return StepError(step, _("找不到服务器，请检查地址和网络"), temporary=error.errno == socket.EAI_AGAIN)
    if isinstance(error, ConnectionRefusedError):
        return StepError(step, _("服务器拒绝连接"), temporary=True)
    return StepError(step, _("网络中断"), temporary=True)
