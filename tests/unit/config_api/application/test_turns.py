from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from events.store.port import Overtaken
from services.config_api.application.loading import setting_stream
from services.config_api.application.turns import Turns
from tests.support.handlers import Desk
from tests.support.settings import a_draft

ACME = setting_stream("acme")


def entered(turns: Turns, stream: str) -> str:
    with turns.at(stream):
        return stream


def test_a_turn_that_another_thread_holds_does_not_come() -> None:
    turns = Turns(patience=0)
    with ThreadPoolExecutor(1) as other, turns.at(ACME):
        with pytest.raises(Overtaken):
            other.submit(entered, turns, ACME).result()
        assert other.submit(entered, turns, setting_stream("zed")).result()


def test_a_turn_comes_when_the_other_thread_is_done() -> None:
    turns = Turns(patience=60)
    with ThreadPoolExecutor(1) as other:
        with turns.at(ACME):
            waiting = other.submit(entered, turns, ACME)
        assert waiting.result() == ACME


def test_a_failure_ends_the_turn() -> None:
    turns = Turns(patience=0)
    with pytest.raises(ZeroDivisionError), turns.at(ACME):
        _ = 1 / 0
    with ThreadPoolExecutor(1) as other:
        assert other.submit(entered, turns, ACME).result() == ACME


def test_a_thread_may_hold_its_turn_twice() -> None:
    turns = Turns(patience=0)
    with turns.at(ACME):
        assert entered(turns, ACME) == ACME


def test_commands_on_one_setting_take_turns() -> None:
    desk = Desk()
    settings = replace(desk.smtp_settings, turns=Turns(patience=0))
    settings.register("acme", a_draft(), desk.ctx())
    with ThreadPoolExecutor(1) as other, settings.turns.at(ACME):
        change = other.submit(settings.replace, "acme", a_draft(x_mailer="m"), None, desk.ctx())
        with pytest.raises(Overtaken):
            change.result()
