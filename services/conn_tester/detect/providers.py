"""Which provider takes in a domain's mail, by its exchangers, and where its customers hand it in.

The servers are those that the providers' own guides for mail programs name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.smtp_setting import Security

_TLS: Final[tuple[int, Security]] = (465, "implicit_tls")
_STARTTLS: Final[tuple[int, Security]] = (587, "starttls")


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """A provider, the ends of its exchangers' names, and its servers by (port, security)."""

    name: str
    exchangers: tuple[str, ...]
    host: str
    ways: tuple[tuple[int, Security], ...] = (_TLS, _STARTTLS)


_PROVIDERS: Final = (
    Provider(
        name="Microsoft 365",
        exchangers=("mail.protection.outlook.com", "mx.microsoft"),
        host="smtp.office365.com",
        ways=(_STARTTLS,),
    ),
    Provider(
        name="Google Workspace",
        exchangers=("aspmx.l.google.com", "smtp.google.com", "googlemail.com", "l.google.com"),
        host="smtp.gmail.com",
    ),
    Provider(name="Yahoo", exchangers=("yahoodns.net",), host="smtp.mail.yahoo.com"),
    Provider(
        name="iCloud Mail",
        exchangers=("mail.icloud.com",),
        host="smtp.mail.me.com",
        ways=(_STARTTLS,),
    ),
    Provider(name="Zoho Mail", exchangers=("zoho.com",), host="smtppro.zoho.com"),
    Provider(name="Zoho Mail", exchangers=("zoho.eu",), host="smtppro.zoho.eu"),
    Provider(name="Fastmail", exchangers=("messagingengine.com",), host="smtp.fastmail.com"),
    Provider(
        name="Proton Mail",
        exchangers=("protonmail.ch",),
        host="smtp.protonmail.ch",
        ways=(_STARTTLS,),
    ),
    Provider(name="mailbox.org", exchangers=("mailbox.org",), host="smtp.mailbox.org"),
    Provider(name="OVHcloud", exchangers=("mail.ovh.net",), host="ssl0.ovh.net"),
    Provider(name="IONOS", exchangers=("ionos.com",), host="smtp.ionos.com"),
    Provider(name="IONOS", exchangers=("ionos.de", "kundenserver.de"), host="smtp.ionos.de"),
    Provider(name="Gandi", exchangers=("mail.gandi.net",), host="mail.gandi.net"),
    Provider(name="Rackspace Email", exchangers=("emailsrvr.com",), host="secure.emailsrvr.com"),
    Provider(
        name="Yandex 360", exchangers=("mx.yandex.net", "mx.yandex.ru"), host="smtp.yandex.com"
    ),
    Provider(name="ロリポップ！", exchangers=("lolipop.jp",), host="smtp.lolipop.jp", ways=(_TLS,)),
)


def provider_of(exchangers: Iterable[str]) -> tuple[Provider, str] | None:
    """Return the provider that the first known exchanger belongs to, and that exchanger."""
    for exchanger in exchangers:
        for provider in _PROVIDERS:
            if any(_belongs(exchanger, end) for end in provider.exchangers):
                return provider, exchanger
    return None


def _belongs(exchanger: str, end: str) -> bool:
    return exchanger == end or exchanger.endswith("." + end)
