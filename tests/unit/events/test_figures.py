from __future__ import annotations

from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

from events.figures import exposed, serve_figures
from tests.support.ports import free_port


@pytest.fixture
def registry() -> CollectorRegistry:
    one = CollectorRegistry()
    Counter("relaybook_things", "Things.", registry=one).inc()
    return one


def names(text: str) -> set[str]:
    return {family.name for family in text_string_to_metric_families(text)}


def test_a_programs_own_figures_come_with_those_of_its_process(
    registry: CollectorRegistry,
) -> None:
    text = exposed(registry).decode()
    assert {"relaybook_things", "process_cpu_seconds", "python_info"} <= names(text)
    assert "_created" not in text


def test_they_are_answered_at_an_address(registry: CollectorRegistry) -> None:
    port = free_port()
    close = serve_figures("127.0.0.1", port, registry)
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        assert "relaybook_things_total 1.0" in answer.read().decode()
    close()


def test_an_address_that_is_taken_is_refused(registry: CollectorRegistry) -> None:
    port = free_port()
    close = serve_figures("127.0.0.1", port, registry)
    with pytest.raises(OSError, match="in use"):
        serve_figures("127.0.0.1", port, registry)
    close()
