"""Sign-in by an OpenID provider: the way there and the way back."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import redirect, request, url_for

from services.config_api.application.sign_in_tries import TooManyTries
from services.config_api.bootstrap.openid import CALLBACK_PATH
from services.config_api.http.auth import caller_if_known
from services.config_api.http.commands import stranger_context
from services.config_api.http.cookies import (
    clear_openid_attempt,
    openid_cookie_name,
    set_openid_attempt,
)
from services.config_api.http.csrf import came_from_here
from services.config_api.http.current import relaybook
from services.config_api.http.guard import PUBLIC
from services.config_api.http.problems import Problem
from services.config_api.openid.errors import (
    NoRole,
    ProviderForbidden,
    ProviderRefused,
    ProviderUnreachable,
    ProviderWrong,
    SignInRefused,
    TokenRefused,
)
from services.config_api.openid.provider import Answered
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.frame import blueprint
from services.config_api.web.pages.sign_in_page import (
    arrived,
    refused,
    require_allowed,
    sign_in_page,
    too_many,
)

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.application.openid_sign_in import OpenIdSignIn


@blueprint.get("/sign-in/openid")
@PUBLIC
def openid_begin() -> BaseResponse | str:
    """Send the browser to the provider, with a cookie that makes the way back its own."""
    openid = _configured()
    if caller_if_known() is not None:
        return redirect(url_for("web.settings_list"))
    if request.method == "HEAD" or not came_from_here():  # a look, or another site, begins nothing
        return sign_in_page()
    require_allowed()
    try:
        begun = openid.begin(stranger_context())
    except TooManyTries as error:
        return too_many(error)
    except SignInRefused as error:
        return _told(error, openid)
    response = redirect(begun.url)
    response.headers["Cache-Control"] = "no-store"
    set_openid_attempt(response, relaybook().settings, begun.cookie, begun.ends_at)
    return response


@blueprint.get(CALLBACK_PATH)
@PUBLIC
def openid_callback() -> BaseResponse | str:
    """Take the provider's answer from the browser that asked, and let in whom it names."""
    openid, settings = _configured(), relaybook().settings
    if request.method == "HEAD":  # a look uses nothing up
        return sign_in_page()
    require_allowed()
    response: BaseResponse
    cookie = request.cookies.get(openid_cookie_name(settings))
    try:
        response = arrived(openid.finish(cookie, _answered(), stranger_context()))
    except TooManyTries as error:
        response = too_many(error)
    except SignInRefused as error:
        response = _told(error, openid)
    response.headers["Cache-Control"] = "no-store"
    clear_openid_attempt(response, settings)
    return response


def _configured() -> OpenIdSignIn:
    openid = relaybook().openid
    if openid is None:
        raise Problem("not-found", "no_route")
    return openid


def _answered() -> Answered:
    """Return the parameters of the callback; one that is given twice says nothing."""

    def only(name: str) -> str | None:
        values = request.args.getlist(name)
        return values[0] if len(values) == 1 else None

    return Answered(
        state=only("state"),
        code=only("code"),
        iss=only("iss"),
        error=only("error"),
        description=only("error_description"),
    )


def _told(error: SignInRefused, openid: OpenIdSignIn) -> Response:
    """Return the page that says why nobody came in; the log says it in full."""
    title, detail, status = _words(error)
    return refused(title % {"provider": openid.host}, detail, status)


def _words(error: SignInRefused) -> tuple[str, str, HTTPStatus]:
    match error:
        case ProviderUnreachable():
            return (
                _("%(provider)s does not answer."),
                _("Try again in a minute, or sign in with a password."),
                HTTPStatus.BAD_GATEWAY,
            )
        case ProviderForbidden():
            return (
                _("Relaybook may not connect to %(provider)s."),
                _("RELAYBOOK_PROBE_ALLOW and RELAYBOOK_PROBE_DENY do not permit its address."),
                HTTPStatus.BAD_GATEWAY,
            )
        case ProviderWrong():
            return (
                _("%(provider)s gave an answer that cannot be used."),
                _("The log of Relaybook says what is wrong with it."),
                HTTPStatus.BAD_GATEWAY,
            )
        case _:
            return _words_of_refusal(error)


def _words_of_refusal(error: SignInRefused) -> tuple[str, str, HTTPStatus]:
    match error:
        case ProviderRefused():
            return (
                _("%(provider)s refused the sign-in."),
                _("It says: %(words)s") % {"words": error.words},
                HTTPStatus.UNAUTHORIZED,
            )
        case TokenRefused():
            return (
                _("The ID token of %(provider)s does not hold."),
                _("What fails is: %(part)s") % {"part": error.part},
                HTTPStatus.UNAUTHORIZED,
            )
        case NoRole():
            claims = ", ".join(error.claims)
            return (
                _("No rule of Relaybook lets you in."),
                _("These claims were looked at: %(claims)s") % {"claims": claims},
                HTTPStatus.FORBIDDEN,
            )
        case _:
            return (
                _("This sign-in was not begun in this browser, or too long ago."),
                _("Begin again; a sign-in is valid for ten minutes and once."),
                HTTPStatus.BAD_REQUEST,
            )
