"""Which messages of a page count as taken."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from events.bus.broker.confirms import Confirms


class Channel:
    """A channel in confirm mode whose broker is the test."""

    def __init__(self) -> None:
        self.events: dict[str, set[Any]] = defaultdict(set)
        self.selected = False

    def confirm_select(self) -> None:
        self.selected = True

    def says(self, name: str, *values: object) -> None:
        for callback in self.events[name]:
            callback(*values)


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def page(channel: Channel) -> Confirms:
    """A page of five messages, tags 1 to 5."""
    confirms = Confirms(channel)
    confirms.begin()
    for _ in range(5):
        confirms.sent()
    return confirms


def test_a_page_waits_for_every_message(channel: Channel, page: Confirms) -> None:
    assert channel.selected
    channel.says("basic_ack", 2, False)
    assert page.waiting == 4
    channel.says("basic_ack", 4, True)
    assert page.waiting == 1
    channel.says("basic_ack", 5, False)
    assert (page.waiting, page.failure()) == (0, None)


def test_an_answer_for_what_was_answered_counts_once(channel: Channel, page: Confirms) -> None:
    channel.says("basic_ack", 5, True)
    channel.says("basic_nack", 3, False)
    assert (page.waiting, page.failure()) == (0, None)


def test_a_refused_message_fails_the_page(channel: Channel, page: Confirms) -> None:
    channel.says("basic_nack", 2, True)
    channel.says("basic_ack", 5, True)
    assert page.waiting == 0
    assert page.failure() == "the broker refused 2 messages"


def test_a_returned_message_fails_the_page_though_it_is_confirmed(
    channel: Channel, page: Confirms
) -> None:
    channel.says("basic_return", Exception(), "", "relaybook.nowhere", object())
    channel.says("basic_ack", 5, True)
    assert page.failure() == "no queue takes relaybook.nowhere"


def test_the_next_page_goes_on_counting_and_forgets_failures(
    channel: Channel, page: Confirms
) -> None:
    channel.says("basic_nack", 5, True)
    page.begin()
    page.sent()
    assert page.waiting == 1
    channel.says("basic_ack", 6, False)
    assert (page.waiting, page.failure()) == (0, None)
