"""What was done, told once on the next page: a word in a cookie, and its sentence here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import g, request

from services.config_api.http.cookies import is_secure
from services.config_api.http.current import relaybook
from services.config_api.web.i18n import translate as _

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

_COOKIE: Final = "relaybook-done"
_SECONDS: Final = 60
_LONGEST: Final = 256


def _sentences() -> dict[str, str]:
    return {
        "registered": _("The setting %(name)s was registered."),
        "updated": _("The setting %(name)s was updated."),
        "unchanged": _("Nothing was different, so nothing was changed."),
        "deleted": _("The setting %(name)s was deleted."),
        "default_back": _("The setting %(name)s was deleted; the default is in force again."),
        "restored": _("The setting %(name)s was restored."),
        "user_revoked": _("The user %(name)s was revoked."),
        "token_revoked": _("The token %(name)s was revoked."),
        "provider_registered": _("The OAuth provider %(name)s was registered."),
        "provider_updated": _("The OAuth provider %(name)s was updated."),
        "provider_deleted": _("The OAuth provider %(name)s was deleted."),
        "webhook_updated": _("The webhook %(name)s was updated."),
        "webhook_deleted": _("The webhook %(name)s was deleted."),
        "webhook_pinged": _("A test message is on its way to the webhook %(name)s."),
        "webhook_replayed": _("Messages are on their way again to the webhook %(name)s."),
    }


def tell(response: BaseResponse, word: str, name: str) -> None:
    """Let the next page tell what was done, and to which thing."""
    response.set_cookie(
        _COOKIE,
        f"{word}.{name}",
        max_age=_SECONDS,
        secure=is_secure(relaybook().settings),
        httponly=True,
        samesite="Lax",
    )


def told() -> str | None:
    """Return what was done, once; None where nothing is to be told."""
    word, _dot, name = request.cookies.get(_COOKIE, "")[:_LONGEST].partition(".")
    sentence = _sentences().get(word)
    if sentence is None:
        return None
    g.told = True
    return sentence % {"name": name}


def forget_told(response: Response) -> Response:
    """Take the cookie away from the answer that told what was in it."""
    if g.get("told"):
        response.delete_cookie(_COOKIE)
    return response
