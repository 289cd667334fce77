"""What can be read from a rejected access token without asking anybody (RFC 7519, RFC 9068)."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.reply import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX: Final = "bearer "
_PARTS: Final = 3
_LONGEST: Final = 16_384


def judge_token(token: str, refusal: Mapping[str, Any], *, now: datetime) -> dict[str, str]:
    """Return the facts about a token and the server's JSON refusal that are known.

    `expired_at` (RFC 3339), `audience`, `scope`, `wanted_scope`, `status`, and `prefix`, a pasted
    `Bearer `.
    """
    bare = token.strip()
    prefix = None
    if bare.lower().startswith(_PREFIX):
        prefix, bare = bare[: len(_PREFIX) - 1], bare[len(_PREFIX) :].strip()
    claims = _claims(bare)
    facts = {
        "prefix": prefix,
        "expired_at": _expired_at(claims.get("exp"), now),
        "audience": _words(claims.get("aud")),
        "scope": _words(claims.get("scope") or claims.get("scp") or claims.get("roles")),
        "wanted_scope": _words(refusal.get("scope")),
        "status": _words(refusal.get("status") or refusal.get("error")),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != _PARTS or len(token) > _LONGEST:
        return {}
    try:
        payload = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(urlsafe_b64decode(payload))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _expired_at(moment: object, now: datetime) -> str | None:
    if not isinstance(moment, int | float):
        return None
    try:
        end = datetime.fromtimestamp(moment, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return end.strftime("%Y-%m-%dT%H:%M:%SZ") if end <= now else None


def _words(value: object) -> str | None:
    words = value if isinstance(value, list) else [value]
    texts = [word for word in words if isinstance(word, str) and word]
    return shown(", ".join(texts)) if texts else None
