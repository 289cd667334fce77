from __future__ import annotations

import logging
import threading

import pytest

from events.store.sql.signalling import CoalescedSignal


def test_requests_while_sending_become_one_more_signal() -> None:
    sending, go_on, sent = threading.Event(), threading.Event(), []

    def send() -> None:
        sent.append(1)
        sending.set()
        assert go_on.wait(10)

    signal = CoalescedSignal(send)
    signal.request()
    assert sending.wait(10)
    for _ in range(100):
        signal.request()
    go_on.set()
    signal.close()
    assert len(sent) == 2


def test_without_a_request_nothing_is_sent() -> None:
    sent: list[int] = []
    signal = CoalescedSignal(lambda: sent.append(1))
    signal.close()
    signal.request()
    assert sent == []


def test_a_signal_that_fails_is_logged_and_the_next_one_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried = threading.Semaphore(0)

    def send() -> None:
        tried.release()
        raise ConnectionError("no server")

    signal = CoalescedSignal(send)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            signal.request()
            assert tried.acquire(timeout=10)
        signal.close()
    assert [record.message for record in caplog.records] == ["store.signal_lost"] * 2
