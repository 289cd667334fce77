from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from services.config_api.domain.errors import TokenNotFound
from services.config_api.read_model.operational_tables import sessions, sign_in_links
from services.config_api.read_model.tables import tokens

if TYPE_CHECKING:
    from events.access import Role
    from services.config_api.application.access import Access
    from tests.support.relaybook import House


@pytest.fixture
def access(house: House) -> Access:
    return house.relaybook.access


def issue(
    house: House, *roles: Role, tenants: list[str] | None = None, days: int | None = None
) -> tuple[str, str]:
    """Return id and text of a new token."""
    answer, secret = house.relaybook.access.create_token(
        name="n", roles=roles, tenants=tenants, days=days, ctx=house.ctx()
    )
    assert answer.document is not None
    assert answer.document["token"] == secret.reveal()
    return answer.document["id"], secret.reveal()


def test_a_token_stands_for_its_roles_and_tenants(house: House, access: Access) -> None:
    token_id, text = issue(house, "operator", "credentials", tenants=["globex", "acme"])
    principal = access.principal_of_token(text)
    assert principal is not None
    assert principal.actor == f"token:{token_id}"
    assert principal.roles == {"operator", "credentials"}
    assert principal.tenants == frozenset({"acme", "globex"})


def test_a_tokens_text_is_stored_nowhere(house: House) -> None:
    _, text = issue(house, "reader")
    events = house.relaybook.store.read_all(after=0, limit=10).events
    assert all(text.encode() not in event.data for event in events)
    with house.relaybook.read_engine.connect() as connection:
        rows = connection.execute(select(tokens)).all()
    assert text not in str(rows)


def test_a_token_that_nobody_issued_stands_for_nobody(house: House, access: Access) -> None:
    _, text = issue(house, "reader")
    assert access.principal_of_token(text[:-1] + ("0" if text[-1] != "0" else "1")) is None
    assert access.principal_of_token("rb_" + "0" * 49) is None
    assert access.principal_of_token("\ud800") is None


def test_a_token_ends_with_its_days(house: House, access: Access) -> None:
    _, text = issue(house, "reader", days=2)
    house.watch.forward(days=1, hours=23)
    assert access.principal_of_token(text) is not None
    house.watch.forward(hours=1)
    assert access.principal_of_token(text) is None


def test_a_revoked_token_stands_for_nobody(house: House, access: Access) -> None:
    token_id, text = issue(house, "reader")
    first = access.revoke_token(token_id, house.ctx()).document
    assert access.principal_of_token(text) is None
    house.watch.forward(hours=1)
    assert access.revoke_token(token_id, house.ctx()).document == first


def test_a_token_that_is_not_there_cannot_be_revoked(house: House, access: Access) -> None:
    with pytest.raises(TokenNotFound):
        access.revoke_token("no-such-token", house.ctx())


def test_a_token_without_role_or_time_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="role"):
        issue(house)
    with pytest.raises(ValueError, match="day"):
        issue(house, "reader", days=0)


def test_tokens_are_listed_without_their_texts(house: House) -> None:
    first, text = issue(house, "reader", tenants=["acme"])
    house.watch.forward(seconds=1)
    second, _ = issue(house, "admin", days=1)
    listed = [token.document() for token in house.relaybook.read_model.tokens()]
    assert [one["id"] for one in listed] == [first, second]
    assert listed[0]["tenants"] == ["acme"]
    assert listed[1]["expires_at"] == "2026-03-02T12:00:01Z"
    assert text not in str(listed)


def test_the_link_lets_the_first_administrator_in_once(house: House, access: Access) -> None:
    link = access.make_sign_in_link()
    assert link is not None
    entered = access.sign_in(link.secret.reveal(), house.ctx(actor="anonymous"))
    assert entered is not None
    session, cookie = entered
    assert session.principal.actor == "user:admin"
    assert session.principal.may("admin")
    assert not session.principal.may("credentials")
    assert access.sign_in(link.secret.reveal(), house.ctx()) is None
    assert access.make_sign_in_link() is None
    again = access.principal_of_session(cookie.reveal())
    assert again is not None
    assert again.csrf_token == session.csrf_token
    (event,) = house.relaybook.store.read_all(after=0, limit=10).events
    assert (event.type, event.actor) == ("access.signed_in", "user:admin")


def test_a_link_ends_after_an_hour(house: House, access: Access) -> None:
    link = access.make_sign_in_link()
    assert link is not None
    house.watch.forward(hours=1)
    assert access.sign_in(link.secret.reveal(), house.ctx()) is None


def test_an_unknown_link_lets_nobody_in(house: House, access: Access) -> None:
    assert access.sign_in("guess", house.ctx()) is None


def test_neither_cookie_nor_link_is_stored(house: House, access: Access) -> None:
    link = access.make_sign_in_link()
    assert link is not None
    entered = access.sign_in(link.secret.reveal(), house.ctx())
    assert entered is not None
    with house.relaybook.read_engine.connect() as connection:
        stored = str([connection.execute(select(t)).all() for t in (sessions, sign_in_links)])
    assert link.secret.reveal() not in stored
    assert entered[1].reveal() not in stored
    assert entered[0].csrf_token not in stored


def sign_in(house: House) -> str:
    """Return the cookie of the first administrator."""
    link = house.relaybook.access.make_sign_in_link()
    assert link is not None
    entered = house.relaybook.access.sign_in(link.secret.reveal(), house.ctx())
    assert entered is not None
    return entered[1].reveal()


def test_a_session_ends_after_half_an_hour_without_use(house: House, access: Access) -> None:
    cookie = sign_in(house)
    house.watch.forward(minutes=29)
    assert access.principal_of_session(cookie) is not None
    house.watch.forward(minutes=29)
    assert access.principal_of_session(cookie) is not None
    house.watch.forward(minutes=30)
    assert access.principal_of_session(cookie) is None


def test_a_session_ends_after_twelve_hours_however_used(house: House, access: Access) -> None:
    cookie = sign_in(house)
    for _ in range(35):
        house.watch.forward(minutes=20)
        assert access.principal_of_session(cookie) is not None
    house.watch.forward(minutes=20)
    assert access.principal_of_session(cookie) is None
    access.sessions.forget_ended(house.watch())
    with house.relaybook.read_engine.connect() as connection:
        assert connection.execute(select(sessions)).all() == []


def test_signing_out_ends_the_session(house: House, access: Access) -> None:
    cookie = sign_in(house)
    access.sign_out(cookie)
    assert access.principal_of_session(cookie) is None
    access.sign_out("unknown")


def test_a_session_by_token_ends_with_the_token(house: House, access: Access) -> None:
    token_id, text = issue(house, "operator", tenants=["acme"])
    entered = access.sign_in_with_token(text, house.ctx())
    assert entered is not None
    session, cookie = entered
    assert session.principal.tenants == frozenset({"acme"})
    assert access.principal_of_session(cookie.reveal()) is not None
    access.revoke_token(token_id, house.ctx())
    assert access.principal_of_session(cookie.reveal()) is None


def test_a_testers_token_opens_no_session(house: House, access: Access) -> None:
    _, text = issue(house, "tester")
    assert access.sign_in_with_token(text, house.ctx()) is None
    assert access.sign_in_with_token("nonsense", house.ctx()) is None
