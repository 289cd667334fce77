"""One provider of access tokens: read, replace, delete, ask for consent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Response

from services.config_api.application.context import Answer
from services.config_api.formats.provider_document import read_provider
from services.config_api.http.auth import current_caller
from services.config_api.http.bodies import JSON, json_body, no_fields
from services.config_api.http.commands import carried_out, empty, json_response
from services.config_api.http.current import relaybook
from services.config_api.http.etags import expected_version, tagged, version_tag
from services.config_api.http.examples import CONSENT, NEW_PROVIDER, PROVIDER
from services.config_api.http.failures import no_provider
from services.config_api.http.guard import requires
from services.config_api.http.idempotency import Kind
from services.config_api.http.oauth_providers import provider_response, with_token_state
from services.config_api.http.operation import Body, Good, Operation
from services.config_api.http.query import choice, read_query
from services.config_api.http.resources import OAUTH_PROVIDERS

if TYPE_CHECKING:
    from services.config_api.application.context import Context
    from services.config_api.read_model.providers import StoredProvider

_RULE = "/oauth-providers/<provider_id>"
_ONE = Good(
    status=200,
    description="The provider.",
    schema="OAuthProvider",
    headers=("ETag",),
    example=PROVIDER,
)

_READ = Operation(
    method="GET",
    rule=_RULE,
    access=requires("operator"),
    good=[_ONE, Good(status=304, description="What the asker has is still so.", headers=("ETag",))],
    problems=("not-found",),
    query=(
        choice("expand", "Also answer the state of its token; then without ETag.", "token_state"),
    ),
    headers=("IfNoneMatch",),
)
_REPLACE = Operation(
    method="PUT",
    rule=_RULE,
    access=requires("operator", whole=True),
    good=[_ONE],
    problems=("not-found", "precondition-required", "version-conflict", "secret-required"),
    headers=("IfMatch",),
    body=Body(media_types=(JSON,), schema="OAuthProviderFields", example=NEW_PROVIDER),
)
_DELETE = Operation(
    method="DELETE",
    rule=_RULE,
    access=requires("operator", whole=True),
    good=[Good(status=204, description="It is gone, and what it issued with it.")],
    problems=("not-found", "precondition-required", "version-conflict", "in-use"),
    headers=("IfMatch",),
)
_AUTHORIZE = Operation(
    method="POST",
    rule=_RULE + "/authorize",
    access=requires("operator", whole=True),
    good=[
        Good(
            status=200,
            description="Where a person with the right to do so consents, within ten minutes; the"
            " provider sends them back to `/oauth/callback`.",
            schema="Consent",
            headers=("Cache-Control",),
            example=CONSENT,
        )
    ],
    problems=("not-found",),
    kind=Kind(unkept=True),
)


@OAUTH_PROVIDERS.serve(_READ)
def read_oauth_provider(provider_id: str) -> Response:
    """Read one provider; no secret is shown."""
    stored = _found(provider_id)
    if read_query(_READ.query)["expand"] is not None:
        return json_response(with_token_state(json.loads(stored.document)))
    return tagged(Response(stored.document, content_type=JSON), version_tag(stored.version))


@OAUTH_PROVIDERS.serve(_REPLACE)
def replace_oauth_provider(provider_id: str) -> Response:
    """Replace a provider; secrets and `mail_hosts` that are left out stay."""
    current = _found(provider_id)
    document = json_body()
    expected = expected_version(current.version)
    _, draft, hosts_given = read_provider(document, path_id=provider_id)
    providers = relaybook().oauth.providers
    as_admin = current_caller().principal.may("admin")

    def command(ctx: Context) -> Answer:
        return providers.replace(
            provider_id, draft, expected, ctx, as_admin=as_admin, keeps_hosts=not hosts_given
        )

    return carried_out(command, provider_response)


@OAUTH_PROVIDERS.serve(_DELETE)
def delete_oauth_provider(provider_id: str) -> Response:
    """Delete a provider that no setting names."""
    current = _found(provider_id)
    no_fields()
    expected = expected_version(current.version)
    oauth = relaybook().oauth

    def command(ctx: Context) -> Answer:
        answer = oauth.providers.delete(provider_id, expected, ctx)
        oauth.tokens.forget(provider_id)
        return answer

    return carried_out(command, lambda _: empty())


@OAUTH_PROVIDERS.serve(_AUTHORIZE)
def authorize_oauth_provider(provider_id: str) -> Response:
    """Begin a consent in the browser (PKCE)."""
    _found(provider_id)
    no_fields()
    consents = relaybook().oauth.consents

    def command(ctx: Context) -> Answer:
        return Answer(document={"url": consents.begin(provider_id, ctx)}, version=None)

    response = carried_out(command, lambda answer: json_response(answer.document))
    response.headers["Cache-Control"] = "no-store"
    return response


def _found(provider_id: str) -> StoredProvider:
    stored = relaybook().oauth.stored.by_id(provider_id)
    if stored is None:
        raise no_provider(provider_id)
    return stored
