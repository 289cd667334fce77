"""Who asks, and how the service is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from events.bus.port import BusError
from events.bus.topology import WORK_QUEUES
from services.config_api.application.relay.publishing import CURSOR as PUBLISHED
from services.config_api.http.auth import current_caller
from services.config_api.http.commands import json_response
from services.config_api.http.current import relaybook
from services.config_api.http.description import product_version
from services.config_api.http.examples import PRINCIPAL, STATUS
from services.config_api.http.guard import SIGNED_IN
from services.config_api.http.operation import Good, Operation
from services.config_api.http.query import read_query
from services.config_api.http.resources import SERVICE
from services.config_api.read_model.documents import instant
from services.config_api.read_model.rebuild import status

if TYPE_CHECKING:
    from services.config_api.bootstrap import Relaybook


_ME = Operation(
    method="GET",
    rule="/me",
    access=SIGNED_IN,
    good=[Good(status=200, description="The principal.", schema="Principal", example=PRINCIPAL)],
)
_STATUS = Operation(
    method="GET",
    rule="/status",
    access=SIGNED_IN,
    good=[Good(status=200, description="How it is.", schema="Status", example=STATUS)],
)


@SERVICE.serve(_ME)
def read_principal() -> Response:
    """Tell who asks."""
    read_query(_ME.query)
    principal = current_caller().principal
    tenants = None if principal.tenants is None else sorted(principal.tenants)
    return json_response(
        {"actor": principal.actor, "roles": sorted(principal.roles), "tenants": tenants}
    )


@SERVICE.serve(_STATUS)
def read_status() -> Response:
    """Tell the version, how far everything is behind, and what waits."""
    read_query(_STATUS.query)
    return json_response(status_document(relaybook()))


def status_document(service: Relaybook) -> dict[str, Any]:
    """Return how the service is; raises StoreUnavailable."""
    head = service.store.head()
    published = service.cursors.load(PUBLISHED)
    projections = status(service.read_engine, service.store)
    return {
        "version": product_version(),
        "position": head,
        "backlog": max(0, head - published),
        "queues": {name: _depth(service, name) for name in WORK_QUEUES},
        "projections": [
            {"name": one.name, "rows": one.rows, "lag": one.lag} for one in projections
        ],
        "webhooks": _webhooks(service),
        **_sealing(service),
    }


def _webhooks(service: Relaybook) -> dict[str, int]:
    """Return how many deliveries wait, and how many are parked until somebody replays them."""
    counts = service.webhooks.deliveries.counts()
    return {"pending": counts["pending"], "parked": counts["parked"]}


def _sealing(service: Relaybook) -> dict[str, Any]:
    found = service.log.proofs.status()
    head, refusal = found.head, found.refusal
    return {
        "checkpoint": head
        and {
            "size": head.size,
            "position": head.position,
            "signed_at": instant(head.signed_at),
        },
        "unsealed": found.behind,
        "sealing_refused": refusal
        and {
            "position": refusal.position,
            "reason": refusal.reason,
            "at": instant(refusal.at),
        },
    }


def _depth(service: Relaybook, queue: str) -> int | None:
    try:
        return service.bus.depth(queue)
    except BusError:
        return None
