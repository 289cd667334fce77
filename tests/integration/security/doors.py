"""What every door shares: settings to send, and answers that must be as meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.integration.security.canaries import USER
from tests.support.processes import wait_until

if TYPE_CHECKING:
    import httpx

SETTINGS: Final = "/v1/smtp-settings"
TESTS: Final = "/v1/connection-tests"
ANY: Final = {"If-Match": "*"}
PROPERTY: Final = "mail.smtp.proxy.password"
_PATIENCE_S: Final = 60.0


def setting(port: int, password: object, **fields: Any) -> dict[str, Any]:
    """Return a setting at a server on loopback that signs in with a password."""
    auth = {"method": "password", "user": USER, "password": password}
    place = {"host": "127.0.0.1", "port": port, "security": "none", "debug": True}
    return {**place, "auth": auth, **fields}


def told(answer: httpx.Response, status: int) -> httpx.Response:
    """Return an answer of this status; anything else is a door that did not open as meant."""
    assert answer.status_code == status, (str(answer.request.url), answer.text)
    return answer


def tested(client: httpx.Client, *asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask for tests and return them once they have ended."""
    ids = [told(client.post(TESTS, json=one), 202).json()["id"] for one in asked]

    def documents() -> list[dict[str, Any]]:
        return [told(client.get(f"{TESTS}/{one}"), 200).json() for one in ids]

    wait_until(
        lambda: all(one["state"] == "completed" for one in documents()),
        seconds=_PATIENCE_S,
        what="the tests have ended",
    )
    return documents()
