from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import traceback
from typing import Any

import pytest

from services.config_api.domain.secret import Secret

CANARY = "canary-7f3a"


@dataclasses.dataclass
class Holder:
    secret: Secret


def fail_with(secret: Secret) -> None:
    raise ValueError([secret])


def test_only_reveal_gives_a_secret_away() -> None:
    assert Secret(CANARY).reveal() == CANARY


@pytest.mark.parametrize(
    "show",
    [repr, str, "{}".format, "{!r:>40}".format, "%s".__mod__, "%r".__mod__, Holder, lambda s: [s]],
)
def test_printing_a_secret_shows_a_mask(show: Any) -> None:
    shown = str(show(Secret(CANARY)))

    assert "***" in shown
    assert CANARY not in shown


@pytest.mark.parametrize(
    "store",
    [json.dumps, pickle.dumps, copy.copy, copy.deepcopy, lambda s: dataclasses.asdict(Holder(s))],
)
def test_no_encoder_takes_a_secret(store: Any) -> None:
    with pytest.raises(TypeError) as raised:
        store(Secret(CANARY))

    assert CANARY not in str(raised.value)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_protocol_of_pickle_takes_a_secret(protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Holder(Secret(CANARY)), protocol)


def test_a_traceback_with_local_variables_shows_a_mask() -> None:
    with pytest.raises(ValueError, match="Secret") as raised:
        fail_with(Secret(CANARY))
    told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    text = "".join(told.format())

    assert "secret = Secret(***)" in text
    assert CANARY not in text


def test_a_secret_has_no_attributes_to_look_at() -> None:
    assert not hasattr(Secret(CANARY), "__dict__")


def test_secrets_are_equal_by_their_text_and_to_no_text() -> None:
    assert Secret("passwörd") == Secret("passwörd")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret("\ud800") == Secret("\ud800")


def test_a_secret_cannot_be_a_key() -> None:
    with pytest.raises(TypeError):
        hash(Secret(CANARY))


@pytest.mark.parametrize(
    ("text", "is_mask"), [("***", True), ("•*•", True), ("*a*", False), ("", False)]
)
def test_only_stars_and_bullets_are_a_mask(text: str, is_mask: bool) -> None:
    assert Secret(text).is_mask is is_mask
