"""The way in and out: sign-in by link, password or token, language and colours, static files."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import redirect, request, url_for

from services.config_api.application.sign_in_tries import TooManyTries
from services.config_api.domain.secret import Secret
from services.config_api.http.auth import caller_if_known
from services.config_api.http.commands import stranger_context
from services.config_api.http.cookies import clear_session, cookie_name, is_secure
from services.config_api.http.csrf import came_from_here
from services.config_api.http.current import relaybook
from services.config_api.http.guard import PUBLIC, PUBLIC_FORM, SIGNED_IN
from services.config_api.http.problems import Problem
from services.config_api.web.assets import asset_response
from services.config_api.web.i18n import LANGUAGE_COOKIE, LANGUAGES
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.frame import THEME_COOKIE, THEMES, blueprint
from services.config_api.web.pages.sign_in_page import (
    arrived,
    refused,
    require_allowed,
    sign_in_page,
    too_many,
)
from services.config_api.web.pages.welcome import beginning

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.application.entering import Entered
    from services.config_api.domain.principal import Principal

_A_YEAR = 365 * 24 * 60 * 60
_SYSTEM = "system"


@blueprint.get("/assets/<path:path>")
@PUBLIC
def static_file(path: str) -> Response:
    """Answer a file of the page; its address holds its hash, so it may be kept for ever."""
    found = asset_response(path)
    if found is None:
        raise Problem("not-found", "no_route")
    return found


@blueprint.get("/sign-in")
@PUBLIC
def sign_in() -> BaseResponse | str:
    """Sign in by the one-time link, or show how to sign in."""
    link = request.args.get("link")
    if caller_if_known() is not None:
        return redirect(url_for("web.settings_list"))
    if link is None or request.method == "HEAD":  # a look at the link does not use it up
        return sign_in_page()
    require_allowed()
    return _entered(
        lambda: relaybook().sign_in.by_link(link, stranger_context()),
        _("This sign-in link is not valid any more."),
        _(
            "It was used already, or it is older than one hour. Sign in with a password or an "
            "access token, or restart Relaybook for a new link."
        ),
        lead=beginning,
    )


@blueprint.post("/sign-in")
@PUBLIC_FORM
def sign_in_by_form() -> BaseResponse:
    """Sign in with user and password, or with an access token for as long as it holds."""
    _require_own_page()
    require_allowed()
    ways = relaybook().sign_in
    if "token" in request.form:
        token = request.form["token"].strip()
        return _entered(
            lambda: ways.by_token(token, stranger_context()),
            _("This access token is not valid."),
            _("Check that the whole token was pasted and that it was not revoked."),
        )
    user, password = request.form.get("user", "").strip(), Secret(request.form.get("password", ""))
    return _entered(
        lambda: ways.by_password(user, password, stranger_context()),
        _("User or password is wrong."),
        _("An administrator can revoke the user and create it again with another password."),
    )


@blueprint.post("/sign-out")
@SIGNED_IN
def sign_out() -> BaseResponse:
    """End the session."""
    settings = relaybook().settings
    relaybook().access.sign_out(request.cookies.get(cookie_name(settings), ""))
    response = redirect(url_for("web.sign_in"))
    clear_session(response, settings)
    return response


@blueprint.post("/appearance")
@PUBLIC_FORM
def appearance() -> BaseResponse:
    """Remember the reader's language or colours, then show the page again."""
    _require_own_page()
    response = redirect(_own_path(request.form.get("back", "/")))
    choices = ((LANGUAGE_COOKIE, "language", LANGUAGES), (THEME_COOKIE, "theme", THEMES))
    for cookie, field, allowed in choices:
        _remember(response, cookie, request.form.get(field), allowed)
    return response


def _remember(
    response: BaseResponse, cookie: str, chosen: str | None, allowed: Collection[str]
) -> None:
    """Keep a choice for a year; `system` forgets it, and what is neither changes nothing."""
    if chosen == _SYSTEM:
        response.delete_cookie(cookie)
    elif chosen is not None and chosen in allowed:
        secure = is_secure(relaybook().settings)
        response.set_cookie(
            cookie, chosen, max_age=_A_YEAR, secure=secure, httponly=True, samesite="Lax"
        )


def _entered(
    enter: Callable[[], Entered | None],
    title: str,
    detail: str,
    *,
    lead: Callable[[Principal], str] | None = None,
) -> BaseResponse:
    """Let somebody in, by `lead` to an address; otherwise say why not, or when to try again."""
    try:
        entered = enter()
    except TooManyTries as error:
        return too_many(error)
    if entered is None:
        return refused(title, detail, HTTPStatus.UNAUTHORIZED)
    return arrived(entered, lead and lead(entered[0].principal))


def _require_own_page() -> None:
    if not came_from_here():
        raise Problem("forbidden", "cross_site")


def _own_path(path: str) -> str:
    """Return a path of this service; anything that could lead elsewhere is the start page."""
    if path.startswith("/") and not path.startswith("//") and "\\" not in path:
        return path
    return "/"
