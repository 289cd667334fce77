"""Tokens, answers and documents of providers that cheat or are broken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.support.openid import SIGNING_KEY, Answer, Provider, answered, signed

OTHER_KEY: Final = RSAKey.generate_key(2048, {"kid": "k2"})
DISCOVERY: Final = "/.well-known/openid-configuration"
WRONG: Final = "gave an answer that cannot be used"
SILENT: Final = "does not answer"


def unsigned(claims: dict[str, Any]) -> str:
    return signed(claims).replace(
        signed(claims).partition(".")[0], "eyJhbGciOiJub25lIiwia2lkIjoiazEifQ"
    )


def signed_with_the_public_key(claims: dict[str, Any]) -> str:
    """Sign by HS256, the published key as the shared secret: the oldest trick with JWTs."""
    secret = OctKey.import_key({"kty": "oct", "k": SIGNING_KEY.as_dict(private=False)["n"]})
    return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, secret, algorithms=["HS256"])


def altered(claims: dict[str, Any]) -> str:
    header, _, signature = signed(claims).split(".")
    payload = signed(claims | {"groups": ["mail-admins"]}).split(".")[1]
    return f"{header}.{payload}.{signature}"


def signs(sign: Callable[[dict[str, Any]], str]) -> Callable[[Provider], None]:
    def change(provider: Provider) -> None:
        provider.sign = sign

    return change


def claims(**changed: object) -> Callable[[Provider], None]:
    def change(provider: Provider) -> None:
        provider.claims |= changed

    return change


def says(path: str, answer: Callable[[], Answer]) -> Callable[[Provider], None]:
    def change(provider: Provider) -> None:
        provider.instead[path] = answer

    return change


def document(**changed: object) -> Callable[[Provider], None]:
    def change(provider: Provider) -> None:
        provider.document |= changed

    return change


def publishes(*keys: dict[str, Any]) -> Callable[[Provider], None]:
    def change(provider: Provider) -> None:
        provider.keys = list(keys)

    return change


def names_no_key_of_two(provider: Provider) -> None:
    provider.keys.append(OTHER_KEY.as_dict(private=False))
    provider.sign = lambda said: signed(said, kid=None)


def redirects() -> Answer:
    return 302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""


@dataclass(frozen=True)
class Case:
    """A cheat, and which status and words answer it."""

    name: str
    change: Callable[[Provider], None]
    status: int
    told: str


PUBLIC = SIGNING_KEY.as_dict(private=False)
TOKENS = (
    Case("another issuer", claims(iss="https://other.example"), 401, "is: iss"),
    Case("no issuer", claims(iss=None), 401, "is: iss"),
    Case("another audience", claims(aud="somebody-else"), 401, "is: aud"),
    Case("no audience", claims(aud=None), 401, "is: aud"),
    Case("audiences without a party", claims(aud=["relaybook", "other"]), 401, "is: azp"),
    Case("another party", claims(azp="somebody-else"), 401, "is: azp"),
    Case("expired", claims(exp=int(time.time()) - 120), 401, "is: exp"),
    Case("never expires", claims(exp=None), 401, "is: exp"),
    Case("expires at a text", claims(exp="tomorrow"), 401, "is: exp"),
    Case("issued in the future", claims(iat=int(time.time()) + 900), 401, "is: iat"),
    Case("another nonce", claims(nonce="guess"), 401, "is: nonce"),
    Case("no nonce", claims(nonce=None), 401, "is: nonce"),
    Case("no subject", claims(sub=None), 401, "is: sub"),
    Case("an empty subject", claims(sub=""), 401, "is: sub"),
    Case("a subject with a line break", claims(sub="a\nb"), 401, "is: sub"),
    Case("a subject that is a number", claims(sub=1), 401, "is: sub"),
    Case("not signed", signs(unsigned), 401, "is: alg"),
    Case("signed with the public key", signs(signed_with_the_public_key), 401, "is: alg"),
    Case("altered after signing", signs(altered), 401, "is: signature"),
    Case(
        "signed by another key",
        signs(lambda said: signed(said, OTHER_KEY)),
        401,
        "is: signature",
    ),
    Case(
        "an algorithm that discovery leaves out",
        signs(lambda said: signed(said, alg="PS256")),
        401,
        "is: alg",
    ),
    Case("a key that is not published", signs(lambda said: signed(said, kid="k9")), 401, "is: kid"),
    Case("no kid where there are two keys", names_no_key_of_two, 401, "is: kid"),
    Case("a key for encryption", publishes(PUBLIC | {"use": "enc"}), 401, "is: kid"),
    Case("a key for another algorithm", publishes(PUBLIC | {"alg": "PS256"}), 401, "is: kid"),
    Case("no keys", publishes(), 401, "is: kid"),
    Case("keys that are none", publishes({"kty": "RSA", "n": 1}, {"kty": "oct"}), 401, "is: kid"),
    Case("no token at all", signs(lambda _: "x"), 401, "is: alg"),
)
ANSWERS = (
    Case("token: a redirect", says("/token", redirects), 502, WRONG),
    Case("token: a page", says("/token", lambda: (200, {}, b"<p>hello")), 502, WRONG),
    Case("token: broken", says("/token", lambda: answered({}, 500)), 502, WRONG),
    Case("token: no ID token", says("/token", lambda: answered({"access_token": "a"})), 502, WRONG),
    Case("token: a list", says("/token", lambda: answered([])), 502, WRONG),
    Case(
        "token: an odd number",
        says("/token", lambda: answered({"expires_in": [1], "id_token": "x"})),
        502,
        WRONG,
    ),
    Case("token: deep", says("/token", lambda: (200, {}, b"[" * 200_000)), 502, WRONG),
    Case(
        "token: refused",
        says("/token", lambda: answered({"error": "invalid_client"}, 401)),
        401,
        "It says: invalid_client",
    ),
    Case("keys: nowhere", document(jwks_uri=f"https://{'a' * 70_000}/"), 502, WRONG),
    Case("keys: a redirect", says("/jwks", redirects), 502, WRONG),
    Case("keys: a list", says("/jwks", lambda: answered([])), 502, WRONG),
    Case("keys: deep", says("/jwks", lambda: (200, {}, b"[" * 200_000)), 502, WRONG),
    Case("keys: no list", says("/jwks", lambda: answered({"keys": 1})), 401, "is: kid"),
)
DOCUMENTS = (
    Case("another's document", document(issuer="https://other.example"), 502, WRONG),
    Case("a slash more", document(issuer="https://id.example/"), 502, WRONG),
    Case("a redirect", says(DISCOVERY, redirects), 502, WRONG),
    Case("a page", says(DISCOVERY, lambda: (200, {}, b"<p>hello")), 502, WRONG),
    Case("no signature to believe", document(
        id_token_signing_alg_values_supported=["HS256", "none"]), 502, WRONG),
    Case("algorithms that are no list", document(
        id_token_signing_alg_values_supported="RS256"), 502, WRONG),
    Case("no token endpoint", document(token_endpoint=None), 502, WRONG),
    Case("an endpoint of another kind", document(jwks_uri="file:///etc/passwd"), 502, WRONG),
    Case("an endpoint that is none", document(token_endpoint="http://[::1"), 502, WRONG),
    Case("too long", says(DISCOVERY, lambda: (200, {}, b" " * 2_000_000)), 502, SILENT),
)  # fmt: skip
