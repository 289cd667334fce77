"""Where a URL may lead: its name resolved once, every answer judged, what was judged is dialled."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, field
from typing import Final

from events.reach import ReachPolicy

_LIMIT_S: Final = 5.0
_AT_ONCE: Final = 8
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


class NotAllowed(Exception):
    """The deployment's policy does not let the service connect there; no packet was sent."""


class NoAddress(Exception):
    """The name has no address, or nobody said so in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judge:
    """Resolves and judges; `policy` is one whose open port is that of https.

    The system's resolver has no limit of its own: it runs on threads that are left to themselves
    when it takes longer.
    """

    policy: ReachPolicy
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="resolve")
    )

    def addresses(self, scheme: str, host: str, port: int | None) -> tuple[str, ...]:
        """Return the addresses of a host that may be dialled, in the resolver's order.

        Raises NotAllowed where one of them may not be reached, and for plain http to a place that
        the deployment does not list; NoAddress.
        """
        at = port or _DEFAULT_PORTS.get(scheme, 0)
        found = self._resolved(host, at)
        encrypted = scheme == "https"
        for address in found:
            if not self.policy.permits(address, at):
                raise NotAllowed(host)
            if not encrypted and not self.policy.lists(address, at):
                raise NotAllowed(host)
        return found

    def _resolved(self, host: str, port: int) -> tuple[str, ...]:
        asked = self._threads.submit(
            socket.getaddrinfo, host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
        try:
            answers = asked.result(_LIMIT_S)
        except TookTooLong:
            asked.cancel()
            raise NoAddress(f"no name server answered for {host}") from None
        except (OSError, UnicodeError):
            raise NoAddress(f"{host} has no address") from None
        # A zone at the end of a link-local address says nothing of where it leads.
        return tuple(dict.fromkeys(str(where[0]).partition("%")[0] for *_, where in answers))
