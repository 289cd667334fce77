"""Servers that a detection may propose, and where their names come from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from events.detection import Evidence
    from events.smtp_setting import Security

_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST_NAME: Final = 253
_LAST_PORT: Final = 65_535


class Source(IntEnum):
    """Who names a server, the most trustworthy first."""

    SRV = 0
    AUTOCONFIG = 1
    PROVIDER = 2
    USUAL_NAME = 3
    EXCHANGER = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A server to look at; `announced` ones are proposed even where they do not answer.

    `priority` and `weight` are those of its SRV record (RFC 2782): the lowest priority and the
    highest weight are preferred.
    """

    host: str
    port: int
    security: Security
    source: Source
    evidence: Evidence
    priority: int = 0
    weight: int = 0

    @property
    def announced(self) -> bool:
        """True where the domain or its provider names it."""
        return self.source <= Source.PROVIDER


def is_name(text: str) -> bool:
    """Tell whether a text, however foreign, is a host name of at least two labels (RFC 1123)."""
    labels = text.split(".")
    return (
        len(text) <= _LONGEST_NAME
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and not _NUMBER.fullmatch(labels[-1])  # 127.1 and 0x7f.1 are addresses to libc
    )


def is_port(number: int) -> bool:
    """Tell whether a number can be a port."""
    return 1 <= number <= _LAST_PORT
