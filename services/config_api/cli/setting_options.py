"""The fields of a setting as options, and what is sent for them (contract §3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import click

from services.config_api.cli.configured import read_line, read_text
from services.config_api.cli.failures import WrongUsage
from services.config_api.cli.language import N_, tr

Command = TypeVar("Command", bound=Callable[..., Any])
Fields = Mapping[str, Any]

_AUTH: Final = frozenset({"method", "user", "mechanism", "provider_id"})
#: What `--clear` may name: the option, and the field that becomes null (its default elsewhere).
CLEARABLE: Final = {
    "ca": "ca_pem",
    "tls": "tls_protocols",
    "x-mailer": "x_mailer",
    "connection-timeout": "connection_timeout_ms",
    "timeout": "timeout_ms",
    "user": "auth.user",
    "password": "auth.password",
    "mechanism": "auth.mechanism",
    "provider": "auth.provider_id",
}

_PASSWORD: Final = (
    click.option("--password-file", help=N_("A file with the password; - reads stdin.")),
    click.option("--ask-password", is_flag=True, help=N_("Ask for the password.")),
)
_OPTIONS: Final = (
    click.option("--host", help=N_("Name or address of the SMTP server.")),
    click.option("--port", type=click.IntRange(1, 65_535), help=N_("Its port.")),
    click.option(
        "--security",
        type=click.Choice(["none", "starttls", "implicit_tls"]),
        help=N_("How the connection is protected; `starttls` is required, never optional."),
    ),
    click.option(
        "--tls",
        "tls_protocols",
        multiple=True,
        type=click.Choice(["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]),
        help=N_("A TLS version that may be used; may be repeated."),
    ),
    click.option("--ca-file", help=N_("A private CA's certificate (PEM) for this server.")),
    click.option(
        "--auth",
        "method",
        type=click.Choice(["none", "password", "access_token"]),
        help=N_("How to sign in at the server."),
    ),
    click.option("--user", help=N_("The user name at the server.")),
    *_PASSWORD,
    click.option("--mechanism", help=N_("A SASL mechanism, such as PLAIN; otherwise the best.")),
    click.option("--provider", "provider_id", help=N_("The OAuth provider of access tokens.")),
    click.option("--x-mailer", help=N_("Value of the X-Mailer header.")),
    click.option("--debug/--no-debug", default=None, help=N_("Log the SMTP dialogue.")),
    click.option(
        "--connection-timeout",
        "connection_timeout_ms",
        type=click.IntRange(1, 600_000),
        help=N_("Milliseconds to wait for a connection."),
    ),
    click.option(
        "--timeout",
        "timeout_ms",
        type=click.IntRange(1, 600_000),
        help=N_("Milliseconds to wait for each reply."),
    ),
    click.option(
        "--property",
        "properties",
        multiple=True,
        metavar="NAME=VALUE",
        help=N_("A session property, such as mail.smtp.localhost=app1; may be repeated."),
    ),
)


def setting_options(command: Command) -> Command:
    """Give a command every field of a setting as an option."""
    return _with(_OPTIONS, command)


def password_options(command: Command) -> Command:
    """Give a command the options that read a password."""
    return _with(_PASSWORD, command)


def _with(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def fields_of(options: Fields) -> dict[str, Any]:
    """Return the fields that were given, as a (partial) setting; raises WrongUsage."""
    given = {name: value for name, value in options.items() if value not in (None, (), False)}
    if options["debug"] is not None:
        given["debug"] = options["debug"]
    fields = {name: given[name] for name in given if name in _PLAIN}
    if "tls_protocols" in given:
        fields["tls_protocols"] = list(given["tls_protocols"])
    if "ca_file" in given:
        fields["ca_pem"] = read_text(given["ca_file"])
    if "properties" in given:
        fields["session_properties"] = dict(map(_property, given["properties"]))
    auth = {name: given[name] for name in _AUTH if name in given} | password_of(options)
    return fields | ({"auth": auth} if auth else {})


_PLAIN: Final = frozenset(
    {"host", "port", "security", "x_mailer", "debug", "connection_timeout_ms", "timeout_ms"}
)


def cleared(names: tuple[str, ...]) -> dict[str, Any]:
    """Return the merge patch (RFC 7396) that sets the fields named by `--clear` to null."""
    patch: dict[str, Any] = {}
    for path in (CLEARABLE[name] for name in names):
        parent, _, field = path.rpartition(".")
        (patch.setdefault(parent, {}) if parent else patch)[field] = None
    return patch


def merged(below: Fields, above: Fields) -> dict[str, Any]:
    """Return `below` with the fields of `above` over it, objects field by field."""
    both = dict(below)
    for name, value in above.items():
        old = both.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            value = merged(old, value)  # noqa: PLW2901 -- the same field, merged
        both[name] = value
    return both


def with_method(fields: Fields) -> dict[str, Any]:
    """Return a new setting's fields; a user or a provider alone says how to sign in."""
    auth = fields.get("auth", {})
    if not auth or "method" in auth:
        return dict(fields)
    method = "access_token" if auth.get("provider_id") else "password"
    return merged(fields, {"auth": {"method": method}})


def password_of(options: Fields) -> dict[str, str]:
    """Return the password that was given by an option, as a field; empty without."""
    if options["password_file"]:
        return {"password": read_line(options["password_file"])}
    if options["ask_password"]:
        return {"password": click.prompt(tr("Password"), hide_input=True, err=True)}
    return {}


def _property(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise WrongUsage(tr("{text} is not NAME=VALUE.", text=text))
    if name.lower().endswith("password"):
        raise WrongUsage(
            tr("{name} is a secret and would be seen in the list of processes.", name=name),
            advice=tr("Give it in a JSON document with -f FILE, or on stdin with -f -."),
        )
    return name, value
