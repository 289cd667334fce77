"""A refusal of somebody who is known is recorded before it is answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import g, request

from events.access import AccessDenied
from events.store.port import StoreUnavailable
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.errors import answer
from services.config_api.http.failures import problem_of

if TYPE_CHECKING:
    from flask import Response

_LONGEST_PATH = 512


def record_denial(response: Response) -> Response:
    """Record a 403 in the log; where the log cannot be written, the answer is `unavailable`."""
    if response.status_code != HTTPStatus.FORBIDDEN or g.get("caller") is None:
        return response
    route = request.path if request.url_rule is None else request.url_rule.rule
    fits = len(request.path) <= _LONGEST_PATH and request.path.isprintable()
    fact = AccessDenied(method=request.method, path=request.path if fits else route)
    try:
        relaybook().denials.record(fact, route, query_context())
    except StoreUnavailable as error:
        problem = problem_of(error)
        return response if problem is None else answer(problem)
    return response
