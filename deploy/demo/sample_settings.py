"""The demo's settings: one that works, and three with one mistake each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from deploy.demo.arrangement import HOST

if TYPE_CHECKING:
    from deploy.demo.arrangement import Arrangement

#: A file of the platform whose settings newcomers bring, to try an import with.
SAMPLE_FILE: Final = Path(__file__).parent / "javamail-config.xml"
_REPLY_MS: Final = 10_000


def documents(demo: Arrangement) -> list[dict[str, Any]]:
    """Return the settings as `POST /v1/smtp-settings` takes them."""
    good = {
        "id": "demo",
        "host": HOST,
        "port": demo.ports.starttls,
        "security": "starttls",
        "ca_pem": demo.ca_pem,
        "auth": {"method": "password", "user": demo.user, "password": demo.password},
        "x_mailer": "Relaybook demo",
        "connection_timeout_ms": _REPLY_MS,
        "timeout_ms": _REPLY_MS,
    }
    wrong_auth = {"method": "password", "user": demo.user, "password": "not-" + demo.password}
    return [
        good,
        good | {"id": "demo-wrong-password", "auth": wrong_auth},
        good | {"id": "demo-wrong-port", "port": demo.ports.closed},
        good | {"id": "demo-wrong-security", "security": "implicit_tls"},
    ]
