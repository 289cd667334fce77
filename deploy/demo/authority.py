"""A certificate authority of the demo's own, and its server's certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.demo.files import write_private

if TYPE_CHECKING:
    from pathlib import Path

_CA_LIFE: Final = timedelta(days=3650)
_SERVER_LIFE: Final = timedelta(days=365)
_RENEW_BEFORE: Final = timedelta(days=90)
_NOT_BEFORE: Final = timedelta(days=1)  # clocks differ


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Where a certificate and its private key are, both PEM."""

    certificate: Path
    key: Path

    @property
    def complete(self) -> bool:
        """True where both files are there."""
        return self.certificate.exists() and self.key.exists()


def ensure_certificates(folder: Path, at: datetime) -> tuple[Identity, Identity]:
    """Return authority and server, made where they lack; the server's is renewed in time.

    The authority stays the same over restarts, so that settings which trust it stay valid.
    """
    authority = Identity(certificate=folder / "ca.pem", key=folder / "ca.key")
    server = Identity(certificate=folder / "server.pem", key=folder / "server.key")
    if not authority.complete:
        _make_authority(authority, at)
        server.certificate.unlink(missing_ok=True)
    if not server.complete or _end_of(server) < at + _RENEW_BEFORE:
        _make_server(server, authority, at)
    return authority, server


def _end_of(identity: Identity) -> datetime:
    certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    return certificate.not_valid_after_utc


def _make_authority(authority: Identity, at: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Relaybook demo CA")
    usage = _key_usage(key_cert_sign=True)
    certificate = (
        _builder(name, name, key.public_key(), key.public_key(), at, _CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(authority, certificate, key)


def _make_server(server: Identity, authority: Identity, at: datetime) -> None:
    ca = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    ca_key = serialization.load_pem_private_key(authority.key.read_bytes(), password=None)
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{authority.key} holds no elliptic-curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    )
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    certificate = (
        _builder(_name("localhost"), ca.subject, key.public_key(), ca_key.public_key(), at,
                 _SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .add_extension(_key_usage(key_cert_sign=False), critical=True)
        .add_extension(purpose, critical=False)
        .sign(ca_key, hashes.SHA256())
    )  # fmt: skip
    _write(server, certificate, key)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(  # noqa: PLR0913, PLR0917 -- what every certificate holds
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    at: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    own = x509.SubjectKeyIdentifier.from_public_key(key)
    issuers = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _NOT_BEFORE)
        .not_valid_after(at + life)
        .add_extension(own, critical=False)
        .add_extension(issuers, critical=False)
    )


def _key_usage(*, key_cert_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not key_cert_sign,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(
    identity: Identity, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(identity.key, private)
    write_private(identity.certificate, certificate.public_bytes(pem))
