"""What the domain's own DNS says: SRV (RFC 6186, RFC 8314), MX, and the provider behind it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from events.detection import Evidence
from services.conn_tester.detect.candidates import Candidate, Source, is_name, is_port
from services.conn_tester.detect.providers import provider_of
from services.conn_tester.names import LookupFailed, NoSuchName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.smtp_setting import Security
    from services.conn_tester.names import Names

_SERVICES: Final[tuple[tuple[str, Security], ...]] = (
    ("_submissions._tcp", "implicit_tls"),
    ("_submission._tcp", "starttls"),
)
_MOST_OF_A_SERVICE: Final = 4
_MOST_EXCHANGERS: Final = 10
_ROOT: Final = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What was found in DNS; `withheld` are the securities whose service is not offered.

    `exchangers` are in the order of their preference. `exists` is False where the domain is not
    there.
    """

    candidates: tuple[Candidate, ...] = ()
    exchangers: tuple[str, ...] = ()
    notes: tuple[Evidence, ...] = ()
    withheld: frozenset[Security] = frozenset()
    exists: bool = True


async def ask_dns(domain: str, names: Names, *, limit_s: float) -> Told:
    """Return what the domain's records tell; never raises for what a name server does."""
    wanted = [(domain, "MX"), *((f"{service}.{domain}", "SRV") for service, _ in _SERVICES)]
    found = await asyncio.gather(
        *(names.records(name, kind, limit_s=limit_s) for name, kind in wanted),
        return_exceptions=True,
    )
    for outcome in found:
        if isinstance(outcome, BaseException) and not isinstance(outcome, LookupFailed):
            raise outcome
    about_domain = {"domain": domain}
    if isinstance(found[0], NoSuchName):
        return Told(notes=(Evidence(code="domain_not_found", facts=about_domain),), exists=False)
    notes = []
    if any(isinstance(one, LookupFailed) and not isinstance(one, NoSuchName) for one in found):
        notes.append(Evidence(code="name_servers_failed", facts=about_domain))
    mx, *services = [[] if isinstance(one, BaseException) else one for one in found]
    exchangers, null = _exchangers(mx)
    if null:
        notes.append(Evidence(code="null_mx", facts=about_domain))
    candidates, withheld = _of_services(domain, services, notes)
    return Told(
        candidates=(*candidates, *_of_provider(exchangers)),
        exchangers=exchangers,
        notes=tuple(notes),
        withheld=withheld,
    )


def _of_services(
    domain: str, services: Sequence[list[Any]], notes: list[Evidence]
) -> tuple[list[Candidate], frozenset[Security]]:
    candidates: list[Candidate] = []
    withheld: set[Security] = set()
    for (service, security), records in zip(_SERVICES, services, strict=True):
        name = f"{service}.{domain}"
        if records and all(_text(record.target) == _ROOT for record in records):
            withheld.add(security)
            notes.append(Evidence(code="service_not_offered", facts={"name": name}))
        candidates += _of_records(name, security, records)
    return candidates, frozenset(withheld)


def _of_records(name: str, security: Security, records: list[Any]) -> list[Candidate]:
    usable = [
        record for record in records if is_name(_text(record.target)) and is_port(record.port)
    ]
    usable.sort(key=lambda record: (record.priority, -record.weight))
    return [
        Candidate(
            host=_text(record.target),
            port=record.port,
            security=security,
            source=Source.SRV,
            evidence=Evidence(
                code="srv_record",
                facts={"name": name, "priority": record.priority, "weight": record.weight},
            ),
            priority=record.priority,
            weight=record.weight,
        )
        for record in usable[:_MOST_OF_A_SERVICE]
    ]


def _exchangers(records: list[Any]) -> tuple[tuple[str, ...], bool]:
    """Return the exchangers, and whether the domain takes in no mail at all (RFC 7505)."""
    records = sorted(records, key=lambda record: record.preference)
    hosts = [_text(record.exchange) for record in records]
    return tuple(filter(is_name, hosts))[:_MOST_EXCHANGERS], hosts == [_ROOT]


def _of_provider(exchangers: tuple[str, ...]) -> list[Candidate]:
    known = provider_of(exchangers)
    if known is None:
        return []
    provider, exchanger = known
    facts = {"provider": provider.name, "exchanger": exchanger}
    return [
        Candidate(
            host=provider.host,
            port=port,
            security=security,
            source=Source.PROVIDER,
            evidence=Evidence(code="provider_of_mx", facts=facts),
        )
        for port, security in provider.ways
    ]


def _text(name: Any) -> str:  # noqa: ANN401 -- dnspython's name
    text: str = name.to_text(omit_final_dot=True).lower()
    return text if text != "." else _ROOT
