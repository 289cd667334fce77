"""What an ID token says, once its signature and everything in it holds (OpenID Connect 3.1.3.7)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import JWKRegistry, Key

from services.config_api.openid.errors import TokenRefused
from services.config_api.openid.metadata import ALGORITHMS

_LEEWAY_S: Final = 60
_LONGEST_SUBJECT: Final = 255

#: Answers the keys that a provider publishes; asked with True it may fetch them anew.
Keys = Callable[[bool], Sequence[Key]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What a token must say."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: Collection[str]


_BELIEVED: Final = {name: copy(jws.JWSRegistry.algorithms[name]) for name in ALGORITHMS}
# RFC 9864 would have EdDSA called Ed25519; providers still announce the old name.
_BELIEVED["EdDSA"].security_warning = None


class _Signatures(jws.JWSRegistry):
    """Our algorithms and no others; headers that nobody knows may stand beside those that count."""

    def __init__(self, allowed: Collection[str]) -> None:
        super().__init__(algorithms=allowed, strict_check_header=False)
        self.algorithms = _BELIEVED


def read_keys(document: Mapping[str, Any]) -> tuple[Key, ...]:
    """Return the public keys of a JWK set; those that are not understood are passed over."""
    entries = document.get("keys")
    found = []
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("kty") in ("RSA", "EC", "OKP"):
            try:
                found.append(JWKRegistry.import_key(entry))
            except (JoseError, ValueError, TypeError, KeyError):
                continue
    return tuple(found)


def verified_claims(token: str, keys: Keys, expected: Expected, at: datetime) -> Mapping[str, Any]:
    """Return the claims of an ID token that holds; raises TokenRefused, and what `keys` raises."""
    registry = _Signatures(expected.algorithms)
    try:
        signed = jws.extract_compact(token.encode(), registry=registry)
        algorithm = registry.get_alg(signed.headers().get("alg", "none"))
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise TokenRefused("alg", str(error)) from None
    kid = signed.headers().get("kid")
    key = _key(kid, algorithm, keys)
    try:
        decoded = jwt.decode(token, key, registry=registry)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused("signature", str(error)) from None
    return _checked(decoded, expected, at)


def _key(kid: object, algorithm: Any, keys: Keys) -> Key:  # noqa: ANN401 -- a class that is not public
    """Return the one key that signed; an unknown name has the set fetched anew."""
    for anew in (False, True):
        fitting = [key for key in keys(anew) if _fits(key, algorithm)]
        named = fitting if kid is None else [key for key in fitting if key.kid == kid]
        if len(named) == 1:
            return named[0]
        if kid is None:
            break
    raise TokenRefused("kid", "names no key of the provider" if kid else "is missing")


def _fits(key: Key, algorithm: Any) -> bool:  # noqa: ANN401 -- a class that is not public
    try:
        algorithm.check_key(key)
    except JoseError:
        return False
    return True


def _checked(decoded: jwt.Token, expected: Expected, at: datetime) -> Mapping[str, Any]:
    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "nonce": {"essential": True, "value": expected.nonce},
    }
    params = {"nonce": expected.nonce, "client_id": expected.client_id}
    claims = CodeIDToken(decoded.claims, decoded.header, options, params)
    try:
        claims.validate(now=int(at.timestamp()), leeway=_LEEWAY_S)
    except ClaimError as error:
        raise TokenRefused(str(error.claim), error.description or error.error) from None
    subject = decoded.claims["sub"]
    readable = subject.isascii() and subject.isprintable()
    if not 1 <= len(subject) <= _LONGEST_SUBJECT or not readable:
        raise TokenRefused("sub", "is no subject")
    return decoded.claims
