"""Webhooks: listed, registered, changed; what each was told, and replayed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from flask import make_response, redirect, render_template, request, url_for
from marshmallow import ValidationError

from events.envelope import new_id
from services.config_api.application.webhook_deliveries import STATES
from services.config_api.domain.errors import DomainError
from services.config_api.formats.webhook_document import read_webhook
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import problem_of
from services.config_api.http.guard import requires
from services.config_api.http.problems import Problem
from services.config_api.http.schemas.parameters import Cursor
from services.config_api.http.webhook_deliveries import deliveries_page
from services.config_api.http.webhooks import found_webhook, is_auditor, with_counts
from services.config_api.web.flashes import tell
from services.config_api.web.pages.access_forms import refusal
from services.config_api.web.pages.frame import blueprint
from services.config_api.web.webhook_form import (
    message_words,
    reason_words,
    state_words,
    typed_webhook,
    webhook_document,
    webhook_fields,
    webhook_form,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.application.context import Answer

_PAGE_SIZE: Final = 50


@blueprint.get("/webhooks")
@requires("operator", whole=True)
def webhooks_list() -> str:
    """Show all webhooks, each with what waits and what is parked."""
    items = [with_counts(one.read()) for one in relaybook().webhooks.stored.all()]
    return render_template("webhooks.html", items=items)


@blueprint.get("/webhooks/new")
@requires("operator", whole=True)
def new_webhook_page() -> Response:
    """Show the form of a new webhook."""
    return _page(None, webhook_form(None))


@blueprint.post("/webhooks/new")
@requires("operator", whole=True)
def register_webhook() -> BaseResponse:
    """Register a webhook; only this answer shows its secret."""
    typed = typed_webhook(request.form)

    def register() -> Answer:
        webhook_id, draft = read_webhook(webhook_document(typed), usual_id=new_id())
        commands = relaybook().webhooks.commands
        return commands.register(webhook_id, draft, query_context(), as_auditor=is_auditor())

    return _done(None, typed, register)


@blueprint.get("/webhooks/<webhook_id>")
@requires("operator", whole=True)
def webhook_page(webhook_id: str) -> Response:
    """Show a webhook, its form and what it was told."""
    stored = found_webhook(webhook_id).read()
    return _page(stored, webhook_form(stored))


@blueprint.post("/webhooks/<webhook_id>")
@requires("operator", whole=True)
def change_webhook(webhook_id: str) -> BaseResponse:
    """Change a webhook in the version that its page showed."""
    stored = found_webhook(webhook_id).read()
    typed = typed_webhook(request.form)

    def replace() -> Answer:
        document = webhook_document(typed | {"id": ""})
        _id, draft = read_webhook(document, usual_id=webhook_id, path_id=webhook_id)
        commands = relaybook().webhooks.commands
        ctx = query_context()
        return commands.replace(webhook_id, draft, _version(), ctx, as_auditor=is_auditor())

    return _done(stored, typed, replace)


@blueprint.post("/webhooks/<webhook_id>/delete")
@requires("operator", whole=True)
def delete_webhook_page(webhook_id: str) -> BaseResponse:
    """Delete a webhook and what it is told."""
    stored = found_webhook(webhook_id).read()
    commands = relaybook().webhooks.commands
    try:
        commands.delete(webhook_id, _version(), query_context())
    except DomainError as error:
        return _refused(stored, webhook_form(stored), error)
    response = redirect(url_for("web.webhooks_list"))
    tell(response, "webhook_deleted", webhook_id)
    return response


@blueprint.post("/webhooks/<webhook_id>/ping")
@requires("operator", whole=True)
def ping_webhook_page(webhook_id: str) -> BaseResponse:
    """Let a test message be sent."""
    found_webhook(webhook_id)
    relaybook().webhooks.redelivery.ping(webhook_id, query_context())
    return _back(webhook_id, "webhook_pinged")


@blueprint.post("/webhooks/<webhook_id>/replay")
@requires("operator", whole=True)
def replay_deliveries_page(webhook_id: str) -> BaseResponse:
    """Let one delivery begin anew, or all that are parked."""
    found_webhook(webhook_id)
    again = relaybook().webhooks.redelivery
    delivery_id = request.form.get("delivery")
    if delivery_id:
        again.replay(webhook_id, delivery_id, query_context())
    else:
        again.replay_parked(webhook_id, query_context())
    return _back(webhook_id, "webhook_replayed")


def _version() -> int:
    return request.form.get("version", type=int) or 0


def _back(webhook_id: str, word: str) -> BaseResponse:
    response = redirect(url_for("web.webhook_page", webhook_id=webhook_id))
    tell(response, word, webhook_id)
    return response


def _done(
    stored: dict[str, Any] | None, typed: dict[str, Any], act: Callable[[], Answer]
) -> BaseResponse:
    """Act and lead to the webhook; a new secret is shown by this answer, as no other can."""
    try:
        document = act().document or {}
    except (DomainError, Problem) as error:
        return _refused(stored, typed, error)
    secret = document.pop("secret", None)
    if secret is None:
        return _back(document["id"], "webhook_updated")
    return _page(document, webhook_form(document), secret=secret)


def _refused(
    stored: dict[str, Any] | None, typed: dict[str, Any], error: DomainError | Problem
) -> Response:
    problem = problem_of(error)
    if problem is None:
        raise error
    return _page(stored, typed, problem=problem)


def _page(
    stored: dict[str, Any] | None,
    texts: Mapping[str, Any],
    *,
    problem: Problem | None = None,
    secret: str | None = None,
) -> Response:
    words = message_words()
    html = render_template(
        "webhook.html",
        stored=None if stored is None else with_counts(stored),
        texts=texts,
        secret=secret,
        names=webhook_fields(),
        types=words,
        states=state_words(),
        reasons=reason_words(),
        told=_told(stored),
        **refusal(problem, webhook_fields()),
    )
    return make_response(html, problem.status if problem else 200)


def _place(cursor: str | None) -> str | None:
    """Return the place in the list that an address names; one that names none is the beginning."""
    with suppress(ValidationError):
        return None if cursor is None else str(Cursor().deserialize(cursor))
    return None


def _told(stored: dict[str, Any] | None) -> dict[str, Any]:
    """Return a page of what a webhook was told, and the addresses around."""
    if stored is None:
        return {"items": []}
    state = request.args.get("state")
    state = state if state in STATES else None
    before = request.args.get("before")
    page, following = deliveries_page(stored["id"], state, _place(before), limit=_PAGE_SIZE)

    def address(at: str | None) -> str:
        return url_for("web.webhook_page", webhook_id=stored["id"], state=state, before=at)

    return {
        "items": [one.document() for one in page],
        "state": state,
        "first": address(None) if before else None,
        "next": address(following) if following else None,
    }
