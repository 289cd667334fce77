"""Secrets of one tenant: compared, opened and sealed with what one statement finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Engine, bindparam, select

from events.smtp_setting import SecretRef
from events.store.port import AddRow, RowWrite
from events.store.sql.lookup import Lookup
from services.config_api.domain.secret import Secret
from services.config_api.vault.box import DoesNotOpen, binding, close_box, open_box
from services.config_api.vault.errors import SealBroken, SecretGone
from services.config_api.vault.tables import sealed_secrets, tenant_keys
from services.config_api.vault.tenant_keys import TenantKeys

#: The tenant's keys that are not shredded, the newest last, one of them with the sealed secret.
_KEYS_AND_SECRET: Final = Lookup.of(
    select(
        tenant_keys.c.key_no,
        tenant_keys.c.master,
        tenant_keys.c.wrapped,
        sealed_secrets.c.nonce,
        sealed_secrets.c.ciphertext,
    )
    .join(
        sealed_secrets,
        (sealed_secrets.c.key_no == tenant_keys.c.key_no)
        & (sealed_secrets.c.id == bindparam("of_id"))
        & (sealed_secrets.c.version == bindparam("of_version")),
        isouter=True,
    )
    .where(tenant_keys.c.tenant == bindparam("owner"), tenant_keys.c.wrapped.is_not(None))
    .order_by(tenant_keys.c.key_no)
)


class _WrappedKey(NamedTuple):
    key_no: int
    master: str
    wrapped: bytes


class Sealed(NamedTuple):
    """What of a sealed secret's row opening it takes."""

    key_no: int
    nonce: bytes
    ciphertext: bytes


@dataclass(kw_only=True, slots=True)
class TenantSecrets:
    """Secrets of `owner` for one command; every method may raise StoreUnavailable.

    Once a secret was looked for, the key that seals is at hand. It is remembered as it is stored,
    wrapped by the master key.
    """

    owner: str
    keys: TenantKeys
    read_engine: Engine
    clock: Callable[[], datetime]
    _newest: _WrappedKey | None = field(default=None, init=False)

    def open(self, ref: SecretRef) -> Secret:
        """Return a secret; raises SecretGone, SealBroken, WrongMasterKey."""
        values = {"of_id": ref.id, "of_version": ref.version, "owner": self.owner}
        rows = [
            (_WrappedKey(*key), nonce, ciphertext)
            for *key, nonce, ciphertext in _KEYS_AND_SECRET.rows(self.read_engine, values)
        ]
        self._newest = rows[-1][0] if rows else None
        for key, nonce, ciphertext in rows:
            if ciphertext is not None:
                sealed = Sealed(key.key_no, nonce, ciphertext)
                return opened(self.owner, ref, sealed, self._unwrapped(key))
        raise SecretGone(ref)

    def holds(self, ref: SecretRef, secret: Secret) -> bool:
        """Tell in constant time whether a secret equals the stored one; False where it is gone.

        Raises SealBroken, WrongMasterKey.
        """
        try:
            return self.open(ref) == secret
        except SecretGone:
            return False

    def seal(self, ref: SecretRef, secret: Secret) -> Sequence[RowWrite]:
        """Return the rows of a sealed secret, for the append that names it.

        Raises WrongMasterKey.
        """
        found = self._newest
        numbered = (
            self.keys.newest(self.owner)
            if found is None
            else (found.key_no, self._unwrapped(found))
        )
        return (sealed_row(self.owner, ref, secret, numbered, at=self.clock()),)

    def _unwrapped(self, key: _WrappedKey) -> bytes:
        return self.keys.unwrapped(self.owner, key.key_no, key.master, key.wrapped)


def sealed_row(
    owner: str, ref: SecretRef, secret: Secret, numbered: tuple[int, bytes], *, at: datetime
) -> RowWrite:
    """Return the row of a secret that is sealed now, with a key and its number."""
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
        "created_at": at,
    }
    return AddRow(table=sealed_secrets, values=values)


def opened(owner: str, ref: SecretRef, sealed: Sealed, key: bytes) -> Secret:
    """Return a secret; raises SealBroken."""
    bound_to = _bound_to(owner, ref, sealed.key_no)
    try:
        plain = open_box(key, sealed.nonce, sealed.ciphertext, bound_to)
    except DoesNotOpen:
        raise SealBroken(ref) from None
    return Secret(plain.decode("utf-8"))


def _bound_to(owner: str, ref: SecretRef, key_no: int) -> bytes:
    return binding("secret", owner, ref.id, ref.version, key_no)
