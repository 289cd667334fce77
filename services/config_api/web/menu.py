"""The main menu: which pages there are, and who finds them there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.config_api.web.i18n import translate as _

if TYPE_CHECKING:
    from events.access import Role
    from services.config_api.domain.principal import Principal


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry: the page that it leads to, and whether that concerns more than one tenant."""

    endpoint: str
    icon: str
    words: str
    role: Role
    whole: bool = False
    pages: tuple[str, ...] = ()

    def holds(self, endpoint: str | None) -> bool:
        """Tell whether a page belongs to this entry."""
        return endpoint == self.endpoint or endpoint in self.pages

    def is_for(self, principal: Principal) -> bool:
        """Tell whether somebody may use its page."""
        return principal.may(self.role) and not (self.whole and principal.tenants is not None)


def entries(principal: Principal) -> list[Entry]:
    """Return the menu of a person, in order."""
    return [entry for entry in _entries() if entry.is_for(principal)]


def _entries() -> list[Entry]:
    return [*_of_settings(), *_of_files(), *_of_proof(), *_of_others(), *_of_access()]


def _of_settings() -> list[Entry]:
    return [
        Entry(
            endpoint="web.settings_list",
            icon="server-2",
            words=_("SMTP settings"),
            role="reader",
            pages=(
                "web.setting_page",
                "web.register_page",
                "web.change_setting",
                "web.register",
                "web.setting_history",
                "web.compare_versions",
                "web.restore_form",
                "web.restore_setting",
            ),
        ),
        Entry(
            endpoint="web.tests_list",
            icon="plug-connected",
            words=_("Connection tests"),
            role="reader",
            pages=("web.test_page",),
        ),
        Entry(
            endpoint="web.settings_as_of",
            icon="history",
            words=_("As of a moment"),
            role="reader",
            pages=("web.setting_as_of",),
        ),
    ]


def _of_files() -> list[Entry]:
    return [
        Entry(
            endpoint="web.import_form",
            icon="file-import",
            words=_("Import"),
            role="operator",
            whole=True,
            pages=("web.import_file",),
        ),
        Entry(
            endpoint="web.export_form",
            icon="file-export",
            words=_("Export"),
            role="operator",
            pages=("web.export_file",),
        ),
    ]


def _of_proof() -> list[Entry]:
    return [
        Entry(
            endpoint="web.event_log",
            icon="messages",
            words=_("Event log"),
            role="auditor",
            pages=("web.event_page",),
        ),
        Entry(
            endpoint="web.sealed_log",
            icon="shield-check",
            words=_("Sealed log"),
            role="auditor",
        ),
    ]


def _of_others() -> list[Entry]:
    """Return what leads to programs of others."""
    return [
        Entry(
            endpoint="web.providers_list",
            icon="cloud-lock",
            words=_("OAuth providers"),
            role="operator",
            pages=(
                "web.provider_page",
                "web.change_provider",
                "web.delete_provider",
                "web.new_provider_page",
                "web.register_provider",
            ),
        ),
        Entry(
            endpoint="web.webhooks_list",
            icon="webhook",
            words=_("Webhooks"),
            role="operator",
            whole=True,
            pages=(
                "web.webhook_page",
                "web.change_webhook",
                "web.delete_webhook_page",
                "web.new_webhook_page",
                "web.register_webhook",
            ),
        ),
    ]


def _of_access() -> list[Entry]:
    return [
        Entry(
            endpoint="web.users_page",
            icon="users",
            words=_("Users"),
            role="admin",
            whole=True,
            pages=("web.create_user_page",),
        ),
        Entry(
            endpoint="web.tokens_page",
            icon="key",
            words=_("Access tokens"),
            role="admin",
            whole=True,
            pages=("web.create_token_page",),
        ),
        Entry(
            endpoint="web.system_status",
            icon="activity",
            words=_("System status"),
            role="reader",
        ),
    ]
