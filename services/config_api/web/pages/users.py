"""People who sign in by password: listed, created, revoked."""

from __future__ import annotations

import secrets as randomness
from typing import TYPE_CHECKING, Any, Final

from flask import make_response, redirect, render_template, request, url_for

from services.config_api.application.users import NewUser
from services.config_api.domain.errors import DomainError
from services.config_api.domain.secret import Secret
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import problem_of
from services.config_api.http.guard import requires
from services.config_api.http.problems import Problem
from services.config_api.http.schemas.requests import USER_REQUEST
from services.config_api.web.access_words import role_name, role_words
from services.config_api.web.flashes import tell
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.access_forms import checked, refusal, tenants_typed
from services.config_api.web.pages.frame import blueprint

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

_RANDOM_BYTES: Final = 15
#: Roles of people; `credentials` and `tester` are those of services.
_ROLES: Final = ("admin", "operator", "auditor", "reader", "credentials")


@blueprint.get("/users")
@requires("admin", whole=True)
def users_page() -> Response:
    """Show all users, also those who were revoked, and the form of a new one."""
    return _page()


@blueprint.post("/users")
@requires("admin", whole=True)
def create_user_page() -> Response:
    """Create a user; a password that was left empty is made, and shown by this answer only."""
    typed = request.form.get("password", "")
    password = Secret(typed or randomness.token_urlsafe(_RANDOM_BYTES))
    document = {
        "name": request.form.get("name", "").strip(),
        "password": password.reveal(),
        "roles": request.form.getlist("roles"),
        "tenants": tenants_typed(),
    }
    try:
        _create(document, password)
    except (DomainError, Problem) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return _page(problem)
    shown = {"name": document["name"], "password": None if typed else password.reveal()}
    return _page(created=shown)


@blueprint.post("/users/<name>/revoke")
@requires("admin", whole=True)
def revoke_user_page(name: str) -> BaseResponse:
    """End a user and all its sessions."""
    relaybook().users.revoke(name, query_context())
    response = redirect(url_for("web.users_page"))
    tell(response, "user_revoked", name)
    return response


def _create(document: dict[str, Any], password: Secret) -> None:
    fields = checked(USER_REQUEST, document)
    new = NewUser(
        name=fields["name"],
        password=password,
        roles=tuple(fields["roles"]),
        tenants=fields.get("tenants"),
    )
    relaybook().users.create(new, query_context())


def _page(problem: Problem | None = None, created: dict[str, Any] | None = None) -> Response:
    items = [one.document() for one in relaybook().read_model.users()]
    html = render_template(
        "users.html",
        items=sorted(items, key=lambda one: one["revoked_at"] is not None),
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
        "name": _("User"),
        "password": _("Password"),
        "roles": _("Roles"),
        "tenants": _("Tenants"),
    }
