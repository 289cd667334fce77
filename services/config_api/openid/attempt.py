"""The random values of one attempt to sign in, all of them out of one secret."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from services.config_api.domain.secret import Secret

_RANDOM_BYTES = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """`state` comes back with the browser, `nonce` in the ID token, `verifier` is PKCE's.

    They are derived, not stored: only the browser that began holds what they come from.
    """

    state: str
    nonce: str
    verifier: str


def new_attempt_secret() -> Secret:
    """Return what the browser keeps in its cookie while the person is at the provider."""
    return Secret(secrets.token_urlsafe(_RANDOM_BYTES))


def attempt_of(secret: Secret) -> Attempt:
    """Return the values that a secret stands for."""

    def derived(purpose: str) -> str:
        key = secret.reveal().encode("utf-8", "surrogatepass")
        return hmac.new(key, f"relaybook openid {purpose}".encode(), "sha256").hexdigest()

    return Attempt(state=derived("state"), nonce=derived("nonce"), verifier=derived("verifier"))
