"""TLS contexts, made once for each kind: a new one costs more than the rest of a test."""

from __future__ import annotations

import ssl
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from services.conn_tester.ciphers import is_tls_1_3, openssl_names

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


class NothingLeft(ValueError):
    """No TLS version or cipher suite is left that both lists and OpenSSL allow."""


class Contexts:
    """Makes and keeps the contexts; `extra_ca_pem` are trust anchors of the deployment."""

    def __init__(self, *, extra_ca_pem: str | None = None) -> None:
        self.extra_ca_pem = extra_ca_pem
        self._verifying = lru_cache(maxsize=_KEPT)(self._make_verifying)
        self._trusting = lru_cache(maxsize=_KEPT)(_make)

    def verifying(
        self,
        protocols: Sequence[str],
        ca_pem: str | None,
        *,
        suites: Sequence[str] = (),
        identity: bool = True,
    ) -> ssl.SSLContext:
        """Return a context that checks the chain, and the host name too unless not `identity`.

        No protocols or suites (by their names in Java) means the default. Raises NothingLeft,
        ssl.SSLError where `ca_pem` holds no certificate.
        """
        versions = versions_of(protocols, suites)
        return self._verifying(versions, tuple(suites), ca_pem, identity)

    def trusting(self, protocols: Sequence[str], suites: Sequence[str] = ()) -> ssl.SSLContext:
        """Return a context that takes every certificate: to look at it, or where all are trusted.

        Raises NothingLeft.
        """
        return self._trusting(versions_of(protocols, suites), tuple(suites))

    def _make_verifying(
        self,
        versions: tuple[str, ...],
        suites: tuple[str, ...],
        ca_pem: str | None,
        identity: bool,  # noqa: FBT001 -- the cache's key is positional
    ) -> ssl.SSLContext:
        context = _make(versions, suites)
        context.verify_mode = ssl.CERT_REQUIRED
        context.check_hostname = identity
        # any certificate in the store is an anchor, as it is for Java
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_default_certs()
        for pem in filter(None, (self.extra_ca_pem, ca_pem)):
            context.load_verify_locations(cadata=pem)
        return context


def versions_of(protocols: Sequence[str], suites: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the versions that come into question, with cipher suites only those that have one.

    Raises NothingLeft where none does.
    """
    versions = tuple(protocols) or DEFAULT_VERSIONS
    if suites:
        newest = any(is_tls_1_3(name) for name in suites)
        older = bool(openssl_names(suites))
        versions = tuple(name for name in versions if (newest if name == "TLSv1.3" else older))
    if not versions:
        raise NothingLeft("the cipher suites belong to other TLS versions")
    return versions


def _make(protocols: tuple[str, ...], suites: tuple[str, ...] = ()) -> ssl.SSLContext:
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
    level = ":@SECLEVEL=0" if OLD_VERSIONS & set(protocols) else ""  # their signatures need SHA-1
    listed = ":".join(openssl_names(suites))
    if level or listed:
        try:
            context.set_ciphers((listed or "DEFAULT") + level)
        except ssl.SSLError as error:
            raise NothingLeft("OpenSSL has none of the cipher suites") from error
    return context
