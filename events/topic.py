"""Routing keys of topic exchanges, matched as AMQP 0-9-1 has it."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def _expression(pattern: str) -> re.Pattern[str]:
    words = [
        "(?:[^.]*(?:[.]|$))*" if word == "#"
        else "[^.]+(?:[.]|$)" if word == "*"
        else re.escape(word) + "(?:[.]|$)"
        for word in pattern.split(".")
    ]  # fmt: skip
    return re.compile("".join(words) + "$")


def matches(pattern: str, routing_key: str) -> bool:
    """Tell whether a binding's pattern takes a routing key: `*` is one word, `#` any number."""
    return _expression(pattern).match(routing_key) is not None
