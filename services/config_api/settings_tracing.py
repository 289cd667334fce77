"""OpenTelemetry's standard variables among the others: checked and shown, read where they work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from events.tracing.configuring import (
    DISABLED,
    ENDPOINTS,
    EXPORTER,
    OTHERS,
    PROTOCOLS,
    wrong_tracing,
)
from services.config_api.environment import Environment, show_masked

#: They may hold a credential of whoever gathers the traces.
_HEADERS: Final = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
_SHOWN: Final = (DISABLED, EXPORTER, *ENDPOINTS, *PROTOCOLS, *OTHERS)


def show_tracing(env: Environment, environ: Mapping[str, str]) -> None:
    """List those variables that are set, and refuse what cannot be used."""
    for name in (*_SHOWN, *_HEADERS):
        if environ.get(name):
            env.optional(name, str, show=show_masked if name in _HEADERS else str)
    for one in wrong_tracing(environ):
        env.refuse(one.name, one.reason)
