"""The master keys that the environment or the data directory gives."""

from __future__ import annotations

from services.config_api.settings import Settings
from services.config_api.vault.key_ring import KeyRing


def key_ring(settings: Settings) -> KeyRing:
    """Return the configured master keys, none where their file is missing.

    Raises MalformedMasterKey, OSError.
    """
    if settings.master_key_file is not None:
        return KeyRing.from_file(settings.master_key_file)
    text = "" if settings.master_key is None else settings.master_key.reveal()
    return KeyRing.from_text(text) if text else KeyRing([])
