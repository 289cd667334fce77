"""What a provider answered: a token, a refusal in its own words, or nothing of use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from events.scrub import Scrub
from services.config_api.domain.secret import Secret

_LONGEST_TOKEN: Final = 16_384
_MOST_SECONDS: Final = 10 * 365 * 24 * 60 * 60
_MOST_WORDS: Final = 512
_NO_SECRETS: Final = Scrub(())
#: Errors that end a grant: only a new one helps (RFC 6749, section 5.2; Microsoft).
_ENDED: Final = frozenset({"invalid_grant", "interaction_required", "consent_required"})
_BUSY: Final = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """What a token endpoint issued; times are seconds from the request, None where not told."""

    access_token: Secret
    expires_in: int | None
    refresh_token: Secret | None
    refresh_expires_in: int | None
    scope: str | None


class EndpointSilent(Exception):
    """No answer of use came, so that asking again may help; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EndpointRefused(Exception):
    """The provider refused; `error` and `description` are its own words, escaped and shortened."""

    def __init__(self, error: str, description: str | None) -> None:
        super().__init__(error)
        self.error = error
        self.description = description

    @property
    def ends_grant(self) -> bool:
        """True where what was granted once holds no more."""
        return self.error in _ENDED

    @property
    def is_busy(self) -> bool:
        """True where the provider says that it cannot answer now."""
        return self.error in _BUSY


def read_issued(answer: Mapping[str, Any]) -> Issued:
    """Return what a token endpoint's answer holds; raises EndpointRefused where it is none."""
    access_token = _token(answer.get("access_token"))
    if access_token is None:
        raise EndpointRefused("invalid_response", "the answer holds no access token of use")
    kind = answer.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise EndpointRefused("invalid_response", "the token is not a bearer token")
    scope = answer.get("scope")
    return Issued(
        access_token=access_token,
        expires_in=_seconds(answer.get("expires_in")),
        refresh_token=_token(answer.get("refresh_token")),
        refresh_expires_in=_seconds(
            answer.get("refresh_token_expires_in", answer.get("refresh_expires_in"))
        ),
        scope=in_words(scope) if isinstance(scope, str) else None,
    )


def in_words(text: object, scrub: Scrub = _NO_SECRETS) -> str:
    """Return what a provider says as it may be shown: escaped, shortened, without our secrets."""
    words = scrub.clean(str(text))
    words = "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in words)
    return words if len(words) <= _MOST_WORDS else words[: _MOST_WORDS - 1] + "…"


def _token(value: object) -> Secret | None:
    """Return a token that can travel further: visible ASCII (RFC 6749, appendix A.12)."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TOKEN:
        return None
    return Secret(value) if value.isascii() and value.isprintable() else None


def _seconds(value: object) -> int | None:
    try:
        seconds = int(value) if isinstance(value, int | float | str) else -1
    except (ValueError, OverflowError):
        return None
    return min(seconds, _MOST_SECONDS) if seconds > 0 else None
