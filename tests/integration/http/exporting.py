"""Exports over HTTP, and what they leave in the log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from events.catalogue import decode

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.integration.http.asking import Asker, Service

EXPORTS = "/v1/exports"
SETTINGS = "/v1/smtp-settings"
PASSPHRASE = "correct horse battery"
PASSWORD = "swordfish"


def register_two(operator: Asker) -> None:
    """Register acme and globex, each with a password."""
    for name in ("globex", "acme"):
        auth = {"method": "password", "user": f"mailer@{name}.example", "password": PASSWORD}
        document = {"id": name, "host": f"smtp.{name}.example", "auth": auth}
        assert operator("POST", SETTINGS, document).status_code == 201


def export(asker: Asker, **more: Any) -> TestResponse:
    return asker("POST", EXPORTS, {"format": "json", **more})


def sealed(asker: Asker, **more: Any) -> TestResponse:
    return export(asker, **{"secrets": "sealed", "passphrase": PASSPHRASE, **more})


def ids(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [setting["id"] for setting in json.loads(answer.get_data())["settings"]]


def facts(service: Service, kind: type) -> list[Any]:
    page = service.relaybook.store.read_all(after=0, limit=500)
    return [fact for event in page.events if isinstance(fact := decode(event), kind)]
