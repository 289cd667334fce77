"""Plants secrets by webhooks: given, made, taken in place of another, refused; then signs."""

from __future__ import annotations

import secrets
from base64 import b64encode
from typing import TYPE_CHECKING, Final

from tests.integration.security.doors import ANY, told
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from tests.integration.security.swept_house import House

WEBHOOKS: Final = "/v1/webhooks"


def through_webhooks(house: House) -> None:
    """Register webhooks, renew a secret, and let a message be signed by both and sent."""
    given = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    house.canaries.add("webhook secret, given", given.encode())
    wrong = house.canaries.new("webhook secret, refused")
    fields = {"url": f"{house.tokens.url}/in", "types": ["smtp_setting.*"]}
    with house.client() as client:
        told(client.post(WEBHOOKS, json=fields | {"secret": wrong}), 422)
        first = told(client.post(WEBHOOKS, json=fields | {"id": "given", "secret": given}), 201)
        assert first.json()["secret"] == given
        made = told(client.post(WEBHOOKS, json=fields | {"id": "made"}), 201).json()["secret"]
        house.canaries.add("webhook secret, made", made.encode())
        path = f"{WEBHOOKS}/given"
        renewed = told(client.put(path, json=fields | {"secret": None}, headers=ANY), 200).json()
        house.canaries.add("webhook secret, renewed", renewed["secret"].encode())
        told(client.post(f"{path}/ping"), 202)
        delivered = f"{path}/deliveries?state=delivered"
        wait_until(
            lambda: bool(told(client.get(delivered), 200).json()["items"]),
            seconds=60.0,
            what="a message arrived",
        )
