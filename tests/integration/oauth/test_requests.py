"""Each grant against a real authorization server, and how its refusals are told."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from flask import Response
from joserfc.jwk import ECKey, RSAKey

from events.oauth_provider import ProviderValues
from events.reach import WEB_PORTS, ReachPolicy
from services.config_api.domain.secret import Secret
from services.config_api.oauth.answers import EndpointRefused, EndpointSilent
from services.config_api.oauth.requests import TokenRequests, consent_url
from services.config_api.outbound.addresses import Judge
from services.config_api.outbound.transport import GuardedTransport, Trust, guarded_client
from tests.support.authorization_server import (
    JWT_BEARER,
    USER,
    Client,
    Issued,
    Provider,
    authorization_server,
)

REDIRECT = "https://relaybook.example/oauth/callback"
VERIFIER = Secret("v" * 43)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with authorization_server() as running:
        yield running


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    policy = ReachPolicy.parse("127.0.0.0/8:*", "", open_ports=WEB_PORTS)
    with guarded_client(GuardedTransport(Judge(policy=policy), Trust(None), limit_s=2.0)) as client:
        yield client


def _values(provider: Provider, **changes: Any) -> ProviderValues:
    fields = {
        "name": "Test",
        "grant": "client_credentials",
        "token_url": provider.token_url,
        "authorize_url": f"{provider.url}/authorize",
        "client_id": "relaybook",
        "scopes": ("smtp",),
    }
    return ProviderValues(**(fields | changes))


def _asking(values: ProviderValues, http: httpx.Client, **secrets: str) -> TokenRequests:
    held = {name: Secret(text) for name, text in secrets.items()}
    return TokenRequests(provider=values, secrets=held, client=http)


def _key_pair(kind: str) -> tuple[str, Any]:
    """Return a private key in PEM, and the public one as the server holds it."""
    key: Any = (
        rsa.generate_private_key(65537, 2048)
        if kind == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), (RSAKey if kind == "rsa" else ECKey).import_key(public)


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_client_credentials_with_the_secret_where_the_provider_wants_it(
    provider: Provider, http: httpx.Client, method: str
) -> None:
    provider.clients["relaybook"] = Client("relaybook", secret="s3cret", method=method)
    values = _values(provider, audience="https://mail.example", extra={"resource": "r"})
    issued = _asking(values, http, client_secret="s3cret").token()
    assert issued.access_token == Secret(provider.issued[-1].access_token)
    assert (issued.expires_in, issued.refresh_token) == (3600, None)
    form = provider.forms[-1]
    assert form["scope"] == "smtp"
    assert (form["audience"], form["resource"]) == ("https://mail.example", "r")


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_client_credentials_with_a_key_in_place_of_a_secret(
    provider: Provider, http: httpx.Client, kind: str
) -> None:
    private, public = _key_pair(kind)
    provider.clients["relaybook"] = Client("relaybook", key=public, method="private_key_jwt")
    issued = _asking(_values(provider, key_id="k1"), http, private_key=private).token()
    assert issued.access_token == Secret(provider.issued[-1].access_token)
    header = provider.forms[-1]["client_assertion"].split(".")[0]
    assert b'"kid":"k1"' in base64.urlsafe_b64decode(header + "==").replace(b" ", b"")


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_signed_claim_for_a_subject(provider: Provider, http: httpx.Client, kind: str) -> None:
    private, public = _key_pair(kind)
    provider.clients["relaybook"] = Client("relaybook", key=public)
    values = _values(provider, grant="jwt_bearer", subject=USER)
    issued = _asking(values, http, private_key=private).token()
    assert issued.access_token == Secret(provider.issued[-1].access_token)
    assert provider.forms[-1]["grant_type"] == JWT_BEARER
    assert "client_id" not in provider.forms[-1]


def test_a_rotated_refresh_token_comes_with_the_answer(
    provider: Provider, http: httpx.Client
) -> None:
    provider.clients["relaybook"] = Client("relaybook", secret="s3cret")
    provider.issued.append(Issued("a", "first", "relaybook", "smtp"))
    values = _values(provider, grant="refresh_token")
    issued = _asking(values, http, client_secret="s3cret", refresh_token="first").token()
    assert issued.refresh_token == Secret(provider.issued[-1].refresh_token or "")
    with pytest.raises(EndpointRefused) as refused:
        _asking(values, http, client_secret="s3cret", refresh_token="first").token()
    assert refused.value.ends_grant
    assert refused.value.error == "invalid_grant"


def test_a_consent_with_pkce(provider: Provider, http: httpx.Client) -> None:
    provider.clients["relaybook"] = Client("relaybook", secret="s3cret", redirect_uri=REDIRECT)
    values = _values(provider, grant="authorization_code", extra={"prompt": "consent"})
    url = consent_url(values, state="st", verifier=VERIFIER, redirect_uri=REDIRECT)
    told = parse_qs(urlsplit(url).query)
    assert (told["prompt"], told["code_challenge_method"]) == (["consent"], ["S256"])
    back = httpx.get(url, trust_env=False).headers["Location"]
    came = parse_qs(urlsplit(back).query)
    assert back.startswith(REDIRECT)
    assert came["state"] == ["st"]
    asking = _asking(values, http, client_secret="s3cret")
    with pytest.raises(EndpointRefused):
        asking.token_for_code(came["code"][0], verifier=Secret("w" * 43), redirect_uri=REDIRECT)
    issued = asking.token_for_code(came["code"][0], verifier=VERIFIER, redirect_uri=REDIRECT)
    assert issued.refresh_token == Secret(provider.issued[-1].refresh_token or "")


def test_a_wrong_secret_is_told_in_the_providers_words(
    provider: Provider, http: httpx.Client
) -> None:
    provider.clients["relaybook"] = Client("relaybook", secret="s3cret")
    with pytest.raises(EndpointRefused) as refused:
        _asking(_values(provider), http, client_secret="wrong").token()
    assert refused.value.error == "invalid_client"
    assert len(provider.forms) == 2  # the other place for the secret was tried, once


def _json(text: str, status: int = 200) -> Response:
    return Response(text, status=status, content_type="application/json")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (_json("{}"), "invalid_response"),
        (_json("[]"), "invalid_response"),
        (_json("null"), "invalid_response"),
        (_json("<html>"), "invalid_response"),
        (_json('{"access_token": ""}'), "invalid_response"),
        (_json('{"access_token": 7}'), "invalid_response"),
        (_json('{"access_token": "a\\r\\nb"}'), "invalid_response"),
        (_json('{"access_token": "' + "a" * 20_000 + '"}'), "invalid_response"),
        (_json('{"access_token": "a", "token_type": "mac"}'), "invalid_response"),
        (_json('{"access_token": "a", "expires_in": "soon"}'), "invalid_response"),
        (_json('{"error": "invalid_scope"}', 400), "invalid_scope"),
        (_json('{"error": ["x"]}', 400), "['x']"),
    ],
)
def test_answers_of_no_use_are_refusals(
    provider: Provider, http: httpx.Client, answer: Response, code: str
) -> None:
    provider.refuse_with = answer
    with pytest.raises(EndpointRefused) as refused:
        _asking(_values(provider), http, client_secret="s").token()
    assert refused.value.error == code


@pytest.mark.parametrize(
    "answer",
    [
        _json("oops", 500),
        _json('{"error": "server_error"}', 503),
        _json("nope", 404),
        Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
    ],
)
def test_a_broken_endpoint_may_be_asked_again(
    provider: Provider, http: httpx.Client, answer: Response
) -> None:
    provider.refuse_with = answer
    with pytest.raises(EndpointSilent):
        _asking(_values(provider), http, client_secret="s").token()


def test_what_a_provider_says_is_escaped_shortened_and_without_our_secrets(
    provider: Provider, http: httpx.Client
) -> None:
    words = "s3cret!! \\u001b[31m" + "x" * 600
    provider.refuse_with = _json(f'{{"error": "bad", "error_description": "{words}"}}', 400)
    with pytest.raises(EndpointRefused) as refused:
        _asking(_values(provider), http, client_secret="s3cret!!").token()
    told = refused.value.description or ""
    assert told.startswith("*** \\x1b[31mxxx")
    assert len(told) == 512


def test_an_endpoint_that_nobody_may_reach_is_not_asked(provider: Provider) -> None:
    policy = ReachPolicy.parse("", "", open_ports=WEB_PORTS)
    transport = GuardedTransport(Judge(policy=policy), Trust(None))
    with (
        guarded_client(transport) as client,
        pytest.raises(EndpointSilent, match="does not allow"),
    ):
        _asking(_values(provider), client, client_secret="s").token()
    assert provider.forms == []
