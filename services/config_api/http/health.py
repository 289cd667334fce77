"""What a supervisor and Prometheus ask: whether it lives, whether it can work, its figures."""

from __future__ import annotations

from math import nan

from flask import Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST

from events.figures import exposed
from events.store.port import StoreUnavailable
from services.config_api.http.commands import json_response
from services.config_api.http.current import relaybook
from services.config_api.http.examples import FIGURES, HEALTHY
from services.config_api.http.failures import RETRY_AFTER
from services.config_api.http.guard import PUBLIC
from services.config_api.http.lag_figures import EXTENSION as LAGS
from services.config_api.http.lag_figures import LagFigures
from services.config_api.http.metrics import metrics
from services.config_api.http.operation import Good, Operation
from services.config_api.http.problems import Problem
from services.config_api.http.readiness import EXTENSION as READINESS
from services.config_api.http.readiness import Readiness
from services.config_api.http.resources import HEALTH
from services.config_api.http.streams import streams

_LIVE = Operation(
    method="GET",
    rule="/livez",
    access=PUBLIC,
    good=[Good(status=200, description="It lives.", schema="Health", example=HEALTHY)],
)
_READY = Operation(
    method="GET",
    rule="/readyz",
    access=PUBLIC,
    good=[Good(status=200, description="It can work.", schema="Health", example=HEALTHY)],
    problems=("unavailable",),
)
_FIGURES = Operation(
    method="GET",
    rule="/metrics",
    access=PUBLIC,
    good=[
        Good(
            status=200,
            description="The figures in Prometheus's text format.",
            schema="Figures",
            media_type="text/plain",
            example=FIGURES,
        )
    ],
)


@HEALTH.serve(_LIVE)
def read_liveness() -> Response:
    """Answer as long as the process runs."""
    return json_response(HEALTHY)


@HEALTH.serve(_READY)
def read_readiness() -> Response:
    """Answer 200 where the database can be reached and has this program's schema, else 503."""
    readiness: Readiness = current_app.extensions[READINESS]
    if streams().stopping.is_set() or not readiness.is_ready():
        raise Problem("unavailable", "not_migrated", headers=RETRY_AFTER)
    return json_response(HEALTHY)


@HEALTH.serve(_FIGURES)
def read_figures() -> Response:
    """Answer what is counted and measured, for Prometheus."""
    _look_at_log()
    lags: LagFigures = current_app.extensions[LAGS]
    lags.refresh()
    return Response(exposed(metrics().registry), content_type=CONTENT_TYPE_LATEST)


def _look_at_log() -> None:
    """Bring the figures of the sealed log up to date; without a database they say nothing."""
    figures = metrics()
    try:
        found = relaybook().log.proofs.status()
    except StoreUnavailable:
        gauges = (figures.sealed, figures.unsealed, figures.refused, figures.sealed_at)
        for gauge in gauges:
            gauge.set(nan)
        return
    figures.sealed.set(0 if found.head is None else found.head.size)
    figures.sealed_at.set(0 if found.head is None else found.head.signed_at.timestamp())
    figures.unsealed.set(found.behind)
    figures.refused.set(found.refusal is not None)
