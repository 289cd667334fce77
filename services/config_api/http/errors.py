"""What errors are answered with: problems (RFC 9457), or pages that tell them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from services.config_api.http.bodies import body_limit, too_large
from services.config_api.http.failures import problem_of
from services.config_api.http.headers import is_api
from services.config_api.http.problem_page import problem_page
from services.config_api.http.problems import Problem, problem_response
from services.config_api.http.trace import current_trace

if TYPE_CHECKING:
    from flask import Flask

_log = logging.getLogger(__name__)
_REDIRECTS = range(300, 400)


def answer_errors(app: Flask) -> None:
    """Answer what the views of an app raise with problems; where pages are, with pages."""
    app.register_error_handler(HTTPException, _refused_by_flask)
    app.register_error_handler(Exception, _raised)


def answer(problem: Problem) -> Response:
    """Return a problem as JSON on the API's paths, as a page elsewhere."""
    if is_api(request.path):
        return problem_response(problem)
    return problem_page(problem)


def _refused_by_flask(error: HTTPException) -> Response | HTTPException:
    """Answer what Flask itself refuses."""
    if error.code in _REDIRECTS:
        return error
    return answer(_http_problem(error))


def _raised(error: Exception) -> Response:
    """Answer what the layers below refuse, and what nobody expected."""
    problem = problem_of(error)
    if problem is None:
        trace_id = current_trace().trace_id
        _log.error("a request failed", exc_info=error, extra={"trace_id": trace_id})
        problem = Problem("internal", "internal")
    return answer(problem)


def _http_problem(error: HTTPException) -> Problem:
    match error:
        case MethodNotAllowed():
            allowed = ", ".join(sorted(error.valid_methods or ()))
            facts = {"allowed": allowed}
            return Problem("method-not-allowed", "method", facts=facts, headers={"Allow": allowed})
        case NotFound():
            return Problem("not-found", "no_route")
        case RequestEntityTooLarge():
            return too_large(body_limit())
        case _:
            status = error.code or InternalServerError.code
            return Problem("malformed", "bad_request", status=status)
