"""The provider that people sign in with: where to send them, and who came back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client
from joserfc.jwk import Key

from events.scrub import Scrub
from services.config_api.openid.asking import asking, json_object
from services.config_api.openid.attempt import Attempt
from services.config_api.openid.errors import ProviderRefused, ProviderWrong
from services.config_api.openid.id_token import Expected, read_keys, verified_claims
from services.config_api.openid.kept import Kept
from services.config_api.openid.metadata import Metadata, discovery_url, read_metadata
from services.config_api.settings_openid import OpenIdSettings

_LONGEST_WORDS: Final = 200
_NO_SECRETS: Final = Scrub(())
#: What Authlib stumbles over in an answer that is no token.
_NO_TOKEN: Final = (
    httpx.HTTPStatusError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What the browser brought back; None for what is missing. `iss` is RFC 9207's."""

    state: str | None = None
    code: str | None = None
    iss: str | None = None
    error: str | None = None
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Asks the provider through `client`, which must know no redirects and no forbidden address.

    `redirect_uri` is where it sends people back to; `monotonic` is a clock in seconds.
    """

    settings: OpenIdSettings
    client: httpx.Client
    redirect_uri: str
    monotonic: Callable[[], float] = time.monotonic
    _metadata: Kept[Metadata] = field(init=False)
    _keys: Kept[tuple[Key, ...]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_metadata", Kept(self._fetch_metadata, self.monotonic))
        object.__setattr__(self, "_keys", Kept(self._fetch_keys, self.monotonic))

    def authorization_url(self, attempt: Attempt) -> str:
        """Return where to send the browser; raises SignInRefused where the provider is away."""
        metadata = self._metadata.get()
        claims = tuple(rule.claim.partition(".")[0] for rule in self.settings.rules)
        url, _ = self._oauth(metadata).create_authorization_url(
            metadata.authorization_endpoint,
            state=attempt.state,
            code_verifier=attempt.verifier,
            nonce=attempt.nonce,
            scope=metadata.scope(claims),
        )
        return str(url)

    def claims(self, answered: Answered, attempt: Attempt, at: datetime) -> Mapping[str, Any]:
        """Return what the provider says of the person who came back; raises SignInRefused.

        `state` is the caller's to compare: whose answer this is must be clear before.
        """
        metadata = self._metadata.get()
        self._require_own(answered, metadata)
        if answered.error is not None:
            raise refusal(answered.error, answered.description)
        if not answered.code:
            raise ProviderWrong("callback: neither a code nor an error")
        expected = Expected(
            issuer=self.settings.issuer,
            client_id=self.settings.client_id,
            nonce=attempt.nonce,
            algorithms=metadata.algorithms,
        )
        token = self._id_token(answered.code, attempt, metadata)
        return verified_claims(token, self._published_keys, expected, at)

    def _require_own(self, answered: Answered, metadata: Metadata) -> None:
        """Refuse another provider's answer (RFC 9207): raises ProviderWrong."""
        if answered.iss is None and not metadata.names_itself:
            return
        if answered.iss != self.settings.issuer:
            raise ProviderWrong("callback: iss is not the provider that was asked")

    def _id_token(self, code: str, attempt: Attempt, metadata: Metadata) -> str:
        credentials, auth = self._client_authentication(metadata)
        with asking("token"):
            try:
                answer = self._oauth(metadata).fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                    auth=auth,
                    **credentials,
                )
            except AuthlibBaseError as error:
                scrub = self._scrub(code, attempt)
                raise refusal(error.error, error.description, scrub) from None
            except _NO_TOKEN as error:
                raise ProviderWrong(f"token: {type(error).__name__}") from None
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderWrong("token: no ID token in the answer")
        return token

    def _client_authentication(self, metadata: Metadata) -> tuple[dict[str, str], httpx.Auth]:
        """Return what says who asks: form fields, and a header (RFC 6749, section 2.3.1)."""
        client_id, secret = self.settings.client_id, self.settings.client_secret
        if secret is None:
            return {"client_id": client_id}, httpx.Auth()
        if "client_secret_basic" in metadata.auth_methods:
            return {}, httpx.BasicAuth(quote_plus(client_id), quote_plus(secret.reveal()))
        return {"client_id": client_id, "client_secret": secret.reveal()}, httpx.Auth()

    def _scrub(self, code: str, attempt: Attempt) -> Scrub:
        """Return what takes the secrets of a request for tokens out of the provider's words."""
        secret = self.settings.client_secret
        held = () if secret is None else (secret.reveal(), quote_plus(secret.reveal()))
        return Scrub((code, attempt.verifier, *held))

    def _oauth(self, metadata: Metadata) -> Any:  # noqa: ANN401 -- Authlib has no types
        return OAuth2Client(
            session=self.client,
            client_id=self.settings.client_id,
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
            token_endpoint=metadata.token_endpoint,
        )

    def _fetch_metadata(self) -> Metadata:
        issuer = self.settings.issuer
        return read_metadata(json_object(self.client, discovery_url(issuer), "discovery"), issuer)

    def _fetch_keys(self) -> tuple[Key, ...]:
        return read_keys(json_object(self.client, self._metadata.get().jwks_uri, "keys"))

    def _published_keys(self, anew: bool) -> Sequence[Key]:  # noqa: FBT001 -- the shape of `Keys`
        return self._keys.renewed() if anew else self._keys.get()


def refusal(error: object, description: object, scrub: Scrub = _NO_SECRETS) -> ProviderRefused:
    """Return a provider's own words as an error: bounded, without line breaks and our secrets."""
    words = scrub.clean(": ".join(str(one) for one in (error, description) if one))
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    short = printable[:_LONGEST_WORDS]
    return ProviderRefused(short if short == printable else f"{short}…")
