"""A tenant's ID, which names its setting."""

from __future__ import annotations

import re
from typing import Final

#: The pattern of contract §3, for schemas; it is meant for the whole text.
PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"
_WHOLE: Final = re.compile(PATTERN)


def is_setting_id(text: str) -> bool:
    """Tell whether a text is a tenant's ID: `[A-Za-z0-9][A-Za-z0-9._@-]{0,63}`."""
    return _WHOLE.fullmatch(text) is not None
