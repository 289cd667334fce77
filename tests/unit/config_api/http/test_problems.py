from __future__ import annotations

import string

import pytest
from flask import Flask

from services.config_api.http.problem_texts import _REASONS, PROBLEMS, reason_text, title_of
from services.config_api.http.problems import Problem, problem_response


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"), ("ja", "ja"), ("ja-JP", "ja"), ("en, ja;q=0.9", "en"),
        ("ja;q=0.2, en;q=0.8", "en"), ("fr, ja;q=0.1", "ja"), ("fr", "en"), ("*", "en"),
        ("en;q=0.1, ja;q=0.9", "ja"), ("en-GB, ja;q=0.5", "en"), ("ja-JP, en;q=0.9", "ja"),
        ("JA-jp", "ja"), ("ja;q=0, *", "en"), ("fr, *;q=0.1, ja;q=0.05", "en"),
        ("en;q=0, *", "ja"), ("ja, en", "ja"), ("en, ja", "en"), ("jam", "en"),
    ],
)  # fmt: skip
def test_a_problem_speaks_the_language_that_is_asked_for(accepted: str, language: str) -> None:
    with Flask("problems").test_request_context(headers={"Accept-Language": accepted}):
        answer = problem_response(Problem("not-found", "no_route"))
    assert answer.headers["Content-Language"] == language
    body = answer.get_json()
    assert (body["title"], body["detail"]) == (
        title_of("not-found", language),
        reason_text("no_route", {}, language),
    )
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_problem_is_what_rfc_9457_says() -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    with Flask("problems").test_request_context(headers=headers):
        answer = problem_response(Problem("not-found", "no_setting", facts={"id": "acme"}))
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.get_json() == {
        "type": "urn:relaybook:problem:not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is no setting acme.",
        "trace_id": trace,
    }


def test_braces_in_what_somebody_sent_are_only_text() -> None:
    problem = Problem("not-found", "no_setting", facts={"id": "{x}{0.__class__}"})
    assert problem.detail("en") == "There is no setting {x}{0.__class__}."


@pytest.mark.parametrize("slug", sorted(PROBLEMS))
def test_every_problem_has_a_title_in_both_languages(slug: str) -> None:
    assert title_of(slug, "en").isascii()
    assert not title_of(slug, "ja").isascii()


@pytest.mark.parametrize("reason", sorted(_REASONS))
def test_both_languages_of_a_reason_tell_the_same_facts(reason: str) -> None:
    english, japanese = (
        {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for text in _REASONS[reason]
    )
    assert english == japanese
