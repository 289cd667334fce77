"""Where in which trace the program is, and the spans that it tells of (OpenTelemetry)."""

from events.tracing.place import Place, at_place, begun, current, here, place_of
from events.tracing.span import Kind, Span, begin, record_with, recording, span

__all__ = [
    "Kind",
    "Place",
    "Span",
    "at_place",
    "begin",
    "begun",
    "current",
    "here",
    "place_of",
    "record_with",
    "recording",
    "span",
]
