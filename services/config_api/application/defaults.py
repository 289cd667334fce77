"""The settings of the deployment's defaults file, kept in step with it (規定の設定)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from events.envelope import Cause
from events.smtp_setting import SettingEvent
from events.store.port import (
    EventStore,
    RowExists,
    RowWrite,
    StoreUnavailable,
    StreamAppend,
    VersionConflict,
    Wakeup,
)
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Clock, Context
from services.config_api.application.loading import (
    encoded,
    expected_version,
    load_settings,
    setting_after,
    setting_stream,
)
from services.config_api.application.sealing import (
    Secrets,
    same_secrets_of_all,
    sealed_of_all,
)
from services.config_api.domain.decide_setting import decide
from services.config_api.domain.field_errors import describe_warning
from services.config_api.domain.secret_fields import secrets_to_seal
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_commands import ProvisionDefault, WithdrawDefault
from services.config_api.domain.setting_fields import SettingDraft
from services.config_api.read_model.projections import rows_for_setting

Drafts = Mapping[str, SettingDraft]

_TRIES = 5
_CHUNK = 500


class DefaultsSource:
    """Reads the drafts once, when the process starts or they are first asked for."""

    def __init__(self, read: Callable[[], Drafts]) -> None:
        self._read = read
        self._drafts: Drafts | None = None

    def drafts(self) -> Drafts:
        """Return the drafts by ID; raises InvalidDefaults where the file cannot be used."""
        if self._drafts is None:
            self._drafts = self._read()
        return self._drafts


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """How many defaults one reconciliation provisioned, or changed, and withdrew."""

    provisioned: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Change:
    """A setting that the file changes, by which facts, and the draft where it provisions it."""

    before: SettingState
    after: SettingState
    facts: Sequence[SettingEvent]
    draft: SettingDraft | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Defaults:
    """Provisions what the file holds and withdraws what it no longer holds.

    `known` answers the IDs that may be defaults now; what is done with each is decided from its
    stream.
    """

    store: EventStore
    secrets: Secrets
    wakeup: Wakeup
    clock: Clock
    known: Callable[[], Collection[str]]
    source: DefaultsSource

    def load(self) -> None:
        """Read the file if this process has not yet; raises InvalidDefaults."""
        self.source.drafts()

    def of(self, setting_id: str) -> SettingDraft | None:
        """Return the default that the file has for an ID; raises InvalidDefaults."""
        return self.source.drafts().get(setting_id)

    def warnings(self) -> Iterator[tuple[str, str]]:
        """Give the ID and the English sentence of each warning in the file."""
        for setting_id, draft in self.source.drafts().items():
            for warned in draft.warnings:
                yield setting_id, describe_warning(warned, "en")

    @as_command("defaults.reconcile")
    def reconcile(self) -> Reconciled:
        """Record in one transaction what the file changes; nothing where it changes nothing.

        Processes that start at once agree. Raises InvalidDefaults, StoreUnavailable.
        """
        for _ in range(_TRIES):
            ctx = Context(cause=Cause.by_system("defaults"), at=self.clock())
            changes = list(self._changes(ctx))
            if not changes:
                return Reconciled()
            try:
                return self._append(changes, ctx)
            except (VersionConflict, RowExists):  # somebody was faster: look again
                continue
        raise StoreUnavailable("settings change faster than their defaults could be decided")

    def _changes(self, ctx: Context) -> Iterator[_Change]:
        drafts = self.source.drafts()
        ids = iter(sorted({*drafts, *self.known()}))
        while chunk := list(islice(ids, _CHUNK)):
            states = load_settings(self.store, chunk)
            held = [(drafts[one.setting_id], one) for one in states if one.setting_id in drafts]
            same = same_secrets_of_all(self.secrets, held)
            for (draft, state), same_of_it in zip(held, same, strict=True):
                yield from _provisioned(state, draft, same_of_it, ctx)
            for state in states:
                if state.setting_id not in drafts:
                    yield from _withdrawn(state, ctx)

    def _append(self, changes: Sequence[_Change], ctx: Context) -> Reconciled:
        new = [
            (one.before.setting_id, secrets_to_seal(one.before, one.after.values), one.draft)
            for one in changes
            if one.draft is not None and one.after.values is not None
        ]
        rows = dict(
            zip((tenant for tenant, _, _ in new), sealed_of_all(self.secrets, new), strict=True)
        )
        appends = [_appended(one, rows.get(one.before.setting_id, [])) for one in changes]
        self.store.append(appends, cause=ctx.cause, at=ctx.at)
        self.wakeup.signal()
        return Reconciled(provisioned=len(new), withdrawn=len(changes) - len(new))


def _provisioned(
    state: SettingState, draft: SettingDraft, same_secrets: frozenset[str], ctx: Context
) -> Iterator[_Change]:
    command = ProvisionDefault(setting_id=state.setting_id, draft=draft, same_secrets=same_secrets)
    facts = decide(command, state)
    if facts:
        after = setting_after(state, facts, ctx)
        yield _Change(before=state, after=after, facts=facts, draft=draft)


def _withdrawn(state: SettingState, ctx: Context) -> Iterator[_Change]:
    facts = decide(WithdrawDefault(setting_id=state.setting_id), state)
    if facts:
        after = setting_after(state, facts, ctx)
        yield _Change(before=state, after=after, facts=facts, draft=None)


def _appended(change: _Change, sealed: Sequence[RowWrite]) -> StreamAppend:
    setting_id = change.before.setting_id
    return StreamAppend(
        stream=setting_stream(setting_id),
        expected=expected_version(change.before.version),
        events=encoded(change.facts, tenant=setting_id),
        rows=[*rows_for_setting(change.after), *sealed],
    )
