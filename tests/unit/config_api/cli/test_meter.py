from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from services.config_api.cli.meter import NoMeter, metered
from services.config_api.cli.meter_bar import Bar

if TYPE_CHECKING:
    import pytest


def test_away_from_a_terminal_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with metered("Sending") as meter:
        assert isinstance(meter, NoMeter)
        meter.total(10)
        meter.moved(10)
        meter.waiting("deciding")
        meter.end()
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_bytes_and_then_what_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    with metered("Sending a.json") as meter:
        assert isinstance(meter, Bar)
        meter.total(2_000)
        meter.moved(1_000)
        meter.moved(1_000)
        meter.waiting("The service is deciding")
        meter.end()
    told = capsys.readouterr()
    assert told.out == ""
    assert "Sending a.json" in told.err
    assert "2.0/2.0 kB" in told.err
    assert "The service is deciding" in told.err
    assert "\x1b[3" not in told.err
