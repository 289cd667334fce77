"""Where an OAuth provider sends a person back to, after their consent."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, make_response, render_template, request

from services.config_api.application.oauth_consents import Returned
from services.config_api.domain.errors import ConsentRefused
from services.config_api.http.commands import stranger_context
from services.config_api.http.current import relaybook
from services.config_api.http.guard import PUBLIC
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.frame import blueprint

_LONGEST = 4096


@blueprint.get("/oauth/callback")
@PUBLIC
def oauth_callback() -> Response:
    """Keep the consent; what is in the address works once."""
    returned = Returned(
        state=_told("state") or "",
        code=_told("code"),
        error=_told("error"),
        description=_told("error_description"),
    )
    try:
        provider_id = relaybook().oauth.consents.finish(returned, stranger_context())
    except ConsentRefused as refused:
        return _page(
            _("There is no consent."), _why(refused), HTTPStatus.BAD_REQUEST, is_good=False
        )
    told = _("The OAuth provider %(id)s may issue access tokens now. You can close this page.")
    return _page(
        _("The consent was stored."), told % {"id": provider_id}, HTTPStatus.OK, is_good=True
    )


def _told(name: str) -> str | None:
    value = request.args.get(name)
    return value if value and len(value) <= _LONGEST else None


def _why(refused: ConsentRefused) -> str:
    sentences = {
        "unknown": _("It was used already, or it is older than ten minutes. Begin it again."),
        "denied": _("The provider said: %(words)s"),
        "silent": _("The provider did not answer: %(words)s"),
        "refused": _("The provider refused to issue a token: %(words)s"),
        "changed": _("The provider was changed meanwhile. Begin the consent again."),
        "no_refresh_token": _(
            "The provider issued no refresh token. Ask for lasting access, mostly by the scope "
            "offline_access, and begin again."
        ),
    }
    words = [
        word for word in (refused.facts.get("error"), refused.facts.get("description")) if word
    ]
    return sentences[refused.reason] % {"words": " – ".join(words)}


def _page(title: str, detail: str, status: HTTPStatus, *, is_good: bool) -> Response:
    told = {"title": title, "detail": detail}
    response = make_response(render_template("consent.html", told=told, is_good=is_good), status)
    response.headers["Cache-Control"] = "no-store"
    return response
