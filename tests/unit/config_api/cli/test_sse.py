from __future__ import annotations

from services.config_api.cli.sse import ServerSentEvent, read_events


def read(text: str) -> list[ServerSentEvent]:
    return list(read_events(text.split("\n")))


def test_an_event_has_its_name_its_data_and_the_newest_id() -> None:
    assert read("id: 7\nevent: step\ndata: {}\n\ndata: b\n\n") == [
        ServerSentEvent(event="step", data="{}", id="7"),
        ServerSentEvent(event="message", data="b", id="7"),
    ]


def test_lines_of_data_are_joined_and_one_space_is_taken_off() -> None:
    assert read("data:a\ndata:  b\n\n") == [ServerSentEvent(event="message", data="a\n b", id=None)]


def test_comments_and_events_without_data_are_passed_over() -> None:
    assert read(": here\n\nevent: nothing\n\ndata: x\n\n") == [
        ServerSentEvent(event="message", data="x", id=None)
    ]


def test_an_event_that_is_cut_off_is_none() -> None:
    assert read("data: half") == []
