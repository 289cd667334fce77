"""Requests to a provider: for tokens by each grant, and for a person's consent (RFC 6749, 7636)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import httpx
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc7523.assertion import sign_jwt_bearer_assertion

from events.oauth_provider import CLIENT_SECRET, PRIVATE_KEY, REFRESH_TOKEN, ProviderValues
from events.scrub import Scrub
from services.config_api.domain.secret import Secret
from services.config_api.oauth.answers import (
    EndpointRefused,
    EndpointSilent,
    Issued,
    in_words,
    read_issued,
)
from services.config_api.oauth.keys import SigningKey, signing_key
from services.config_api.outbound.addresses import NotAllowed
from services.config_api.outbound.transport import Unreachable

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_SECONDS: Final = 300
_POST: Final = "client_secret_post"
_BASIC: Final = "client_secret_basic"
_BY_KEY: Final = "private_key_jwt"
_PUBLIC: Final = "none"
_NO_CLIENT: Final = "no_client"
#: What of a request gives something to whoever reads it.
_SECRET_FIELDS: Final = frozenset(
    {
        "assertion",
        "client_assertion",
        "client_secret",
        "code",
        "code_verifier",
        "refresh_token",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRequests:
    """Asks one provider with its secrets; `client` is a guarded one (`outbound.transport`).

    Every method raises EndpointSilent, EndpointRefused.
    """

    provider: ProviderValues
    secrets: Mapping[str, Secret]
    client: httpx.Client

    def token(self) -> Issued:
        """Return a new access token by the provider's grant."""
        match self.provider.grant:
            case "client_credentials":
                audience = self.provider.audience
                more = {} if audience is None else {"audience": audience}
                return self._asked(lambda one: self._fetched(one, "client_credentials", more))
            case "jwt_bearer":
                return self._asked(lambda one: self._fetched(one, JWT_BEARER, self._assertion()))
            case "refresh_token" | "authorization_code":
                return self._asked(self._refreshed)

    def token_for_code(self, code: str, *, verifier: Secret, redirect_uri: str) -> Issued:
        """Return what a person's consent gives (RFC 6749, section 4.1.3; RFC 7636, section 4.5)."""
        more = {
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier.reveal(),
        }
        return self._asked(lambda one: self._fetched(one, "authorization_code", more))

    def _fetched(self, one: OAuth2Client, grant: str, more: Mapping[str, str]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = one.fetch_token(
            self.provider.token_url, grant_type=grant, **{**self.provider.extra, **more}
        )
        return answer

    def _refreshed(self, one: OAuth2Client) -> Mapping[str, Any]:
        held = self.secrets[REFRESH_TOKEN].reveal()
        extra = self.provider.extra
        answer = dict(one.refresh_token(self.provider.token_url, refresh_token=held, **extra))
        if answer.get("refresh_token") == held:
            del answer["refresh_token"]  # it stays the same: nothing new is to be kept
        return answer

    def _assertion(self) -> dict[str, str]:
        """Return the signed claim of RFC 7523, section 2.1; Google wants the scope inside it."""
        provider, key = self.provider, self._key()
        assertion = sign_jwt_bearer_assertion(
            key.key,
            issuer=provider.client_id,
            audience=provider.audience or provider.token_url,
            subject=provider.subject,
            claims={"scope": " ".join(provider.scopes)} if provider.scopes else None,
            header={"alg": key.algorithm, **self._key_id()},
            expires_in=_ASSERTION_SECONDS,
        )
        return {"assertion": assertion}

    def _asked(self, ask: Callable[[OAuth2Client], Mapping[str, Any]]) -> Issued:
        """Ask, once more with the other place for the client's secret where it was not known."""
        first, *others = self._methods()
        try:
            return self._answered(ask, first)
        except EndpointRefused as refused:
            if refused.error != "invalid_client" or not others:
                raise
        return self._answered(ask, others[0])

    def _methods(self) -> tuple[str, ...]:
        """Return how the client says who it is, the likeliest way first."""
        if CLIENT_SECRET in self.secrets:
            return (_POST, _BASIC)
        if self.provider.grant == "jwt_bearer":
            return (_NO_CLIENT,)
        return (_BY_KEY,) if PRIVATE_KEY in self.secrets else (_PUBLIC,)

    def _answered(self, ask: Callable[[OAuth2Client], Mapping[str, Any]], method: str) -> Issued:
        session = _Session(self.client)
        try:
            return read_issued(ask(self._oauth(method, session)))
        except _Refusal as error:
            raise _refused(error, session.scrub) from None
        except Unreachable as error:
            raise EndpointSilent(in_words(error.reason, session.scrub)) from None
        except NotAllowed:
            raise EndpointSilent("the deployment does not allow this address") from None
        except httpx.HTTPStatusError as error:
            raise EndpointSilent(f"HTTP {error.response.status_code}") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EndpointSilent(in_words(error, session.scrub)) from None
        except (ValueError, TypeError):  # what Authlib says of an answer that is none
            raise EndpointRefused("invalid_response", "the answer is not of OAuth 2.0") from None

    def _oauth(self, method: str, session: _Session) -> OAuth2Client:
        secret: object = None
        if method in {_POST, _BASIC}:
            secret = self.secrets[CLIENT_SECRET].reveal()
        elif method == _BY_KEY:
            secret = self._key().key
        one = _Client(
            session,
            client_id=self.provider.client_id,
            client_secret=secret,
            token_endpoint_auth_method=method,
            scope=" ".join(self.provider.scopes) or None,
        )
        one.register_client_auth_method((_NO_CLIENT, _as_nobody))
        if method == _BY_KEY:
            signs = PrivateKeyJWT(
                self.provider.token_url, headers=self._key_id(), alg=self._key().algorithm
            )
            one.register_client_auth_method(signs)
        return one

    def _key(self) -> SigningKey:
        return signing_key(self.secrets[PRIVATE_KEY])

    def _key_id(self) -> dict[str, str]:
        return {} if self.provider.key_id is None else {"kid": self.provider.key_id}


def consent_url(
    provider: ProviderValues, *, state: str, verifier: Secret, redirect_uri: str
) -> str:
    """Return where a person consents; raises ValueError for a provider without such a place."""
    if provider.authorize_url is None:
        raise ValueError("the provider has no authorize_url")
    one = OAuth2Client(
        None,
        client_id=provider.client_id,
        scope=" ".join(provider.scopes) or None,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
    url, _ = one.create_authorization_url(
        provider.authorize_url,
        state=state,
        code_verifier=verifier.reveal(),
        **provider.extra,
    )
    return str(url)


class _Refusal(Exception):
    """What a provider says when it refuses; Authlib's own error takes no words beyond ASCII."""

    def __init__(self, error: object, description: object = None) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


class _Client(OAuth2Client):
    oauth_error_class = _Refusal  # type: ignore[assignment]  # its own takes ASCII only


class _Session:
    """What Authlib's client asks of a session, on a client of ours: one form, posted.

    `scrub` takes out of an answer what was secret in the request.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.scrub = Scrub(())

    def post(
        self,
        url: str,
        *,
        data: Mapping[str, str],
        headers: Mapping[str, str],
        auth: Any,  # noqa: ANN401 -- Authlib has no types
    ) -> httpx.Response:
        """Post a form, with what says which client asks; a redirect is no answer."""
        to, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        self.scrub = _scrub(sent, body)
        response = self._client.post(to, content=body, headers=sent)
        if response.is_redirect:
            raise EndpointSilent("it answers with a redirect")
        return response


def _scrub(headers: Mapping[str, str], body: str) -> Scrub:
    """Return what takes the secrets of a request out of other texts."""
    secrets = [value for name, value in parse_qsl(body) if name in _SECRET_FIELDS]
    scheme, _, blob = headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        secrets += [blob, b64decode(blob).decode().partition(":")[2]]
    return Scrub(secrets)


def _refused(error: _Refusal, scrub: Scrub) -> EndpointRefused:
    description = error.description or None
    words = None if description is None else in_words(description, scrub)
    return EndpointRefused(in_words(error.error, scrub), words)


def _as_nobody(
    _client: object, _method: str, uri: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """Send no client beside an assertion, which says itself who asks."""
    return uri, headers, body
