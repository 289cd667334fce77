"""Spans recorded by OpenTelemetry's SDK; loaded only where the environment asks for traces."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode, TraceFlags

from events.tracing.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.context import Context

    from events.tracing.span import Attribute, Kind

_KINDS: Final[dict[Kind, SpanKind]] = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}


class SdkSpan:
    """A span of the SDK."""

    __slots__ = ("_span", "place")

    def __init__(self, begun: trace.Span) -> None:
        self._span = begun
        context = begun.get_span_context()
        self.place = Place(
            trace_id=trace.format_trace_id(context.trace_id),
            span_id=trace.format_span_id(context.span_id),
            sampled=context.trace_flags.sampled,
        )

    def note(self, name: str, value: Attribute) -> None:
        self._span.set_attribute(name, value)

    def fail(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        if self._span.is_recording():
            self._span.end()


class SdkRecorder:
    """Hands spans to a provider of the SDK."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("relaybook")

    def begin(
        self, name: str, *, kind: Kind, parent: Place | None, attributes: Mapping[str, Attribute]
    ) -> SdkSpan:
        return SdkSpan(
            self._tracer.start_span(
                name, context=_context(parent), kind=_KINDS[kind], attributes=attributes
            )
        )

    def shutdown(self) -> None:
        """Send what was recorded, and end the thread that sends."""
        self._provider.shutdown()


def make_recorder(exporter: str, *, service_name: str, version: str) -> SdkRecorder:
    """Return what records spans and sends them by `otlp` or writes them to stdout as `console`.

    Where to, how often and which share is told by the standard variables that the SDK reads itself.
    """
    ours = Resource.create(
        {
            "service.name": service_name,
            "service.namespace": "relaybook",
            "service.version": version,
        }
    )
    provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()))
    sent_by = OTLPSpanExporter() if exporter == "otlp" else ConsoleSpanExporter(out=sys.stdout)
    provider.add_span_processor(BatchSpanProcessor(sent_by))
    return SdkRecorder(provider)


def _context(parent: Place | None) -> Context:
    """Return the SDK's context of a parent; an empty one begins a trace."""
    empty: Context = trace.set_span_in_context(trace.INVALID_SPAN)
    if parent is None:
        return empty
    known = trace.SpanContext(
        trace_id=int(parent.trace_id, 16),
        span_id=int(parent.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED if parent.sampled else TraceFlags.DEFAULT),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(known), empty)
