"""A name server on loopback with the answers of a test."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import Iterator

Zone = Mapping[tuple[str, str], Sequence[str] | dns.rcode.Rcode | None]


@contextmanager
def running_name_server(zone: Zone, *, truncated: bool = False) -> Iterator[tuple[str, int]]:
    """Answer (name, type) → records, a return code or (None) nothing; unknown names do not exist.

    With `truncated` all answers are cut off, and nobody is there for TCP.

    A name with any entry exists, so that its other types are empty. Yields (address, port).
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.1)
        address = sock.getsockname()
        thread = Thread(target=_serve, args=(sock, zone, truncated), daemon=True)
        thread.start()
        yield address
    thread.join(timeout=5)


def _serve(sock: socket.socket, zone: Zone, truncated: bool) -> None:
    while True:
        try:
            data, client = sock.recvfrom(4096)
            query = dns.message.from_wire(data)
            if _is_mute(query, zone):
                continue
            response = _answered(query, zone)
            response.flags |= dns.flags.TC if truncated else 0
            sock.sendto(response.to_wire(), client)
        except TimeoutError:
            continue
        except OSError:
            return


def _is_mute(query: dns.message.Message, zone: Zone) -> bool:
    question = query.question[0]
    asked = (question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype))
    return asked in zone and zone[asked] is None


def _answered(query: dns.message.Message, zone: Zone) -> dns.message.Message:
    response = dns.message.make_response(query)
    response.flags |= dns.flags.RA
    name = query.question[0].name.to_text(omit_final_dot=True)
    kind = dns.rdatatype.to_text(query.question[0].rdtype)
    for _ in range(8):
        records = zone.get((name, kind), zone.get((name, "CNAME")))
        if isinstance(records, dns.rcode.Rcode):
            response.set_rcode(records)
            return response
        if records is None:
            exists = any(known == name for known, _ in zone)
            response.set_rcode(dns.rcode.NOERROR if exists else dns.rcode.NXDOMAIN)
            return response
        found = kind if (name, kind) in zone else "CNAME"
        response.answer.append(dns.rrset.from_text(name + ".", 60, "IN", found, *records))
        if found == kind:
            return response
        name = records[0].rstrip(".")
    return response
