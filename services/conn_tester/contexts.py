"""TLS contexts, made once for each kind: a new one costs more than the rest of a test."""

from __future__ import annotations

import ssl
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSIONS: Final = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
DEFAULT_VERSIONS: Final = ("TLSv1.2", "TLSv1.3")
OLD_VERSIONS: Final = frozenset({"TLSv1", "TLSv1.1"})
_OFF: Final = {
    "TLSv1": ssl.OP_NO_TLSv1,
    "TLSv1.1": ssl.OP_NO_TLSv1_1,
    "TLSv1.2": ssl.OP_NO_TLSv1_2,
    "TLSv1.3": ssl.OP_NO_TLSv1_3,
}
_KEPT: Final = 32


class Contexts:
    """Makes and keeps the contexts; `extra_ca_pem` are trust anchors of the deployment."""

    def __init__(self, *, extra_ca_pem: str | None = None) -> None:
        self._extra_ca_pem = extra_ca_pem
        self._verifying = lru_cache(maxsize=_KEPT)(self._make_verifying)
        self._trusting = lru_cache(maxsize=_KEPT)(_make)

    def verifying(self, protocols: Sequence[str], ca_pem: str | None) -> ssl.SSLContext:
        """Return a context that checks chain and host name; no protocols means the default.

        Raises ssl.SSLError where `ca_pem` holds no certificate.
        """
        return self._verifying(tuple(protocols) or DEFAULT_VERSIONS, ca_pem)

    def trusting(self, protocols: Sequence[str]) -> ssl.SSLContext:
        """Return a context that takes every certificate: to look at it, never to go on with it."""
        return self._trusting(tuple(protocols) or DEFAULT_VERSIONS)

    def _make_verifying(self, protocols: tuple[str, ...], ca_pem: str | None) -> ssl.SSLContext:
        context = _make(protocols)
        context.verify_mode = ssl.CERT_REQUIRED
        context.check_hostname = True
        # any certificate in the store is an anchor, as it is for Java
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_default_certs()
        for pem in filter(None, (self._extra_ca_pem, ca_pem)):
            context.load_verify_locations(cadata=pem)
        return context


def _make(protocols: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= ssl.OP_NO_COMPRESSION
    wanted = [VERSIONS[name] for name in protocols]
    with warnings.catch_warnings():
        # an administrator may have to talk to a server that has nothing newer
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = min(wanted)
        context.maximum_version = max(wanted)
        for name, option in _OFF.items():
            if name not in protocols:
                context.options |= option
    if OLD_VERSIONS & set(protocols):
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # their signatures need SHA-1
    return context
