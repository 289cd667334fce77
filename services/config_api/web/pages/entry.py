"""The way in and out: sign-in by link or token, language and colours, static files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, request, send_from_directory, url_for

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
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.application.entering import Session
    from services.config_api.domain.secret import Secret

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
def sign_in() -> BaseResponse | str | tuple[str, int]:
    """Sign in by the one-time link, or show how to sign in."""
    link = request.args.get("link")
    if caller() is not None:
        return redirect(url_for("web.settings_list"))
    if link is None or request.method == "HEAD":  # a look at the link does not use it up
        return render_template("sign_in.html", error=None)
    _require_allowed()
    entered = relaybook().access.sign_in(link, stranger_context())
    if entered is None:
        return _refused(
            _("This sign-in link is not valid any more."),
            _(
                "It was used already, or it is older than one hour. Sign in with an access "
                "token, or restart Relaybook for a new link."
            ),
        )
    return _enter(*entered)


@blueprint.post("/sign-in")
@PUBLIC
def sign_in_with_token() -> BaseResponse | tuple[str, int]:
    """Sign in with an access token, for as long as it holds."""
    _require_own_page()
    _require_allowed()
    token = request.form.get("token", "").strip()
    entered = relaybook().access.sign_in_with_token(token, stranger_context())
    if entered is None:
        return _refused(
            _("This access token is not valid."),
            _("Check that the whole token was pasted and that it was not revoked."),
        )
    return _enter(*entered)


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


def _enter(session: Session, cookie: Secret) -> BaseResponse:
    response = redirect(url_for("web.settings_list"))
    set_session(response, relaybook().settings, cookie, session.ends_at)
    return response


def _refused(title: str, detail: str) -> tuple[str, int]:
    error = {"title": title, "detail": detail}
    return render_template("sign_in.html", error=error), 401


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
