from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from services.config_api.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.config_api.cli.conftest import Service

SETTINGS = "/v1/smtp-settings"


@pytest.fixture
def completed(
    service: Service, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[str], list[str]]:
    """Press Tab behind a command line; what it proposes."""
    items = [{"id": "acme"}, {"id": "acme2"}, {"id": "xacme"}]
    service.answer("GET", SETTINGS, {"items": items, "next": None})

    def press(line: str) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("_RELAYBOOK_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        with pytest.raises(SystemExit, match="0"):
            run([])
        told = capfd.readouterr()
        assert told.err == ""
        return [one.partition(",")[2] for one in told.out.split()]

    return press


@pytest.mark.parametrize(
    "line",
    [
        "relaybook settings get ac",
        "relaybook settings effective ac",
        "relaybook settings restore ac",
        "relaybook settings history ac",
        "relaybook test ac",
        "relaybook export --id ac",
    ],
)
def test_ids_are_completed(completed: Callable[[str], list[str]], line: str) -> None:
    assert completed(line) == ["acme", "acme2"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("relaybook settings effective acme --render sp", ["spring-boot"]),
        ("relaybook export --format j", ["json", "javamail"]),
        ("relaybook import a --format y", ["yaml"]),
        ("relaybook settings list --verdict in", ["inconclusive"]),
        ("relaybook events list --type import", ["import.completed"]),
        ("relaybook events list --subject smtp_setting/ac",
         ["smtp_setting/acme", "smtp_setting/acme2"]),
        ("relaybook events tail --subject sm", ["smtp_setting/"]),
        ("relaybook events tail --subject x", []),
        ("relaybook settings re", ["register", "restore"]),
    ],
)  # fmt: skip
def test_words_are_completed(
    completed: Callable[[str], list[str]], line: str, words: list[str]
) -> None:
    assert completed(line) == words


def test_the_service_being_away_is_silence(
    completed: Callable[[str], list[str]], service: Service
) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("away")

    service.answers["GET", SETTINGS] = away
    assert completed("relaybook settings get ac") == []
    assert service.requests[-1].extensions["timeout"] == dict.fromkeys(
        ("connect", "read", "write", "pool"), 1.0
    )


def test_an_environment_that_cannot_be_used_is_silence(
    completed: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELAYBOOK_URL", "not a url")
    assert completed("relaybook settings get ac") == []
