"""Inputs from which the fuzzer begins, made here so that no file of bytes has to be kept."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.smtp.certificates import Authority, Wanted

_PIECE: Final = b"\x40"
_DIALOGUES: Final = (
    b"220 mx.acme.example ESMTP\r\n250-mx\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n",
    b"250-mx\r\n250-AUTH=LOGIN\r\n250 AUTH XOAUTH2 SCRAM-SHA-256\r\n235 2.7.0 ok\r\n221 bye\r\n",
    b"334 VXNlcm5hbWU6\r\n334 \r\n535-5.7.8 one\r\n535 5.7.8 two https://example.org\r\n",
    b"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled\r\n",
    b"454 4.7.0 Temporary failure\r\n421 4.7.0 too many connections\n* OK IMAP4\r\n",
    "550 5.1.1 \x1b[31m\u202e日本語\r\n250\r\n".encode(),
)


def seeds() -> dict[str, list[bytes]]:
    """Return inputs by target."""
    scram = b"r=nonce,s=QSXCR+Q6sek8bf92,i=2"
    claims = {"exp": 1, "aud": ["a"], "scope": "smtp"}
    token = b".".join((b"e30", urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"="), b"x"))
    authority = Authority.root()
    wanted = (Wanted(), Wanted(names=("a.example", "127.0.0.1"), rsa_bits=2048), Wanted(names=None))
    certificates = [authority.issue(one).certificate for one in wanted]
    return {
        "dialogue": [_PIECE + text for text in _DIALOGUES],
        "challenge": [bytes([n]) + scram + b"\nv=AAAA" for n in range(9)]
        + [b"\x05<1@mx>", b"\x07{}"],
        "token": [token + b'\n{"status":"401","scope":"x"}', b"Bearer a.b.c\n[]"],
        "words": [
            b"you said correct horse battery",
            b"220 \x1b[0m\r\n",
            b"\x15\x03\x03\x00\x02\x02(",
        ],
        "certificate": [_der(one) for one in (*certificates, authority.issued.certificate)],
    }


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
