"""Whether spans are recorded: OpenTelemetry's standard variables decide, and by default none are.

Nothing of OpenTelemetry is loaded before they ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from events.tracing.span import record_with

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DISABLED: Final = "OTEL_SDK_DISABLED"
EXPORTER: Final = "OTEL_TRACES_EXPORTER"
ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
#: Read by the SDK itself; named here so that they are shown with the rest of the configuration.
OTHERS: Final = (
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
)
_EXPORTERS: Final = ("otlp", "console", "none")
_ONLY_PROTOCOL: Final = "http/protobuf"


@dataclass(frozen=True, kw_only=True, slots=True)
class WrongTracing:
    """A variable that cannot be used, and why."""

    name: str
    reason: str


def wrong_tracing(environ: Mapping[str, str]) -> list[WrongTracing]:
    """Return what is wrong with the variables; none of it where tracing is off."""
    if _value(environ, DISABLED).lower() == "true":
        return []
    wrong = []
    exporter = _value(environ, EXPORTER)
    if exporter and exporter not in _EXPORTERS:
        wrong.append(WrongTracing(name=EXPORTER, reason=f"must be one of {', '.join(_EXPORTERS)}"))
    wrong += [
        WrongTracing(name=name, reason="must be http://… or https://…")
        for name in ENDPOINTS
        if (text := _value(environ, name)) and not _is_web(text)
    ]
    wrong += [
        WrongTracing(name=name, reason=f"must be {_ONLY_PROTOCOL}: nothing else is built in")
        for name in PROTOCOLS
        if _value(environ, name) not in {"", _ONLY_PROTOCOL}
    ]
    return wrong


def wanted_exporter(environ: Mapping[str, str]) -> str | None:
    """Return `otlp` or `console`, None where no spans are wanted.

    An endpoint alone asks for `otlp`; without one that sends to port 4318 of this machine.
    """
    if _value(environ, DISABLED).lower() == "true":
        return None
    exporter = _value(environ, EXPORTER)
    if not exporter and any(_value(environ, name) for name in ENDPOINTS):
        return "otlp"
    return exporter if exporter not in {"", "none"} else None


def configure_tracing(environ: Mapping[str, str], *, service_name: str) -> Callable[[], None]:
    """Record spans from now on where the environment asks for it.

    Returns what sends the last ones: call it when the process ends.
    """
    exporter = wanted_exporter(environ)
    if exporter is None:
        return _nothing
    # Not imported above: 30 MiB and a quarter of a second that only those pay who want traces.
    sdk = import_module("events.tracing.sdk")
    recorder = sdk.make_recorder(exporter, service_name=service_name, version=version("relaybook"))
    record_with(recorder)
    shutdown: Callable[[], None] = recorder.shutdown
    return shutdown


def _nothing() -> None:
    return


def _value(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()


def _is_web(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
