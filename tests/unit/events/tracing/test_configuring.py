"""The standard variables decide; nothing of OpenTelemetry is loaded before they ask for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from events.tracing import begun, record_with, recording, span
from events.tracing.configuring import configure_tracing, wanted_exporter, wrong_tracing
from tests.support.otlp import collecting

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
LOADED = """
import sys
import services.config_api.cli.processes, services.config_api.http.wsgi
import services.conn_tester.__main__
from events.tracing.configuring import configure_tracing
configure_tracing({}, service_name="relaybook-serve")()
print([name for name in sys.modules if name.startswith(("opentelemetry", "google.protobuf"))])
"""


@pytest.mark.parametrize(
    ("environ", "exporter"),
    [
        ({}, None),
        ({"OTEL_TRACES_EXPORTER": "none", ENDPOINT: "http://127.0.0.1:4318"}, None),
        ({"OTEL_SDK_DISABLED": "true", ENDPOINT: "http://127.0.0.1:4318"}, None),
        ({ENDPOINT: "http://127.0.0.1:4318"}, "otlp"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "console"),
    ],
)
def test_an_endpoint_or_an_exporter_asks_for_traces(
    environ: dict[str, str], exporter: str | None
) -> None:
    assert wrong_tracing(environ) == []
    assert wanted_exporter(environ) == exporter


def test_everything_wrong_is_named_at_once_unless_tracing_is_off() -> None:
    environ = {
        "OTEL_TRACES_EXPORTER": "zipkin",
        ENDPOINT: "127.0.0.1:4317",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    }
    named = {one.name for one in wrong_tracing(environ)}
    assert named == {"OTEL_TRACES_EXPORTER", ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL"}
    assert wrong_tracing({**environ, "OTEL_SDK_DISABLED": "true"}) == []


def test_nothing_is_loaded_where_nobody_asks() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_nothing_is_recorded_where_nobody_asks() -> None:
    shutdown = configure_tracing({}, service_name="relaybook-serve")
    assert not recording()
    shutdown()


def test_spans_arrive_with_their_parent_their_kind_and_their_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outside = begun()
    with collecting() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
        shutdown = configure_tracing({ENDPOINT: collector.url}, service_name="relaybook-serve")
        try:
            with span("outer", kind="server", parent=outside), span("inner") as inner:
                inner.note("relaybook.code", "ok")
            with pytest.raises(LookupError), span("alone"):
                raise LookupError
            shutdown()
        finally:
            record_with(None)
    by_name = {one.name: one for one in collector.spans}
    outer, inner_seen, alone = by_name["outer"], by_name["inner"], by_name["alone"]
    assert (outer.service, outer.kind) == ("relaybook-serve", "server")
    assert (outer.trace_id, outer.parent_id) == (outside.trace_id, outside.span_id)
    assert inner_seen.parent_id == outer.span_id
    assert inner_seen.attributes == {"relaybook.code": "ok"}
    assert (alone.parent_id, alone.failed) == ("", True)
    assert alone.attributes == {"error.type": "LookupError"}
    assert alone.trace_id != outer.trace_id


def test_a_trace_that_its_caller_does_not_record_is_not_recorded_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with collecting() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        shutdown = configure_tracing({ENDPOINT: collector.url}, service_name="relaybook-serve")
        try:
            unsampled = type(outside := begun())(
                trace_id=outside.trace_id, span_id=outside.span_id, sampled=False
            )
            with span("request", kind="server", parent=unsampled) as request:
                assert request.place is not None
                assert request.place.trace_id == unsampled.trace_id
                assert not request.place.sampled
            shutdown()
        finally:
            record_with(None)
    assert collector.spans == []


def test_the_console_is_written_to(capfd: pytest.CaptureFixture[str]) -> None:
    environ = {"OTEL_TRACES_EXPORTER": "console"}
    shutdown = configure_tracing(environ, service_name="relaybook-relay")
    try:
        with span("told"):
            pass
        shutdown()
    finally:
        record_with(None)
    assert '"name": "told"' in capfd.readouterr().out
