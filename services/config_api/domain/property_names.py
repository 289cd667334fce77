"""Which session property was probably meant by a name that Jakarta Mail does not read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from services.config_api.domain.jakarta_mail import OF_PROTOCOL, OF_SESSION, SMTP, SMTPS
from services.config_api.domain.nearest import nearest, pairs, plain_word, same_word

_NAMES: Final = {prefix: tuple(prefix + rest for rest in OF_PROTOCOL) for prefix in (SMTP, SMTPS)}
#: Name behind the prefix → what other programs and people call it.
_OTHERS: Final = {
    "starttls.enable": ("starttls", "tls", "tls.enable", "use_tls", "starttls.use"),
    "ssl.enable": ("ssl", "use_ssl", "ssl.use"),
    "ssl.protocols": ("tls.protocols", "tls.version", "ssl.version", "tls.protocol"),
    "ssl.ciphersuites": ("ssl.ciphers", "tls.ciphers", "ciphers"),
    "user": ("username", "login"),
    "host": ("hostname", "server"),
    "localhost": ("helo", "ehlo.name", "helo.name", "localhostname"),
    "from": ("sender", "mail.from", "envelope.from"),
}
_OF_SESSION: Final = {
    "mail.transport.protocol": ("mail.protocol", "mail.transport"),
    "mail.debug": ("mail.smtp.debug", "mail.smtps.debug", "debug"),
}
_OTHER_NAMES: Final = {
    prefix: pairs(
        {
            **{prefix + name: [prefix + other for other in _OTHERS[name]] for name in _OTHERS},
            **_OF_SESSION,
        }
    )
    for prefix in _NAMES
}
#: Names of passwords that no session property holds; they belong into the field `auth.password`.
_PASSWORDS: Final = frozenset({"password", "mailpassword", "mailsmtppassword", "mailsmtpspassword"})


@lru_cache(maxsize=1024)
def suggestion(name: str, prefix: str) -> str | None:
    """Return the known name that was probably meant under this prefix, if one is near."""
    if plain_word(name) in _PASSWORDS:
        return None
    known = (*OF_SESSION, *_NAMES[prefix])
    readings = tuple(_readings(name.strip(), prefix))
    same = (same_word(one, known, _OTHER_NAMES[prefix]) for one in readings)
    near = (nearest(one, known, _OTHER_NAMES[prefix]) for one in readings)
    return next((one for one in (*same, *near) if one is not None), None)


def _readings(name: str, prefix: str) -> Iterator[str]:
    """Return the name as it may have been meant, most literal first."""
    other = SMTP if prefix == SMTPS else SMTPS
    if name.startswith(other):
        yield prefix + name.removeprefix(other)
        return
    yield name
    plain = name.lower()
    if plain.startswith(("smtp.", "smtps.")):
        yield prefix + name.split(".", maxsplit=1)[1]
    elif plain.startswith("mail.") and not plain.startswith(("mail.smtp", "mail.imap", "mail.pop")):
        yield prefix + name[len("mail.") :]
    elif not plain.startswith("mail"):
        yield prefix + name
