"""Certificates that are huge or odd: made by a server's owner to hurt who reads them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import NameOID

from tests.faults.hostile.identity import authority
from tests.support.smtp.certificates import HOST, Issued

_ANSI: Final = "\x1b[31m<script>alert(1)</script>\u202e\u200b"
_UNTRUSTED: Final = "cert_self_signed cert_unknown_ca cert_weak cert_wrong_host handshake_failed"
_READ: Final = f"ok closed_in_handshake server_tls_broken {_UNTRUSTED}"
_WEAK: Final = 1024
_OID: Final = x509.ObjectIdentifier("1.3.6.1.4.1.55555.1")


@dataclass(frozen=True, kw_only=True)
class Odd:
    """How to make one, and what a test of its server may conclude."""

    make: Callable[[], Issued]
    codes: str = _READ

    def context(self) -> ssl.SSLContext:
        return _context(self)


@cache
def _context(odd: Odd) -> ssl.SSLContext:
    return odd.make().context()


def made(
    *, names: tuple[x509.GeneralName, ...] = (x509.DNSName(HOST),), subject: str = HOST,
    key: Any = None, extensions: tuple[x509.ExtensionType, ...] = (), trusted: bool = True,
    serial: int = 7, ends: datetime | None = None,
) -> Issued:  # fmt: skip
    """Return a certificate of any content; one that is not trusted signs itself."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    by = authority().issued if trusted else None
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, subject, _validate=False)] if subject else []
    )
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by.certificate.subject if by else name)
        .public_key(own.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(ends or now + timedelta(days=90))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    signer = by.key if by else own
    pure = isinstance(signer, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return Issued(certificate=builder.sign(signer, None if pure else hashes.SHA256()), key=own)


def with_chain_of(length: int) -> Issued:
    """Return a good certificate behind which many others follow that have nothing to do with it."""
    own = made()
    stranger = made(trusted=False, subject=_ANSI).certificate
    return Issued(certificate=own.certificate, key=own.key, chain=(stranger,) * length)


def _names(count: int) -> tuple[x509.GeneralName, ...]:
    return (*(x509.DNSName(f"h{number}.example") for number in range(count)), x509.DNSName(HOST))


_STRANGE_NAMES: Final = (
    x509.DNSName(HOST),
    x509.DNSName(_ANSI.encode("ascii", "backslashreplace").decode()),
    x509.DNSName("a\0.example"),
    x509.DNSName("\x1b[2J"),
    x509.RFC822Name("a\x1b[31m@example.org"),
    x509.UniformResourceIdentifier("http://\x1b[31m/"),
    x509.RegisteredID(_OID),
    x509.OtherName(_OID, b"\x0c\x01\x1b"),
    x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _ANSI)])),
)

ODD: Final = {
    "2000 names": Odd(make=lambda: made(names=_names(2000)), codes="ok"),
    "4500 names": Odd(make=lambda: made(names=_names(4500)), codes="ok"),
    "2000 names, another host": Odd(
        make=lambda: made(names=_names(2000)[:-1]), codes="cert_wrong_host"
    ),
    "names with ANSI and NUL": Odd(make=lambda: made(names=_STRANGE_NAMES), codes="ok"),
    "names with ANSI, untrusted": Odd(
        make=lambda: made(names=_STRANGE_NAMES[1:], trusted=False, subject=_ANSI)
    ),
    "a subject with ANSI": Odd(make=lambda: made(subject=_ANSI), codes="ok"),
    "a subject of 20 KB": Odd(make=lambda: made(subject="x" * 20_000), codes="ok"),
    "a subject of 20 KB, untrusted": Odd(
        make=lambda: made(subject=_ANSI * 600, trusted=False), codes=_UNTRUSTED
    ),
    "no subject": Odd(make=lambda: made(subject=""), codes="ok"),
    "no subject and no names": Odd(
        make=lambda: made(subject="", names=()), codes=f"cert_wrong_host {_UNTRUSTED}"
    ),
    "nothing at all, untrusted": Odd(make=lambda: made(subject="", names=(), trusted=False)),
    "an extension of 40 KB": Odd(
        make=lambda: made(extensions=(x509.UnrecognizedExtension(_OID, bytes(40_000)),)), codes="ok"
    ),
    "300 purposes": Odd(
        make=lambda: made(
            extensions=(
                x509.ExtendedKeyUsage([x509.ObjectIdentifier(f"1.2.3.{n}") for n in range(300)]),
            )
        ),
        codes="cert_wrong_purpose",
    ),
    "a chain of 8": Odd(make=lambda: with_chain_of(8), codes="ok"),
    "a chain of 200": Odd(make=lambda: with_chain_of(200), codes="ok"),
    "a serial number of 20 bytes": Odd(make=lambda: made(serial=2**158), codes="ok"),
    "good until the year 9999": Odd(
        make=lambda: made(ends=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)), codes="ok"
    ),
    "an Ed25519 key": Odd(make=lambda: made(key=ed25519.Ed25519PrivateKey.generate()), codes="ok"),
    "an Ed448 key, untrusted": Odd(
        make=lambda: made(key=ed448.Ed448PrivateKey.generate(), trusted=False)
    ),
    "an odd curve": Odd(
        make=lambda: made(key=ec.generate_private_key(ec.SECP256K1())),
        codes=f"no_common_cipher {_READ}",
    ),
    "an RSA key of 1024 bits": Odd(
        make=lambda: made(key=rsa.generate_private_key(65537, _WEAK)), codes="cert_weak"
    ),
    "a DSA key": Odd(
        make=lambda: made(key=dsa.generate_private_key(_WEAK)),
        codes=f"no_common_cipher {_READ}",
    ),
}
