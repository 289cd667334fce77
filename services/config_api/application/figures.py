"""What commands, tests and tokens come to: figures of whichever process carries them out."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter

COMMANDS: Final = Counter(
    "relaybook_commands",
    "Commands by what became of them: done, refused for a reason, or failed.",
    ["command", "outcome"],
)
TESTS: Final = Counter(
    "relaybook_connection_tests",
    "Connection tests that ended, by verdict and code.",
    ["verdict", "code"],
)
TOKENS: Final = Counter(
    "relaybook_oauth_tokens",
    "OAuth tokens asked for: held already, fetched from the provider, or not to be had.",
    ["outcome"],
)
