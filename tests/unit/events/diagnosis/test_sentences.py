from __future__ import annotations

from typing import get_args

import pytest

from events.connection_test import StepName
from events.diagnosis import (
    CODES,
    EVIDENCE,
    LANGUAGES,
    UNSETTLED,
    WARNINGS,
    render,
    render_evidence,
    render_warning,
)
from events.diagnosis.sentences import EVIDENCE_TEXTS, names_in, required_names_in

INCONCLUSIVE = {
    "token_endpoint_unreachable",
    "dns_server_failure", "dns_timeout", "temporarily_unavailable", "too_many_connections",
    "throttled", "temporary_auth_failure", "address_not_allowed", "deadline_exceeded",
    "no_tester", "cancelled", "greylisted", "mailbox_full",
}  # fmt: skip


def test_verdicts_are_those_of_the_catalogue() -> None:
    verdicts = {code: conclusion.verdict for code, conclusion in CODES.items()}
    assert {code for code, verdict in verdicts.items() if verdict == "inconclusive"} == INCONCLUSIVE
    assert [code for code, verdict in verdicts.items() if verdict == "passed"] == ["ok"]


def test_every_code_is_decided_at_a_step_of_the_contract() -> None:
    assert {conclusion.step for conclusion in CODES.values()} <= set(get_args(StepName))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_code_and_warning_has_its_sentences(language: str) -> None:
    conclusions, warnings = LANGUAGES[language]
    assert set(conclusions) == set(CODES)
    assert set(warnings) == set(WARNINGS)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_sentences_show_only_facts_that_come_with_their_code(language: str) -> None:
    conclusions, warnings = LANGUAGES[language]
    for code, text in conclusions.items():
        assert names_in(text.title + text.hint) <= CODES[code].facts, code
    for code, text in warnings.items():
        assert names_in(text.title + text.hint) <= WARNINGS[code], code


@pytest.mark.parametrize("code", [*CODES, "code_of_tomorrow"])
@pytest.mark.parametrize("language", ["en", "ja", "fr"])
def test_missing_facts_and_unknown_codes_never_raise(code: str, language: str) -> None:
    for title, hint in (render(code, {}, language), render_warning(code, {}, language)):
        assert title
        assert not set("{}[]") & set(title + hint)


def test_both_languages_show_the_same_facts() -> None:
    for kind in (0, 1):
        for code, text in LANGUAGES["en"][kind].items():
            other = LANGUAGES["ja"][kind][code]
            assert names_in(text.hint) == names_in(other.hint), code


def test_a_hint_shows_the_values_seen() -> None:
    facts = {"host": "mail.example", "names": ["a.example", "b.example"]}
    title, hint = render("cert_wrong_host", facts, "en")
    assert title == "The certificate is for another name"
    assert hint.startswith("The certificate holds a.example, b.example but not mail.example;")


def test_a_part_whose_fact_is_unknown_is_left_out() -> None:
    assert "said" not in render("throttled", {"reply": ""}, "en")[1]
    assert "“454 later”" in render("throttled", {"reply": "454 later"}, "en")[1]


def test_a_value_that_looks_like_a_template_stays_as_it_is() -> None:
    facts = {"host": "{port} [[x]]", "port": 1}
    assert "{port} [[x]] port 1" in render("ok", facts, "en")[1]


def test_field_names_are_spoken_in_japanese() -> None:
    assert render("credentials_missing", {"field": "user"}, "ja")[0] == (
        "認証に必要な ユーザー名 がありません"
    )


def test_an_unknown_language_gets_english() -> None:
    assert render("ok", {"host": "h", "port": 1}, "fr") == render(
        "ok", {"host": "h", "port": 1}, "en"
    )


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_piece_of_evidence_has_its_sentence_with_facts_of_its_own(language: str) -> None:
    texts = EVIDENCE_TEXTS[language]
    assert set(texts) == set(EVIDENCE)
    for code, text in texts.items():
        assert names_in(text) <= EVIDENCE[code], code
    assert set(EVIDENCE) >= UNSETTLED


def test_evidence_is_told_with_what_was_seen_in_a_language_that_is_known() -> None:
    facts = {"mechanisms": ["PLAIN", "LOGIN"]}
    english = "It lets clients sign in by PLAIN, LOGIN."
    assert render_evidence("sign_in_offered", facts, "en") == english
    assert render_evidence("sign_in_offered", facts, "fr") == english
    assert render_evidence("sign_in_offered", facts, "ja") == "認証に対応しています(PLAIN, LOGIN)。"
    assert "code_of_tomorrow" in render_evidence("code_of_tomorrow", {}, "en")


def test_a_sentence_can_do_without_what_stands_in_brackets() -> None:
    template = "{host} answers[[ with {reply}]]."
    assert names_in(template) == {"host", "reply"}
    assert required_names_in(template) == {"host"}
