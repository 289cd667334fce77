"""The sealed log over HTTP: its newest checkpoint, the proof of an event, the whole as a bundle."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Response

from events.sealing.tiles import MissingTile
from services.config_api.application.sealed_log.bundle import BundleRequest, NothingSealed
from services.config_api.application.sealed_log.packing import FOLDER, tar_pieces
from services.config_api.application.sealed_log.proofs import (
    NoSuchEvent,
    NotProvable,
    NotSealedYet,
)
from services.config_api.http import query
from services.config_api.http.auth import current_caller
from services.config_api.http.current import relaybook
from services.config_api.http.examples import CHECKPOINT, PROOF
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.operation import Good, Operation
from services.config_api.http.problems import Problem
from services.config_api.http.query import read_query, text
from services.config_api.http.resources import LOG
from services.config_api.http.schemas.parameters import MOST_POSITION
from services.config_api.http.streams import streamed

if TYPE_CHECKING:
    from services.config_api.http.query import Query

_TEXT = "text/plain"
_TAR = "application/x-tar"
_SENT = {_TEXT: f"{_TEXT}; charset=utf-8"}
_log = logging.getLogger(__name__)

_CHECKPOINT = Operation(
    method="GET",
    rule="/log/checkpoint",
    access=requires("auditor"),
    good=[
        Good(
            status=200,
            description="The newest signed head of the log (C2SP tlog-checkpoint).",
            schema="Checkpoint",
            media_type=_TEXT,
            example=CHECKPOINT,
        )
    ],
    problems=("not-found",),
)
_PROOF = Operation(
    method="GET",
    rule=f"/log/proof/<int(max={MOST_POSITION}):position>",
    access=requires("auditor"),
    good=[
        Good(
            status=200,
            description="The proof that the event is in the log (C2SP tlog-proof).",
            schema="Proof",
            media_type=_TEXT,
            example=PROOF,
        )
    ],
    problems=("not-found",),
)
_BUNDLE = Operation(
    method="GET",
    rule="/log/bundle",
    access=requires("auditor"),
    good=[
        Good(
            status=200,
            description=(
                "A tar archive that is verified offline: the whole tree, the caller's events, and"
                " the program that verifies them."
            ),
            schema="Bundle",
            media_type=_TAR,
            headers=("Content-Disposition",),
            example="relaybook-log/checkpoint\0…",
        )
    ],
    problems=("not-found",),
    query=(
        query.position("since", "Only leaves and events from about this position on."),
        text("tenant", "Only the events of this tenant, beside the whole tree."),
    ),
)


@LOG.serve(_CHECKPOINT)
def read_checkpoint() -> Response:
    """Read the newest checkpoint."""
    read_query(_CHECKPOINT.query)
    head = relaybook().log.log.newest()
    if head is None:
        raise Problem("not-found", "not_sealed")
    return Response(head.note, content_type=_SENT[_TEXT])


@LOG.serve(_PROOF)
def read_proof(position: int) -> Response:
    """Prove that an event is in the log."""
    read_query(_PROOF.query)
    try:
        proof = relaybook().log.proofs.proof(position, current_caller().principal.tenants)
    except NoSuchEvent as error:
        raise Problem("not-found", "no_event", facts={"position": position}) from error
    except NotSealedYet as error:
        raise Problem("not-found", "not_sealed") from error
    except (MissingTile, NotProvable) as error:
        _log.exception("an event cannot be proven")
        raise Problem("unavailable", "not_provable", facts={"position": position}) from error
    return Response(proof, content_type=_SENT[_TEXT])


@LOG.serve(_BUNDLE)
def read_bundle() -> Response:
    """Hand out the log as a bundle that an auditor verifies alone."""
    request = _request(read_query(_BUNDLE.query))
    at = relaybook().clock()
    try:
        files = relaybook().log.bundles.files(request)
    except NothingSealed as error:
        raise Problem("not-found", "not_sealed") from error
    response = streamed(tar_pieces(files, at), _TAR)
    name = f"{FOLDER}-{at:%Y%m%dT%H%M%SZ}.tar"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _request(asked: Query) -> BundleRequest:
    tenants, tenant = current_caller().principal.tenants, asked["tenant"]
    if tenant is not None:
        require_sight(tenant, Problem("not-found", "no_setting", facts={"id": tenant}))
        tenants = frozenset({tenant})
    return BundleRequest(tenants=tenants, since=asked["since"] or 0)
