"""A connection test, live: its steps as they happen, then its conclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from events.codec import to_data
from services.config_api.http.connection_tests import found_test
from services.config_api.http.current import relaybook
from services.config_api.http.examples import STREAMED_STEP
from services.config_api.http.guard import requires
from services.config_api.http.language import Language, asked_language
from services.config_api.http.operation import Good, Operation
from services.config_api.http.query import read_query
from services.config_api.http.resources import CONNECTION_TESTS
from services.config_api.http.streams import COMMENT, event, event_stream
from services.config_api.read_model.documents import localized_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.config_api.application.live import Glimpse
    from services.config_api.bootstrap import Relaybook
    from services.config_api.read_model.queries import StoredTest

_STREAM = Operation(
    method="GET",
    rule="/connection-tests/<test_id>/stream",
    access=requires("reader"),
    good=[
        Good(
            status=200,
            description="Events `step` (a step of the test) and at last `completed` (the test).",
            schema="EventStream",
            media_type="text/event-stream",
            example=STREAMED_STEP,
        )
    ],
    problems=("not-found",),
    headers=("LastEventId",),
)


@CONNECTION_TESTS.serve(_STREAM)
def stream_connection_test(test_id: str) -> Response:
    """Follow a test: what is known is repeated, then the stream goes on until the test ends."""
    test = found_test(test_id)
    read_query(_STREAM.query)
    return event_stream(_told(relaybook(), test, asked_language()))


def _told(service: Relaybook, test: StoredTest, language: Language) -> Iterator[str]:
    told: dict[str, dict[str, Any]] = {}
    if not _has_ended(test):
        yield from _live(service.live.watch(test.id), told)
    ended = service.read_model.test(test.id)
    if ended is None or not _has_ended(ended):
        return  # this process stops: the watcher comes again, elsewhere
    yield from _new_steps(ended.document["steps"], told)
    yield event("completed", localized_test(ended.document, language))


def _live(glimpses: Iterable[Glimpse], told: dict[str, dict[str, Any]]) -> Iterator[str]:
    for glimpse in glimpses:
        if glimpse.kind == "ended":
            return
        yield from _new_steps(map(to_data, glimpse.steps), told)
        if glimpse.kind == "quiet":
            yield COMMENT


def _new_steps(steps: Iterable[dict[str, Any]], told: dict[str, dict[str, Any]]) -> Iterator[str]:
    for step in steps:
        if told.get(step["name"]) != step:
            told[step["name"]] = step
            yield event("step", step)


def _has_ended(test: StoredTest) -> bool:
    return test.document["finished_at"] is not None
