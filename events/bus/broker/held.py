"""What a consumer holds: a message of kombu and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from events.bus.wire import Received


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A kombu message that is to be settled, as it was received."""

    raw: Any
    received: Received


def hold(raw: Any) -> Held:  # noqa: ANN401 -- kombu has no types
    """Return what a kombu message says.

    `x-delivery-count` is how often it was delivered before (quorum queues, embedded broker).
    """
    body = raw.body.encode("utf-8") if isinstance(raw.body, str) else bytes(raw.body or b"")
    earlier = raw.headers.get("x-delivery-count", 0)
    return Held(
        raw=raw,
        received=Received(
            routing_key=raw.delivery_info.get("routing_key") or "",
            message_id=str(raw.properties.get("message_id") or ""),
            headers=raw.headers,
            content_type=raw.content_type or "",
            body=body,
            deliveries=1 + (earlier if isinstance(earlier, int) else 0),
            redelivered=bool(raw.delivery_info.get("redelivered")),
        ),
    )
