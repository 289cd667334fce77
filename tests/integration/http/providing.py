"""An OAuth provider over HTTP: what is sent, and what is looked at."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import select

from services.config_api.vault.tables import sealed_secrets
from tests.integration.http.asking import Asker, Service
from tests.support.authorization_server import Provider

PATH = "/v1/oauth-providers"
HOST = "smtp.acme.example"
SETTING = {
    "id": "acme",
    "host": HOST,
    "auth": {"method": "access_token", "user": "mailer", "provider_id": "idp"},
}
CREDENTIALS = "/v1/smtp-settings/acme/credentials"


def document(provider: Provider, **changes: Any) -> dict[str, Any]:
    fields = {
        "id": "idp",
        "grant": "client_credentials",
        "token_url": provider.token_url,
        "authorize_url": f"{provider.url}/authorize",
        "client_id": "relaybook",
        "client_secret": "s3cret-one",
        "scopes": ["smtp"],
        "mail_hosts": [HOST],
    }
    return fields | changes


def registered(admin: Asker, provider: Provider, **changes: Any) -> dict[str, Any]:
    answer = admin("POST", PATH, document(provider, **changes))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    return body


def with_setting(operator: Asker, **changes: Any) -> None:
    assert operator("POST", "/v1/smtp-settings", SETTING | changes).status_code == 201


def state(operator: Asker) -> dict[str, Any]:
    answer = operator("GET", f"{PATH}/idp?expand=token_state")
    assert "ETag" not in answer.headers
    told: dict[str, Any] = answer.get_json()["token_state"]
    return told


def sealed(service: Service, prefix: str) -> list[str]:
    wanted = select(sealed_secrets.c.id).where(sealed_secrets.c.id.startswith(prefix))
    with service.relaybook.read_engine.connect() as connection:
        return list(connection.execute(wanted).scalars())


def events(service: Service) -> list[Any]:
    return list(service.relaybook.store.read_all(after=0, limit=500).events)


def consented(admin: Asker) -> str:
    """Begin a consent, give it at the provider, and return where that sends the browser back to."""
    begun = admin("POST", f"{PATH}/idp/authorize")
    assert begun.headers["Cache-Control"] == "no-store"
    location = httpx.get(begun.get_json()["url"], trust_env=False).headers["Location"]
    parts = urlsplit(location)
    assert parts.path == "/oauth/callback"
    return f"{parts.path}?{parts.query}"
