"""Names of large providers' submission servers, for names that are nearly one of them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

_NEAR: Final = 0.88  # one letter wrong, missing or in the wrong place
_LONGEST: Final = 64
_NAMES: Final = (
    "smtp.gmail.com",
    "smtp-relay.gmail.com",
    "smtp.office365.com",
    "smtp-mail.outlook.com",
    "smtp.mail.yahoo.com",
    "smtp.mail.yahoo.co.jp",
    "smtp.mail.me.com",
    "smtp.sendgrid.net",
    "smtp.mailgun.org",
    "smtp.eu.mailgun.org",
    "smtp.postmarkapp.com",
    "smtp.sparkpostmail.com",
    "smtp.mandrillapp.com",
    "smtp-relay.brevo.com",
    "in-v3.mailjet.com",
    "smtp.zoho.com",
    "smtp.zoho.eu",
    "smtp.fastmail.com",
    "smtp.mailbox.org",
    "smtp.ionos.com",
    "smtp.ionos.de",
    "smtp.yandex.com",
    "mail.gmx.net",
    "smtp.web.de",
)


def similar_provider(name: str) -> str | None:
    """Return the provider's name that a name, in lower case, was probably meant to be."""
    close = get_close_matches(name[:_LONGEST], _NAMES, n=1, cutoff=_NEAR)
    return close[0] if close and close[0] != name else None
