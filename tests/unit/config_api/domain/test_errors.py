from __future__ import annotations

from typing import Any

import pytest

from services.config_api.domain import errors
from services.config_api.domain.errors import (
    AttemptTaken,
    Denied,
    DetectionEnded,
    DetectionNotFound,
    DomainError,
    ImportInvalid,
    InvalidFields,
    InvalidRestore,
    InvalidSetting,
    InvalidTestRequest,
    PastSecretRequired,
    SecretLacking,
    SettingThere,
    TestEnded,
    TokenNotFound,
    TooManyTests,
    UserExists,
    UserNotFound,
)
from services.config_api.domain.field_errors import FieldError


@pytest.mark.parametrize(
    ("error", "data"),
    [
        (TestEnded("t"), {"test_id": "t"}),
        (TooManyTests(7, count=10, seconds=60), {"wait": 7, "count": 10, "seconds": 60}),
        (SettingThere("s", 3), {"setting_id": "s", "actual": 3}),
        (
            PastSecretRequired("s", 3, "/password"),
            {"setting_id": "s", "version": 3, "secret": "/password"},
        ),
        (AttemptTaken("t", 2), {"work_id": "t", "attempt": 2}),
        (DetectionNotFound("d"), {"detection_id": "d"}),
        (DetectionEnded("d"), {"detection_id": "d"}),
        (TokenNotFound("k"), {"token_id": "k"}),
        (UserNotFound("u"), {"name": "u"}),
        (UserExists("u"), {"name": "u"}),
        (SecretLacking("s", ("/p",), is_lost=True), {"secrets": ("/p",), "is_lost": True}),
        (ImportInvalid("plan"), {"plan": "plan"}),
        (Denied("no_role"), {"reason": "no_role"}),
    ],
)
def test_an_error_carries_what_it_is_about(error: Any, data: Any) -> None:
    assert isinstance(error, DomainError)
    assert {name: getattr(error, name) for name in data} == data
    assert str(error)


@pytest.mark.parametrize("kind", [InvalidSetting, InvalidRestore, InvalidTestRequest])
def test_invalid_fields_are_named_together(kind: Any) -> None:
    wrong = (FieldError(pointer="/a", code="required"), FieldError(pointer="/b", code="too_long"))

    assert isinstance(kind(wrong), InvalidFields)
    assert str(kind(wrong)) == "/a: required, /b: too_long"


def test_the_tree_in_the_docstring_names_every_error() -> None:
    drawn = errors.__doc__ or ""
    classes = [name for name in dir(errors) if _is_error(getattr(errors, name))]

    assert len(classes) > 10
    assert [name for name in classes if name not in drawn] == []


def _is_error(thing: Any) -> Any:
    return isinstance(thing, type) and issubclass(thing, DomainError)
