"""Which hosts a request may name: its own. Any other is a name that somebody points here.

A page of another site whose name is made to lead to this address (DNS rebinding) speaks to it as
to its own site; the name is the one thing that it cannot change.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from services.config_api.settings import Settings

EXTENSION = "relaybook-hosts"
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?")
#: Ends of names that nobody can register: RFC 6762, ICANN's private use, Kubernetes.
_PRIVATE = (".local", ".internal", ".svc")


@dataclass(frozen=True, kw_only=True, slots=True)
class Hosts:
    """The names of a service; `wide` where it listens beyond loopback.

    Then it is also called by addresses, which no rebinding has, and by names of the inside.
    """

    own: frozenset[str]
    wide: bool

    def include(self, header: str) -> bool:
        """Tell whether a `Host` names this service; its port may be a forwarded one."""
        found = _HOST.fullmatch(header)
        if found is None:
            return False
        name = (found[1] or found[2]).lower().removesuffix(".")
        if name in self.own or name.endswith(".localhost"):
            return True
        address = _address(name)
        if address is not None:
            return address.is_loopback or self.wide
        return self.wide and ("." not in name or name.endswith(_PRIVATE))


def hosts_of(settings: Settings) -> Hosts:
    """Return the names of the service that has these settings."""
    bind = settings.bind.host.lower()
    public = urlsplit(settings.public_url or "").hostname
    address = _address(bind)
    is_local = bind == "localhost" or (address is not None and address.is_loopback)
    return Hosts(own=frozenset({"localhost", bind, public or bind}), wide=not is_local)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
