"""Plants leaks on purpose, so that the sweep shows in which places and encodings it sees them."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Final
from zlib import compress

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span
from sqlalchemy import create_engine, insert

from events.bus.open import open_bus
from events.bus.port import Message, Outgoing
from events.bus.topology import DEAD_LETTERS, DIRECT, EVENTS
from services.config_api.read_model.operational_tables import idempotent_answers
from tests.integration.security.canaries import USER
from tests.integration.security.encodings import ENCODINGS, sample
from tests.integration.security.recording import recording
from tests.integration.security.swept_house import Printed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.integration.security.swept_house import House

Samples = dict[str, bytes]
_FILES: Final = (
    "data/spilt", "logs/0.log", "tmp/spilt", "out/spilt.json", "browser/Default/spilt",
)  # fmt: skip
#: The places that must give a planted leak away, as regular expressions.
_PLACES: Final = (
    *(f"file {one}" for one in _FILES),
    "rows of idempotent_answers",
    r"message leak\.planted",
    r"message relaybook\.dead-letters|file data/bus\.db(-wal)?",
    "answer 200 GET /leak",
    "printed by a leak",
    "exported spans",
)
_OF: Final = {
    "embedded": (r"file data/relaybook\.db(-wal)?", r"file data/bus\.db(-wal)?"),
    "server": ("disk of PostgreSQL .*", "write-ahead log of PostgreSQL"),
}


def samples(secret: str) -> Samples:
    """Return the secret in each encoding."""
    return {encoding: sample(secret, encoding, USER) for encoding in ENCODINGS}


def places_of(kind: str) -> tuple[str, ...]:
    """Return the places, as regular expressions, that must tell of every encoding."""
    return (*_PLACES, *_OF[kind])


def plant(house: House, secrets: Mapping[str, bytes]) -> None:
    """Let secrets out by every kind of place; `secrets` are the samples by encoding."""
    whole = b"\n".join(secrets.values())
    for name in _FILES:
        path = house.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(b"leak: " + whole + b"\n")
    house.printed.append(Printed("printed by a leak", whole))
    _into_rows(house, secrets)
    _into_messages(house, whole)
    _into_answers(house, whole)
    _into_spans(house, whole)


def _into_rows(house: House, secrets: Mapping[str, bytes]) -> None:
    """Keep each as the body of an answer, the first of all packed."""
    engine = create_engine(house.database_url)
    with engine.begin() as connection:
        for encoding, leaked in {**secrets, "packed": compress(b"".join(secrets.values()))}.items():
            row = {
                "principal": "leak", "method": "POST", "path": "/", "key": encoding,
                "request_sha256": "", "status": 200, "headers": "{}", "body": leaked,
                "created_at": datetime.now(UTC),
            }  # fmt: skip
            connection.execute(insert(idempotent_answers), row)
    engine.dispose()


def _into_messages(house: House, leaked: bytes) -> None:
    bus = open_bus(house.broker_url or f"relaybook+sqlite:///{house.folder / 'data' / 'bus.db'}")
    with closing(bus.publisher()) as publisher:
        publisher.publish([
            Outgoing(exchange=exchange, routing_key=key, mandatory=False,
                     message=Message(id=f"leak-{key}", body=leaked))
            for exchange, key in ((EVENTS, "leak.planted"), (DIRECT, DEAD_LETTERS))
        ])  # fmt: skip


def _into_answers(house: House, leaked: bytes) -> None:
    """Let a service answer with the secrets, through a recorder as the others."""
    with _answering(leaked) as port, recording(port) as recorder:
        with closing(HTTPConnection("127.0.0.1", recorder.own_port, timeout=10)) as connection:
            connection.request("GET", "/leak")
            assert connection.getresponse().read() == leaked
        house.recorder.answers.extend(recorder.answers)


def _into_spans(house: House, leaked: bytes) -> None:
    """Send a span with the secrets to whoever gathers the traces."""
    told = KeyValue(key="leak", value=AnyValue(bytes_value=leaked))
    named = KeyValue(key="service.name", value=AnyValue(string_value="leak"))
    spans = ScopeSpans(spans=[Span(name="leak", attributes=[told])])
    resource = ResourceSpans(resource=Resource(attributes=[named]), scope_spans=[spans])
    body = ExportTraceServiceRequest(resource_spans=[resource]).SerializeToString()
    httpx.post(f"{house.spans.url}/v1/traces", content=body, trust_env=False).raise_for_status()


@contextmanager
def _answering(body: bytes) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.handle_request, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        thread.join(10)
        server.server_close()
