"""Plants secrets by OAuth providers, which issue others, and repeat what they were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.integration.security.canaries import USER
from tests.integration.security.doors import ANY, SETTINGS, setting, tested, told

if TYPE_CHECKING:
    import httpx

    from tests.integration.security.swept_house import House

PROVIDERS: Final = "/v1/oauth-providers"
_READ_ONLY: Final = ("token_state", "version", "created_at", "updated_at", "updated_by")


def through_providers(house: House) -> None:
    """Register providers with each kind of secret; use them while they refuse, and issue."""
    new = house.canaries.new
    providers = _providers(house)
    with house.client() as client:
        for name, fields in providers.items():
            told(client.post(PROVIDERS, json=fields), 201)
            auth = {"method": "access_token", "user": USER, "provider_id": name}
            mail = setting(house.welcoming.port, None, id=name, auth=auth)
            told(client.post(SETTINGS, json=mail), 201)
        wrong = {
            "private_key": new("no key: secret"),
            "client_secret": [new("provider's list: secret")],
        }
        told(client.post(PROVIDERS, json=providers["by-key"] | wrong | {"id": "wrong"}), 422)
        for refuses in (True, False):
            house.tokens.refuses = refuses
            ended = tested(client, *({"setting_id": name} for name in providers))
            assert [one["step"] == "token" for one in ended] == [refuses] * len(providers)
            for name in providers:
                _touch(client, name)


def _providers(house: House) -> dict[str, dict[str, Any]]:
    new = house.canaries.new
    pem = _private_key()
    house.canaries.add("OAuth private key", pem.splitlines()[9].encode())
    fields: dict[str, dict[str, Any]] = {
        "by-secret": {
            "grant": "client_credentials",
            "client_secret": new("OAuth client secret", kind="jagged"),
        },
        "by-grant": {
            "grant": "refresh_token",
            "client_secret": new("OAuth second secret", kind="jagged"),
            "refresh_token": new("OAuth refresh token", kind="visible"),
        },
        "by-key": {"grant": "jwt_bearer", "private_key": pem, "audience": house.tokens.url},
    }
    same = {"token_url": house.tokens.url, "client_id": "relaybook", "mail_hosts": ["127.0.0.1"]}
    return {name: {"id": name, **same, **own} for name, own in fields.items()}


def _private_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _touch(client: httpx.Client, name: str) -> None:
    """Change a provider, so that no refusal of a moment ago answers in its place."""
    shown = told(client.get(f"{PROVIDERS}/{name}?expand=token_state"), 200).json()
    fields = {one: value for one, value in shown.items() if one not in _READ_ONLY}
    changed = fields | {"name": f"not {shown['name']}"}
    told(client.put(f"{PROVIDERS}/{name}", json=changed, headers=ANY), 200)
