"""What failed connections say together."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final

from services.conn_tester.diagnosis.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCAL_ADDRESS_ERRORS: Final = frozenset(
    {
        errno.EACCES,  # a port for the system alone
        errno.EADDRINUSE,
        errno.EADDRNOTAVAIL,
        errno.EAFNOSUPPORT,
        errno.EINVAL,
    }
)
_CODES: Final = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "connection_reset",
    errno.ECONNABORTED: "connection_reset",
    errno.EPIPE: "connection_reset",
    errno.ENOTCONN: "connection_reset",  # reset between the connection and the first look at it
    errno.ETIMEDOUT: "connect_timeout",
}
_BETWEEN_SERVERS: Final = 25  # which access networks close for their customers (OP25B)
_MOST_TELLING_FIRST: Final = ("refused", "connection_reset", "connect_timeout", "unreachable")


def judge_failures(failures: Mapping[str, OSError], *, port: int, limit_ms: int) -> Finding:
    """Return the most telling of the addresses' errors (TimeoutError is one, too)."""
    codes = {address: _code(error) for address, error in failures.items()}
    code = min(codes.values(), key=_MOST_TELLING_FIRST.index)
    addresses = [address for address, own in codes.items() if own == code]
    facts = {
        "addresses": list(failures),
        "address": addresses[0],
        "limit_ms": limit_ms,
        "often_blocked": _BETWEEN_SERVERS if port == _BETWEEN_SERVERS else None,
    }
    return Finding(code=code, facts=facts)


def _code(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "connect_timeout"
    return _CODES.get(error.errno or 0, "unreachable")
