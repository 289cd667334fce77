"""What stands around the settings of a file: `{"relaybook": 1, "settings": [...]}`."""

from __future__ import annotations

from typing import Any, Final

from services.config_api.formats.malformed import MalformedFile
from services.config_api.formats.strict_json import shown_key

VERSION_KEY: Final = "relaybook"
SETTINGS_KEY: Final = "settings"
VERSION: Final = 1


class Heading:
    """Checks the keys of a file as they come, in any order; every check raises MalformedFile."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def key(self, key: str, line: int) -> None:
        """Take one more key."""
        if key in self._seen:
            raise MalformedFile("key_repeated", line, key=shown_key(key))
        if key not in (VERSION_KEY, SETTINGS_KEY):
            raise MalformedFile("key_unknown", line, key=shown_key(key))
        self._seen.add(key)

    def version(self, version: Any, line: int) -> None:  # noqa: ANN401 -- unchecked
        """Check the format's version."""
        if isinstance(version, bool) or version != VERSION:
            raise MalformedFile("version_unknown", line)

    def end(self, line: int) -> None:
        """Check that nothing is missing."""
        if VERSION_KEY not in self._seen:
            raise MalformedFile("version_missing", line)
        if SETTINGS_KEY not in self._seen:
            raise MalformedFile("settings_missing", line)
