"""Which of the servers that were looked at are proposed, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from events.detection import Proposal
from services.conn_tester.detect.looking import Seen, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.smtp_setting import Security
    from services.conn_tester.detect.candidates import Candidate

_MOST: Final = 12
_SECURITY_ORDER: Final[tuple[Security, ...]] = ("implicit_tls", "starttls", "none")  # RFC 8314
_PORT_ORDER: Final = (465, 587, 2525, 25)


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """A server that was looked at once, for all who name it."""

    candidates: tuple[Candidate, ...]
    seen: Seen


def proposals(looked: Iterable[Looked]) -> tuple[Proposal, ...]:
    """Return the proposals: what works before what is flawed, what is announced before guesses.

    A guess that showed nothing is none. Among equals the order of the SRV records decides, then
    the security.
    """
    worth = [one for one in looked if _is_worth_it(one)]
    return tuple(_proposal(one) for one in sorted(worth, key=_rank)[:_MOST])


def _is_worth_it(one: Looked) -> bool:
    announced = any(candidate.announced for candidate in one.candidates)
    return announced or one.seen.standing < Standing.UNSEEN


def _rank(one: Looked) -> tuple[int, ...]:
    first = _first(one)
    port = _PORT_ORDER.index(first.port) if first.port in _PORT_ORDER else len(_PORT_ORDER)
    return (
        one.seen.standing,
        first.source,
        first.priority,
        _SECURITY_ORDER.index(one.seen.security),
        -first.weight,
        port,
    )


def _first(one: Looked) -> Candidate:
    return min(one.candidates, key=lambda candidate: (candidate.source, candidate.priority))


def _proposal(one: Looked) -> Proposal:
    named = sorted(one.candidates, key=lambda candidate: candidate.source)
    return Proposal(
        host=named[0].host,
        port=named[0].port,
        security=one.seen.security,
        evidence=(*(candidate.evidence for candidate in named), *one.seen.evidence),
    )
