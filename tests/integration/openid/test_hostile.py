"""Providers, people and browsers that cheat: each is refused, told and recorded."""

from __future__ import annotations

from typing import Final

import pytest

from tests.integration.openid.cheats import ANSWERS, DOCUMENTS, TOKENS, WRONG, Case
from tests.integration.openid.house import House, assert_refused, words
from tests.support.openid import query, signed

UNKNOWN: Final = "This sign-in was not begun in this browser"


@pytest.mark.parametrize("case", TOKENS + ANSWERS, ids=lambda case: case.name)
def test_an_answer_that_does_not_hold_lets_nobody_in(house: House, case: Case) -> None:
    case.change(house.provider)
    assert_refused(house, house.journey(), case.status, case.told)


@pytest.mark.parametrize("case", DOCUMENTS, ids=lambda case: case.name)
def test_a_provider_that_cannot_be_one_is_not_asked(house: House, case: Case) -> None:
    case.change(house.provider)
    answer = house.browser().get("/sign-in/openid")
    assert_refused(house, answer, case.status, case.told)
    assert "/token" not in house.provider.asked


def test_a_state_is_good_for_one_use(house: House) -> None:
    browser = house.browser()
    begun = browser.get("/sign-in/openid")
    cookie = browser.get_cookie("relaybook-openid")
    assert cookie is not None
    back = query(house.provider.consent(begun.headers["Location"]))
    house.provider.sign = lambda said: signed(said, kid="k9")
    assert browser.get(back).status_code == 401
    browser.set_cookie("relaybook-openid", cookie.value)
    assert_refused(house, browser.get(back), 400, UNKNOWN)


def test_a_state_of_another_browser_is_refused_and_still_good_in_its_own(house: House) -> None:
    mine, theirs = house.browser(), house.browser()
    begun = mine.get("/sign-in/openid")
    theirs.get("/sign-in/openid")
    back = query(house.provider.consent(begun.headers["Location"]))
    assert_refused(house, theirs.get(back), 400, UNKNOWN)
    assert_refused(house, house.browser().get(back), 400, UNKNOWN)
    assert mine.get(back).headers["Location"] == "/settings"


@pytest.mark.parametrize("cookie", ["", "guess", "é", "x" * 4000])
def test_a_cookie_that_begins_nothing_is_refused(house: House, cookie: str) -> None:
    browser = house.browser()
    browser.set_cookie("relaybook-openid", cookie)
    assert_refused(house, browser.get(query({"state": "s", "code": "c"})), 400, UNKNOWN)


@pytest.mark.parametrize("parameters", ["", "code=c", "state=a&state=b", "error=x", "state=%ff"])
def test_a_callback_that_answers_nothing_is_refused(house: House, parameters: str) -> None:
    browser = house.browser()
    browser.get("/sign-in/openid")
    answer = browser.get(f"/sign-in/openid/callback?{parameters}")
    assert_refused(house, answer, 400, UNKNOWN)


def test_after_ten_minutes_an_attempt_is_too_old(house: House) -> None:
    browser = house.browser()
    begun = browser.get("/sign-in/openid")
    cookie = browser.get_cookie("relaybook-openid")
    assert cookie is not None
    house.watch.forward(minutes=10)
    browser.set_cookie("relaybook-openid", cookie.value)
    back = query(house.provider.consent(begun.headers["Location"]))
    assert_refused(house, browser.get(back), 400, UNKNOWN)


def test_a_code_of_somebody_elses_sign_in_does_not_fit_the_verifier(house: House) -> None:
    theirs = house.browser().get("/sign-in/openid")
    stolen = house.provider.consent(theirs.headers["Location"])["code"]
    assert_refused(house, house.journey(code=stolen), 401, "It says: invalid_grant")


def test_the_providers_own_words_are_shown_as_text_and_cut_short(house: House) -> None:
    browser = house.browser()
    begun = browser.get("/sign-in/openid")
    back = house.provider.consent(begun.headers["Location"])
    said = {"error": "access_denied", "error_description": "<script>\n" + "x" * 500}
    answer = browser.get(query({"state": back["state"]} | said))
    assert_refused(house, answer, 401, "access_denied: &lt;script&gt; xxx")
    assert "<script>\n" not in words(answer)
    assert "x" * 200 not in words(answer)
    assert "…" in words(answer)


def test_neither_code_nor_error_is_an_answer_that_cannot_be_used(house: House) -> None:
    assert_refused(house, house.journey(code=""), 502, WRONG)


@pytest.mark.parametrize("announced", [True, False])
def test_another_providers_answer_is_refused_where_it_names_itself(
    house: House, announced: bool
) -> None:
    house.provider.document["authorization_response_iss_parameter_supported"] = announced
    assert_refused(house, house.journey(iss="https://other.example"), 502, WRONG)
    own = house.journey(iss=house.provider.issuer)
    assert own.headers["Location"] == "/settings"


def test_a_provider_that_promises_to_name_itself_must_do_so(house: House) -> None:
    house.provider.document["authorization_response_iss_parameter_supported"] = True
    assert_refused(house, house.journey(), 502, WRONG)
