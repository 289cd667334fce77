"""One attempt of a detection: what is announced first, then the usual names; always a result."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from events.detection import DetectionResult, Evidence
from services.conn_tester.detect.autoconfig import ask_autoconfig
from services.conn_tester.detect.candidates import Candidate, Source
from services.conn_tester.detect.dialling import judged_addresses
from services.conn_tester.detect.fetch import HTTPS
from services.conn_tester.detect.looking import Seen, Standing, look
from services.conn_tester.detect.ranking import Looked, proposals
from services.conn_tester.detect.records import ask_dns
from services.conn_tester.limits import in_ms
from services.conn_tester.names import LookupFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from events.smtp_setting import Security
    from services.conn_tester.detect.order import Order
    from services.conn_tester.detect.records import Told
    from services.conn_tester.tools import Tools

MOST_CONNECTIONS: Final = 12
_DNS_S: Final = 5.0
_WEB_S: Final = 5.0
_LOOK_S: Final = 8.0
_SHARE: Final = 4
_USUAL_NAMES: Final = ("smtp", "mail", "submission")
_MOST_EXCHANGERS: Final = 2
_ENOUGH: Final = Standing.WITHOUT_SIGN_IN


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Where servers are looked for that nobody announces, in this order, and where https is."""

    usual: tuple[tuple[int, Security], ...] = (
        (465, "implicit_tls"),
        (587, "starttls"),
        (2525, "starttls"),
        (25, "starttls"),
    )
    of_exchangers: tuple[tuple[int, Security], ...] = ((465, "implicit_tls"), (587, "starttls"))
    https: int = HTTPS


USUAL_PORTS: Final = Ports()


async def search(order: Order, tools: Tools, *, ports: Ports = USUAL_PORTS) -> DetectionResult:
    """Return what speaks for which server, within the order's deadline."""
    hunt = _Hunt(order, tools, ports)
    try:
        async with asyncio.timeout(order.deadline_s):
            await hunt.run()
    except TimeoutError:
        limit = {"limit_ms": in_ms(order.deadline_s)}
        hunt.notes.append(Evidence(code="deadline_exceeded", facts=limit))
    return DetectionResult(proposals=proposals(hunt.looked), notes=tuple(hunt.notes))


@dataclass(slots=True)
class _Hunt:
    """What one attempt has found so far; `connections` are left to be made."""

    order: Order
    tools: Tools
    ports: Ports
    looked: list[Looked] = field(default_factory=list)
    notes: list[Evidence] = field(default_factory=list)
    connections: int = MOST_CONNECTIONS

    async def run(self) -> None:
        domain = self.order.domain
        told = await ask_dns(domain, self.tools.names, limit_s=self._limit(_DNS_S))
        self.notes += told.notes
        if not told.exists:
            return
        published = await ask_autoconfig(
            domain, self.tools, port=self.ports.https, limit_s=self._limit(_WEB_S)
        )
        await self._look_at([*told.candidates, *published])
        if not any(one.seen.standing <= _ENOUGH for one in self.looked):
            await self._look_at(self._guessed(told))

    def _limit(self, usual_s: float) -> float:
        return min(usual_s, self.order.deadline_s / _SHARE)

    def _guessed(self, told: Told) -> Iterator[Candidate]:
        """Yield servers that nobody announces: the best ports of all names come first."""
        names = [f"{name}.{self.order.domain}" for name in _USUAL_NAMES]
        exchangers = [one for one in told.exchangers[:_MOST_EXCHANGERS] if one not in names]
        for port, security in self.ports.usual:
            if security in told.withheld:
                continue
            for host in names:
                yield _guess(host, port, security, Evidence(code="usual_name"))
            if (port, security) in self.ports.of_exchangers:
                for host in exchangers:
                    named = Evidence(code="mail_exchanger", facts={"exchanger": host})
                    yield _guess(host, port, security, named)

    async def _look_at(self, candidates: Iterable[Candidate]) -> None:
        by_place: dict[tuple[str, int, bool], list[Candidate]] = {}
        for one in candidates:
            place = (one.host, one.port, one.security == "implicit_tls")
            by_place.setdefault(place, []).append(one)
        groups = list(by_place.values())
        found = await asyncio.gather(*(self._addresses(group[0]) for group in groups))
        looks = [
            self._look(group, addresses) for group, addresses in zip(groups, found, strict=True)
        ]
        await asyncio.gather(*looks)

    async def _addresses(self, candidate: Candidate) -> tuple[str, ...] | str:
        """Return the addresses to dial, or the code of why there is none."""
        limit_s = self._limit(_DNS_S)
        try:
            judged = await judged_addresses(
                candidate.host, candidate.port, self.tools.policy, self.tools, limit_s
            )
        except LookupFailed:
            return "name_without_address"
        return judged or "address_not_allowed"

    async def _look(self, group: list[Candidate], addresses: tuple[str, ...] | str) -> None:
        candidate = group[0]
        seen = _unseen(candidate, addresses) if isinstance(addresses, str) else None
        for address in () if isinstance(addresses, str) else addresses:
            if self.connections == 0:
                seen = seen or _unseen(candidate, "not_tried", limit=MOST_CONNECTIONS)
                break
            self.connections -= 1
            seen = await look(candidate, address, self.tools, limit_s=self._limit(_LOOK_S))
            if seen.standing < Standing.UNSEEN:
                break
        if seen is not None:
            self.looked.append(Looked(candidates=tuple(group), seen=seen))


def _guess(host: str, port: int, security: Security, evidence: Evidence) -> Candidate:
    source = Source.USUAL_NAME if evidence.code == "usual_name" else Source.EXCHANGER
    return Candidate(host=host, port=port, security=security, source=source, evidence=evidence)


def _unseen(candidate: Candidate, code: str, **facts: object) -> Seen:
    return Seen(
        standing=Standing.UNSEEN,
        security=candidate.security,
        evidence=(Evidence(code=code, facts=facts),),
    )
