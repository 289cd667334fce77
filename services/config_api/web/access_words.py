"""What pages call roles, and the state of tokens and grants, in the reader's language."""

from __future__ import annotations

from services.config_api.web.i18n import translate as _


def role_words() -> dict[str, tuple[str, str]]:
    """Return the name of each role and what it may do, in the order of a form."""
    return {
        "admin": (
            _("Administrator"),
            _("everything but read secrets; alone may change users and tokens"),
        ),
        "operator": (
            _("Operator"),
            _("changes settings and providers, tests, imports, exports"),
        ),
        "reader": (_("Reader"), _("reads settings without secrets")),
        "auditor": (_("Auditor"), _("reads settings, history, events and proofs")),
        "credentials": (
            _("Credentials"),
            _("reads settings and the credentials of its tenants: for services"),
        ),
        "tester": (_("Tester"), _("claims connection tests: internal")),
    }


def role_name(role: str) -> str:
    """Return the name of a role."""
    return role_words().get(role, (role, ""))[0]
