"""What a provider says of itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from services.config_api.openid.errors import ProviderWrong

#: Signatures that are believed, all of them by a key pair.
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
_PATH: Final = "/.well-known/openid-configuration"
_USUAL_SCOPES: Final = ("profile", "email")


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """Where a provider is asked what, and how it signs; `names_itself` is RFC 9207's promise."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    auth_methods: tuple[str, ...]
    scopes: tuple[str, ...] | None
    names_itself: bool

    def scope(self, claims: tuple[str, ...]) -> str:
        """Return what to ask for so that the ID token holds these claims.

        A provider that lists its scopes is asked for those named as the claims are (`groups`).
        """
        if self.scopes is None:
            return " ".join(("openid", *_USUAL_SCOPES))
        wanted = dict.fromkeys((*_USUAL_SCOPES, *claims))
        return " ".join(("openid", *(one for one in wanted if one in self.scopes)))


def discovery_url(issuer: str) -> str:
    """Return where an issuer publishes its document (section 4)."""
    return issuer.rstrip("/") + _PATH


def read_metadata(document: Mapping[str, Any], issuer: str) -> Metadata:
    """Return what is needed of a document; raises ProviderWrong."""
    if document.get("issuer") != issuer:
        raise ProviderWrong("discovery: the document is another issuer's")
    offered = _texts(document, "id_token_signing_alg_values_supported") or ("RS256",)
    algorithms = tuple(one for one in ALGORITHMS if one in offered)
    if not algorithms:
        raise ProviderWrong("discovery: no signature that is believed")
    methods = _texts(document, "token_endpoint_auth_methods_supported")
    return Metadata(
        authorization_endpoint=_endpoint(document, "authorization_endpoint", issuer),
        token_endpoint=_endpoint(document, "token_endpoint", issuer),
        jwks_uri=_endpoint(document, "jwks_uri", issuer),
        algorithms=algorithms,
        auth_methods=methods or ("client_secret_basic",),
        scopes=_texts(document, "scopes_supported"),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    found = document.get(name)
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ProviderWrong(f"discovery: {name} is no list of texts")
    return tuple(found)


def _endpoint(document: Mapping[str, Any], name: str, issuer: str) -> str:
    """Return an endpoint: by https, or as the issuer is; raises ProviderWrong."""
    found = document.get(name)
    schemes = {"https", urlsplit(issuer).scheme}
    try:
        parts = urlsplit(found if isinstance(found, str) else "")
        fits = parts.scheme in schemes and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not isinstance(found, str) or not (found.isascii() and found.isprintable()):
        raise ProviderWrong(f"discovery: {name} is no https URL")
    return found
