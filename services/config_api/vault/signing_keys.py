"""The keys that sign the sealed log: made once, handed over, kept like every other secret."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, select

from events.sealing.note import SigningKey, VerifierKey
from events.smtp_setting import SecretRef
from events.store.port import AddRow, RowExists, RowWrite
from events.store.sql.failures import translated
from services.config_api.domain.secret import Secret
from services.config_api.vault.tables import signing_keys
from services.config_api.vault.vault import Vault

_SEED_BYTES: Final = 32
_ORIGIN_BYTES: Final = 8
_HANDOVER: Final = "relaybook.log-key/v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSigningKey:
    """A key of the log: its public part, and how the one before handed the log over to it."""

    number: int
    verifier: VerifierKey
    handover: str | None
    secret: SecretRef


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningKeys:
    """All keys of the log; every method may raise StoreUnavailable, WrongMasterKey."""

    vault: Vault
    read_engine: Engine
    clock: Callable[[], datetime]
    write_rows: Callable[[Sequence[RowWrite]], None]

    def all(self) -> list[StoredSigningKey]:
        """Return the keys in the order of their use."""
        wanted = select(signing_keys).order_by(signing_keys.c.key_no)
        with translated(), self.read_engine.connect() as connection:
            return [_stored(row) for row in connection.execute(wanted)]

    def newest(self) -> StoredSigningKey:
        """Return the key that signs; the very first call makes one."""
        found = self.all()
        if found:
            return found[-1]
        try:
            origin = f"relaybook/{secrets.token_hex(_ORIGIN_BYTES)}"
            self.write_rows(self._rows(1, _new_key(origin), None))
        except RowExists:
            pass  # another process made it just now
        return self.all()[-1]

    def open(self, stored: StoredSigningKey) -> SigningKey:
        """Return the private key; raises SecretGone, SealBroken."""
        seed = self.vault.open(None, stored.secret).reveal()
        return SigningKey.from_seed(stored.verifier.name, b64decode(seed))

    def successor(self) -> tuple[VerifierKey, VerifierKey, Sequence[RowWrite]]:
        """Return the newest key, one that takes its place, and the rows that let it do so."""
        newest = self.newest()
        key = _new_key(newest.verifier.name)
        text = f"{_HANDOVER}\n{newest.verifier.name}\n{key.verifier.text}\n"
        handover = self.open(newest).sign(text)
        return newest.verifier, key.verifier, self._rows(newest.number + 1, key, handover)

    def _rows(self, number: int, key: SigningKey, handover: str | None) -> Sequence[RowWrite]:
        ref = SecretRef(id=f"signing-key-{key.verifier.id.hex()}", version=1)
        values = {
            "key_no": number,
            "verifier": key.verifier.text,
            "secret_id": ref.id,
            "handover": handover,
            "created_at": self.clock(),
        }
        seed = b64encode(key.private.private_bytes_raw()).decode("ascii")
        return [
            AddRow(table=signing_keys, values=values),
            *self.vault.seal(None, ref, Secret(seed)),
        ]


def _new_key(origin: str) -> SigningKey:
    return SigningKey.from_seed(origin, secrets.token_bytes(_SEED_BYTES))


def _stored(row: Row[Any]) -> StoredSigningKey:
    return StoredSigningKey(
        number=row.key_no,
        verifier=VerifierKey.from_text(row.verifier),
        handover=row.handover,
        secret=SecretRef(id=row.secret_id, version=1),
    )
