"""Parameters of Postfix's `main.cf` that relay all mail by a setting (postconf(5))."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from services.config_api.rendering.comments import Comments
from services.config_api.rendering.notes import Language
from services.config_api.rendering.properties_text import PLAIN_TEXT
from services.config_api.rendering.sending import Sending, Transport

_MILLISECONDS: Final = 1000
_LEVELS: Final[Mapping[Transport, str]] = {
    "none": "none",
    "opportunistic": "may",
    "starttls": "secure",
    "implicit_tls": "secure",
}
_TRUST: Final = "/etc/ssl/certs/ca-certificates.crt"
_PRIVATE_TRUST: Final = "/etc/postfix/relaybook-ca.pem"
_READS: Final = (
    "smtp_helo_timeout", "smtp_starttls_timeout", "smtp_mail_timeout", "smtp_rcpt_timeout",
    "smtp_data_init_timeout", "smtp_data_xfer_timeout", "smtp_data_done_timeout",
    "smtp_quit_timeout",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class PostfixTarget:
    """Postfix as a client of the mail server."""

    name: str = "postfix"
    content_type: str = PLAIN_TEXT
    filename: str = "main.cf"
    comments: bool = True

    def render(self, sending: Sending, language: Language) -> str:
        """Return a fragment of `main.cf`; a person puts the password in."""
        comments = Comments.of(sending, language, target="Postfix")
        _note(comments, sending)
        comments.add_left_over(*_held(sending))
        return comments.text() + "".join(f"{name} = {value}\n" for name, value in _all(sending))


def literal(value: str) -> str:
    """Return a value in which Postfix expands no parameter."""
    return value.replace("$", "$$")


def is_exact(value: str) -> bool:
    """Tell whether `main.cf` keeps a value: it drops blanks at both ends, and braces group."""
    return value != "" and value == value.strip(" ") and not set(value) & set("{}")


def fits_inline(user: str) -> bool:
    """Tell whether an inline table can hold a user name: it knows no escape, and `:` ends it."""
    return is_exact(user) and ":" not in user


def _all(sending: Sending) -> Iterator[tuple[str, str]]:
    yield "relayhost", _destination(sending)
    yield from _tls(sending)
    yield from _login(sending)
    yield "smtp_connect_timeout", _seconds(sending.connection_timeout_ms or 0)
    if sending.timeout_ms is not None:
        yield from ((name, _seconds(sending.timeout_ms)) for name in _READS)
    if sending.ehlo_name and is_exact(sending.ehlo_name):
        yield "smtp_helo_name", literal(sending.ehlo_name)
    bind = _bind_parameter(sending.local_address)
    if bind is not None:
        yield bind, str(sending.local_address)
    if sending.debug:
        yield "debug_peer_list", sending.host


def _destination(sending: Sending) -> str:
    """Return the next hop; the brackets keep Postfix from asking for MX records."""
    return f"[{sending.host}]:{sending.port}"


def _tls(sending: Sending) -> Iterator[tuple[str, str]]:
    yield "smtp_tls_security_level", _LEVELS[sending.transport]
    if sending.transport == "none":
        return
    if sending.transport != "opportunistic":
        yield "smtp_tls_wrappermode", "yes" if sending.transport == "implicit_tls" else "no"
        yield "smtp_tls_secure_cert_match", "nexthop"
        yield "smtp_tls_CAfile", _PRIVATE_TRUST if sending.ca_pem else _TRUST
    if sending.tls_protocols:
        kind = "" if sending.transport == "opportunistic" else "mandatory_"
        yield f"smtp_tls_{kind}protocols", ", ".join(sending.tls_protocols)


def _login(sending: Sending) -> Iterator[tuple[str, str]]:
    if sending.method != "password":
        yield "smtp_sasl_auth_enable", "no"
        return
    user = sending.user or ""
    known = literal(user) if fits_inline(user) else "<user>"
    entry = f"{{ {_destination(sending)} = {known}:<password> }}"
    yield "smtp_sasl_auth_enable", "yes"
    yield "smtp_sasl_password_maps", f"inline:{{ {entry} }}"
    yield "smtp_sasl_security_options", "noanonymous"
    yield "smtp_sasl_tls_security_options", "noanonymous"
    if sending.mechanisms:
        yield "smtp_sasl_mechanism_filter", ", ".join(sending.mechanisms).lower()


def _seconds(milliseconds: int) -> str:
    """Return a time in whole seconds, rounded up; 0 is no limit of Postfix's own."""
    return f"{-(-milliseconds // _MILLISECONDS)}s"


def _bind_parameter(local_address: str | None) -> str | None:
    try:
        address = ip_address(local_address or "")
    except ValueError:
        return None
    return "smtp_bind_address6" if isinstance(address, IPv6Address) else "smtp_bind_address"


def _held(sending: Sending) -> Iterator[str]:
    if sending.ehlo_name and is_exact(sending.ehlo_name):
        yield "localhost"
    if _bind_parameter(sending.local_address):
        yield "localaddress"


def _note(comments: Comments, sending: Sending) -> None:
    if sending.method == "password":
        comments.add("postfix_password")
        if not fits_inline(sending.user or ""):
            comments.add("user_not_inline")
    if sending.method == "access_token":
        comments.add("token_left")
    if sending.transport in ("starttls", "implicit_tls"):
        comments.add("postfix_trust" if sending.ca_pem is None else "postfix_private_trust")
    if sending.transport == "opportunistic":
        comments.add("opportunistic_unverified")
    comments.add_ca(how=f"smtp_tls_CAfile = {_PRIVATE_TRUST}")
    if sending.timeout_ms is None:
        comments.add("no_limit_left")
    comments.add_x_mailer()
