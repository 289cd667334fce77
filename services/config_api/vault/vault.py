"""Seals and opens secrets; the sealed rows go into the append's own transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import Engine, Row, bindparam, select

from events.smtp_setting import SecretRef
from events.store.port import AddRow, DropRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.domain.secret import Secret
from services.config_api.vault.box import DoesNotOpen, binding, close_box, open_box
from services.config_api.vault.errors import MalformedMasterKey, SealBroken, SecretGone
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.marks import Marks
from services.config_api.vault.tables import sealed_secrets, tenant_keys
from services.config_api.vault.tenant_keys import TenantKeys

_CHUNK: Final = 500
_DEPLOYMENT: Final = ""  # no tenant's ID is empty
_SEALED_WITH_KEY: Final = (
    select(sealed_secrets, tenant_keys.c.master, tenant_keys.c.wrapped)
    .join(
        tenant_keys,
        (tenant_keys.c.tenant == bindparam("owner"))
        & (tenant_keys.c.key_no == sealed_secrets.c.key_no),
    )
    .where(
        sealed_secrets.c.id == bindparam("of_id"),
        sealed_secrets.c.version == bindparam("of_version"),
        tenant_keys.c.wrapped.is_not(None),
    )
)


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

    def seal(self, tenant: str | None, ref: SecretRef, secret: Secret) -> Sequence[RowWrite]:
        """Return the rows of a sealed secret, for the append that names it.

        Raises WrongMasterKey.
        """
        return (self._sealed(_owner(tenant), ref, secret, self.keys.newest(_owner(tenant))),)

    def seal_all(
        self, secrets: Sequence[tuple[str | None, SecretRef, Secret]]
    ) -> Sequence[RowWrite]:
        """Return the rows of many sealed secrets in few statements, one each, in their order.

        Raises WrongMasterKey.
        """
        newest = self.keys.newest_of({_owner(tenant) for tenant, _, _ in secrets})
        return [
            self._sealed(_owner(tenant), ref, secret, newest[_owner(tenant)])
            for tenant, ref, secret in secrets
        ]

    def _sealed(
        self, owner: str, ref: SecretRef, secret: Secret, numbered: tuple[int, bytes]
    ) -> RowWrite:
        key_no, key = numbered
        nonce, ciphertext = close_box(
            key, secret.reveal().encode("utf-8"), _bound_to(owner, ref, key_no)
        )
        values = {
            "id": ref.id,
            "version": ref.version,
            "tenant": owner,
            "key_no": key_no,
            "nonce": nonce,
            "ciphertext": ciphertext,
            "created_at": self._clock(),
        }
        return AddRow(table=sealed_secrets, values=values)

    def open(self, tenant: str | None, ref: SecretRef) -> Secret:
        """Return a secret; raises SecretGone, SealBroken, WrongMasterKey."""
        owner = _owner(tenant)
        values = {"of_id": ref.id, "of_version": ref.version, "owner": owner}
        with translated(), self._read_engine.connect() as connection:
            row = connection.execute(_SEALED_WITH_KEY, values).one_or_none()
        if row is None:
            raise SecretGone(ref)
        key = self.keys.unwrapped(owner, row.key_no, row.master, row.wrapped)
        return _opened(owner, ref, row, key)

    def open_all(self, refs: Sequence[tuple[str | None, SecretRef]]) -> Mapping[SecretRef, Secret]:
        """Return many secrets in few statements; those that are gone are not among them.

        Raises SealBroken, WrongMasterKey.
        """
        rows = self._rows_of(refs)
        keys = self.keys.numbered_of(
            {(_owner(tenant), rows[ref].key_no) for tenant, ref in refs if ref in rows}
        )
        return {
            ref: _opened(_owner(tenant), ref, rows[ref], key)
            for tenant, ref in refs
            if ref in rows and (key := keys.get((_owner(tenant), rows[ref].key_no)))
        }

    def _rows_of(self, refs: Iterable[tuple[str | None, SecretRef]]) -> dict[SecretRef, Row[Any]]:
        wanted = {ref for _, ref in refs}
        ids = iter(sorted({ref.id for ref in wanted}))
        found: dict[SecretRef, Row[Any]] = {}
        while chunk := list(islice(ids, _CHUNK)):
            rows = select(sealed_secrets).where(sealed_secrets.c.id.in_(chunk))
            with translated(), self._read_engine.connect() as connection:
                for row in connection.execute(rows):
                    found[SecretRef(id=row.id, version=row.version)] = row
        return {ref: row for ref, row in found.items() if ref in wanted}

    def holds(self, tenant: str | None, ref: SecretRef, secret: Secret) -> bool:
        """Tell in constant time whether a secret equals the stored one; False where it is gone.

        Raises SealBroken, WrongMasterKey.
        """
        try:
            return self.open(tenant, ref) == secret
        except SecretGone:
            return False

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


def _opened(owner: str, ref: SecretRef, row: Row[Any], key: bytes) -> Secret:
    try:
        plain = open_box(key, row.nonce, row.ciphertext, _bound_to(owner, ref, row.key_no))
    except DoesNotOpen:
        raise SealBroken(ref) from None
    return Secret(plain.decode("utf-8"))


def _bound_to(owner: str, ref: SecretRef, key_no: int) -> bytes:
    return binding("secret", owner, ref.id, ref.version, key_no)
