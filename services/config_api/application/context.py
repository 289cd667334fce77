"""What every command carries around itself, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from events.connection_test import Warned
from events.envelope import Cause
from events.store.port import RowWrite

#: Answers the present moment as an aware datetime in UTC.
Clock = Callable[[], datetime]

#: Writes rows in a transaction of their own, for what comes without an event.
WriteRows = Callable[[Sequence[RowWrite]], None]


#: Answers the ids of the OAuth providers that are there; a setting that names another is warned of.
KnownProviders = Callable[[], Container[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a command answers: the document (None after a deletion) and the stream's version.

    `version` is None where the subject has no version of its own to offer, such as a test.
    """

    document: dict[str, Any] | None
    version: int | None
    warnings: tuple[Warned, ...] = field(default=())


def nothing_to_keep(_answer: Answer) -> Sequence[RowWrite]:
    """Keep no answer: the command came without an idempotency key."""
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """Who asks, when, and which rows keep the answer for an idempotency key.

    The rows of `remember` are written in the command's own transaction; a row that exists already
    (`events.store.port.RowExists`) refuses the whole command.
    """

    cause: Cause
    at: datetime
    remember: Callable[[Answer], Sequence[RowWrite]] = nothing_to_keep
