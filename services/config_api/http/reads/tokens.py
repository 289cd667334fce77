"""Tokens that were recognised, as long as the board tells of no change of any token."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from events.store.sql.board.topics import TOKENS
from services.config_api.application.entering import standing_of_token

if TYPE_CHECKING:
    from services.config_api.application.access import Access
    from services.config_api.domain.principal import Principal
    from services.config_api.read_model.tokens import StoredToken

_MOST: Final = 4096
TOPICS: Final = (TOKENS,)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A token behind a header, and whom it stands for."""

    token: StoredToken
    principal: Principal
    reads: bool
    posted: tuple[int, ...]


class KnownTokens:
    """Tokens by the whole header that showed them; all give way where they are too many."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._lock = Lock()
        self._known: dict[str | None, Known] = {}
        #: Looks a header up; what it finds may be out of date.
        self.find = self._known.get

    def learn(self, header: str, posted: tuple[int, ...]) -> None:
        """Remember the token of a header if it holds; `posted` was looked at before."""
        scheme, _, text = header.partition(" ")
        token = self._access.token_of(text.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            return
        principal = standing_of_token(token).principal
        known = Known(
            token=token, principal=principal, reads=principal.may("reader"), posted=posted
        )
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[header] = known

    def forget(self, token_id: str) -> None:
        """Forget one token."""
        with self._lock:
            for header, known in tuple(self._known.items()):
                if known.token.id == token_id:
                    del self._known[header]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._known.clear()
