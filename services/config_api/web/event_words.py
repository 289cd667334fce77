"""What pages call events, their kinds and who caused them, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from services.config_api.web.i18n import translate as _


@dataclass(frozen=True, kw_only=True, slots=True)
class EventWord:
    """What a kind of event is called, and how a timeline marks it."""

    words: str
    icon: str
    tone: str = "info"


def event_word(type_: str) -> EventWord:
    """Return what a wire name is called; one without words is called by itself."""
    return event_words().get(type_, EventWord(words=type_, icon="tag", tone="calm"))


def event_words() -> dict[str, EventWord]:
    """Return the words of all kinds of events, by wire name, in the order of a list."""
    return {
        **_of_settings(),
        **_of_work(),
        **_of_providers(),
        **_of_webhooks(),
        **_of_access(),
        **_of_keys(),
    }


def _of_settings() -> dict[str, EventWord]:
    return {
        "smtp_setting.registered": EventWord(words=_("Registered"), icon="plus", tone="good"),
        "smtp_setting.updated": EventWord(words=_("Changed"), icon="pencil"),
        "smtp_setting.deleted": EventWord(words=_("Deleted"), icon="trash", tone="bad"),
        "smtp_setting.imported": EventWord(words=_("Imported"), icon="file-import", tone="good"),
        "smtp_setting.restored": EventWord(words=_("Restored"), icon="arrow-back-up"),
        "smtp_setting.default_provisioned": EventWord(
            words=_("Set by the defaults file"), icon="settings", tone="warn"
        ),
        "smtp_setting.default_withdrawn": EventWord(
            words=_("Withdrawn by the defaults file"), icon="settings", tone="bad"
        ),
    }


def _of_work() -> dict[str, EventWord]:
    return {
        "connection_test.requested": EventWord(
            words=_("Connection test requested"), icon="plug-connected"
        ),
        "connection_test.completed": EventWord(
            words=_("Connection test completed"), icon="plug-connected"
        ),
        "connection_test.cancelled": EventWord(
            words=_("Connection test cancelled"), icon="player-stop", tone="calm"
        ),
        "detection.requested": EventWord(words=_("Detection requested"), icon="search"),
        "detection.completed": EventWord(words=_("Detection completed"), icon="search"),
        "import.completed": EventWord(words=_("Import completed"), icon="file-import"),
        "export.made": EventWord(words=_("Export made"), icon="file-export", tone="warn"),
    }


def _of_providers() -> dict[str, EventWord]:
    return {
        "oauth_provider.registered": EventWord(
            words=_("OAuth provider registered"), icon="cloud-lock", tone="good"
        ),
        "oauth_provider.updated": EventWord(words=_("OAuth provider changed"), icon="cloud-lock"),
        "oauth_provider.deleted": EventWord(
            words=_("OAuth provider deleted"), icon="trash", tone="bad"
        ),
        "oauth_provider.granted": EventWord(words=_("Consent given"), icon="check", tone="good"),
    }


def _of_webhooks() -> dict[str, EventWord]:
    return {
        "webhook.registered": EventWord(words=_("Webhook registered"), icon="webhook", tone="good"),
        "webhook.updated": EventWord(words=_("Webhook changed"), icon="webhook"),
        "webhook.deleted": EventWord(words=_("Webhook deleted"), icon="trash", tone="bad"),
    }


def _of_access() -> dict[str, EventWord]:
    return {
        "access.credentials_read": EventWord(words=_("Credentials read"), icon="eye", tone="warn"),
        "access.token_created": EventWord(words=_("Token created"), icon="key", tone="good"),
        "access.token_revoked": EventWord(words=_("Token revoked"), icon="key", tone="bad"),
        "access.user_created": EventWord(words=_("User created"), icon="user", tone="good"),
        "access.user_revoked": EventWord(words=_("User revoked"), icon="user", tone="bad"),
        "access.signed_in": EventWord(words=_("Signed in"), icon="user"),
        "access.sign_in_failed": EventWord(
            words=_("Sign-in failed"), icon="alert-circle", tone="bad"
        ),
        "access.denied": EventWord(words=_("Access denied"), icon="lock", tone="bad"),
    }


def _of_keys() -> dict[str, EventWord]:
    return {
        "key.rotated": EventWord(words=_("Key rotated"), icon="refresh", tone="warn"),
        "key.signing_rotated": EventWord(
            words=_("Signing key rotated"), icon="refresh", tone="warn"
        ),
        "key.shredded": EventWord(words=_("Key shredded"), icon="trash", tone="bad"),
    }
