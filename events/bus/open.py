"""Finds the bus that a URL means."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from events.bus.embedded.bus import SCHEME, embedded_bus
from events.bus.rabbitmq import rabbitmq_bus

if TYPE_CHECKING:
    from events.bus.port import Bus


def open_bus(url: str) -> Bus:
    """Return the bus at `amqp://`, `amqps://` or `relaybook+sqlite:////path/of/bus.db`.

    Nothing is connected yet. Raises ValueError for another scheme.
    """
    scheme = urlsplit(url).scheme
    if scheme in {"amqp", "amqps"}:
        return rabbitmq_bus(url)
    if scheme == SCHEME:
        return embedded_bus(url)
    raise ValueError(f"a broker is addressed by amqp://, amqps:// or {SCHEME}://, not {scheme}://")
