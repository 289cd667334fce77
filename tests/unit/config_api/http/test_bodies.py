from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from flask import Flask, request

from services.config_api.http.bodies import (
    body_bytes,
    body_sha256,
    close_file,
    file_body,
    limit_body,
    require_size,
    require_type,
)
from services.config_api.http.problems import Problem

LIMIT = 100


def of_unknown_length(body: bytes) -> dict[str, Any]:
    """Return a chunked request, as the server hands it over."""
    return {
        "method": "POST",
        "input_stream": io.BytesIO(body),
        "environ_overrides": {"wsgi.input_terminated": True},
    }


@pytest.fixture
def app() -> Flask:
    return Flask("bodies")


@pytest.mark.parametrize("reading", [body_bytes, file_body])
def test_a_body_of_unknown_length_is_whole_or_refused(app: Flask, reading: Any) -> None:
    with app.test_request_context(**of_unknown_length(b"x" * LIMIT)):
        limit_body(LIMIT)
        reading()
        assert body_sha256() == hashlib.sha256(b"x" * LIMIT).digest()
        close_file()
    for size in (LIMIT + 1, LIMIT + 2, LIMIT * 3):
        with app.test_request_context(**of_unknown_length(b"x" * size)):
            limit_body(LIMIT)
            for _ in range(2):  # whoever asks again is not told that it is whole
                with pytest.raises(Problem) as refused:
                    reading()
                assert refused.value.slug == "payload-too-large"
            close_file()


def test_a_body_that_says_it_is_too_large_is_not_read(app: Flask) -> None:
    body = io.BytesIO(b"x" * (LIMIT + 1))
    with app.test_request_context(method="POST", input_stream=body, content_length=LIMIT + 1):
        limit_body(LIMIT)
        with pytest.raises(Problem) as refused:
            require_size()
    assert refused.value.status == 413
    assert body.tell() == 0


def test_a_file_is_read_from_its_beginning_each_time(app: Flask) -> None:
    with app.test_request_context(**of_unknown_length(b"abc")):
        limit_body(LIMIT)
        assert file_body().read() == b"abc"
        assert file_body().read() == b"abc"
        close_file()


@pytest.mark.parametrize(
    ("content_type", "good"),
    [
        ("application/json", True), ("application/json; charset=utf-8", True),
        ("Application/JSON", True), ("application/json; charset=latin-1", False),
        ("text/plain", False), ("", False), ("application/problem+json", False),
    ],
)  # fmt: skip
def test_a_body_has_a_type_that_is_taken(app: Flask, content_type: str, good: bool) -> None:
    with app.test_request_context(method="POST", data=b"{}", content_type=content_type):
        if good:
            assert require_type(("application/json",)) == request.mimetype
            return
        with pytest.raises(Problem) as refused:
            require_type(("application/json",))
        assert refused.value.slug == "unsupported-media-type"
