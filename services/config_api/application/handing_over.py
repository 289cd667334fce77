"""What a tester receives for an attempt: the setting as any sending service would read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from events.codec import to_data
from events.connection_test import ConnectionTestRequested
from events.smtp_setting import PASSWORD, SettingValues
from events.store.port import EventStore
from services.config_api.application.loading import load_setting
from services.config_api.application.oauth_tokens import OAuthTokens
from services.config_api.application.sealing import Secrets
from services.config_api.domain.destination import require_binding
from services.config_api.domain.effective import effective_properties, token_hosts
from services.config_api.domain.errors import NoToken, SecretRequired
from services.config_api.domain.session_properties import warnings_about
from services.config_api.domain.setting_fields import fields_of
from services.config_api.read_model.documents import instant
from services.config_api.vault.errors import SecretGone


@dataclass(frozen=True, kw_only=True, slots=True)
class HandingOver:
    """Puts together the answer of a claim; `deadline` is the time for one attempt."""

    store: EventStore
    secrets: Secrets
    tokens: OAuthTokens
    deadline: timedelta

    def assignment(self, asked: ConnectionTestRequested, attempt: int) -> dict[str, Any]:
        """Return the JSON answer of a claim; without a credential where none may be used.

        Where a provider gives no access token, `token_failure` says why.
        """
        values = self._values(asked)
        opened = self._opened(asked, values)
        credential, failure = self._credential(values, opened.pop(PASSWORD, None))
        return {
            "id": asked.test_id,
            "attempt": attempt,
            "depth": asked.depth,
            "deadline_ms": self.deadline // timedelta(milliseconds=1),
            "mail_from": asked.mail_from,
            "rcpt_to": asked.rcpt_to,
            "setting_id": asked.setting_id,
            "setting": {"id": asked.setting_id, **fields_of(values)},
            "session_properties": effective_properties(values),
            "warnings": [to_data(warned) for warned in warnings_about(values)],
            "credential": credential,
            "token_failure": failure,
            "secret_properties": opened,
        }

    def _credential(
        self, values: SettingValues, password: str | None
    ) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Return what signs in, or why there is no access token for it."""
        if values.auth.method != "access_token":
            return None if password is None else {"password": password}, None
        try:
            token = self.tokens.token_for(values.auth.provider_id or "", *token_hosts(values))
        except NoToken as error:
            return None, {"code": error.code, "facts": error.facts}
        return {
            "access_token": token.text.reveal(),
            "expires_at": instant(token.expires_at),
            "grant_ends_at": instant(token.grant_ends_at),
        }, None

    def _values(self, asked: ConnectionTestRequested) -> SettingValues:
        """Return the values at the version asked for: the result names no other one."""
        if asked.draft is not None:
            return asked.draft
        if asked.setting_id is None or asked.setting_version is None:
            raise LookupError(f"the test {asked.test_id} names neither a draft nor a setting")
        state = load_setting(self.store, asked.setting_id, upto_version=asked.setting_version)
        if state.values is None:
            raise LookupError(f"{asked.setting_id} had no values at {asked.setting_version}")
        return state.values

    def _opened(self, asked: ConnectionTestRequested, values: SettingValues) -> dict[str, str]:
        """Return the secrets by field; none where a draft may not borrow them any more.

        The tester then ends the test with `credentials_missing`, as a sending service would.
        """
        if asked.draft is not None and asked.setting_id is not None:
            try:
                require_binding(asked.draft, load_setting(self.store, asked.setting_id))
            except SecretRequired:
                return {}
        opened = {}
        for field, ref in values.secrets.items():
            try:
                opened[field] = self.secrets.open(asked.setting_id, ref).reveal()
            except SecretGone:
                continue
        return opened
