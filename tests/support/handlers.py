"""Handlers on a store in memory, with a vault of a few lines behind the same protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from events.store.memory import MemoryEventStore
from events.store.port import AddRow, Appended, DropRow, RowWrite
from services.config_api.application.context import Context
from services.config_api.application.defaults import Defaults, DefaultsSource
from services.config_api.application.imports import Imports
from services.config_api.application.smtp_settings import SmtpSettings
from services.config_api.domain.secret import Secret
from services.config_api.read_model.tables import smtp_settings
from services.config_api.vault.tables import sealed_secrets
from tests.support.relaybook import context

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.envelope import Cause
    from events.smtp_setting import SecretRef
    from events.store.port import StreamAppend
    from services.config_api.domain.setting_fields import SettingDraft

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class MemorySecrets:
    """Keeps secrets as rows of the store, unsealed."""

    def __init__(self, store: MemoryEventStore) -> None:
        self._store = store
        self.forgotten: set[SecretRef] = set()

    def prepare(self, tenants: Iterable[str | None]) -> None:
        """No keys are needed here."""

    def of_tenant(self, tenant: str | None) -> MemoryTenantSecrets:
        return MemoryTenantSecrets(self, tenant)

    def seal(self, tenant: str | None, ref: SecretRef, secret: Secret) -> Sequence[RowWrite]:
        values = {
            "id": ref.id,
            "version": ref.version,
            "tenant": tenant,
            "ciphertext": secret.reveal().encode(),
        }
        return (AddRow(table=sealed_secrets, values=values),)

    def seal_all(
        self, secrets: Sequence[tuple[str | None, SecretRef, Secret]]
    ) -> Sequence[RowWrite]:
        return [row for one in secrets for row in self.seal(*one)]

    def open_all(self, refs: Sequence[tuple[str | None, SecretRef]]) -> dict[SecretRef, Secret]:
        return {ref: self.open(tenant, ref) for tenant, ref in refs if self.held(tenant, ref)}

    def open(self, tenant: str | None, ref: SecretRef) -> Secret:
        wanted = (ref.id, ref.version, tenant)
        for row in self._store.rows(sealed_secrets):
            if (row["id"], row["version"], row["tenant"]) == wanted:
                return Secret(row["ciphertext"].decode())
        raise LookupError(wanted)

    def holds(self, tenant: str | None, ref: SecretRef, secret: Secret) -> bool:
        return self.held(tenant, ref) and self.open(tenant, ref) == secret

    def held(self, tenant: str | None, ref: SecretRef) -> bool:
        wanted = (ref.id, ref.version, tenant)
        rows = self._store.rows(sealed_secrets)
        return ref not in self.forgotten and any(
            (row["id"], row["version"], row["tenant"]) == wanted for row in rows
        )

    def drop(self, ref: SecretRef) -> RowWrite:
        return DropRow(table=sealed_secrets, key={"id": ref.id, "version": ref.version})


@dataclass(frozen=True)
class MemoryTenantSecrets:
    """Those of one tenant."""

    secrets: MemorySecrets
    tenant: str | None

    def seal(self, ref: SecretRef, secret: Secret) -> Sequence[RowWrite]:
        return self.secrets.seal(self.tenant, ref, secret)

    def holds(self, ref: SecretRef, secret: Secret) -> bool:
        return self.secrets.holds(self.tenant, ref, secret)


class CountingWakeup:
    """Counts signals."""

    def __init__(self) -> None:
        self.signals = 0

    def signal(self) -> None:
        self.signals += 1

    def wait(self, seconds: float) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""


class InterruptedStore(MemoryEventStore):
    """Lets somebody else be faster: each of `before_append` runs once, before an append."""

    def __init__(self) -> None:
        super().__init__()
        self.before_append: list[Callable[[], object]] = []

    def append(
        self,
        appends: Iterable[StreamAppend],
        *,
        cause: Cause,
        at: datetime,
        rows: Sequence[RowWrite] = (),
    ) -> Appended:
        if self.before_append:
            self.before_append.pop(0)()
        return super().append(appends, cause=cause, at=at, rows=rows)


@dataclass
class Desk:
    """Command handlers in memory; `written` came without an event, `drafts` are the defaults."""

    store: InterruptedStore = field(default_factory=InterruptedStore)
    wakeup: CountingWakeup = field(default_factory=CountingWakeup)
    written: list[RowWrite] = field(default_factory=list)
    drafts: dict[str, SettingDraft] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.secrets = MemorySecrets(self.store)
        self.smtp_settings = SmtpSettings(
            store=self.store,
            secrets=self.secrets,
            wakeup=self.wakeup,
            write_rows=self.written.extend,
            default_of=self.drafts.get,
            known_providers=tuple,
        )
        self.defaults = Defaults(
            store=self.store,
            secrets=self.secrets,
            wakeup=self.wakeup,
            clock=lambda: NOON,
            known=self._known_defaults,
            source=DefaultsSource(lambda: self.drafts),
        )
        self.imports = Imports(
            store=self.store, secrets=self.secrets, wakeup=self.wakeup, known_providers=tuple
        )

    def _known_defaults(self) -> list[str]:
        return [row["id"] for row in self.store.rows(smtp_settings) if row["is_default"]]

    def ctx(self) -> Context:
        return context(NOON)

    def types(self) -> list[str]:
        """Return the types of all events in order."""
        return [event.type for event in self.store.read_all(after=0, limit=1_000).events]

    def secret_texts(self) -> dict[tuple[str, int], str]:
        """Return the kept secrets by id and version."""
        rows = self.store.rows(sealed_secrets)
        return {(row["id"], row["version"]): row["ciphertext"].decode() for row in rows}
