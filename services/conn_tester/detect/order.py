"""What the API hands over when a detection is claimed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.conn_tester.assignment import MalformedClaim
from services.conn_tester.detect.candidates import is_name

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """The domain (lower-case A-labels) and how long the search may take."""

    domain: str
    deadline_s: float


def read_order(answer: Mapping[str, Any], *, most_s: float) -> Order:
    """Return the order in a claim's answer, within `most_s` seconds; raises MalformedClaim."""
    domain, deadline_ms = answer.get("domain"), answer.get("deadline_ms")
    if not isinstance(domain, str) or not is_name(domain):
        raise MalformedClaim("domain is no domain")
    if not isinstance(deadline_ms, int) or deadline_ms <= 0:
        raise MalformedClaim("deadline_ms is no number of milliseconds")
    return Order(domain=domain, deadline_s=min(deadline_ms / 1000, most_s))
