"""What Microsoft 365 and Google publish of themselves, so that nobody has to look it up.

Sources: learn.microsoft.com “Authenticate an IMAP, POP or SMTP connection using OAuth” and
“OAuth 2.0 on the Microsoft identity platform”; developers.google.com “OAuth 2.0 for web server
applications”, “… for service accounts” and “XOAUTH2 mechanism”.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from events.oauth_provider import Grant, Preset

_MICROSOFT: Final = "https://login.microsoftonline.com/{directory}/oauth2/v2.0/"
_GOOGLE_TOKEN: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 -- an address


@dataclass(frozen=True, kw_only=True, slots=True)
class PresetValues:
    """What a preset fills in; `directory` is what stands in its URLs where none is given.

    None is a directory that must be given: nobody can consent for an unknown one.
    """

    name: str
    token_url: str
    authorize_url: str
    mail_hosts: tuple[str, ...]
    scopes: Mapping[Grant, tuple[str, ...]]
    directory: Mapping[Grant, str] = field(default_factory=dict)
    audience: Mapping[Grant, str] = field(default_factory=dict)
    extra: Mapping[Grant, Mapping[str, str]] = field(default_factory=dict)

    @property
    def needs_directory(self) -> bool:
        """True where its URLs name a directory."""
        return "{directory}" in self.token_url


_SEND_AS_USER: Final = ("https://outlook.office.com/SMTP.Send", "offline_access")
_ANY_MAIL: Final = ("https://mail.google.com/",)

PRESETS: Final[Mapping[Preset, PresetValues]] = {
    "microsoft365": PresetValues(
        name="Microsoft 365",
        token_url=_MICROSOFT + "token",
        authorize_url=_MICROSOFT + "authorize",
        mail_hosts=("smtp.office365.com", "smtp-mail.outlook.com"),
        scopes={
            "client_credentials": ("https://outlook.office365.com/.default",),
            "authorization_code": _SEND_AS_USER,
            "refresh_token": _SEND_AS_USER,
        },
        directory={"authorization_code": "organizations", "refresh_token": "organizations"},
    ),
    "google": PresetValues(
        name="Google",
        token_url=_GOOGLE_TOKEN,
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        mail_hosts=("smtp.gmail.com", "smtp-relay.gmail.com"),
        scopes={
            "authorization_code": _ANY_MAIL,
            "refresh_token": _ANY_MAIL,
            "jwt_bearer": _ANY_MAIL,
        },
        audience={"jwt_bearer": _GOOGLE_TOKEN},
        # Without these Google gives a refresh token to the first consent only.
        extra={"authorization_code": {"access_type": "offline", "prompt": "consent"}},
    ),
}
