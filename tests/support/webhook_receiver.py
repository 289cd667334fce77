"""A real HTTPS endpoint on loopback that takes webhooks, and behaves as it is told."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import trustme
from standardwebhooks import Webhook

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Taken:
    """One request that came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """Return the body that the reference library verifies; raises where it does not."""
        told: dict[str, Any] = Webhook(secret).verify(self.body, dict(self.headers))
        return told


Answer = Callable[[Taken, int], tuple[int, Mapping[str, str]]]


@dataclass
class Receiver:
    """What came, and what is answered: `answer` gets the request and its number, from 1.

    It gives the status and further headers. `url` is where it listens.
    """

    url: str = ""
    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    answer: Callable[[Taken, int], tuple[int, Mapping[str, str]]] = lambda _taken, _number: (
        204,
        {},
    )

    def take(self, taken: Taken) -> tuple[int, Mapping[str, str]]:
        self.taken.append(taken)
        return self.answer(taken, len(self.taken))


@contextmanager
def receiving(ca_file: Path, *, plain: bool = False) -> Iterator[Receiver]:
    """Run an endpoint whose authority's certificate is written to a file."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_file))
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    server.daemon_threads = True
    if not plain:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    receiver.url = f"{'http' if plain else 'https'}://localhost:{receiver.port}/in"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more = receiver.take(Taken(self.path, headers, body))
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler
