"""Seals and opens secrets; the sealed rows go into the append's own transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy import Engine, select

from events.smtp_setting import SecretRef
from events.store.port import DropRow, RowWrite
from events.store.sql.among import among
from events.store.sql.failures import translated
from services.config_api.domain.secret import Secret
from services.config_api.vault.errors import MalformedMasterKey
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.marks import Marks
from services.config_api.vault.tables import sealed_secrets, tenant_keys
from services.config_api.vault.tenant_keys import TenantKeys
from services.config_api.vault.tenant_secrets import (
    Sealed,
    TenantSecrets,
    opened,
    sealed_row,
)

_CHUNK: Final = 500
_DEPLOYMENT: Final = ""  # no tenant's ID is empty


class Vault:
    """Secrets by tenant, id and version.

    AES-256-GCM under the tenant's key; the associated data binds tenant, secret id, version and
    key number, so that a sealed value opens nowhere else. `tenant` None is the deployment. Reads
    go through `read_engine`. Every method may raise StoreUnavailable.
    """

    def __init__(
        self,
        ring: KeyRing,
        *,
        engine: Engine,
        read_engine: Engine,
        clock: Callable[[], datetime],
    ) -> None:
        self._read_engine = read_engine
        self._clock = clock
        self.ring = ring
        self.marks = Marks(ring=ring, engine=engine, clock=clock)
        self.keys = TenantKeys(
            ring=ring, marks=self.marks, engine=engine, read_engine=read_engine, clock=clock
        )

    def check(self) -> None:
        """Check the master keys against the database, at the very first time leave a mark there.

        Raises WrongMasterKey; NoMasterKey where there was one and it is lost, otherwise
        MalformedMasterKey where there is none.
        """
        if self.ring.is_empty and not self.marks.all():
            raise MalformedMasterKey("there is no master key")
        self.marks.check()

    def prepare(self, tenants: Iterable[str | None]) -> None:
        """Make the missing keys of many tenants in few transactions; `seal` makes one alone."""
        self.keys.make_missing(_owner(tenant) for tenant in tenants)

    def of_tenant(self, tenant: str | None) -> TenantSecrets:
        """Return the secrets of a tenant as one command needs them."""
        return TenantSecrets(
            owner=_owner(tenant),
            keys=self.keys,
            read_engine=self._read_engine,
            clock=self._clock,
        )

    def seal(self, tenant: str | None, ref: SecretRef, secret: Secret) -> Sequence[RowWrite]:
        """Return the rows of a sealed secret, for the append that names it.

        Raises WrongMasterKey.
        """
        return self.of_tenant(tenant).seal(ref, secret)

    def seal_all(
        self, secrets: Sequence[tuple[str | None, SecretRef, Secret]]
    ) -> Sequence[RowWrite]:
        """Return the rows of many sealed secrets in few statements, one each, in their order.

        Raises WrongMasterKey.
        """
        newest = self.keys.newest_of({_owner(tenant) for tenant, _, _ in secrets})
        return [
            sealed_row(_owner(tenant), ref, secret, newest[_owner(tenant)], at=self._clock())
            for tenant, ref, secret in secrets
        ]

    def open(self, tenant: str | None, ref: SecretRef) -> Secret:
        """Return a secret; raises SecretGone, SealBroken, WrongMasterKey."""
        return self.of_tenant(tenant).open(ref)

    def open_all(self, refs: Sequence[tuple[str | None, SecretRef]]) -> Mapping[SecretRef, Secret]:
        """Return many secrets in few statements; those that are gone are not among them.

        Raises SealBroken, WrongMasterKey.
        """
        rows = self._rows_of(refs)
        keys = self.keys.numbered_of(
            {(_owner(tenant), rows[ref].key_no) for tenant, ref in refs if ref in rows}
        )
        return {
            ref: opened(_owner(tenant), ref, rows[ref], key)
            for tenant, ref in refs
            if ref in rows and (key := keys.get((_owner(tenant), rows[ref].key_no)))
        }

    def _rows_of(self, refs: Iterable[tuple[str | None, SecretRef]]) -> dict[SecretRef, Sealed]:
        wanted = {ref for _, ref in refs}
        ids = iter(sorted({ref.id for ref in wanted}))
        found: dict[SecretRef, Sealed] = {}
        while chunk := list(islice(ids, _CHUNK)):
            with translated(), self._read_engine.connect() as connection:
                rows = select(sealed_secrets).where(among(connection, sealed_secrets.c.id, chunk))
                for row in connection.execute(rows):
                    sealed = Sealed(row.key_no, row.nonce, row.ciphertext)
                    found[SecretRef(id=row.id, version=row.version)] = sealed
        return {ref: row for ref, row in found.items() if ref in wanted}

    def holds(self, tenant: str | None, ref: SecretRef, secret: Secret) -> bool:
        """Tell in constant time whether a secret equals the stored one; False where it is gone.

        Raises SealBroken, WrongMasterKey.
        """
        return self.of_tenant(tenant).holds(ref, secret)

    def held(self, tenant: str | None, ref: SecretRef) -> bool:
        """Tell whether a secret is still there and its key not shredded; nothing is opened."""
        wanted = (
            select(tenant_keys.c.key_no)
            .join(
                sealed_secrets,
                (sealed_secrets.c.tenant == tenant_keys.c.tenant)
                & (sealed_secrets.c.key_no == tenant_keys.c.key_no),
            )
            .where(
                sealed_secrets.c.id == ref.id,
                sealed_secrets.c.version == ref.version,
                sealed_secrets.c.tenant == _owner(tenant),
                tenant_keys.c.wrapped.is_not(None),
            )
        )
        with translated(), self._read_engine.connect() as connection:
            return connection.execute(wanted).one_or_none() is not None

    def drop(self, ref: SecretRef) -> RowWrite:
        """Return the deletion of a sealed secret."""
        return DropRow(table=sealed_secrets, key={"id": ref.id, "version": ref.version})


def _owner(tenant: str | None) -> str:
    return _DEPLOYMENT if tenant is None else tenant
