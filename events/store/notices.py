"""Tells whoever keeps answers that streams are about to change, before they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager


class Notices(Protocol):
    """What writers tell of a commit that readers must not miss."""

    def changing(self, streams: Iterable[str] | None) -> AbstractContextManager[None]:
        """Enter before the commit and leave once it is over, before it is acknowledged.

        Between the two, nobody keeps what they read of these streams (None: of all); afterwards
        nobody answers what they had kept. Raises StoreUnavailable where that cannot be promised.
        """
        ...

    def close(self) -> None:
        """End its threads and connections, and give its place to another process."""
        ...
