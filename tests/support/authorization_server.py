"""A real OAuth 2.0 authorization server on loopback, made of Authlib's server parts."""

# mypy: disable-error-code="no-untyped-call,misc"

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from authlib.integrations.flask_oauth2 import AuthorizationServer as Endpoint
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion, JWTBearerGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, Response, request
from werkzeug.serving import make_server

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
USER = "mailer@acme.example"
_METHODS = ("client_secret_post", "client_secret_basic", "none")


@dataclass
class Client(ClientMixin):
    """A registered client; `method` is how it must say who it is."""

    client_id: str
    secret: str = ""
    method: str = "client_secret_post"
    key: Any = None
    scope: str = "smtp offline_access"
    redirect_uri: str = ""

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: Any) -> str:
        return " ".join(one for one in (scope or "").split() if one in self.scope.split())

    def check_redirect_uri(self, redirect_uri: Any) -> bool:
        return bool(redirect_uri == self.redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(self.secret) and client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and method == self.method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(grant_type)


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    client_id: str
    redirect_uri: str
    scope: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass
class Issued(TokenMixin):
    access_token: str
    refresh_token: str | None
    client_id: str
    scope: str
    used: bool = False

    def check_client(self, client: Any) -> bool:
        return bool(client.client_id == self.client_id)

    def get_scope(self) -> str:
        return self.scope

    def get_expires_in(self) -> int:
        return 3600

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return self.used


@dataclass
class Provider:
    """What the server knows and how it behaves.

    `forms` are the token requests that came. `reused` counts refresh tokens that were sent twice.
    `refuse_with` answers instead of the endpoint; `more` is added to good answers.
    """

    clients: dict[str, Client] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    issued: list[Issued] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    refuse_with: Response | None = None
    more: dict[str, Any] = field(default_factory=dict)
    life: int = 3600
    delay: float = 0.0
    reused: int = 0
    url: str = ""

    @property
    def token_url(self) -> str:
        return f"{self.url}/token"

    def app(self) -> Flask:
        app = Flask(__name__)
        app.config.update(OAUTH2_REFRESH_TOKEN_GENERATOR=True)
        endpoint = _Endpoint(app, self.clients.get, self._save)
        _register_grants(endpoint, self)

        @app.post("/token")
        def token() -> Response:
            self.forms.append(request.form.to_dict())
            self.headers.append(dict(request.headers))
            time.sleep(self.delay)
            if self.refuse_with is not None:
                return self.refuse_with
            answer: Any = endpoint.create_token_response()
            if answer.status_code == 200:
                told = {**answer.get_json(), "expires_in": self.life, **self.more}
                answer.set_data(app.json.dumps(told))
            return cast("Response", answer)

        @app.get("/authorize")
        def authorize() -> Response:
            grant = endpoint.get_consent_grant(end_user=USER)
            answer: Any = endpoint.create_authorization_response(grant=grant, grant_user=USER)
            return cast("Response", answer)

        return app

    def _save(self, token: dict[str, Any], asked: Any) -> None:
        one = Issued(
            access_token=token["access_token"],
            refresh_token=token.get("refresh_token"),
            client_id=asked.client.client_id,
            scope=token.get("scope", ""),
        )
        self.issued.append(one)


class _Endpoint(Endpoint):
    """Authlib's endpoint, which the grants ask for the provider that they serve."""

    provider: Provider


def _register_grants(endpoint: _Endpoint, provider: Provider) -> None:
    endpoint.provider = provider
    endpoint.register_client_auth_method("private_key_jwt", _ByKey(provider))
    endpoint.register_grant(_CodeGrant, [CodeChallenge(required=True)])
    for grant in (_Refresh, _Assertion, _Credentials):
        endpoint.register_grant(grant)


class _CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = _METHODS

    def save_authorization_code(self, code: str, asked: Any) -> Code:
        payload = asked.payload
        kept = Code(
            code=code,
            client_id=asked.client.client_id,
            redirect_uri=payload.redirect_uri,
            scope=payload.scope,
            code_challenge=payload.data["code_challenge"],
            code_challenge_method=payload.data["code_challenge_method"],
        )
        self.server.provider.codes[code] = kept
        return kept

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        known: Code | None = self.server.provider.codes.get(code)
        return known if known and known.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del self.server.provider.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Any) -> str:
        return USER if authorization_code else ""


class _Refresh(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = _METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Any:
        provider: Provider = self.server.provider
        known = next(one for one in provider.issued if one.refresh_token == refresh_token)
        if known.used:
            provider.reused += 1
            return None
        return known

    def authenticate_user(self, refresh_token: Any) -> str:
        return USER if refresh_token else ""

    def revoke_old_credential(self, refresh_token: Any) -> None:
        refresh_token.used = True


class _Assertion(JWTBearerGrant):
    def resolve_issuer_client(self, issuer: str) -> Any:
        return self.server.provider.clients.get(issuer)

    def resolve_client_public_key(self, client: Any) -> Any:
        return client.key

    def get_audiences(self) -> list[str]:
        return [self.server.provider.token_url]

    def authenticate_user(self, subject: str) -> str | None:
        return subject if subject == USER else None

    def has_granted_permission(self, client: Any, user: str) -> bool:
        return bool(client and user)


class _Credentials(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = (*_METHODS, "private_key_jwt")


class _ByKey(JWTBearerClientAssertion):
    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._provider = provider

    def get_audiences(self) -> list[str]:
        return [self._provider.token_url]

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        return bool(claims and jti)

    def resolve_client_public_key(self, client: Any) -> Any:
        return client.key


@contextmanager
def authorization_server() -> Iterator[Provider]:
    """Serve a provider over plain HTTP on loopback until the block ends."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
