"""A problem as a page for people, where the web client has no page of its own for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request
from markupsafe import Markup

from services.config_api.http.language import asked_language
from services.config_api.http.problem_texts import title_of
from services.config_api.http.trace import current_trace

if TYPE_CHECKING:
    from services.config_api.http.problems import Problem

_PAGE = Markup(
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
    '<body><main class="refusal"><h1>{title}</h1><p>{detail}</p><p><small>{trace_id}</small></p>'
    '<p><a href="/">Relaybook</a></p></main></body></html>'
)


def problem_page(problem: Problem) -> Response:
    """Return a plain page that says what a problem says."""
    language = asked_language()
    page = _PAGE.format(
        language=language,
        title=title_of(problem.slug, language),
        detail=problem.detail(language),
        trace_id=current_trace().trace_id,
    )
    response = Response(page, status=problem.status, content_type="text/html; charset=utf-8")
    response.headers.update(problem.headers)
    response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    return beside(response)


def beside(response: Response) -> Response:
    """Return a refusal; to a page whose script asked, as something to show above what is there."""
    if request.headers.get("HX-Request") == "true":
        response.headers["HX-Retarget"] = "#refusal"
        response.headers["HX-Reswap"] = "innerHTML"
        response.headers["HX-Reselect"] = ".refusal"
    return response
