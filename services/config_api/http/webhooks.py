"""Webhooks: list, register, read, replace, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Response

from events.envelope import new_id
from services.config_api.formats.webhook_document import read_webhook as webhook_in
from services.config_api.http.auth import current_caller
from services.config_api.http.bodies import JSON, json_body, no_fields
from services.config_api.http.commands import carried_out, empty, json_response
from services.config_api.http.current import relaybook
from services.config_api.http.etags import expected_version, tagged, version_tag
from services.config_api.http.failures import no_webhook
from services.config_api.http.guard import requires
from services.config_api.http.idempotency import Kind
from services.config_api.http.operation import Body, Good, Link, Operation
from services.config_api.http.query import read_query
from services.config_api.http.resources import WEBHOOKS
from services.config_api.http.webhook_examples import (
    MADE_WEBHOOK,
    NEW_WEBHOOK,
    WEBHOOK,
    WEBHOOK_LIST,
)

if TYPE_CHECKING:
    from services.config_api.application.context import Answer
    from services.config_api.read_model.webhooks import StoredWebhook

PATH: Final = "/v1/webhooks"
RULE: Final = "/webhooks/<webhook_id>"
_IN_PATH: Final = {"path.webhook_id": "$response.body#/id"}
_NEXT: Final = tuple(
    Link(operation_id=name, parameters=_IN_PATH)
    for name in ("read_webhook", "list_webhook_deliveries", "ping_webhook")
)

_LIST = Operation(
    method="GET",
    rule="/webhooks",
    access=requires("operator", whole=True),
    good=[
        Good(
            status=200,
            description="All webhooks by id, each with the number of its deliveries by state.",
            schema="WebhookList",
            example=WEBHOOK_LIST,
        )
    ],
)
_CREATE = Operation(
    method="POST",
    rule="/webhooks",
    access=requires("operator", whole=True),
    good=[
        Good(
            status=201,
            description="The webhook and its secret, which only this answer shows. Types that"
            " reach `access.*` or `key.*` need the role auditor as well.",
            schema="Webhook",
            headers=("ETag", "Location"),
            example=MADE_WEBHOOK,
            links=_NEXT,
        )
    ],
    problems=("already-exists",),
    body=Body(media_types=(JSON,), schema="NewWebhook", example=NEW_WEBHOOK),
    kind=Kind(secret=True),
)
_READ = Operation(
    method="GET",
    rule=RULE,
    access=requires("operator", whole=True),
    good=[
        Good(
            status=200,
            description="The webhook.",
            schema="Webhook",
            headers=("ETag",),
            example=WEBHOOK,
        ),
        Good(status=304, description="What the asker has is still so.", headers=("ETag",)),
    ],
    problems=("not-found",),
    headers=("IfNoneMatch",),
)
_REPLACE = Operation(
    method="PUT",
    rule=RULE,
    access=requires("operator", whole=True),
    good=[
        Good(
            status=200,
            description="The webhook. The secret stays where none is sent; null has a new one"
            " made. A new one is shown this once, and the one before signs beside it for a day.",
            schema="Webhook",
            headers=("ETag",),
            example=WEBHOOK,
        )
    ],
    problems=("not-found", "precondition-required", "version-conflict"),
    headers=("IfMatch",),
    body=Body(media_types=(JSON,), schema="NewWebhook", example=NEW_WEBHOOK),
    kind=Kind(secret=True),
)
_DELETE = Operation(
    method="DELETE",
    rule=RULE,
    access=requires("operator", whole=True),
    good=[Good(status=204, description="It is gone, and its deliveries with it.")],
    problems=("not-found", "precondition-required", "version-conflict"),
    headers=("IfMatch",),
)


@WEBHOOKS.serve(_LIST)
def list_webhooks() -> Response:
    """List the webhooks; no secret is shown."""
    read_query(_LIST.query)
    items = [with_counts(one.read()) for one in relaybook().webhooks.stored.all()]
    return json_response({"items": items, "next": None})


@WEBHOOKS.serve(_CREATE)
def create_webhook() -> Response:
    """Register a webhook."""
    webhook_id, draft = webhook_in(json_body(), usual_id=new_id())
    commands = relaybook().webhooks.commands

    def created(answer: Answer) -> Response:
        response = _changed(answer, 201)
        response.headers["Location"] = f"{PATH}/{webhook_id}"
        return response

    return carried_out(
        lambda ctx: commands.register(webhook_id, draft, ctx, as_auditor=is_auditor()), created
    )


@WEBHOOKS.serve(_READ)
def read_webhook(webhook_id: str) -> Response:
    """Read one webhook; no secret is shown."""
    stored = found_webhook(webhook_id)
    read_query(_READ.query)
    return tagged(Response(stored.document, content_type=JSON), version_tag(stored.version))


@WEBHOOKS.serve(_REPLACE)
def replace_webhook(webhook_id: str) -> Response:
    """Replace a webhook; a secret that is left out stays."""
    current = found_webhook(webhook_id)
    document = json_body()
    expected = expected_version(current.version)
    _, draft = webhook_in(document, usual_id=webhook_id, path_id=webhook_id)
    commands = relaybook().webhooks.commands
    return carried_out(
        lambda ctx: commands.replace(webhook_id, draft, expected, ctx, as_auditor=is_auditor()),
        _changed,
    )


@WEBHOOKS.serve(_DELETE)
def delete_webhook(webhook_id: str) -> Response:
    """Delete a webhook and what it is told."""
    current = found_webhook(webhook_id)
    no_fields()
    expected = expected_version(current.version)
    commands = relaybook().webhooks.commands
    return carried_out(lambda ctx: commands.delete(webhook_id, expected, ctx), lambda _: empty())


def found_webhook(webhook_id: str) -> StoredWebhook:
    """Return a stored webhook; raises Problem `not-found`."""
    stored = relaybook().webhooks.stored.by_id(webhook_id)
    if stored is None:
        raise no_webhook(webhook_id)
    return stored


def with_counts(document: dict[str, Any]) -> dict[str, Any]:
    """Return a webhook's document with the number of its deliveries by state."""
    return document | {"deliveries": relaybook().webhooks.deliveries.counts(document["id"])}


def is_auditor() -> bool:
    """Tell whether the caller may read every type of event."""
    return current_caller().principal.may("auditor")


def _changed(answer: Answer, status: int = 200) -> Response:
    response = json_response(answer.document, status)
    if answer.version is not None:
        response.headers["ETag"] = f'"{version_tag(answer.version)}"'
    return response
