"""Signatures of every kind that is believed; what is refused is in tests/integration/openid."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, OKPKey

from services.config_api.openid.errors import TokenRefused
from services.config_api.openid.id_token import Expected, read_keys, verified_claims
from services.config_api.openid.metadata import ALGORITHMS
from tests.support.openid import SIGNING_KEY

EXPECTED = Expected(
    issuer="https://id.example", client_id="relaybook", nonce="n", algorithms=ALGORITHMS
)
SIGNERS: dict[str, Key] = {
    "RS256": SIGNING_KEY,
    "PS256": SIGNING_KEY,
    "ES256": ECKey.generate_key("P-256", {"kid": "k1"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "k1"}),
}


def token(algorithm: str, key: Key, **header: str) -> str:
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": EXPECTED.issuer, "aud": ["relaybook"], "sub": "alice", "azp": "relaybook",
        "iat": now, "exp": now + 60, "nonce": "n", "at_hash": "of something else",
    }  # fmt: skip
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return jwt.encode({"alg": algorithm} | header, claims, key, registry=registry)


def judged(text: str, *keys: Key) -> str:
    published = read_keys({"keys": [key.as_dict(private=False) for key in keys]})
    claims = verified_claims(text, lambda _anew: published, EXPECTED, datetime.now(UTC))
    return str(claims["sub"])


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # where the test signs with it
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_that_is_believed_is_verified(algorithm: str) -> None:
    key = SIGNERS[algorithm]
    assert judged(token(algorithm, key, kid="k1"), key) == "alice"
    assert judged(token(algorithm, key), key) == "alice"
    payload, signature = token(algorithm, key, kid="k1").split(".")[1:]
    other = token(algorithm, key, kid="k1", typ="JOSE").split(".")[0]
    with pytest.raises(TokenRefused, match="signature"):
        judged(f"{other}.{payload}.{signature}", key)


def test_headers_that_nobody_knows_may_stand_in_a_token() -> None:
    assert judged(token("RS256", SIGNING_KEY, kid="k1", rh="0.AA"), SIGNING_KEY) == "alice"


def test_of_keys_of_many_kinds_the_one_that_fits_is_taken() -> None:
    text = token("ES256", SIGNERS["ES256"], kid="k1")
    assert judged(text, SIGNING_KEY, SIGNERS["ES256"], SIGNERS["EdDSA"]) == "alice"


def test_two_keys_of_one_name_are_none() -> None:
    text = token("RS256", SIGNING_KEY, kid="k1")
    with pytest.raises(TokenRefused, match="kid"):
        judged(text, SIGNING_KEY, SIGNING_KEY)


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {}}, {"keys": ["x", 1, {}]},
    {"keys": [{"kty": "oct", "k": "AAAA"}]}, {"keys": [{"kty": "EC", "crv": "P-256"}]},
    {"keys": [{"kty": "RSA", "n": "!", "e": "AQAB"}]}, {"keys": [{"kty": ["RSA"]}]},
    {"keys": [{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "use": 7}]}])  # fmt: skip
def test_what_is_no_public_key_is_passed_over(document: dict[str, Any]) -> None:
    assert read_keys(document) == ()


@pytest.mark.parametrize("text", ["", "a.b.c", "....", "é.é.é", "e30.e30.e30", "x" * 200_000])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenRefused):
        judged(text, SIGNING_KEY)
