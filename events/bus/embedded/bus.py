"""The embedded bus by its URL, `relaybook+sqlite:////path/of/bus.db`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlsplit

from kombu.transport import TRANSPORT_ALIASES

from events.bus.broker.broker import TROUBLE, Broker, Pace
from events.bus.broker.bus import KombuBus
from events.bus.embedded.sqlite import sqlite3

if TYPE_CHECKING:
    from pathlib import Path

    from events.bus.broker.wake import Wake

SCHEME: Final = "relaybook+sqlite"
_ALIAS: Final = "relaybook"

#: How long what a killed consumer held stays with it.
LEASE_SECONDS: Final = 15.0


def embedded_url(path: Path) -> str:
    """Return the URL of the bus in a file."""
    return f"{SCHEME}:///{quote(str(path.absolute()))}"


def embedded_bus(
    url: str, *, pace: Pace | None = None, lease_seconds: float = LEASE_SECONDS
) -> KombuBus:
    """Return the bus in a file of this machine; its directory must exist.

    What a consumer holds comes back `lease_seconds` after it was last alive.
    """
    TRANSPORT_ALIASES[_ALIAS] = "events.bus.embedded.transport:Transport"
    return KombuBus(
        Broker(
            system="relaybook",
            url=f"{SCHEME}://",  # the path may hold what kombu's URLs may not
            wait=_wait,
            trouble=(*TROUBLE, sqlite3.Error),
            options={"path": path_of(url), "lease_seconds": lease_seconds},
            pace=pace or Pace(),
        )
    )


def path_of(url: str) -> str:
    """Return the file's path in a URL of the embedded bus; raises ValueError for another URL."""
    parts = urlsplit(url)
    if parts.scheme != SCHEME or parts.netloc or len(parts.path) < len("/x"):
        raise ValueError(f"the embedded bus is addressed as {SCHEME}:////path/of/bus.db")
    return unquote(parts.path[1:])


def _wait(connection: Any, wake: Wake, seconds: float) -> None:  # noqa: ANN401 -- no types
    connection.transport.wait(wake, seconds)
