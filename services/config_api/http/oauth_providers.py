"""The providers of access tokens: list, register."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from flask import Response

from events.diagnosis import render, render_warning
from services.config_api.application.oauth_tokens import GRANT_WARNING
from services.config_api.formats.provider_document import read_provider
from services.config_api.http.auth import current_caller
from services.config_api.http.bodies import JSON, json_body
from services.config_api.http.commands import carried_out, json_response
from services.config_api.http.current import relaybook
from services.config_api.http.etags import version_tag
from services.config_api.http.examples import NEW_PROVIDER, PROVIDER, PROVIDER_LIST
from services.config_api.http.guard import requires
from services.config_api.http.language import asked_language
from services.config_api.http.operation import Body, Good, Link, Operation
from services.config_api.http.query import read_query
from services.config_api.http.resources import OAUTH_PROVIDERS
from services.config_api.read_model.documents import instant

if TYPE_CHECKING:
    from services.config_api.application.context import Answer
    from services.config_api.application.oauth_token_rows import HeldToken

#: Fields that a provider of settings for some tenants would share with all of them.
_PATH: Final = {"path.provider_id": "$response.body#/id"}

_LIST = Operation(
    method="GET",
    rule="/oauth-providers",
    access=requires("operator"),
    good=[
        Good(
            status=200,
            description="All providers by id, each with the state of its token.",
            schema="OAuthProviderList",
            example=PROVIDER_LIST,
        )
    ],
)
_CREATE = Operation(
    method="POST",
    rule="/oauth-providers",
    access=requires("operator", whole=True),
    good=[
        Good(
            status=201,
            description="The provider. Only an administrator may choose `mail_hosts`; a preset"
            " fills them in for everybody.",
            schema="OAuthProvider",
            headers=("ETag", "Location"),
            example=PROVIDER,
            links=(
                Link(operation_id="read_oauth_provider", parameters=_PATH),
                Link(operation_id="authorize_oauth_provider", parameters=_PATH),
            ),
        )
    ],
    problems=("already-exists",),
    body=Body(media_types=(JSON,), schema="NewOAuthProvider", example=NEW_PROVIDER),
)


@OAUTH_PROVIDERS.serve(_LIST)
def list_oauth_providers() -> Response:
    """List the providers; no secret is shown."""
    read_query(_LIST.query)
    items = [with_token_state(json.loads(one.document)) for one in relaybook().oauth.stored.all()]
    return json_response({"items": items, "next": None})


@OAUTH_PROVIDERS.serve(_CREATE)
def create_oauth_provider() -> Response:
    """Register a provider."""
    provider_id, draft, _ = read_provider(json_body())
    providers = relaybook().oauth.providers
    as_admin = current_caller().principal.may("admin")

    def created(answer: Answer) -> Response:
        response = provider_response(answer, 201)
        response.headers["Location"] = f"/v1/oauth-providers/{provider_id}"
        return response

    return carried_out(
        lambda ctx: providers.register(provider_id, draft, ctx, as_admin=as_admin), created
    )


def provider_response(answer: Answer, status: int = 200) -> Response:
    """Return a provider after a change, with its ETag."""
    response = json_response(answer.document, status)
    if answer.version is not None:
        response.headers["ETag"] = f'"{version_tag(answer.version)}"'
    return response


def with_token_state(document: dict[str, Any]) -> dict[str, Any]:
    """Return a provider's document with what is known of its token."""
    held = relaybook().oauth.tokens.rows.find(document["id"])
    return document | {"token_state": _token_state(document, held)}


def _token_state(document: dict[str, Any], held: HeldToken | None) -> dict[str, Any]:
    now = relaybook().clock()
    state, failure = "none", None
    if held is not None and held.failure is not None:
        state, failure = "failed", held.failure
    if held is not None and held.usable(document["version"], now):
        state = "valid"
    has_consent = document["secrets"]["refresh_token"] == "stored"  # noqa: S105 -- a state
    if document["grant"] == "authorization_code" and not has_consent:
        state, held, failure = "consent_needed", None, None
    return {
        "state": state,
        "expires_at": instant(held.expires_at) if held else None,
        "renewed_at": instant(held.renewed_at) if held else None,
        "grant_ends_at": instant(held.refresh_expires_at) if held else None,
        "failed_at": instant(held.failed_at) if held else None,
        "failure": None if failure is None else _told(failure["code"], failure["facts"]),
        "warnings": _warnings(document["id"], held),
    }


def _told(code: str, facts: dict[str, Any]) -> dict[str, str]:
    title, hint = render(code, facts, asked_language())
    return {"code": code, "title": title, "hint": hint}


def _warnings(provider_id: str, held: HeldToken | None) -> list[dict[str, str]]:
    ends_at = held.refresh_expires_at if held else None
    if ends_at is None or ends_at - relaybook().clock() >= GRANT_WARNING:
        return []
    facts = {"provider_id": provider_id, "ends_at": instant(ends_at)}
    title, hint = render_warning("token_expires_soon", facts, asked_language())
    return [{"code": "token_expires_soon", "title": title, "hint": hint}]
