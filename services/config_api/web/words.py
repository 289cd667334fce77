"""What pages call fields, values, steps and their states, in the reader's language."""

from __future__ import annotations

from services.config_api.web.i18n import translate as _


def field_names() -> dict[str, str]:
    """Return the names of a setting's fields, by JSON pointer."""
    return {
        "/id": _("ID"),
        "/host": _("Host"),
        "/port": _("Port"),
        "/security": _("Security"),
        "/tls_protocols": _("SSL protocols"),
        "/ca_pem": _("Private CA"),
        "/auth/method": _("Authentication method"),
        "/auth/user": _("User"),
        "/auth/password": _("Password"),
        "/auth/mechanism": _("Mechanism"),
        "/auth/provider_id": _("OAuth provider"),
        "/x_mailer": _("X-Mailer header"),
        "/debug": _("Debug"),
        "/connection_timeout_ms": _("Connection timeout"),
        "/timeout_ms": _("Timeout"),
        "/session_properties": _("Mail session properties"),
        "/secret": _("Secret"),
        "/mail_from": _("Sender of the test"),
        "/rcpt_to": _("Recipient of the test"),
    }


def field_name(pointer: str) -> str:
    """Return what a page calls the field at a pointer: its name, or that of a session property."""
    names = field_names()
    if pointer in names:
        return names[pointer]
    parent, _slash, own = pointer.rpartition("/")
    if parent == "/session_properties":
        return own.replace("~1", "/").replace("~0", "~") or names[parent]
    return names.get(parent, pointer)


def person_word(actor: str) -> str:
    """Return what a page calls an actor: a user's name, the beginning of a token's id."""
    kind, _colon, name = actor.partition(":")
    if kind == "token":
        return _("token %(id)s…") % {"id": name[:8]}
    return name if kind == "user" else actor


def value_word(value: object, pointer: str) -> str:
    """Return what a page shows for the value of a field; a secret appears as its version."""
    if isinstance(value, dict):
        return _("secret, version %(version)s") % {"version": value.get("version")}
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    by_field = {"/security": securities(), "/auth/method": methods(), "/secret": secret_states()}
    known = by_field.get(pointer, {})
    return known.get(str(value), str(value))


def securities() -> dict[str, str]:
    """Return the names of the ways to secure the connection."""
    return {
        "none": _("None"),
        "starttls": _("TLS/STARTTLS"),
        "implicit_tls": _("SSL/TLS from the start"),
    }


def methods() -> dict[str, str]:
    """Return the names of the ways to sign in at the server."""
    return {
        "none": _("None"),
        "password": _("User and password"),
        "access_token": _("Access token"),
    }


def secret_states() -> dict[str, str]:
    """Return how a setting stands to its secret."""
    return {"none": _("None"), "stored": _("stored"), "required": _("must be given")}


def depths() -> dict[str, str]:
    """Return how far a connection test goes."""
    return {
        "connect": _("Connect only"),
        "auth": _("Connect and sign in"),
        "envelope": _("Also name sender and recipient, send nothing"),
        "send": _("Send a message"),
    }


def step_names() -> dict[str, str]:
    """Return the thirteen steps' names in the reader's language."""
    return {
        "config": _("Check the setting"),
        "dns": _("Resolve the host name"),
        "tcp": _("Connect to the port"),
        "proxy": _("Pass the proxy"),
        "banner": _("Read the greeting"),
        "ehlo": _("Send EHLO"),
        "tls": _("Secure the connection and verify the certificate"),
        "token": _("Fetch the access token"),
        "auth": _("Sign in at the server"),
        "mail": _("Name the sender"),
        "rcpt": _("Name the recipient"),
        "data": _("Send the message"),
        "quit": _("Say goodbye"),
    }


def step_states() -> dict[str, str]:
    """Return the states of a step in the reader's language."""
    return {
        "passed": _("passed"),
        "failed": _("failed"),
        "skipped": _("skipped"),
        "warned": _("passed with a warning"),
    }


def actions() -> dict[str, str]:
    """Return what an import does with one setting, in the reader's language."""
    return {
        "create": _("Create"),
        "overwrite": _("Overwrite"),
        "unchanged": _("Unchanged"),
        "skip": _("Skip"),
        "invalid": _("Invalid"),
    }
