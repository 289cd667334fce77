"""One change of one stream: decided, appended, and decided anew when somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from events.catalogue import Fact
from events.envelope import NewEvent
from events.store.port import (
    EventStore,
    Overtaken,
    RowWrite,
    StreamAppend,
    VersionConflict,
    Wakeup,
)
from services.config_api.application.context import Answer, Context, WriteRows
from services.config_api.application.loading import encoded, expected_version

#: Each try lets another process through at least.
TRIES: Final = 25


class Handler(Protocol):
    """What a handler of commands has to append with."""

    @property
    def store(self) -> EventStore: ...
    @property
    def wakeup(self) -> Wakeup: ...
    @property
    def write_rows(self) -> WriteRows: ...


def _nobody_asks(_events: Sequence[NewEvent]) -> None:
    """Let events be: nothing of them is remembered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a command makes of a stream at version `before`; without facts: nothing.

    `tenant` is whose events they are, `rows` what the read model and the vault are to hold;
    `appended` is called with the events once they are in the stream.
    """

    before: int
    answer: Answer
    facts: Sequence[Fact] = ()
    tenant: str | None = None
    rows: Sequence[RowWrite] = ()
    appended: Callable[[Sequence[NewEvent]], None] = _nobody_asks


def carry_out(handler: Handler, stream: str, decided: Callable[[], Change], ctx: Context) -> Answer:
    """Append what was decided, and decide again whenever another process was faster.

    A named version then proves stale. Raises what `decided` raises, and Overtaken.
    """
    for _ in range(TRIES):
        change = decided()
        kept = ctx.remember(change.answer)
        if not change.facts:
            handler.write_rows(kept)
            return change.answer
        events = encoded(change.facts, tenant=change.tenant)
        append = StreamAppend(
            stream=stream,
            expected=expected_version(change.before),
            events=events,
            rows=[*change.rows, *kept],
        )
        try:
            handler.store.append([append], cause=ctx.cause, at=ctx.at)
        except VersionConflict:
            continue
        change.appended(events)
        handler.wakeup.signal()
        return change.answer
    raise Overtaken(f"{stream} changes faster than this could be decided")
