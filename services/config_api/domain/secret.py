"""A password or token in memory: every way of printing or storing it shows `***` or fails."""

from __future__ import annotations

import hmac
from typing import Final, NoReturn, final

MASK: Final = "***"
_MASK_CHARACTERS: Final = frozenset("*•")


@final
class Secret:
    """A text that only `reveal` gives away.

    It compares in constant time, prints as `***`, and refuses to be pickled, copied or hashed; no
    JSON encoder knows it.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """Return the text itself, for sealing it or for the wire."""
        return self.__value

    @property
    def is_mask(self) -> bool:
        """True for a text of only `*` or `•`: a mask that somebody sent back as a value."""
        return bool(self.__value) and _MASK_CHARACTERS.issuperset(self.__value)

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, _format_spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = (
            text.encode("utf-8", "surrogatepass") for text in (self.__value, other.__value)
        )
        return hmac.compare_digest(mine, theirs)

    __hash__ = None  # type: ignore[assignment]  # a hash of a secret tells secrets apart

    def __getstate__(self) -> NoReturn:  # pickle and copy ask for it, whatever the protocol
        raise TypeError("a secret cannot be copied or serialised")
