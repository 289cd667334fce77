"""Which addresses may be reached by tests, OAuth, OpenID and webhooks.

The standard library's `is_global` is not used: it passes multicast and IPv6 forms of inner IPv4
addresses. The tables follow the IANA special-purpose registries and the cloud providers' own lists
of metadata addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SMTP_PORTS: Final = frozenset({25, 465, 587, 2525})
WEB_PORTS: Final = frozenset({443})
_LAST_PORT: Final = 65535

_REFUSED_IPV4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' own; 100.100.100.200 is Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's platform address
        "169.254.0.0/16",  # link-local; 169.254.169.254 is metadata nearly everywhere
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is Oracle's metadata
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_OPEN_IPV6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2000::/3",  # global unicast
        "64:ff9b::/96",  # NAT64 of IPv6-only networks; the embedded address decides
        "fc00::/7",  # unique local
    )
)
_REFUSED_IPV6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
        "fd00:ec2::/32",  # Amazon's instance services; fd00:ec2::254 is metadata
        "fd20:ce::/32",  # Google's metadata
    )
)
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_LOW_32_BITS: Final = tuple(
    IPv6Network(text)
    for text in (
        "::/96",  # IPv4-compatible
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",
        "64:ff9b:1::/48",
    )
)
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
_TEREDO: Final = IPv6Network("2001::/32")
_ISATAP: Final = (0x00005EFE, 0x02005EFE)
_WORD: Final = 0xFFFF_FFFF


class InvalidReach(ValueError):
    """Items of an allow or deny list that cannot be read; `items` holds all of them."""

    def __init__(self, items: tuple[str, ...]) -> None:
        super().__init__("not ADDR/LEN[:PORTS]: " + ", ".join(repr(item) for item in items))
        self.items = items


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A network and the ports in it."""

    network: Network
    ports: frozenset[int] | range

    def covers(self, address: Address, port: int) -> bool:
        """Tell whether an address and port lie in this rule."""
        return address in self.network and port in self.ports


@dataclass(frozen=True, kw_only=True, slots=True)
class ReachPolicy:
    """Deny rules win over allow rules, these over the tables; made by `parse`."""

    allow: tuple[Rule, ...]
    deny: tuple[Rule, ...]
    open_ports: frozenset[int]

    @classmethod
    def parse(
        cls, allow: str, deny: str, *, open_ports: frozenset[int] = SMTP_PORTS
    ) -> ReachPolicy:
        """Read comma lists of `ADDR/LEN[:PORTS]`, IPv6 in brackets, PORTS `*`, `P` or `P-P`.

        Without PORTS an allow item stands for `open_ports`, a deny item for every port. Beyond the
        lists, public and private unicast addresses may be reached on `open_ports`. Raises
        InvalidReach naming every item that cannot be read.
        """
        wrong: list[str] = []
        policy = cls(
            allow=_rules(allow, without_ports=open_ports, wrong=wrong),
            deny=_rules(deny, without_ports=range(1, _LAST_PORT + 1), wrong=wrong),
            open_ports=open_ports,
        )
        if wrong:
            raise InvalidReach(tuple(wrong))
        return policy

    def permits(self, ip: str | Address, port: int) -> bool:
        """Tell whether an address, in its standard spelling, may be reached at a port.

        An IPv6 address that embeds an IPv4 address is permitted only if both are; one that only
        spells an IPv4 address (`::ffff:…`) is judged as that.
        """
        address = _standard(ip)
        if address is None:
            return False
        forms = (address, *_embedded(address))
        if any(rule.covers(form, port) for rule in self.deny for form in forms):
            return False
        return all(self._open(form, port) for form in forms)

    def lists(self, ip: str | Address, port: int) -> bool:
        """Tell whether the allow list names an address and port, whatever the tables say."""
        address = _standard(ip)
        return address is not None and self._listed(address, port)

    def _open(self, address: Address, port: int) -> bool:
        if self._listed(address, port):
            return True
        return port in self.open_ports and _is_unicast(address)

    def _listed(self, address: Address, port: int) -> bool:
        return any(rule.covers(address, port) for rule in self.allow)


def _rules(
    text: str, *, without_ports: frozenset[int] | range, wrong: list[str]
) -> tuple[Rule, ...]:
    rules = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        try:
            rules.append(_rule(item, without_ports))
        except ValueError:
            wrong.append(item)
    return tuple(rules)


def _rule(item: str, without_ports: frozenset[int] | range) -> Rule:
    if item.startswith("["):
        inside, bracket, rest = item[1:].partition("]")
        length, colon, ports = rest.partition(":")
        if not bracket:
            raise ValueError(item)
        network: Network = IPv6Network(inside + length)
    else:
        text, colon, ports = item.partition(":")
        network = IPv4Network(text)
    return Rule(network=network, ports=_ports(ports) if colon else without_ports)


def _ports(text: str) -> range:
    if text == "*":
        return range(1, _LAST_PORT + 1)
    first, dash, last = text.partition("-")
    low, high = _port(first), _port(last if dash else first)
    if low > high:
        raise ValueError(text)
    return range(low, high + 1)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _LAST_PORT):
        raise ValueError(text)
    return int(text)


def _standard(ip: str | Address) -> Address | None:
    try:
        address = ip_address(ip) if isinstance(ip, str) else ip
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address in _MAPPED:
        return IPv4Address(int(address) & _WORD)
    return address


def _embedded(address: Address) -> tuple[IPv4Address, ...]:
    if isinstance(address, IPv4Address):
        return ()
    number = int(address)
    if address in _TEREDO:
        return IPv4Address(number >> 64 & _WORD), IPv4Address(~number & _WORD)
    if address in _SIX_TO_FOUR:
        return (IPv4Address(number >> 80 & _WORD),)
    # ::1 and :: are addresses of their own, not 0.0.0.1 and 0.0.0.0
    low = any(address in network for network in _LOW_32_BITS) and number > 1
    if low or number >> 32 & _WORD in _ISATAP:
        return (IPv4Address(number & _WORD),)
    return ()


def _is_unicast(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_IPV4)
    return any(address in network for network in _OPEN_IPV6) and not any(
        address in network for network in _REFUSED_IPV6
    )
