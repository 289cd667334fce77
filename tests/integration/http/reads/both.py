"""Asks the layer and Flask the same, and counts what reaches Flask."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

from events.envelope import Cause
from services.config_api.application.context import Context
from services.config_api.http.metrics import EXTENSION

if TYPE_CHECKING:
    from services.config_api.http.metrics import Metrics
    from services.config_api.http.reads.layer import ReadLayer
    from tests.integration.http.asking import Service

ACME = "/v1/smtp-settings/acme"
#: An HTML page names the span in which it was made.
SPAN = re.compile(rb'(name="traceparent" content="00-[0-9a-f]{32}-)[0-9a-f]{16}')
TRACE = f"00-{'ab' * 16}-{'cd' * 8}-01"


@dataclass(frozen=True)
class Said:
    """An answer as it goes over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Both:
    """A service behind the layer, and without it."""

    service: Service
    layer: ReadLayer
    reached: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        flask = self.service.app.wsgi_app

        def counted(environ: Any, start_response: Any) -> Any:
            self.reached.append(environ["PATH_INFO"])
            return flask(environ, start_response)

        self.service.app.wsgi_app = counted  # type: ignore[method-assign]  # as Flask tells to

    def by_layer(self, path: str, method: str = "GET", **headers: str) -> Said:
        return _said(self.layer, path, method, headers)

    def by_flask(self, path: str, method: str = "GET", **headers: str) -> Said:
        return _said(self.service.app, path, method, headers)

    def keep(self, path: str, **headers: str) -> None:
        """Ask until the layer answers by itself; fails where it never does."""
        self.by_layer(path, **headers)
        assert self.is_kept(path, **headers), f"{path} is not kept"

    def is_kept(self, path: str, **headers: str) -> bool:
        """Tell whether the layer answers from memory."""
        before = self._kept()
        self.reached.clear()
        self.by_layer(path, **headers)
        return self._kept() > before

    def counted(self) -> str:
        """Return the figures; fails unless they count two answers and a 304 of one setting."""
        figures = self.by_flask("/metrics").body.decode()
        route = 'route="/v1/smtp-settings/{setting_id}"'
        assert f'relaybook_http_requests_total{{method="GET",{route},status="200"}} 2.0' in figures
        assert f'relaybook_http_requests_total{{method="GET",{route},status="304"}} 1.0' in figures
        assert f'relaybook_http_request_seconds_count{{method="GET",{route}}} 3.0' in figures
        return figures

    def _kept(self) -> float:
        figures: Metrics = self.service.app.extensions[EXTENSION]
        return figures.registry.get_sample_value("relaybook_reads_kept_total") or 0.0


def _said(app: Any, path: str, method: str, headers: dict[str, str]) -> Said:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = named.pop("Body", None)
    named.setdefault("traceparent", TRACE)
    builder = EnvironBuilder(
        path=path.partition("?")[0],
        query_string=path.partition("?")[2],
        method=method,
        headers=Headers(list(named.items())),
        data=body,
    )
    answer = Client(app).open(builder)
    return Said(answer.status_code, list(answer.headers), answer.get_data())


def assert_same(both: Both, path: str, method: str = "GET", **headers: str) -> None:
    """Fail unless Flask and the layer answer the same, byte by byte."""
    flask, layer = (
        both.by_flask(path, method, **headers), both.by_layer(path, method, **headers)
    )  # fmt: skip
    if headers.get("traceparent") == "nonsense":  # each has a trace of its own
        flask, layer = (
            type(one)(one.status, [(n, v) for n, v in one.headers if n != "Trace-Id"], one.body)
            for one in (flask, layer)
        )
        if flask.status >= 400:
            assert flask.headers == layer.headers
            return
    assert _but_for_spans(flask) == _but_for_spans(layer), (path, method, headers)


def _but_for_spans(said: Said) -> Said:
    return type(said)(said.status, said.headers, SPAN.sub(rb"\1", said.body))


def bearer(text: str | None) -> dict[str, str]:
    """Return the header that shows a token."""
    return {} if text is None else {"Authorization": f"Bearer {text}"}


def register(service: Service, setting_id: str, **fields: Any) -> None:
    """Register the setting of a tenant."""
    document = {"id": setting_id, "host": "mail.example", **fields}
    assert service.asker("operator")("POST", "/v1/smtp-settings", document).status_code == 201


def ctx(service: Service) -> Context:
    """Return the context of what the system does at the service's own time."""
    return Context(cause=Cause.by_system("test"), at=service.watch())
