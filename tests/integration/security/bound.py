"""A service with one tenant a move, and what must hold after each path was tried."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.config_api.formats.port import WrittenSetting
from services.config_api.formats.registry import FORMATS
from tests.integration.security.moves import values_of, with_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.test import TestResponse

    from tests.integration.http.asking import Asker, Service
    from tests.integration.security.moves import Move

OLD = "canary-of-the-old-destination"
NEW = "canary-of-the-new-destination"
SETTINGS = "/v1/smtp-settings"
TESTS = "/v1/connection-tests"
ANY_VERSION = {"If-Match": "*"}
#: What of a setting tells where its secret goes.
_WHERE = ("host", "port", "security", "tls_protocols", "ca_pem", "auth", "session_properties")


@dataclass(frozen=True)
class Bound:
    """Who writes, who sends and who tests; `moves` by tenant, registered with the secrets OLD."""

    service: Service
    moves: Mapping[str, Move]
    operator: Asker
    sender: Asker
    tester: Asker

    def put(self, tenant: str, fields: dict[str, Any]) -> TestResponse:
        return self.operator("PUT", f"{SETTINGS}/{tenant}", fields, headers=ANY_VERSION)

    def patch(self, tenant: str, fields: dict[str, Any]) -> TestResponse:
        return self.operator("PATCH", f"{SETTINGS}/{tenant}", fields, headers=ANY_VERSION)

    def register(self, tenant: str, fields: dict[str, Any]) -> TestResponse:
        return self.operator("POST", SETTINGS, fields | {"id": tenant})

    def delete(self, tenant: str) -> None:
        answer = self.operator("DELETE", f"{SETTINGS}/{tenant}", headers=ANY_VERSION)
        assert answer.status_code == 204

    def restore(self, tenant: str, version: int) -> TestResponse:
        path = f"{SETTINGS}/{tenant}/restore"
        return self.operator("POST", path, {"version": version}, headers=ANY_VERSION)

    def test(self, asked: dict[str, Any]) -> TestResponse:
        return self.operator("POST", TESTS, asked)

    def claim(self, test_id: str) -> dict[str, Any]:
        answer = self.tester("POST", f"{TESTS}/{test_id}/claim", {"attempt": 1})
        assert answer.status_code == 200
        claimed: dict[str, Any] = answer.get_json()
        return claimed

    def file(self, mode: str, name: str) -> dict[str, str]:
        """Import every setting as it is after its move, without a secret: action by tenant."""
        written = (
            WrittenSetting(setting_id=tenant, values=values_of(move.after))
            for tenant, move in self.moves.items()
        )
        answer = self.operator(
            "POST",
            f"/v1/imports?mode={mode}&format={name}",
            data=b"".join(FORMATS[name].write(written)),
            content_type=FORMATS[name].content_type,
        )
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return {item["id"]: item["action"] for item in answer.get_json()["items"]}

    def told(self, tenant: str) -> dict[str, Any]:
        told: dict[str, Any] = self.operator("GET", f"{SETTINGS}/{tenant}").get_json()
        return told

    def where(self, tenant: str) -> dict[str, Any]:
        return where(self.told(tenant))

    def credentials(self, tenant: str) -> TestResponse:
        return self.sender("GET", f"{SETTINGS}/{tenant}/credentials")


def a_bound(service: Service, moves: Mapping[str, Move]) -> Bound:
    """Register the tenants of these moves."""
    bound = Bound(
        service,
        moves,
        service.asker("operator"),
        service.asker("credentials"),
        service.asker("tester"),
    )
    items = [{"id": tenant, **with_secrets(one.before, OLD)} for tenant, one in moves.items()]
    answer = bound.operator("POST", "/v1/imports?mode=new", {"relaybook": 1, "settings": items})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return bound


def where(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an answered setting tells where its secret goes."""
    return {name: document[name] for name in _WHERE}


def secrets_in(document: object) -> set[str]:
    """Return which of the two canaries a document holds."""
    text = json.dumps(document)
    return {one for one in (OLD, NEW) if one in text}


def is_refused(answer: TestResponse) -> bool:
    """Tell whether an answer asks for the secret, and gives none away."""
    body = answer.get_json()
    asks = (answer.status_code, body.get("type")) == (422, "urn:relaybook:problem:secret-required")
    return asks and bool(body["errors"]) and not secrets_in(body)
