"""A WeCom group robot on this computer that keeps what it is given and answers as a test says."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

KEY = "693a91f6-7aaa-4bc4-97a0-0ec2f1fa5aaa"


@dataclass
class Group:
    """``answers``: an errcode, a text to answer, an HTTP status as "HTTP 500", "slow" or "drop"; then all is well."""

    answers: list[int | str] = field(default_factory=list)
    uploads: list[bytes] = field(default_factory=list)
    posted: list[dict] = field(default_factory=list)
    certificate: Path | None = None
    requests: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://localhost:{self.port}/cgi-bin/webhook/send?key={KEY}"


@contextmanager
def running(group: Group):
    """The robot on a free port, until the end of the block."""
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_parts):
            pass

        def do_POST(self):
            group.requests += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = group.answers.pop(0) if group.answers else 0
            if answer == "drop":
                self.close_connection = True
            elif answer == "slow":
                stop.wait(5)
            elif isinstance(answer, str) and answer.startswith("HTTP "):
                self.reply(int(answer[5:]), self.path)
            elif isinstance(answer, str):
                self.reply(200, answer)
            else:
                self.take(answer, body)

        def take(self, code, body):
            parts = urlsplit(self.path)
            key = parse_qs(parts.query)["key"][0]
            if key != KEY:
                code = 93000
            said = {"errcode": code, "errmsg": f"invalid {self.path} {key}" if code else "ok"}
            if not code and parts.path.endswith("upload_media"):
                group.uploads.append(body)
                said |= {"type": "file", "media_id": f"media-{len(group.uploads)}"}
            elif not code:
                group.posted.append(json.loads(body))
            self.reply(200, json.dumps(said))

        def reply(self, status, text):
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://localhost:{group.port}{self.path}")
            self.end_headers()
            self.wfile.write(text.encode())

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads, listening.block_on_close = True, False
    if group.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(group.certificate)
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
    group.port = listening.server_address[1]
    threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield group
    finally:
        stop.set()
        listening.shutdown()
        listening.server_close()
