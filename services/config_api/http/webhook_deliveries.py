"""What a webhook was told: listed, replayed; a test message."""

from __future__ import annotations

from typing import Final

from flask import Response

from services.config_api.application.webhook_deliveries import (
    STATES,
    Delivery,
    DeliveryPlace,
)
from services.config_api.http.bodies import no_fields
from services.config_api.http.commands import carried_out, json_response
from services.config_api.http.current import relaybook
from services.config_api.http.failures import wrong
from services.config_api.http.guard import requires
from services.config_api.http.operation import Good, Link, Operation
from services.config_api.http.query import choice, cursor, limit, read_query
from services.config_api.http.resources import WEBHOOKS
from services.config_api.http.schemas.parameters import cursor_text, instant_from
from services.config_api.http.smtp_settings import next_link
from services.config_api.http.webhook_examples import DELIVERY_PAGE, RENEWED, REPLAYED
from services.config_api.http.webhooks import RULE, found_webhook
from services.config_api.read_model.documents import instant

_PLACE: Final = " "
_LIST = Operation(
    method="GET",
    rule=RULE + "/deliveries",
    access=requires("operator", whole=True),
    good=[
        Good(
            status=200,
            description="A page, newest first.",
            schema="WebhookDeliveryPage",
            headers=("Link",),
            example=DELIVERY_PAGE,
        )
    ],
    problems=("not-found",),
    query=(choice("state", "Only those in this state.", *STATES), limit(), cursor()),
)
_REPLAY = Operation(
    method="POST",
    rule=RULE + "/deliveries/<delivery_id>/replay",
    access=requires("operator", whole=True),
    good=[
        Good(
            status=202,
            description="The delivery, which begins anew however it ended.",
            schema="WebhookDelivery",
            example=RENEWED,
        )
    ],
    problems=("not-found",),
)
_REPLAY_PARKED = Operation(
    method="POST",
    rule=RULE + "/deliveries/replay",
    access=requires("operator", whole=True),
    good=[
        Good(
            status=202,
            description="How many parked deliveries begin anew: all that there were.",
            schema="Replayed",
            example=REPLAYED,
        )
    ],
    problems=("not-found",),
)
_PING = Operation(
    method="POST",
    rule=RULE + "/ping",
    access=requires("operator", whole=True),
    good=[
        Good(
            status=202,
            description="The delivery of a message `webhook.ping`, whatever types are asked for.",
            schema="WebhookDelivery",
            example=RENEWED | {"type": "webhook.ping", "position": None},
            links=(
                Link(
                    operation_id="list_webhook_deliveries",
                    parameters={"path.webhook_id": "$request.path.webhook_id"},
                ),
            ),
        )
    ],
    problems=("not-found",),
)


@WEBHOOKS.serve(_LIST)
def list_webhook_deliveries(webhook_id: str) -> Response:
    """List the deliveries of a webhook, newest first."""
    found_webhook(webhook_id)
    asked = read_query(_LIST.query)
    page, following = deliveries_page(
        webhook_id, asked["state"], asked["cursor"], limit=asked["limit"]
    )
    response = json_response({"items": [one.document() for one in page], "next": following})
    if following is not None:
        response.headers["Link"] = next_link(following, asked)
    return response


@WEBHOOKS.serve(_REPLAY)
def replay_webhook_delivery(webhook_id: str, delivery_id: str) -> Response:
    """Ask for a delivery again."""
    found_webhook(webhook_id)
    no_fields()
    again = relaybook().webhooks.redelivery
    return carried_out(
        lambda ctx: again.replay(webhook_id, delivery_id, ctx),
        lambda answer: json_response(answer.document, 202),
    )


@WEBHOOKS.serve(_REPLAY_PARKED)
def replay_parked_deliveries(webhook_id: str) -> Response:
    """Ask for all parked deliveries of a webhook again."""
    found_webhook(webhook_id)
    no_fields()
    again = relaybook().webhooks.redelivery
    return carried_out(
        lambda ctx: again.replay_parked(webhook_id, ctx),
        lambda answer: json_response(answer.document, 202),
    )


@WEBHOOKS.serve(_PING)
def ping_webhook(webhook_id: str) -> Response:
    """Ask for a test message."""
    found_webhook(webhook_id)
    no_fields()
    again = relaybook().webhooks.redelivery
    return carried_out(
        lambda ctx: again.ping(webhook_id, ctx),
        lambda answer: json_response(answer.document, 202),
    )


def deliveries_page(
    webhook_id: str, state: str | None, place: str | None, *, limit: int
) -> tuple[list[Delivery], str | None]:
    """Return a page of deliveries and the cursor of the next one, None where there is none.

    Raises Problem `validation-failed` for a place that no page told.
    """
    deliveries = relaybook().webhooks.deliveries
    before = None if place is None else _place_in(place)
    found = deliveries.page(webhook_id, state, before, limit + 1)
    page = found[:limit]
    if len(found) <= limit:
        return page, None
    return page, cursor_text(f"{instant(page[-1].at)}{_PLACE}{page[-1].id}")


def _place_in(place: str) -> DeliveryPlace:
    at, _, id_ = place.partition(_PLACE)
    try:
        return DeliveryPlace(at=instant_from(at), id=id_)
    except ValueError as error:
        raise wrong("?cursor", "not_a_cursor") from error
