"""Cipher suites by their names in Java (JSSE, which are IANA's) and in OpenSSL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_WITH_KEYS: Final = re.compile(
    r"(?:TLS|SSL)_(ECDHE_ECDSA|ECDHE_RSA|DHE_RSA|DHE_DSS|ECDH_ECDSA|ECDH_RSA|RSA)_WITH_(\w+)"
)
_AES: Final = re.compile(r"AES_(128|256)_(?:CBC_(SHA\d*)|(GCM)_(SHA\d+)|(CCM)(?:_(8))?)")
_OTHER: Final = {
    "CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305",
    "3DES_EDE_CBC_SHA": "DES-CBC3-SHA",
}
_TLS_1_3: Final = re.compile(
    r"TLS_(?:AES_128_GCM_SHA256|AES_256_GCM_SHA384|AES_128_CCM(?:_8)?_SHA256"
    r"|CHACHA20_POLY1305_SHA256)"
)
_SIGNAL: Final = "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"  # no suite: says that renegotiation is safe


def is_tls_1_3(name: str) -> bool:
    """Tell whether a suite belongs to TLS 1.3, where OpenSSL has no other name for it."""
    return _TLS_1_3.fullmatch(name) is not None


def openssl_names(names: Iterable[str]) -> list[str]:
    """Return OpenSSL's names of the suites before TLS 1.3, in their order."""
    return [own for name in names if (own := _openssl_name(name)) is not None]


def is_known(name: str) -> bool:
    """Tell whether a name is that of a suite in Java."""
    return name == _SIGNAL or is_tls_1_3(name) or _openssl_name(name) is not None


def _openssl_name(name: str) -> str | None:
    match = _WITH_KEYS.fullmatch(name)
    if match is None:
        return None
    keys, cipher = match.groups()
    own = _OTHER.get(cipher) or _aes(cipher)
    if own is None:
        return None
    return own if keys == "RSA" else f"{keys.replace('_', '-')}-{own}"


def _aes(cipher: str) -> str | None:
    match = _AES.fullmatch(cipher)
    if match is None:
        return None
    bits, hashed, *mode = match.groups()
    if hashed is not None:
        return f"AES{bits}-{hashed}"
    gcm, gcm_hash, ccm, tag = mode
    return f"AES{bits}-{gcm}-{gcm_hash}" if gcm else f"AES{bits}-{ccm}{tag or ''}"
