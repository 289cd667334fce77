"""A mail server and a token endpoint that say again whatever they were told, in every encoding."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.integration.security.encodings import ENCODINGS, sample
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from tests.support.smtp.peer import Connection


async def _refuse_with_echo(connection: Connection, line: str) -> None:
    _, _, blob = line.split(" ", 2)
    _, user, password = b64decode(blob).decode().split("\0")
    await connection.send(f"535-5.7.8 you said {line}\r\n")
    for encoding in ENCODINGS:
        echo = sample(password, encoding, user).replace(b"\n", b" ")
        await connection.send(b"535-5.7.8 or is it " + echo + b"\r\n")
    await connection.send("535 5.7.8 no\r\n")


def echoing_mail_server() -> SmtpScript:
    """Return a server that refuses every sign-in and repeats its secret."""
    return SmtpScript(extensions=("AUTH PLAIN",), answers={"AUTH": _refuse_with_echo})


@dataclass
class TokenEndpoint:
    """Issues these tokens; while `refuses`, an error that repeats all that it was sent."""

    access_token: str
    refresh_token: str
    refuses: bool = False
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    url: str = ""

    def answer(self, body: str, authorization: str) -> tuple[int, dict[str, Any]]:
        form = parse_qs(body)
        self.asked.append(form)
        if self.refuses:
            secrets = [*form.get("client_secret", ()), *form.get("refresh_token", ())]
            echo = [sample(one, encoding, "relaybook").decode("utf-8", "replace")
                    for one in secrets for encoding in ENCODINGS]  # fmt: skip
            said = " ".join([authorization, *echo, body])
            error = "invalid_request" if form["grant_type"] == ["refresh_token"] else "no_" + body
            return 400, {"error": error, "error_description": said}
        return 200, {
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "token_type": "Bearer",
            "expires_in": 3600,
        }


@contextmanager
def token_endpoint(endpoint: TokenEndpoint) -> Iterator[TokenEndpoint]:
    """Serve it on loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, told = endpoint.answer(body, self.headers.get("Authorization", ""))
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
