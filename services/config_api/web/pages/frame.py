"""What every page has: the menu, the reader's language and colours, and how an error looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from flask import Blueprint, make_response, redirect, render_template, request, url_for

from services.config_api.domain.errors import DomainError
from services.config_api.http.auth import caller_if_known
from services.config_api.http.csrf import masked
from services.config_api.http.failures import problem_of
from services.config_api.http.incoming import CutOff
from services.config_api.http.problem_page import beside
from services.config_api.http.problems import Problem
from services.config_api.http.trace import current_trace
from services.config_api.web.assets import asset_url
from services.config_api.web.compression import compressed
from services.config_api.web.flashes import forget_told, told
from services.config_api.web.i18n import install, language
from services.config_api.web.menu import entries
from services.config_api.web.words import field_name, person_word, value_word
from services.config_api.web.zones import local_time, utc_time, zone_name

if TYPE_CHECKING:
    from flask import Flask
    from flask.blueprints import BlueprintSetupState
    from werkzeug.wrappers import Response

    from services.config_api.http.auth import Caller

THEME_COOKIE: Final = "relaybook-theme"
THEMES: Final = ("light", "dark")

blueprint = Blueprint("web", "services.config_api.web", template_folder="templates")


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    install(app)
    app.jinja_env.globals.update(asset=asset_url)  # macros see globals only
    app.jinja_env.filters.update(
        local_time=local_time,
        utc_time=utc_time,
        field_name=field_name,
        value_word=value_word,
        person=person_word,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


@blueprint.before_request
def _speak() -> None:
    language()


blueprint.after_request(forget_told)
blueprint.after_request(compressed)


@blueprint.context_processor
def _frame() -> dict[str, Any]:
    """Return what the templates of all pages use."""
    known = caller_if_known()
    theme = request.cookies.get(THEME_COOKIE)
    return {
        "menu": entries(known.principal) if known else [],
        "language": language(),
        "theme": theme if theme in THEMES else None,
        "zone": zone_name(),
        "traceparent": current_trace().traceparent,
        "principal": known.principal if known else None,
        "may": known.principal.may if known else _may_not,
        "person": _person(known) if known else None,
        "done": told() if known else None,
        "csrf_token": masked(known.session.csrf_token) if known and known.session else "",
    }


def _may_not(_role: str) -> bool:
    return False


def _person(known: Caller) -> str:
    """Return what to call who is signed in."""
    named = known.session.name if known.session else None
    return named or known.principal.actor.partition(":")[2]


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return a problem for a page, in the reader's language."""
    return problem.document(language(), current_trace().trace_id)


def is_fragment() -> bool:
    """Tell whether the page's script asks, to put the answer into the page that is there."""
    return request.headers.get("HX-Request") == "true"


@blueprint.errorhandler(DomainError)
@blueprint.errorhandler(Problem)
def refused(error: DomainError | Problem) -> Response:
    """Lead a reader who is not signed in to the sign-in; show others what is wrong.

    A page whose script asked stays as it is, with what was typed, and shows the reason above.
    """
    problem = problem_of(error)
    if problem is None:
        raise error
    if isinstance(problem, CutOff):
        return make_response("", problem.status)  # no page for a browser that has left
    if is_fragment():
        told = render_template("refusal.html", error=problem_document(problem), slug=problem.slug)
        return beside(make_response(told, problem.status))
    if problem.slug == "unauthenticated":
        return redirect(url_for("web.sign_in"))
    page = render_template("problem.html", error=problem_document(problem))
    return make_response(page, problem.status)
