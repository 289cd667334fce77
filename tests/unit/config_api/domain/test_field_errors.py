from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from events.connection_test import Warned
from events.diagnosis import CODES, WARNINGS
from services.config_api import application, domain, formats
from services.config_api.domain.field_errors import (
    FieldError,
    change_at,
    describe,
    describe_warning,
    pointer_to,
    title_and_hint,
)
from services.config_api.domain.reasons import REASONS
from services.config_api.domain.words import ERRORS, WARNED, Sentences, sentence

LANGUAGES = ("en", "ja")
FACTS = {"choices": ["a", "b"], "limit": 3}


def facts_of(sentences: Sentences, code: str) -> dict[str, Any]:
    """Return a value for each fact that the sentences of a code name."""
    named = {
        name
        for template in sentences[code].values()
        for _, name, _, _ in Formatter().parse(template)
        if name
    }
    return dict.fromkeys(named, "x") | FACTS


def names_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_code_that_the_application_makes_has_a_sentence() -> None:
    made = set()
    for path in Path(inspect.getfile(application)).parent.rglob("*.py"):
        made |= set(re.findall(r'FieldError\([^)]*code="(\w+)"', path.read_text()))

    assert made
    assert made <= set(ERRORS) | set(CODES)


def codes_in_source(method: str) -> set[str]:
    """Return the constant codes that the sources pass to `refuse` or `warn`."""
    place = {"refuse": 1, "warn": 0}[method]
    found = set()
    for package in (domain, formats):
        for path in Path(inspect.getfile(package)).parent.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == method:
                    code = node.args[place]
                    found |= {str(code.value)} if isinstance(code, ast.Constant) else set()
    return found


def test_a_pointer_escapes_tilde_and_slash() -> None:
    assert pointer_to("session_properties", "a/b~c", 3) == "/session_properties/a~1b~0c/3"
    assert pointer_to() == ""


def test_every_code_that_is_refused_has_a_sentence() -> None:
    codes = codes_in_source("refuse")

    assert len(codes) > 10
    assert codes <= set(ERRORS) | set(CODES)


def test_every_code_that_is_warned_of_has_a_sentence() -> None:
    codes = codes_in_source("warn")

    assert len(codes) > 5
    assert codes <= set(WARNED) | set(WARNINGS) | set(CODES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ERRORS)
def test_every_error_has_a_sentence_of_its_own_in_each_language(code: str, language: str) -> None:
    facts = facts_of(ERRORS, code)
    text = describe(FieldError(pointer="/x", code=code, facts=facts), language)

    assert text
    assert "{" not in text
    assert bool(re.search("[ぁ-ん]", text)) is (language == "ja")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", WARNED)
def test_every_warning_has_a_sentence_of_its_own_in_each_language(code: str, language: str) -> None:
    text = describe_warning(Warned(code=code, facts=facts_of(WARNED, code)), language)

    assert "{" not in text
    assert bool(re.search("[ぁ-ん]", text)) is (language == "ja")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_sentence_of_its_own_in_each_language(
    reason: str, language: str
) -> None:
    code, _, why = reason.partition(".")
    facts = facts_of(REASONS, reason) | {"reason": why}
    text = describe(FieldError(pointer="/x", code=code, facts=facts), language)

    assert text.endswith(sentence(REASONS, reason, facts, language))
    assert "{" not in text
    assert bool(re.search("[ぁ-ん]", text)) is (language == "ja")


@pytest.mark.parametrize("sentences", [ERRORS, WARNED, REASONS])
def test_japanese_tells_no_fact_that_english_does_not(sentences: Sentences) -> None:
    for code, by_language in sentences.items():
        assert names_of(by_language["ja"]) <= names_of(by_language["en"]), code


def test_a_reason_stands_behind_the_title_of_a_code_of_the_catalogue() -> None:
    facts = {"value": "a..b", "reason": "empty_label"}
    told = describe(FieldError(pointer="/host", code="host_invalid", facts=facts), "en")

    assert told.startswith("“a..b” is not a host name. Enter a name between the dots")


def test_a_reason_without_a_sentence_leaves_that_of_the_code() -> None:
    error = FieldError(pointer="/x", code="required", facts={"reason": "other"})

    assert describe(error, "en") == describe(FieldError(pointer="/x", code="required"), "en")


def test_a_change_at_a_path_is_a_merge_patch() -> None:
    assert change_at(("port",), 1) == {"port": 1}
    assert change_at(("auth", "mechanism"), None) == {"auth": {"mechanism": None}}


def test_codes_of_the_catalogue_are_told_in_its_words() -> None:
    error = FieldError(pointer="/port", code="port_invalid", facts={"value": 70000})

    assert "70000" in describe(error, "en")
    assert "70000" in describe(error, "ja")
    assert describe(error, "en") != describe(error, "ja")


def test_warnings_of_the_catalogue_are_told_in_its_words() -> None:
    warned = Warned(code="odd_characters", facts={"field": "user"})

    assert "user" in describe_warning(warned, "en")
    assert describe_warning(warned, "en") != describe_warning(warned, "ja")


def test_a_warning_with_the_code_of_a_conclusion_is_told_in_its_words() -> None:
    warned = Warned(code="provider_unknown", facts={"provider_id": "exchange"})

    assert "exchange" in describe_warning(warned, "en")


def test_a_suggestion_is_part_of_the_sentence() -> None:
    facts = {"name": "mail.smtp.ports", "suggestion": "mail.smtp.port"}
    near = describe_warning(Warned(code="unknown_property", facts=facts), "en")
    far = describe_warning(
        Warned(code="unknown_property", facts=facts | {"suggestion": None}), "en"
    )

    assert "mail.smtp.port" in near.replace("mail.smtp.ports", "")
    assert "mail.smtp.port" not in far.replace("mail.smtp.ports", "")
    assert "None" not in far


@pytest.mark.parametrize("code", ["odd_characters", "provider_unknown", "password_dropped"])
def test_a_warning_has_a_title_and_perhaps_a_hint(code: str) -> None:
    warned = Warned(code=code, facts={"field": "user", "provider_id": "exchange"})
    title, hint = title_and_hint(warned, "en")

    assert title
    assert hint in describe_warning(warned, "en")
    assert bool(hint) is (code != "password_dropped")
    assert "test ended" not in title


def test_other_languages_read_english() -> None:
    error = FieldError(pointer="/x", code="required")

    assert describe(error, "fr") == describe(error, "en")


def test_lists_are_shown_as_words() -> None:
    error = FieldError(pointer="/x", code="not_one_of", facts={"choices": ["a", "b"]})

    assert describe(error, "en") == "The value must be one of a, b."
