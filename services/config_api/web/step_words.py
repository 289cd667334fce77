"""The names of the steps of a connection test, of their states and of an import's actions."""

from __future__ import annotations

from services.config_api.web.i18n import translate as _


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
