"""The secrets of the setting in force, for the services that send: told first, answered second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from events.access import ACCESS_CATEGORY, CredentialsRead
from events.catalogue import encode
from events.envelope import stream_name
from events.smtp_setting import PASSWORD, SettingValues
from events.store.port import EventStore, Expected, StreamAppend, Wakeup
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Context
from services.config_api.application.loading import load_setting_in_force
from services.config_api.application.oauth_tokens import AccessToken, OAuthTokens
from services.config_api.application.sealing import Secrets
from services.config_api.domain.destination import secret_pointer
from services.config_api.domain.effective import token_hosts
from services.config_api.domain.errors import SecretLacking, SettingNotFound
from services.config_api.domain.field_errors import pointer_to
from services.config_api.domain.secret import Secret
from services.config_api.domain.session_properties import FIELD as PROPERTIES


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """What a service needs to sign in for a tenant; `secrets` by field, empty where there are none.

    `token` is there for the method `access_token` only. `resolved_from` is the ID of the setting in
    force, `version` its version.
    """

    setting_id: str
    resolved_from: str
    version: int
    values: SettingValues
    secrets: Mapping[str, Secret]
    token: AccessToken | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """Opens the secrets of one setting at a time."""

    store: EventStore
    secrets: Secrets
    tokens: OAuthTokens
    wakeup: Wakeup

    @as_command("credentials.read")
    def read(self, setting_id: str, ctx: Context) -> Credential:
        """Return the credential of a tenant; the event that tells of it is recorded by then.

        Nothing is recorded where there is nothing to give: raises SettingNotFound, SecretLacking,
        NoToken. Raises SealBroken, and StoreUnavailable also where the event cannot be written.
        """
        credential = self._opened(setting_id)
        read = credentials_read(
            CredentialsRead(
                setting_id=setting_id,
                resolved_from=credential.resolved_from,
                setting_version=credential.version,
                export_id=None,
            )
        )
        self.store.append([read], cause=ctx.cause, at=ctx.at)
        self.wakeup.signal()
        return credential

    def _opened(self, setting_id: str) -> Credential:
        state = load_setting_in_force(self.store, setting_id)
        if state.values is None:
            raise SettingNotFound(setting_id)
        _require_usable(state.setting_id, state.values)
        refs = state.values.secrets
        held = self.secrets.open_all([(state.setting_id, ref) for ref in refs.values()])
        gone = tuple(secret_pointer(field) for field, ref in refs.items() if ref not in held)
        if gone:
            raise SecretLacking(state.setting_id, gone, is_lost=True)
        return Credential(
            setting_id=setting_id,
            resolved_from=state.setting_id,
            version=state.version,
            values=state.values,
            secrets={field: held[ref] for field, ref in refs.items()},
            token=self._token(state.values),
        )

    def _token(self, values: SettingValues) -> AccessToken | None:
        auth = values.auth
        if auth.method != "access_token":
            return None
        return self.tokens.token_for(auth.provider_id or "", *token_hosts(values))


def credentials_read(fact: CredentialsRead) -> StreamAppend:
    """Return what tells of secrets that are answered, in the stream of the tenant."""
    return StreamAppend(
        stream=stream_name(ACCESS_CATEGORY, fact.setting_id),
        expected=Expected.ANY,
        events=[encode(fact, tenant=fact.setting_id)],
    )


def _require_usable(setting_id: str, values: SettingValues) -> None:
    """Raise SecretLacking where signing in as the setting says cannot work."""
    if values.secret == "required":  # noqa: S105 -- a state
        lacks_password = values.auth.method == PASSWORD and PASSWORD not in values.secrets
        pointer = secret_pointer(PASSWORD) if lacks_password else pointer_to(PROPERTIES)
        raise SecretLacking(setting_id, (pointer,), is_lost=False)
