"""A proxy in front of the service that keeps every byte of every answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

_HOP: Final = frozenset({"connection", "transfer-encoding", "keep-alive"})
_LIMIT_S: Final = 60
_PIECE: Final = 64 * 1024


@dataclass
class Answered:
    """One answer: what was asked for, without what was sent for it; its head and its body."""

    asked: str
    status: int
    head: bytes
    body: bytearray = field(default_factory=bytearray)

    @property
    def name(self) -> str:
        return f"answer {self.status} {self.asked}"


@dataclass
class Recorder:
    """Forwards to `port` on loopback; `answers` is every answer so far."""

    port: int
    answers: list[Answered] = field(default_factory=list)
    own_port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.own_port}"


@contextmanager
def recording(port: int) -> Iterator[Recorder]:
    """Forward and record until the block ends."""
    recorder = Recorder(port)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(recorder))
    server.daemon_threads = True
    recorder.own_port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def _handler(recorder: Recorder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # an answer ends with its connection: streams need no more

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def forward(self) -> None:
            sent = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            connection = HTTPConnection("127.0.0.1", recorder.port, timeout=_LIMIT_S)
            try:
                connection.request(self.command, self.path, body or None, sent)
                answer = connection.getresponse()
                head = [one for one in answer.getheaders() if one[0].lower() not in _HOP]
                told = Answered(
                    f"{self.command} {self.path.partition('?')[0]}",
                    answer.status,
                    "\n".join(f"{name}: {value}" for name, value in head).encode("latin-1"),
                )
                recorder.answers.append(told)
                self.send_response_only(answer.status)
                for name, value in head:
                    self.send_header(name, value)
                self.end_headers()
                while piece := answer.read1(_PIECE):
                    told.body += piece
                    self.wfile.write(piece)
            except OSError:  # one of the two sides is gone; what came is kept
                self.close_connection = True
            finally:
                connection.close()

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.forward)
    return Handler
