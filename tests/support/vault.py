"""A vault with its database, for tests that look at its rows or move them about."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from events.smtp_setting import SecretRef
from events.store.sql.rows import write_rows
from services.config_api.domain.secret import Secret
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.tables import sealed_secrets, tenant_keys
from services.config_api.vault.vault import Vault
from tests.support.settings import BEGIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Executable

    from events.store.port import RowWrite
    from events.store.sql.opening import OpenedStore

KEY = b64encode(bytes(range(32))).decode()
OTHER_KEY = b64encode(bytes(range(1, 33))).decode()
PASSWORD = SecretRef(id="acme/password", version=1)


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """A vault, and its rows without it."""

    vault: Vault
    opened: OpenedStore

    def with_key(self, text: str) -> Vault:
        """Return another process's vault on the same database."""
        return self.with_ring(KeyRing.from_text(text))

    def with_ring(self, ring: KeyRing) -> Vault:
        """Return what `with_key` does, with any keys."""
        return Vault(
            ring,
            engine=self.opened.engine,
            read_engine=self.opened.read_engine,
            clock=lambda: BEGIN,
        )

    def write(self, rows: Iterable[RowWrite]) -> None:
        with self.opened.engine.begin() as connection:
            write_rows(connection, [(row, 1) for row in rows])

    def keep(self, tenant: str | None, ref: SecretRef, text: str) -> None:
        """Seal a secret and write its rows."""
        self.write(self.vault.seal(tenant, ref, Secret(text)))

    def run(self, statement: Executable) -> None:
        with self.opened.engine.begin() as connection:
            connection.execute(statement)

    def sealed_row(self, ref: SecretRef) -> dict[str, Any]:
        wanted = select(sealed_secrets).where(
            sealed_secrets.c.id == ref.id, sealed_secrets.c.version == ref.version
        )
        with self.opened.read_engine.connect() as connection:
            return dict(connection.execute(wanted).mappings().one())

    def keys(self) -> list[tuple[str, int]]:
        """Return tenant and number of every key."""
        wanted = select(tenant_keys.c.tenant, tenant_keys.c.key_no).order_by(
            tenant_keys.c.tenant, tenant_keys.c.key_no
        )
        with self.opened.read_engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(wanted)]

    def masters(self) -> dict[str, str | None]:
        """Return, by tenant, which master key wraps its newest key."""
        wanted = select(tenant_keys.c.tenant, tenant_keys.c.master).order_by(tenant_keys.c.key_no)
        with self.opened.read_engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(wanted)}
