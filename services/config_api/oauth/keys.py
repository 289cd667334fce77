"""Private keys that sign what a client says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import ECKey, RSAKey

from services.config_api.domain.secret import Secret

_OF_CURVE: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningKey:
    """A key and the algorithm that goes with it (RFC 7518, section 3.1)."""

    key: RSAKey | ECKey
    algorithm: str


def signing_key(pem: Secret) -> SigningKey:
    """Return the key in a PEM text that was judged when it was stored."""
    text = pem.reveal()
    match load_pem_private_key(text.encode(), password=None):
        case EllipticCurvePrivateKey() as key:
            return SigningKey(key=ECKey.import_key(text), algorithm=_OF_CURVE[key.curve.name])
        case _:
            return SigningKey(key=RSAKey.import_key(text), algorithm="RS256")
