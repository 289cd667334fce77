"""Why nobody came in by the provider.

SignInRefused
├── UnknownAttempt       not begun in this browser, too old, or used already
├── ProviderUnreachable  no answer from the provider
├── ProviderForbidden    the deployment's address rules do not let the service go there
├── ProviderWrong        an answer that no provider may give
├── ProviderRefused      the provider said no, in its own words
├── TokenRefused         its ID token does not hold
└── NoRole               the person is known, and no rule gives them a role
"""

from __future__ import annotations

from collections.abc import Sequence


class SignInRefused(Exception):
    """`reason` is for the log; `user` the subject, where an ID token that holds named one."""

    user: str | None = None

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownAttempt(SignInRefused):
    """The browser brings an answer to a question that it did not ask, or asked long ago."""


class ProviderUnreachable(SignInRefused):
    """The provider did not answer in time, or not at all."""


class ProviderForbidden(SignInRefused):
    """RELAYBOOK_PROBE_ALLOW and RELAYBOOK_PROBE_DENY do not let the service connect there."""


class ProviderWrong(SignInRefused):
    """The provider's answer breaks the protocol, or is another provider's."""


class ProviderRefused(SignInRefused):
    """The provider answered with an error; `words` are its own, bounded and printable."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class TokenRefused(SignInRefused):
    """The ID token does not hold; `part` is the claim, header or signature that fails."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"{part}: {reason}")
        self.part = part


class NoRole(SignInRefused):
    """No rule matches; `claims` are the names of those that were looked at."""

    def __init__(self, user: str, claims: Sequence[str]) -> None:
        super().__init__(f"no rule matches one of the claims {', '.join(claims)}")
        self.user = user
        self.claims = tuple(claims)
