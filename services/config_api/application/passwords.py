"""Passwords of users: argon2id hashes (RFC 9106), the only thing that is stored of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import Engine, bindparam, select

from events.store.port import DropRow, PutRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.domain.secret import Secret
from services.config_api.domain.user import MOST_CHARACTERS, normal
from services.config_api.read_model.operational_tables import passwords

#: Hash of a password that nobody knows, with the parameters of all others: a name that nobody has
#: takes as long as a wrong password.
NOBODYS_HASH: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$opvXWOQW96egC4nuVyd/VA"
    "$XKPTkXzBgtlOjom/+TKBd4C2E8dzA4rpBAtBY8TJkvA"
)
#: Each hash takes 64 MiB while it is computed.
_AT_ONCE: Final = 2
_HASH = select(passwords.c.hash).where(passwords.c.user == bindparam("wanted"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Passwords:
    """Hashes passwords and compares them; `engine` is for reading."""

    engine: Engine
    hasher: PasswordHasher = field(
        default_factory=lambda: PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
    )
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_AT_ONCE))

    def row(self, user: str, password: Secret) -> RowWrite:
        """Return the row that makes a password a user's."""
        with self.places:
            hashed = self.hasher.hash(_bytes(password))
        return PutRow(table=passwords, values={"user": user, "hash": hashed})

    def fits(self, user: str, password: Secret) -> bool:
        """Tell whether a password is the user's; takes the same time for a user who has none."""
        with translated(), self.engine.connect() as connection:
            stored = connection.execute(_HASH, {"wanted": user}).scalar_one_or_none()
        too_long = len(password.reveal()) > MOST_CHARACTERS
        given = Secret("") if too_long else password
        with self.places:
            try:
                self.hasher.verify(stored or NOBODYS_HASH, _bytes(given))
            except (VerifyMismatchError, InvalidHashError):
                return False
        return stored is not None


def without_password(user: str) -> RowWrite:
    """Return what takes a user's password away."""
    return DropRow(table=passwords, key={"user": user})


def _bytes(password: Secret) -> bytes:
    return normal(password).reveal().encode("utf-8", "surrogatepass")
