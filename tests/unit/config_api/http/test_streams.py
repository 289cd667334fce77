from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask

from services.config_api.http import metrics, streams
from services.config_api.http.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def app() -> Flask:
    app = Flask("streams")
    app.extensions[streams.EXTENSION] = streams.Streams()
    metrics.measure(app)
    return app


def test_an_event_is_one_block_whatever_its_data_holds() -> None:
    block = streams.event("step", {"text": "a\nb\r\nü"}, "7")
    assert block == 'id: 7\nevent: step\ndata: {"text":"a\\nb\\r\\nü"}\n\n'
    assert streams.event(None, 1) == "data: 1\n\n"


def test_a_stream_begins_with_a_comment_so_that_its_headers_leave_at_once(app: Flask) -> None:
    with app.test_request_context():
        answer = streams.event_stream(["data: 1\n\n"])
        chunks = list(answer.response)
        answer.close()
    assert chunks == [streams.COMMENT, "data: 1\n\n"]
    assert answer.mimetype == "text/event-stream"


def test_there_are_places_for_so_many_streams_and_no_more(app: Flask) -> None:
    with app.test_request_context():
        answers = [streams.event_stream([]) for _ in range(streams.MOST_STREAMS)]
        with pytest.raises(Problem) as refused:
            streams.event_stream([])
        assert (refused.value.slug, refused.value.status) == ("unavailable", 503)
        assert refused.value.headers["Retry-After"]
        answers.pop().close()
        streams.event_stream([]).close()
        for answer in answers:
            answer.close()


def test_asking_for_the_head_of_a_stream_takes_no_place(app: Flask) -> None:
    with app.test_request_context(method="HEAD"):
        for _ in range(streams.MOST_STREAMS + 1):
            assert streams.event_stream([]).mimetype == "text/event-stream"


def test_streams_end_when_the_process_stops(app: Flask) -> None:
    def endless() -> Iterator[str]:
        while True:
            yield "data: 1\n\n"

    with app.test_request_context():
        answer = streams.event_stream(endless())
        chunks = iter(answer.response)
        assert [next(chunks), next(chunks)] == [streams.COMMENT, "data: 1\n\n"]
        app.extensions[streams.EXTENSION].stopping.set()
        assert list(chunks) == []
        answer.close()
