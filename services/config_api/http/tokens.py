"""Tokens of services and scripts: issue, list, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from services.config_api.http.bodies import JSON, json_fields, no_fields
from services.config_api.http.commands import carried_out, empty, json_response
from services.config_api.http.current import relaybook
from services.config_api.http.examples import NEW_TOKEN, TOKEN_LIST
from services.config_api.http.guard import requires
from services.config_api.http.idempotency import Kind
from services.config_api.http.operation import Body, Good, Link, Operation
from services.config_api.http.query import read_query
from services.config_api.http.resources import TOKENS
from services.config_api.http.schemas.requests import TOKEN_REQUEST

if TYPE_CHECKING:
    from services.config_api.application.context import Answer, Context


_LIST = Operation(
    method="GET",
    rule="/tokens",
    access=requires("admin", whole=True),
    good=[
        Good(
            status=200,
            description="All tokens, oldest first.",
            schema="TokenList",
            example=TOKEN_LIST,
        )
    ],
)
_CREATE = Operation(
    method="POST",
    rule="/tokens",
    access=requires("admin", whole=True),
    good=[
        Good(
            status=201,
            description="The token; its text is shown once.",
            schema="NewToken",
            example=NEW_TOKEN,
            links=(
                Link(
                    operation_id="revoke_token", parameters={"path.token_id": "$response.body#/id"}
                ),
            ),
        )
    ],
    body=Body(
        media_types=(JSON,),
        schema="TokenRequest",
        example={"name": "mailer", "roles": ["credentials"], "tenants": ["acme"], "days": 90},
    ),
    kind=Kind(secret=True),
)
_REVOKE = Operation(
    method="DELETE",
    rule="/tokens/<token_id>",
    access=requires("admin", whole=True),
    good=[Good(status=204, description="It holds no more.")],
    problems=("not-found",),
)


@TOKENS.serve(_LIST)
def list_tokens() -> Response:
    """List the tokens, without their secrets."""
    read_query(_LIST.query)
    items = [token.document() for token in relaybook().read_model.tokens()]
    return json_response({"items": items, "next": None})


@TOKENS.serve(_CREATE)
def create_token() -> Response:
    """Issue a token; only this answer shows its text."""
    asked = json_fields(TOKEN_REQUEST)
    tenants = asked.get("tenants")

    def command(ctx: Context) -> Answer:
        answer, _ = relaybook().access.create_token(
            name=asked["name"],
            roles=tuple(asked["roles"]),
            tenants=None if tenants is None else tuple(tenants),
            days=asked.get("days"),
            ctx=ctx,
        )
        return answer

    return carried_out(command, lambda answer: json_response(answer.document, 201))


@TOKENS.serve(_REVOKE)
def revoke_token(token_id: str) -> Response:
    """End a token; one that was revoked stays so."""
    no_fields()
    access = relaybook().access
    return carried_out(lambda ctx: access.revoke_token(token_id, ctx), lambda _: empty())
