"""A URL says which bus is meant, and nothing is connected by asking."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.bus.broker.bus import KombuBus
from events.bus.embedded.bus import embedded_url, path_of
from events.bus.open import open_bus


def test_no_connection_is_made_before_the_first_use(tmp_path: Path) -> None:
    for url in (
        "amqp://nobody@127.0.0.1:1/",
        "amqps://nobody@127.0.0.1:1/",
        embedded_url(tmp_path / "bus.db"),
    ):
        assert isinstance(open_bus(url), KombuBus)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["redis://127.0.0.1/", "memory://", "bus.db", ""])
def test_another_broker_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="amqp"):
        open_bus(url)


@pytest.mark.parametrize("path", ["/var/lib/relaybook/bus.db", "/a b/ü?#%.db"])
def test_a_path_survives_its_url(path: str) -> None:
    assert path_of(embedded_url(Path(path))) == path


def test_a_relative_path_may_be_written_by_hand() -> None:
    assert path_of("relaybook+sqlite:///var/bus.db") == "var/bus.db"


@pytest.mark.parametrize(
    "url", ["relaybook+sqlite://host/bus.db", "relaybook+sqlite://", "sqlite:////bus.db"]
)
def test_what_is_no_path_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"bus\.db"):
        path_of(url)
