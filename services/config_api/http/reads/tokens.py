"""Tokens that were recognised, as long as the board tells of no change of any token."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

from flask import current_app

from events.store.sql.board.topics import TOKENS
from services.config_api.application.entering import standing_of_token

if TYPE_CHECKING:
    from events.store.sql.sight import Sight
    from services.config_api.application.access import Access
    from services.config_api.domain.principal import Principal
    from services.config_api.read_model.tokens import StoredToken

EXTENSION: Final = "relaybook-known-tokens"
_MOST: Final = 4096
_TOPICS: Final = (TOKENS,)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A token behind a header, and whom it stands for."""

    token: StoredToken
    principal: Principal
    reads: bool
    posted: tuple[int, ...]


class KnownTokens:
    """Tokens by the whole header that showed them; all give way where they are too many.

    Nothing is remembered while it is not sure that changes would be seen.
    """

    def __init__(self, access: Access, sight: Sight) -> None:
        self._access = access
        self._sight = sight
        self._lock = Lock()
        self._known: dict[str | None, Known] = {}
        #: Looks a header up; what it finds may be out of date.
        self.find = self._known.get

    def principal_of(self, header: str, text: str) -> Principal | None:
        """Return whom the token `text` of a header stands for, and note its use.

        None where it does not hold; raises StoreUnavailable.
        """
        posted = self._posted()
        known = self.find(header)
        if known is None or posted is None or known.posted != posted:
            known = self._learnt(header, text, posted)
        now = self._access.clock()
        if known is None or not known.token.holds(now):
            return None
        self._access.uses.note(known.token.id, now)
        return known.principal

    def _posted(self) -> tuple[int, ...] | None:
        """Return what the board tells of tokens; None where it may not tell of each change."""
        if self._sight.until <= monotonic():
            return None
        return self._sight.board.look(_TOPICS)

    def _learnt(self, header: str, text: str, posted: tuple[int, ...] | None) -> Known | None:
        """Ask the database, and remember what it says if that was looked at before."""
        token = self._access.token_of(text)
        if token is None:
            return None
        principal = standing_of_token(token).principal
        known = Known(
            token=token, principal=principal, reads=principal.may("reader"), posted=posted or ()
        )
        if posted is not None:
            with self._lock:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[header] = known
        return known

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


def token_in(header: str) -> str:
    """Return what stands where the token should in an `Authorization` header."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def known_tokens() -> KnownTokens:
    """Return the tokens that the current app knows."""
    found: KnownTokens = current_app.extensions[EXTENSION]
    return found
