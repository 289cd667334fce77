"""What a certificate says, in plain types for results."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from services.conn_tester.reply import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_MOST_NAMES: Final = 50
UNREADABLE: Final = (
    ValueError,
    TypeError,  # a name of bits that is not a unique identifier
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What comes of a certificate's part that is broken, or newer than we are."""
_MOST_CERTIFICATES: Final = 10
_KEPT: Final = 32  # of 100 KiB at most, where OpenSSL's limit for a server's message lies
_PURPOSES: Final = {
    x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH: "client authentication",
    x509.oid.ExtendedKeyUsageOID.CODE_SIGNING: "code signing",
    x509.oid.ExtendedKeyUsageOID.EMAIL_PROTECTION: "e-mail protection",
    x509.oid.ExtendedKeyUsageOID.TIME_STAMPING: "time stamping",
    x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING: "OCSP signing",
}


def load_chain(chain: Sequence[bytes]) -> tuple[x509.Certificate, ...]:
    """Return DER certificates read, up to the first one that cannot be (ten at most)."""
    loaded = []
    for der in chain[:_MOST_CERTIFICATES]:
        certificate = _loaded(der)
        if certificate is None:
            break
        loaded.append(certificate)
    return tuple(loaded)


def load_pem(pem: str | None) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM text, none where one of them cannot be read."""
    try:
        return tuple(x509.load_pem_x509_certificates((pem or "").encode()))
    except ValueError:
        return ()


def describe(chain: Sequence[x509.Certificate]) -> dict[str, Any] | None:
    """Return the server's certificate and its chain as the result shows them."""
    if not chain:
        return None
    leaf = chain[0]
    return {
        **_brief(leaf),
        "names": names(leaf),
        "not_before": when(leaf.not_valid_before_utc),
        "chain": [{**_brief(certificate)} for certificate in chain[1:]],
    }


def names(certificate: x509.Certificate, *, with_common_name: bool = True) -> list[str]:
    """Return the host names and addresses of a certificate, its common name if there are none."""
    found = _alternative_names(certificate)
    if not found and with_common_name:
        found = _common_names(certificate)
    return [shown(name) for name in found[:_MOST_NAMES]]


def matches(certificate: x509.Certificate, host: str) -> bool:
    """Tell whether a certificate is for a host name (A-labels) or an IP address (RFC 6125).

    A common name counts only where there is no other name, and `*` only as a whole first label.
    """
    wanted = host.lower().rstrip(".")
    _, _, parent = wanted.partition(".")
    known = {name.lower().rstrip(".") for name in _alternative_names(certificate)}
    if not known:
        known = {name.lower() for name in _common_names(certificate)}
    is_name = not _is_address(wanted)
    return wanted in known or (is_name and bool(parent) and f"*.{parent}" in known)


def purposes(certificate: x509.Certificate) -> list[str]:
    """Return what a certificate's extended key usage allows, in words or as object identifiers."""
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return []
    return [_PURPOSES.get(usage, usage.dotted_string) for usage in usages]


def name_of(name: x509.Name) -> str:
    """Return a distinguished name for people."""
    return shown(name.rfc4514_string())


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the whole certificate in hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def end_point(certificate: x509.Certificate) -> bytes | None:
    """Return the channel binding `tls-server-end-point` (RFC 5929 4.1) of a server's certificate.

    None where its signature has no hash of its own, for which nothing is defined.
    """
    algorithm = signature_hash(certificate)
    if algorithm is None:
        return None
    weak = algorithm.name in {"md5", "sha1"}
    return certificate.fingerprint(hashes.SHA256() if weak else algorithm)


def signature_hash(certificate: x509.Certificate) -> hashes.HashAlgorithm | None:
    """Return the hash of a certificate's signature, None where it has none that is known."""
    try:
        return certificate.signature_hash_algorithm
    except UNREADABLE:
        return None


def when(moment: datetime) -> str:
    """Return an aware moment as RFC 3339 text in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _alternative_names(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        found = [str(value) for value in extension.value.get_values_for_type(x509.DNSName)]
        found += [str(value) for value in extension.value.get_values_for_type(x509.IPAddress)]
    except (x509.ExtensionNotFound, *UNREADABLE):
        return []
    return found


def _common_names(certificate: x509.Certificate) -> list[str]:
    attributes = certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
    return [str(attribute.value) for attribute in attributes]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=_KEPT)
def _loaded(der: bytes) -> x509.Certificate | None:
    """Return a certificate read, None where it cannot be; a server shows the same to every test."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        _brief(certificate)  # names and dates are parsed only when they are asked for
    except UNREADABLE:
        return None
    return certificate


@lru_cache(maxsize=_KEPT)
def _brief(certificate: x509.Certificate) -> Mapping[str, str]:
    return {
        "subject": name_of(certificate.subject),
        "issuer": name_of(certificate.issuer),
        "not_after": when(certificate.not_valid_after_utc),
        "sha256": fingerprint(certificate),
    }
