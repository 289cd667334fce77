"""Routing keys are matched as AMQP 0-9-1 has it."""

from __future__ import annotations

import pytest

from events.topic import matches


@pytest.mark.parametrize(
    ("pattern", "routing_key", "taken"),
    [
        ("#", "smtp_setting.updated", True),
        ("#", "", True),
        ("*", "one", True),
        ("*", "one.two", False),
        ("*", "", False),
        ("a.b", "a.b", True),
        ("a.b", "a", False),
        ("a.b", "axb", False),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("a.#", "a", True),
        ("a.#", "a.b.c", True),
        ("a.#", "ab", False),
        ("#.c", "c", True),
        ("#.c", "a.b.c", True),
        ("#.c", "a.bc", False),
        ("*.updated", "smtp_setting.updated", True),
        ("a.#.c", "a.c", True),
        ("a.#.c", "a.b.b.c", True),
        ("a.#.*", "a", False),
    ],
)
def test_a_pattern_takes_the_keys_that_the_standard_says(
    pattern: str, routing_key: str, taken: bool
) -> None:
    assert matches(pattern, routing_key) is taken
