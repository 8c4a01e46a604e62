"""A mail server on this computer that keeps what it is given and fails where a test says so."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import socketserver
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class MailServer:
    """``refuse``: recipient → codes, one used up at each RCPT; ``sessions``: how each connection goes wrong."""

    starttls: bool = False
    at_once: bool = False
    login: tuple[str, str] | None = None
    certificate: Path | None = None
    refuse: dict[str, list[int]] = field(default_factory=dict)
    sessions: list[str] = field(default_factory=list)  # "drop", "silent", "drop after one", "busy"
    kept: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(data, policy=default) for _from, _to, data in self.kept]

    @property
    def recipients(self) -> list[str]:
        return [name for _from, to, _data in self.kept for name in to]

    def context(self) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.certificate)
        return made


@contextmanager
def running(server: MailServer):
    """The server on a free port, until the end of the block."""
    stop = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            server.connections += 1
            fault = server.sessions.pop(0) if server.sessions else ""
            with suppress(OSError):  # the other side has gone
                _talk(server, self.request, fault, stop)

    class Listening(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Listening(("127.0.0.1", 0), Handler) as listening:
        server.port = listening.server_address[1]
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            stop.set()
            listening.shutdown()


def _talk(server, socket, fault, stop):
    if fault == "silent":
        stop.wait(5)
        return
    if fault == "drop":
        return
    if server.at_once:
        socket = server.context().wrap_socket(socket, server_side=True)
    lines, sender, recipients, is_safe = socket.makefile("rb"), "", [], server.at_once

    def say(text):
        socket.sendall(f"{text}\r\n".encode())

    say("421 busy, li.hua@example.cn" if fault == "busy" else "220 ready")
    while line := lines.readline():
        words = line.decode().strip()
        verb = words.upper()
        if verb.startswith("EHLO"):
            say("250-here")
            if server.starttls and not is_safe:
                say("250-STARTTLS")
            if server.login:
                say("250-AUTH PLAIN")
            say("250 8BITMIME")
        elif verb == "STARTTLS":
            say("220 go")
            socket = server.context().wrap_socket(socket, server_side=True)
            lines, is_safe = socket.makefile("rb"), True
        elif verb.startswith("AUTH PLAIN"):
            _zero, user, password = base64.b64decode(words.split()[2]).decode().split("\0")
            say("235 welcome" if (user, password) == server.login else f"535 no {user} {password}")
        elif verb.startswith("MAIL"):
            sender, recipients = words[words.index("<") + 1 : words.index(">")], []
            say("250 ok")
        elif verb.startswith("RCPT"):
            name = words[words.index("<") + 1 : words.index(">")]
            codes = server.refuse.get(name, [])
            if codes:
                say(f"{codes.pop(0)} not {name}")
            else:
                recipients.append(name)
                say("250 ok")
        elif verb == "DATA":
            say("354 go on")
            data = b""
            while (row := lines.readline()) != b".\r\n":
                data += row[1:] if row.startswith(b".") else row
            server.kept.append((sender, recipients, data))
            say("250 kept")
            if fault == "drop after one":
                return
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("250 ok")


def make_certificate(folder: Path) -> Path:
    """Key and self-signed certificate of ``localhost`` in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "localhost.pem"
    path.write_bytes(private + made.public_bytes(pem))
    return path
