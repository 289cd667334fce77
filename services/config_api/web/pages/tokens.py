"""Tokens of services and scripts: listed with their last use, issued, revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import make_response, redirect, render_template, request, url_for

from services.config_api.domain.errors import DomainError
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import problem_of
from services.config_api.http.guard import requires
from services.config_api.http.problems import Problem
from services.config_api.http.schemas.requests import TOKEN_REQUEST
from services.config_api.web.access_words import role_name, role_words
from services.config_api.web.flashes import tell
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.access_forms import checked, refusal, tenants_typed
from services.config_api.web.pages.frame import blueprint

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

_ROLES: Final = ("credentials", "reader", "operator", "auditor", "admin", "tester")


@blueprint.get("/tokens")
@requires("admin", whole=True)
def tokens_page() -> Response:
    """Show all tokens, those that hold first, and the form of a new one."""
    return _page()


@blueprint.post("/tokens")
@requires("admin", whole=True)
def create_token_page() -> Response:
    """Issue a token; only this answer shows its text."""
    try:
        shown = _create()
    except (DomainError, Problem) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return _page(problem)
    return _page(created=shown)


@blueprint.post("/tokens/<token_id>/revoke")
@requires("admin", whole=True)
def revoke_token_page(token_id: str) -> BaseResponse:
    """End a token, and the sessions that hang on it."""
    answer = relaybook().access.revoke_token(token_id, query_context())
    response = redirect(url_for("web.tokens_page"))
    tell(response, "token_revoked", str((answer.document or {}).get("name", token_id)))
    return response


def _create() -> dict[str, Any]:
    """Issue the token that the form asks for; raises Problem."""
    days = request.form.get("days", "").strip()
    document: dict[str, Any] = {
        "name": request.form.get("name", "").strip(),
        "roles": request.form.getlist("roles"),
        "tenants": tenants_typed(),
    }
    if days:
        document["days"] = int(days) if days.isascii() and days.isdigit() else days
    fields = checked(TOKEN_REQUEST, document)
    _answer, secret = relaybook().access.create_token(
        name=fields["name"],
        roles=tuple(fields["roles"]),
        tenants=fields.get("tenants"),
        days=fields.get("days"),
        ctx=query_context(),
    )
    return {"name": fields["name"], "token": secret.reveal()}


def _page(problem: Problem | None = None, created: dict[str, Any] | None = None) -> Response:
    now = relaybook().clock()
    tokens = sorted(relaybook().read_model.tokens(), key=lambda one: not one.holds(now))
    html = render_template(
        "tokens.html",
        items=[one.document() | {"holds": one.holds(now)} for one in tokens],
        created=created,
        given=request.form if problem else {},
        chosen=request.form.getlist("roles") if problem else [],
        roles={name: role_words()[name] for name in _ROLES},
        role_name=role_name,
        **refusal(problem, _names()),
    )
    return make_response(html, problem.status if problem else 200)


def _names() -> dict[str, str]:
    return {
        "name": _("Name"),
        "roles": _("Roles"),
        "tenants": _("Tenants"),
        "days": _("Days"),
    }
