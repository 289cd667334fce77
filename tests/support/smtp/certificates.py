"""Certificates in every state, and TLS contexts of servers that use them."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

if TYPE_CHECKING:
    from collections.abc import Sequence

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

HOST = "mail.acme.example"
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A certificate, its key, and the certificates between it and a root."""

    certificate: x509.Certificate
    key: Key
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write chain and key as PEM; return their paths."""
        certificate_file, key_file = folder / "server.pem", folder / "server.key"
        pem = b"".join(
            one.public_bytes(serialization.Encoding.PEM) for one in (self.certificate, *self.chain)
        )
        certificate_file.write_bytes(pem)
        key_file.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        key_file.chmod(0o600)
        return certificate_file, key_file

    def context(self) -> ssl.SSLContext:
        """Return the context of a server that shows this certificate, however bad it is."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with TemporaryDirectory() as folder:
            context.load_cert_chain(*self.write(Path(folder)))
        return context


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a certificate shall say; names None means no alternative name at all."""

    names: tuple[str, ...] | None = (HOST,)
    common_name: str = HOST
    begins: timedelta = -DAY
    ends: timedelta = 90 * DAY
    purposes: tuple[x509.ObjectIdentifier, ...] = (x509.oid.ExtendedKeyUsageOID.SERVER_AUTH,)
    authority: bool = False
    issuer_address: str | None = None
    rsa_bits: int | None = None
    hashed: Literal["sha256", "sha1"] = "sha256"


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A root or intermediate that issues certificates."""

    issued: Issued
    between: tuple[x509.Certificate, ...] = field(default=())

    @classmethod
    def root(cls, common_name: str = "Acme Root") -> Authority:
        return cls(issued=issue(Wanted(names=None, common_name=common_name, authority=True)))

    @property
    def pem(self) -> str:
        return self.issued.pem

    def intermediate(self, common_name: str = "Acme Issuing") -> Authority:
        wanted = Wanted(names=None, common_name=common_name, authority=True)
        issued = issue(wanted, by=self.issued)
        return Authority(issued=issued, between=(issued.certificate, *self.between))

    def issue(self, wanted: Wanted | None = None, *, with_chain: bool = True) -> Issued:
        issued = issue(wanted or Wanted(), by=self.issued)
        chain = self.between if with_chain else ()
        return Issued(certificate=issued.certificate, key=issued.key, chain=chain)


def issue(wanted: Wanted, *, by: Issued | None = None) -> Issued:
    """Issue a certificate, self-signed without `by`."""
    if by and wanted.hashed != "sha256":
        return _signed_again(issue(replace(wanted, hashed="sha256")), by, wanted.hashed)
    key: Key = (
        rsa.generate_private_key(public_exponent=65537, key_size=wanted.rsa_bits)
        if wanted.rsa_bits
        else ec.generate_private_key(ec.SECP256R1())
    )
    subject = _name(wanted.common_name)
    signer = by.key if by else key
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + wanted.begins)
        .not_valid_after(now + wanted.ends)
        .add_extension(x509.BasicConstraints(ca=wanted.authority, path_length=None), critical=True)
    )
    for extension in _extensions(wanted):
        builder = builder.add_extension(extension, critical=False)
    issued = Issued(certificate=builder.sign(signer, hashes.SHA256()), key=key)
    return (
        issued if wanted.hashed == "sha256" else _signed_again(issued, by or issued, wanted.hashed)
    )


def _signed_again(issued: Issued, by: Issued, hashed: str) -> Issued:
    """Sign with a hash that the library rightly refuses to sign with."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        certificate_file, _ = issued.write(place)
        plain = certificate_file.rename(place / "plain.pem")
        authority, key_file = by.write(place)
        command = ["openssl", "x509", "-in", str(plain), "-CA", str(authority)]
        done = subprocess.run(
            [*command, "-CAkey", str(key_file), f"-{hashed}", "-preserve_dates"],
            check=True,
            capture_output=True,
        )
    return Issued(certificate=x509.load_pem_x509_certificate(done.stdout), key=issued.key)


def _extensions(wanted: Wanted) -> Sequence[x509.ExtensionType]:
    found: list[x509.ExtensionType] = []
    if wanted.names is not None:
        found.append(x509.SubjectAlternativeName([_alternative(name) for name in wanted.names]))
    if wanted.purposes and not wanted.authority:
        found.append(x509.ExtendedKeyUsage(wanted.purposes))
    if wanted.issuer_address:
        access = x509.AccessDescription(
            x509.oid.AuthorityInformationAccessOID.CA_ISSUERS,
            x509.UniformResourceIdentifier(wanted.issuer_address),
        )
        found.append(x509.AuthorityInformationAccess([access]))
    return found


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, common_name)])
