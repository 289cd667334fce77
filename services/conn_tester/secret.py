"""A value that must not be seen."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """Prints as `***`, is not serialised, and gives its value only to `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value, for the wire alone."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not serialised")
