"""Whoever gathers traces, on loopback: OTLP over HTTP in protobuf, as collectors take it."""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")


@dataclass(frozen=True, kw_only=True)
class SeenSpan:
    """A span as it arrived; ids are hexadecimal, `parent_id` is empty at a trace's beginning."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    begin_ns: int
    end_ns: int
    attributes: dict[str, object]
    failed: bool


@dataclass
class Collector:
    """What arrived so far; `bodies` are the requests, unpacked."""

    url: str = ""
    spans: list[SeenSpan] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest()
        request.ParseFromString(body)
        self.bodies.append(body)
        for resource in request.resource_spans:
            named = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [_seen(named["service.name"], span) for span in scope.spans]

    def of_trace(self, trace_id: str) -> list[SeenSpan]:
        """Return a trace's spans in the order of their beginnings."""
        found = [one for one in self.spans if one.trace_id == trace_id]
        return sorted(found, key=lambda one: one.begin_ns)


@contextmanager
def collecting() -> Iterator[Collector]:
    """Take traces meanwhile."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding") == "gzip"
            collector.take(gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield collector
        server.shutdown()
        thread.join()


def _seen(service: str, span: object) -> SeenSpan:
    return SeenSpan(
        service=service,
        name=span.name,  # type: ignore[attr-defined]  # protobuf's messages have no types here
        kind=_KINDS[span.kind],  # type: ignore[attr-defined]  # the same
        trace_id=span.trace_id.hex(),  # type: ignore[attr-defined]  # the same
        span_id=span.span_id.hex(),  # type: ignore[attr-defined]  # the same
        parent_id=span.parent_span_id.hex(),  # type: ignore[attr-defined]  # the same
        begin_ns=span.start_time_unix_nano,  # type: ignore[attr-defined]  # the same
        end_ns=span.end_time_unix_nano,  # type: ignore[attr-defined]  # the same
        attributes={one.key: _value(one.value) for one in span.attributes},  # type: ignore[attr-defined]  # the same
        failed=span.status.code == 2,  # type: ignore[attr-defined]  # the same
    )


def _value(value: object) -> object:
    return getattr(value, str(value.WhichOneof("value")))  # type: ignore[attr-defined]  # the same
