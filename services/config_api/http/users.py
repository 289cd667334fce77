"""People who sign in by password: create, list, revoke."""

from __future__ import annotations

from flask import Response

from services.config_api.application.users import NewUser
from services.config_api.domain.secret import Secret
from services.config_api.http.bodies import JSON, json_fields, no_fields
from services.config_api.http.commands import carried_out, empty, json_response
from services.config_api.http.current import relaybook
from services.config_api.http.examples import USER, USER_LIST
from services.config_api.http.guard import requires
from services.config_api.http.operation import Body, Good, Link, Operation
from services.config_api.http.query import read_query
from services.config_api.http.resources import USERS
from services.config_api.http.schemas.requests import USER_REQUEST

_LIST = Operation(
    method="GET",
    rule="/users",
    access=requires("admin", whole=True),
    good=[
        Good(
            status=200,
            description="All users by name, also those who were revoked.",
            schema="UserList",
            example=USER_LIST,
        )
    ],
)
_CREATE = Operation(
    method="POST",
    rule="/users",
    access=requires("admin", whole=True),
    good=[
        Good(
            status=201,
            description="The user, who may sign in now; one who was revoked is created again.",
            schema="User",
            example=USER,
            links=(
                Link(operation_id="revoke_user", parameters={"path.name": "$response.body#/name"}),
            ),
        )
    ],
    problems=("already-exists",),
    body=Body(
        media_types=(JSON,),
        schema="UserRequest",
        example={"name": "alice", "password": "correct horse battery", "roles": ["operator"]},
    ),
)
_REVOKE = Operation(
    method="DELETE",
    rule="/users/<name>",
    access=requires("admin", whole=True),
    good=[Good(status=204, description="The user may sign in no more; its sessions have ended.")],
    problems=("not-found",),
)


@USERS.serve(_LIST)
def list_users() -> Response:
    """List the users."""
    read_query(_LIST.query)
    items = [user.document() for user in relaybook().read_model.users()]
    return json_response({"items": items, "next": None})


@USERS.serve(_CREATE)
def create_user() -> Response:
    """Let a person sign in by password."""
    asked = json_fields(USER_REQUEST)
    tenants = asked.get("tenants")
    new = NewUser(
        name=asked["name"],
        password=Secret(asked["password"]),
        roles=tuple(asked["roles"]),
        tenants=None if tenants is None else tuple(tenants),
    )
    users = relaybook().users
    return carried_out(
        lambda ctx: users.create(new, ctx), lambda answer: json_response(answer.document, 201)
    )


@USERS.serve(_REVOKE)
def revoke_user(name: str) -> Response:
    """End a user and all its sessions; one that was revoked stays so."""
    no_fields()
    users = relaybook().users
    return carried_out(lambda ctx: users.revoke(name, ctx), lambda _: empty())
