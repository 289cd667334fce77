"""The certificates of a private CA without the remarks between them."""

from __future__ import annotations

import re
from typing import Final

_BLOCK: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----"
)
_WIDTH: Final = 64  # RFC 7468, section 2


def certificates(pem: str) -> list[str]:
    """Return each certificate as PEM that holds nothing else; lines end in a line feed."""
    return [_block("".join(found.split())) for found in _BLOCK.findall(pem)]


def _block(base64: str) -> str:
    lines = (base64[at : at + _WIDTH] for at in range(0, len(base64), _WIDTH))
    return "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""))
