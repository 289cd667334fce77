"""Detections: ask which server a domain hands mail in at, read what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from services.config_api.http.bodies import JSON, json_fields
from services.config_api.http.commands import (
    carried_out,
    json_response,
    query_context,
    refuse_unknown_parameters,
)
from services.config_api.http.current import relaybook
from services.config_api.http.failures import no_detection
from services.config_api.http.guard import requires
from services.config_api.http.idempotency import Kind
from services.config_api.http.language import asked_language
from services.config_api.http.operation import Body, Good, Link, Operation
from services.config_api.http.query import read_query
from services.config_api.http.rates import within_rate
from services.config_api.http.resources import DETECTIONS
from services.config_api.http.schemas.requests import CLAIM, DETECTION_REQUEST
from services.config_api.read_model.detections import localized_detection

if TYPE_CHECKING:
    from services.config_api.application.context import Answer

PATH = "/v1/detections"
_RULE = "/detections/<detection_id>"
_ID = "9c1f7d1e-7c55-4f2b-8f0e-2f4b8f1c3d5a"
_EXAMPLE: dict[str, Any] = {
    "id": _ID,
    "domain": "acme.example",
    "state": "completed",
    "proposals": [
        {
            "host": "smtp.acme.example",
            "port": 465,
            "security": "implicit_tls",
            "evidence": [
                {
                    "code": "srv_record",
                    "title": "The domain names it in its SRV record _submissions._tcp.acme.example"
                    " (priority 0, weight 1).",
                }
            ],
        }
    ],
    "notes": [],
    "requested_by": "token:3f0c1f4e-1f2b-4d57-9f3e-0a1b2c3d4e5f",
    "requested_at": "2026-01-31T12:00:00Z",
    "finished_at": "2026-01-31T12:00:01Z",
    "attempts": 1,
}
_QUEUED = _EXAMPLE | {"state": "queued", "proposals": [], "finished_at": None, "attempts": 0}

_REQUEST = Operation(
    method="POST",
    rule="/detections",
    access=requires("operator"),
    good=[
        Good(
            status=202,
            description="The detection that will run.",
            schema="Detection",
            headers=("Location",),
            example=_QUEUED,
            links=(
                Link(
                    operation_id="read_detection",
                    parameters={"path.detection_id": "$response.body#/id"},
                ),
            ),
        )
    ],
    problems=("too-many-requests",),
    body=Body(media_types=(JSON,), schema="DetectionRequest", example={"domain": "acme.example"}),
)
_READ = Operation(
    method="GET",
    rule=_RULE,
    access=requires("operator"),
    good=[
        Good(
            status=200,
            description="The detection; its proposals, best first, once it is completed.",
            schema="Detection",
            example=_EXAMPLE,
        )
    ],
    problems=("not-found",),
)
_CLAIM = Operation(
    method="POST",
    rule=f"{_RULE}/claim",
    access=requires("tester"),
    good=[
        Good(
            status=200,
            description="What the tester needs. For the service's own tester only.",
            schema="ClaimedDetection",
            example={"id": _ID, "attempt": 1, "domain": "acme.example", "deadline_ms": 60000},
        )
    ],
    problems=("not-found", "in-use"),
    body=Body(media_types=(JSON,), schema="Claim", example={"attempt": 1}),
    kind=Kind(secret=True),
)


@DETECTIONS.serve(_REQUEST)
def request_detection() -> Response:
    """Look for the servers at which a domain's users hand mail in."""
    domain = json_fields(DETECTION_REQUEST)["domain"]
    within_rate(relaybook().settings.test_rate)
    return carried_out(lambda ctx: relaybook().detections.request(domain, ctx), _accepted)


@DETECTIONS.serve(_READ)
def read_detection(detection_id: str) -> Response:
    """Read one detection."""
    document = relaybook().read_model.detection(detection_id)
    if document is None:
        raise no_detection(detection_id)
    read_query(_READ.query)
    return json_response(_spoken(document))


@DETECTIONS.serve(_CLAIM)
def claim_detection(detection_id: str) -> Response:
    """Hand one attempt of a detection to the tester that asks."""
    if relaybook().read_model.detection(detection_id) is None:
        raise no_detection(detection_id)
    attempt = json_fields(CLAIM)["attempt"]
    refuse_unknown_parameters()
    return json_response(relaybook().detections.claim(detection_id, attempt, query_context()))


def _accepted(answer: Answer) -> Response:
    document = _spoken(answer.document or {})
    response = json_response(document, 202)
    response.headers["Location"] = f"{PATH}/{document['id']}"
    return response


def _spoken(document: dict[str, Any]) -> dict[str, Any]:
    return localized_detection(document, asked_language())
