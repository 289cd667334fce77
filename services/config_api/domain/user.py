"""Who may be a user, and with which password."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from services.config_api.domain.characters import has_control_characters
from services.config_api.domain.errors import InvalidUser
from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_id import is_setting_id

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_CHARACTERS: Final = 12
#: Enough for any passphrase; hashing takes no longer for it.
MOST_CHARACTERS: Final = 1024


def normal(password: Secret) -> Secret:
    """Return a password as it is hashed: in NFC, for keyboards compose letters differently."""
    return Secret(unicodedata.normalize("NFC", password.reveal()))


def require_valid(name: str, password: Secret) -> None:
    """Raise InvalidUser for a name or a password that breaks the rules; all that is wrong at once.

    Lengths are counted in characters as they were typed, before `normal` composes them.
    """
    errors = (*_of_name(name), *_of_password(name, password.reveal()))
    if errors:
        raise InvalidUser(errors)


def _of_name(name: str) -> Iterator[FieldError]:
    if not is_setting_id(name):  # the same letters: a name stands in addresses and streams, too
        yield FieldError(pointer="/name", code="user_name_invalid")


def _of_password(name: str, password: str) -> Iterator[FieldError]:
    pointer = "/password"
    if has_control_characters(password):
        yield FieldError(pointer=pointer, code="password_controls")
    if len(password) > MOST_CHARACTERS:
        yield FieldError(pointer=pointer, code="too_long", facts={"limit": MOST_CHARACTERS})
    if len(password) < LEAST_CHARACTERS:
        yield FieldError(pointer=pointer, code="password_short", facts={"least": LEAST_CHARACTERS})
    if password.casefold() == name.casefold():
        yield FieldError(pointer=pointer, code="password_is_name")
