"""Where providers keep the switch that a refused sign-in needs, by their own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from services.conn_tester.reply import ServerReply

_M365_MAILBOX: Final = "Set-CASMailbox -Identity {user} -SmtpClientAuthenticationDisabled $false"
_M365_TENANT: Final = "Set-TransportConfig -SmtpClientAuthenticationDisabled $false"
_SWITCHES: Final = (
    # provider's words or host, code, place: as the providers name them, in no language
    (r"disabled for the tenant", "smtp_auth_disabled", _M365_TENANT),
    (r"disabled for the mailbox", "smtp_auth_disabled", _M365_MAILBOX),
    (r"security defaults", "security_defaults", "entra.microsoft.com → Security defaults"),
    (r"criteria|conditional access", "security_defaults",
     "entra.microsoft.com → Conditional Access → Sign-in logs"),
    (r"gsmtp|google|gmail", "app_password_required", "https://myaccount.google.com/apppasswords"),
    (r"gsmtp|google|gmail", "bad_credentials", "https://myaccount.google.com/apppasswords"),
    (r"\.yahoo\.com|#auth0|#mbr", "app_password_required",
     "https://login.yahoo.com/account/security"),
    (r"\.yahoo\.com|#auth0|#mbr", "web_login_required", "https://login.yahoo.com/account/security"),
    (r"\.(me|icloud|apple)\.com", "app_password_required", "https://account.apple.com"),
    (r"yandex", "app_password_required", "https://id.yandex.com/security/app-passwords"),
    (r"yandex|access rights to this service", "smtp_auth_disabled",
     "https://mail.yandex.com/#setup/client"),
    (r"mail\.ru|prilozheniya", "app_password_required",
     "https://account.mail.ru/user/2-step-auth/passwords"),
    (r"\.zoho\.", "app_password_required", "https://accounts.zoho.com/home#security/app_password"),
)  # fmt: skip
_COMPILED: Final = tuple(
    (re.compile(words, re.IGNORECASE), code, place) for words, code, place in _SWITCHES
)


def switch_for(code: str, reply: ServerReply, *, host: str, user: str) -> str | None:
    """Return the page or command of the provider that says so, None of an unknown one."""
    told = f"{host} {reply.text}"
    for words, known, place in _COMPILED:
        if known == code and words.search(told):
            return place.replace("{user}", user)
    return None
