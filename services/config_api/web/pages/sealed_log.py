"""The sealed log: how far it is sealed, with which key, and the bundle that is verified offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template

from services.config_api.http.auth import current_caller
from services.config_api.http.current import relaybook
from services.config_api.http.guard import requires
from services.config_api.read_model.documents import instant
from services.config_api.web.pages.frame import blueprint

if TYPE_CHECKING:
    from events.store.sealed_log import Refusal, SealedHead


@blueprint.get("/log")
@requires("auditor")
def sealed_log() -> str:
    """Show the newest checkpoint, how far it is behind, and how a bundle is verified."""
    service = relaybook()
    found = service.log.proofs.status()
    tenants = current_caller().principal.tenants
    return render_template(
        "sealed_log.html",
        head=_head(found.head) if found.head else None,
        behind=found.behind,
        refusal=_refusal(found.refusal) if found.refusal else None,
        keys=[key.verifier.text for key in service.log.keys.all()],
        tenants=None if tenants is None else sorted(tenants),
    )


def _head(head: SealedHead) -> dict[str, Any]:
    return {
        "size": head.size,
        "position": head.position,
        "root": head.root.hex(),
        "signed_at": instant(head.signed_at),
        "note": head.note,
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {"position": refusal.position, "reason": refusal.reason, "at": instant(refusal.at)}
