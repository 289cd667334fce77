"""Plants secrets by the ways in: users, passwords, tokens, links, and an OpenID provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.integration.security.doors import told
from tests.integration.security.encodings import ENCODINGS, sample
from tests.support.openid import answered

if TYPE_CHECKING:
    import httpx

    from tests.integration.security.swept_house import House

#: Authlib takes an answer with one of these in its words for none at all.
_NOT_FOR_WORDS: Final = set('"\\\0\n')


def through_sign_in(house: House) -> None:
    """Make users, let them in by password, token and OpenID, and refuse some."""
    new = house.canaries.new
    password = new("user's password")
    with house.client() as client:
        user = {"name": "alice", "password": password, "roles": ["admin", "operator", "auditor"]}
        told(client.post("/v1/users", json=user, headers={"Idempotency-Key": "u"}), 201)
        short = {"name": "bob", "password": [new("user's list: password")], "roles": ["reader"]}
        told(client.post("/v1/users", json=short), 422)
    with house.stranger() as browser:
        _through_forms(house, browser, password)
        told(browser.get("/sign-in", params={"link": new("wrong link", kind="visible")}), 401)
        _through_openid(house, browser)


def _through_forms(house: House, browser: httpx.Client, password: str) -> None:
    new, own = house.canaries.new, _own(house)
    for form in (
        {"user": "alice", "password": new("wrong password")},
        {"user": new("user's name: password"), "password": "x"},
        {"token": new("form's wrong token")},
    ):
        told(browser.post("/sign-in", data=form, headers=own), 401)
    right = {"user": "alice", "password": password}
    by_token = {"token": house.file("data/admin.token")}
    for name, form in (("by password", right), ("by token", by_token)):
        told(browser.post("/sign-in", data=form, headers=own), 302)
        house.canaries.add(f"session {name}", browser.cookies["relaybook"].encode())
        told(browser.get("/settings"), 200)
        browser.cookies.clear()


def _through_openid(house: House, browser: httpx.Client) -> None:
    """Come back by a provider that refuses and repeats its secret, then by one that does not."""
    claim = house.canaries.new("OpenID claim", kind="visible")
    house.openid.claims = {"groups": ["mail-admins"], "name": "carol", "note": claim}
    secret = house.openid.client_secret
    forms = (sample(secret, one, "relaybook").decode("ascii", "ignore") for one in ENCODINGS)
    echo = " ".join(one for one in forms if not set(one) & _NOT_FOR_WORDS)
    refusal = {"error": "invalid_client", "error_description": echo}
    house.openid.instead["/token"] = lambda: answered(refusal, 400)
    told(_come_back(house, browser, "refused"), 401)  # by its own words
    house.openid.instead.clear()
    told(_come_back(house, browser, "let in"), 302)
    house.canaries.add("session by OpenID", browser.cookies["relaybook"].encode())


def _come_back(house: House, browser: httpx.Client, how: str) -> httpx.Response:
    begun = told(browser.get("/sign-in/openid", headers=_own(house)), 302)
    attempt = browser.cookies["relaybook-openid"]
    house.canaries.add(f"OpenID attempt {how}", attempt.encode())
    back = house.openid.consent(begun.headers["Location"])
    return browser.get("/sign-in/openid/callback", params=back)


def _own(house: House) -> dict[str, str]:
    return {"Origin": house.recorder.url, "Sec-Fetch-Site": "same-origin"}
