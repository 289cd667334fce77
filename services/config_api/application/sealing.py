"""What handlers ask of the vault: compare, seal, open and shred the secrets of their subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from events.smtp_setting import SecretRef, SettingValues
from events.store.port import RowWrite
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_fields import SettingDraft


class TenantSecrets(Protocol):
    """The secrets of one tenant for one command, read as seldom as may be."""

    def seal(self, ref: SecretRef, secret: Secret) -> Sequence[RowWrite]:
        """Return the rows of a sealed secret, for the append that names it."""
        ...

    def holds(self, ref: SecretRef, secret: Secret) -> bool:
        """Tell whether a secret equals the stored one."""
        ...


class Secrets(Protocol):
    """The part of the vault that handlers use; `services.config_api.vault.vault` has it."""

    def prepare(self, tenants: Iterable[str | None]) -> None:
        """Make the missing keys of many tenants."""
        ...

    def of_tenant(self, tenant: str | None) -> TenantSecrets:
        """Return the secrets of a tenant as one command needs them."""
        ...

    def seal(self, tenant: str | None, ref: SecretRef, secret: Secret) -> Sequence[RowWrite]:
        """Return the rows of a sealed secret, for the append that names it."""
        ...

    def seal_all(
        self, secrets: Sequence[tuple[str | None, SecretRef, Secret]]
    ) -> Sequence[RowWrite]:
        """Return the rows of many sealed secrets in few statements, one each, in their order."""
        ...

    def open(self, tenant: str | None, ref: SecretRef) -> Secret:
        """Return a secret."""
        ...

    def open_all(self, refs: Sequence[tuple[str | None, SecretRef]]) -> Mapping[SecretRef, Secret]:
        """Return many secrets in few statements; those that are gone are not among them."""
        ...

    def holds(self, tenant: str | None, ref: SecretRef, secret: Secret) -> bool:
        """Tell whether a secret equals the stored one."""
        ...

    def held(self, tenant: str | None, ref: SecretRef) -> bool:
        """Tell whether a secret can still be opened."""
        ...

    def drop(self, ref: SecretRef) -> RowWrite:
        """Return the deletion of a sealed secret."""
        ...


def same_secrets(
    secrets: TenantSecrets, draft: SettingDraft, state: SettingState
) -> frozenset[str]:
    """Return the fields whose given secret equals the one that the setting has."""
    stored: Mapping[str, SecretRef] = state.values.secrets if state.values else {}
    return frozenset(
        field
        for field, given in draft.secrets.items()
        if given is not None and field in stored and secrets.holds(stored[field], given)
    )


def same_secrets_of_all(
    secrets: Secrets, pairs: Sequence[tuple[SettingDraft, SettingState]]
) -> list[frozenset[str]]:
    """Return what `same_secrets` does for each pair, in few statements."""
    compared = [
        (place, field, state.values.secrets[field], given)
        for place, (draft, state) in enumerate(pairs)
        for field, given in draft.secrets.items()
        if given is not None and state.values and field in state.values.secrets
    ]
    held = secrets.open_all([(pairs[place][1].setting_id, ref) for place, _, ref, _ in compared])
    same: list[set[str]] = [set() for _ in pairs]
    for place, field, ref, given in compared:
        if held.get(ref) == given:
            same[place].add(field)
    return [frozenset(fields) for fields in same]


def sealed(
    secrets: TenantSecrets, refs: Mapping[str, SecretRef], draft: SettingDraft
) -> list[RowWrite]:
    """Return the rows of a draft's new secrets under the references that were decided.

    Raises LookupError for a reference to a secret that the draft does not bring.
    """
    rows: list[RowWrite] = []
    for field, ref in refs.items():
        given = draft.secrets.get(field)
        if given is None:
            raise LookupError(f"{ref.id} is named but was not given")
        rows.extend(secrets.seal(ref, given))
    return rows


def sealed_of_all(
    secrets: Secrets, given: Sequence[tuple[str, Mapping[str, SecretRef], SettingDraft]]
) -> list[list[RowWrite]]:
    """Return what `sealed` does for each tenant, references and draft, in few statements.

    Raises LookupError as `sealed` does.
    """
    wanted = [
        (place, tenant, ref, draft.secrets.get(field))
        for place, (tenant, refs, draft) in enumerate(given)
        for field, ref in refs.items()
    ]
    brought = [(tenant, ref, secret) for _, tenant, ref, secret in wanted if secret is not None]
    if len(brought) != len(wanted):
        raise LookupError("a secret is named but was not given")
    rows: list[list[RowWrite]] = [[] for _ in given]
    for (place, *_), row in zip(wanted, secrets.seal_all(brought), strict=True):
        rows[place].append(row)
    return rows


def own_secrets(owner: str, values: SettingValues | None) -> dict[str, SecretRef]:
    """Return, by field, the references among `values` that belong to `owner`."""
    held = values.secrets if values else {}
    return {field: ref for field, ref in held.items() if ref.id.startswith(f"{owner}/")}
