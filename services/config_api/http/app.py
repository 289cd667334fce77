"""Makes the Flask app: the API's operations, the web client's pages, and what surrounds both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from services.config_api.http import (
    connection_test_stream,
    connection_tests,
    credentials,
    detections,
    docs,
    effective,
    events,
    exports,
    follow,
    health,
    history,
    hosts,
    idempotency,
    imports,
    incoming,
    lag_figures,
    log,
    me,
    metrics,
    oauth_provider,
    oauth_providers,
    readiness,
    restore,
    smtp_setting,
    smtp_settings,
    streams,
    tokens,
    trace,
    users,
    webhook_deliveries,
    webhooks,
)
from services.config_api.http.bodies import USUAL_LIMIT, OffDiskRequest, close_file
from services.config_api.http.current import EXTENSION
from services.config_api.http.denials import record_denial
from services.config_api.http.description import described
from services.config_api.http.errors import answer_errors
from services.config_api.http.guard import check_routes, guard
from services.config_api.http.headers import add_headers
from services.config_api.http.reads.tokens import EXTENSION as KNOWN_TOKENS
from services.config_api.http.reads.tokens import KnownTokens
from services.config_api.http.resources import RESOURCES
from services.config_api.http.shape import check_shape
from services.config_api.web import blueprint as web

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.config_api.bootstrap import Relaybook

#: Importing them adds their routes to their resources.
ROUTES = (
    smtp_settings,
    smtp_setting,
    effective,
    credentials,
    history,
    restore,
    connection_tests,
    connection_test_stream,
    detections,
    imports,
    exports,
    events,
    log,
    oauth_providers,
    oauth_provider,
    webhooks,
    webhook_deliveries,
    tokens,
    users,
    me,
    health,
)


class Blocking(Flask):
    """An app none of whose functions is a coroutine, so that none is looked at before each call."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


def create_app(service: Relaybook) -> Flask:
    """Return the app that serves a service.

    Raises LookupError where a route does not say who may use it.
    """
    app = Blocking(__name__, static_folder=None)
    app.request_class = OffDiskRequest
    app.config.update(MAX_CONTENT_LENGTH=USUAL_LIMIT)
    app.extensions[EXTENSION] = service
    trace.trace_requests(app)
    figures = metrics.measure(app)
    _add_state(app, service)
    app.extensions[lag_figures.EXTENSION] = lag_figures.LagFigures(service, figures.registry)
    for first in (incoming.begin, check_shape, guard):
        app.before_request(first)
    app.after_request(add_headers)
    app.after_request(incoming.answered)
    app.after_request(record_denial)  # the one added last runs first
    app.teardown_request(incoming.end)
    app.teardown_request(lambda _error: close_file())
    _add_routes(app, service)
    if service.settings.trusted_proxies:
        proxies = service.settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # how Flask takes a middleware
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_port=0, x_prefix=0
        )
    return app


def _add_state(app: Flask, service: Relaybook) -> None:
    """Add what lives as long as the app: places, running keys, the watched head, known tokens."""
    places = streams.Streams()
    app.extensions[streams.EXTENSION] = places
    app.extensions[follow.EXTENSION] = follow.Head(service.store, service.wakeup, places.stopping)
    app.extensions[idempotency.RUNNING] = idempotency.RunningKeys()
    app.extensions[hosts.EXTENSION] = hosts.hosts_of(service.settings)
    app.extensions[KNOWN_TOKENS] = KnownTokens(service.access, service.sight)
    app.extensions[incoming.EXTENSION] = incoming.Arrivals()
    app.extensions[readiness.EXTENSION] = readiness.Readiness(service)


def _add_routes(app: Flask, service: Relaybook) -> None:
    docs.offer(app, service.settings.base_url)
    answer_errors(app)
    for blueprint in (*RESOURCES, docs.docs):
        app.register_blueprint(blueprint)
    app.register_blueprint(web)
    check_routes(app)


def openapi_document(base_url: str) -> dict[str, Any]:
    """Return the description of the API as a service at this URL answers it, without a service."""
    return described(base_url)
