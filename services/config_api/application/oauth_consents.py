"""A person's consent in the browser: begun with PKCE, kept when the provider sends them back."""

from __future__ import annotations

import secrets as randomness
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from sqlalchemy import Engine, Row, bindparam, delete, select

from events.envelope import new_id
from events.smtp_setting import SecretRef
from events.store.port import AddRow
from events.store.sql.failures import translated
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Context, WriteRows
from services.config_api.application.oauth_providers import OAuthProviders
from services.config_api.application.oauth_tokens import OAuthTokens
from services.config_api.application.sealing import Secrets
from services.config_api.application.token_text import hashed
from services.config_api.domain.errors import (
    ConsentRefused,
    InvalidProvider,
    ProviderNotFound,
    StaleVersion,
)
from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.secret import Secret
from services.config_api.oauth.answers import EndpointRefused, EndpointSilent, Issued, in_words
from services.config_api.oauth.requests import TokenRequests, consent_url
from services.config_api.read_model.operational_tables import oauth_consents

LIMIT: Final = timedelta(minutes=10)
_BYTES: Final = 32

_TAKE = delete(oauth_consents).where(oauth_consents.c.sha256 == bindparam("wanted"))
_ONE = select(oauth_consents).where(oauth_consents.c.sha256 == bindparam("wanted"))
_OLD = select(oauth_consents).where(oauth_consents.c.expires_at <= bindparam("at")).limit(500)


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """What a provider sends a person back with: a code, or its refusal."""

    state: str
    code: str | None
    error: str | None
    description: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthConsents:
    """Begins and ends consents; `redirect_uri` is where providers send people back to."""

    providers: OAuthProviders
    tokens: OAuthTokens
    secrets: Secrets
    engine: Engine
    write_rows: WriteRows
    client: httpx.Client
    redirect_uri: str

    @as_command("oauth_consents.begin")
    def begin(self, provider_id: str, ctx: Context) -> str:
        """Return where a person consents; it is good for ten minutes.

        Raises ProviderNotFound; InvalidProvider for a grant that needs no consent.
        """
        state = self.providers.load(provider_id)
        if state.values is None:
            raise ProviderNotFound(provider_id)
        if state.values.grant != "authorization_code" or state.values.authorize_url is None:
            facts = {"grant": state.values.grant}
            raise InvalidProvider((FieldError(pointer="/grant", code="no_consent", facts=facts),))
        told, verifier = (Secret(randomness.token_urlsafe(_BYTES)) for _ in range(2))
        verifier_id = f"~oauth-consent/{new_id()}"
        values = {
            "sha256": hashed(told.reveal()),
            "provider_id": provider_id,
            "provider_version": state.version,
            "verifier_id": verifier_id,
            "actor": ctx.cause.actor,
            "expires_at": ctx.at + LIMIT,
        }
        sealed = self.secrets.seal(None, SecretRef(id=verifier_id, version=1), verifier)
        self.write_rows([AddRow(table=oauth_consents, values=values), *sealed])
        return consent_url(
            state.values, state=told.reveal(), verifier=verifier, redirect_uri=self.redirect_uri
        )

    @as_command("oauth_consents.finish")
    def finish(self, returned: Returned, ctx: Context) -> str:
        """Keep what a person consented to, and return the provider's id.

        Raises ConsentRefused with the reason `unknown`, `denied`, `silent`, `refused`, `changed`
        or `no_refresh_token`.
        """
        row = self._take(returned.state)
        if row is None or row.expires_at <= ctx.at:
            raise ConsentRefused("unknown")
        ref = SecretRef(id=row.verifier_id, version=1)
        verifier = self.secrets.open(None, ref)
        self.write_rows([self.secrets.drop(ref)])
        if returned.code is None:
            raise ConsentRefused(
                "denied",
                error=in_words(returned.error or "no code"),
                description=None if not returned.description else in_words(returned.description),
            )
        issued = self._redeemed(row.provider_id, row.provider_version, returned.code, verifier)
        if issued.refresh_token is None:
            raise ConsentRefused("no_refresh_token")
        # Whoever began it is who granted it: the browser that comes back may be signed in nowhere.
        began = replace(ctx, cause=replace(ctx.cause, actor=row.actor))
        try:
            self.providers.grant(
                row.provider_id, row.provider_version, issued.refresh_token, issued.scope, began
            )
        except (ProviderNotFound, StaleVersion):
            raise ConsentRefused("changed") from None
        self.tokens.keep(self.providers.load(row.provider_id), issued)
        return str(row.provider_id)

    def forget_old(self, at: datetime) -> None:
        """Drop consents that nobody finished."""
        with translated(), self.engine.begin() as connection:
            old = list(connection.execute(_OLD, {"at": at}))
            for row in old:
                connection.execute(_TAKE, {"wanted": row.sha256})
        self.write_rows(
            [self.secrets.drop(SecretRef(id=row.verifier_id, version=1)) for row in old]
        )

    def _take(self, state: str) -> Row[Any] | None:
        """Return a consent that was begun, for this one time."""
        wanted = {"wanted": hashed(state)}
        with translated(), self.engine.begin() as connection:
            row = connection.execute(_ONE, wanted).one_or_none()
            taken = connection.execute(_TAKE, wanted).rowcount
        return row if taken else None

    def _redeemed(self, provider_id: str, version: int, code: str, verifier: Secret) -> Issued:
        state = self.providers.load(provider_id)
        if state.values is None or state.version != version:
            raise ConsentRefused("changed")
        opened = {name: self.secrets.open(None, ref) for name, ref in state.values.secrets.items()}
        requests = TokenRequests(provider=state.values, secrets=opened, client=self.client)
        try:
            return requests.token_for_code(code, verifier=verifier, redirect_uri=self.redirect_uri)
        except EndpointSilent as silent:
            raise ConsentRefused("silent", error=silent.reason) from None
        except EndpointRefused as refused:
            raise ConsentRefused(
                "refused", error=refused.error, description=refused.description
            ) from None
