"""What every way in shares: the page, why somebody may not come in, and the session of who may."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import make_response, redirect, render_template, request, url_for

from services.config_api.http.auth import source_ip
from services.config_api.http.cookies import cookie_name, set_session, sign_in_allowed
from services.config_api.http.current import relaybook
from services.config_api.http.problems import Problem
from services.config_api.web.i18n import translate as _

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.application.entering import Entered
    from services.config_api.application.sign_in_tries import TooManyTries


def sign_in_page(error: dict[str, str] | None = None) -> str:
    """Return the page with all ways in, and what went wrong with one."""
    openid = relaybook().openid
    return render_template(
        "sign_in.html",
        error=error,
        provider=None if openid is None else openid.host,
        back=url_for("web.sign_in"),  # not where a link or a code in the address was used up
    )


def require_allowed() -> None:
    """Raise Problem `forbidden` where a session's cookie would travel in the clear."""
    if not sign_in_allowed(relaybook().settings, source_ip()):
        raise Problem("forbidden", "plain_http")


def arrived(entered: Entered, address: str | None = None) -> BaseResponse:
    """Give the browser its session and lead on: to an address, or to the list.

    The session that it came with ends: nobody could sign out of it any more.
    """
    session, cookie = entered
    before = request.cookies.get(cookie_name(relaybook().settings))
    if before is not None:
        relaybook().access.sign_out(before)
    response = redirect(address or url_for("web.settings_list"))
    set_session(response, relaybook().settings, cookie, session.lasts_until)
    return response


def refused(title: str, detail: str, status: HTTPStatus) -> Response:
    """Return the page with the reason why somebody may not come in."""
    return make_response(sign_in_page({"title": title, "detail": detail}), status)


def too_many(error: TooManyTries) -> Response:
    """Return the page that says when the next try is taken."""
    minutes = math.ceil(error.seconds / 60)
    page = refused(
        _("Too many tries to sign in."),
        _("The next one is taken in %(minutes)s min.") % {"minutes": minutes},
        HTTPStatus.TOO_MANY_REQUESTS,
    )
    page.headers["Retry-After"] = str(error.seconds)
    return page
