"""Which story an event of the product's own belongs to: the one that a person's request began."""

from __future__ import annotations

from dataclasses import replace

from events.envelope import SYSTEM_ACTOR_PREFIX, RecordedEvent
from services.config_api.application.context import Context


def continued(ctx: Context, first: RecordedEvent) -> Context:
    """Return a context of the product's own as part of the story that `first` began.

    What somebody asks for begins a story of its own.
    """
    cause = ctx.cause
    if not cause.actor.startswith(SYSTEM_ACTOR_PREFIX):
        return ctx
    return replace(
        ctx,
        cause=replace(
            cause,
            correlation_id=first.correlation_id,
            causation_id=cause.causation_id or first.id,
            traceparent=cause.traceparent or first.traceparent,
        ),
    )
