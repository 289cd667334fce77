"""Commands on OAuth providers: register, replace, delete, keep a consent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from events.catalogue import decode
from events.envelope import stream_name
from events.oauth_provider import CATEGORY, REFRESH_TOKEN
from events.smtp_setting import SecretRef
from events.store.port import EventStore, RowWrite, Wakeup
from services.config_api.application.changing import Change, carry_out
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Answer, Context, WriteRows
from services.config_api.application.loading import after
from services.config_api.application.sealing import Secrets
from services.config_api.domain.decide_provider import (
    DeleteProvider,
    GrantProvider,
    ProviderCommand,
    RegisterProvider,
    ReplaceProvider,
    decide,
    require_provider,
    secrets_to_seal,
)
from services.config_api.domain.oauth_provider import ProviderState, evolve, fold
from services.config_api.domain.provider_fields import ProviderDraft
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_commands import version_or_any
from services.config_api.read_model.provider_rows import provider_document, rows_for_provider

#: Answers up to ten IDs of settings that name a provider.
UsedBy = Callable[[str], Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthProviders:
    """Changes providers; every method is one transaction. `used_by` is asked before a deletion."""

    store: EventStore
    secrets: Secrets
    wakeup: Wakeup
    write_rows: WriteRows
    used_by: UsedBy

    def load(self, provider_id: str) -> ProviderState:
        """Return a provider as its stream tells it."""
        events = self.store.read_stream(stream_name(CATEGORY, provider_id))
        return fold(provider_id, ((event, decode(event)) for event in events))

    @as_command("oauth_providers.register")
    def register(
        self, provider_id: str, draft: ProviderDraft, ctx: Context, *, as_admin: bool
    ) -> Answer:
        """Register a provider; raises ProviderExists, InvalidProvider, Denied."""

        def decided(_state: ProviderState) -> ProviderCommand:
            return RegisterProvider(draft=draft, as_admin=as_admin)

        return self._carry_out(provider_id, decided, draft.secrets, ctx)

    def require_version(self, provider_id: str, expected: int | None) -> None:
        """Check what a change would check first; raises ProviderNotFound, StaleVersion."""
        require_provider(self.load(provider_id), version_or_any(expected))

    @as_command("oauth_providers.replace")
    def replace(  # noqa: PLR0913 -- what is sent, and by whom
        self,
        provider_id: str,
        draft: ProviderDraft,
        expected: int | None,
        ctx: Context,
        *,
        as_admin: bool,
        keeps_hosts: bool,
    ) -> Answer:
        """Replace a provider; `expected` None is any version.

        Raises ProviderNotFound, StaleVersion, SecretRequired, InvalidProvider, Denied.
        """

        def decided(state: ProviderState) -> ProviderCommand:
            return ReplaceProvider(
                draft=draft,
                as_admin=as_admin,
                expected=version_or_any(expected),
                keeps_hosts=keeps_hosts,
                same_secrets=self._same(draft, state),
            )

        return self._carry_out(provider_id, decided, draft.secrets, ctx)

    @as_command("oauth_providers.delete")
    def delete(self, provider_id: str, expected: int | None, ctx: Context) -> Answer:
        """Delete a provider; raises ProviderNotFound, StaleVersion, ProviderInUse."""

        def decided(_state: ProviderState) -> ProviderCommand:
            used_by = tuple(self.used_by(provider_id))
            return DeleteProvider(expected=version_or_any(expected), used_by=used_by)

        return self._carry_out(provider_id, decided, {}, ctx)

    @as_command("oauth_providers.grant")
    def grant(
        self, provider_id: str, version: int, token: Secret, scope: str | None, ctx: Context
    ) -> None:
        """Keep the refresh token of a consent to the provider as it was at `version`.

        Raises ProviderNotFound, StaleVersion.
        """

        def decided(_state: ProviderState) -> ProviderCommand:
            return GrantProvider(version=version, scope=scope)

        self._carry_out(provider_id, decided, {REFRESH_TOKEN: token}, ctx)

    def _carry_out(
        self,
        provider_id: str,
        decided: Callable[[ProviderState], ProviderCommand],
        given: Mapping[str, Secret | None],
        ctx: Context,
    ) -> Answer:
        def change() -> Change:
            before = self.load(provider_id)
            facts = decide(decided(before), before)
            state = after(before, facts, evolve, ctx)
            return Change(
                before=before.version,
                answer=_answer(state),
                facts=facts,
                rows=[*rows_for_provider(state), *self._sealed(before, state, given)],
            )

        return carry_out(self, stream_name(CATEGORY, provider_id), change, ctx)

    def _sealed(
        self, before: ProviderState, now: ProviderState, given: Mapping[str, Secret | None]
    ) -> Sequence[RowWrite]:
        """Return the rows of new secrets, and the deletion of those that nothing names any more."""
        rows: list[RowWrite] = []
        held = now.values.secrets if now.values else {}
        for name, ref in (secrets_to_seal(before, now.values) if now.values else {}).items():
            secret = given[name]
            if secret is None:
                raise LookupError(f"{name} of {now.provider_id} is named but was not given")
            rows.extend(self.secrets.seal(None, ref, secret))
        gone = (before.values.secrets if before.values else {}).items()
        rows.extend(self.secrets.drop(ref) for name, ref in gone if held.get(name) != ref)
        return rows

    def _same(self, draft: ProviderDraft, state: ProviderState) -> frozenset[str]:
        stored: Mapping[str, SecretRef] = state.values.secrets if state.values else {}
        return frozenset(
            name
            for name, given in draft.secrets.items()
            if given is not None
            and name in stored
            and self.secrets.holds(None, stored[name], given)
        )


def _answer(state: ProviderState) -> Answer:
    document = None if state.values is None else provider_document(state)
    return Answer(document=document, version=state.version)
