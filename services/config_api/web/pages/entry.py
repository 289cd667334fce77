"""The way in and out: sign-in by link, password or token, language and colours, static files."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import make_response, redirect, render_template, request, send_from_directory, url_for

from services.config_api.application.sign_in_tries import TooManyTries
from services.config_api.domain.secret import Secret
from services.config_api.http.auth import caller, source_ip
from services.config_api.http.commands import stranger_context
from services.config_api.http.cookies import (
    clear_session,
    cookie_name,
    is_secure,
    set_session,
    sign_in_allowed,
)
from services.config_api.http.csrf import came_from_here
from services.config_api.http.current import relaybook
from services.config_api.http.guard import PUBLIC, SIGNED_IN
from services.config_api.http.problems import Problem
from services.config_api.web.i18n import LANGUAGE_COOKIE, LANGUAGES
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.frame import STATIC, THEME_COOKIE, THEMES, blueprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.application.entering import Entered

_A_YEAR = 365 * 24 * 60 * 60


@blueprint.get("/")
@PUBLIC
def home() -> BaseResponse:
    """Lead to the settings."""
    return redirect(url_for("web.settings_list"))


@blueprint.get("/assets/<path:path>")
@PUBLIC
def static_file(path: str) -> Response:
    """Answer a file of the page; its address holds its hash, so it may be kept for ever."""
    response = send_from_directory(STATIC, path, max_age=_A_YEAR)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response


@blueprint.get("/sign-in")
@PUBLIC
def sign_in() -> BaseResponse | str:
    """Sign in by the one-time link, or show how to sign in."""
    link = request.args.get("link")
    if caller() is not None:
        return redirect(url_for("web.settings_list"))
    if link is None or request.method == "HEAD":  # a look at the link does not use it up
        return render_template("sign_in.html", error=None)
    _require_allowed()
    return _entered(
        lambda: relaybook().sign_in.by_link(link, stranger_context()),
        _("This sign-in link is not valid any more."),
        _(
            "It was used already, or it is older than one hour. Sign in with a password or an "
            "access token, or restart Relaybook for a new link."
        ),
    )


@blueprint.post("/sign-in")
@PUBLIC
def sign_in_by_form() -> BaseResponse:
    """Sign in with user and password, or with an access token for as long as it holds."""
    _require_own_page()
    _require_allowed()
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
@PUBLIC
def appearance() -> BaseResponse:
    """Remember the reader's language or colours, then show the page again."""
    _require_own_page()
    response = redirect(_own_path(request.form.get("back", "/")))
    choices = ((LANGUAGE_COOKIE, "language", LANGUAGES), (THEME_COOKIE, "theme", THEMES))
    for cookie, field, allowed in choices:
        chosen = request.form.get(field)
        if chosen in allowed:
            secure = is_secure(relaybook().settings)
            response.set_cookie(
                cookie, chosen, max_age=_A_YEAR, secure=secure, httponly=True, samesite="Lax"
            )
    return response


def _entered(enter: Callable[[], Entered | None], title: str, detail: str) -> BaseResponse:
    """Let somebody in; otherwise say why not, or when the next try is taken."""
    try:
        entered = enter()
    except TooManyTries as error:
        minutes = math.ceil(error.seconds / 60)
        page = _refused(
            _("Too many tries to sign in."),
            _("The next one is taken in %(minutes)s min.") % {"minutes": minutes},
            HTTPStatus.TOO_MANY_REQUESTS,
        )
        page.headers["Retry-After"] = str(error.seconds)
        return page
    if entered is None:
        return _refused(title, detail, HTTPStatus.UNAUTHORIZED)
    session, cookie = entered
    response = redirect(url_for("web.settings_list"))
    set_session(response, relaybook().settings, cookie, session.lasts_until)
    return response


def _refused(title: str, detail: str, status: HTTPStatus) -> Response:
    error = {"title": title, "detail": detail}
    return make_response(render_template("sign_in.html", error=error), status)


def _require_own_page() -> None:
    if not came_from_here():
        raise Problem("forbidden", "cross_site")


def _require_allowed() -> None:
    if not sign_in_allowed(relaybook().settings, source_ip()):
        raise Problem("forbidden", "plain_http")


def _own_path(path: str) -> str:
    """Return a path of this service; anything that could lead elsewhere is the start page."""
    if path.startswith("/") and not path.startswith("//") and "\\" not in path:
        return path
    return "/"
