"""What the steps of one attempt hand on to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.diagnosis.finding import conclude

if TYPE_CHECKING:
    from cryptography import x509

    from services.conn_tester.assignment import Assignment, Target
    from services.conn_tester.diagnosis.finding import Finding
    from services.conn_tester.dialogue import Dialogue
    from services.conn_tester.journal import Journal
    from services.conn_tester.limits import Limits
    from services.conn_tester.record import Record
    from services.conn_tester.tools import Tools
    from services.conn_tester.wire import Wire

MOST_CONNECTIONS: Final = 12


@dataclass(kw_only=True, slots=True)
class Probe:
    """One attempt; each step reads what the steps before it found and adds its own.

    `extensions` are those of the newest EHLO: keyword in capitals → parameters. `conclusion` stands
    as soon as there is one, though second looks may still add to it. `chain` is what the server has
    shown in the handshake.
    """

    assignment: Assignment
    tools: Tools
    limits: Limits
    record: Record
    journal: Journal
    addresses: tuple[str, ...] = ()
    address: str | None = None
    proxy_address: str | None = None
    wire: Wire | None = None
    dialogue: Dialogue | None = None
    banner: str | None = None
    ehlo_name: str = ""
    ehlo_said: bool = False
    extensions: dict[str, str] = field(default_factory=dict)
    tls: dict[str, Any] | None = None
    chain: tuple[x509.Certificate, ...] = ()
    signed_in_as: str | None = None
    connections: int = 0
    conclusion: Finding | None = None

    @property
    def target(self) -> Target:
        """The setting under test."""
        return self.assignment.target

    @property
    def talk(self) -> Dialogue:
        """The dialogue, which the steps after the connection have."""
        if self.dialogue is None:
            raise RuntimeError("no connection yet")
        return self.dialogue

    def count_connection(self) -> None:
        """Take one of the twelve connections; the thirteenth ends the attempt."""
        if self.connections >= MOST_CONNECTIONS:
            raise conclude("connect_timeout", addresses=list(self.addresses))
        self.connections += 1
