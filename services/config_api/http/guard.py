"""Every route says who may use it; nothing runs before that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from flask import current_app, request

from services.config_api.http.auth import Caller, authenticated, current_caller
from services.config_api.http.bodies import (
    FORM_LIMIT,
    USUAL_LIMIT,
    limit_body,
    refuse_encoding,
    require_size,
)
from services.config_api.http.csrf import require_same_site
from services.config_api.http.headers import is_api
from services.config_api.http.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from flask import Flask

    from events.access import Role

    View = TypeVar("View", bound=Callable[..., Any])


_LONGEST_PATH = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """Who may use a route: everybody, whoever is signed in, or who has one of the roles.

    `whole` keeps those out who are limited to tenants: what they could do here would reach beyond.
    `body_limit` is the most bytes that a request may carry. As a decorator it marks a view of any
    blueprint.
    """

    roles: tuple[Role, ...] = ()
    public: bool = False
    whole: bool = False
    body_limit: int = USUAL_LIMIT

    def __call__(self, view: View) -> View:
        view.access = self  # type: ignore[attr-defined]  # functions take attributes
        return view

    def admits(self, caller: Caller) -> bool:
        """Tell whether a caller has what the route asks for."""
        return not self.roles or any(caller.principal.may(role) for role in self.roles)


PUBLIC = Access(public=True)
PUBLIC_FORM = Access(public=True, body_limit=FORM_LIMIT)
SIGNED_IN = Access()


def requires(*roles: Role, whole: bool = False, body_limit: int = USUAL_LIMIT) -> Access:
    """Return the access of a route for those who have one of the roles."""
    return Access(roles=roles, whole=whole, body_limit=body_limit)


def access_of(app: Flask, endpoint: str) -> Access:
    """Return the access of an endpoint; raises LookupError where it says nothing."""
    access = getattr(app.view_functions[endpoint], "access", None)
    if not isinstance(access, Access):
        raise LookupError(f"{endpoint} does not say who may use it")  # noqa: TRY004 -- a missing entry
    return access


def guard() -> None:
    """Check who asks and whether they may, before the view of a request runs; raises Problem."""
    if request.endpoint is None or request.method == "OPTIONS":
        return
    access = access_of(current_app, request.endpoint)
    limit_body(access.body_limit)
    if not is_api(request.path):
        require_size()
        refuse_encoding()  # the API's operations do both, in the order of contract §3
    if access.public:
        return
    caller = authenticated()
    if len(request.path) > _LONGEST_PATH or not request.path.isprintable():
        raise Problem("not-found", "no_route")  # no thing has such a name, and no index holds it
    if not access.admits(caller):
        raise Problem("forbidden", "role_missing", facts={"roles": ", ".join(access.roles)})
    if access.whole and caller.principal.tenants is not None:
        raise Problem("forbidden", "other_tenant")
    require_same_site(caller)


def require_sight(tenant: str | None, missing: Problem) -> None:
    """Raise `missing` for a tenant whom the caller does not see: to it, it is not there."""
    if not current_caller().principal.sees(tenant):
        raise missing


def check_routes(app: Flask) -> None:
    """Raise LookupError for a route that does not say who may use it."""
    for rule in app.url_map.iter_rules():
        access_of(app, rule.endpoint)
