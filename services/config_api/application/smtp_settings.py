"""Commands on the SMTP setting of one tenant: load its stream, decide, append."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from events.connection_test import Warned
from events.store.port import EventStore, RowWrite, Wakeup
from services.config_api.application.changing import Change, carry_out
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Answer, Context, KnownProviders, WriteRows
from services.config_api.application.loading import load_setting, setting_after, setting_stream
from services.config_api.application.recent_settings import RecentSettings
from services.config_api.application.restoring import Restore, restoring
from services.config_api.application.sealing import (
    Secrets,
    TenantSecrets,
    same_secrets,
    sealed,
)
from services.config_api.application.turns import Turns
from services.config_api.domain.decide_setting import decide
from services.config_api.domain.expected_version import require_version
from services.config_api.domain.secret_fields import secrets_to_seal
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_commands import (
    DeleteSetting,
    ExpectedSetting,
    RegisterSetting,
    ReplaceSetting,
    SettingCommand,
    version_or_any,
)
from services.config_api.domain.setting_fields import SettingDraft
from services.config_api.formats.document import read_patch
from services.config_api.read_model.documents import setting_document
from services.config_api.read_model.projections import rows_for_setting

#: Answers the default that the defaults file has for an ID.
DefaultOf = Callable[[str], SettingDraft | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class SmtpSettings:
    """Changes settings; every method is one transaction and answers what readers see next.

    `write_rows` keeps the answer of a command that changed nothing. `default_of` is asked when a
    setting is deleted: the default takes its place.
    """

    store: EventStore
    secrets: Secrets
    wakeup: Wakeup
    write_rows: WriteRows
    default_of: DefaultOf
    known_providers: KnownProviders
    turns: Turns = field(default_factory=Turns)
    recent: RecentSettings = field(default_factory=RecentSettings)

    @as_command("smtp_settings.register")
    def register(self, setting_id: str, draft: SettingDraft, ctx: Context) -> Answer:
        """Register a setting; raises SettingExists, InvalidSetting."""

        def decided(_state: SettingState, _secrets: TenantSecrets) -> _Decided:
            return _Decided(RegisterSetting(setting_id=setting_id, draft=draft), draft)

        return self._carry_out(setting_id, decided, ctx)

    def require_version(self, setting_id: str, expected: int | None) -> None:
        """Check what a change would check first, for a request whose body is wrong as well.

        Raises SettingNotFound, StaleVersion.
        """
        require_version(self.recent.load(self.store, setting_id), version_or_any(expected))

    def current(self, setting_id: str) -> SettingState:
        """Return a setting as its stream is now, for who is about to change it."""
        return self.recent.load(self.store, setting_id)

    @as_command("smtp_settings.replace")
    def replace(
        self,
        setting_id: str,
        draft: SettingDraft,
        expected: int | None,
        ctx: Context,
        seen: SettingState | None = None,
    ) -> Answer:
        """Replace a setting; `expected` None is any version (`If-Match: *`).

        `seen` is what `current` has just answered: it is not read again unless it is out of date.

        Raises SettingNotFound, StaleVersion, SecretRequired, InvalidSetting.
        """

        def decided(state: SettingState, secrets: TenantSecrets) -> _Decided:
            return _replacing(state, secrets, draft, version_or_any(expected))

        return self._carry_out(setting_id, decided, ctx, seen)

    @as_command("smtp_settings.patch")
    def patch(
        self,
        setting_id: str,
        patch: Mapping[str, Any],
        expected: int | None,
        ctx: Context,
        seen: SettingState | None = None,
    ) -> Answer:
        """Change the fields of a JSON merge patch (RFC 7396); raises as `replace` does."""

        def decided(state: SettingState, secrets: TenantSecrets) -> _Decided:
            current = require_version(state, version_or_any(expected))
            known = self.known_providers()
            draft = read_patch(patch, current, known_providers=known, at=ctx.at)
            return _replacing(state, secrets, draft, version_or_any(expected))

        return self._carry_out(setting_id, decided, ctx, seen)

    @as_command("smtp_settings.delete")
    def delete(
        self, setting_id: str, expected: int | None, ctx: Context, seen: SettingState | None = None
    ) -> Answer:
        """Delete a setting; raises SettingNotFound, DefaultProtected, StaleVersion.

        Its sealed secrets stay, so that an earlier version can be restored. Where the defaults
        file holds its ID, the answer is the default that is there in the same moment.
        """
        default = self.default_of(setting_id)

        def decided(_state: SettingState, _secrets: TenantSecrets) -> _Decided:
            command = DeleteSetting(
                setting_id=setting_id, expected=version_or_any(expected), default=default
            )
            return _Decided(command, default)

        return self._carry_out(setting_id, decided, ctx, seen)

    @as_command("smtp_settings.restore")
    def restore(self, setting_id: str, asked: Restore, ctx: Context) -> Answer:
        """Bring back an earlier version of a setting, also of a deleted one.

        Raises SettingNotFound, StaleVersion, SettingThere, InvalidRestore, PastSecretRequired.
        """

        def decided(state: SettingState, _secrets: TenantSecrets) -> _Decided:
            past = load_setting(self.store, setting_id, upto_version=asked.version)
            command = restoring(self.secrets, asked, state, past)
            draft = (
                None
                if past.values is None
                else SettingDraft(values=past.values, secrets=command.given)
            )
            return _Decided(command, draft)

        return self._carry_out(setting_id, decided, ctx)

    def _carry_out(
        self, setting_id: str, decided: _Deciding, ctx: Context, seen: SettingState | None = None
    ) -> Answer:
        """Decide in turn: commands of this process wait for each other, not for the database."""
        stream, states = setting_stream(setting_id), self._states(setting_id, seen)
        with self.turns.at(stream):
            return carry_out(self, stream, lambda: self._changed(next(states), decided, ctx), ctx)

    def _states(self, setting_id: str, seen: SettingState | None) -> Iterator[SettingState]:
        """Yield what each try begins with: what was seen, as long as nobody is known to be faster.

        Whatever is out of date is found by the append, which expects its version.
        """
        if seen is not None:
            yield self.recent.newest(seen)
        while True:
            yield self.recent.load(self.store, setting_id)

    def _changed(self, before: SettingState, decided: _Deciding, ctx: Context) -> Change:
        setting_id, secrets = before.setting_id, self.secrets.of_tenant(before.setting_id)
        chosen = decided(before, secrets)
        facts = decide(chosen.command, before)
        state = setting_after(before, facts, ctx)
        rows: list[RowWrite] = [*rows_for_setting(state)]
        if state.values is not None and chosen.draft is not None:
            refs = secrets_to_seal(before, state.values)
            rows += sealed(secrets, refs, chosen.draft)
        return Change(
            before=before.version,
            answer=_answer(state, chosen.warnings),
            facts=facts,
            tenant=setting_id,
            rows=rows,
            appended=lambda events: self.recent.keep(state, events[-1].id),
        )


@dataclass(frozen=True, slots=True)
class _Decided:
    """A command for the state at hand, and the draft that it brings; a deletion brings none."""

    command: SettingCommand
    draft: SettingDraft | None

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What is worth mending in the draft."""
        return self.draft.warnings if self.draft else ()


#: Answers a command for a setting's state, and the secrets of its tenant.
_Deciding = Callable[[SettingState, TenantSecrets], _Decided]


def _replacing(
    state: SettingState, secrets: TenantSecrets, draft: SettingDraft, expected: ExpectedSetting
) -> _Decided:
    command = ReplaceSetting(
        setting_id=state.setting_id,
        draft=draft,
        expected=expected,
        same_secrets=same_secrets(secrets, draft, state),
    )
    return _Decided(command, draft)


def _answer(state: SettingState, warnings: tuple[Warned, ...]) -> Answer:
    document = setting_document(state) if state.exists else None
    return Answer(document=document, version=state.version, warnings=warnings)
