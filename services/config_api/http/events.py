"""The event log over HTTP: pages, one event, a file to the end, and a live stream."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Response, request

from events.bus.cloudevents import to_json
from events.catalogue import CATALOGUE
from events.envelope import stream_of
from events.store.port import EventFilter
from services.config_api.application.newest_events import floor_of
from services.config_api.http import query
from services.config_api.http.auth import current_caller
from services.config_api.http.commands import json_response
from services.config_api.http.current import relaybook
from services.config_api.http.examples import EVENT, EVENT_PAGE, STREAMED_EVENT
from services.config_api.http.failures import wrong
from services.config_api.http.follow import following
from services.config_api.http.guard import requires
from services.config_api.http.operation import Good, Operation
from services.config_api.http.problems import Problem
from services.config_api.http.query import (
    Query,
    choice,
    instant,
    limit,
    read_query,
    text,
)
from services.config_api.http.resources import EVENTS
from services.config_api.http.schemas.parameters import MOST_POSITION, position_from
from services.config_api.http.streams import (
    COMMENT,
    event,
    event_stream,
    streamed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.store.port import EventStore
    from services.config_api.http.follow import Following

NDJSON = "application/x-ndjson"
_PAGE = 500
_FILTERS = (
    choice("type", "Only events of this type.", *sorted(CATALOGUE)),
    text("subject", "Only events of this subject, such as `smtp_setting/acme`."),
    text("actor", "Only events that this actor caused."),
    text("correlation", "Only events of this story: their `correlationid`."),
    instant("since", "Only events recorded then or later."),
    instant("until", "Only events recorded before."),
)
_AFTER = query.position("after", "Only events behind this position.")

_LIST = Operation(
    method="GET",
    rule="/events",
    access=requires("auditor"),
    good=[
        Good(
            status=200,
            description="A page; with `Accept: application/x-ndjson` every event to the end.",
            schema="EventPage",
            example=EVENT_PAGE,
            also={NDJSON: "EventLines"},
            examples={NDJSON: json.dumps(EVENT) + "\n"},
        )
    ],
    query=(_AFTER, limit(), *_FILTERS),
)
_READ = Operation(
    method="GET",
    rule=f"/events/<int(max={MOST_POSITION}):position>",
    access=requires("auditor"),
    good=[Good(status=200, description="The event.", schema="CloudEvent", example=EVENT)],
    problems=("not-found",),
)
_STREAM = Operation(
    method="GET",
    rule="/events/stream",
    access=requires("auditor"),
    good=[
        Good(
            status=200,
            description="Every event from now on, or behind `Last-Event-ID` or `after`.",
            schema="EventStream",
            media_type="text/event-stream",
            example=STREAMED_EVENT,
        )
    ],
    query=(_AFTER, *_FILTERS),
    headers=("LastEventId",),
)


@EVENTS.serve(_LIST)
def list_events() -> Response:
    """List the events in the order of their positions."""
    asked = read_query(_LIST.query)
    only, store = _filter(asked), relaybook().store
    after = floor_of(store, only) if asked["after"] is None else asked["after"]
    if request.accept_mimetypes.best_match(["application/json", NDJSON]) == NDJSON:
        return streamed(_lines(store, after, only), NDJSON)
    page = store.read_all(after=after, limit=asked["limit"], only=only)
    return json_response({"items": [to_json(one) for one in page.events], "next": page.upto})


@EVENTS.serve(_READ)
def read_event(position: int) -> Response:
    """Read the event at a position."""
    read_query(_READ.query)
    only = EventFilter(tenants=current_caller().principal.tenants)
    page = relaybook().store.read_all(after=position - 1, limit=1, only=only) if position else None
    if page is None or not page.events or page.events[0].position != position:
        raise Problem("not-found", "no_event", facts={"position": position})
    return json_response(to_json(page.events[0]))


@EVENTS.serve(_STREAM)
def stream_events() -> Response:
    """Follow the events as they are recorded."""
    asked = read_query(_STREAM.query)
    store = relaybook().store
    after = _last_event_id()
    if after is None:
        after = store.head() if asked["after"] is None else asked["after"]
    return event_stream(_streamed(following(_filter(asked)), after))


def _filter(asked: Query) -> EventFilter:
    named, subject = asked["type"], asked["subject"]
    return EventFilter(
        types=None if named is None else frozenset({named}),
        stream=None if subject is None else stream_of(subject),
        actor=asked["actor"],
        tenants=current_caller().principal.tenants,
        correlation_id=asked["correlation"],
        since=asked["since"],
        until=asked["until"],
    )


def _last_event_id() -> int | None:
    given = request.headers.get("Last-Event-ID", "").strip()
    if not given:
        return None
    try:
        return position_from(given)
    except ValueError as error:
        raise wrong("#Last-Event-ID", "not_an_event_id") from error


def _lines(store: EventStore, after: int, only: EventFilter) -> Iterator[str]:
    at_end = False
    while not at_end:
        page = store.read_all(after=after, limit=_PAGE, only=only)
        yield "".join(json.dumps(to_json(one), ensure_ascii=False) + "\n" for one in page.events)
        after, at_end = page.upto, page.at_end


def _streamed(following: Following, after: int) -> Iterator[str]:
    """Yield the events behind a position and a comment while there are none."""
    for events in following.pages(after):
        for one in events:
            yield event(None, to_json(one), str(one.position))
        if not events:
            yield COMMENT
