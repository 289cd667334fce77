from __future__ import annotations

from typing import Any

import pytest

from services.config_api.openid.errors import ProviderWrong
from services.config_api.openid.metadata import discovery_url, read_metadata

ISSUER = "https://id.example"
DOCUMENT: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": "https://keys.example/jwks",
}


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://id.example", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/a", "https://id.example/a/.well-known/openid-configuration"),
    ],
)
def test_the_document_stands_under_the_issuer(issuer: str, url: str) -> None:
    assert discovery_url(issuer) == url


def test_what_a_document_leaves_out_is_as_the_specification_says() -> None:
    found = read_metadata(DOCUMENT, ISSUER)
    assert found.algorithms == ("RS256",)
    assert found.auth_methods == ("client_secret_basic",)
    assert not found.names_itself
    assert found.scope(("groups",)) == "openid profile email"


def test_scopes_are_asked_for_that_the_provider_lists() -> None:
    document = DOCUMENT | {"scopes_supported": ["openid", "email", "groups", "phone"]}
    assert read_metadata(document, ISSUER).scope(("groups", "email")) == "openid email groups"


def test_only_signatures_by_key_pairs_are_believed() -> None:
    offered = ["none", "HS256", "ES256", "RS512", "EdDSA"]
    document = DOCUMENT | {"id_token_signing_alg_values_supported": offered}
    assert read_metadata(document, ISSUER).algorithms == ("ES256", "EdDSA")


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://id.example/"},
        {"issuer": None},
        {"token_endpoint": "http://id.example/token"},
        {"token_endpoint": "https:///token"},
        {"token_endpoint": "https://id.example:99999/"},
        {"token_endpoint": "https://id.example/\nx"},
        {"token_endpoint": 7},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
        {"scopes_supported": "openid"},
        {"token_endpoint_auth_methods_supported": [1]},
        {"id_token_signing_alg_values_supported": ["HS256"]},
    ],
)
def test_a_document_that_cannot_be_used_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ProviderWrong, match="discovery"):
        read_metadata(DOCUMENT | changed, ISSUER)
