"""What pages call the fields, grants and token states of OAuth providers."""

from __future__ import annotations

from services.config_api.web.i18n import translate as _


def provider_fields() -> dict[str, str]:
    """Return the names of a provider's fields."""
    return {
        "id": _("ID"),
        "name": _("Name"),
        "preset": _("Preset"),
        "directory": _("Directory (tenant) of Microsoft Entra ID"),
        "grant": _("Grant"),
        "token_url": _("Token URL"),
        "authorize_url": _("Authorization URL"),
        "client_id": _("Client ID"),
        "client_secret": _("Client secret"),
        "refresh_token": _("Refresh token"),
        "private_key": _("Private key (PEM)"),
        "key_id": _("Key ID"),
        "subject": _("Subject"),
        "audience": _("Audience"),
        "scopes": _("Scopes"),
        "mail_hosts": _("Mail hosts"),
        "extra": _("Further parameters"),
    }


def grant_words() -> dict[str, str]:
    """Return the names of the grants."""
    return {
        "client_credentials": _("Client credentials"),
        "authorization_code": _("Consent of a person"),
        "refresh_token": _("Refresh token"),
        "jwt_bearer": _("Signed assertion (JWT)"),
    }


def token_states() -> dict[str, tuple[str, str]]:
    """Return the words of a token's states, and the tone of their badges."""
    return {
        "none": (_("not fetched yet"), "never"),
        "consent_needed": (_("consent needed"), "inconclusive"),
        "valid": (_("valid"), "passed"),
        "failed": (_("failed"), "failed"),
    }
