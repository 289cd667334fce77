"""How long each part of an attempt may take, so that its cause shows before the deadline does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.conn_tester.assignment import Assignment

_DNS_S = 10.0
_LOOK_S = 5.0
_SHORTEST_LOOK_S = 1.0
_PATIENCE_S = 2.0
_FAREWELL_S = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Seconds for a look-up, a connection, a reply, a second look, before it, and for the end.

    What ends a dialogue that has shown what was asked for shall not cost the verdict.
    """

    dns_s: float
    connect_s: float
    read_s: float
    look_s: float
    patience_s: float
    farewell_s: float

    @classmethod
    def of(cls, assignment: Assignment) -> Limits:
        """Take the setting's limits, none above half of the deadline."""
        half = assignment.deadline_s / 2
        read_s = min(assignment.target.read_limit_s or half, half)
        return cls(
            dns_s=min(_DNS_S, half),
            connect_s=min(assignment.target.connect_limit_s or half, half),
            read_s=read_s,
            look_s=min(_LOOK_S, half / 2, max(_SHORTEST_LOOK_S, read_s)),
            patience_s=min(_PATIENCE_S, read_s / 2),
            farewell_s=min(_FAREWELL_S, read_s, half / 4),
        )


def in_ms(seconds: float) -> int:
    """Return seconds as whole milliseconds."""
    return round(seconds * 1000)
