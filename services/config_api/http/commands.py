"""Carries out a command for the request at hand and renders its answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response, g

from events.envelope import SYSTEM_ACTOR_PREFIX, Cause
from services.config_api.application.context import Answer, Context
from services.config_api.domain.field_errors import title_and_hint
from services.config_api.http.auth import current_caller, source_ip
from services.config_api.http.current import relaybook
from services.config_api.http.etags import version_tag
from services.config_api.http.idempotency import keeping
from services.config_api.http.language import asked_language
from services.config_api.http.query import read_query
from services.config_api.http.trace import current_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from events.store.port import RowWrite
    from services.config_api.http.operation import Operation


def cause() -> Cause:
    """Return who causes what the request at hand changes, and the story that it belongs to."""
    trace = current_trace()
    return Cause(
        actor=current_caller().principal.actor,
        source_ip=source_ip(),
        correlation_id=trace.trace_id,
        causation_id=None,
        traceparent=trace.traceparent,
    )


def query_context() -> Context:
    """Return the context of something that answers without keeping its answer."""
    return Context(cause=cause(), at=relaybook().clock())


def carried_out(
    command: Callable[[Context], Answer], render: Callable[[Answer], Response]
) -> Response:
    """Carry out a command and return its answer, kept with its events for an idempotency key.

    Raises Problem for query parameters that the operation at hand does not declare.
    """
    refuse_unknown_parameters()
    at = relaybook().clock()
    keep = keeping()
    rendered: list[Response] = []

    def remember(answer: Answer) -> Sequence[RowWrite]:
        rendered.append(render(answer))
        return keep.rows(rendered[-1], at) if keep else ()

    answer = command(Context(cause=cause(), at=at, remember=remember))
    if keep and rendered:
        keep.kept = True
    return rendered[-1] if rendered else render(answer)


def refuse_unknown_parameters() -> None:
    """Raise Problem `validation-failed` where the operation at hand has no such parameters."""
    operation: Operation | None = g.get("operation")
    if operation is not None:
        read_query(operation.query)


def json_response(document: object, status: int = 200) -> Response:
    """Return a JSON answer."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status=status, content_type="application/json")


def setting_response(answer: Answer, status: int = 200) -> Response:
    """Return a setting after a change, with its ETag; warnings stand in it where there are any."""
    document: dict[str, Any] = dict(answer.document or {})
    if answer.warnings:
        document["warnings"] = rendered_warnings(answer)
    response = json_response(document, status)
    if answer.version is not None:
        response.headers["ETag"] = f'"{version_tag(answer.version)}"'
    return response


def rendered_warnings(answer: Answer) -> list[dict[str, str]]:
    """Return an answer's warnings with their sentences, in the language that is asked for."""
    language = asked_language()
    spoken = ((one.code, title_and_hint(one, language)) for one in answer.warnings)
    return [{"code": code, "title": title, "hint": hint} for code, (title, hint) in spoken]


def empty(status: int = 204) -> Response:
    """Return an answer without a body."""
    return Response(status=status)


def stranger_context() -> Context:
    """Return the context of a request by somebody who is not signed in yet."""
    trace = current_trace()
    by_nobody = Cause(
        actor=SYSTEM_ACTOR_PREFIX + "http",
        source_ip=source_ip(),
        correlation_id=trace.trace_id,
        causation_id=None,
        traceparent=trace.traceparent,
    )
    return Context(cause=by_nobody, at=relaybook().clock())
