from __future__ import annotations

import re
from re import _constants, _parser
from typing import TYPE_CHECKING, Any

import pytest

from services.conn_tester.diagnosis import greeting, sign_in_texts, submission_signs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

LONGEST_REPEAT = 128


def patterns_in(value: Any) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple):
        for inner in value:
            yield from patterns_in(inner)
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        for name in value.__dataclass_fields__:
            yield from patterns_in(getattr(value, name))


def longest_repeat(parsed: Any) -> int:
    """Return the most that any part of a parsed pattern may repeat."""
    longest = 0
    for operation, argument in parsed:
        if operation in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
            longest = max(longest, int(argument[1]))
        inner = argument if isinstance(argument, tuple | list) else (argument,)
        for part in inner:
            for branch in part if isinstance(part, list) else (part,):
                if isinstance(branch, _parser.SubPattern):
                    longest = max(longest, longest_repeat(branch))
    return longest


@pytest.mark.parametrize("module", [greeting, sign_in_texts, submission_signs])
def test_no_pattern_searches_a_servers_words_without_bound(module: ModuleType) -> None:
    r"""`a\w+ b` needs the square of the length of "aaaa…": one server would stop all tests."""
    found = [pattern for value in vars(module).values() for pattern in patterns_in(value)]
    assert found
    for pattern in found:
        assert longest_repeat(_parser.parse(pattern.pattern)) <= LONGEST_REPEAT, pattern.pattern


@pytest.mark.parametrize("pattern", [r"encrypt\w+ needed", r"(a|b.*c)", r"(?:x\d*)?"])
def test_a_pattern_without_bound_is_found(pattern: str) -> None:
    assert longest_repeat(_parser.parse(pattern)) > LONGEST_REPEAT
