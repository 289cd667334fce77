from __future__ import annotations

import pytest
from flask import Flask, Response

from services.config_api.http.etags import expected_version, none_match, tagged
from services.config_api.http.problems import Problem


@pytest.fixture
def app() -> Flask:
    return Flask("etags")


@pytest.mark.parametrize("header", ['"v3"', '"v1", "v3"', 'W/"v3","v3"', ' "v3" '])
def test_a_strong_tag_of_the_current_version_is_expected(app: Flask, header: str) -> None:
    with app.test_request_context(headers={"If-Match": header}):
        assert expected_version(3) == 3


def test_a_star_expects_any_version(app: Flask) -> None:
    with app.test_request_context(headers={"If-Match": "*"}):
        assert expected_version(3) is None


@pytest.mark.parametrize("header", ['"v2"', 'W/"v3"', "v3", "3", '"3"', '"v33"', '"V3"'])
def test_another_tag_is_a_version_conflict(app: Flask, header: str) -> None:
    with app.test_request_context(headers={"If-Match": header}), pytest.raises(Problem) as refused:
        expected_version(3)
    assert refused.value.slug == "version-conflict"


@pytest.mark.parametrize("headers", [{}, {"If-Match": ""}, {"If-Match": "  "}])
def test_without_if_match_a_precondition_is_required(app: Flask, headers: dict[str, str]) -> None:
    with app.test_request_context(headers=headers), pytest.raises(Problem) as refused:
        expected_version(3)
    assert (refused.value.slug, refused.value.status) == ("precondition-required", 428)


@pytest.mark.parametrize("header", ['"v3"', 'W/"v3"', "*", '"x", "v3"'])
def test_if_none_match_compares_weakly(app: Flask, header: str) -> None:
    with app.test_request_context(headers={"If-None-Match": header}):
        assert none_match("v3")


def test_what_the_asker_has_already_is_not_sent_again(app: Flask) -> None:
    with app.test_request_context(headers={"If-None-Match": '"v3"'}):
        answer = tagged(Response("{}"), "v3")
    assert (answer.status_code, answer.get_data(), answer.headers["ETag"]) == (304, b"", '"v3"')


def test_another_version_is_sent_with_its_tag(app: Flask) -> None:
    with app.test_request_context(headers={"If-None-Match": '"v2"'}):
        answer = tagged(Response("{}"), "v3")
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v3"')
