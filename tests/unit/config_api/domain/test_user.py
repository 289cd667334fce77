from __future__ import annotations

import pytest

from services.config_api.domain.errors import InvalidUser
from services.config_api.domain.secret import Secret
from services.config_api.domain.user import (
    LEAST_CHARACTERS,
    MOST_CHARACTERS,
    normal,
    require_valid,
)

GOOD = "correct horse"


@pytest.mark.parametrize(
    "password", ["a" * LEAST_CHARACTERS, "a" * MOST_CHARACTERS, "パスワードは長めにする", GOOD]
)
def test_any_passphrase_of_a_sensible_length_will_do(password: str) -> None:
    require_valid("mika", Secret(password.ljust(LEAST_CHARACTERS, "x")))


@pytest.mark.parametrize(
    ("name", "password", "told"),
    [
        ("", GOOD, [("/name", "user_name_invalid")]),
        ("mika/admin", GOOD, [("/name", "user_name_invalid")]),
        ("mika", "correct\nhorse", [("/password", "password_controls")]),
        ("mika", "a" * (MOST_CHARACTERS + 1), [("/password", "too_long")]),
        ("mika", "a" * (LEAST_CHARACTERS - 1), [("/password", "password_short")]),
        ("mika.tanaka.1", "MIKA.Tanaka.1", [("/password", "password_is_name")]),
        ("..", "short", [("/name", "user_name_invalid"), ("/password", "password_short")]),
    ],
)
def test_all_that_is_wrong_is_told_at_once(
    name: str, password: str, told: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidUser) as raised:
        require_valid(name, Secret(password))
    assert [(error.pointer, error.code) for error in raised.value.errors] == told


def test_one_password_is_hashed_alike_however_it_was_typed() -> None:
    composed, decomposed = "pässwörter sind gut", "pa\u0308sswo\u0308rter sind gut"
    assert composed != decomposed
    assert normal(Secret(decomposed)).reveal() == normal(Secret(composed)).reveal() == composed
